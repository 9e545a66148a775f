//! RCMEC (Wang, Hsiung, Yan and Tsai, "Reliability Enhancement of Edge Computing Paradigm Using
//! Agreement", Symmetry 11(2):167, 2019) \[R\]: devices, clusters of edge nodes, the cloud. It is
//! **synchronous**, with oral messages: nothing is signed, a receiver knows only who the sender is.
//!
//! The members are edge nodes in clusters of n_j each; clusters reach each other only through the
//! cloud, a trusted helper. There are floor(n/4) clusters (one, below 8 members) of sizes as equal
//! as possible, larger ones first, so that they have 4 to 7 nodes. A cluster tolerates f_j =
//! floor((n_j - 1)/3) Byzantine nodes, so that n_j > floor((n_j - 1)/3) + 2 f_j.
//!
//! 1. A device sends its request to all nodes of its cluster: device i belongs to cluster i modulo
//!    their number, and roams to the next when its own does not answer. Each node's initial value is
//!    the requests that it has.
//! 2. By exponential information gathering in floor((n_j - 1)/3) + 1 rounds of `timing.delta` the
//!    honest nodes come to the same vector of all nodes' values, one message a pair and round. The
//!    values that go around are digests: a round has to fit into `timing.delta`, however large the
//!    requests are.
//! 3. They take from it the requests that f_j + 1 nodes have, and report these to the cloud, each
//!    with the payloads that the device has sent to it.
//! 4. The cloud takes what f_j + 1 nodes of a cluster report alike, which is what the majority of
//!    it does, as the cluster's component of its vector, once it has all payloads, logs it, and
//! 5. sends it down to all members, which carry it out; the device takes f_j + 1 equal answers.
//!
//! With m nodes in the device's cluster and R = floor((m-1)/3) + 1: R m (m-1) + m + n messages, and
//! m + m between device and nodes; R + 4 delays, which is 6 where m is below 7.
//!
//! Reconstructed from the abstract, the constraints and the list of the protocol's functions: how
//! requests become values, that instances begin with every R-th round, that a cluster proposes only
//! what it has requests for (the components of the others are empty, and the cloud waits for none
//! of them), and the cloud as one trusted node, where the paper has several that run the same
//! agreement once more. A node that missed a round counts as faulty for that instance, and fetches
//! decisions from the cloud afterwards. Not included: clusters that nodes join or leave.

mod client;
mod cloud;
mod eig;
mod member;
mod message;

pub use client::Device;
pub use cloud::{Cloud, Log};
pub use eig::{Path, Tree, faults, rounds};
pub use member::{Durable, Member};
pub use message::{Batch, Msg, Timer};

use crate::{
    Facts, FaultModel, Forge, Fx, Helper, Input, Kind, Members, NodeId, Outbox, Outcome, Protocol,
    Replicated, Setup, TimeModel, Wire,
};
use std::ops::Range;
use std::sync::Arc;

/// The members of each cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Clusters {
    nodes: Vec<Arc<[NodeId]>>,
}

impl Clusters {
    /// The clusters of a group of this size.
    pub fn new(members: u16) -> Self {
        let count = (members / 4).max(1);
        let start = |j: u16| j * (members / count) + j.min(members % count);
        let cluster = |j: u16| (start(j)..start(j + 1)).map(NodeId).collect();
        Self { nodes: (0..count).map(cluster).collect() }
    }

    /// How many there are: one at least.
    #[allow(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// All of them, by their places.
    pub fn all(&self) -> Range<usize> {
        0..self.nodes.len()
    }

    /// The nodes of one.
    pub fn nodes(&self, cluster: usize) -> &Arc<[NodeId]> {
        &self.nodes[cluster]
    }

    /// The cluster of a member.
    pub fn of(&self, member: NodeId) -> Option<usize> {
        self.nodes.iter().position(|nodes| nodes.contains(&member))
    }

    /// The number of Byzantine nodes that it tolerates: f_j.
    pub fn faults(&self, cluster: usize) -> usize {
        faults(self.nodes[cluster].len())
    }
}

/// A node of an RCMEC group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Rcmec {
    /// An edge node.
    Member(Box<Member>),
    /// A device.
    Device(Device),
    /// The cloud.
    Cloud(Box<Cloud>),
}

/// What a node writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stored {
    /// An edge node's.
    pub member: Durable,
    /// A device's.
    pub outbox: Outbox,
    /// The cloud's.
    pub log: Log,
}

impl AsMut<Outbox> for Stored {
    fn as_mut(&mut self) -> &mut Outbox {
        &mut self.outbox
    }
}

impl Protocol for Rcmec {
    type Msg = Msg;
    type Timer = Timer;
    type In = Input;
    type Out = Outcome;
    type Durable = Stored;

    const KINDS: &'static [Kind] = message::KINDS;

    fn on_start(&mut self, durable: &Stored, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_start(&durable.member, fx),
            Self::Device(device) => device.on_start(&durable.outbox, fx),
            Self::Cloud(cloud) => cloud.on_start(&durable.log),
        }
    }

    fn on_input(&mut self, input: Input, fx: &mut Fx<Self>) {
        if let (Self::Device(device), Input::Request(request)) = (self, input) {
            device.on_input(request, fx);
        }
    }

    fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_msg(from, msg, fx),
            Self::Device(device) => device.on_msg(from, msg, fx),
            Self::Cloud(cloud) => cloud.on_msg(from, msg, fx),
        }
    }

    fn on_timer(&mut self, timer: Timer, fx: &mut Fx<Self>) {
        match self {
            Self::Member(member) => member.on_timer(timer, fx),
            Self::Device(device) => device.on_timer(fx),
            Self::Cloud(_) => {}
        }
    }

    fn wire(msg: &Msg) -> Wire {
        message::wire(msg)
    }

    /// The rounds of the first device's cluster, its reports, and the decision.
    fn expected_messages(n: u64) -> u64 {
        let m = Clusters::new(n as u16).nodes(0).len() as u64;
        rounds(m as usize) as u64 * m * (m - 1) + m + n
    }

    /// Request, two rounds, report, decision, answer.
    fn expected_delays() -> u32 {
        6
    }

    /// A cluster of seven takes a round more.
    fn expected_delays_among(n: u64) -> u32 {
        rounds(Clusters::new(n as u16).nodes(0).len()) as u32 + 4
    }
}

impl Forge for Rcmec {
    fn variants(msg: &Msg, _fx: &mut Fx<Self>) -> Vec<Msg> {
        message::variants(msg)
    }
}

impl Replicated for Rcmec {
    const NAME: &'static str = "rcmec";
    const MIN_MEMBERS: usize = 4;
    const FIRST_VIEW: u64 = 0;
    const FACTS: Facts = Facts {
        family: "agreement",
        faults: FaultModel::Byzantine,
        time: TimeModel::Synchronous,
        members: "3f_j + 1 in cluster j",
        messages: "R m(m - 1) + m + n, with R = floor((m - 1)/3) + 1 and m nodes in a cluster",
        delays: "R + 4",
        paper: "Wang, Hsiung, Yan and Tsai, Symmetry 11(2):167, 2019",
        reconstructed: "requests as values, the schedule of instances and a single trusted cloud \
                        (only the abstract and an outline were available)",
        weakness: "the trusted cloud is a single point of failure; fails with f_j + 1 Byzantine \
                   members in cluster j",
    };
    const QUORUMS: &'static [&'static str] = &["proposal", "report", "majority"];

    fn group(setup: &Setup) -> Vec<Self> {
        let member = |id| Self::Member(Box::new(Member::new(NodeId(id), setup)));
        let device = |place| Self::Device(Device::new(place, setup));
        let nodes = (0..setup.members).map(member).chain((0..setup.clients).map(device));
        nodes.chain([Self::Cloud(Box::new(Cloud::new(setup)))]).collect()
    }

    fn helpers(_members: u16) -> Vec<Helper> {
        vec![Helper::Cloud]
    }

    fn tolerates(members: u16) -> u16 {
        let clusters = Clusters::new(members);
        clusters.all().map(|j| clusters.faults(j)).min().unwrap_or(0) as u16
    }

    fn withstands(members: u16, byzantine: Members) -> bool {
        let clusters = Clusters::new(members);
        let byzantine_in =
            |j: usize| clusters.nodes(j).iter().filter(|&&node| byzantine.contains(node)).count();
        clusters.all().all(|j| byzantine_in(j) <= clusters.faults(j))
    }

    fn view(&self) -> u64 {
        0
    }

    /// There is no leader.
    fn leader(&self) -> Option<NodeId> {
        None
    }

    fn held(&self) -> usize {
        match self {
            Self::Member(member) => member.held(),
            Self::Device(device) => device.held(),
            Self::Cloud(cloud) => cloud.held(),
        }
    }
}
