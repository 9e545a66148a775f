//! The laboratory: one protocol alone on one network, in a closed loop (each client has one request
//! outstanding) or an open one. What the command runs; not what the twin does.

mod check;
mod power;
mod run;

pub use check::LabError;

use crate::registry::{by_name, dispatch};
use crate::{CostModel, Faults, KindCount, Links, NodeEnergy, Operations, ProtocolName, Timing};

/// What to run.
#[derive(Clone, Debug, PartialEq)]
pub struct LabOptions {
    /// The protocol.
    pub protocol: ProtocolName,
    /// How many members.
    pub nodes: usize,
    /// How many clients. In a closed loop each has one request outstanding; in an open one they
    /// take turns.
    pub clients: u16,
    /// How many requests are to be decided.
    pub requests: u64,
    /// The payload of each, in bytes.
    pub bytes: u32,
    /// How many requests are joined into one, which is as large as all of them: the protocol sees
    /// that one alone. Latencies count from when the last of them came.
    pub batch: u32,
    /// The seed of everything random.
    pub seed: u64,
    /// Between any two nodes, in ms.
    pub latency_ms: f64,
    /// Latencies are spread evenly within this of it, in ms.
    pub jitter_ms: f64,
    /// The links among members, then clients, then helpers, in place of those of the same latency
    /// between any two.
    pub links: Option<Links>,
    /// Requests a second, at random times; without it the loop is closed.
    pub rate: Option<f64>,
    /// What goes wrong.
    pub faults: Faults,
    /// The protocol's time-outs, where latencies do not ask for longer ones
    /// ([`Timing::for_latency`]).
    pub timing: Timing,
    /// A quorum of the protocol, by its place among them ([`ProtocolName::quorums`]), that is one
    /// vote too small: a planted fault, to see it found.
    pub planted: Option<usize>,
    /// What computing costs at each node.
    pub costs: CostModel,
    /// Power supply of each member, in W. A small energy store covers idle power, computing and
    /// transmission; a member browns out when its store is empty and restarts when it is half full.
    /// Clients and helpers have unlimited power. None: members have, too.
    pub power_w: Option<f64>,
    /// What such a store holds, in J.
    pub store_j: f64,
    /// The carbon intensity of all nodes' power, in g of CO2 a kWh; 0 leaves carbon out of the
    /// report.
    pub carbon_g_per_kwh: f64,
    /// A run is abandoned if nothing is decided for this long, in simulated seconds, after the last
    /// fault.
    pub patience_s: f64,
    /// A run is abandoned after this many delivered messages: nodes may answer each other forever
    /// in no simulated time.
    pub most_messages: u64,
}

impl LabOptions {
    /// `requests` requests of 64 bytes among `nodes` members on Raspberry Pis, 2 ms apart give or
    /// take 1, nothing failing, one client in a closed loop.
    pub fn new(protocol: ProtocolName, nodes: usize, requests: u64) -> Self {
        Self {
            protocol,
            nodes,
            clients: 1,
            requests,
            bytes: 64,
            batch: 1,
            seed: 1,
            latency_ms: 2.0,
            jitter_ms: 1.0,
            links: None,
            rate: None,
            faults: Faults::default(),
            timing: Timing::LAB,
            planted: None,
            costs: CostModel::default(),
            power_w: None,
            store_j: 30.0,
            carbon_g_per_kwh: 0.0,
            patience_s: 120.0,
            most_messages: u64::MAX,
        }
    }
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

/// What one decided request took, all messages and all nodes counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerDecision {
    /// Messages.
    pub messages: f64,
    /// Bytes.
    pub bytes: f64,
    /// Energy above idle, in joules.
    pub joules_marginal: f64,
    /// With idle power, in joules.
    pub joules_total: f64,
    /// Carbon of the latter, in g of CO2; none where the intensity is not given.
    pub carbon_g: Option<f64>,
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
    /// What that count says for as many requests, or batches of them, where nothing fails.
    pub expected_messages: u64,
    /// Messages between client and members where the published count leaves them out.
    pub client_messages: u64,
    /// Messages sent at fixed times: heartbeats, checkpoints.
    pub periodic_messages: u64,
    /// Messages of elections, view changes and state transfer.
    pub repair_messages: u64,
    /// Bytes of all messages.
    pub bytes: u64,
    /// Messages that were lost: by a link, or because their receiver had no power.
    pub lost: u64,
    /// Messages that arrived corrupted and were dropped.
    pub corrupted: u64,
    /// Message delays from request to answer: the median.
    pub delays: Option<u32>,
    /// What the protocol says they are where nothing fails.
    pub expected_delays: u32,
    /// Latencies at the client; none where nothing was decided.
    pub latency_ms: Option<Latencies>,
    /// Decided requests a second, from the first submission to the last answer; none where nothing
    /// was decided.
    pub decisions_per_s: Option<f64>,
    /// Energy above idle of all nodes, client included, in joules.
    pub joules_marginal: f64,
    /// With idle power until the last answer.
    pub joules_total: f64,
    /// What one decision took; none where nothing was decided.
    pub per_decision: Option<PerDecision>,
    /// How often a member's store ran empty.
    pub brown_outs: u64,
    /// How long members were without power for that, all together, in seconds.
    pub dark_s: f64,
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
    /// Energy above idle of each node: members, then clients, then helpers.
    pub energy: Vec<NodeEnergy>,
    /// How unevenly the work of deciding is spread over the members: the Gini coefficient of their
    /// energy above idle, from 0, where all do as much, towards 1, where few do everything.
    pub gini: f64,
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
    check::check(options)?;
    by_name!(options.protocol, P => run::Run::<P>::new(options)?.run())
}
