//! The simulator of one group: its nodes, the messages between them, power, and the meters. It is
//! independent of the protocol and does not check correctness (see
//! [`OrderChecker`](crate::OrderChecker)). Faults of a node (Byzantine, slow, wrong clock) cost one
//! pointer check where there are none.
//!
//! A node handles one message at a time in the order of arrival, beginning when it is done with the
//! one before; what it sends leaves when it is done. Its state changes at the arrival already,
//! which shows only in that a node that loses power has handled all that had arrived.

use crate::byzantine::{Adversary, Late};
use crate::costs::{CostModel, Work};
use crate::fx::To;
use crate::links::{Arrival, Dice, Links};
use crate::meters::Meters;
use crate::pool::Pool;
use crate::timers::{Ring, Timers};
use crate::{Forge, Fx, NodeId, Nodes, Protocol, Strategy, StrategyError, mix};
use gridtwin_kernel::{EventQueue, SimTime, Span, Streams};
use rand::Rng;

/// What waits in the queue: small, since a heap moves it often.
#[derive(Clone, Copy, Debug)]
enum Event {
    Arrival {
        message: u32,
        from: u16,
        to: u16,
        depth: u32,
    },
    /// A corrupted message.
    Corrupted {
        bytes: u32,
        from: u16,
        to: u16,
    },
    Timer {
        node: u16,
        slot: u16,
    },
    Input {
        input: u32,
        node: u16,
    },
}

/// A message in transit, with its size.
#[derive(Clone, Debug)]
struct Under<M> {
    msg: M,
    bytes: u32,
}

/// An outcome that a node reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emitted<T> {
    /// When the event came that made it speak.
    pub at: SimTime,
    /// When it was done handling it: what computing took is in it.
    pub done: SimTime,
    /// The node.
    pub node: NodeId,
    /// The number of message delays from the input that caused it to this outcome.
    pub depth: u32,
    /// What it said.
    pub out: T,
}

/// A sent message, for observers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// The name of its kind.
    pub kind: &'static str,
    /// When it left.
    pub sent: SimTime,
    /// The arrival time; none if the message is lost or corrupted.
    pub arrives: Option<SimTime>,
}

/// A node's own clock, against the simulation's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Offset at the start, in nanoseconds. A clock that is behind shows 0 until it reaches its
    /// start.
    pub ahead_ns: i64,
    /// Rate error: nanoseconds gained per second.
    pub fast_ns_per_s: i64,
}

impl Clock {
    const SECOND: i128 = 1_000_000_000;

    /// What it shows at a time.
    fn shows(self, at: SimTime) -> SimTime {
        let ran = i128::from(at.0) * (Self::SECOND + i128::from(self.fast_ns_per_s)) / Self::SECOND;
        let shown = ran + i128::from(self.ahead_ns);
        SimTime(shown.clamp(0, i128::from(u64::MAX)) as u64)
    }

    /// How long it takes until it has run for `span`.
    fn takes(self, span: Span) -> Span {
        let pace = (Self::SECOND + i128::from(self.fast_ns_per_s)).max(1);
        let span = i128::from(span.0) * Self::SECOND / pace;
        Span(span.clamp(0, i128::from(u64::MAX)) as u64)
    }
}

/// What is wrong with a node.
#[derive(Clone, Debug)]
struct Odd<P: Protocol> {
    byzantine: Option<Adversary<P>>,
    clock: Clock,
    /// Factor by which handling takes longer.
    slow: f64,
}

/// A node, with its simulated environment.
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
    odd: Option<Box<Odd<P>>>,
}

impl<P: Protocol> Seat<P> {
    /// What the node's clock shows at a time.
    fn clock(&self, at: SimTime) -> SimTime {
        match &self.odd {
            None => at,
            Some(odd) => odd.clock.shows(at),
        }
    }

    /// The node's faults, for modification.
    fn odd(&mut self) -> &mut Odd<P> {
        let (byzantine, clock, slow) = (None, Clock::default(), 1.0);
        self.odd.get_or_insert_with(|| Box::new(Odd { byzantine, clock, slow }))
    }
}

/// A group of nodes and its network, with a clock that the owner advances.
#[derive(Clone, Debug)]
pub struct Net<P: Protocol> {
    seats: Vec<Seat<P>>,
    count: Nodes,
    links: Links,
    queue: EventQueue<Event>,
    messages: Pool<Under<P::Msg>>,
    inputs: Pool<P::In>,
    fx: Fx<P>,
    dice: Vec<Dice>,
    /// The seed of the Byzantine nodes' random choices, and which nodes are Byzantine.
    byzantine_seed: u64,
    byzantine: Vec<NodeId>,
    now: SimTime,
    meters: Meters,
    emitted: Vec<Emitted<P::Out>>,
    /// The messages sent since the last query, if recording is on.
    tap: Option<Vec<Sent>>,
}

impl<P: Forge> Net<P> {
    /// A network of `nodes`, with the given number of members, clients and helpers, all without
    /// power. The name is part of its random streams' names.
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
            odd: None,
        };
        let dice = |node| Dice::new(streams, &format!("{name}/{node}/network"));
        Self {
            seats: nodes.into_iter().zip(costs).map(seat).collect(),
            count,
            links,
            queue: EventQueue::new(),
            messages: Pool::new(),
            inputs: Pool::new(),
            fx: Fx::new(count, streams, name),
            dice: (0..count.all()).map(dice).collect(),
            byzantine_seed: streams.stream(&format!("{name}/lies")).next_u64(),
            byzantine: Vec::new(),
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
        (seat.up_since, seat.busy_until) = (self.now, self.now);
        let byzantine = seat.odd.as_ref().and_then(|odd| odd.byzantine.as_ref());
        if let Some(old) = byzantine.and_then(Adversary::old_state) {
            self.fx.durables[node.index()] = old.clone();
        }
        self.start(node);
    }

    /// Starts a node from what it has written down.
    fn start(&mut self, node: NodeId) {
        let seat = &mut self.seats[node.index()];
        seat.timers.cancel_all();
        seat.state = seat.fresh.clone();
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

    /// Handles the earliest event if it is before `until`, and returns its time.
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
            Event::Corrupted { bytes, from, to } => self.drop_corrupted(bytes, from, to),
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
        let Under { msg, bytes } = self.messages.get(message);
        let bits = 8.0 * f64::from(*bytes);
        let nj_per_bit = self.links.link(from.index(), to.index()).nj_per_bit;
        self.meters.energy[to.index()].network_j += 0.5e-9 * nj_per_bit * bits;
        let seat = &mut self.seats[to.index()];
        let start = seat.busy_until.max(self.now);
        (self.fx.now, self.fx.node) = (seat.clock(start), to);
        seat.state.on_msg(from, msg, &mut self.fx);
        self.carry_out(to, start, depth);
    }

    /// Charges the receiver for detecting and dropping a corrupted message.
    fn drop_corrupted(&mut self, bytes: u32, from: u16, to: u16) {
        let seat = &mut self.seats[usize::from(to)];
        if !seat.up {
            self.meters.lost += 1;
            return;
        }
        let (span, joules) = seat.costs.of(&Work::default());
        seat.busy_until = seat.busy_until.max(self.now) + span;
        let nj_per_bit = self.links.link(from.into(), to.into()).nj_per_bit;
        let energy = &mut self.meters.energy[usize::from(to)];
        energy.network_j += 0.5e-9 * nj_per_bit * 8.0 * f64::from(bytes);
        energy.compute_j += joules;
        self.meters.corrupted += 1;
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
        (self.fx.now, self.fx.node) = (seat.clock(start), node);
        handler(&mut seat.state, &mut self.fx);
        self.carry_out(node, start, depth);
    }

    /// Executes the effects that a handler left in the buffer; it was caused at depth `depth`.
    fn carry_out(&mut self, node: NodeId, start: SimTime, depth: u32) {
        let seat = &mut self.seats[node.index()];
        if seat.odd.is_some() {
            self.carry_out_odd(node, start, depth);
            return;
        }
        let (span, joules) = seat.costs.of(&self.fx.work);
        self.book(node, start, span, joules, depth);
        self.send_all(node, start + span, depth);
    }

    /// As [`Net::carry_out`], where something is wrong with the node.
    #[cold]
    fn carry_out_odd(&mut self, node: NodeId, start: SimTime, depth: u32) {
        let seat = &mut self.seats[node.index()];
        let (mut late, mut slow) = (Late::new(), 1.0);
        if let Some(odd) = &mut seat.odd {
            slow = odd.slow;
            let clock = odd.clock;
            for span in self.fx.timers.iter_mut().filter_map(|(_, span)| span.as_mut()) {
                *span = clock.takes(*span);
            }
            if let Some(byzantine) = &mut odd.byzantine {
                late = byzantine.intercept(&mut self.fx, &self.byzantine);
            }
        }
        let (span, joules) = seat.costs.of(&self.fx.work);
        let span = Span::from_secs_f64(span.as_secs_f64() * slow);
        self.book(node, start, span, joules, depth);
        self.send_all(node, start + span, depth);
        for (by, to, msg) in late {
            self.fx.sends.push((to, msg));
            self.send_all(node, start + span + by, depth);
        }
        let byzantine =
            self.seats[node.index()].odd.as_mut().and_then(|odd| odd.byzantine.as_mut());
        let durable = &mut self.fx.durables[node.index()];
        if let Some(old) = byzantine.and_then(|byzantine| byzantine.relapse(durable)) {
            *durable = old;
            self.start(node);
        }
    }

    /// Books what a handler cost, arms its timers and takes up what it said.
    fn book(&mut self, node: NodeId, start: SimTime, span: Span, joules: f64, depth: u32) {
        let work = &mut self.fx.work;
        let seat = &mut self.seats[node.index()];
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
    }

    /// Sends what a handler left in the buffer, once it is done.
    fn send_all(&mut self, node: NodeId, done: SimTime, depth: u32) {
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
        let message = self.messages.put(Under { msg, bytes: wire.bytes });
        let half_nj = 0.5e-9 * 8.0 * f64::from(wire.bytes);
        let (mut sent, mut joules) = (0, 0.0);
        for to in to.filter(|&to| to != from.0) {
            sent += 1;
            joules += half_nj * self.links.link(from.index(), to.into()).nj_per_bit;
            let (links, dice) = (&mut self.links, &mut self.dice[from.index()]);
            let carried = links.carry(from.index(), to.into(), wire.bytes, ready, dice);
            self.meters.lost += u64::from(carried.first.is_none());
            if let Some(tap) = &mut self.tap {
                let kind = P::KINDS[usize::from(wire.kind)].name;
                let intact = |copy: Arrival| if copy.corrupt { None } else { Some(copy.at) };
                let arrives = carried.first.and_then(intact);
                let sent = Sent { from, to: NodeId(to), kind, sent: ready, arrives };
                tap.push(sent);
                let second = carried.second.map(|copy| Sent { arrives: intact(copy), ..sent });
                tap.extend(second);
            }
            for copy in [carried.first, carried.second].into_iter().flatten() {
                let (from, bytes) = (from.0, wire.bytes);
                if copy.corrupt {
                    self.queue.push(copy.at, Event::Corrupted { bytes, from, to });
                } else {
                    self.messages.expect(message);
                    self.queue.push(copy.at, Event::Arrival { message, from, to, depth });
                }
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

    /// Takes the messages sent since the last call, in order; empty if recording is off. A message
    /// that the network duplicates appears twice.
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

    /// Makes a node Byzantine with this strategy from now on, or honest again.
    ///
    /// # Errors
    /// Where the strategy names a kind of message that the protocol does not have.
    pub fn set_strategy(&mut self, node: NodeId, strategy: &Strategy) -> Result<(), StrategyError> {
        let honest = *strategy == Strategy::Honest;
        let byzantine =
            Adversary::new(strategy, mix(self.byzantine_seed, node.0.into()), self.byzantine_seed)?;
        self.seats[node.index()].odd().byzantine = (!honest).then_some(byzantine);
        self.byzantine.retain(|&byzantine| byzantine != node);
        self.byzantine.extend((!honest).then_some(node));
        Ok(())
    }

    /// Whether a node is Byzantine.
    pub fn is_byzantine(&self, node: NodeId) -> bool {
        self.byzantine.contains(&node)
    }

    /// Makes a node take `times` times as long to handle anything.
    pub fn set_slow(&mut self, node: NodeId, times: f64) {
        self.seats[node.index()].odd().slow = times;
    }

    /// Gives a node a clock that is wrong. Best before it starts: a clock does not jump.
    pub fn set_clock(&mut self, node: NodeId, clock: Clock) {
        self.seats[node.index()].odd().clock = clock;
    }

    /// The links, for modification; messages in transit are not affected.
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
