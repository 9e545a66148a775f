//! `gridtwin consensus explore`: checks every possible run of a small group.

use crate::arguments::ExploreArguments;
use crate::failure::Failure;
use crate::output;
use gridtwin_consensus::explore::{
    ExploreOptions, ExploreReport, Grain, explore as search, find_planted, searches,
};
use gridtwin_consensus::{NodeId, ProtocolName};
use serde::Serialize;

/// One search, as printed with `--json`.
#[derive(Debug, Serialize)]
struct Searched {
    protocol: &'static str,
    what: String,
    nodes: usize,
    /// `message`, `epoch` or `drawn`.
    grain: &'static str,
    /// The Byzantine member.
    #[serde(rename = "liar")]
    byzantine: Option<u16>,
    /// Which quorum is one vote too small.
    planted: Option<&'static str>,
    /// Which nodes are members, clients and helpers.
    cast: String,
    /// Distinct states reached.
    states: usize,
    depth: usize,
    /// Whether these are all reachable states.
    exhaustive: bool,
    /// Whether some run answered every request.
    decides: bool,
    violation: Option<Vec<Told>>,
}

/// One step of a run.
#[derive(Debug, Serialize)]
struct Told {
    step: String,
    happens: Vec<String>,
}

/// Explores and prints the results. A violation is a failure of the protocol; with planted quorums
/// a violation is expected, and not finding one is the failure.
pub(crate) fn explore(wanted: &ExploreArguments) -> Result<(), Failure> {
    let protocol = wanted.protocol;
    let mut all = Vec::new();
    if wanted.planted {
        for (which, name) in protocol.quorums().iter().enumerate() {
            let what = format!("the {name} quorum is one vote too small");
            let found = find_planted(protocol, which, wanted.states).map_err(Failure::input)?;
            show(wanted, &mut all, searched(protocol, what, &found.0, found.1))?;
        }
    } else if let Some(grain) = wanted.grain {
        let options = own(wanted, grain);
        let report = search(&options).map_err(Failure::input)?;
        let what = format!("{} requests", wanted.requests);
        show(wanted, &mut all, searched(protocol, what, &options, report))?;
    } else {
        for asked in searches(protocol, wanted.states) {
            let report = search(&asked.options).map_err(Failure::input)?;
            show(wanted, &mut all, searched(protocol, asked.what, &asked.options, report))?;
        }
    }
    if wanted.json {
        output::print_json(&all)?;
    }
    let violated = all.iter().filter(|searched| searched.violation.is_some()).count();
    match (wanted.planted, all.len() - violated) {
        (true, 0) => Ok(()),
        (true, missed) => Err(Failure::work(format_args!(
            "found no violation with {missed} of the quorums that were made one vote too small; \
             try a larger --states"
        ))),
        (false, _) if violated == 0 => Ok(()),
        (false, _) => Err(Failure::work(format_args!("{protocol} violates its specification"))),
    }
}

/// The search given by options.
fn own(wanted: &ExploreArguments, grain: Grain) -> ExploreOptions {
    ExploreOptions {
        nodes: wanted.nodes,
        requests: wanted.requests,
        grain,
        byzantine: wanted.byzantine.map(NodeId),
        clients: wanted.clients,
        seed: wanted.seed,
        timeouts: wanted.timeouts,
        restarts: wanted.restarts,
        epochs: wanted.epochs,
        states: wanted.states,
        ..ExploreOptions::honest(wanted.protocol)
    }
}

/// Prints each search when it ends; with `--json` all are printed together.
fn show(wanted: &ExploreArguments, all: &mut Vec<Searched>, new: Searched) -> Result<(), Failure> {
    if !wanted.json {
        output::print(&text(&new))?;
    }
    all.push(new);
    Ok(())
}

fn text(searched: &Searched) -> String {
    let extent = match searched.exhaustive {
        true => format!("all {} reachable states", searched.states),
        false => format!("the first {} states", searched.states),
    };
    let (step, how) = match searched.grain {
        "message" => ("message", ""),
        _ => ("epoch", if searched.grain == "drawn" { ", in random runs" } else { "" }),
    };
    let mut text = format!(
        "{} with {} members: {}\n  {extent}, up to {} {step}s deep{how}",
        searched.protocol, searched.nodes, searched.what, searched.depth
    );
    if let Some(member) = searched.byzantine {
        text += &format!("; member {member} is Byzantine");
    }
    let Some(violation) = &searched.violation else {
        let decides = if searched.decides {
            ""
        } else {
            " found, but the search stopped before any run had answered all its requests: the later steps \
             are not checked"
        };
        return text + &format!("\n  no violation{decides}\n");
    };
    text += &format!("\n  violation found; {}:\n", searched.cast);
    for step in violation {
        text += &format!("    {}\n", step.step);
        for line in &step.happens {
            text += &format!("        {line}\n");
        }
    }
    text
}

fn searched(
    protocol: ProtocolName,
    what: String,
    options: &ExploreOptions,
    report: ExploreReport,
) -> Searched {
    let told =
        |step: gridtwin_consensus::explore::Step| Told { step: step.chosen, happens: step.lines };
    Searched {
        protocol: protocol.as_str(),
        what,
        nodes: report.nodes,
        grain: match options.grain {
            Grain::Message => "message",
            Grain::Epoch => "epoch",
            Grain::Drawn => "drawn",
        },
        byzantine: options.byzantine.map(|member| member.0),
        cast: cast(protocol, report.nodes as u16, options.clients),
        planted: options.planted.and_then(|which| protocol.quorums().get(which).copied()),
        states: report.states,
        depth: report.depth,
        exhaustive: report.exhaustive,
        decides: report.decides,
        violation: report.violation.map(|steps| steps.into_iter().map(told).collect()),
    }
}

/// The numbers of members, clients and helpers, in words.
fn cast(protocol: ProtocolName, members: u16, clients: u16) -> String {
    let helpers = protocol.helpers(members).len() as u16;
    let mut first = 0;
    let sorts = [("member", members), ("client", clients), ("helper", helpers)];
    let named: Vec<String> = sorts
        .into_iter()
        .filter(|&(_, count)| count > 0)
        .map(|(sort, count)| {
            let (from, to) = (first, first + count - 1);
            first += count;
            if from == to { format!("{sort} {from}") } else { format!("{sort}s {from} to {to}") }
        })
        .collect();
    named.join(", ")
}
