//! What computes and what connects it: machines that nothing reaches, deadlines that no way meets.

use super::{Doubt, doubt};
use crate::scenario::check::reachable;
use crate::scenario::{Arrivals, Distribution, Id, Offload, Scenario};
use std::collections::BTreeSet;

pub(super) fn unreachable(s: &Scenario) -> Vec<Doubt> {
    let fleets: BTreeSet<&Id> = s.tasks.iter().map(|stream| &stream.from).collect();
    let reached: BTreeSet<&Id> = fleets.iter().flat_map(|fleet| reachable(s, fleet)).collect();
    let member = |id: &Id| s.consensus.iter().any(|group| group.members.contains(id));
    let servers = s.edge_servers.iter().enumerate();
    let found = servers.filter_map(|(i, server)| {
        let id = &server.id;
        let linked = s.links.iter().any(|link| link.from == *id || link.to == *id);
        let message = if !linked {
            format!("the server {id} has no link: no task and no consensus message reaches it")
        } else if !fleets.is_empty() && !reached.contains(id) && !member(id) {
            format!("no path of links leads from a device that sends tasks to the server {id}")
        } else {
            return None;
        };
        let remedy = format!("add a link, as in `links: [(from: \"{id}\", to: .., ..)]`");
        Some(doubt(format!("edge_servers[{i}].id"), message, remedy))
    });
    found.collect()
}

pub(super) fn lone_switches(s: &Scenario) -> Vec<Doubt> {
    let switches = s.switches.iter().enumerate();
    let found = switches.filter_map(|(i, switch)| {
        let id = &switch.id;
        let links = s.links.iter().filter(|link| link.from == *id || link.to == *id).count();
        let message = match links {
            0 => format!("the switch {id} has no link"),
            1 => format!("the switch {id} has a single link, so it connects nothing"),
            _ => return None,
        };
        Some(doubt(format!("switches[{i}].id"), message, "add links to it, or remove the switch"))
    });
    found.collect()
}

/// Every task goes over one of its fleet's own links, and is computed on some core: where the median
/// task alone takes longer than its deadline, most are late.
pub(super) fn deadlines(s: &Scenario) -> Vec<Doubt> {
    let streams = s.tasks.iter().enumerate();
    let found = streams.filter_map(|(i, stream)| {
        let deadline_s = stream.deadline_s.get();
        let path = format!("tasks[{i}].deadline_s");
        let kb = median(stream.input_kb);
        let own = s.links.iter().filter(|link| link.from == stream.from || link.to == stream.from);
        let seconds = own.map(|link| {
            (link.latency_ms.get() + kb * 8.0 / link.rate_mbit_s.get()) / 1000.0
        });
        let fastest = seconds.fold(f64::INFINITY, f64::min);
        let may_stay = matches!(s.policies.offload, Offload::Local | Offload::LeastCarbon);
        if !may_stay && fastest.is_finite() && fastest > deadline_s {
            let message = format!(
                "found a deadline of {deadline_s} s, but sending the input of the median task, \
                 {kb:.0} kB, already takes {fastest:.2} s"
            );
            let remedy = "raise deadline_s or the link's rate_mbit_s, or lower input_kb";
            return Some(doubt(path, message, remedy));
        }
        let fleet = s.devices.iter().find(|fleet| fleet.id == stream.from);
        let device = fleet.map(|fleet| fleet.frequency_ghz.get());
        let servers = s.edge_servers.iter().map(|server| server.frequency_ghz.get());
        let cloud = s.cloud.as_ref().map(|cloud| cloud.frequency_ghz.get());
        let away = s.policies.offload != Offload::Local;
        let cores = device.into_iter().chain(servers.chain(cloud).filter(|_| away));
        let ghz = cores.fold(0.0, f64::max);
        let megacycles = median(stream.megacycles);
        let computing_s = megacycles / 1000.0 / ghz;
        (ghz > 0.0 && computing_s > deadline_s).then(|| {
            let message = format!(
                "found a deadline of {deadline_s} s, but computing the median task, {megacycles:.0} \
                 megacycles, takes {computing_s:.2} s on the fastest core ({ghz} GHz)"
            );
            doubt(path, message, "raise deadline_s, or lower megacycles (millions of CPU cycles)")
        })
    });
    found.collect()
}

pub(super) fn no_tasks(s: &Scenario) -> Vec<Doubt> {
    let streams = s.tasks.iter().enumerate();
    let found = streams.filter_map(|(i, stream)| {
        let Arrivals::Poisson { per_minute } = stream.arrivals else { return None };
        let message =
            format!("found per_minute 0: the task stream {} never sends a task", stream.id);
        let remedy = "set how many tasks per minute each device sends, or remove the stream";
        let none = per_minute.get() == 0.0;
        none.then(|| doubt(format!("tasks[{i}].arrivals.per_minute"), message, remedy))
    });
    found.collect()
}

/// Half of all draws lie below.
fn median(distribution: Distribution) -> f64 {
    match distribution {
        Distribution::Constant(value) => value.get(),
        Distribution::Exponential { mean } => mean.get() * std::f64::consts::LN_2,
        Distribution::Uniform { from, to } => (from.get() + to.get()) / 2.0,
        Distribution::LogNormal { median, .. } => median.get(),
    }
}
