//! What is wrong with options, found before anything runs.

use super::LabOptions;
use crate::group::check_members;
use crate::{Faults, GroupError, NodeId, StrategyError};
use gridtwin_kernel::SimTime;
use thiserror::Error;

/// What is wrong with the options.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LabError {
    /// The group size is invalid for the protocol.
    #[error(transparent)]
    Group(#[from] GroupError),
    /// A Byzantine strategy that is invalid for the protocol.
    #[error(transparent)]
    Strategy(#[from] StrategyError),
    /// A number outside its range.
    #[error("{name} must be {range}; found {found}")]
    Range {
        /// The option.
        name: &'static str,
        /// What it may be.
        range: &'static str,
        /// What it is.
        found: f64,
    },
    /// A fault at a node that does not exist.
    #[error(
        "there is no node {node}: members are 0 to {last}, the first client is {client}{others}",
        others = if last_node > client { format!("; the last node is {last_node}") } else { String::new() }
    )]
    NoSuchNode {
        /// The node.
        node: NodeId,
        /// The last member.
        last: usize,
        /// The first client.
        client: usize,
        /// The last node of all.
        last_node: usize,
    },
    /// A node that has its power back before it loses it, or a partition that heals so.
    #[error("a fault at {at_s} s cannot end at {back_s} s: it must end later than it begins")]
    Backwards {
        /// When it begins, in seconds.
        at_s: f64,
        /// When it is to end, in seconds.
        back_s: f64,
    },
    /// A partition with fewer than two groups, or with a node in two of them.
    #[error("a partition needs two or more groups, each with nodes of its own; found {0:?}")]
    Groups(Vec<Vec<NodeId>>),
}

/// Checks all options of a run except Byzantine strategies.
pub(super) fn check(options: &LabOptions) -> Result<(), LabError> {
    check_members(options.protocol, options.nodes)?;
    check_ranges(options)?;
    let helpers = options.protocol.helpers(options.nodes as u16).len();
    let nodes = options.nodes + usize::from(options.clients) + helpers;
    if let Some(found) = options.links.as_ref().map(|links| links.nodes()).filter(|&n| n != nodes) {
        return Err(GroupError::Size { what: "links", found, expected: nodes }.into());
    }
    check_nodes(options, nodes)?;
    check_times(&options.faults)?;
    for split in &options.faults.splits {
        let mut all: Vec<_> = split.groups.concat();
        all.sort_unstable();
        let twice = all.windows(2).any(|pair| pair[0] == pair[1]);
        if twice || split.groups.len() < 2 || split.groups.iter().any(Vec::is_empty) {
            return Err(LabError::Groups(split.groups.clone()));
        }
    }
    Ok(())
}

fn check_ranges(options: &LabOptions) -> Result<(), LabError> {
    let faults = &options.faults;
    let zero_or_more = |name, found: f64| {
        let good = found.is_finite() && found >= 0.0;
        (name, "0 or more", found, good)
    };
    let above_zero = |name, found: f64| (name, "above 0", found, found.is_finite() && found > 0.0);
    let share =
        |name, found: f64| (name, "at least 0 and below 1", found, (0.0..1.0).contains(&found));
    let quorums = options.protocol.quorums().len();
    let (requests, batch) = (options.requests, u64::from(options.batch));
    let payload = f64::from(options.bytes) * f64::from(options.batch);
    let clients = f64::from(options.clients);
    let mut ranges = vec![
        ("requests", "1 or more", requests as f64, requests > 0),
        ("clients", "1 to 1000", clients, (1..=1000).contains(&options.clients)),
        (
            "batch",
            "a divisor of the number of requests",
            batch as f64,
            batch > 0 && requests.is_multiple_of(batch),
        ),
        (
            "the size of a batch in bytes",
            "at most 16777216 (16 MiB)",
            payload,
            payload <= f64::from(1 << 24),
        ),
        (
            "planted",
            "the index of one of the protocol's quorums, from 0",
            options.planted.unwrap_or(0) as f64,
            options.planted.is_none_or(|planted| planted < quorums),
        ),
        zero_or_more("latency_ms", options.latency_ms),
        zero_or_more("jitter_ms", options.jitter_ms),
        share("loss", faults.loss),
        share("duplicate", faults.duplicate),
        share("reorder", faults.reorder),
        share("corrupt", faults.corrupt),
        above_zero("rate", options.rate.unwrap_or(1.0)),
        above_zero("patience_s", options.patience_s),
        zero_or_more("power_w", options.power_w.unwrap_or(0.0)),
        above_zero("store_j", options.store_j),
        zero_or_more("carbon_g_per_kwh", options.carbon_g_per_kwh),
    ];
    ranges.extend(faults.slow.iter().map(|slow| above_zero("a node's slow-down", slow.times)));
    for skew in &faults.skew {
        let (ahead, drift) = (skew.ahead_ms, skew.drift_ppm);
        let day = 86_400_000.0;
        let within_a_day = "from -86400000 to 86400000 (a day)";
        ranges.push(("ahead_ms", within_a_day, ahead, ahead.abs() <= day));
        ranges.push(("drift_ppm", "from -500000 to 500000", drift, drift.abs() <= 500_000.0));
    }
    match ranges.into_iter().find(|&(.., good)| !good) {
        Some((name, range, found, _)) => Err(LabError::Range { name, range, found }),
        None => Ok(()),
    }
}

fn check_nodes(options: &LabOptions, nodes: usize) -> Result<(), LabError> {
    let faults = &options.faults;
    let crashes = faults.crashes.iter().map(|crash| crash.node);
    let sides = faults.partitions.iter().flat_map(|partition| partition.side.iter().copied());
    let groups = faults.splits.iter().flat_map(|split| split.groups.iter().flatten().copied());
    let byzantine = faults.byzantine.iter().map(|byzantine| byzantine.node);
    let slow = faults.slow.iter().map(|slow| slow.node);
    let clocks = faults.skew.iter().map(|skew| skew.node);
    let mut all = crashes.chain(sides).chain(groups).chain(byzantine).chain(slow).chain(clocks);
    match all.find(|node| node.index() >= nodes) {
        Some(node) => {
            let (last, client) = (options.nodes - 1, options.nodes);
            Err(LabError::NoSuchNode { node, last, client, last_node: nodes - 1 })
        }
        None => Ok(()),
    }
}

fn check_times(faults: &Faults) -> Result<(), LabError> {
    let crashes = faults.crashes.iter().map(|crash| (crash.at, crash.back));
    let partitions = faults.partitions.iter().map(|p| (p.at, p.heals));
    let splits = faults.splits.iter().map(|split| (split.at, split.heals));
    let slow = faults.slow.iter().map(|slow| (slow.at, slow.back));
    let mut all = crashes.chain(partitions).chain(splits).chain(slow);
    let backwards =
        |(at, end): (SimTime, Option<SimTime>)| Some((at, end.filter(|&end| end <= at)?));
    match all.find_map(backwards) {
        Some((at, back)) => {
            let (at_s, back_s) = (at.as_secs_f64(), back.as_secs_f64());
            Err(LabError::Backwards { at_s, back_s })
        }
        None => Ok(()),
    }
}
