//! Chaos tests: thousands of short runs of one protocol, each under a random fault schedule
//! determined by its seed alone. Within the protocol's fault model no run may violate safety, and
//! after all faults have ended (Byzantine nodes aside) every request must be answered. Beyond the
//! model, violations do occur, which shows that the checker detects them.
//!
//! Within its fault model, a protocol faces: as many simultaneous crashes as it tolerates, and a
//! crash of its client; as many Byzantine members as it tolerates; loss, duplicates, reordering,
//! corrupted messages, partitions, isolated members, slow nodes, clocks that differ by less than
//! [`Timing::skew`], and an adversary that delays messages. A synchronous protocol, which depends
//! on timing, faces only a fixed set of faulty members. Beyond its model, there is one Byzantine
//! member too many, or several.

use crate::faults::two_groups;
use crate::lab::{self, LabError, LabOptions, LabReport};
use crate::{
    Byzantine, Crash, Faults, Members, NodeId, Partition, ProtocolName, Skew, Slow, Split,
    Strategy, TimeModel, Timing,
};
use gridtwin_kernel::{SimTime, Span, Stream, Streams};
use rand::RngExt;
use std::fmt;

/// Faults begin no earlier, in ms: the group has found itself by then.
const FIRST_MS: u64 = 500;
/// Everything has healed by then, in ms.
const HEALED_MS: u64 = 6_000;
/// Requests are spread over this time, in seconds; some arrive after all faults have ended.
const ASKING_S: f64 = 8.0;
/// A run is stuck if no request is answered for this long, in simulated seconds, after all faults
/// have ended,
const PATIENCE_S: f64 = 60.0;
/// or if this many messages have arrived.
const MOST_MESSAGES: u64 = 500_000;
/// How many failing runs a report keeps; all are counted.
const KEPT: usize = 20;

/// Which runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChaosOptions {
    /// The protocol.
    pub protocol: ProtocolName,
    /// How many members.
    pub nodes: usize,
    /// How many runs.
    pub runs: u64,
    /// The seed of the first run; each one after it has the next.
    pub seed: u64,
    /// Whether the faults stay within the protocol's fault model.
    pub within: bool,
    /// A quorum that is one vote too small, to see it found ([`LabOptions::planted`]).
    pub planted: Option<usize>,
}

impl ChaosOptions {
    /// A thousand runs within the fault model, from seed 1 on, among the fewest members that can do
    /// without one.
    pub fn new(protocol: ProtocolName) -> Self {
        let least = protocol.min_members();
        let sizes = least..=least + 8;
        let nodes = sizes.into_iter().find(|&nodes| protocol.tolerates(nodes as u16) > 0);
        let nodes = nodes.unwrap_or(least);
        Self { protocol, nodes, runs: 1000, seed: 1, within: true, planted: None }
    }
}

/// What a run broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A promise about what is decided.
    Safety,
    /// The promise that everything asked for is answered in the end.
    Progress,
}

/// One run: what went wrong around the protocol, and what the protocol made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChaosRun {
    /// What it can be run again by.
    pub seed: u64,
    /// What was run, faults included.
    pub options: LabOptions,
    /// What came out.
    pub report: LabReport,
}

impl ChaosRun {
    /// What it broke, if anything.
    pub fn broken(&self) -> Option<Broken> {
        let stuck = self.report.decided < self.options.requests;
        match self.report.violation_count {
            0 => stuck.then_some(Broken::Progress),
            _ => Some(Broken::Safety),
        }
    }
}

impl fmt::Display for ChaosRun {
    /// The seed, the faults as a table, and what broke.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, options, report } = self;
        let (protocol, nodes) = (options.protocol, options.nodes);
        writeln!(f, "{protocol} with {nodes} members, seed {seed}:")?;
        write!(f, "{}", options.faults)?;
        let (decided, requests) = (report.decided, options.requests);
        write!(f, "{decided} of {requests} requests answered after {:.3} s", report.simulated_s)?;
        if let Some(why) = &report.stalled {
            write!(f, ": {why}")?;
        }
        writeln!(f)?;
        report.violations.iter().try_for_each(|violation| writeln!(f, "violation: {violation}"))
    }
}

/// What all runs came to.
#[derive(Clone, Debug, PartialEq)]
pub struct ChaosReport {
    /// What was run.
    pub options: ChaosOptions,
    /// How many runs broke a promise about what is decided.
    pub unsafe_runs: u64,
    /// How many runs were safe, but did not answer everything.
    pub stuck_runs: u64,
    /// The first runs that broke something: beyond the fault model, about what is decided.
    pub failures: Vec<ChaosRun>,
    /// How many requests were answered.
    pub answered: u64,
    /// How many messages were sent.
    pub messages: u64,
    /// How many views or terms began after the first.
    pub view_changes: u64,
}

impl ChaosReport {
    /// Whether it is as it should be: within the fault model, nothing broken; beyond it, something.
    pub fn as_it_should_be(&self) -> bool {
        (self.unsafe_runs + self.stuck_runs == 0) == self.options.within
    }
}

impl fmt::Display for ChaosReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ChaosOptions { protocol, nodes, runs, within, .. } = self.options;
        let model = if within { "within" } else { "beyond" };
        writeln!(
            f,
            "{protocol} with {nodes} members, {runs} runs {model} its fault model: {} violated \
             safety, {} did not answer every request; {} answers, {} messages, {} view changes",
            self.unsafe_runs, self.stuck_runs, self.answered, self.messages, self.view_changes
        )?;
        self.failures.iter().try_for_each(|run| write!(f, "\n{run}"))
    }
}

/// Runs them all, one after the other.
///
/// # Errors
/// The group size is invalid for the protocol.
pub fn run(options: &ChaosOptions) -> Result<ChaosReport, LabError> {
    let mut report = ChaosReport {
        options: *options,
        unsafe_runs: 0,
        stuck_runs: 0,
        failures: Vec::new(),
        answered: 0,
        messages: 0,
        view_changes: 0,
    };
    for place in 0..options.runs {
        let run = replay(options, options.seed.wrapping_add(place))?;
        report.answered += run.report.decided;
        report.messages += run.report.by_kind.iter().map(|kind| kind.messages).sum::<u64>();
        report.view_changes += run.report.view_changes;
        let broken = run.broken();
        match broken {
            Some(Broken::Safety) => report.unsafe_runs += 1,
            Some(Broken::Progress) => report.stuck_runs += 1,
            None => continue,
        }
        let told = options.within || broken == Some(Broken::Safety);
        if told && report.failures.len() < KEPT {
            report.failures.push(run);
        }
    }
    Ok(report)
}

/// The run with one seed, whichever of how many it was.
///
/// # Errors
/// As [`run`].
pub fn replay(options: &ChaosOptions, seed: u64) -> Result<ChaosRun, LabError> {
    let options = schedule(options, seed);
    let report = lab::run(&options)?;
    Ok(ChaosRun { seed, options, report })
}

/// What the run with one seed is made of.
pub fn schedule(options: &ChaosOptions, seed: u64) -> LabOptions {
    let mut plan = Plan::new(options, seed);
    // Beyond the model, Byzantine nodes are the only faults in one of two runs.
    if options.within || plan.between("beside liars", 0, 1) == 1 {
        match options.protocol.facts().time {
            TimeModel::Synchronous => plan.trusting_time(),
            TimeModel::PartiallySynchronous | TimeModel::Asynchronous => plan.trusting_nothing(),
        }
    }
    if !options.within {
        plan.overtax();
    }
    let requests = plan.between("requests", 8, 15);
    LabOptions {
        seed,
        rate: Some(requests as f64 / ASKING_S),
        faults: plan.faults,
        planted: options.planted,
        most_messages: MOST_MESSAGES,
        patience_s: if options.within { PATIENCE_S } else { PATIENCE_S / 4.0 },
        ..LabOptions::new(options.protocol, options.nodes, requests)
    }
}

/// A fault schedule under construction; each kind of fault is drawn from its own stream.
struct Plan {
    protocol: ProtocolName,
    members: u16,
    streams: Streams,
    faults: Faults,
    byzantine: Members,
    /// Whether Byzantine nodes use only strategies that can violate safety: beyond the fault model.
    earnest: bool,
}

impl Plan {
    fn new(options: &ChaosOptions, seed: u64) -> Self {
        Self {
            protocol: options.protocol,
            members: options.nodes as u16,
            streams: Streams::new(seed),
            faults: Faults::default(),
            byzantine: Members::NONE,
            earnest: !options.within,
        }
    }

    fn stream(&self, sort: &str) -> Stream {
        self.streams.stream(&format!("chaos/{sort}"))
    }

    /// A number from the stream with this name.
    fn between(&self, sort: &str, least: u64, most: u64) -> u64 {
        self.stream(sort).random_range(least..=most)
    }

    /// Everything that a protocol must survive which trusts in nothing for its safety.
    fn trusting_nothing(&mut self) {
        self.noise();
        self.crashes();
        self.splits();
        self.slow();
        self.skew();
        let most = self.between("liars", 0, self.members.into()) as usize;
        for node in self.shuffled("liar") {
            let with = self.byzantine.or([node].into_iter().collect());
            if self.byzantine.len() < most && self.protocol.withstands(self.members, with) {
                self.make_byzantine(node);
            }
        }
    }

    /// Shares of all messages, each sort in one of two runs, until everything heals; and an
    /// adversary in one of three.
    fn noise(&mut self) {
        let share = |sort: &str, most: f64| {
            let mut random = self.stream(sort);
            if random.random() { random.random_range(0.0..most) } else { 0.0 }
        };
        let (loss, duplicate) = (share("loss", 0.2), share("duplicate", 0.2));
        let (reorder, corrupt) = (share("reorder", 0.3), share("corrupt", 0.1));
        let mut random = self.stream("gst");
        let adversary = random.random_range(0..3) == 0;
        let gst = SimTime::ZERO + ms(random.random_range(FIRST_MS..=HEALED_MS));
        let before_gst = ms(random.random_range(1..=500));
        let gst = adversary.then_some(gst);
        let calm = Some(healed());
        self.faults = Faults {
            loss,
            duplicate,
            reorder,
            corrupt,
            calm,
            gst,
            before_gst,
            ..Faults::default()
        };
    }

    /// Brown-outs of as many members at a time as are tolerated, one after the other; and of the
    /// client, in one of five runs.
    fn crashes(&mut self) {
        let random = &mut self.stream("crashes");
        let mut free_at = vec![FIRST_MS; self.members.into()];
        let at_a_time = random.random_range(0..=self.protocol.tolerates(self.members));
        for _ in 0..at_a_time {
            let mut now = FIRST_MS;
            loop {
                now += random.random_range(1..=2000);
                let back = now + random.random_range(10..=2500);
                let member = random.random_range(0..self.members);
                if back > HEALED_MS {
                    break;
                }
                let free = &mut free_at[usize::from(member)];
                if *free <= now {
                    *free = back + 1;
                    self.faults.crashes.push(outage(NodeId(member), now, back));
                }
                now = back;
            }
        }
        let random = &mut self.stream("client");
        if random.random_range(0..5) == 0 {
            let now = random.random_range(FIRST_MS..HEALED_MS - 1);
            let back = random.random_range(now + 1..=HEALED_MS);
            self.faults.crashes.push(outage(NodeId(self.members), now, back));
        }
    }

    /// Up to three partitions into two groups, a third of them one-way, or isolated members. The
    /// client and the helpers are on either side, or reach both.
    fn splits(&mut self) {
        let random = &mut self.stream("splits");
        let nodes = self.members + 1 + self.protocol.helpers(self.members).len() as u16;
        for _ in 0..random.random_range(0..=3) {
            let now = random.random_range(FIRST_MS..HEALED_MS - 1);
            let heals = random.random_range(now + 1..=HEALED_MS.min(now + 2500));
            let (at, heals) = (SimTime::ZERO + ms(now), Some(SimTime::ZERO + ms(heals)));
            if random.random_range(0..4) == 0 {
                let side = vec![NodeId(random.random_range(0..self.members))];
                self.faults.partitions.push(Partition { side, at, heals });
                continue;
            }
            let one_way = random.random_range(0..3) == 0;
            let everybody = random.random();
            let parted = if everybody { nodes } else { self.members };
            let groups = two_groups((0..parted).map(NodeId), random);
            self.faults.splits.push(Split { groups, one_way, at, heals });
        }
    }

    /// In one of three runs, a node that takes up to twenty times as long.
    fn slow(&mut self) {
        let random = &mut self.stream("slow");
        if random.random_range(0..3) == 0 {
            let node = NodeId(random.random_range(0..self.members));
            let times = random.random_range(1.0..20.0);
            let (at, back) = (SimTime::ZERO + ms(FIRST_MS), Some(healed()));
            self.faults.slow.push(Slow { node, times, at, back });
        }
    }

    /// In one of two runs, clocks that differ by less than the assumed bound.
    fn skew(&mut self) {
        let random = &mut self.stream("skew");
        if random.random() {
            let most = 0.8 * Timing::LAB.skew.as_millis_f64();
            for node in 0..self.members {
                let (ahead_ms, drift_ppm) =
                    (random.random_range(0.0..most), random.random_range(-5.0..5.0));
                self.faults.skew.push(Skew { node: NodeId(node), ahead_ms, drift_ppm });
            }
        }
    }

    /// A fixed set of faulty members, as many as are tolerated: Byzantine, if the protocol
    /// tolerates that, or crashed, permanently or for a while.
    fn trusting_time(&mut self) {
        let random = &mut self.stream("faulty");
        let count = random.random_range(0..=self.protocol.tolerates(self.members));
        let mut faulty = Members::NONE;
        for node in self.shuffled("liar").into_iter().take(count.into()) {
            faulty.insert(node);
            if random.random() && self.protocol.withstands(self.members, faulty) {
                self.make_byzantine(node);
                continue;
            }
            let now = random.random_range(FIRST_MS..HEALED_MS - 1);
            let back = random.random_range(now + 1..=HEALED_MS);
            let for_good = random.random_range(0..3) == 0;
            let crash = outage(node, now, back);
            self.faults.crashes.push(Crash { back: crash.back.filter(|_| !for_good), ..crash });
        }
    }

    /// More Byzantine members than the protocol tolerates, those drawn before included: one too
    /// many in most runs, all but one in the others.
    fn overtax(&mut self) {
        let several = self.between("liars beyond", 0, 3) == 0;
        let most = if several { usize::from(self.members) - 1 } else { 0 };
        for node in self.shuffled("liar too many") {
            let tolerated = self.protocol.withstands(self.members, self.byzantine);
            if (tolerated || self.byzantine.len() < most) && !self.byzantine.contains(node) {
                self.make_byzantine(node);
            }
        }
    }

    /// Makes a node Byzantine from the start.
    fn make_byzantine(&mut self, node: NodeId) {
        self.byzantine.insert(node);
        let random = &mut self.stream(&format!("strategy/{node}"));
        let kinds = if self.earnest { 4 } else { 12 };
        let strategy = match random.random_range(0..kinds) {
            0 => Strategy::Mixed,
            1..4 => Strategy::Equivocate,
            4 => Strategy::Silent,
            5 => Strategy::Delay(ms(random.random_range(1..=1500))),
            6 => Strategy::DropTo(NodeId(random.random_range(0..=self.members))),
            7 => Strategy::Replay,
            8 => {
                let chosen = (0..=self.members).map(NodeId).filter(|_| random.random());
                Strategy::Selective(chosen.collect())
            }
            9 => Strategy::Stale,
            _ => Strategy::Mixed,
        };
        self.faults.byzantine.push(Byzantine { node, strategy, from: SimTime::ZERO });
    }

    /// All members, in an order of chance.
    fn shuffled(&self, sort: &str) -> Vec<NodeId> {
        let random = &mut self.stream(sort);
        let mut keyed: Vec<(u64, NodeId)> =
            (0..self.members).map(|node| (random.random(), NodeId(node))).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, node)| node).collect()
    }
}

fn ms(ms: u64) -> Span {
    Span::from_millis(ms)
}

fn healed() -> SimTime {
    SimTime::ZERO + ms(HEALED_MS)
}

/// A node without power from one time to another, in ms.
fn outage(node: NodeId, from: u64, back: u64) -> Crash {
    Crash { node, at: SimTime::ZERO + ms(from), back: Some(SimTime::ZERO + ms(back)) }
}
