//! Consensus groups on the twin's clock: receipts of finished tasks are put to the vote in blocks,
//! messages travel over the site's network, a member without power is silent. Not the protocols,
//! which know nothing of the twin.

use crate::edge::{Edge, Network, Node};
use crate::record::{Event, EventKind, Message};
use crate::scenario::{ConsensusGroup, EdgeServer, Id, Protocol, Scenario};
use gridtwin_consensus::{
    CostModel, FaultModel, Group, GroupConfig, GroupError, Helper, Latency, Link, Links, Members,
    NodeEnergy, NodeId, Note, NoteKind, Sent, Timing,
};
use gridtwin_kernel::{SimTime, Span, Streams};
use std::collections::VecDeque;

/// Bytes of a block without receipts, and of each receipt in it: a hash of what went in and came
/// out, who and when, and a signature.
const BLOCK_BYTES: u32 = 64;
const RECEIPT_BYTES: u32 = 128;
/// In the place of the receipts of a block that is decided.
const DONE: u32 = u32::MAX;
/// Time between a node and itself, where the client sits on a member.
const LOOPBACK: Span = Span(20_000);

/// One group.
#[derive(Clone, Debug)]
struct Voting {
    group: Group,
    /// Indices of the members' servers.
    members: Vec<usize>,
    client: Node,
    /// The locations of the protocol's helpers.
    helpers: Vec<Node>,
    block: Span,
    next_block: SimTime,
    /// Receipts of each block that is not decided yet, from `first_open` on.
    open: VecDeque<u32>,
    first_open: u64,
    /// The number of the group's first block: those before were put to groups that are no more.
    first_block: u64,
    /// Receipts since the last block.
    receipts: u32,
    /// Tasks that the members had finished when they were last counted.
    counted: u64,
    /// The number of restarts of the group, the counts before the last one, and energy used but not
    /// reported yet.
    restarts: u32,
    before: Reading,
    owed: Vec<(Node, NodeEnergy)>,
}

/// All groups of the scenario.
#[derive(Clone, Debug)]
pub(crate) struct Votes {
    groups: Vec<Voting>,
    notes: Vec<Note>,
    /// Whether every message is recorded, and those of replaced groups.
    listening: bool,
    untold: Vec<Message>,
}

/// What a group did since the last reading.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) decided: u64,
    pub(crate) messages: u64,
    pub(crate) view_changes: u64,
    pub(crate) members_up: u32,
}

impl Votes {
    /// The scenario's groups, with all members powered at the start.
    ///
    /// # Errors
    /// A group of invalid size for its protocol: its index, and why.
    pub(crate) fn new(
        scenario: &Scenario,
        edge: &Edge,
        streams: &Streams,
    ) -> Result<Self, (usize, GroupError)> {
        let groups = scenario.consensus.iter().enumerate().map(|(index, config)| {
            let (members, client) = seats(scenario, config);
            let name = format!("consensus/{}", config.id);
            let group = group_config(scenario, config.protocol, edge, &members, client, name);
            let block = Span::from_secs_f64(config.block_s.get());
            Ok(Voting {
                group: Group::new(&group, streams).map_err(|error| (index, error))?,
                helpers: helpers(scenario, config.protocol, &members, client),
                members,
                client,
                block,
                next_block: SimTime::ZERO + block,
                open: VecDeque::new(),
                first_open: 0,
                first_block: 0,
                receipts: 0,
                counted: 0,
                restarts: 0,
                before: Reading::default(),
                owed: Vec::new(),
            })
        });
        let groups = groups.collect::<Result<_, _>>()?;
        Ok(Self { groups, notes: Vec::new(), listening: false, untold: Vec::new() })
    }

    /// Continues with another scenario that has the same groups in the same order: computing costs
    /// are updated, and a group with another protocol, other members or another client restarts.
    /// Undecided blocks are submitted to it under new numbers.
    ///
    /// # Errors
    /// A group of invalid size for its protocol.
    pub(crate) fn rebuild(
        &mut self,
        old: &Scenario,
        new: &Scenario,
        edge: &Edge,
        streams: &Streams,
        now: SimTime,
    ) -> Result<(), GroupError> {
        self.count(edge);
        for (index, config) in new.consensus.iter().enumerate() {
            let (voting, before) = (&mut self.groups[index], &old.consensus[index]);
            if config.block_s != before.block_s {
                voting.block = Span::from_secs_f64(config.block_s.get());
                voting.next_block = now + voting.block;
            }
            let (members, client) = seats(new, config);
            let same = config.protocol == before.protocol
                && members == voting.members
                && client == voting.client;
            if same {
                voting.group.set_costs(&costs(new, &voting.places()))?;
                continue;
            }
            voting.restarts += 1;
            let name = format!("consensus/{}/{}", config.id, voting.restarts);
            let group = group_config(new, config.protocol, edge, &members, client, name);
            let runs = |node: Node| match node {
                Node::Server(server) => edge.server_running(server),
                Node::Switch(switch) => edge.network().switch_up(switch),
                Node::Cloud | Node::Fleet(_) => true,
            };
            let helpers = helpers(new, config.protocol, &members, client);
            let places = places(&members, client, &helpers);
            let up = |node: NodeId| places.get(node.index()).is_some_and(|&place| runs(place));
            let group = Group::beginning(now, up, &group, streams)?;
            voting.group.take_sent(|sent| self.untold.push(message(index, sent)));
            voting.begin_anew(group, self.listening, (members, client, helpers), now);
        }
        for voting in &mut self.groups {
            voting.counted = voting.finished(edge);
        }
        Ok(())
    }

    /// The groups themselves.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().map(|voting| &voting.group)
    }

    /// When the next block is put to the vote.
    pub(crate) fn next_block(&self) -> SimTime {
        self.groups.iter().map(|voting| voting.next_block).min().unwrap_or(SimTime::MAX)
    }

    /// Begins to keep every message that is sent, or ends it.
    pub(crate) fn listen(&mut self, on: bool) {
        self.listening = on;
        if !on {
            self.untold.clear();
        }
        for voting in &mut self.groups {
            voting.group.listen(on);
        }
    }

    /// Hands over the messages that were sent since this was last asked, group by group.
    pub(crate) fn take_messages(&mut self, mut tell: impl FnMut(&Message)) {
        self.untold.drain(..).for_each(|message| tell(&message));
        for (index, voting) in self.groups.iter_mut().enumerate() {
            voting.group.take_sent(|sent| tell(&message(index, sent)));
        }
    }

    /// Handles every message before `until`; what happened goes to `events`.
    pub(crate) fn advance(&mut self, until: SimTime, events: &mut Vec<Event>) {
        for (index, voting) in self.groups.iter_mut().enumerate() {
            voting.group.advance(until, &mut self.notes);
            voting.tell(index as u16, &mut self.notes, events);
        }
    }

    /// Counts the tasks that servers have finished since the last block.
    pub(crate) fn count(&mut self, edge: &Edge) {
        for voting in &mut self.groups {
            let finished = voting.finished(edge);
            voting.receipts += (finished - voting.counted) as u32;
            voting.counted = finished;
        }
    }

    /// Puts the blocks that are due at `now` to the vote.
    pub(crate) fn propose(&mut self, now: SimTime) {
        for voting in self.groups.iter_mut().filter(|voting| voting.next_block <= now) {
            let receipts = std::mem::take(&mut voting.receipts);
            voting.submit(now, receipts);
            voting.next_block = now + voting.block;
        }
    }

    /// A server stops or runs (again).
    pub(crate) fn set_server(
        &mut self,
        server: usize,
        up: bool,
        now: SimTime,
        events: &mut Vec<Event>,
    ) {
        for (index, voting) in self.groups.iter_mut().enumerate() {
            let group = index as u16;
            let seats = voting.members.iter().enumerate().filter(|(_, s)| **s == server);
            for (member, _) in seats {
                let (node, member) = (NodeId(member as u16), member as u16);
                let kind = if up {
                    voting.group.power_on(node, now);
                    EventKind::VoterUp { group, member }
                } else {
                    if !voting.group.is_up(node) {
                        // Its server had not booted yet.
                        continue;
                    }
                    voting.group.power_off(node, now);
                    EventKind::VoterDown { group, member }
                };
                events.push(Event { at: now, kind });
            }
            voting.set_power(Node::Server(server as u16), up, now);
            voting.group.advance(now, &mut self.notes);
            voting.tell(group, &mut self.notes, events);
        }
    }

    /// The network has changed: messages take other ways, or none.
    pub(crate) fn reroute(&mut self, network: &Network, now: SimTime, events: &mut Vec<Event>) {
        for (index, voting) in self.groups.iter_mut().enumerate() {
            let places = voting.places();
            // The number of nodes is the group's own, so that this cannot be refused.
            let _ = voting.group.set_links(&links(network, &places), now);
            for place in places.into_iter().skip(voting.members.len()) {
                if let Node::Switch(switch) = place {
                    voting.set_power(place, network.switch_up(switch), now);
                }
            }
            voting.group.advance(now, &mut self.notes);
            voting.tell(index as u16, &mut self.notes, events);
        }
    }

    /// Takes the energy used since the last time: each group's goes to `groups_j`, what members
    /// computed to their servers in `servers_j` as well. The answer is what hangs on the site's
    /// bus, computing and network apart, in joules.
    pub(crate) fn take_energy(
        &mut self,
        groups_j: &mut [f64],
        servers_j: &mut [f64],
    ) -> (f64, f64) {
        let (mut compute_j, mut network_j) = (0.0, 0.0);
        for (voting, group_j) in self.groups.iter_mut().zip(groups_j) {
            let owed = std::mem::take(&mut voting.owed);
            let places = voting.places().into_iter().zip(0..);
            let used = places.map(|(place, i)| (place, voting.group.drain_energy(NodeId(i))));
            for (node, drained) in owed.into_iter().chain(used) {
                *group_j += drained.joules();
                if node == Node::Cloud {
                    continue;
                }
                if let Node::Server(server) = node {
                    servers_j[usize::from(server)] += drained.compute_j;
                }
                compute_j += drained.compute_j;
                network_j += drained.network_j;
            }
        }
        (compute_j, network_j)
    }

    /// The groups' counters since the run began.
    pub(crate) fn readings(&self) -> impl Iterator<Item = Reading> + '_ {
        self.groups.iter().map(|voting| {
            let up = (0..voting.group.members()).filter(|&m| voting.group.is_up(NodeId(m)));
            Reading { members_up: up.count() as u32, ..voting.counters() }
        })
    }
}

impl Voting {
    /// The locations of its nodes.
    fn places(&self) -> Vec<Node> {
        places(&self.members, self.client, &self.helpers)
    }

    /// Switches power on or off at a location that is not a member's.
    fn set_power(&mut self, place: Node, on: bool, now: SimTime) {
        if self.client == place {
            self.group.set_client_power(on, now);
        }
        let clouds: Vec<NodeId> = self
            .group
            .helpers()
            .zip(&self.helpers)
            .filter(|((_, helper), at)| *helper == Helper::Cloud && **at == place)
            .map(|((node, _), _)| node)
            .collect();
        for node in clouds {
            if on {
                self.group.power_on(node, now);
            } else {
                self.group.power_off(node, now);
            }
        }
    }

    /// Tasks that the members have finished since the run began.
    fn finished(&self, edge: &Edge) -> u64 {
        self.members.iter().map(|&server| edge.finished(server as u16)).sum()
    }

    /// All that was counted since the run began.
    fn counters(&self) -> Reading {
        Reading {
            decided: self.before.decided + self.group.decided(),
            messages: self.before.messages + self.group.meters().all_messages(),
            view_changes: self.before.view_changes + self.group.view_changes(),
            members_up: 0,
        }
    }

    /// Puts a block to the vote.
    fn submit(&mut self, now: SimTime, receipts: u32) {
        let bytes = BLOCK_BYTES.saturating_add(RECEIPT_BYTES.saturating_mul(receipts));
        self.group.submit(now, bytes);
        self.open.push_back(receipts);
    }

    /// Another group takes over: counters continue, and no receipt is lost.
    fn begin_anew(
        &mut self,
        group: Group,
        listening: bool,
        (members, client, helpers): (Vec<usize>, Node, Vec<Node>),
        now: SimTime,
    ) {
        for (i, place) in self.places().into_iter().enumerate() {
            let used = self.group.drain_energy(NodeId(i as u16));
            self.owed.push((place, used));
        }
        self.before = self.counters();
        self.first_open += self.open.len() as u64;
        self.first_block = self.first_open;
        (self.group, self.members, self.client) = (group, members, client);
        self.helpers = helpers;
        self.group.listen(listening);
        for receipts in std::mem::take(&mut self.open).into_iter().filter(|&r| r != DONE) {
            self.submit(now, receipts);
        }
    }

    /// Turns a group's notes into the record's events.
    fn tell(&mut self, group: u16, notes: &mut Vec<Note>, events: &mut Vec<Event>) {
        for note in notes.drain(..) {
            let kind = match note.kind {
                NoteKind::Decided { number, latency, .. } => {
                    let block = self.first_block + number;
                    let receipts = self.close(block);
                    let latency_ms = latency.as_millis_f64();
                    EventKind::Decided { group, block, receipts, latency_ms }
                }
                NoteKind::ViewChange { member, view, leader } => {
                    EventKind::ViewChanged { group, member: member.0, view, leader: leader.0 }
                }
                NoteKind::Suspected { member, view } => {
                    EventKind::LeaderSuspected { group, member: member.0, view }
                }
                NoteKind::CaughtUp { member } => EventKind::CaughtUp { group, member: member.0 },
                NoteKind::Violation { text } => EventKind::Violation { group, text },
                // Reported by the engine, or implied by the view change.
                NoteKind::Proposed { .. }
                | NoteKind::LeaderElected { .. }
                | NoteKind::Restarted { .. } => continue,
            };
            events.push(Event { at: note.at, kind });
        }
    }

    /// The receipts of a block that is decided.
    fn close(&mut self, number: u64) -> u32 {
        let Some(index) = number.checked_sub(self.first_open) else { return 0 };
        let Some(slot) = self.open.get_mut(index as usize) else { return 0 };
        let receipts = std::mem::replace(slot, DONE);
        while self.open.front() == Some(&DONE) {
            self.open.pop_front();
            self.first_open += 1;
        }
        if receipts == DONE { 0 } else { receipts }
    }
}

/// The fault tolerance of a protocol with this many members, in one sentence.
pub(crate) fn about(protocol: Protocol, members: u16) -> String {
    let facts = protocol.facts();
    let crashed = protocol.tolerates(members);
    let tolerates = |&count: &u16| protocol.withstands(members, Members::first(count));
    let named = |count: u16| if count == 1 { "member" } else { "members" };
    let tolerated = match facts.faults {
        FaultModel::Crash => {
            format!("{crashed} crashed {} out of {members}, but no Byzantine one", named(crashed))
        }
        FaultModel::Byzantine => {
            let byzantine = (0..=members).rev().find(tolerates).unwrap_or(0);
            let named = named(byzantine);
            format!("{crashed} crashed or {byzantine} Byzantine {named} out of {members}")
        }
    };
    format!("{} ({}) tolerates {tolerated}.", in_prose(protocol), facts.paper)
}

/// A protocol's name in a sentence, as in Raft, PBFT or Multi-Paxos.
fn in_prose(protocol: Protocol) -> String {
    let part = |part: &str| match part {
        "bft" | "pbft" | "rcmec" | "rdma" | "sac" | "sdma" => part.to_uppercase(),
        word => word[..1].to_uppercase() + &word[1..],
    };
    protocol.as_str().split('-').map(part).collect::<Vec<_>>().join("-")
}

/// The servers of a group's members, and its client.
fn seats(scenario: &Scenario, config: &ConsensusGroup) -> (Vec<usize>, Node) {
    let place = |id: &Id| scenario.edge_servers.iter().position(|s| s.id == *id);
    let members: Vec<usize> = config.members.iter().filter_map(place).collect();
    let client = client_of(scenario, config.client.as_ref(), &members);
    (members, client)
}

/// What a group is made of.
fn group_config(
    scenario: &Scenario,
    protocol: Protocol,
    edge: &Edge,
    members: &[usize],
    client: Node,
    name: String,
) -> GroupConfig {
    let places = places(members, client, &helpers(scenario, protocol, members, client));
    let links = links(edge.network(), &places);
    GroupConfig {
        protocol,
        members: members.len(),
        timing: Timing::TWIN.for_latency(links.longest()),
        links,
        costs: costs(scenario, &places),
        name,
    }
}

/// The locations of a group's helpers. Without a cloud, they are at the client.
fn helpers(scenario: &Scenario, protocol: Protocol, members: &[usize], client: Node) -> Vec<Node> {
    let place = |helper| match helper {
        Helper::Cloud if scenario.cloud.is_some() => Node::Cloud,
        Helper::Cloud => client,
        Helper::Beside(member) => {
            members.get(member.index()).map_or(client, |&server| Node::Server(server as u16))
        }
    };
    protocol.helpers(members.len() as u16).into_iter().map(place).collect()
}

/// The places of a group's nodes: members, client, helpers.
fn places(members: &[usize], client: Node, helpers: &[Node]) -> Vec<Node> {
    let members = members.iter().map(|&server| Node::Server(server as u16));
    members.chain([client]).chain(helpers.iter().copied()).collect()
}

/// What computing costs at each of these places.
fn costs(scenario: &Scenario, places: &[Node]) -> Vec<CostModel> {
    let cost = |place: &Node| match *place {
        Node::Server(server) => cost_of(&scenario.edge_servers[usize::from(server)]),
        _ => CostModel { idle_w: 0.0, ..CostModel::default() },
    };
    places.iter().map(cost).collect()
}

/// A message for the record.
fn message(group: usize, sent: Sent) -> Message {
    Message {
        group: group as u16,
        from: sent.from.0,
        to: sent.to.0,
        kind: sent.kind,
        sent: sent.sent,
        arrives: sent.arrives,
    }
}

/// Where blocks are assembled: as the scenario says, otherwise the first switch, otherwise the
/// cloud, otherwise the first member.
fn client_of(scenario: &Scenario, named: Option<&Id>, members: &[usize]) -> Node {
    let switch = |i: usize| Node::Switch(i as u16);
    let server = |i: usize| Node::Server(i as u16);
    if let Some(id) = named {
        if let Some(i) = scenario.switches.iter().position(|s| s.id == *id) {
            return switch(i);
        }
        if let Some(i) = scenario.edge_servers.iter().position(|s| s.id == *id) {
            return server(i);
        }
        return Node::Cloud;
    }
    if !scenario.switches.is_empty() {
        switch(0)
    } else if scenario.cloud.is_some() {
        Node::Cloud
    } else {
        server(members.first().copied().unwrap_or(0))
    }
}

/// What computing costs on an edge server: a busy core's share of the power between idle and busy.
fn cost_of(server: &EdgeServer) -> CostModel {
    let clock_hz = server.frequency_ghz.get() * 1e9;
    let core_w = (server.busy_w.get() - server.idle_w.get()) / f64::from(server.cores);
    CostModel {
        clock_hz,
        joules_per_cycle: core_w / clock_hz,
        idle_w: server.idle_w.get(),
        ..CostModel::default()
    }
}

/// The ways among a group's nodes.
fn links(network: &Network, places: &[Node]) -> Links {
    let loopback = Link::ethernet(Latency::Constant(LOOPBACK));
    let mut links = Links::uniform(places.len(), loopback);
    for (a, &from) in places.iter().enumerate() {
        for (b, &to) in places.iter().enumerate().filter(|&(b, _)| b != a) {
            let link = links.link_mut(a, b);
            if from == to {
                // Both sit on one machine: nothing leaves it.
                (link.ns_per_byte, link.nj_per_bit) = (0.0, 0.0);
                continue;
            }
            match network.path(from, to) {
                Some(path) => {
                    let high = path.latency + path.jitter;
                    link.latency = Latency::Uniform { low: path.latency, high };
                    link.ns_per_byte = 8e9 / path.rate_bit_s;
                    link.nj_per_bit = path.joules_per_bit * 1e9;
                }
                None => link.up = false,
            }
        }
    }
    links
}
