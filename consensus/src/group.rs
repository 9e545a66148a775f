//! A group of members and its client for an owner with its own clock, such as the twin: the
//! protocol is selected by name once, and everything below is specialised to it.

use crate::costs::CostModel;
use crate::registry::with_protocols;
use crate::{
    Cluster, Helper, Links, MAX_MEMBERS, Meters, NodeEnergy, NodeId, Note, ProtocolName,
    Replicated, Sent, Setup, Timing,
};
use gridtwin_kernel::{Histogram, SimTime, Streams};
use thiserror::Error;

/// What is wrong with a group.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GroupError {
    /// No protocol has this name.
    #[error("unknown protocol `{0}`; expected {known}", known = names())]
    UnknownProtocol(String),
    /// Too few or too many members.
    #[error("{protocol} needs {min} to {max} members; found {found}")]
    Members {
        /// The protocol.
        protocol: ProtocolName,
        /// The fewest it works with.
        min: usize,
        /// The most that anything here works with.
        max: usize,
        /// What was asked for.
        found: usize,
    },
    /// Links or costs for another number of nodes.
    #[error(
        "{what} are given for {found} nodes, but the group has {expected}: members, clients and \
         helpers"
    )]
    Size {
        /// Of what.
        what: &'static str,
        /// For how many nodes it is.
        found: usize,
        /// For how many it should be.
        expected: usize,
    },
}

fn names() -> String {
    let quoted = ProtocolName::ALL.map(|protocol| format!("`{protocol}`"));
    quoted.join(", ")
}

/// What a group is made of.
#[derive(Clone, Debug)]
pub struct GroupConfig {
    /// Which protocol.
    pub protocol: ProtocolName,
    /// How many members.
    pub members: usize,
    /// The links among the members, then the client, then the helpers
    /// ([`ProtocolName::helpers`]).
    pub links: Links,
    /// What computing costs at each of them, in the same order.
    pub costs: Vec<CostModel>,
    /// The protocol's time-outs.
    pub timing: Timing,
    /// The name under which it draws: `streams.stream("NAME/..")`.
    pub name: String,
}

impl GroupConfig {
    /// Checks the numbers against each other and against what the protocol can do.
    fn check(&self) -> Result<(), GroupError> {
        check_members(self.protocol, self.members)?;
        let expected = nodes_of(self.protocol, self.members);
        for (what, found) in [("links", self.links.nodes()), ("costs", self.costs.len())] {
            if found != expected {
                return Err(GroupError::Size { what, found, expected });
            }
        }
        Ok(())
    }
}

/// Members, the client and helpers.
fn nodes_of(protocol: ProtocolName, members: usize) -> usize {
    members + 1 + protocol.helpers(members as u16).len()
}

/// Whether the protocol works with this number of members.
pub(crate) fn check_members(protocol: ProtocolName, found: usize) -> Result<(), GroupError> {
    let (min, max) = (protocol.min_members(), MAX_MEMBERS);
    if (min..=max).contains(&found) {
        return Ok(());
    }
    Err(GroupError::Members { protocol, min, max, found })
}

/// A running group. A clone continues exactly as the original does.
#[derive(Clone, Debug)]
pub struct Group {
    protocol: ProtocolName,
    members: u16,
    inner: Inner,
    /// Energy that was drained already.
    drained: Vec<NodeEnergy>,
}

macro_rules! inner {
    ({ $($variant:ident = $protocol:ty,)* }) => {
        #[derive(Clone, Debug)]
        enum Inner {
            $($variant(Box<Cluster<$protocol>>),)*
        }

        impl Inner {
            fn new(
                at: SimTime,
                up: impl Fn(NodeId) -> bool,
                config: &GroupConfig,
                streams: &Streams,
            ) -> Self {
                match config.protocol {
                    $(ProtocolName::$variant => Self::$variant(cluster(at, up, config, streams)),)*
                }
            }
        }
    };
}
with_protocols!(inner);

/// The same expression over whichever protocol it is.
macro_rules! each {
    ($group:expr, $cluster:ident => $expression:expr) => {
        with_protocols!(each_of, $group, $cluster => $expression)
    };
}
macro_rules! each_of {
    (
        { $($variant:ident = $protocol:ty,)* }
        $group:expr, $cluster:ident => $expression:expr
    ) => {
        match $group {
            $(Inner::$variant($cluster) => $expression,)*
        }
    };
}

fn cluster<P: Replicated>(
    at: SimTime,
    up: impl Fn(NodeId) -> bool,
    config: &GroupConfig,
    streams: &Streams,
) -> Box<Cluster<P>> {
    let setup = Setup::new(config.members as u16, 1, &config.timing);
    let links = config.links.clone();
    Box::new(Cluster::beginning(at, up, &setup, links, &config.costs, streams, &config.name))
}

impl Group {
    /// A group, all of it powered at time 0.
    ///
    /// # Errors
    /// The group size is invalid for the protocol, or links or costs are for another
    /// number of nodes.
    pub fn new(config: &GroupConfig, streams: &Streams) -> Result<Self, GroupError> {
        Self::beginning(SimTime::ZERO, |_| true, config, streams)
    }

    /// A group that begins at some later time, with power where `up` says so.
    ///
    /// # Errors
    /// As [`Group::new`].
    pub fn beginning(
        at: SimTime,
        up: impl Fn(NodeId) -> bool,
        config: &GroupConfig,
        streams: &Streams,
    ) -> Result<Self, GroupError> {
        config.check()?;
        let inner = Inner::new(at, up, config, streams);
        let nodes = nodes_of(config.protocol, config.members);
        let drained = vec![NodeEnergy::default(); nodes];
        Ok(Self { protocol: config.protocol, members: config.members as u16, inner, drained })
    }

    /// Asks, from the group's client and from `now` on, for a request of `bytes` bytes to be
    /// decided; gives its number, counted from 0. While the client has no power it waits.
    pub fn submit(&mut self, now: SimTime, bytes: u32) -> u64 {
        each!(&mut self.inner, cluster => cluster.submit(now, bytes))
    }

    /// The time of its earliest event. That event may turn out to change nothing.
    pub fn next_time(&self) -> Option<SimTime> {
        each!(&self.inner, cluster => cluster.net().next_time())
    }

    /// Handles all events before `until`, and appends what the owner wants to know of them.
    pub fn advance(&mut self, until: SimTime, notes: &mut Vec<Note>) {
        each!(&mut self.inner, cluster => {
            cluster.advance(until);
            notes.append(cluster.notes());
        });
    }

    /// Begins to keep every message that is sent, or ends it.
    pub fn listen(&mut self, on: bool) {
        each!(&mut self.inner, cluster => cluster.net_mut().listen(on));
    }

    /// Passes on the messages sent since the last call, in the order of sending; none if recording
    /// is off.
    pub fn take_sent(&mut self, mut tell: impl FnMut(Sent)) {
        each!(&mut self.inner, cluster => cluster.net_mut().take_sent().for_each(&mut tell));
    }

    /// Cuts a member's power, and that of its co-located helpers: its volatile state, its timers
    /// and messages that arrive meanwhile are lost. Events before `now` are handled first.
    pub fn power_off(&mut self, member: NodeId, now: SimTime) {
        each!(&mut self.inner, cluster => cluster.power_off(member, now));
        for (helper, _) in self.helpers().filter(|(_, at)| *at == Helper::Beside(member)) {
            each!(&mut self.inner, cluster => cluster.power_off(helper, now));
        }
    }

    /// Gives a member power: it starts from what it had written down.
    pub fn power_on(&mut self, member: NodeId, now: SimTime) {
        for (helper, _) in self.helpers().filter(|(_, at)| *at == Helper::Beside(member)) {
            each!(&mut self.inner, cluster => cluster.power_on(helper, now));
        }
        each!(&mut self.inner, cluster => cluster.power_on(member, now));
    }

    /// Gives the client power, or takes it.
    pub fn set_client_power(&mut self, on: bool, now: SimTime) {
        let client = self.client();
        if on {
            self.power_on(client, now);
        } else {
            self.power_off(client, now);
        }
    }

    /// Takes the link between two nodes down in both directions, or up again.
    pub fn set_link(&mut self, a: NodeId, b: NodeId, up: bool, now: SimTime) {
        each!(&mut self.inner, cluster => {
            cluster.advance(now);
            let links = cluster.net_mut().links_mut();
            links.link_mut(a.index(), b.index()).up = up;
            links.link_mut(b.index(), a.index()).up = up;
        });
    }

    /// Replaces all links, as after a change of routes; messages in flight are not affected.
    ///
    /// # Errors
    /// Where they are for another number of nodes.
    pub fn set_links(&mut self, links: &Links, now: SimTime) -> Result<(), GroupError> {
        let expected = self.drained.len();
        if links.nodes() != expected {
            let (what, found) = ("links", links.nodes());
            return Err(GroupError::Size { what, found, expected });
        }
        each!(&mut self.inner, cluster => {
            cluster.advance(now);
            cluster.net_mut().links_mut().replace(links);
        });
        Ok(())
    }

    /// What computing costs at the members and the client from now on.
    ///
    /// # Errors
    /// Where they are for another number of nodes.
    pub fn set_costs(&mut self, costs: &[CostModel]) -> Result<(), GroupError> {
        let (expected, found) = (self.drained.len(), costs.len());
        if found != expected {
            return Err(GroupError::Size { what: "costs", found, expected });
        }
        each!(&mut self.inner, cluster => cluster.net_mut().set_costs(costs));
        Ok(())
    }

    /// Energy above idle that a node, a member or the client, has used since this was last asked.
    pub fn drain_energy(&mut self, node: NodeId) -> NodeEnergy {
        let total = self.meters().energy()[node.index()];
        let before = std::mem::replace(&mut self.drained[node.index()], total);
        NodeEnergy {
            compute_j: total.compute_j - before.compute_j,
            network_j: total.network_j - before.network_j,
        }
    }

    /// What has been metered.
    pub fn meters(&self) -> &Meters {
        each!(&self.inner, cluster => cluster.net().meters())
    }

    /// Latencies at the client, in ms.
    pub fn latencies_ms(&self) -> &Histogram {
        each!(&self.inner, cluster => cluster.latencies_ms())
    }

    /// Descriptions of the first violations; none within the protocol's fault model.
    pub fn violations(&self) -> &[String] {
        each!(&self.inner, cluster => cluster.order().violations())
    }

    /// How many violations there were.
    pub fn violation_count(&self) -> u64 {
        each!(&self.inner, cluster => cluster.order().count())
    }

    /// How many requests have an answer.
    pub fn decided(&self) -> u64 {
        each!(&self.inner, cluster => cluster.answered())
    }

    /// How many requests were submitted.
    pub fn submitted(&self) -> u64 {
        each!(&self.inner, cluster => cluster.submitted())
    }

    /// How many views or terms began after the first.
    pub fn view_changes(&self) -> u64 {
        each!(&self.inner, cluster => cluster.view_changes())
    }

    /// The leader by its own view, if any.
    pub fn leader(&self) -> Option<NodeId> {
        each!(&self.inner, cluster => cluster.leader())
    }

    /// The view or term that a member is in; 0 while it has no power.
    pub fn view_of(&self, member: NodeId) -> u64 {
        each!(&self.inner, cluster => cluster.net().state(member).view())
    }

    /// Whether a node has power.
    pub fn is_up(&self, node: NodeId) -> bool {
        each!(&self.inner, cluster => cluster.net().is_up(node))
    }

    /// The number of members that may be without power without stopping the protocol.
    pub fn tolerates(&self) -> u16 {
        self.protocol.tolerates(self.members)
    }

    /// How many members there are.
    pub fn members(&self) -> u16 {
        self.members
    }

    /// The helpers, with their numbers and where they stand.
    pub fn helpers(&self) -> impl Iterator<Item = (NodeId, Helper)> + use<> {
        let first = self.members + 1;
        (first..).map(NodeId).zip(self.protocol.helpers(self.members))
    }

    /// The client's number.
    pub fn client(&self) -> NodeId {
        NodeId(self.members())
    }

    /// How much it holds: log entries, votes, messages and events.
    pub fn held(&self) -> usize {
        each!(&self.inner, cluster => cluster.held())
    }
}
