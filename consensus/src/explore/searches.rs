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

/// The searches within a protocol's own fault model, each bounded by `states`: nothing fails; a
/// time-out and a brown-out at any moment; epochs of partitions, and runs drawn at random, with a
/// liar where one is borne.
pub fn searches(protocol: ProtocolName, states: usize) -> Vec<Search> {
    let honest = ExploreOptions { states, ..ExploreOptions::honest(protocol) };
    let drawn = drawn(protocol, states);
    let search = |what: &str, options| Search { what: what.to_owned(), options };
    let mut all = vec![search("one request, nothing fails", honest)];
    let synchronous = protocol.facts().time == TimeModel::Synchronous;
    if !synchronous {
        let options = ExploreOptions { timeouts: 1, ..honest };
        all.push(search("a time-out at any moment", options));
        let options = ExploreOptions { restarts: 1, ..honest };
        all.push(search("a brown-out at any moment", options));
        let options =
            ExploreOptions { grain: Grain::Epoch, requests: 3, restarts: 1, epochs: 4, ..honest };
        all.push(search("three requests, four epochs of partitions, a brown-out", options));
        all.push(search("runs drawn at random", drawn));
    }
    if protocol.facts().faults == FaultModel::Byzantine {
        let nodes = protocol.min_members() as u16;
        for liar in [0, 1].map(NodeId) {
            let borne = protocol.bears(nodes, [liar].into_iter().collect());
            if borne || protocol.is_broken() {
                let (grain, id, liar) = (Grain::Epoch, liar, Some(liar));
                let options = ExploreOptions { grain, liar, requests: 5, epochs: 4, ..honest };
                all.push(search(&format!("five requests, four epochs, member {id} lies"), options));
                let options = ExploreOptions { liar, ..drawn };
                all.push(search(&format!("runs drawn at random, member {id} lies"), options));
            }
        }
    }
    all
}

/// Runs drawn at random, with so many states in all.
fn drawn(protocol: ProtocolName, states: usize) -> ExploreOptions {
    let synchronous = protocol.facts().time == TimeModel::Synchronous;
    ExploreOptions {
        grain: Grain::Drawn,
        requests: 5,
        clients: 2,
        epochs: 8,
        // Who is away longer than a moment has left a synchronous protocol's model.
        restarts: if synchronous { 0 } else { 1 },
        states,
        ..ExploreOptions::honest(protocol)
    }
}

/// Searches for a run that breaks the protocol with one of its quorums one vote too small, and does
/// not with the right one: without a liar first, then with each of the first members in turn as
/// one, among the fewest members as far as `states` states each, and a quarter as far among one
/// more (at some sizes one vote less is no difference). The last search is given where none finds
/// anything.
///
/// # Errors
/// Where there is no such quorum.
pub fn find_planted(
    protocol: ProtocolName,
    which: usize,
    states: usize,
) -> Result<(ExploreOptions, ExploreReport), ExploreError> {
    let least = protocol.min_members();
    let liars = match protocol.facts().faults {
        FaultModel::Crash => 0,
        FaultModel::Byzantine => LIARS,
    };
    let mut candidates = Vec::new();
    for (nodes, share) in [(least, 1), (least + 1, 4)] {
        let drawn = drawn(protocol, states);
        let plain = ExploreOptions { nodes: Some(nodes), planted: Some(which), ..drawn };
        candidates.push((plain, share));
        let lying = (0..liars).map(|id| ExploreOptions { liar: Some(NodeId(id)), ..plain });
        candidates.extend(lying.map(|options| (options, share)));
    }
    // All of them a little way first: most mistakes lie near the beginning of one of them. Each
    // time other runs are drawn.
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

/// So many members are tried as liars: the first leaders, and one that follows.
const LIARS: u16 = 3;
