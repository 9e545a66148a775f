//! Effects: the only way out of a protocol. Collected into buffers that are used again, and carried
//! out by whoever runs the protocol once its handler returns.

use crate::costs::Work;
use crate::{NodeId, Protocol, Sig};
use gridtwin_kernel::{SimTime, Span, Stream, Streams};
use rand::RngExt;

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    One(NodeId),
    /// Every member but the sender.
    Members,
}

/// What a handler may do to the world, and all that it may ask of it.
#[derive(Clone, Debug)]
pub struct Fx<P: Protocol> {
    pub(crate) now: SimTime,
    pub(crate) node: NodeId,
    members: u16,
    clients: u16,
    pub(crate) sends: Vec<(To, P::Msg)>,
    /// A timer armed with its span, or cancelled.
    pub(crate) timers: Vec<(P::Timer, Option<Span>)>,
    pub(crate) outs: Vec<P::Out>,
    pub(crate) work: Work,
    pub(crate) durables: Vec<P::Durable>,
    choices: Vec<Stream>,
}

impl<P: Protocol> Fx<P> {
    /// Effects for `members` members and `clients` clients; each node's choices come from a stream
    /// of its own, under `name`.
    pub(crate) fn new(members: u16, clients: u16, streams: &Streams, name: &str) -> Self {
        let nodes = members + clients;
        Self {
            now: SimTime::ZERO,
            node: NodeId(0),
            members,
            clients,
            sends: Vec::new(),
            timers: Vec::new(),
            outs: Vec::new(),
            work: Work::default(),
            durables: vec![P::Durable::default(); nodes.into()],
            choices: (0..nodes).map(|i| streams.stream(&format!("{name}/{i}/choices"))).collect(),
        }
    }

    /// The simulated time.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Who is acting.
    pub fn me(&self) -> NodeId {
        self.node
    }

    /// How many members the group has; their numbers are 0 and up.
    pub fn members(&self) -> u16 {
        self.members
    }

    /// The clients, whose numbers follow the members'.
    pub fn clients(&self) -> impl Iterator<Item = NodeId> + use<P> {
        (self.members..self.members + self.clients).map(NodeId)
    }

    /// Sends `msg` to one node.
    pub fn send(&mut self, to: NodeId, msg: P::Msg) {
        self.sends.push((To::One(to), msg));
    }

    /// Sends `msg` to every member but the sender: so many messages, point to point.
    pub fn broadcast(&mut self, msg: P::Msg) {
        self.sends.push((To::Members, msg));
    }

    /// Arms `timer` to be due after `span`, from now, whether or not it was armed before.
    pub fn arm(&mut self, timer: P::Timer, span: Span) {
        self.timers.push((timer, Some(span)));
    }

    /// Disarms `timer`, armed or not.
    pub fn cancel(&mut self, timer: P::Timer) {
        self.timers.push((timer, None));
    }

    /// Tells the world.
    pub fn out(&mut self, out: P::Out) {
        self.outs.push(out);
    }

    /// Changes what survives a loss of power, at the cost of one write of `bytes` bytes: the
    /// messages of this handler leave only after it.
    pub fn persist(&mut self, bytes: u32, change: impl FnOnce(&mut P::Durable)) {
        change(&mut self.durables[self.node.index()]);
        self.work.persists += 1;
        self.work.persisted_bytes += bytes;
    }

    /// A number below `n`, evenly: all the randomness there is. `n` of zero gives zero.
    pub fn choose(&mut self, n: u64) -> u64 {
        self.choices[self.node.index()].random_range(0..n.max(1))
    }

    /// Signs as the node at hand.
    pub fn sign(&mut self, digest: u64) -> Sig {
        self.work.signs += 1;
        Sig::mint(self.node, digest)
    }

    /// Whether `sig` is `signer`'s over `digest`.
    pub fn verify(&mut self, signer: NodeId, digest: u64, sig: Sig) -> bool {
        self.work.verifies += 1;
        Sig::mint(signer, digest) == sig
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
}
