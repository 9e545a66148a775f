//! What can be asked of `gridtwin consensus`.

use super::{above_zero, count, number, one_of, seed, zero_or_above};
use clap::{Args, Subcommand};
use gridtwin_consensus::explore::Grain;
use gridtwin_consensus::{MAX_MEMBERS, ProtocolName, Strategy, StrategyError};

#[derive(Debug, Subcommand)]
pub(crate) enum Consensus {
    /// Run one protocol and measure it
    #[command(after_help = "Examples:
  gridtwin consensus run --protocol raft --nodes 5 --requests 200 --loss 0.01 --crash 0@2..5
  gridtwin consensus run --protocol zyzzyva --nodes 4 --byzantine 1:silent
  gridtwin consensus run --protocol pbft --nodes 7 --rate 20 --partition '0,1|2,3,4,5,6@1..4'
  gridtwin consensus run --protocol pbft --nodes 4 --requests 2000 --power 2.6

How messages are counted:
  messages           messages of the kinds that the protocol's published message count includes
  expected messages  the published count for this number of requests without faults
  periodic messages  heartbeats and checkpoints, sent at fixed times
  repair messages    messages of elections, view changes and state transfer
  client messages    messages between clients and members, if the published count excludes them

--json also lists the energy that each node used.")]
    Run(ConsensusArguments),
    /// List the protocols
    #[command(after_help = "Example:\n  gridtwin consensus list")]
    List(ListArguments),
    /// Measure protocols side by side, at several sizes
    #[command(after_help = "Example:
  gridtwin consensus compare --nodes 4,7,16,31 --protocol raft,pbft --carbon-g-per-kwh 400")]
    Compare(CompareArguments),
    /// Model checking: try every possible run of a small group of members
    #[command(after_help = "Examples:
  gridtwin consensus explore --protocol pbft
  gridtwin consensus explore --protocol raft --planted

Several searches are made. Small cases are searched message by message, in every order in which
messages can arrive. Larger cases are searched epoch by epoch, through several view changes: in each
epoch some nodes are isolated, and a Byzantine member behaves in one of several ways. --planted
tests the search with a deliberate bug: it makes each quorum in turn one vote too small, and shows a
run that violates agreement.")]
    Explore(ExploreArguments),
    /// Run a protocol under thousands of random fault schedules
    #[command(after_help = "Examples:
  gridtwin consensus chaos --protocol pbft --runs 10000
  gridtwin consensus chaos --protocol raft --runs 1000 --beyond

Within the fault model no run may violate agreement, and every request must be answered after all
faults have ended. --beyond adds one fault more than the protocol tolerates: the violations found
then show that the checker works. A failing run is printed with its faults; repeat it with the same
options, --seed SEED and --runs 1.")]
    Chaos(ChaosArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// Protocols to measure [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = protocols())]
    pub(crate) protocol: Vec<ProtocolName>,
    /// Group sizes (numbers of members) to measure
    #[arg(long, value_name = "N,N..", value_delimiter = ',', default_value = "4,7,16,31,64",
          allow_negative_numbers = true, value_parser = members)]
    pub(crate) nodes: Vec<usize>,
    /// Requests per run; each is sent when the previous one has been answered
    #[arg(long, value_name = "K", default_value_t = 100, allow_negative_numbers = true,
          value_parser = requests)]
    pub(crate) requests: u64,
    /// Random seed
    #[arg(long, value_name = "S", default_value_t = 1, allow_negative_numbers = true,
          value_parser = seed)]
    pub(crate) seed: u64,
    /// One-way network latency between any two nodes, ms
    #[arg(long, value_name = "MS", default_value_t = 2.0, value_parser = delay_ms,
          allow_negative_numbers = true)]
    pub(crate) latency_ms: f64,
    /// Random jitter, ms: the latency varies by up to this much in either direction
    #[arg(long, value_name = "MS", default_value_t = 0.0, value_parser = delay_ms,
          allow_negative_numbers = true)]
    pub(crate) jitter_ms: f64,
    /// Carbon intensity of the nodes' electricity, g of CO2 per kWh
    #[arg(long, value_name = "G", default_value_t = 250.0, value_parser = carbon,
          allow_negative_numbers = true)]
    pub(crate) carbon_g_per_kwh: f64,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExploreArguments {
    /// The protocol
    #[arg(long, value_parser = protocols())]
    pub(crate) protocol: ProtocolName,
    /// Make each quorum in turn one vote too small, and find a run that violates agreement
    #[arg(long)]
    pub(crate) planted: bool,
    /// Make only this search: message by message (message), epoch by epoch (epoch), or random runs
    /// (drawn). An epoch is a period in which some nodes are isolated. Required by --nodes,
    /// --requests, --byzantine, --epochs, --timeouts, --restarts, --clients and --seed
    #[arg(long, value_name = "GRAIN", conflicts_with = "planted", value_parser = grains())]
    pub(crate) grain: Option<Grain>,
    /// Number of members [default: the smallest group that the protocol allows]
    #[arg(long, value_name = "N", allow_negative_numbers = true, requires = "grain",
          value_parser = members)]
    pub(crate) nodes: Option<usize>,
    /// Number of requests
    #[arg(long, value_name = "K", default_value_t = 2, allow_negative_numbers = true,
          requires = "grain", value_parser = few_requests)]
    pub(crate) requests: u64,
    /// Make this member Byzantine; use it with --grain epoch
    #[arg(long, value_name = "ID", allow_negative_numbers = true, requires = "grain",
          value_parser = member, alias = "liar")]
    pub(crate) byzantine: Option<u16>,
    /// Number of epochs, with --grain epoch or drawn
    #[arg(long, value_name = "N", default_value_t = 5, allow_negative_numbers = true,
          requires = "grain", value_parser = epochs)]
    pub(crate) epochs: u8,
    /// Number of time-outs that may expire, with --grain message
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true,
          requires = "grain", value_parser = timeouts)]
    pub(crate) timeouts: u8,
    /// Number of times a member may lose power and restart
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true,
          requires = "grain", value_parser = restarts)]
    pub(crate) restarts: u8,
    /// Number of clients
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true,
          requires = "grain", value_parser = few_clients)]
    pub(crate) clients: u16,
    /// Random seed, with --grain drawn
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true,
          requires = "grain", value_parser = seed)]
    pub(crate) seed: u64,
    /// Stop each search after about this many states. The limit is checked only now and
    /// then: with many members a search may reach several times this number
    #[arg(long, value_name = "N", default_value_t = 200_000, allow_negative_numbers = true,
          value_parser = states)]
    pub(crate) states: usize,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConsensusArguments {
    /// The protocol
    #[arg(long, value_parser = protocols())]
    pub(crate) protocol: ProtocolName,
    /// Number of members
    #[arg(long, value_name = "N", default_value_t = 4, allow_negative_numbers = true,
          value_parser = members)]
    pub(crate) nodes: usize,
    /// Total number of requests of all clients; without --rate, each client sends its next request
    /// when its previous one has been answered
    #[arg(long, value_name = "K", default_value_t = 100, allow_negative_numbers = true,
          value_parser = requests)]
    pub(crate) requests: u64,
    /// Random seed
    #[arg(long, value_name = "S", default_value_t = 1, allow_negative_numbers = true,
          value_parser = seed)]
    pub(crate) seed: u64,
    /// One-way network latency between any two nodes, ms
    #[arg(long, value_name = "MS", default_value_t = 2.0, value_parser = delay_ms,
          allow_negative_numbers = true)]
    pub(crate) latency_ms: f64,
    /// Random jitter, ms: the latency varies by up to this much in either direction
    #[arg(long, value_name = "MS", default_value_t = 1.0, value_parser = delay_ms,
          allow_negative_numbers = true)]
    pub(crate) jitter_ms: f64,
    /// Fraction of messages lost on every link: share, from 0 to below 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share_below_one,
          allow_negative_numbers = true)]
    pub(crate) loss: f64,
    /// Mean number of requests per second; they arrive at random times (Poisson process)
    #[arg(long, value_name = "PER_S", value_parser = above_zero, allow_negative_numbers = true)]
    pub(crate) rate: Option<f64>,
    /// Number of clients; without --rate, each waits for an answer before it sends its next request
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true,
          value_parser = clients)]
    pub(crate) clients: u16,
    /// Batch size: number of requests that are decided together
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true,
          value_parser = batch)]
    pub(crate) batch: u32,
    /// Crash node ID at this time (s); restart it at the time after `..`, if given
    #[arg(long, value_name = "ID@SECONDS[..SECONDS]")]
    pub(crate) crash: Vec<Crash>,
    /// Make node ID Byzantine, with one of these strategies: honest, silent (sends nothing),
    /// delay:50ms (sends late), drop:KIND (never sends this kind of message), drop:@NODE (never
    /// sends to this node), replay (repeats old messages), equivocate (sends different messages to
    /// different nodes), selective:NODE,NODE (sends only to these nodes), stale (continues from an
    /// old state) or mixed (all in turn)
    #[arg(long, value_name = "ID:STRATEGY")]
    pub(crate) byzantine: Vec<Byzantine>,
    /// Partition the network into these groups of nodes, which cannot reach each other from this
    /// time (s) until the time after `..`, or, where that is left out, until the end
    #[arg(long, value_name = "A,B|C,D@SECONDS[..SECONDS]")]
    pub(crate) partition: Vec<Partition>,
    /// Supply power of each member, W, buffered by a small energy store: a member browns out when
    /// its store is empty and restarts when it is half full
    #[arg(long, value_name = "W", value_parser = above_zero, allow_negative_numbers = true)]
    pub(crate) power: Option<f64>,
    /// Capacity of each member's energy store, J
    #[arg(long, value_name = "J", default_value_t = 30.0, value_parser = above_zero,
          allow_negative_numbers = true, requires = "power")]
    pub(crate) store: f64,
    /// Carbon intensity of the nodes' electricity, g of CO2 per kWh
    #[arg(long, value_name = "G", default_value_t = 250.0, value_parser = carbon,
          allow_negative_numbers = true)]
    pub(crate) carbon_g_per_kwh: f64,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ChaosArguments {
    /// The protocol
    #[arg(long, value_parser = protocols())]
    pub(crate) protocol: ProtocolName,
    /// Number of members [default: the smallest group that tolerates one fault]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = members)]
    pub(crate) nodes: Option<usize>,
    /// Number of runs
    #[arg(long, value_name = "N", default_value_t = 1000, allow_negative_numbers = true,
          value_parser = runs)]
    pub(crate) runs: u64,
    /// Random seed of the first run; each further run uses the next higher seed
    #[arg(long, value_name = "S", default_value_t = 1, allow_negative_numbers = true,
          value_parser = seed)]
    pub(crate) seed: u64,
    /// Exceed the fault model: add one fault more than the protocol tolerates
    #[arg(long)]
    pub(crate) beyond: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A Byzantine node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Byzantine {
    /// The node, from 0.
    pub(crate) node: u16,
    /// What it does.
    pub(crate) strategy: Strategy,
}

impl std::str::FromStr for Byzantine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected ID:STRATEGY, as in 0:equivocate".to_owned();
        let (node, strategy) = text.split_once(':').ok_or_else(wrong)?;
        let node = node.parse().map_err(|_| wrong())?;
        let strategy = strategy.parse().map_err(|error: StrategyError| error.to_string())?;
        Ok(Self { node, strategy })
    }
}

/// Groups of nodes that cannot reach each other for a while.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Partition {
    /// The groups.
    pub(crate) groups: Vec<Vec<u16>>,
    /// When it begins, in seconds.
    pub(crate) from_s: f64,
    /// When it ends, in seconds; never, if absent.
    pub(crate) until_s: Option<f64>,
}

impl std::str::FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected groups of nodes and times, as in 0,1|2,3@2..5".to_owned();
        let (groups, times) = text.split_once('@').ok_or_else(wrong)?;
        let node = |text: &str| text.trim().parse::<u16>().map_err(|_| wrong());
        let group = |text: &str| text.split(',').map(node).collect::<Result<Vec<_>, _>>();
        let groups = groups.split('|').map(group).collect::<Result<Vec<_>, _>>()?;
        if groups.len() < 2 {
            return Err(
                "expected two groups or more with `|` between them, as in 0,1|2,3@2..5".to_owned()
            );
        }
        let (from_s, until_s) = span(times).ok_or_else(wrong)?;
        if until_s.is_some_and(|until| until <= from_s) {
            return Err(
                "the partition must end later than it begins; give its beginning before its \
                        end, as in 0,1|2,3@2..5"
                    .to_owned(),
            );
        }
        Ok(Self { groups, from_s, until_s })
    }
}

/// `SECONDS` or `SECONDS..SECONDS`.
fn span(text: &str) -> Option<(f64, Option<f64>)> {
    let (from, until) = match text.split_once("..") {
        Some((from, until)) => (from, Some(until)),
        None => (text, None),
    };
    let until = until.map(zero_or_above).transpose().ok()?;
    Some((zero_or_above(from).ok()?, until))
}

/// A member that crashes, and perhaps restarts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Crash {
    /// The member, from 0.
    pub(crate) member: u16,
    /// When it crashes, in seconds.
    pub(crate) from_s: f64,
    /// When it restarts, in seconds; never, if absent.
    pub(crate) until_s: Option<f64>,
}

impl std::str::FromStr for Crash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected ID@SECONDS or ID@SECONDS..SECONDS, as in 0@2..5".to_owned();
        let (member, times) = text.split_once('@').ok_or_else(wrong)?;
        let (from_s, until_s) = span(times).ok_or_else(wrong)?;
        let crash = Self { member: member.parse().map_err(|_| wrong())?, from_s, until_s };
        match crash.until_s {
            Some(until) if until <= crash.from_s => {
                Err("the node must restart later than it crashes; give the crash before the \
                     restart, as in 0@2..5"
                    .to_owned())
            }
            _ => Ok(crash),
        }
    }
}

fn requests(text: &str) -> Result<u64, String> {
    count(text, 1..=10_000_000, "requests")
}
fn runs(text: &str) -> Result<u64, String> {
    count(text, 1..=10_000_000, "runs")
}
fn members(text: &str) -> Result<usize, String> {
    count(text, 1..=MAX_MEMBERS, "members")
}
fn clients(text: &str) -> Result<u16, String> {
    count(text, 1..=64, "clients")
}
fn few_clients(text: &str) -> Result<u16, String> {
    count(text, 1..=8, "clients")
}
fn few_requests(text: &str) -> Result<u64, String> {
    count(text, 1..=8, "requests")
}
fn batch(text: &str) -> Result<u32, String> {
    count(text, 1..=10_000, "requests in a batch")
}
fn epochs(text: &str) -> Result<u8, String> {
    count(text, 1..=12, "epochs")
}
fn timeouts(text: &str) -> Result<u8, String> {
    count(text, 0..=u8::MAX, "time-outs")
}
fn restarts(text: &str) -> Result<u8, String> {
    count(text, 0..=u8::MAX, "restarts")
}
fn member(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "expected the number of a member, counted from 0".to_owned())
}
fn delay_ms(text: &str) -> Result<f64, String> {
    number(text, |v| (0.0..=3_600_000.0).contains(&v), "0 to 3600000 ms (an hour)")
}
fn share_below_one(text: &str) -> Result<f64, String> {
    number(text, |v| (0.0..1.0).contains(&v), "a share of at least 0 and below 1: 5 % is 0.05")
}
fn grains() -> impl clap::builder::TypedValueParser<Value = Grain> {
    one_of([("message", Grain::Message), ("epoch", Grain::Epoch), ("drawn", Grain::Drawn)])
}
fn states(text: &str) -> Result<usize, String> {
    count(text, 1_000..=1_000_000_000, "states")
}
fn carbon(text: &str) -> Result<f64, String> {
    number(text, |v| (0.0..=2000.0).contains(&v), "0 to 2000 g of CO2 per kWh")
}
fn protocols() -> impl clap::builder::TypedValueParser<Value = ProtocolName> {
    one_of(ProtocolName::ALL.map(|name| (name.as_str(), name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_has_a_member_and_times() {
        let crash = |text: &str| text.parse::<Crash>();
        let (member, from_s) = (3, 2.5);
        assert_eq!(crash("3@2.5"), Ok(Crash { member, from_s, until_s: None }));
        assert_eq!(crash("3@2.5..4"), Ok(Crash { member, from_s, until_s: Some(4.0) }));
        for wrong in ["3", "x@1", "3@", "3@1..", "3@-1", "3@NaN", "3@4..2", "-1@2"] {
            assert!(crash(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_partition_has_groups_and_times() {
        let partition = |text: &str| text.parse::<Partition>();
        let groups = vec![vec![0, 1], vec![2, 3]];
        let found = partition("0,1|2,3@2..5.5").unwrap();
        assert_eq!(found, Partition { groups, from_s: 2.0, until_s: Some(5.5) });
        for wrong in ["0,1@2", "0|1", "0||1@2", "a|b@2", "0|1@5..2", "0|1@-1", "|@1"] {
            assert!(partition(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_byzantine_node_has_a_strategy() {
        let byzantine = |text: &str| text.parse::<Byzantine>();
        assert_eq!(byzantine("3:silent"), Ok(Byzantine { node: 3, strategy: Strategy::Silent }));
        for wrong in ["3", "x:silent", "3:honestly", "3:delay:soon", ":silent"] {
            assert!(byzantine(wrong).is_err(), "{wrong}");
        }
    }
}
