//! A device of RCMEC: asks the nodes of its cluster, and takes what f_j + 1 of them answer. Where
//! they do not answer, it roams to the next cluster.

use super::message::{Msg, Timer};
use super::{Clusters, Rcmec};
use crate::{Desk, Fx, NodeId, Outbox, Outcome, Request, Setup, mix};

/// A device's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Device {
    clusters: Clusters,
    /// The cluster that it asks.
    at: usize,
    desk: Desk<Timer>,
    /// The answers from each cluster that are enough.
    enough: Vec<usize>,
}

impl Device {
    /// The device at this place among the clients.
    pub(super) fn new(place: u16, setup: &Setup) -> Self {
        let clusters = Clusters::new(setup.members);
        Self {
            at: usize::from(place) % clusters.len(),
            desk: Desk::new(setup.timing.client_timeout, Timer::Retry),
            enough: clusters.all().map(|j| setup.quorum(1, clusters.faults(j) + 1)).collect(),
            clusters,
        }
    }

    pub(super) fn on_start(&mut self, outbox: &Outbox, fx: &mut Fx<Rcmec>) {
        self.desk.restart(outbox, fx);
        fx.out(Outcome::View { view: 0, leader: self.clusters.nodes(self.at)[0] });
        self.ask_again(fx);
    }

    pub(super) fn on_input(&mut self, request: Request, fx: &mut Fx<Rcmec>) {
        if let Some(request) = self.desk.take(request, fx) {
            self.ask(request, fx);
        }
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Rcmec>) {
        let &Msg::Answer(answered) = msg else { return };
        let Some(cluster) = self.clusters.of(from) else { return };
        fx.mac(1, 40);
        let asked = self.desk.asked(answered.number).filter(|&request| request == answered);
        let Some(request) = asked else { return };
        // Each cluster has few Byzantine members: answers count within it.
        let result = mix(request.digest, cluster as u64);
        if self.desk.count(from, request.number, result) >= self.enough[cluster] {
            for next in self.desk.close(request, None, fx) {
                self.ask(next, fx);
            }
        }
    }

    pub(super) fn on_timer(&mut self, fx: &mut Fx<Rcmec>) {
        self.desk.give_up_waiting(fx);
        self.at = (self.at + 1) % self.clusters.len();
        self.ask_again(fx);
    }

    fn ask(&self, request: Request, fx: &mut Fx<Rcmec>) {
        let nodes = self.clusters.nodes(self.at);
        fx.mac(nodes.len() as u32, request.bytes);
        fx.multicast(nodes, Msg::Request(request));
    }

    fn ask_again(&self, fx: &mut Fx<Rcmec>) {
        self.desk.under_way().for_each(|request| self.ask(request, fx));
    }

    pub(super) fn held(&self) -> usize {
        self.desk.held()
    }
}
