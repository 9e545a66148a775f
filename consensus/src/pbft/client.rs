//! A PBFT client (section 4.1): asks the primary, takes the answer that f + 1 members give, and asks
//! everybody when that takes too long.

use super::message::{Msg, Timer};
use super::{Pbft, Stored, faulty};
use crate::outbox::Outbox;
use crate::{Fx, Members, NodeId, Outcome, Request, Signed, Timing};
use gridtwin_kernel::Span;

/// A client's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    f: usize,
    timeout: Span,
    outbox: Outbox,
    /// The latest view that each member has answered in.
    views: Vec<u64>,
    view: u64,
    /// Who has answered which request.
    answers: Vec<(u64, Members)>,
    retries: u32,
}

impl Client {
    pub(super) fn new(members: u16, timing: &Timing) -> Self {
        Self {
            f: faulty(members),
            timeout: timing.client_timeout,
            outbox: Outbox::default(),
            views: vec![0; members.into()],
            view: 0,
            answers: Vec::new(),
            retries: 0,
        }
    }

    pub(super) fn on_start(&mut self, outbox: &Outbox, fx: &mut Fx<Pbft>) {
        self.outbox = outbox.clone();
        let (view, leader) = (self.view, self.primary());
        fx.out(Outcome::View { view, leader });
        self.ask_everybody(fx);
        self.wait(fx);
    }

    pub(super) fn on_input(&mut self, request: Request, fx: &mut Fx<Pbft>) {
        fx.persist(request.bytes, |stored: &mut Stored| {
            stored.outbox.push(request);
        });
        if self.outbox.push(request) {
            self.ask(request, fx);
        }
        if self.outbox.len() == 1 {
            self.wait(fx);
        }
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Pbft>) {
        let Msg::Reply { view, number, result } = *msg else {
            return;
        };
        fx.mac(1, 50);
        let newer = self.views.get_mut(from.index()).filter(|known| **known < view);
        if let Some(known) = newer {
            *known = view;
            self.believe();
        }
        let of_request = |request: &&Request| request.number == number && request.digest == result;
        let Some(&request) = self.outbox.under_way().find(of_request) else {
            return;
        };
        let index = match self.answers.iter().position(|&(n, _)| n == number) {
            Some(index) => index,
            None => {
                self.answers.push((number, Members::NONE));
                self.answers.len() - 1
            }
        };
        let voters = &mut self.answers[index].1;
        voters.insert(from);
        if voters.len() <= self.f {
            return;
        }
        self.answers.swap_remove(index);
        self.retries = 0;
        fx.persist(8, |stored: &mut Stored| {
            stored.outbox.answered(&request);
        });
        for next in self.outbox.answered(&request) {
            self.ask(next, fx);
        }
        fx.out(Outcome::Answered { request, position: None });
        self.wait(fx);
    }

    pub(super) fn on_timer(&mut self, fx: &mut Fx<Pbft>) {
        self.retries += 1;
        self.ask_everybody(fx);
        self.wait(fx);
    }

    /// The view that f + 1 members have reached.
    fn believe(&mut self) {
        let mut views = self.views.clone();
        views.sort_unstable_by(|a, b| b.cmp(a));
        self.view = views[self.f];
    }

    fn ask(&self, request: Request, fx: &mut Fx<Pbft>) {
        fx.hash(request.bytes);
        let sig = fx.sign(request.digest);
        fx.send(self.primary(), Msg::Request(Signed { request, sig }));
    }

    fn ask_everybody(&self, fx: &mut Fx<Pbft>) {
        for &request in self.outbox.under_way() {
            let sig = fx.sign(request.digest);
            fx.broadcast(Msg::Request(Signed { request, sig }));
        }
    }

    fn wait(&self, fx: &mut Fx<Pbft>) {
        match self.outbox.oldest() {
            Some(_) => fx.arm(Timer::Retry, self.timeout * (1 << self.retries.min(4))),
            None => fx.cancel(Timer::Retry),
        }
    }

    pub(super) fn primary(&self) -> NodeId {
        NodeId((self.view % self.views.len() as u64) as u16)
    }

    pub(super) fn view(&self) -> u64 {
        self.view
    }

    pub(super) fn held(&self) -> usize {
        self.outbox.len() + self.answers.len()
    }
}
