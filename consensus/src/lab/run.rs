//! A run in progress: the cluster, and the external events in order of time: requests, faults, and
//! brown-outs of members with a limited supply.

use super::power::{Stores, Turn};
use super::{LabError, LabOptions, LabReport, Latencies, PerDecision};
use crate::faults::{Change, Cut, cut};
use crate::{
    Adversary, Class, Cluster, Helper, Latency, Link, Links, NodeId, Nodes, Noise, Replicated,
    Setup, gini,
};
use gridtwin_kernel::{SimTime, Span, Stream, Streams};
use rand_distr::{Distribution, Exp};
use std::iter::Peekable;
use std::vec::IntoIter;

/// A run in progress.
pub(super) struct Run<'a, P: Replicated> {
    options: &'a LabOptions,
    cluster: Cluster<P>,
    /// The links as they are while nothing is wrong with them.
    base: Links,
    /// The cuts in force.
    cuts: Vec<Cut>,
    changes: Peekable<IntoIter<(SimTime, Change)>>,
    /// Nodes that a fault has taken the power of.
    crashed: Vec<bool>,
    stores: Option<Stores>,
    arrivals: Stream,
    /// When the next request comes, in an open loop.
    next_arrival: Option<SimTime>,
    /// When the first request was submitted,
    began: Option<SimTime>,
    /// at the latest at this time, even if some client does not yet know where to send requests.
    begins_by: SimTime,
    /// How many answers each client had when it last asked.
    answered: Vec<u64>,
}

/// What is earliest.
enum Next {
    Beginning,
    Arrival,
    Change,
    Turn,
    Deadline,
}

impl<'a, P: Replicated> Run<'a, P> {
    pub(super) fn new(options: &'a LabOptions) -> Result<Self, LabError> {
        let streams = Streams::new(options.seed);
        let latency = Span::from_millis_f64(options.latency_ms);
        let latency = Latency::around(latency, Span::from_millis_f64(options.jitter_ms));
        let (members, clients) = (options.nodes as u16, options.clients);
        let helpers = P::helpers(members).len() as u16;
        let nodes = Nodes { members, clients, helpers }.all();
        let uniform = || Links::uniform(nodes, Link::ethernet(latency));
        let base = options.links.clone().unwrap_or_else(uniform);
        let timing = &options.timing.for_latency(base.longest());
        let setup = Setup { planted: options.planted, ..Setup::new(members, clients, timing) };
        let costs = vec![options.costs; nodes];
        let (links, dark) = (base.clone(), |_| false);
        let mut cluster =
            Cluster::beginning(SimTime::ZERO, dark, &setup, links, &costs, &streams, "lab");
        for (node, clock) in cluster.net().nodes().zip(options.faults.clocks(nodes)) {
            cluster.net_mut().set_clock(node, clock);
        }
        for byzantine in &options.faults.byzantine {
            Adversary::<P>::new(&byzantine.strategy, 0, 0)?;
        }
        let idle_w = options.costs.idle_w;
        let store = |supply_w| Stores::new(options.nodes, supply_w, idle_w, options.store_j);
        let random = &mut streams.stream("lab/splits");
        let mut run = Self {
            options,
            cluster,
            base,
            cuts: Vec::new(),
            changes: options.faults.schedule(members, random).into_iter().peekable(),
            crashed: vec![false; nodes],
            stores: options.power_w.map(store),
            arrivals: streams.stream("lab/arrivals"),
            next_arrival: None,
            began: None,
            begins_by: SimTime::ZERO + timing.client_timeout * 3,
            answered: vec![0; clients.into()],
        };
        run.relink(run.is_noisy());
        // Faults that begin at time zero are in force before any node starts.
        while let Some((at, change)) = run.changes.next_if(|&(at, _)| at == SimTime::ZERO) {
            run.change(at, &change)?;
        }
        for node in run.cluster.net().nodes() {
            if !run.crashed[node.index()] {
                run.cluster.power_on(node, SimTime::ZERO);
            }
        }
        run.settle(SimTime::ZERO);
        Ok(run)
    }

    pub(super) fn run(mut self) -> Result<LabReport, LabError> {
        let longest = self.base.longest();
        let patience = Span::from_secs_f64(self.options.patience_s).max(longest * 1000);
        let mut stalled = None;
        // When something was last answered or changed.
        let mut progress = SimTime::ZERO;
        let wanted = self.submissions();
        while self.cluster.answered() < wanted {
            if self.began.is_none() && self.cluster.ready() {
                self.begin(self.cluster.net().now());
            }
            let delivered = self.cluster.net().meters().delivered;
            if delivered >= self.options.most_messages {
                stalled = Some(format!("stopped at the limit of {delivered} messages"));
                progress = self.cluster.net().now();
                break;
            }
            let (next, until) = self.next(progress + patience);
            let answered = self.cluster.answered();
            if let Some(at) = self.cluster.step(until) {
                if self.cluster.answered() > answered {
                    progress = at;
                    self.ask_again(at);
                }
                self.settle(at);
            } else {
                match next {
                    Next::Beginning => self.begin(until),
                    Next::Arrival => self.arrive(until),
                    Next::Turn => self.settle(until),
                    Next::Change => {
                        progress = progress.max(until);
                        if let Some((at, change)) = self.changes.next() {
                            self.change(at, &change)?;
                        }
                        self.settle(until);
                    }
                    Next::Deadline => {
                        let seconds = patience.as_secs_f64();
                        stalled =
                            Some(format!("no request was decided for {seconds} simulated seconds"));
                        progress = until;
                        break;
                    }
                }
            }
            self.cluster.notes().clear();
        }
        Ok(self.report(progress, stalled))
    }

    /// What comes next from outside, and when.
    fn next(&mut self, deadline: SimTime) -> (Next, SimTime) {
        let mut next = (Next::Deadline, deadline);
        let turn = self.stores.as_ref().map_or(SimTime::MAX, Stores::next_turn);
        if turn < next.1 {
            next = (Next::Turn, turn);
        }
        if let Some(&(at, _)) = self.changes.peek()
            && at <= next.1
        {
            next = (Next::Change, at);
        }
        match self.next_arrival {
            Some(at) if at <= next.1 => (Next::Arrival, at),
            None if self.began.is_none() && self.begins_by <= next.1 => {
                (Next::Beginning, self.begins_by)
            }
            _ => next,
        }
    }

    /// How many requests the protocol sees.
    fn submissions(&self) -> u64 {
        self.options.requests / u64::from(self.options.batch)
    }

    /// The first requests.
    fn begin(&mut self, now: SimTime) {
        self.began = Some(now);
        if self.options.rate.is_some() {
            self.arrive(now);
            return;
        }
        for client in 0..self.options.clients.into() {
            self.ask(client, now);
        }
    }

    /// Submits a client's next request, if there is one to come.
    fn ask(&mut self, client: usize, now: SimTime) {
        if self.cluster.submitted() < self.submissions() {
            self.cluster.submit_from(client, now, self.options.bytes * self.options.batch);
        }
    }

    /// In a closed loop, lets those ask that have an answer.
    fn ask_again(&mut self, now: SimTime) {
        if self.options.rate.is_some() {
            return;
        }
        for client in 0..self.answered.len() {
            let answered = self.cluster.answered_to(client);
            if std::mem::replace(&mut self.answered[client], answered) < answered {
                self.ask(client, now);
            }
        }
    }

    /// In an open loop: submits a request, and draws when the next one comes.
    fn arrive(&mut self, now: SimTime) {
        let client = (self.cluster.submitted() % u64::from(self.options.clients)) as usize;
        self.ask(client, now);
        let more = self.cluster.submitted() < self.submissions();
        let gap = self.options.rate.filter(|_| more).and_then(|rate| Exp::new(rate).ok());
        self.next_arrival = gap.map(|gap| {
            let gaps = (0..self.options.batch).map(|_| gap.sample(&mut self.arrivals));
            now + Span::from_secs_f64(gaps.sum())
        });
    }

    fn change(&mut self, at: SimTime, change: &Change) -> Result<(), LabError> {
        match change {
            Change::Off(node) => {
                self.crashed[node.index()] = true;
                self.set_power(*node, at);
            }
            Change::On(node) => {
                self.crashed[node.index()] = false;
                self.set_power(*node, at);
            }
            Change::Cut(cuts) => {
                self.cuts.clone_from(cuts);
                cut(self.cluster.net_mut().links_mut(), &self.base, cuts);
            }
            Change::Byzantine(node, strategy) => self.cluster.set_strategy(*node, strategy, at)?,
            Change::Slow(node, times) => self.cluster.net_mut().set_slow(*node, *times),
            Change::Calm => self.relink(false),
            Change::Stable => {}
        }
        Ok(())
    }

    /// Whether anything is wrong with the links at the start.
    fn is_noisy(&self) -> bool {
        self.options.faults.calm != Some(SimTime::ZERO)
    }

    /// Puts the links as they should be, or with all that goes wrong with them; and cut, where they
    /// are.
    fn relink(&mut self, noisy: bool) {
        let faults = &self.options.faults;
        let either = |a: f64, b: f64| a + b - a * b;
        let links = self.cluster.net_mut().links_mut();
        links.replace(&self.base);
        let mut noise = faults.noise();
        if noisy {
            for from in 0..links.nodes() {
                for to in 0..links.nodes() {
                    let link = links.link_mut(from, to);
                    link.loss = either(link.loss, faults.loss);
                    link.duplicate = either(link.duplicate, faults.duplicate);
                }
            }
        } else {
            noise = Noise { reorder: 0.0, corrupt: 0.0, ..noise };
        }
        links.set_noise(noise);
        cut(links, &self.base, &self.cuts);
    }

    /// Switches a node and its co-located helpers on or off, according to faults and energy stores.
    fn set_power(&mut self, node: NodeId, at: SimTime) {
        let dark = self.stores.as_ref().is_some_and(|stores| {
            node.index() < self.options.nodes && stores.is_dark(node.index())
        });
        let on = !dark && !self.crashed[node.index()];
        let helpers = self.cluster.net().count().helpers();
        let helpers = helpers.zip(P::helpers(self.options.nodes as u16));
        let beside = helpers.filter(|&(_, stands)| stands == Helper::Beside(node));
        for node in beside.map(|(helper, _)| helper).chain([node]) {
            if on && !self.crashed[node.index()] {
                self.cluster.power_on(node, at);
            } else {
                self.cluster.power_off(node, at);
            }
        }
    }

    /// Brings all stores up to now, and lets members brown out and start again.
    fn settle(&mut self, now: SimTime) {
        for member in 0..self.options.nodes {
            let node = NodeId(member as u16);
            // Starting costs energy, too, and changes what the member draws: settled once more.
            for _ in 0..2 {
                let Some(stores) = &mut self.stores else {
                    return;
                };
                let net = self.cluster.net();
                let energy = net.meters().energy()[member];
                let spent_j = energy.joules();
                match stores.settle(member, now, spent_j, net.is_up(node)) {
                    None => break,
                    Some(Turn::Dark | Turn::Bright) => self.set_power(node, now),
                }
            }
        }
    }

    fn report(mut self, end: SimTime, stalled: Option<String>) -> LabReport {
        let idle = self.cluster.net().joules_idle(end);
        // What the last answer left in progress is counted, too.
        if stalled.is_none() {
            self.cluster.advance(end + self.base.longest() * 10 + Span::from_secs(1));
        }
        self.cluster.end();
        let (options, cluster) = (self.options, &self.cluster);
        let meters = cluster.net().meters();
        let latencies = cluster.latencies_ms();
        let latency = |q| latencies.quantile(q);
        let latency_ms = match (latency(0.5), latency(0.95), latency(0.99)) {
            (Some(p50), Some(p95), Some(p99)) => Some(Latencies { p50, p95, p99 }),
            _ => None,
        };
        let batch = u64::from(options.batch);
        let decided = cluster.answered() * batch;
        let joules_marginal = meters.joules_marginal();
        let joules_total = joules_marginal + idle;
        let each = |all: f64| all / decided as f64;
        let intensity = Some(options.carbon_g_per_kwh).filter(|&intensity| intensity > 0.0);
        let per_decision = (decided > 0).then(|| PerDecision {
            messages: each(meters.all_messages() as f64),
            bytes: each(meters.bytes() as f64),
            joules_marginal: each(joules_marginal),
            joules_total: each(joules_total),
            carbon_g: intensity.map(|intensity| each(joules_total) / 3.6e6 * intensity),
        });
        let took_s = self.began.map_or(0.0, |began| (end - began).as_secs_f64());
        LabReport {
            protocol: options.protocol,
            nodes: options.nodes,
            requests: cluster.submitted() * batch,
            decided,
            messages: meters.messages(Class::Request),
            expected_messages: self.submissions() * P::expected_messages(options.nodes as u64),
            client_messages: meters.messages(Class::Client),
            periodic_messages: meters.messages(Class::Periodic),
            repair_messages: meters.messages(Class::Repair),
            bytes: meters.bytes(),
            lost: meters.lost,
            corrupted: meters.corrupted,
            delays: cluster.delays().quantile(0.5).map(|delays| delays.round() as u32),
            expected_delays: P::expected_delays_among(options.nodes as u64),
            latency_ms,
            decisions_per_s: (decided > 0 && took_s > 0.0).then(|| decided as f64 / took_s),
            joules_marginal,
            joules_total,
            per_decision,
            brown_outs: self.stores.as_ref().map_or(0, |stores| stores.brown_outs),
            dark_s: self.stores.as_ref().map_or(0.0, |stores| stores.dark_s(end)),
            violations: cluster.order().violations().to_vec(),
            violation_count: cluster.order().count(),
            view_changes: cluster.view_changes(),
            by_kind: meters.by_kind().to_vec(),
            operations: meters.operations,
            energy: meters.energy().to_vec(),
            gini: gini(meters.energy()[..options.nodes].iter().map(|used| used.joules())),
            simulated_s: end.as_secs_f64(),
            stalled,
        }
    }
}
