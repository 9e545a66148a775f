//! Effects: the only output of a protocol. Collected in reusable buffers, and executed by the
//! protocol's driver after its handler returns.

use crate::costs::Work;
use crate::crypto::mix;
use crate::{Attested, NodeId, Protocol, Sig};
use gridtwin_kernel::{SimTime, Span, Stream, Streams};
use rand::RngExt;
use std::sync::Arc;

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum To {
    One(NodeId),
    /// Every member but the sender.
    Members,
    /// These but the sender.
    Each(Arc<[NodeId]>),
}

/// How many nodes of each sort there are: members from 0, then clients, then helpers (the cloud,
/// memories).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Nodes {
    /// Those that vote.
    pub members: u16,
    /// Those that ask.
    pub clients: u16,
    /// Those that only serve.
    pub helpers: u16,
}

impl Nodes {
    /// All together.
    pub fn all(self) -> usize {
        usize::from(self.members) + usize::from(self.clients) + usize::from(self.helpers)
    }

    /// The clients.
    pub fn clients(self) -> impl Iterator<Item = NodeId> {
        (self.members..self.members + self.clients).map(NodeId)
    }

    /// The helpers.
    pub fn helpers(self) -> impl Iterator<Item = NodeId> {
        let first = self.members + self.clients;
        (first..first + self.helpers).map(NodeId)
    }
}

/// Where a node's choices come from.
#[derive(Clone, Debug)]
pub(crate) enum Choices {
    /// A stream of each node's own.
    Drawn(Vec<Stream>),
    /// Answers given beforehand, and what was asked: for exploring all of them.
    Told { answers: Vec<u64>, asked: Vec<u64> },
}

/// A protocol within a protocol: which of the outer nodes take part, numbered anew from 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// The outer node of each inner one: members, then clients.
    pub nodes: Arc<[NodeId]>,
    /// How many of them are members.
    pub members: u16,
    /// Distinguishes the signatures of one part from those of another.
    pub salt: u64,
}

impl Part {
    /// The inner number of an outer node, if it takes part.
    pub fn inner(&self, outer: NodeId) -> Option<NodeId> {
        let found = self.nodes.iter().position(|&node| node == outer);
        found.map(|index| NodeId(index as u16))
    }

    /// What a signature within the part over `digest` is over, as seen from outside.
    pub(crate) fn outside(&self, digest: u64) -> u64 {
        mix(self.salt, digest)
    }

    /// The outer node of an inner one; the inner number itself if the part has no such node.
    pub fn outer(&self, inner: NodeId) -> NodeId {
        self.nodes.get(inner.index()).copied().unwrap_or(inner)
    }
}

/// All effects that a handler may cause, and all queries that it may make.
#[derive(Clone, Debug)]
pub struct Fx<P: Protocol> {
    pub(crate) now: SimTime,
    pub(crate) node: NodeId,
    pub(crate) nodes: Nodes,
    pub(crate) sends: Vec<(To, P::Msg)>,
    /// A timer armed with its span, or cancelled.
    pub(crate) timers: Vec<(P::Timer, Option<Span>)>,
    pub(crate) outs: Vec<P::Out>,
    pub(crate) work: Work,
    pub(crate) durables: Vec<P::Durable>,
    pub(crate) choices: Choices,
    /// The trusted counter of each node: how often it has been used.
    pub(crate) counters: Vec<u64>,
    /// The part that it acts in, where that is a protocol within another.
    part: Option<Part>,
}

impl<P: Protocol> Fx<P> {
    /// Effects for these nodes; each node's choices come from its own stream, under `name`.
    pub(crate) fn new(nodes: Nodes, streams: &Streams, name: &str) -> Self {
        let count = nodes.all();
        let stream = |i| streams.stream(&format!("{name}/{i}/choices"));
        Self::with(nodes, Choices::Drawn((0..count).map(stream).collect()))
    }

    pub(crate) fn with(nodes: Nodes, choices: Choices) -> Self {
        Self {
            now: SimTime::ZERO,
            node: NodeId(0),
            nodes,
            sends: Vec::new(),
            timers: Vec::new(),
            outs: Vec::new(),
            work: Work::default(),
            durables: vec![P::Durable::default(); nodes.all()],
            choices,
            counters: vec![0; nodes.all()],
            part: None,
        }
    }

    /// The simulated time by the acting node's clock.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// The acting node.
    pub fn me(&self) -> NodeId {
        self.node
    }

    /// How many members the group has; their numbers are 0 and up.
    pub fn members(&self) -> u16 {
        self.nodes.members
    }

    /// The clients, whose numbers follow the members'.
    pub fn clients(&self) -> impl Iterator<Item = NodeId> + use<P> {
        self.nodes.clients()
    }

    /// The helpers, whose numbers follow the clients'.
    pub fn helpers(&self) -> impl Iterator<Item = NodeId> + use<P> {
        self.nodes.helpers()
    }

    /// Sends `msg` to one node.
    pub fn send(&mut self, to: NodeId, msg: P::Msg) {
        self.sends.push((To::One(to), msg));
    }

    /// Sends `msg` to every member except the sender, one point-to-point message each.
    pub fn broadcast(&mut self, msg: P::Msg) {
        self.sends.push((To::Members, msg));
    }

    /// Sends `msg` to each of these nodes except the sender, one point-to-point message each.
    pub fn multicast(&mut self, to: &Arc<[NodeId]>, msg: P::Msg) {
        self.sends.push((To::Each(to.clone()), msg));
    }

    /// Arms `timer` to be due after `span`, from now, whether or not it was armed before.
    pub fn arm(&mut self, timer: P::Timer, span: Span) {
        self.timers.push((timer, Some(span)));
    }

    /// Disarms `timer`, armed or not.
    pub fn cancel(&mut self, timer: P::Timer) {
        self.timers.push((timer, None));
    }

    /// Reports an outcome.
    pub fn out(&mut self, out: P::Out) {
        self.outs.push(out);
    }

    /// Changes what survives a loss of power, at the cost of one write of `bytes` bytes: the
    /// messages of this handler leave only after it.
    pub fn persist(&mut self, bytes: u32, change: impl FnOnce(&mut P::Durable)) {
        let index = if self.part.is_some() { 0 } else { self.node.index() };
        change(&mut self.durables[index]);
        self.work.persists += 1;
        self.work.persisted_bytes += bytes;
    }

    /// A number below `n`, evenly: all the randomness there is. `n` of zero gives zero. Where all
    /// runs are explored, each number is tried.
    pub fn choose(&mut self, n: u64) -> u64 {
        let node = self.outer(self.node).index();
        match &mut self.choices {
            Choices::Drawn(streams) => streams[node].random_range(0..n.max(1)),
            Choices::Told { answers, asked } => {
                let answer = answers.get(asked.len()).copied().unwrap_or(0);
                asked.push(n.max(1));
                answer
            }
        }
    }

    /// A span from `least` to `most`, evenly, for a timer. Where all runs are explored time has no
    /// meaning, and it is the least.
    pub fn span_between(&mut self, least: Span, most: Span) -> Span {
        let width = most.0.saturating_sub(least.0) + 1;
        match self.choices {
            Choices::Drawn(_) => least + Span(self.choose(width)),
            Choices::Told { .. } => least,
        }
    }

    /// Signs as the acting node.
    pub fn sign(&mut self, digest: u64) -> Sig {
        self.work.signs += 1;
        Sig::mint(self.outer(self.node), self.salted(digest))
    }

    /// Whether `sig` is `signer`'s over `digest`.
    pub fn verify(&mut self, signer: NodeId, digest: u64, sig: Sig) -> bool {
        self.work.verifies += 1;
        Sig::mint(self.outer(signer), self.salted(digest)) == sig
    }

    /// Binds `digest` to the next number of the node's trusted counter, which survives everything.
    pub fn attest(&mut self, digest: u64) -> Attested {
        self.work.signs += 1;
        let (owner, digest) = (self.outer(self.node), self.salted(digest));
        let counter = &mut self.counters[owner.index()];
        *counter += 1;
        Attested::mint(owner, *counter, digest)
    }

    /// Whether `attested` is what the trusted counter of `owner` gave over `digest`.
    pub fn check(&mut self, owner: NodeId, digest: u64, attested: Attested) -> bool {
        self.work.verifies += 1;
        Attested::mint(self.outer(owner), attested.counter, self.salted(digest)) == attested
    }

    /// Meters making or checking `count` message authentication codes over `bytes` bytes each. That
    /// channels are authenticated is the simulator's promise; this is what it costs.
    pub fn mac(&mut self, count: u32, bytes: u32) {
        self.work.macs += count;
        self.work.mac_bytes += count * bytes;
    }

    /// Meters hashing `bytes` bytes.
    pub fn hash(&mut self, bytes: u32) {
        self.work.hashes += 1;
        self.work.hashed_bytes += bytes;
    }

    /// Runs a handler of a protocol nested in this one. Its messages and timers are wrapped into
    /// this protocol's, its durable writes go to the part of the durable state that `durable`
    /// selects, its signatures are valid within the part only, and its outcomes go to `outs`.
    /// `node` is the acting node's inner number.
    #[allow(clippy::too_many_arguments, reason = "one for each way out of a protocol")]
    pub fn nest<Q: Protocol, R>(
        &mut self,
        part: &Part,
        node: NodeId,
        durable: impl Fn(&mut P::Durable) -> &mut Q::Durable,
        msg: impl Fn(Q::Msg) -> P::Msg,
        timer: impl Fn(Q::Timer) -> P::Timer,
        outs: &mut Vec<Q::Out>,
        handler: impl FnOnce(&mut Fx<Q>) -> R,
    ) -> R {
        let mut inner = self.enter(part, node, &durable);
        let result = handler(&mut inner);
        self.leave(part, inner, durable, msg, timer, outs);
        result
    }

    fn enter<Q: Protocol>(
        &mut self,
        part: &Part,
        node: NodeId,
        durable: impl Fn(&mut P::Durable) -> &mut Q::Durable,
    ) -> Fx<Q> {
        let index = if self.part.is_some() { 0 } else { self.node.index() };
        let clients = part.nodes.len() as u16 - part.members;
        // The numbers that signatures go by are the outermost ones.
        let nodes = part.nodes.iter().map(|&outer| self.outer(outer)).collect();
        let salt = self.part.as_ref().map_or(part.salt, |own| mix(own.salt, part.salt));
        Fx {
            now: self.now,
            node,
            nodes: Nodes { members: part.members, clients, helpers: 0 },
            sends: Vec::new(),
            timers: Vec::new(),
            outs: Vec::new(),
            work: std::mem::take(&mut self.work),
            durables: vec![std::mem::take(durable(&mut self.durables[index]))],
            choices: std::mem::replace(&mut self.choices, Choices::Drawn(Vec::new())),
            counters: std::mem::take(&mut self.counters),
            part: Some(Part { nodes, members: part.members, salt }),
        }
    }

    fn leave<Q: Protocol>(
        &mut self,
        part: &Part,
        inner: Fx<Q>,
        durable: impl Fn(&mut P::Durable) -> &mut Q::Durable,
        msg: impl Fn(Q::Msg) -> P::Msg,
        timer: impl Fn(Q::Timer) -> P::Timer,
        outs: &mut Vec<Q::Out>,
    ) {
        let index = if self.part.is_some() { 0 } else { self.node.index() };
        (self.work, self.choices, self.counters) = (inner.work, inner.choices, inner.counters);
        if let Some(kept) = inner.durables.into_iter().next() {
            *durable(&mut self.durables[index]) = kept;
        }
        let members: Option<Arc<[NodeId]>> = inner
            .sends
            .iter()
            .any(|(to, _)| *to == To::Members)
            .then(|| part.nodes[..part.members.into()].into());
        for (to, sent) in inner.sends {
            let to = match to {
                To::One(node) => To::One(part.outer(node)),
                To::Each(nodes) => To::Each(nodes.iter().map(|&node| part.outer(node)).collect()),
                To::Members => match &members {
                    Some(members) => To::Each(members.clone()),
                    None => continue,
                },
            };
            self.sends.push((to, msg(sent)));
        }
        self.timers.extend(inner.timers.into_iter().map(|(t, span)| (timer(t), span)));
        outs.extend(inner.outs);
    }

    /// The number by which signatures know a node.
    fn outer(&self, node: NodeId) -> NodeId {
        self.part.as_ref().map_or(node, |part| part.outer(node))
    }

    fn salted(&self, digest: u64) -> u64 {
        self.part.as_ref().map_or(digest, |part| mix(part.salt, digest))
    }
}
