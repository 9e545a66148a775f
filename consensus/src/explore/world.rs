//! A group without time: its nodes, their durable states, the messages in flight, the armed timers,
//! and the checker. Which possible step is next is decided elsewhere. In a synchronous protocol
//! messages take no time, and the clock jumps to the next timer once none is left.

use super::trace::Line;
use crate::costs::Work;
use crate::fx::{Choices, To};
use crate::{
    Fx, Input, Members, NodeId, Nodes, OrderChecker, Outcome, Replicated, Request, Setup, TimeModel,
};
use gridtwin_kernel::SimTime;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// What all states of a search have in common.
#[derive(Debug)]
pub(super) struct Instance<P: Replicated> {
    pub(super) fresh: Vec<Arc<P>>,
    pub(super) count: Nodes,
    pub(super) byzantine: Members,
    pub(super) requests: u64,
    /// Whether timers and messages keep to the clock.
    pub(super) synchronous: bool,
    /// Whether messages in flight are sorted.
    pub(super) sorts: bool,
    /// Effects that are used again from step to step.
    effects: Mutex<Option<Fx<P>>>,
}

impl<P: Replicated> Instance<P> {
    pub(super) fn new(setup: &Setup, byzantine: Members, requests: u64) -> Self {
        let helpers = P::helpers(setup.members).len() as u16;
        let count = Nodes { members: setup.members, clients: setup.clients, helpers };
        let fresh = P::group(setup).into_iter().map(Arc::new).collect();
        let synchronous = P::FACTS.time == TimeModel::Synchronous;
        let effects = Mutex::default();
        Self { fresh, count, byzantine, requests, synchronous, sorts: false, effects }
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<P> {
        (0..self.count.all() as u16).map(NodeId)
    }
}

/// One deviation of a Byzantine node: the message concerned, its receivers, and what they receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Deviation {
    /// About messages of this kind, or of all.
    pub(super) kind: Option<u8>,
    /// To these receivers.
    pub(super) to: Members,
    pub(super) says: Says,
}

/// What a Byzantine node sends instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Says {
    /// Nothing.
    Nothing,
    /// Another message, of the kind that stands at this place among
    /// [`variants`](crate::Forge::variants); the true one where there is no such.
    Another(u8),
}

/// An honest node's.
pub(super) const NO_DEVIATIONS: &[Deviation] = &[];

/// A message in flight.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flight<M> {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) msg: Arc<M>,
    /// The hash of all that, to sort by where that is needed.
    pub(super) print: u64,
}

impl<M: Hash> Flight<M> {
    fn new(from: NodeId, to: NodeId, msg: Arc<M>, sorts: bool) -> Self {
        let print = if sorts {
            let mut hasher = DefaultHasher::new();
            (from, to, &msg).hash(&mut hasher);
            hasher.finish()
        } else {
            0
        };
        Self { from, to, msg, print }
    }
}

/// The state of a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World<P: Replicated> {
    pub(super) nodes: Vec<Arc<P>>,
    pub(super) durables: Vec<Arc<P::Durable>>,
    pub(super) counters: Vec<u64>,
    /// Armed timers, and when they are due where there is time.
    pub(super) timers: Vec<BTreeMap<P::Timer, SimTime>>,
    now: SimTime,
    pub(super) wire: Vec<Flight<P::Msg>>,
    pub(super) order: OrderChecker,
    /// How many requests were asked for, by each client.
    asked: Vec<u64>,
    /// Requests that have an answer.
    answered: BTreeSet<(NodeId, u64)>,
    /// Whether the client knows where to send requests.
    ready: bool,
}

/// Steps that a group may take until its client knows where to send requests.
const WARM_UP: usize = 10_000;

/// The description of a step; none during the search.
pub(super) type Log<'a> = Option<&'a mut Vec<Line>>;

impl<P: Replicated> World<P> {
    /// A quiescent group whose client knows where to send requests, with this many requests
    /// submitted: the initial state of the exploration.
    pub(super) fn new(instance: &Instance<P>, requests: u64) -> Self {
        let count = instance.count;
        let mut world = Self {
            nodes: instance.fresh.clone(),
            durables: vec![Arc::default(); count.all()],
            counters: vec![0; count.all()],
            timers: vec![BTreeMap::new(); count.all()],
            now: SimTime::ZERO,
            wire: Vec::new(),
            order: OrderChecker::new(count.members, count.clients),
            asked: vec![0; count.clients.into()],
            answered: BTreeSet::new(),
            ready: false,
        };
        for node in instance.nodes() {
            world.start(instance, node, &mut None);
        }
        world.warm_up(instance);
        (0..requests).for_each(|_| world.ask(instance, 0, &mut None));
        world
    }

    /// How many requests were asked for.
    pub(super) fn asked(&self) -> u64 {
        self.asked.iter().sum()
    }

    /// How many requests have an answer.
    pub(super) fn answered(&self) -> u64 {
        self.answered.len() as u64
    }

    /// The client at this place among them asks for one more request, if there is one.
    pub(super) fn ask(&mut self, instance: &Instance<P>, place: u16, log: &mut Log<'_>) {
        if self.asked() >= instance.requests || place >= instance.count.clients {
            return;
        }
        let client = NodeId(instance.count.members + place);
        let number = self.asked[usize::from(place)];
        self.asked[usize::from(place)] += 1;
        let request = Request::new(client, number, 8 + number as u32);
        self.order.submitted(&request);
        if let Some(log) = log {
            log.push(Line::Asks { client, number });
        }
        self.act(instance, client, NO_DEVIATIONS, log, |state, fx| {
            state.on_input(Input::Request(request), fx);
        });
    }

    /// Delivers messages in flight, in order; if there are none and the client does not yet know
    /// where to send requests, the first armed timer expires.
    fn warm_up(&mut self, instance: &Instance<P>) {
        for _ in 0..WARM_UP {
            if !self.wire.is_empty() {
                self.deliver(instance, 0, NO_DEVIATIONS, &mut None);
                continue;
            }
            if self.ready {
                return;
            }
            let Some((node, timer)) = self.next_timer(instance) else { return };
            self.fire(instance, node, timer, NO_DEVIATIONS, &mut None);
        }
    }

    /// The timer that is due first, and belongs to the first node.
    pub(super) fn next_timer(&self, instance: &Instance<P>) -> Option<(NodeId, P::Timer)> {
        let armed = instance.nodes().flat_map(|node| {
            self.timers[node.index()].iter().map(move |(&timer, &due)| (due, node, timer))
        });
        armed.min().map(|(_, node, timer)| (node, timer))
    }

    /// Starts a node from what it has written down.
    fn start(&mut self, instance: &Instance<P>, node: NodeId, log: &mut Log<'_>) {
        self.nodes[node.index()] = instance.fresh[node.index()].clone();
        self.timers[node.index()].clear();
        let durable = self.durables[node.index()].clone();
        self.act(instance, node, NO_DEVIATIONS, log, |state, fx| state.on_start(&durable, fx));
    }

    /// A node loses power and restarts; messages in flight to it are lost.
    pub(super) fn restart(&mut self, instance: &Instance<P>, node: NodeId, log: &mut Log<'_>) {
        if let Some(log) = log {
            log.push(Line::Restart { node });
        }
        self.wire.retain(|flight| flight.to != node);
        self.start(instance, node, log);
    }

    /// A message arrives.
    pub(super) fn deliver(
        &mut self,
        instance: &Instance<P>,
        index: usize,
        deviations: &[Deviation],
        log: &mut Log<'_>,
    ) {
        let flight = self.wire.remove(index);
        let (from, to) = (flight.from, flight.to);
        if let Some(log) = log {
            log.push(Line::Message { from, to, kind: name::<P>(&flight.msg) });
        }
        self.act(instance, to, deviations, log, |state, fx| state.on_msg(from, &flight.msg, fx));
    }

    /// A timer expires.
    pub(super) fn fire(
        &mut self,
        instance: &Instance<P>,
        node: NodeId,
        timer: P::Timer,
        deviations: &[Deviation],
        log: &mut Log<'_>,
    ) {
        if let Some(due) = self.timers[node.index()].remove(&timer) {
            self.now = self.now.max(due);
        }
        if let Some(log) = log {
            log.push(Line::Timeout { node, timer: format!("{timer:?}") });
        }
        self.act(instance, node, deviations, log, |state, fx| state.on_timer(timer, fx));
    }

    fn act(
        &mut self,
        instance: &Instance<P>,
        node: NodeId,
        deviations: &[Deviation],
        log: &mut Log<'_>,
        handler: impl FnOnce(&mut P, &mut Fx<P>),
    ) {
        let index = node.index();
        let mut kept = instance.effects.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fx = kept.take().unwrap_or_else(|| {
            Fx::with(instance.count, Choices::Told { answers: Vec::new(), asked: Vec::new() })
        });
        drop(kept);
        (fx.node, fx.now) = (node, self.now);
        fx.counters.clone_from(&self.counters);
        // Where no other state shares it, it need not be copied.
        let mut shared = None;
        fx.durables[index] = match Arc::try_unwrap(std::mem::take(&mut self.durables[index])) {
            Ok(durable) => durable,
            Err(durable) => {
                let copy = (*durable).clone();
                shared = Some(durable);
                copy
            }
        };
        handler(Arc::make_mut(&mut self.nodes[index]), &mut fx);
        for (timer, span) in fx.timers.drain(..) {
            match span {
                Some(span) if instance.synchronous => {
                    self.timers[index].insert(timer, self.now + span)
                }
                Some(_) => self.timers[index].insert(timer, SimTime::ZERO),
                None => self.timers[index].remove(&timer),
            };
        }
        let byzantine = instance.byzantine.contains(node);
        for out in std::mem::take(&mut fx.outs) {
            if !byzantine {
                self.hear(node, &out);
            }
            let aside = matches!(out, Outcome::View { .. }) && self.order.is_client(node);
            if let Some(log) = log.as_mut().filter(|_| !aside) {
                log.push(Line::Says { node, byzantine, what: out });
            }
        }
        for (to, msg) in std::mem::take(&mut fx.sends) {
            self.send(instance, node, &to, msg, deviations, &mut fx, log);
        }
        self.durables[index] = match shared {
            Some(shared) if fx.work.persists == 0 => shared,
            _ => Arc::new(std::mem::take(&mut fx.durables[index])),
        };
        std::mem::swap(&mut self.counters, &mut fx.counters);
        fx.sends.clear();
        fx.outs.clear();
        fx.work = Work::default();
        fx.durables[index] = P::Durable::default();
        fx.choices = Choices::Told { answers: Vec::new(), asked: Vec::new() };
        *instance.effects.lock().unwrap_or_else(PoisonError::into_inner) = Some(fx);
    }

    #[allow(clippy::too_many_arguments, reason = "a message, its way, and its possible deviations")]
    fn send(
        &mut self,
        instance: &Instance<P>,
        from: NodeId,
        to: &To,
        msg: P::Msg,
        deviations: &[Deviation],
        fx: &mut Fx<P>,
        log: &mut Log<'_>,
    ) {
        let kind = P::wire(&msg).kind;
        let about: Vec<Deviation> = deviations
            .iter()
            .copied()
            .filter(|deviation| deviation.kind.is_none_or(|k| k == kind))
            .collect();
        let varies = about.iter().any(|deviation| deviation.says != Says::Nothing);
        let others = if varies { P::variants(&msg, fx) } else { Vec::new() };
        let others: Vec<Arc<P::Msg>> = others.into_iter().map(Arc::new).collect();
        let msg = Arc::new(msg);
        let receivers: Vec<NodeId> = match to {
            To::One(node) => vec![*node],
            To::Members => (0..instance.count.members).map(NodeId).collect(),
            To::Each(nodes) => nodes.to_vec(),
        };
        for to in receivers.into_iter().filter(|&to| to != from) {
            let deviation = about.iter().find(|deviation| deviation.to.contains(to));
            let other = match deviation.map(|deviation| deviation.says) {
                None => None,
                Some(Says::Nothing) => {
                    if let Some(log) = log.as_mut() {
                        log.push(Line::Withholds { from, to, kind: name::<P>(&msg) });
                    }
                    continue;
                }
                Some(Says::Another(variant)) => others.get(usize::from(variant)),
            };
            if let (Some(log), Some(other)) = (log.as_mut(), other) {
                log.push(Line::Deviates { from, to, kind: name::<P>(other) });
            }
            if to.index() < instance.count.all() {
                let msg = other.unwrap_or(&msg).clone();
                self.wire.push(Flight::new(from, to, msg, instance.sorts));
            }
        }
    }

    fn hear(&mut self, node: NodeId, out: &Outcome) {
        match out {
            Outcome::Delivered { position, request } => {
                self.order.delivered(node, *position, request);
            }
            Outcome::Installed { length, digest } => self.order.installed(node, *length, *digest),
            Outcome::Answered { request, position } => {
                self.order.answered(request, *position);
                self.answered.insert((request.client, request.number));
            }
            Outcome::View { .. } if self.order.is_client(node) => self.ready = true,
            _ => {}
        }
    }
}

/// The name of a message's kind.
fn name<P: Replicated>(msg: &P::Msg) -> &'static str {
    P::KINDS[usize::from(P::wire(msg).kind)].name
}
