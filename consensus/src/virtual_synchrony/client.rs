//! A client of a process group: asks the sequencer, and all members after a time-out.

use super::VirtualSynchrony;
use super::message::{Msg, Timer};
use crate::{Desk, Fx, NodeId, Outbox, Outcome, Request, Timing};

/// A client's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    desk: Desk<Timer>,
    view: u64,
    /// The leader of that view; unknown once it did not answer in time.
    leader: Option<NodeId>,
}

impl Client {
    pub(super) fn new(timing: &Timing) -> Self {
        let desk = Desk::new(timing.client_timeout, Timer::Retry);
        Self { desk, view: 1, leader: Some(NodeId(0)) }
    }

    pub(super) fn on_start(&mut self, outbox: &Outbox, fx: &mut Fx<VirtualSynchrony>) {
        fx.out(Outcome::View { view: self.view, leader: NodeId(0) });
        self.desk.restart(outbox, fx);
        self.send_all(fx);
    }

    pub(super) fn on_input(&mut self, request: Request, fx: &mut Fx<VirtualSynchrony>) {
        if let Some(request) = self.desk.take(request, fx) {
            self.send(request, fx);
        }
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<VirtualSynchrony>) {
        match *msg {
            Msg::Leading { view, leader } => self.follow(view, leader, fx),
            Msg::Reply { ref request, view } => {
                self.follow(view, from, fx);
                if self.desk.asked(request.number) == Some(*request) {
                    for next in self.desk.close(*request, None, fx) {
                        self.send(next, fx);
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn on_timer(&mut self, fx: &mut Fx<VirtualSynchrony>) {
        self.leader = None;
        self.desk.give_up_waiting(fx);
        self.send_all(fx);
    }

    /// Learns the leader of a view: requests are sent again to a new one. A leader that did not
    /// answer is not used again until it does.
    fn follow(&mut self, view: u64, leader: NodeId, fx: &mut Fx<VirtualSynchrony>) {
        if view > self.view {
            (self.view, self.leader) = (view, Some(leader));
            fx.out(Outcome::View { view, leader });
            self.send_all(fx);
        }
    }

    fn send(&self, request: Request, fx: &mut Fx<VirtualSynchrony>) {
        match self.leader {
            Some(leader) => fx.send(leader, Msg::Request(request)),
            None => fx.broadcast(Msg::Request(request)),
        }
    }

    fn send_all(&self, fx: &mut Fx<VirtualSynchrony>) {
        for request in self.desk.under_way() {
            self.send(request, fx);
        }
    }

    pub(super) fn view(&self) -> u64 {
        self.view
    }

    pub(super) fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    pub(super) fn held(&self) -> usize {
        self.desk.held()
    }
}
