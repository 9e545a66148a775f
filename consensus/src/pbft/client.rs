//! A PBFT client (section 4.1): sends its request to the primary, accepts the answer that f + 1
//! members give, and sends it to all members after a time-out. A tentative answer (section 5.1) is
//! accepted from a quorum.

use super::Pbft;
use super::message::{Msg, Timer, VOTE, request_digest};
use super::quorum::{Quorums, Rule};
use crate::{Desk, Fx, Members, NodeId, Outbox, Outcome, Request, Setup, Signed};
use std::collections::BTreeMap;

/// A member's latest tentative answer to a request: its view, and where it says the request stands.
type Tentative = (NodeId, u64, u64);

/// A client's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    enough: Rule,
    enough_tentative: Rule,
    weak: Rule,
    desk: Desk<Timer>,
    /// The latest view that each member has answered in.
    views: Vec<u64>,
    view: u64,
    /// Tentative answers, by request.
    tentative: BTreeMap<u64, Vec<Tentative>>,
}

impl Client {
    pub(crate) fn new(setup: &Setup, quorums: &Quorums) -> Self {
        Self {
            enough: quorums.reply.clone(),
            enough_tentative: quorums.tentative.clone(),
            weak: quorums.weak.clone(),
            desk: Desk::new(setup.timing.client_timeout, Timer::Retry),
            views: vec![0; setup.members.into()],
            view: 0,
            tentative: BTreeMap::new(),
        }
    }

    pub(crate) fn on_start(&mut self, outbox: &Outbox, fx: &mut Fx<Pbft>) {
        let (view, leader) = (self.view, self.primary());
        fx.out(Outcome::View { view, leader });
        self.desk.restart(outbox, fx);
        self.ask_everybody(fx);
    }

    /// Takes over another client's requests, and asks the primary.
    pub(crate) fn resume(&mut self, outbox: &Outbox, fx: &mut Fx<Pbft>) {
        self.desk.restart(outbox, fx);
        for request in self.desk.under_way().collect::<Vec<_>>() {
            self.ask(request, fx);
        }
    }

    /// Its requests without an answer.
    pub(crate) fn outbox(&self) -> &Outbox {
        self.desk.outbox()
    }

    pub(crate) fn on_input(&mut self, request: Request, fx: &mut Fx<Pbft>) {
        if let Some(request) = self.desk.take(request, fx) {
            self.ask(request, fx);
        }
    }

    /// REPLY, v, t, c, i, r.
    pub(crate) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Pbft>) {
        let Msg::Reply { view, number, result, tentative } = *msg else {
            return;
        };
        if from.index() >= self.views.len() {
            return;
        }
        fx.mac(1, VOTE);
        self.believe(from, view);
        let Some(request) = self.desk.asked(number).filter(|asked| asked.digest == result) else {
            return;
        };
        let enough = match tentative {
            None => self.enough.met(self.desk.note(from, number, result)),
            Some(at) => {
                let same = self.note_tentative(number, (from, view, at));
                self.enough_tentative.met(same)
            }
        };
        if enough {
            self.tentative.remove(&number);
            for next in self.desk.close(request, tentative, fx) {
                self.ask(next, fx);
            }
        }
    }

    /// Section 5.1: tentative answers match if they are of one view and one state. Gives those who
    /// have given this one.
    fn note_tentative(&mut self, number: u64, answer: Tentative) -> Members {
        let answers = self.tentative.entry(number).or_default();
        answers.retain(|&(member, ..)| member != answer.0);
        answers.push(answer);
        let same = answers.iter().filter(|other| (other.1, other.2) == (answer.1, answer.2));
        same.map(|&(member, ..)| member).collect()
    }

    pub(crate) fn on_timer(&mut self, fx: &mut Fx<Pbft>) {
        self.desk.give_up_waiting(fx);
        self.ask_everybody(fx);
    }

    /// Works with the latest view that one honest member has answered in.
    fn believe(&mut self, from: NodeId, view: u64) {
        if view <= self.views[from.index()] {
            return;
        }
        self.views[from.index()] = view;
        let there = |view: u64| -> Members {
            let members = (0..).map(NodeId).zip(&self.views);
            members.filter(|&(_, &reached)| reached >= view).map(|(member, _)| member).collect()
        };
        let reached = self.views.iter().copied().filter(|&view| self.weak.met(there(view)));
        self.view = reached.max().unwrap_or(0);
    }

    /// REQUEST, o, t, c to the primary.
    fn ask(&self, request: Request, fx: &mut Fx<Pbft>) {
        fx.hash(request.bytes);
        let sig = fx.sign(request_digest(&request));
        fx.send(self.primary(), Msg::Request(Signed { request, sig }));
    }

    fn ask_everybody(&self, fx: &mut Fx<Pbft>) {
        for request in self.desk.under_way() {
            let sig = fx.sign(request_digest(&request));
            fx.broadcast(Msg::Request(Signed { request, sig }));
        }
    }

    pub(crate) fn primary(&self) -> NodeId {
        NodeId((self.view % self.views.len() as u64) as u16)
    }

    pub(crate) fn view(&self) -> u64 {
        self.view
    }

    pub(crate) fn held(&self) -> usize {
        self.desk.held() + self.tentative.values().map(Vec::len).sum::<usize>()
    }
}
