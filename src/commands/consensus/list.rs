//! `gridtwin consensus list`: the properties of each protocol.

use crate::arguments::ListArguments;
use crate::failure::Failure;
use crate::output;
use gridtwin_consensus::{FaultModel, ProtocolName, TimeModel};
use serde::Serialize;

/// A protocol, as it stands in JSON.
#[derive(Debug, Serialize)]
struct Listed {
    protocol: &'static str,
    family: &'static str,
    /// The faults it tolerates: `crash` or `Byzantine`.
    faults: &'static str,
    /// Its timing assumption.
    time: &'static str,
    /// Members needed to tolerate f faults.
    members: &'static str,
    min_members: usize,
    /// The published number of messages per request.
    messages: &'static str,
    /// The published message delays.
    delays: &'static str,
    paper: &'static str,
    /// What of it is reconstructed; empty where nothing is.
    reconstructed: &'static str,
    weakness: &'static str,
}

/// What the table's columns mean.
const COLUMNS: &str = "\
members: group size that tolerates f faulty members (t in ouroboros-bft)
messages per request: without faults, for n members
delays: number of one-way message delays from a client's request until the decision is known, at the
    client if no other place is given
";

/// Lists the protocols.
pub(crate) fn list(wanted: &ListArguments) -> Result<(), Failure> {
    let listed: Vec<Listed> = ProtocolName::ALL.into_iter().map(listed).collect();
    if wanted.json {
        return output::print_json(&listed);
    }
    let head = [
        "protocol",
        "family",
        "fault model",
        "timing",
        "members",
        "messages per request",
        "delays",
    ];
    let row = |p: &Listed| {
        [p.protocol, p.family, p.faults, p.time, p.members, p.messages, p.delays].map(str::to_owned)
    };
    let mut lines: Vec<Vec<String>> = vec![head.map(str::to_owned).to_vec()];
    lines.extend(listed.iter().map(|protocol| row(protocol).to_vec()));
    let mut text = output::columns(&lines);
    text += "\n";
    text += COLUMNS;
    for p in &listed {
        text += &format!("\n{}: {}.", p.protocol, p.paper);
        if !p.reconstructed.is_empty() {
            text += &format!("\n    Not published in full; reconstructed: {}.", p.reconstructed);
        }
        text += &format!("\n    Weaknesses: {}.", p.weakness);
    }
    output::print(&(text + "\n"))
}

fn listed(protocol: ProtocolName) -> Listed {
    let facts = protocol.facts();
    Listed {
        protocol: protocol.as_str(),
        family: facts.family,
        faults: match facts.faults {
            FaultModel::Crash => "crash",
            FaultModel::Byzantine => "Byzantine",
        },
        time: match facts.time {
            TimeModel::Asynchronous => "asynchronous",
            TimeModel::PartiallySynchronous => "partially synchronous",
            TimeModel::Synchronous => "synchronous",
        },
        members: facts.members,
        min_members: protocol.min_members(),
        messages: facts.messages,
        delays: facts.delays,
        paper: facts.paper,
        reconstructed: facts.reconstructed,
        weakness: facts.weakness,
    }
}
