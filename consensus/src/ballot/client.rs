//! The client of the Paxos family: asks the member it regards as the leader, and all members after
//! a time-out.

use super::node::{Msg, Node, Timer, Voter, Word};
use crate::{Desk, Fx, NodeId, Outbox, Outcome, Request, Timing};

/// A client's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client<V: Voter> {
    desk: Desk<Timer<V::Timer>>,
    /// The member it asks; all members, if none.
    whom: Option<NodeId>,
    view: u64,
}

impl<V: Voter> Client<V> {
    pub(super) fn new(whom: Option<NodeId>, timing: &Timing) -> Self {
        Self { desk: Desk::new(timing.client_timeout, Timer::Retry), whom, view: 0 }
    }

    pub(super) fn on_start(&mut self, outbox: &Outbox, fx: &mut Fx<Node<V>>) {
        if let Some(leader) = self.whom {
            fx.out(Outcome::View { view: self.view, leader });
        }
        self.desk.restart(outbox, fx);
        self.ask_all(fx);
    }

    pub(super) fn on_input(&mut self, request: Request, fx: &mut Fx<Node<V>>) {
        if let Some(request) = self.desk.take(request, fx) {
            self.ask(request, fx);
        }
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg<V::Msg>, fx: &mut Fx<Node<V>>) {
        match msg {
            Msg::Request(_) => {}
            Msg::Reply { request, view } => {
                self.follow(Some(from), *view, fx);
                if self.desk.asked(request.number) == Some(*request) {
                    for next in self.desk.close(*request, None, fx) {
                        self.ask(next, fx);
                    }
                }
            }
            Msg::Member(msg) => {
                let Some(Word { leader, view, refused }) = V::word(from, msg) else {
                    return;
                };
                let news = leader.is_some() && leader != self.whom && view >= self.view;
                if news
                    && !self.follow(leader, view, fx)
                    && let Some(request) = refused
                    && self.desk.asked(request.number) == Some(request)
                {
                    self.ask(request, fx);
                }
            }
        }
    }

    pub(super) fn on_timer(&mut self, fx: &mut Fx<Node<V>>) {
        self.whom = None;
        self.desk.give_up_waiting(fx);
        self.ask_all(fx);
    }

    /// Follows the leader of a view that is not older; requests are sent again to a newer one.
    /// Returns whether it was newer.
    fn follow(&mut self, leader: Option<NodeId>, view: u64, fx: &mut Fx<Node<V>>) -> bool {
        if view < self.view || (view == self.view && self.whom == leader) {
            return false;
        }
        let newer = view > self.view;
        (self.view, self.whom) = (view, leader);
        if let Some(leader) = leader {
            fx.out(Outcome::View { view, leader });
        }
        if newer {
            self.ask_all(fx);
        }
        newer
    }

    fn ask(&self, request: Request, fx: &mut Fx<Node<V>>) {
        match self.whom {
            Some(member) => fx.send(member, Msg::Request(request)),
            None => fx.broadcast(Msg::Request(request)),
        }
    }

    fn ask_all(&self, fx: &mut Fx<Node<V>>) {
        for request in self.desk.under_way() {
            self.ask(request, fx);
        }
    }

    /// The view of the leader it follows.
    pub fn view(&self) -> u64 {
        self.view
    }

    /// The member it asks.
    pub fn whom(&self) -> Option<NodeId> {
        self.whom
    }

    pub(super) fn held(&self) -> usize {
        self.desk.held()
    }
}
