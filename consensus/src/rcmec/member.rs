//! An edge node of RCMEC: agrees with its cluster in lockstep rounds, reports to the cloud, and
//! executes what the cloud decides.

use super::eig::{Path, Tree, rounds};
use super::message::{Batch, Msg, Timer, bytes_of, bytes_of_digests};
use super::{Clusters, Rcmec, Stored};
use crate::lockstep::Lockstep;
use crate::{Fx, NodeId, Outcome, Request, Sequence, Setup};
use gridtwin_kernel::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The maximum number of requests that a node proposes at a time.
const MOST: usize = 64;

/// What an edge node writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Durable {
    started: bool,
    sequence: Sequence,
}

/// An agreement in progress.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Instance {
    number: u64,
    /// The round in which it speaks next.
    next: usize,
    tree: Tree<Batch>,
}

/// A request that a device wants an answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Asked {
    request: Request,
    /// Whether the cluster's agreement was reported to the cloud.
    reported: bool,
}

/// An edge node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    delta: Span,
    /// The nodes of its cluster, itself among them at `place`.
    peers: Arc<[NodeId]>,
    place: usize,
    cloud: NodeId,
    /// Nodes that must propose a request: one of them has it from the device.
    vouch: usize,
    /// Votes that a majority lacks: none but where that fault is planted.
    short: usize,
    clock: Lockstep,
    /// The first instance that it has not missed the beginning of.
    since: u64,
    instance: Option<Instance>,
    asked: BTreeMap<(NodeId, u64), Asked>,
    sequence: Sequence,
    recovering: bool,
    /// Whether it waits for what it missed, and how often it has asked in a row.
    fetching: bool,
    fetches: u32,
}

impl Member {
    pub(super) fn new(id: NodeId, setup: &Setup) -> Self {
        let clusters = Clusters::new(setup.members);
        let cluster = clusters.of(id).unwrap_or(0);
        let peers = clusters.nodes(cluster).clone();
        Self {
            delta: setup.timing.delta,
            place: peers.iter().position(|&node| node == id).unwrap_or(0),
            peers,
            cloud: NodeId(setup.members + setup.clients),
            vouch: setup.quorum(0, clusters.faults(cluster) + 1),
            short: 2 - setup.quorum(2, 2),
            clock: Lockstep::new(setup.timing.delta),
            since: 0,
            instance: None,
            asked: BTreeMap::new(),
            sequence: Sequence::default(),
            recovering: false,
            fetching: false,
            fetches: 0,
        }
    }

    pub(super) fn on_start(&mut self, durable: &Durable, fx: &mut Fx<Rcmec>) {
        if !durable.started {
            fx.persist(1, |stored: &mut Stored| stored.member.started = true);
            return;
        }
        self.sequence = durable.sequence.clone();
        self.sequence.tell(fx);
        // It missed rounds of this instance: its cluster counts it as faulty for that long.
        self.since = self.clock.tick(fx) / self.rounds() + 1;
        self.recovering = true;
        self.fetch(fx);
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<Rcmec>) {
        match msg {
            Msg::Request(request) => self.on_request(from, *request, fx),
            Msg::Round { instance, round, said } => {
                self.on_round(from, *instance, *round, said, fx);
            }
            Msg::Decision { first, batch } if from == self.cloud => {
                self.on_decision(*first, batch, fx);
            }
            Msg::Told(missed) if from == self.cloud => self.on_told(missed.as_deref(), fx),
            _ => {}
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, fx: &mut Fx<Rcmec>) {
        match timer {
            Timer::Round => self.on_tick(fx),
            Timer::Fetch => self.fetch(fx),
            Timer::Retry => {}
        }
    }

    fn rounds(&self) -> u64 {
        rounds(self.peers.len()) as u64
    }

    /// A device asks: this node's initial value.
    fn on_request(&mut self, from: NodeId, request: Request, fx: &mut Fx<Rcmec>) {
        fx.mac(1, request.bytes);
        if from != request.client || from.0 >= self.cloud.0 {
            return;
        }
        if self.sequence.contains(&request) {
            self.answer(request, fx);
            return;
        }
        if !self.sequence.in_window(&request) {
            return;
        }
        let fresh = Asked { request, reported: false };
        let before = self.asked.insert((from, request.number), fresh);
        if before.is_some_and(|asked| asked.reported) {
            self.fetch(fx); // agreed on, and not decided as far as it knows
        }
        self.clock.wait(Timer::Round, fx);
    }

    /// A round begins.
    fn on_tick(&mut self, fx: &mut Fx<Rcmec>) {
        let tick = self.clock.ring(fx);
        let (number, round) = (tick / self.rounds(), (tick % self.rounds()) as usize + 1);
        if let Some(instance) = self.instance.take_if(|instance| instance.number != number) {
            let whole = instance.number + 1 == number && instance.next > rounds(self.peers.len());
            if whole && round == 1 {
                self.agree(&instance, fx);
            }
        }
        if round == 1 && number >= self.since {
            self.begin(number);
        }
        self.speak(round, fx);
        if self.instance.is_some() || self.proposals().next().is_some() {
            self.clock.wait(Timer::Round, fx);
        }
    }

    /// Requests that are neither decided nor on their way to the cloud.
    fn proposals(&self) -> impl Iterator<Item = Request> + '_ {
        let open = self.asked.values().filter(|asked| !asked.reported);
        open.map(|asked| asked.request)
    }

    /// Step 1: an instance begins where there is something to propose.
    fn begin(&mut self, number: u64) {
        let own: Batch = self.proposals().take(MOST).collect();
        if !own.is_empty() {
            let tree = Tree::new(self.peers.len(), self.place, own);
            self.instance = Some(Instance { number, next: 1, tree });
        }
    }

    /// Step 2: in each round, the values received in the previous one, to every node of the
    /// cluster.
    fn speak(&mut self, round: usize, fx: &mut Fx<Rcmec>) {
        let Some(instance) = &mut self.instance else { return };
        if instance.next != round {
            self.instance = None; // it slept through a round
            return;
        }
        instance.next += 1;
        let number = instance.number;
        let said: Arc<[(Path, Batch)]> = instance.tree.say(round).into();
        let bytes = said.iter().map(|(_, batch)| bytes_of_digests(batch)).sum();
        fx.mac(self.peers.len() as u32 - 1, bytes);
        fx.multicast(&self.peers, Msg::Round { instance: number, round, said });
    }

    fn on_round(
        &mut self,
        from: NodeId,
        number: u64,
        round: usize,
        said: &Arc<[(Path, Batch)]>,
        fx: &mut Fx<Rcmec>,
    ) {
        if self.clock.is_overdue(fx) {
            fx.cancel(Timer::Round);
            self.on_tick(fx); // the sender's round began a moment earlier
        }
        let tick = self.clock.tick(fx);
        let place = self.peers.iter().position(|&node| node == from);
        let (Some(place), true) = (place, round >= 1 && number >= self.since) else { return };
        if number.checked_mul(self.rounds()) != tick.checked_sub(round as u64 - 1) {
            return; // not of this round: late, or Byzantine
        }
        fx.mac(1, said.iter().map(|(_, batch)| bytes_of_digests(batch)).sum());
        if round == 1 && self.instance.is_none() {
            // Others have something to propose; silence so far says that this node has not.
            let tree = Tree::new(self.peers.len(), self.place, Batch::default());
            self.instance = Some(Instance { number, next: 2, tree });
        }
        let Some(instance) = self.instance.as_mut().filter(|own| own.number == number) else {
            return;
        };
        if said.iter().all(|(_, batch)| batch.len() <= MOST) {
            instance.tree.hear(round, place, said);
        }
        self.clock.wait_after(Timer::Round, fx);
    }

    /// Step 3: all honest nodes of the cluster have the same vector, and select what enough of them
    /// propose; they report it to the cloud, with the device's requests received by this node.
    fn agree(&mut self, instance: &Instance, fx: &mut Fx<Rcmec>) {
        let mut votes: BTreeMap<Request, usize> = BTreeMap::new();
        for batch in instance.tree.vector(self.short) {
            let once: std::collections::BTreeSet<_> = batch.iter().copied().collect();
            once.into_iter().for_each(|request| *votes.entry(request).or_default() += 1);
        }
        let enough = votes.into_iter().filter(|&(_, votes)| votes >= self.vouch);
        let batch: Batch = enough.map(|(request, _)| request).collect();
        if batch.is_empty() {
            return;
        }
        let mut payloads = Vec::with_capacity(batch.len());
        for &request in batch.iter() {
            if let Some(asked) = self.asked.get_mut(&(request.client, request.number)) {
                asked.reported = true;
                payloads.extend((asked.request == request).then_some(request));
            }
            fx.out(Outcome::Proposed { request });
        }
        fx.mac(1, bytes_of_digests(&batch) + bytes_of(&payloads));
        let (instance, payloads) = (instance.number, payloads.into());
        fx.send(self.cloud, Msg::Report { instance, batch, payloads });
    }

    /// Step 5: the cloud's vector has a new component.
    fn on_decision(&mut self, first: u64, batch: &Batch, fx: &mut Fx<Rcmec>) {
        fx.mac(1, bytes_of(batch));
        for (slot, &request) in (first..).zip(batch.iter()) {
            self.sequence.decide(slot, Some(request));
        }
        fx.persist(8 + bytes_of(batch), |stored: &mut Stored| {
            let sequence = &mut stored.member.sequence;
            for (slot, &request) in (first..).zip(batch.iter()) {
                sequence.decide(slot, Some(request));
            }
            while sequence.advance().is_some() {}
        });
        self.carry_out(fx);
        if self.sequence.applied() + 1 < first && !self.fetching {
            self.fetch(fx); // something before it was lost
        }
    }

    fn carry_out(&mut self, fx: &mut Fx<Rcmec>) {
        for request in self.sequence.carry_out(fx) {
            if self.asked.remove(&(request.client, request.number)).is_some() {
                self.answer(request, fx);
            }
        }
    }

    fn answer(&self, request: Request, fx: &mut Fx<Rcmec>) {
        fx.mac(1, 40);
        fx.send(request.client, Msg::Answer(request));
    }

    /// Asks the cloud what it missed, and again later if no answer comes.
    fn fetch(&mut self, fx: &mut Fx<Rcmec>) {
        fx.arm(Timer::Fetch, self.delta * (2 << self.fetches.min(5)));
        self.fetching = true;
        self.fetches += 1;
        fx.mac(1, 8);
        fx.send(self.cloud, Msg::Fetch { applied: self.sequence.applied() });
    }

    fn on_told(&mut self, missed: Option<&crate::Missed>, fx: &mut Fx<Rcmec>) {
        if !std::mem::take(&mut self.fetching) {
            return;
        }
        fx.cancel(Timer::Fetch);
        self.fetches = 0;
        if let Some(missed) = missed {
            fx.mac(1, missed.bytes());
            self.sequence.adopt(missed, fx);
            fx.persist(missed.bytes(), |stored: &mut Stored| {
                let sequence = &mut stored.member.sequence;
                sequence.adopt_silently(missed);
                while sequence.advance().is_some() {}
            });
            self.carry_out(fx);
            // A state that was taken over says what was executed, and not when.
            let known = self.asked.values().filter(|asked| self.sequence.contains(&asked.request));
            let done: Vec<_> = known.map(|asked| asked.request).collect();
            for request in done {
                self.asked.remove(&(request.client, request.number));
                self.answer(request, fx);
            }
        }
        if std::mem::take(&mut self.recovering) {
            let length = self.sequence.ledger().length;
            fx.out(Outcome::CaughtUp { length });
        }
    }

    pub(super) fn held(&self) -> usize {
        let tree = self.instance.as_ref().map_or(0, |instance| instance.tree.held());
        self.sequence.held() + self.asked.len() + tree
    }
}
