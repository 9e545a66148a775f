//! A client of web-bft: sends its request to all members, and accepts f + 1 equal answers.

use super::message::{Msg, Timer};
use super::{ANSWER, WebBft, faulty};
use crate::{Desk, Fx, NodeId, Outbox, Outcome, Request, Setup, Signed};

/// A client's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    n: u16,
    /// Answers that say the same: one of them is honest.
    enough: usize,
    desk: Desk<Timer>,
}

impl Client {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            n: setup.members,
            enough: setup.quorum(ANSWER, faulty(setup.members) + 1),
            desk: Desk::new(setup.timing.client_timeout, Timer::Retry),
        }
    }

    pub(super) fn on_start(&mut self, outbox: &Outbox, fx: &mut Fx<WebBft>) {
        self.desk.restart(outbox, fx);
        // It needs no leader: requests go to all members.
        fx.out(Outcome::View { view: 0, leader: NodeId(0) });
        self.ask_again(fx);
    }

    pub(super) fn on_input(&mut self, request: Request, fx: &mut Fx<WebBft>) {
        if let Some(request) = self.desk.take(request, fx) {
            send(request, fx);
        }
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<WebBft>) {
        let &Msg::Answer { number, result, .. } = msg else { return };
        let asked = self.desk.asked(number).filter(|request| request.digest == result);
        let Some(request) = asked.filter(|_| from.0 < self.n) else { return };
        if self.desk.count(from, number, result) >= self.enough {
            for next in self.desk.close(request, None, fx) {
                send(next, fx);
            }
        }
    }

    pub(super) fn on_timer(&mut self, fx: &mut Fx<WebBft>) {
        self.desk.give_up_waiting(fx);
        self.ask_again(fx);
    }

    fn ask_again(&self, fx: &mut Fx<WebBft>) {
        self.desk.under_way().for_each(|request| send(request, fx));
    }

    pub(super) fn held(&self) -> usize {
        self.desk.held()
    }
}

fn send(request: Request, fx: &mut Fx<WebBft>) {
    fx.hash(request.bytes);
    let sig = fx.sign(request.digest);
    fx.broadcast(Msg::Request(Signed { request, sig }));
}
