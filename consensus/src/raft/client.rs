//! A Raft client: asks the leader it knows, and everybody when that does not answer.

use super::message::{Msg, Timer};
use super::{Raft, Stored};
use crate::outbox::Outbox;
use crate::{Fx, NodeId, Outcome, Request, Timing};
use gridtwin_kernel::Span;

/// A client's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    timeout: Span,
    outbox: Outbox,
    leader: Option<NodeId>,
    term: u64,
    /// Time-outs in a row.
    retries: u32,
}

impl Client {
    pub(super) fn new(timing: &Timing) -> Self {
        Self {
            timeout: timing.client_timeout,
            outbox: Outbox::default(),
            leader: None,
            term: 0,
            retries: 0,
        }
    }

    pub(super) fn on_start(&mut self, outbox: &Outbox, fx: &mut Fx<Raft>) {
        self.outbox = outbox.clone();
        self.send_all(fx);
        self.wait(fx);
    }

    pub(super) fn on_input(&mut self, request: Request, fx: &mut Fx<Raft>) {
        fx.persist(request.bytes, |stored: &mut Stored| {
            stored.outbox.push(request);
        });
        if self.outbox.push(request) {
            self.send(request, fx);
        }
        if self.outbox.len() == 1 {
            self.wait(fx);
        }
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Raft>) {
        match *msg {
            Msg::Leading { term } => {
                self.follow(Some(from), term, fx);
            }
            Msg::Reply { ref request, term } => {
                self.follow(Some(from), term, fx);
                if !self.outbox.contains(request) {
                    return;
                }
                self.retries = 0;
                fx.persist(8, |stored: &mut Stored| {
                    stored.outbox.answered(request);
                });
                for next in self.outbox.answered(request) {
                    self.send(next, fx);
                }
                fx.out(Outcome::Answered { request: *request, position: None });
                self.wait(fx);
            }
            Msg::Redirect { ref request, leader, term } => {
                let news = leader.is_some() && leader != self.leader && term >= self.term;
                if news && !self.follow(leader, term, fx) && self.outbox.contains(request) {
                    self.send(*request, fx);
                }
            }
            _ => {}
        }
    }

    pub(super) fn on_timer(&mut self, fx: &mut Fx<Raft>) {
        self.retries += 1;
        self.leader = None;
        self.send_all(fx);
        self.wait(fx);
    }

    /// Believes in a leader of a term that is not older; a new one is asked all over again.
    /// Whether it was.
    fn follow(&mut self, leader: Option<NodeId>, term: u64, fx: &mut Fx<Raft>) -> bool {
        if term < self.term || (term == self.term && self.leader == leader) {
            return false;
        }
        let newer = term > self.term;
        (self.term, self.leader) = (term, leader);
        if let Some(leader) = leader {
            fx.out(Outcome::View { view: term, leader });
        }
        if newer {
            self.send_all(fx);
        }
        newer
    }

    fn send(&self, request: Request, fx: &mut Fx<Raft>) {
        match self.leader {
            Some(leader) => fx.send(leader, Msg::Request(request)),
            None => fx.broadcast(Msg::Request(request)),
        }
    }

    fn send_all(&self, fx: &mut Fx<Raft>) {
        for &request in self.outbox.under_way() {
            self.send(request, fx);
        }
    }

    fn wait(&self, fx: &mut Fx<Raft>) {
        match self.outbox.oldest() {
            Some(_) => fx.arm(Timer::Retry, self.timeout * (1 << self.retries.min(4))),
            None => fx.cancel(Timer::Retry),
        }
    }

    pub(super) fn term(&self) -> u64 {
        self.term
    }

    pub(super) fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    pub(super) fn held(&self) -> usize {
        self.outbox.len()
    }
}
