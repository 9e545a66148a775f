//! A client: a PBFT client of the current committee, as far as it knows, which follows the
//! committee from era to era.

use super::era::{Era, tolerated};
use super::member::seats;
use super::{Msg, Stored, Timer, TrustPbft, VIEWS, within};
use crate::pbft::quorum::Quorums;
use crate::pbft::{self, Pbft};
use crate::{Fx, Members, NodeId, Outcome, Part, Request, Setup};

/// A client's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    setup: Setup,
    /// Its number within the committee's PBFT.
    place: NodeId,
    era: u64,
    part: Part,
    inner: pbft::Client,
    /// The latest later era that each member has reported, and its committee.
    told: Vec<(NodeId, u64, Members)>,
}

fn inner_client(setup: &Setup) -> pbft::Client {
    let within = within(setup);
    pbft::Client::new(&within, &Quorums::flat(&within))
}

impl Client {
    pub(super) fn new(place: u16, setup: &Setup) -> Self {
        let first = Era::first(setup.members);
        Self {
            setup: *setup,
            place: NodeId(within(setup).members + place),
            era: first.number,
            part: seats(setup, first.number, first.committee),
            inner: inner_client(setup),
            told: Vec::new(),
        }
    }

    fn nested(
        &mut self,
        fx: &mut Fx<TrustPbft>,
        handler: impl FnOnce(&mut pbft::Client, &mut Fx<Pbft>),
    ) {
        let (part, era, inner, mut outs) = (&self.part, self.era, &mut self.inner, Vec::new());
        let wrap = |msg| Msg::Work { era, msg };
        let stored: fn(&mut Stored) -> &mut pbft::Stored = |stored| &mut stored.work;
        let handler = |fx: &mut Fx<Pbft>| handler(inner, fx);
        fx.nest(part, self.place, stored, wrap, Timer::Work, &mut outs, handler);
        let me = fx.me();
        for out in outs {
            match out {
                Outcome::Answered { request, position } => {
                    let request = Request { client: me, ..request };
                    fx.out(Outcome::Answered { request, position });
                }
                Outcome::View { view, leader } => {
                    let (view, leader) = (self.era * VIEWS + view, self.part.outer(leader));
                    fx.out(Outcome::View { view, leader });
                }
                _ => {}
            }
        }
    }

    pub(super) fn on_start(&mut self, durable: &Stored, fx: &mut Fx<TrustPbft>) {
        self.nested(fx, |client, fx| client.on_start(&durable.work.outbox, fx));
    }

    pub(super) fn on_input(&mut self, request: Request, fx: &mut Fx<TrustPbft>) {
        let request = Request { client: self.place, ..request };
        self.nested(fx, |client, fx| client.on_input(request, fx));
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<TrustPbft>) {
        if from.0 >= self.setup.members {
            return;
        }
        match *msg {
            Msg::Reply { era, committee, view, number, result } => {
                if let Some(from) = self.part.inner(from) {
                    let msg = pbft::Msg::Reply { view, number, result, tentative: None };
                    self.nested(fx, |client, fx| client.on_msg(from, &msg, fx));
                }
                self.hear(from, era, committee, fx);
            }
            Msg::Moved { era, committee } => self.hear(from, era, committee, fx),
            _ => {}
        }
    }

    /// Switches to another committee once f + 1 members report it as the current one.
    fn hear(&mut self, from: NodeId, era: u64, committee: Members, fx: &mut Fx<TrustPbft>) {
        if era <= self.era || committee.len() != usize::from(self.part.members) {
            return;
        }
        self.told.retain(|&(member, ..)| member != from);
        self.told.push((from, era, committee));
        let same = self.told.iter().filter(|told| (told.1, told.2) == (era, committee));
        if same.count() <= tolerated(self.setup.members) {
            return;
        }
        self.told.retain(|told| told.1 > era);
        (self.era, self.part) = (era, seats(&self.setup, era, committee));
        let outbox = self.inner.outbox().clone();
        self.inner = inner_client(&self.setup);
        self.nested(fx, |client, fx| client.resume(&outbox, fx));
    }

    /// Asks the committee again, and asks all members whether it is still the current one.
    pub(super) fn on_timer(&mut self, fx: &mut Fx<TrustPbft>) {
        self.nested(fx, |client, fx| client.on_timer(fx));
        let era = self.era;
        fx.broadcast(Msg::Ask { era, recovering: false });
    }

    pub(super) fn view(&self) -> u64 {
        self.era * VIEWS + self.inner.view()
    }

    pub(super) fn primary(&self) -> NodeId {
        self.part.outer(self.inner.primary())
    }

    pub(super) fn held(&self) -> usize {
        self.inner.held() + self.told.len()
    }
}
