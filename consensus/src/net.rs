//! The simulator of one group: its nodes, the messages among them, power, and the meters. It knows
//! no protocol, and nothing of what is right: that is the checker's business.
//!
//! A node handles one message at a time in the order of arrival, beginning when it is done with the
//! one before; what it sends leaves when it is done. Its state changes at the arrival already, which
//! shows only in that a node that loses power has handled all that had arrived.

use crate::costs::{CostModel, Work};
use crate::fx::To;
use crate::links::Links;
use crate::meters::Meters;
use crate::pool::Pool;
use crate::timers::{Ring, Timers};
use crate::{Fx, NodeId, Nodes, Protocol};
use gridtwin_kernel::{EventQueue, SimTime, Span, Stream, Streams};

/// What waits in the queue: small, since a heap moves it often.
#[derive(Clone, Copy, Debug)]
enum Event {
    Arrival { message: u32, from: u16, to: u16, depth: u32 },
    Timer { node: u16, slot: u16 },
    Input { input: u32, node: u16 },
}

/// Something that a node told the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emitted<T> {
    /// When the event came that made it speak.
    pub at: SimTime,
    /// When it was done handling it: what computing took is in it.
    pub done: SimTime,
    /// Who spoke.
    pub node: NodeId,
    /// How many message delays lie between the input that set it off and this.
    pub depth: u32,
    /// What it said.
    pub out: T,
}

/// A message that has left its sender, for who listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Who sent it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// The name of its kind.
    pub kind: &'static str,
    /// When it left.
    pub sent: SimTime,
    /// When it arrives; never where it is lost on the way.
    pub arrives: Option<SimTime>,
}

/// A node, with all that only the simulator knows of it.
#[derive(Clone, Debug)]
struct Seat<P: Protocol> {
    state: P,
    /// As it was built: what it is again after a loss of power.
    fresh: P,
    timers: Timers<P::Timer>,
    up: bool,
    busy_until: SimTime,
    /// Since when it has had power, if it has, and how long it had it before.
    up_since: SimTime,
    powered: Span,
    costs: CostModel,
}

/// A group of nodes and its network, on a clock of its own that the owner drives.
#[derive(Clone, Debug)]
pub struct Net<P: Protocol> {
    seats: Vec<Seat<P>>,
    count: Nodes,
    links: Links,
    queue: EventQueue<Event>,
    messages: Pool<P::Msg>,
    inputs: Pool<P::In>,
    fx: Fx<P>,
    rng: Stream,
    now: SimTime,
    meters: Meters,
    emitted: Vec<Emitted<P::Out>>,
    /// What was sent since it was last asked, where somebody listens.
    tap: Option<Vec<Sent>>,
}

impl<P: Protocol> Net<P> {
    /// A network of `nodes`, so many of each sort, all without power yet. Its random streams are
    /// named after it.
    pub fn new(
        nodes: Vec<P>,
        count: Nodes,
        links: Links,
        costs: &[CostModel],
        streams: &Streams,
        name: &str,
    ) -> Self {
        assert_eq!(nodes.len(), links.nodes(), "one row of links per node");
        assert_eq!(nodes.len(), costs.len(), "one cost model per node");
        assert_eq!(nodes.len(), count.all(), "one state per node");
        let seat = |(state, &costs): (P, &CostModel)| Seat {
            fresh: state.clone(),
            state,
            timers: Timers::new(),
            up: false,
            busy_until: SimTime::ZERO,
            up_since: SimTime::ZERO,
            powered: Span::ZERO,
            costs,
        };
        Self {
            seats: nodes.into_iter().zip(costs).map(seat).collect(),
            count,
            links,
            queue: EventQueue::new(),
            messages: Pool::new(),
            inputs: Pool::new(),
            fx: Fx::new(count, streams, name),
            rng: streams.stream(&format!("{name}/network")),
            now: SimTime::ZERO,
            meters: Meters::new(P::KINDS, count.all()),
            emitted: Vec::new(),
            tap: None,
        }
    }

    /// Gives a node power: it starts from what it had written down. No effect if it has power.
    pub fn power_on(&mut self, node: NodeId, now: SimTime) {
        self.now = self.now.max(now);
        let seat = &mut self.seats[node.index()];
        if std::mem::replace(&mut seat.up, true) {
            return;
        }
        seat.state = seat.fresh.clone();
        (seat.up_since, seat.busy_until) = (self.now, self.now);
        let durable = self.fx.durables[node.index()].clone();
        self.handle(node, self.now, 0, |state, fx| state.on_start(&durable, fx));
    }

    /// Takes a node's power: its volatile state and its timers are lost, and so is every message
    /// that arrives until it is back.
    pub fn power_off(&mut self, node: NodeId, now: SimTime) {
        self.now = self.now.max(now);
        let seat = &mut self.seats[node.index()];
        if std::mem::replace(&mut seat.up, false) {
            seat.powered += self.now - seat.up_since;
            seat.timers.cancel_all();
            seat.state = seat.fresh.clone();
        }
    }

    /// Brings something in from outside, at `now`; lost if the node has no power then.
    pub fn input(&mut self, node: NodeId, now: SimTime, input: P::In) {
        let input = self.inputs.put(input);
        self.inputs.expect(input);
        let node = node.0;
        self.queue.push(now.max(self.now), Event::Input { input, node });
    }

    /// The time of the earliest event.
    pub fn next_time(&self) -> Option<SimTime> {
        self.queue.next_time()
    }

    /// Handles the earliest event if it lies before `until`, and gives its time.
    pub fn step(&mut self, until: SimTime) -> Option<SimTime> {
        let (at, event) = self.queue.pop_before(until)?;
        self.now = at;
        match event {
            Event::Arrival { message, from, to, depth } => {
                let (from, to) = (NodeId(from), NodeId(to));
                if self.seats[to.index()].up {
                    self.meters.delivered += 1;
                    self.arrive(message, from, to, depth);
                } else {
                    self.meters.lost += 1;
                }
                self.messages.done(message);
            }
            Event::Timer { node, slot } => {
                let seat = &mut self.seats[usize::from(node)];
                match seat.timers.ring(slot, at) {
                    Ring::Void => {}
                    Ring::Later(due) => self.queue.push(due, event),
                    Ring::Due(timer, depth) => {
                        self.handle(NodeId(node), at, depth, |state, fx| state.on_timer(timer, fx));
                    }
                }
            }
            Event::Input { input, node } => {
                if self.seats[usize::from(node)].up {
                    let value = self.inputs.get(input).clone();
                    self.handle(NodeId(node), at, 0, |state, fx| state.on_input(value, fx));
                }
                self.inputs.done(input);
            }
        }
        Some(at)
    }

    fn arrive(&mut self, message: u32, from: NodeId, to: NodeId, depth: u32) {
        let msg = self.messages.get(message);
        let bits = 8.0 * f64::from(P::wire(msg).bytes);
        let nj_per_bit = self.links.link(from.index(), to.index()).nj_per_bit;
        self.meters.energy[to.index()].network_j += 0.5e-9 * nj_per_bit * bits;
        let seat = &mut self.seats[to.index()];
        let start = seat.busy_until.max(self.now);
        (self.fx.now, self.fx.node) = (start, to);
        seat.state.on_msg(from, msg, &mut self.fx);
        self.carry_out(to, start, depth);
    }

    fn handle(
        &mut self,
        node: NodeId,
        at: SimTime,
        depth: u32,
        handler: impl FnOnce(&mut P, &mut Fx<P>),
    ) {
        let seat = &mut self.seats[node.index()];
        let start = seat.busy_until.max(at);
        (self.fx.now, self.fx.node) = (start, node);
        handler(&mut seat.state, &mut self.fx);
        self.carry_out(node, start, depth);
    }

    /// Carries out what a handler left in the buffer; it was set off at causal depth `depth`.
    fn carry_out(&mut self, node: NodeId, start: SimTime, depth: u32) {
        let work = &mut self.fx.work;
        let seat = &mut self.seats[node.index()];
        let (span, joules) = seat.costs.of(work);
        let done = start + span;
        seat.busy_until = done;
        self.meters.add_work(work);
        *work = Work::default();
        self.meters.energy[node.index()].compute_j += joules;
        for (timer, span) in self.fx.timers.drain(..) {
            let Some(span) = span else {
                seat.timers.cancel(timer);
                continue;
            };
            let due = start + span;
            if let Some(slot) = seat.timers.arm(timer, due, depth) {
                self.queue.push(due, Event::Timer { node: node.0, slot });
            }
        }
        for out in self.fx.outs.drain(..) {
            let at = self.now;
            self.emitted.push(Emitted { at, done, node, depth, out });
        }
        if self.fx.sends.is_empty() {
            return;
        }
        let mut sends = std::mem::take(&mut self.fx.sends);
        for (to, msg) in sends.drain(..) {
            let depth = depth + 1;
            match to {
                To::One(to) => self.send(node, [to.0].into_iter(), msg, done, depth),
                To::Members => self.send(node, 0..self.count.members, msg, done, depth),
                To::Each(to) => self.send(node, to.iter().map(|to| to.0), msg, done, depth),
            }
        }
        self.fx.sends = sends;
    }

    fn send(
        &mut self,
        from: NodeId,
        to: impl Iterator<Item = u16>,
        msg: P::Msg,
        ready: SimTime,
        depth: u32,
    ) {
        let wire = P::wire(&msg);
        let message = self.messages.put(msg);
        let half_nj = 0.5e-9 * 8.0 * f64::from(wire.bytes);
        let (mut sent, mut joules) = (0, 0.0);
        for to in to.filter(|&to| to != from.0) {
            sent += 1;
            joules += half_nj * self.links.link(from.index(), to.into()).nj_per_bit;
            let (links, rng) = (&mut self.links, &mut self.rng);
            let carried = links.carry(from.index(), to.into(), wire.bytes, ready, rng);
            self.meters.lost += u64::from(carried.first.is_none());
            if let Some(tap) = &mut self.tap {
                let kind = P::KINDS[usize::from(wire.kind)].name;
                let sent = Sent { from, to: NodeId(to), kind, sent: ready, arrives: carried.first };
                tap.push(sent);
                tap.extend(carried.second.map(|at| Sent { arrives: Some(at), ..sent }));
            }
            for at in [carried.first, carried.second].into_iter().flatten() {
                self.messages.expect(message);
                let from = from.0;
                self.queue.push(at, Event::Arrival { message, from, to, depth });
            }
        }
        self.messages.settle(message);
        self.meters.energy[from.index()].network_j += joules;
        let count = &mut self.meters.by_kind[usize::from(wire.kind)];
        count.messages += sent;
        count.bytes += sent * u64::from(wire.bytes);
    }

    /// What the nodes have said since this was last drained, in order.
    pub fn emitted(&mut self) -> &mut Vec<Emitted<P::Out>> {
        &mut self.emitted
    }

    /// Begins to keep every message that is sent, or ends it.
    pub fn listen(&mut self, on: bool) {
        if on != self.tap.is_some() {
            self.tap = on.then(Vec::new);
        }
    }

    /// Takes the messages that were sent since this was last asked, in order; none where nobody
    /// listens. One that the network doubles is told twice.
    pub fn take_sent(&mut self) -> impl Iterator<Item = Sent> + '_ {
        self.tap.iter_mut().flat_map(|tap| tap.drain(..))
    }

    /// What computing costs from now on, node by node; for another number of nodes nothing happens
    /// to the rest.
    pub fn set_costs(&mut self, costs: &[CostModel]) {
        for (seat, &costs) in self.seats.iter_mut().zip(costs) {
            seat.costs = costs;
        }
    }

    /// The links, to change; what is under way stays so.
    pub fn links_mut(&mut self) -> &mut Links {
        &mut self.links
    }

    /// A node's state: as it was built while it has no power.
    pub fn state(&self, node: NodeId) -> &P {
        &self.seats[node.index()].state
    }

    /// What a node has written down.
    pub fn durable(&self, node: NodeId) -> &P::Durable {
        &self.fx.durables[node.index()]
    }

    /// Whether a node has power.
    pub fn is_up(&self, node: NodeId) -> bool {
        self.seats[node.index()].up
    }

    /// Members, clients and helpers.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<P> {
        (0..self.seats.len() as u16).map(NodeId)
    }

    /// How many of the nodes are members, clients, helpers.
    pub fn count(&self) -> Nodes {
        self.count
    }

    /// The time of the latest event.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// What has been metered.
    pub fn meters(&self) -> &Meters {
        &self.meters
    }

    /// Energy of having been on, idle power times time, of all nodes until `now`, in joules.
    pub fn joules_idle(&self, now: SimTime) -> f64 {
        let of_seat = |seat: &Seat<P>| {
            let last = if seat.up { now - seat.up_since } else { Span::ZERO };
            seat.costs.idle_w * (seat.powered + last).as_secs_f64()
        };
        self.seats.iter().map(of_seat).sum()
    }

    /// Messages and events that wait: what the network itself holds.
    pub fn waiting(&self) -> usize {
        self.queue.len() + self.messages.len()
    }
}
