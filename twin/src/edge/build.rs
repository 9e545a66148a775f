//! From the scenario to the edge: names become indices, units become SI, and what cannot work is
//! refused by name.

use super::agenda::Agenda;
use super::energy::{EdgeEnergy, ServerEnergy};
use super::error::EdgeError;
use super::network::{Counts, Network, Node, Wire};
use super::routes::Routes;
use super::server::{Power, Server, Servers};
use super::task::Slab;
use super::workload::Workload;
use super::{CloudCores, Devices, Edge, Fleet, Meter, StreamRule};
use crate::scenario::{self, PositionM, Scenario, Supply, TaskStream};
use gridtwin_kernel::{SimTime, Span, Streams};
use gridtwin_scheduler::offload::{
    CloudOnly, LeastCarbon, LeastLoaded, LocalOnly, Nearest, Offload,
};
use std::collections::{BTreeMap, VecDeque};

/// Builds the edge of a scenario.
pub(super) fn build(
    scenario: &Scenario,
    streams: &Streams,
    end: SimTime,
) -> Result<Edge, EdgeError> {
    let workload = Workload::new(scenario, streams, end)?;
    let servers = servers(scenario)?;
    let fleets = fleets(scenario)?;
    let devices = fleets.last().map_or(0, |f| (f.first + f.count) as usize);
    let network = network(scenario)?;
    let mut routes = Routes::new(
        servers.all.len(),
        distances_m(scenario),
        fleets.iter().map(|f| f.own_supply).collect(),
    );
    routes.update(&network);
    let stream_rules = scenario
        .tasks
        .iter()
        .map(|task| {
            let fleet = fleet_of(scenario, task)? as u16;
            check_reach(scenario, task, &routes, fleet)?;
            Ok(StreamRule {
                fleet,
                deadline: Span::from_secs_f64(task.deadline_s.get()),
                arrived: 0,
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(Edge {
        meter: Meter {
            pulses: EdgeEnergy::default(),
            reading: EdgeEnergy {
                servers: vec![ServerEnergy::default(); servers.all.len()],
                ..EdgeEnergy::default()
            },
        },
        workload,
        agenda: Agenda::default(),
        tasks: Slab::default(),
        touched: Vec::new(),
        finished: Vec::new(),
        streams: stream_rules,
        devices: Devices {
            core_free: vec![SimTime::ZERO; devices],
            radio_free: vec![SimTime::ZERO; devices],
            held: vec![0; devices],
        },
        fleets,
        servers,
        cloud: cloud(scenario),
        network,
        routes,
        policy: policy_of(scenario.policies.offload),
        brown_out: scenario.policies.brown_out,
        site_g_per_kwh: 0.0,
        cloud_g_per_kwh: 0.0,
        now: SimTime::ZERO,
        made: 0,
    })
}

pub(super) fn cloud(scenario: &Scenario) -> Option<CloudCores> {
    scenario.cloud.as_ref().map(|cloud| CloudCores {
        frequency_hz: cloud.frequency_ghz.get() * 1e9,
        core_w: cloud.core_w.get() * cloud.pue.get(),
    })
}

/// The offloading policy by its name.
pub(super) fn policy_of(offload: scenario::Offload) -> Offload {
    match offload {
        scenario::Offload::Local => Offload::Local(LocalOnly),
        scenario::Offload::Nearest => Offload::Nearest(Nearest),
        scenario::Offload::LeastLoaded => Offload::LeastLoaded(LeastLoaded),
        scenario::Offload::LeastCarbon => Offload::LeastCarbon(LeastCarbon),
        scenario::Offload::Cloud => Offload::Cloud(CloudOnly),
    }
}

/// Refuses more than can be counted.
pub(super) fn limit(what: &'static str, found: usize, limit: u64) -> Result<(), EdgeError> {
    let found = found as u64;
    if found > limit {
        return Err(EdgeError::TooMany { what, found, limit });
    }
    Ok(())
}

/// Index of the fleet that makes a stream's tasks.
pub(super) fn fleet_of(scenario: &Scenario, task: &TaskStream) -> Result<usize, EdgeError> {
    let found = scenario.devices.iter().position(|d| d.id == task.from);
    found.ok_or_else(|| EdgeError::Unknown {
        place: format!("the task stream \"{}\"", task.id),
        name: task.from.to_string(),
        expected: "a device fleet",
        nearest: nearest_name(task.from.as_str(), scenario.devices.iter().map(|d| d.id.as_str())),
    })
}

fn nearest_name<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let scored = names.map(|n| (strsim::normalized_damerau_levenshtein(name, n), n));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= 0.5).then(|| best.1.to_owned())
}

pub(super) fn fleets(scenario: &Scenario) -> Result<Vec<Fleet>, EdgeError> {
    limit("device fleets", scenario.devices.len(), u16::MAX.into())?;
    let mut first = 0;
    let fleets = scenario.devices.iter().map(|fleet| {
        let built = Fleet {
            first,
            count: fleet.count,
            frequency_hz: fleet.frequency_ghz.get() * 1e9,
            ns_per_cycle: 1.0 / fleet.frequency_ghz.get(),
            joules_per_cycle: fleet.nj_per_cycle.get() * 1e-9,
            idle_w: fleet.idle_w.get() * f64::from(fleet.count),
            own_supply: fleet.supply == Supply::Own,
            up: true,
            settled: SimTime::ZERO,
            powered_ns: 0,
        };
        first += fleet.count;
        built
    });
    Ok(fleets.collect())
}

pub(super) fn servers(scenario: &Scenario) -> Result<Servers, EdgeError> {
    limit("edge servers", scenario.edge_servers.len(), u16::MAX.into())?;
    let mut servers = Servers::default();
    for server in &scenario.edge_servers {
        if server.cores == 0 {
            return Err(EdgeError::NoCores(server.id.to_string()));
        }
        let above_idle_w = server.busy_w.get() - server.idle_w.get();
        if above_idle_w < 0.0 {
            return Err(EdgeError::BusyBelowIdle(server.id.to_string()));
        }
        servers.all.push(Server {
            power: Power::Running,
            idle_w: server.idle_w.get(),
            ns_per_cycle: 1.0 / server.frequency_ghz.get(),
            boot: Span::from_secs_f64(server.boot_s.get()),
            queue: VecDeque::new(),
            seats: Vec::new(),
            settled: SimTime::ZERO,
            powered_ns: 0,
            busy_core_ns: 0,
            finished: 0,
        });
        servers.running.push(true);
        servers.cores.push(server.cores);
        servers.frequency_hz.push(server.frequency_ghz.get() * 1e9);
        servers.core_w.push(above_idle_w / f64::from(server.cores));
        servers.tasks.push(0);
        servers.waiting_ns.push(0);
        servers.queue_limit.push(server.queue_limit);
    }
    Ok(servers)
}

pub(super) fn network(scenario: &Scenario) -> Result<Network, EdgeError> {
    limit("switches", scenario.switches.len(), u16::MAX.into())?;
    limit("links", scenario.links.len(), u16::MAX.into())?;
    let devices =
        scenario.devices.iter().map(|d| &d.id).zip(0..).map(|(id, i)| (id, Node::Fleet(i)));
    let servers =
        scenario.edge_servers.iter().map(|s| &s.id).zip(0..).map(|(id, i)| (id, Node::Server(i)));
    let switches =
        scenario.switches.iter().map(|s| &s.id).zip(0..).map(|(id, i)| (id, Node::Switch(i)));
    let cloud = scenario.cloud.iter().map(|c| (&c.id, Node::Cloud));
    let mut nodes = BTreeMap::new();
    for (id, node) in devices.chain(servers).chain(switches).chain(cloud) {
        if nodes.insert(id, node).is_some() {
            return Err(EdgeError::Duplicate(id.to_string()));
        }
    }
    let mut edges = Vec::with_capacity(scenario.links.len());
    for link in &scenario.links {
        let end = |id: &scenario::Id| {
            let found = nodes.get(id).copied();
            found.ok_or_else(|| EdgeError::Unknown {
                place: format!("the link from \"{}\" to \"{}\"", link.from, link.to),
                name: id.to_string(),
                expected: "a device fleet, an edge server, a switch or the cloud",
                nearest: nearest_name(id.as_str(), nodes.keys().map(|id| id.as_str())),
            })
        };
        let ends = [end(&link.from)?, end(&link.to)?];
        if ends[0] == ends[1] {
            return Err(EdgeError::Loop(link.from.to_string()));
        }
        if matches!(ends, [Node::Fleet(_), Node::Fleet(_)]) {
            let (from, to) = (link.from.to_string(), link.to.to_string());
            return Err(EdgeError::FleetToFleet(from, to));
        }
        edges.push(Wire {
            ends,
            latency: Span::from_millis_f64(link.latency_ms.get()),
            jitter: Span::from_millis_f64(link.jitter_ms.get()),
            rate_bit_s: link.rate_mbit_s.get() * 1e6,
            joules_per_bit: link.nj_per_bit.get() * 1e-9,
        });
    }
    let counts = Counts {
        fleets: scenario.devices.len(),
        servers: scenario.edge_servers.len(),
        switches: scenario.switches.len(),
        cloud: scenario.cloud.is_some(),
    };
    Ok(Network::new(counts, edges))
}

/// Metres from each fleet to each server, infinite where a place is not known.
pub(super) fn distances_m(scenario: &Scenario) -> Vec<f64> {
    let distance = |a: Option<PositionM>, b: Option<PositionM>| match (a, b) {
        (Some(a), Some(b)) => (a.0 - b.0).hypot(a.1 - b.1).hypot(a.2 - b.2),
        _ => f64::INFINITY,
    };
    let fleets = scenario.devices.iter();
    fleets
        .flat_map(|fleet| {
            let servers = scenario.edge_servers.iter();
            servers.map(move |server| distance(fleet.position_m, server.position_m))
        })
        .collect()
}

/// Refuses a stream whose tasks the policy would always send where no way leads.
fn check_reach(
    scenario: &Scenario,
    task: &TaskStream,
    routes: &Routes,
    fleet: u16,
) -> Result<(), EdgeError> {
    let (reached, goal) = match scenario.policies.offload {
        scenario::Offload::Local | scenario::Offload::LeastCarbon => return Ok(()),
        scenario::Offload::Nearest | scenario::Offload::LeastLoaded => {
            (!routes.nearest(fleet).is_empty(), "any edge server")
        }
        scenario::Offload::Cloud if scenario.cloud.is_none() => return Err(EdgeError::NoCloud),
        scenario::Offload::Cloud => (routes.to_cloud(fleet).exists(), "the cloud"),
    };
    if reached {
        return Ok(());
    }
    Err(EdgeError::Unreachable { fleet: task.from.to_string(), stream: task.id.to_string(), goal })
}
