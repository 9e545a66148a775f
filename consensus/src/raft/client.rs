//! A Raft client: sends requests and membership changes to the known leader, and to all members
//! after a time-out.

use super::membership::Config;
use super::message::{Msg, Timer};
use super::{Raft, Stored};
use crate::outbox::Outbox;
use crate::{Fx, Input, Members, NodeId, Outcome, Request, Timing};
use gridtwin_kernel::Span;

/// What members a client wishes for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wish {
    /// Its count of wishes.
    number: u64,
    /// The requested membership, until it takes effect.
    target: Option<Members>,
}

/// A client's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    timeout: Span,
    outbox: Outbox,
    wish: Wish,
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
            wish: Wish::default(),
            leader: None,
            term: 0,
            retries: 0,
        }
    }

    pub(super) fn on_start(&mut self, stored: &Stored, fx: &mut Fx<Raft>) {
        (self.outbox, self.wish) = (stored.outbox.clone(), stored.wish);
        self.send_all(fx);
        self.wait(fx);
    }

    pub(super) fn on_input(&mut self, input: Input, fx: &mut Fx<Raft>) {
        match input {
            Input::Request(request) => self.on_request(request, fx),
            Input::Reconfigure(target) => self.wish(Some(target), self.wish.number + 1, fx),
        }
    }

    /// Wishes for other members, or for nothing any more.
    fn wish(&mut self, target: Option<Members>, number: u64, fx: &mut Fx<Raft>) {
        let wish = Wish { number, target };
        self.wish = wish;
        fx.persist(Config::BYTES, |stored: &mut Stored| stored.wish = wish);
        self.send_wish(fx);
        self.wait(fx);
    }

    /// Learns the current membership; if another client's later change intervened, asks again.
    fn on_configured(&mut self, config: &Config, fx: &mut Fx<Raft>) {
        let Wish { number, target: Some(target) } = self.wish else {
            return;
        };
        self.retries = 0;
        if config.members == target {
            self.wish(None, number.max(config.asked.0), fx);
        } else if config.asked > (number, fx.me()) {
            self.wish(Some(target), config.asked.0 + 1, fx);
        }
    }

    fn on_request(&mut self, request: Request, fx: &mut Fx<Raft>) {
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
            Msg::Configured(ref config) => self.on_configured(config, fx),
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
        self.send_wish(fx);
    }

    fn send_wish(&self, fx: &mut Fx<Raft>) {
        let Wish { number, target: Some(target) } = self.wish else {
            return;
        };
        let msg = Msg::Reconfigure { number, target };
        match self.leader {
            Some(leader) => fx.send(leader, msg),
            None => fx.broadcast(msg),
        }
    }

    fn wait(&self, fx: &mut Fx<Raft>) {
        if self.outbox.oldest().is_some() || self.wish.target.is_some() {
            fx.arm(Timer::Retry, self.timeout * (1 << self.retries.min(4)));
        } else {
            fx.cancel(Timer::Retry);
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
