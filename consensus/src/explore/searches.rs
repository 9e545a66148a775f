//! Which searches are worth making for a protocol: the instances that prove something of it, and
//! those that prove something of the explorer. Not how a search goes.

use super::{ExploreError, ExploreOptions, ExploreReport, Grain, explore};
use crate::{FaultModel, NodeId, ProtocolName, TimeModel};

/// A search, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// In a few words.
    pub what: String,
    /// The instance.
    pub options: ExploreOptions,
}

/// The searches within a protocol's fault model, each limited to `states`: without failures; with a
/// time-out and a brown-out at any moment; epochs with partitions; and random runs, with a
/// Byzantine member if one is tolerated.
pub fn searches(protocol: ProtocolName, states: usize) -> Vec<Search> {
    let honest = ExploreOptions { states, ..ExploreOptions::honest(protocol) };
    let drawn = drawn(protocol, states);
    let search = |what: &str, options| Search { what: what.to_owned(), options };
    let mut all = vec![search("one request, no failures", honest)];
    let synchronous = protocol.facts().time == TimeModel::Synchronous;
    if !synchronous {
        let options = ExploreOptions { timeouts: 1, ..honest };
        all.push(search("one time-out at any moment", options));
        let options = ExploreOptions { restarts: 1, ..honest };
        all.push(search("one member browns out at any moment", options));
        let options =
            ExploreOptions { grain: Grain::Epoch, requests: 3, restarts: 1, epochs: 4, ..honest };
        let what = "three requests, four epochs of partitions, one member browns out";
        all.push(search(what, options));
        all.push(search("random runs", drawn));
    }
    if protocol.facts().faults == FaultModel::Byzantine {
        let nodes = protocol.min_members() as u16;
        for byzantine in [0, 1].map(NodeId) {
            let tolerated = protocol.withstands(nodes, [byzantine].into_iter().collect());
            if tolerated || protocol.is_broken() {
                let (grain, id, byzantine) = (Grain::Epoch, byzantine, Some(byzantine));
                let options = ExploreOptions { grain, byzantine, requests: 5, epochs: 4, ..honest };
                all.push(search(
                    &format!("five requests, four epochs, member {id} is Byzantine"),
                    options,
                ));
                let options = ExploreOptions { byzantine, ..drawn };
                all.push(search(&format!("random runs, member {id} is Byzantine"), options));
            }
        }
    }
    all
}

/// Random runs with this many states in total.
fn drawn(protocol: ProtocolName, states: usize) -> ExploreOptions {
    let synchronous = protocol.facts().time == TimeModel::Synchronous;
    ExploreOptions {
        grain: Grain::Drawn,
        requests: 5,
        clients: 2,
        epochs: 8,
        // An absence of more than a moment exceeds a synchronous protocol's fault model.
        restarts: if synchronous { 0 } else { 1 },
        states,
        ..ExploreOptions::honest(protocol)
    }
}

/// Searches for a run that violates the specification when one of the protocol's quorums is one
/// vote too small, but not with the right quorum: first without a Byzantine member, then with each
/// of the first members in turn, with the smallest group up to `states` states each, and with a
/// quarter of that for one more member (at some sizes one vote less makes no difference). If no
/// search finds one, the last is returned.
///
/// # Errors
/// Where there is no such quorum.
pub fn find_planted(
    protocol: ProtocolName,
    which: usize,
    states: usize,
) -> Result<(ExploreOptions, ExploreReport), ExploreError> {
    let least = protocol.min_members();
    let byzantine = match protocol.facts().faults {
        FaultModel::Crash => 0,
        FaultModel::Byzantine => BYZANTINE,
    };
    let mut candidates = Vec::new();
    for (nodes, share) in [(least, 1), (least + 1, 4)] {
        let drawn = drawn(protocol, states);
        let plain = ExploreOptions { nodes: Some(nodes), planted: Some(which), ..drawn };
        candidates.push((plain, share));
        let faulty =
            (0..byzantine).map(|id| ExploreOptions { byzantine: Some(NodeId(id)), ..plain });
        candidates.extend(faulty.map(|options| (options, share)));
    }
    // All of them for a few states first: most violations need few steps. Each time with other
    // random runs.
    let (mut budget, mut seed) = (FIRST_STATES.min(states), 1);
    loop {
        let mut last = None;
        for &(options, share) in &candidates {
            let options = ExploreOptions { states: budget.div_ceil(share), seed, ..options };
            let report = explore(&options)?;
            let found = report.violation.is_some();
            last = Some((options, report));
            if found {
                break;
            }
        }
        match last {
            Some(found) if found.1.violation.is_some() || budget >= states => return Ok(found),
            _ => (budget, seed) = ((budget * 2).min(states), seed + 1),
        }
    }
}

/// States that each search may see at first.
const FIRST_STATES: usize = 2_000;

/// The number of members tried as Byzantine: the first leaders, and one follower.
const BYZANTINE: u16 = 3;
