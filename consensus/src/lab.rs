//! The laboratory: one protocol alone on one network, in a closed loop (one client, one request
//! outstanding) or an open one. What the command runs; not what the twin does.

use crate::costs::CostModel;
use crate::faults::{Change, cut};
use crate::group::check_members;
use crate::registry::{by_name, dispatch};
use crate::{
    Class, Cluster, Faults, GroupError, KindCount, Latency, Link, Links, NodeId, Operations,
    ProtocolName, Replicated, Setup, Timing,
};
use gridtwin_kernel::{SimTime, Span, Stream, Streams};
use rand_distr::{Distribution, Exp};
use thiserror::Error;

/// What to run.
#[derive(Clone, Debug, PartialEq)]
pub struct LabOptions {
    /// The protocol.
    pub protocol: ProtocolName,
    /// How many members.
    pub nodes: usize,
    /// How many requests are to be decided.
    pub requests: u64,
    /// The payload of each, in bytes.
    pub bytes: u32,
    /// The seed of everything random.
    pub seed: u64,
    /// Between any two nodes, in ms.
    pub latency_ms: f64,
    /// Latencies are spread evenly within this of it, in ms.
    pub jitter_ms: f64,
    /// Requests a second, at random times; without it the loop is closed.
    pub rate: Option<f64>,
    /// What goes wrong.
    pub faults: Faults,
    /// The protocol's time-outs, where latencies do not ask for longer ones
    /// ([`Timing::for_latency`]).
    pub timing: Timing,
    /// What computing costs at each node.
    pub costs: CostModel,
    /// A run in which nothing is decided for so long, in simulated seconds, after the last fault
    /// is given up.
    pub patience_s: f64,
}

impl LabOptions {
    /// `requests` requests of 64 bytes among `nodes` members on Raspberry Pis, 2 ms apart give or
    /// take 1, nothing failing, in a closed loop.
    pub fn new(protocol: ProtocolName, nodes: usize, requests: u64) -> Self {
        Self {
            protocol,
            nodes,
            requests,
            bytes: 64,
            seed: 1,
            latency_ms: 2.0,
            jitter_ms: 1.0,
            rate: None,
            faults: Faults::default(),
            timing: Timing::LAB,
            costs: CostModel::default(),
            patience_s: 120.0,
        }
    }
}

/// What is wrong with the options.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LabError {
    /// The protocol does not work with so many members.
    #[error(transparent)]
    Group(#[from] GroupError),
    /// A number outside its range.
    #[error("{name} must be {range}, and is {found}")]
    Range {
        /// Which.
        name: &'static str,
        /// What it may be.
        range: &'static str,
        /// What it is.
        found: f64,
    },
    /// A fault at a node that does not exist.
    #[error("there is no node {node}: members are 0 to {last}, and {client} is the client")]
    NoSuchNode {
        /// The node.
        node: NodeId,
        /// The last member.
        last: usize,
        /// The client.
        client: usize,
    },
    /// A node that has its power back before it loses it, or a partition that heals so.
    #[error("a fault at {at_s} s cannot end at {back_s} s: it must end later than it begins")]
    Backwards {
        /// When it begins, in seconds.
        at_s: f64,
        /// When it is to end, in seconds.
        back_s: f64,
    },
}

/// Latencies at the client, in ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latencies {
    /// The median.
    pub p50: f64,
    /// 95 of 100 are at most this.
    pub p95: f64,
    /// 99 of 100 are at most this.
    pub p99: f64,
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct LabReport {
    /// The protocol.
    pub protocol: ProtocolName,
    /// How many members.
    pub nodes: usize,
    /// How many requests were submitted.
    pub requests: u64,
    /// How many have an answer.
    pub decided: u64,
    /// Messages of the kinds that the protocol's published count is about.
    pub messages: u64,
    /// What that count says for as many requests where nothing fails.
    pub expected_messages: u64,
    /// Messages between client and members where the published count leaves them out.
    pub client_messages: u64,
    /// Messages sent by the clock: heartbeats, checkpoints.
    pub periodic_messages: u64,
    /// Messages of elections, view changes and state transfer.
    pub repair_messages: u64,
    /// Bytes of all messages.
    pub bytes: u64,
    /// Message delays from request to answer: the median.
    pub delays: Option<u32>,
    /// What the protocol says they are where nothing fails.
    pub expected_delays: u32,
    /// Latencies at the client; none where nothing was decided.
    pub latency_ms: Option<Latencies>,
    /// Energy above idle of all nodes, client included, in joules.
    pub joules_marginal: f64,
    /// With idle power until the last answer.
    pub joules_total: f64,
    /// What was broken of the specification, in words: the first few.
    pub violations: Vec<String>,
    /// How many violations there were.
    pub violation_count: u64,
    /// How many views or terms began after the first.
    pub view_changes: u64,
    /// Messages and bytes, kind by kind.
    pub by_kind: Vec<KindCount>,
    /// Cryptographic operations and writes.
    pub operations: Operations,
    /// Simulated seconds until the last answer, or until the run was given up.
    pub simulated_s: f64,
    /// Why the run ended before everything was decided, if it did.
    pub stalled: Option<String>,
}

/// Runs a protocol.
///
/// # Errors
/// Where an option is out of its range. Never because of what happens in the run: a run that
/// stalls says so in its report.
pub fn run(options: &LabOptions) -> Result<LabReport, LabError> {
    check(options)?;
    Ok(by_name!(options.protocol, P => Run::<P>::new(options).run()))
}

fn check(options: &LabOptions) -> Result<(), LabError> {
    check_members(options.protocol, options.nodes)?;
    let from_zero = |value: f64| value.is_finite() && value >= 0.0;
    let share = |value: f64| (0.0..1.0).contains(&value);
    let requests = options.requests as f64;
    let positive = |value: f64| value.is_finite() && value > 0.0;
    let ranges = [
        ("requests", "1 or more", requests, options.requests > 0),
        ("latency_ms", "0 or more", options.latency_ms, from_zero(options.latency_ms)),
        ("jitter_ms", "0 or more", options.jitter_ms, from_zero(options.jitter_ms)),
        ("loss", "from 0 to below 1", options.faults.loss, share(options.faults.loss)),
        (
            "duplicate",
            "from 0 to below 1",
            options.faults.duplicate,
            share(options.faults.duplicate),
        ),
        ("rate", "above 0", options.rate.unwrap_or(1.0), options.rate.is_none_or(positive)),
        ("patience_s", "above 0", options.patience_s, positive(options.patience_s)),
    ];
    for (name, range, found, good) in ranges {
        if !good {
            return Err(LabError::Range { name, range, found });
        }
    }
    let crashes = options.faults.crashes.iter();
    let partitions = options.faults.partitions.iter();
    let nodes = crashes.clone().map(|crash| crash.node);
    for node in nodes.chain(partitions.clone().flat_map(|p| p.side.iter().copied())) {
        if node.index() > options.nodes {
            let (last, client) = (options.nodes - 1, options.nodes);
            return Err(LabError::NoSuchNode { node, last, client });
        }
    }
    let crashes = crashes.map(|crash| (crash.at, crash.back));
    for (at, end) in crashes.chain(partitions.map(|p| (p.at, p.heals))) {
        if let Some(end) = end.filter(|&end| end <= at) {
            let (at_s, back_s) = (at.as_secs_f64(), end.as_secs_f64());
            return Err(LabError::Backwards { at_s, back_s });
        }
    }
    Ok(())
}

/// A run under way.
struct Run<'a, P: Replicated> {
    options: &'a LabOptions,
    cluster: Cluster<P>,
    arrivals: Stream,
    /// When the next request comes, in an open loop.
    next_arrival: Option<SimTime>,
}

impl<'a, P: Replicated> Run<'a, P> {
    fn new(options: &'a LabOptions) -> Self {
        let streams = Streams::new(options.seed);
        let latency = Span::from_millis_f64(options.latency_ms);
        let latency = Latency::around(latency, Span::from_millis_f64(options.jitter_ms));
        let link = Link {
            loss: options.faults.loss,
            duplicate: options.faults.duplicate,
            ..Link::ethernet(latency)
        };
        let members = options.nodes as u16;
        let nodes = options.nodes + 1 + P::helpers(members).len();
        let costs = vec![options.costs; nodes];
        let links = Links::uniform(nodes, link);
        let timing = &options.timing.for_latency(links.longest());
        Self {
            options,
            cluster: Cluster::new(&Setup::new(members, 1, timing), links, &costs, &streams, "lab"),
            arrivals: streams.stream("lab/arrivals"),
            next_arrival: None,
        }
    }

    fn run(mut self) -> LabReport {
        let mut changes = self.options.faults.schedule().into_iter().peekable();
        let longest = Span::from_millis_f64(self.options.latency_ms + self.options.jitter_ms);
        let patience = Span::from_secs_f64(self.options.patience_s).max(longest * 1000);
        let mut stalled = None;
        // When something was last answered or changed.
        let mut progress = SimTime::ZERO;
        let mut started = false;
        while self.cluster.answered() < self.options.requests {
            if !started && self.cluster.ready() {
                started = true;
                self.ask(self.cluster.net().now());
            }
            let deadline = progress + patience;
            let change = changes.peek().map_or(SimTime::MAX, |&(at, _)| at);
            let arrival = self.next_arrival.unwrap_or(SimTime::MAX);
            let answered = self.cluster.answered();
            if let Some(at) = self.cluster.step(deadline.min(change).min(arrival)) {
                if self.cluster.answered() > answered {
                    progress = at;
                    if self.options.rate.is_none() {
                        self.ask(at);
                    }
                }
            } else if arrival <= change && arrival <= deadline {
                self.ask(arrival);
            } else if let Some((at, what)) = changes.next_if(|_| change < SimTime::MAX) {
                progress = progress.max(at);
                self.change(at, &what);
            } else {
                stalled = Some(format!(
                    "nothing was decided for {} simulated seconds",
                    patience.as_secs_f64()
                ));
                progress = deadline;
                break;
            }
            self.cluster.notes().clear();
        }
        self.report(progress, stalled)
    }

    /// Submits the next request, if there is one to come.
    fn ask(&mut self, now: SimTime) {
        if self.cluster.submitted() < self.options.requests {
            self.cluster.submit(now, self.options.bytes);
        }
        let more = self.cluster.submitted() < self.options.requests;
        let gap = self.options.rate.filter(|_| more).and_then(|rate| Exp::new(rate).ok());
        self.next_arrival =
            gap.map(|gap| now + Span::from_secs_f64(gap.sample(&mut self.arrivals)));
    }

    fn change(&mut self, at: SimTime, change: &Change) {
        match change {
            Change::Off(node) => self.cluster.power_off(*node, at),
            Change::On(node) => self.cluster.power_on(*node, at),
            Change::Cut(sides) => cut(self.cluster.net_mut().links_mut(), sides),
        }
    }

    fn report(mut self, end: SimTime, stalled: Option<String>) -> LabReport {
        if stalled.is_some() {
            for node in self.cluster.net().nodes() {
                eprintln!(
                    "NODE {node} up {} {:?}",
                    self.cluster.net().is_up(node),
                    self.cluster.net().state(node)
                );
            }
        }
        let idle = self.cluster.net().joules_idle(end);
        // What the last answer left under way is counted, too.
        let settle_ms = 10.0 * (self.options.latency_ms + self.options.jitter_ms) + 1000.0;
        self.cluster.advance(end + Span::from_millis_f64(settle_ms));
        let cluster = &self.cluster;
        let meters = cluster.net().meters();
        let latencies = cluster.latencies_ms();
        let latency = |q| latencies.quantile(q);
        let latency_ms = match (latency(0.5), latency(0.95), latency(0.99)) {
            (Some(p50), Some(p95), Some(p99)) => Some(Latencies { p50, p95, p99 }),
            _ => None,
        };
        LabReport {
            protocol: self.options.protocol,
            nodes: self.options.nodes,
            requests: cluster.submitted(),
            decided: cluster.answered(),
            messages: meters.messages(Class::Request),
            expected_messages: self.options.requests
                * P::expected_messages(self.options.nodes as u64),
            client_messages: meters.messages(Class::Client),
            periodic_messages: meters.messages(Class::Periodic),
            repair_messages: meters.messages(Class::Repair),
            bytes: meters.bytes(),
            delays: cluster.delays().quantile(0.5).map(|delays| delays.round() as u32),
            expected_delays: P::expected_delays(),
            latency_ms,
            joules_marginal: meters.joules_marginal(),
            joules_total: meters.joules_marginal() + idle,
            violations: cluster.order().violations().to_vec(),
            violation_count: cluster.order().count(),
            view_changes: cluster.view_changes(),
            by_kind: meters.by_kind().to_vec(),
            operations: meters.operations,
            simulated_s: end.as_secs_f64(),
            stalled,
        }
    }
}
