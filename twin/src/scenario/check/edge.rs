//! What computes and what agrees: links, tasks, offloading, consensus groups, faults.

use super::Checker;
use super::names::{Kind, Names};
use crate::scenario::{
    Arrivals, ConsensusGroup, Distribution, FaultKind, Id, Link, Offload, Scenario,
};
use gridtwin_consensus::MAX_MEMBERS;
use std::collections::BTreeSet;

pub(super) fn check(checker: &mut Checker, names: &Names) {
    if !network(checker) {
        return;
    }
    machines(checker);
    arrivals(checker);
    links(checker, names);
    tasks(checker, names);
    for (i, group) in checker.scenario.consensus.iter().enumerate() {
        consensus(checker, names, i, group);
    }
    faults(checker, names);
}

/// The ways from each server to every other node are kept: their number grows with its square.
/// Returns whether they fit.
fn network(checker: &mut Checker) -> bool {
    const NODES: usize = 2000;
    const WAYS: usize = 4_000_000;
    let s = checker.scenario;
    let (servers, switches, fleets) = (s.edge_servers.len(), s.switches.len(), s.devices.len());
    if servers + switches > NODES {
        let message = format!(
            "found {servers} edge servers and {switches} switches, expected at most {NODES} together"
        );
        let path = if servers >= switches { "edge_servers" } else { "switches" };
        let help = "replace several servers at one place with one server that has more `cores`";
        checker.report(path, message, help);
        return false;
    }
    if (servers + 1) * fleets > WAYS {
        let message = format!(
            "found {fleets} device fleets and {servers} edge servers, expected at most {} \
             fleets with this number of servers",
            WAYS / (servers + 1)
        );
        let help = "combine equal devices at one place into one fleet with a higher `count`";
        checker.report("devices", message, help);
        return false;
    }
    true
}

fn machines(checker: &mut Checker) {
    for (i, fleet) in checker.scenario.devices.iter().enumerate() {
        checker.count(&format!("devices[{i}].count"), fleet.count);
    }
    for (i, server) in checker.scenario.edge_servers.iter().enumerate() {
        checker.at_least_one(&format!("edge_servers[{i}].cores"), server.cores);
        if server.busy_w < server.idle_w {
            checker.report(
                &format!("edge_servers[{i}].busy_w"),
                format!("found {} W, expected at least idle_w {} W", server.busy_w, server.idle_w),
                "busy_w is the power under full load: raise it, or lower idle_w",
            );
        }
    }
}

/// What a link may end at.
const ENDS: [Kind; 4] = [Kind::Devices, Kind::Server, Kind::Switch, Kind::Cloud];

fn links(checker: &mut Checker, names: &Names) {
    for (i, link) in checker.scenario.links.iter().enumerate() {
        names.expect(checker, &format!("links[{i}].from"), &link.from, &ENDS);
        names.expect(checker, &format!("links[{i}].to"), &link.to, &ENDS);
        if link.from == link.to {
            checker.report(
                &format!("links[{i}].to"),
                format!("found a link from `{}` to itself", link.to),
                "a link connects two different nodes: change one of its ends",
            );
        }
        let ends = (&link.from, &link.to);
        let same =
            |other: &Link| (&other.from, &other.to) == ends || (&other.to, &other.from) == ends;
        if let Some(first) = checker.scenario.links[..i].iter().position(same) {
            checker.report(
                &format!("links[{i}]"),
                format!(
                    "found a second link between `{}` and `{}`: `links[{first}]` (counted from 0) already connects them",
                    link.from, link.to
                ),
                "a link works in both directions: remove one of the two, or merge them and add up their rates",
            );
        }
    }
}

fn tasks(checker: &mut Checker, names: &Names) {
    let s = checker.scenario;
    let mut fleets = Vec::new();
    for (i, stream) in s.tasks.iter().enumerate() {
        let from = format!("tasks[{i}].from");
        if names.expect(checker, &from, &stream.from, &[Kind::Devices]) {
            fleets.push((from, &stream.from));
        }
        distribution(checker, &format!("tasks[{i}].input_kb"), stream.input_kb);
        distribution(checker, &format!("tasks[{i}].megacycles"), stream.megacycles);
        distribution(checker, &format!("tasks[{i}].output_kb"), stream.output_kb);
    }
    let policy = s.policies.offload;
    let places: Vec<&Id> = match policy {
        Offload::Local | Offload::LeastCarbon => return,
        Offload::Nearest | Offload::LeastLoaded => s.edge_servers.iter().map(|x| &x.id).collect(),
        Offload::Cloud => s.cloud.iter().map(|x| &x.id).collect(),
    };
    let (place, one) = match policy {
        Offload::Cloud => ("cloud", "the field `cloud`"),
        _ => ("edge server", "an edge server"),
    };
    if places.is_empty() && !s.tasks.is_empty() {
        let at = ["policies.offload".to_owned(), "tasks".to_owned()];
        let message =
            format!("found no {place}, but the offload policy {policy:?} sends all tasks there");
        let help =
            format!("add {one}, or keep tasks on their devices: set `policies: (offload: Local)`");
        checker.report_first(&at, message, &help);
        return;
    }
    for (path, fleet) in fleets {
        let reached = reachable(s, fleet);
        if !places.iter().any(|place| reached.contains(place)) {
            checker.report(
                &path,
                format!("found no path of links from the fleet `{fleet}` to any {place}"),
                format!(
                    "add a link, or replace the policy {policy:?}: set `policies: (offload: Local)`"
                ),
            );
        }
    }
}

/// Every task is simulated: there must not be more than time and memory allow.
fn arrivals(checker: &mut Checker) {
    const PER_MINUTE: f64 = 1e6;
    const A_DAY: f64 = 1e9;
    let s = checker.scenario;
    let mut all_a_day = 0.0;
    for (i, stream) in s.tasks.iter().enumerate() {
        let (field, per_minute) = match stream.arrivals {
            Arrivals::Poisson { per_minute } => ("per_minute", per_minute.get()),
            Arrivals::Periodic { every_s } => ("every_s", 60.0 / every_s.get()),
        };
        let path = format!("tasks[{i}].arrivals.{field}");
        if per_minute > PER_MINUTE {
            let (message, remedy) = match stream.arrivals {
                Arrivals::Poisson { .. } => (
                    format!(
                        "found `per_minute` {per_minute}, expected at most {PER_MINUTE} tasks per minute from each device"
                    ),
                    "lower `per_minute`",
                ),
                Arrivals::Periodic { every_s } => (
                    format!(
                        "found `every_s` {} s, expected {} s or more (at most {PER_MINUTE} tasks per minute from each device)",
                        every_s.get(),
                        60.0 / PER_MINUTE
                    ),
                    "increase `every_s`",
                ),
            };
            let help = format!("each task is simulated individually: {remedy}");
            checker.report(&path, message, help);
            continue;
        }
        let fleet = s.devices.iter().find(|fleet| fleet.id == stream.from);
        let devices = f64::from(fleet.map_or(0, |fleet| fleet.count));
        let before = all_a_day;
        all_a_day += devices * per_minute * 24.0 * 60.0;
        if all_a_day > A_DAY && before <= A_DAY {
            let message =
                format!("found {all_a_day:.3e} tasks per day in all, expected {A_DAY:e} at most");
            checker.report(
                &path,
                message,
                "each task is simulated individually: use fewer devices or tasks",
            );
        }
    }
}

/// The widest logarithmic spread: one in a million draws is then 1e20 times the median.
const MOST_SIGMA: f64 = 10.0;

fn distribution(checker: &mut Checker, path: &str, distribution: Distribution) {
    if let Distribution::Uniform { from, to } = distribution
        && from > to
    {
        let message =
            format!("found `from` {from} and `to` {to}, expected `from` at or below `to`");
        checker.report(&format!("{path}.from"), message, "check whether the two are swapped");
    }
    if let Distribution::LogNormal { sigma, .. } = distribution
        && sigma.get() > MOST_SIGMA
    {
        let message = format!("found sigma {sigma}, expected {MOST_SIGMA} at most");
        let help =
            "sigma is the standard deviation of the logarithm: 1 already gives a wide spread";
        checker.report(&format!("{path}.sigma"), message, help);
    }
}

/// Everything that links lead to from here. A device passes nothing on.
pub(in crate::scenario) fn reachable<'a>(s: &'a Scenario, from: &'a Id) -> BTreeSet<&'a Id> {
    let fleets: BTreeSet<&Id> = s.devices.iter().map(|fleet| &fleet.id).collect();
    let mut reached = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        let ends = s.links.iter().flat_map(|link| [(&link.from, &link.to), (&link.to, &link.from)]);
        for (_, next) in ends.filter(|(here, _)| *here == at) {
            if reached.insert(next) && !fleets.contains(next) {
                open.push(next);
            }
        }
    }
    reached
}

fn consensus(checker: &mut Checker, names: &Names, i: usize, group: &ConsensusGroup) {
    let member = |j: usize| format!("consensus[{i}].members[{j}]");
    let mut good = Vec::new();
    for (j, id) in group.members.iter().enumerate() {
        if group.members[..j].contains(id) {
            let help = "remove one of the two: each member has one vote";
            checker.report(&member(j), format!("found the member `{id}` twice"), help);
        } else if names.expect(checker, &member(j), id, &[Kind::Server]) {
            good.push((j, id));
        }
    }
    let (least, most) = (group.protocol.min_members(), MAX_MEMBERS);
    let found = group.members.len();
    if found < least || found > most {
        let members = if found == 1 { "member" } else { "members" };
        let protocol = group.protocol;
        let message =
            format!("found {found} {members}, expected {least} to {most} for {protocol:?}");
        let facts = group.protocol.facts();
        let why = if found < least {
            format!(
                "add members: to tolerate one faulty member, a {protocol:?} group needs at least {least} \
                 (group size: {})",
                facts.members
            )
        } else {
            "split the members into several groups".to_owned()
        };
        checker.report(&format!("consensus[{i}].members"), message, &why);
    }
    if let Some((first, rest)) = good.split_first() {
        let reached = reachable(checker.scenario, first.1);
        for (j, id) in rest.iter().filter(|(_, id)| !reached.contains(id)) {
            let message = format!("found no path of links from `{}` to `{id}`", first.1);
            checker.report(
                &member(*j),
                message,
                "members must be able to reach each other: add a link",
            );
        }
    }
    if let Some(client) = &group.client {
        let kinds = [Kind::Switch, Kind::Server, Kind::Cloud];
        names.expect(checker, &format!("consensus[{i}].client"), client, &kinds);
    }
}

fn faults(checker: &mut Checker, names: &Names) {
    for (i, fault) in checker.scenario.faults.iter().enumerate() {
        what_breaks(checker, names, &format!("faults[{i}].what"), &fault.what);
    }
}

/// What breaks or is mended must be there, and be able to.
pub(super) fn what_breaks(checker: &mut Checker, names: &Names, place: &str, what: &FaultKind) {
    let s = checker.scenario;
    let at = |j: usize| format!("{place}[{j}]");
    match what {
        FaultKind::Node(id) => {
            names.expect(checker, &at(0), id, &[Kind::Server, Kind::Switch]);
        }
        FaultKind::Pv(id) => {
            names.expect(checker, &at(0), id, &[Kind::Pv]);
        }
        FaultKind::Battery(id) => {
            names.expect(checker, &at(0), id, &[Kind::Battery]);
        }
        FaultKind::Genset(id) => {
            names.expect(checker, &at(0), id, &[Kind::Genset]);
        }
        FaultKind::Link(a, b) => {
            let known =
                names.expect(checker, &at(0), a, &ENDS) & names.expect(checker, &at(1), b, &ENDS);
            let joins = |from: &Id, to: &Id| (from, to) == (a, b) || (from, to) == (b, a);
            if known && !s.links.iter().any(|link| joins(&link.from, &link.to)) {
                let message = format!("found no link between `{a}` and `{b}`");
                checker.report(place, message, "name the two ends of one of the `links`");
            }
        }
    }
}
