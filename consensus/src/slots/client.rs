//! A client that belongs to the member nearest to it, and goes to the next one where that is silent.

use super::{Edge, Msg, Scheme, Timer};
use crate::{Desk, Fx, NodeId, Outbox, Outcome, Request, Setup};

/// A client's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    desk: Desk<Timer>,
    n: u16,
    /// The member that it asks: its home at first, then whoever answered last.
    at: NodeId,
}

impl Client {
    /// The client at this place among the clients: its home is the member at that place.
    pub(super) fn new(place: u16, setup: &Setup) -> Self {
        let desk = Desk::new(setup.timing.client_timeout, Timer::Retry);
        Self { desk, n: setup.members, at: NodeId(place % setup.members) }
    }

    pub(super) fn on_start<S: Scheme>(&mut self, outbox: &Outbox, fx: &mut Fx<Edge<S>>) {
        self.desk.restart(outbox, fx);
        fx.out(Outcome::View { view: S::FIRST_VIEW, leader: self.at });
        self.ask_all(fx);
    }

    pub(super) fn on_input<S: Scheme>(&mut self, request: Request, fx: &mut Fx<Edge<S>>) {
        if let Some(request) = self.desk.take(request, fx) {
            fx.send(self.at, Msg::Request(request));
        }
    }

    pub(super) fn on_msg<S: Scheme>(&mut self, msg: &Msg<S>, fx: &mut Fx<Edge<S>>) {
        let Msg::Reply { number, result } = *msg else {
            return;
        };
        let asked = self.desk.asked(number).filter(|request| request.digest == result);
        let Some(request) = asked else { return };
        for next in self.desk.close(request, None, fx) {
            fx.send(self.at, Msg::Request(next));
        }
    }

    pub(super) fn on_timer<S: Scheme>(&mut self, fx: &mut Fx<Edge<S>>) {
        self.at = NodeId((self.at.0 + 1) % self.n);
        self.desk.give_up_waiting(fx);
        self.ask_all(fx);
    }

    fn ask_all<S: Scheme>(&self, fx: &mut Fx<Edge<S>>) {
        for request in self.desk.under_way() {
            fx.send(self.at, Msg::Request(request));
        }
    }

    pub(super) fn at(&self) -> NodeId {
        self.at
    }

    pub(super) fn held(&self) -> usize {
        self.desk.held()
    }
}
