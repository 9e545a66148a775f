//! A client of bft-rdma: asks the leader, accepts the answer that f + 1 members give, and asks all
//! members after a time-out.

use super::message::{Msg, Timer};
use super::{BftRdma, Quorum, leader_of_view};
use crate::{Desk, Fx, NodeId, Outbox, Outcome, Request, Setup, Signed};

/// A client's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    setup: Setup,
    desk: Desk<Timer>,
    /// The latest view that each member has answered in.
    views: Vec<u64>,
    view: u64,
}

impl Client {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            setup: *setup,
            desk: Desk::new(setup.timing.client_timeout, Timer::Retry),
            views: vec![0; setup.members.into()],
            view: 0,
        }
    }

    pub(super) fn on_start(&mut self, outbox: &Outbox, fx: &mut Fx<BftRdma>) {
        let (view, leader) = (self.view, self.leader());
        fx.out(Outcome::View { view, leader });
        self.desk.restart(outbox, fx);
        self.ask_everybody(fx);
    }

    pub(super) fn on_input(&mut self, request: Request, fx: &mut Fx<BftRdma>) {
        if let Some(request) = self.desk.take(request, fx) {
            self.ask(request, fx);
        }
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<BftRdma>) {
        let Msg::Reply { view, number, result } = *msg else { return };
        fx.mac(1, 50);
        let Some(known) = self.views.get_mut(from.index()) else { return };
        *known = view.max(*known);
        // One of f + 1 members is honest.
        let enough = Quorum::Reply.of(&self.setup);
        let mut views = self.views.clone();
        views.sort_unstable_by(|a, b| b.cmp(a));
        self.view = views[enough.min(views.len()) - 1];
        let Some(request) = self.desk.asked(number).filter(|asked| asked.digest == result) else {
            return;
        };
        if self.desk.count(from, number, result) >= enough {
            for next in self.desk.close(request, None, fx) {
                self.ask(next, fx);
            }
        }
    }

    pub(super) fn on_timer(&mut self, fx: &mut Fx<BftRdma>) {
        self.desk.give_up_waiting(fx);
        self.ask_everybody(fx);
    }

    fn ask(&self, request: Request, fx: &mut Fx<BftRdma>) {
        fx.hash(request.bytes);
        let sig = fx.sign(request.digest);
        fx.send(self.leader(), Msg::Request(Signed { request, sig }));
    }

    fn ask_everybody(&self, fx: &mut Fx<BftRdma>) {
        for request in self.desk.under_way() {
            let sig = fx.sign(request.digest);
            fx.broadcast(Msg::Request(Signed { request, sig }));
        }
    }

    pub(super) fn leader(&self) -> NodeId {
        leader_of_view(self.view, self.setup.members)
    }

    pub(super) fn view(&self) -> u64 {
        self.view
    }

    pub(super) fn held(&self) -> usize {
        self.desk.held()
    }
}
