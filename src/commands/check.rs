//! `gridtwin check`: whether scenarios can be run. Nothing is written.

mod understood;

use super::run::twin_of;
use crate::arguments::CheckArguments;
use crate::failure::Failure;
use crate::output;
use crate::scenarios;
use gridtwin_twin::scenario::Scenario;

/// Checks every file, and every file that it names, and says what is in it.
pub(crate) fn check(wanted: &CheckArguments) -> Result<(), Failure> {
    let scenarios = scenarios::read_all(&wanted.files, &wanted.changes)?;
    let mut lines = Vec::new();
    for scenario in &scenarios {
        let twin = twin_of(scenario)?;
        lines.push(describe(scenario) + "\n" + &understood::understood(twin.catalog()));
    }
    scenarios::warn(&scenarios);
    output::print(&lines.concat())
}

/// A scenario in one line.
fn describe(s: &Scenario) -> String {
    let counts = [
        (s.pv.len(), "PV arrays"),
        (s.batteries.len(), "batteries"),
        (s.gensets.len(), "gensets"),
        (s.loads.len(), "loads"),
        (s.chargers.len(), "charger groups"),
        (s.edge_servers.len(), "edge servers"),
        (s.devices.len(), "device fleets"),
        (s.tasks.len(), "task streams"),
        (s.consensus.len(), "consensus groups"),
        (s.faults.len(), "faults"),
    ];
    let there = counts.iter().filter(|(count, _)| *count > 0);
    let there: Vec<String> = there.map(|(count, what)| format!("{what} {count}")).collect();
    let grid = if s.grid.is_some() { "on the grid" } else { "island" };
    format!(
        "{}: good: {}, {grid}, {} days in steps of {} s; {}",
        s.source.name(),
        s.name,
        s.days,
        s.step_s,
        there.join(", ")
    )
}
