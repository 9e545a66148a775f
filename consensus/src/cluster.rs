//! A running group: a network with one total-order protocol, its checker, and the requests in
//! progress. Both the laboratory and the twin drive one.

use crate::costs::CostModel;
use crate::net::Emitted;
use crate::{
    Input, Links, Members, Net, NodeId, Nodes, Note, NoteKind, OrderChecker, Outcome, Replicated,
    Request, Setup, Strategy, StrategyError,
};
use gridtwin_kernel::{Histogram, SimTime, Span, Streams};
use std::collections::VecDeque;

/// A request that has no answer yet, or stands behind one that has none.
#[derive(Clone, Copy, Debug)]
struct Open {
    submitted_at: SimTime,
    answered: bool,
}

/// The state of one client's requests.
#[derive(Clone, Debug)]
struct Asked {
    /// The requests from number `first` on.
    open: VecDeque<Open>,
    first: u64,
    answered: u64,
    /// Requests that came while the client had no power.
    at_the_door: Vec<Request>,
    latencies_ms: Histogram,
}

impl Asked {
    fn new() -> Self {
        let (open, at_the_door, latencies_ms) = (VecDeque::new(), Vec::new(), Histogram::new());
        Self { open, first: 0, answered: 0, at_the_door, latencies_ms }
    }

    fn submitted(&self) -> u64 {
        self.first + self.open.len() as u64
    }
}

/// A running group.
#[derive(Clone, Debug)]
pub struct Cluster<P: Replicated> {
    net: Net<P>,
    order: OrderChecker,
    asked: Vec<Asked>,
    latencies_ms: Histogram,
    delays: Histogram,
    view_changes: u64,
    highest_view: u64,
    ready: Members,
    notes: Vec<Note>,
}

impl<P: Replicated> Cluster<P> {
    /// A group with links and costs for its members, clients and helpers, all powered at time 0.
    pub fn new(
        setup: &Setup,
        links: Links,
        costs: &[CostModel],
        streams: &Streams,
        name: &str,
    ) -> Self {
        Self::beginning(SimTime::ZERO, |_| true, setup, links, costs, streams, name)
    }

    /// A group that begins at some later time, with power where `up` says so.
    pub fn beginning(
        at: SimTime,
        up: impl Fn(NodeId) -> bool,
        setup: &Setup,
        links: Links,
        costs: &[CostModel],
        streams: &Streams,
        name: &str,
    ) -> Self {
        let Setup { members, clients, .. } = *setup;
        let helpers = P::helpers(members).len() as u16;
        let count = Nodes { members, clients, helpers };
        let mut cluster = Self {
            net: Net::new(P::group(setup), count, links, costs, streams, name),
            order: OrderChecker::new(members, clients),
            asked: vec![Asked::new(); clients.into()],
            latencies_ms: Histogram::new(),
            delays: Histogram::new(),
            view_changes: 0,
            highest_view: 0,
            ready: Members::NONE,
            notes: Vec::new(),
        };
        for node in cluster.net.nodes().filter(|&node| up(node)) {
            cluster.net.power_on(node, at);
        }
        cluster.digest_emitted();
        cluster
    }

    /// Asks, from the first client and from `now` on, for a request of `bytes` bytes to be decided;
    /// gives its number. While the client has no power the request waits, and goes out when it has.
    pub fn submit(&mut self, now: SimTime, bytes: u32) -> u64 {
        self.submit_from(0, now, bytes)
    }

    /// As [`Cluster::submit`], from the client at place `client` among the clients.
    pub fn submit_from(&mut self, client: usize, now: SimTime, bytes: u32) -> u64 {
        let node = self.client(client);
        let asked = &mut self.asked[client];
        let number = asked.submitted();
        let request = Request::new(node, number, bytes);
        asked.open.push_back(Open { submitted_at: now, answered: false });
        self.order.submitted(&request);
        if self.net.is_up(node) {
            self.net.input(node, now, Input::Request(request));
        } else {
            asked.at_the_door.push(request);
        }
        number
    }

    /// Changes the membership to exactly these members, by the first client; ignored by protocols
    /// with fixed membership.
    pub fn reconfigure(&mut self, now: SimTime, members: Members) {
        self.net.input(self.client(0), now, Input::Reconfigure(members));
    }

    /// Handles the earliest event if it is before `until`, and returns its time.
    pub fn step(&mut self, until: SimTime) -> Option<SimTime> {
        let at = self.net.step(until)?;
        if !self.net.emitted().is_empty() {
            self.digest_emitted();
        }
        Some(at)
    }

    /// Handles all events before `until`.
    pub fn advance(&mut self, until: SimTime) {
        while self.step(until).is_some() {}
    }

    /// Gives a node power.
    pub fn power_on(&mut self, node: NodeId, now: SimTime) {
        self.advance(now);
        if self.net.is_up(node) {
            return;
        }
        self.net.power_on(node, now);
        self.note(now, NoteKind::Restarted { member: node });
        self.digest_emitted();
        if let Some(client) = self.place(node) {
            for request in std::mem::take(&mut self.asked[client].at_the_door) {
                self.net.input(node, now, Input::Request(request));
            }
        }
    }

    /// Takes a node's power.
    pub fn power_off(&mut self, node: NodeId, now: SimTime) {
        self.advance(now);
        self.net.power_off(node, now);
    }

    /// Makes a node Byzantine with this strategy from now on, or honest again. The outcomes of a
    /// Byzantine node are not checked; its messages are metered. Whatever a Byzantine client
    /// submits counts as submitted.
    ///
    /// # Errors
    /// Where the strategy names a kind of message that the protocol does not have.
    pub fn set_strategy(
        &mut self,
        node: NodeId,
        strategy: &Strategy,
        now: SimTime,
    ) -> Result<(), StrategyError> {
        self.advance(now);
        self.net.set_strategy(node, strategy)?;
        if *strategy != Strategy::Honest {
            self.order.mark_byzantine(node);
        }
        Ok(())
    }

    /// The run is over: whatever was reported and is not decided by now is a violation.
    pub fn end(&mut self) {
        self.order.end();
    }

    /// Makes of what the nodes said what the owner wants to know.
    fn digest_emitted(&mut self) {
        let mut emitted = std::mem::take(self.net.emitted());
        for said in emitted.drain(..) {
            self.digest_one(&said);
        }
        *self.net.emitted() = emitted;
    }

    fn digest_one(&mut self, said: &Emitted<Outcome>) {
        let (at, member) = (said.at, said.node);
        if self.net.is_byzantine(member) {
            self.note_byzantine(said);
            return;
        }
        match said.out {
            Outcome::Delivered { position, ref request } => {
                let before = self.order.count();
                self.order.delivered(member, position, request);
                self.note_violations(at, before);
            }
            Outcome::Installed { length, digest } => {
                let before = self.order.count();
                self.order.installed(member, length, digest);
                self.note_violations(at, before);
            }
            Outcome::Answered { ref request, position } => {
                let before = self.order.count();
                self.order.answered(request, position);
                self.note_violations(at, before);
                self.answer(said, request.number);
            }
            Outcome::View { view, leader } => {
                if let Some(client) = self.place(member) {
                    self.ready.insert(NodeId(client as u16));
                    return;
                }
                if view > self.highest_view.max(P::FIRST_VIEW) {
                    self.view_changes += 1;
                }
                self.highest_view = self.highest_view.max(view);
                self.note(at, NoteKind::ViewChange { member, view, leader });
            }
            Outcome::Elected { view } => {
                self.note(at, NoteKind::LeaderElected { member, view });
            }
            Outcome::Suspected { view } => self.note(at, NoteKind::Suspected { member, view }),
            Outcome::Proposed { request } => {
                self.note(at, NoteKind::Proposed { member, number: request.number });
            }
            Outcome::CaughtUp { .. } => self.note(at, NoteKind::CaughtUp { member }),
        }
    }

    /// Outcomes of a Byzantine node are not subject to the specification; but it may report to
    /// others what it decides, and a Byzantine client does receive answers.
    fn note_byzantine(&mut self, said: &Emitted<Outcome>) {
        match said.out {
            Outcome::Answered { ref request, .. } => self.answer(said, request.number),
            Outcome::Delivered { ref request, .. } => self.order.claimed(request),
            Outcome::View { .. } => {
                let client = self.place(said.node).map(|client| NodeId(client as u16));
                client.map(|client| self.ready.insert(client));
            }
            _ => {}
        }
    }

    fn answer(&mut self, said: &Emitted<Outcome>, number: u64) {
        let Some(client) = self.place(said.node) else {
            return;
        };
        let asked = &mut self.asked[client];
        let Some(index) = number.checked_sub(asked.first) else {
            return;
        };
        let Some(open) = asked.open.get_mut(index as usize) else {
            return;
        };
        if std::mem::replace(&mut open.answered, true) {
            return;
        }
        let submitted_at = open.submitted_at;
        while asked.open.front().is_some_and(|open| open.answered) {
            asked.open.pop_front();
            asked.first += 1;
        }
        asked.answered += 1;
        let latency = said.done - submitted_at;
        asked.latencies_ms.record(latency.as_millis_f64());
        self.latencies_ms.record(latency.as_millis_f64());
        self.delays.record(f64::from(said.depth));
        let delays = said.depth;
        self.note(said.at, NoteKind::Decided { number, submitted_at, latency, delays });
    }

    fn note_violations(&mut self, at: SimTime, before: u64) {
        if self.order.count() > before
            && let Some(text) = self.order.violations().last()
        {
            let text = text.clone();
            self.note(at, NoteKind::Violation { text });
        }
    }

    fn note(&mut self, at: SimTime, kind: NoteKind) {
        self.notes.push(Note { at, kind });
    }

    /// What was noted since this was last drained, in order of time.
    pub fn notes(&mut self) -> &mut Vec<Note> {
        &mut self.notes
    }

    /// The network.
    pub fn net(&self) -> &Net<P> {
        &self.net
    }

    /// The network, to change its links.
    pub fn net_mut(&mut self) -> &mut Net<P> {
        &mut self.net
    }

    /// The checker.
    pub fn order(&self) -> &OrderChecker {
        &self.order
    }

    /// A client, by its place among them.
    pub fn client(&self, client: usize) -> NodeId {
        NodeId(self.net.count().members + client as u16)
    }

    /// A client's place among them.
    fn place(&self, node: NodeId) -> Option<usize> {
        let place = node.index().checked_sub(self.net.count().members.into())?;
        (place < self.asked.len()).then_some(place)
    }

    /// How many requests their clients have an answer to.
    pub fn answered(&self) -> u64 {
        self.asked.iter().map(|asked| asked.answered).sum()
    }

    /// How many requests one client has an answer to.
    pub fn answered_to(&self, client: usize) -> u64 {
        self.asked[client].answered
    }

    /// How many requests were submitted.
    pub fn submitted(&self) -> u64 {
        self.asked.iter().map(Asked::submitted).sum()
    }

    /// Whether every client knows where to send requests.
    pub fn ready(&self) -> bool {
        self.ready.len() == self.asked.len()
    }

    /// Latencies at one client, in ms, from submission to the end of handling the answer.
    pub fn latencies_ms_of(&self, client: usize) -> &Histogram {
        &self.asked[client].latencies_ms
    }

    /// Latencies at the client, in ms, from submission to the end of handling the answer.
    pub fn latencies_ms(&self) -> &Histogram {
        &self.latencies_ms
    }

    /// Message delays from request to answer, along the chain of messages that each set off the
    /// next.
    pub fn delays(&self) -> &Histogram {
        &self.delays
    }

    /// How many views or terms began after the first.
    pub fn view_changes(&self) -> u64 {
        self.view_changes
    }

    /// The leader of the highest view among members with power, as it sees itself.
    pub fn leader(&self) -> Option<NodeId> {
        let members = (0..self.net.count().members).map(NodeId);
        let leading =
            members.filter(|&m| self.net.is_up(m) && self.net.state(m).leader() == Some(m));
        leading.max_by_key(|&m| self.net.state(m).view())
    }

    /// How much the group holds: log entries, votes, messages and events. Bounded, however long
    /// the run.
    pub fn held(&self) -> usize {
        let of_nodes = self.net.nodes().map(|node| self.net.state(node).held());
        of_nodes.sum::<usize>()
            + self.net.waiting()
            + self.asked.iter().map(|a| a.open.len()).sum::<usize>()
    }

    /// Time from a request's submission until `now`, of the oldest without an answer.
    pub fn oldest_open(&self, now: SimTime) -> Option<Span> {
        let oldest = self.asked.iter().filter_map(|asked| asked.open.front());
        oldest.map(|open| now - open.submitted_at).max()
    }
}
