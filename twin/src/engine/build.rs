//! From a scenario to its world: every name becomes an index, every file is read, every course is
//! laid out on the run's intervals.

use super::consumers::Consumers;
use super::courses::Sources;
use super::fixed::{Fixed, Initial, Planned, Traces};
use super::schedule::{Schedule, Struck, Turn};
use super::votes::Votes;
use super::{Interval, Twin, TwinError, cyclic};
use crate::edge::{Edge, EdgeOut};
use crate::energy::bank::Bank;
use crate::energy::battery::Battery;
use crate::energy::calendar::Calendar;
use crate::energy::ev::Garage;
use crate::energy::genset::Genset;
use crate::energy::tariff::Escalation;
use crate::energy::{ev, outages};
use crate::files;
use crate::pv::Array;
use crate::record::{
    Catalog, Consumer, ConsumerKind, EventKind, GroupInfo, Resilience, Sample, SessionCounts,
    SessionFile, StreamInfo,
};
use crate::scenario::{self, Additions, FaultKind, Id, PartMonths, Scenario};
use gridtwin_kernel::{SimTime, Span, Streams};
use gridtwin_scheduler::dispatch::{
    BackupReserve, Dispatch, DispatchPolicy, SelfConsumption, SiteView, TimeOfUse,
};
use std::path::Path;
use std::sync::Arc;

pub(super) fn build(scenario: &Scenario) -> Result<Twin, TwinError> {
    files::within(scenario.source.files(), || build_within(scenario))
}

fn build_within(scenario: &Scenario) -> Result<Twin, TwinError> {
    let base = &scenario.source.resolve(Path::new(""));
    let streams = Streams::new(scenario.seed);
    let calendar = Calendar::new(scenario)?;
    let end = calendar.end();
    let consumers = Consumers::new(scenario);
    let grid = scenario.grid.as_ref();

    let outages = match grid {
        Some(grid) => outages::outages(grid, &calendar, &streams)?,
        None => Vec::new(),
    };
    let mut faults = Vec::new();
    for fault in &scenario.faults {
        let at = |time| calendar.seconds_to(time).map(SimTime::from_secs_f64);
        faults.push((at(fault.from)?, fault.until.map(at).transpose()?));
    }

    let bank = Bank::new(&scenario.batteries);
    let traces = Sources::new(scenario, &calendar).all()?;
    let initial = Initial::new(scenario, &traces);
    let mixes = scenario.batteries.iter().zip(bank.batteries());
    let mixes = mixes.map(|(config, battery)| initial.mix(config, battery.stored_kwh())).collect();
    let (mut garages, mut sessions, mut session_files) = (Vec::new(), Vec::new(), Vec::new());
    for chargers in &scenario.chargers {
        let laid_out = ev::lay_out(chargers, &calendar, &streams, base)?;
        sessions.push(laid_out.counts);
        session_files.extend(laid_out.file);
        garages.push(Garage::new(chargers, laid_out.sessions));
    }
    let edge = Edge::new(scenario, &streams, end)?;
    let votes = Votes::new(scenario, &edge, &streams).map_err(|(group, error)| {
        let place = format!("consensus[{group}].members");
        scenario.source.error_at(&place, &error.to_string(), "change the members or the protocol")
    })?;

    let mut dispatch = dispatch_of(&scenario.policies.dispatch);
    let order = dispatch.decide(&NOTHING_SEEN);
    let changes = planned(scenario, &calendar)?;
    let gensets = genset_turns(scenario, &calendar, &streams)?;
    let given = Given { sessions, session_files, initial };
    let fixed = fixed(scenario.clone(), calendar, traces, changes, &consumers, given);
    let groups = scenario.consensus.len();
    let mut twin = Twin {
        now: SimTime::ZERO,
        grid_up: grid.is_some(),
        gensets: scenario.gensets.iter().map(Genset::new).collect(),
        gensets_kw: vec![0.0; scenario.gensets.len()],
        garages,
        edge,
        consumers,
        schedule: Schedule::new(&outages, &faults, gensets, end),
        pv_faulted: vec![false; scenario.pv.len()],
        active_faults: vec![false; scenario.faults.len()],
        broken: Vec::new(),
        in_outage: false,
        grid_cut: false,
        changed: 0,
        metered: Default::default(),
        told_limit: vec![None; bank.len()],
        told_reduced: vec![false; scenario.loads.len()],
        dispatch,
        order,
        carried_compute_j: 0.0,
        carried_network_j: 0.0,
        last_pv_kw: 0.0,
        last_demand_kw: 0.0,
        last_pulse_kw: 0.0,
        unborne: Default::default(),
        book: Default::default(),
        interval: Interval {
            index: 0,
            pv_kwh: vec![0.0; scenario.pv.len()],
            battery_kwh: vec![0.0; bank.len()],
            gensets_kwh: vec![0.0; scenario.gensets.len()],
            fuel_l: vec![0.0; scenario.gensets.len()],
            reduced: vec![false; scenario.loads.len()],
            chargers_kwh: vec![0.0; scenario.chargers.len()],
            server_j: vec![0.0; scenario.edge_servers.len()],
            server_core_s: vec![0.0; scenario.edge_servers.len()],
            group_j: vec![0.0; groups],
            group_before: votes.readings().collect(),
            pulse_j: 0.0,
        },
        events: Vec::new(),
        sample: Sample::default(),
        tasks: Vec::new(),
        edge_out: EdgeOut::default(),
        battery_kw: vec![0.0; bank.len()],
        battery_steps: vec![Default::default(); bank.len()],
        mixes,
        bank,
        votes,
        fixed: Arc::new(fixed),
    };
    try_changes(&twin)?;
    cyclic::close(&mut twin);
    tell_sessions(&mut twin);
    let held = twin.bank.batteries().iter().map(Battery::deliverable_kwh).sum();
    Arc::make_mut(&mut twin.fixed).catalog.deliverable_start_kwh = held;
    Ok(twin)
}

/// Gensets that fail by themselves, and tanks that are filled.
fn genset_turns(
    scenario: &Scenario,
    calendar: &Calendar,
    streams: &Streams,
) -> Result<Vec<(SimTime, Turn)>, TwinError> {
    let mut turns = Vec::new();
    for (i, genset) in scenario.gensets.iter().enumerate() {
        let index = i as u16;
        let place = format!("gensets[{i}].random_failures");
        for (from, until) in outages::genset_failures(genset, &place, calendar, streams)? {
            turns.push((from, Turn::GensetFails(index)));
            turns.push((until, Turn::GensetMended(index)));
        }
        if let Some(days) = genset.refill_every_days {
            let every = Span::from_secs_f64(days.get() * 86_400.0);
            let mut at = SimTime::ZERO + every;
            while at < calendar.end() {
                turns.push((at, Turn::TankFilled(index)));
                at += every;
            }
        }
    }
    Ok(turns)
}

/// Whether a change works does not depend on when it comes: all are tried before the run begins.
fn try_changes(twin: &Twin) -> Result<(), TwinError> {
    let fixed = &twin.fixed;
    let mut tried = (!fixed.changes.is_empty()).then(|| twin.clone());
    for (_, i, change) in fixed.changes.iter() {
        let tried = tried.iter_mut().try_for_each(|twin| twin.carry_out(change));
        tried.map_err(|error| {
            let place = format!("changes[{i}].change");
            fixed.scenario.source.error_at(&place, &error.message, "")
        })?;
    }
    Ok(())
}

/// The planned changes in order of time, each with its place in the scenario's list.
fn planned(scenario: &Scenario, calendar: &Calendar) -> Result<Planned, TwinError> {
    let mut planned = Vec::new();
    for (i, change) in scenario.changes.iter().enumerate() {
        let at = SimTime::from_secs_f64(calendar.seconds_to(change.at)?);
        planned.push((at, i, change.change.clone()));
    }
    planned.sort_by_key(|(at, ..)| *at);
    Ok(planned.into())
}

/// What the run was given when it began, and keeps whatever changes in flight.
pub(super) struct Given {
    pub(super) sessions: Vec<SessionCounts>,
    pub(super) session_files: Vec<SessionFile>,
    pub(super) initial: Initial,
}

/// Says which sessions of a file the run leaves out or cuts.
fn tell_sessions(twin: &mut Twin) {
    let fixed = Arc::clone(&twin.fixed);
    for file in &fixed.catalog.session_files {
        let counts = file.counts;
        let outside = counts.before + counts.after;
        if !file.by_date {
            let text = format!(
                "{}: the {} sessions in {} are placed in the run as follows: {}. {} began before the \
                 run: their cars are plugged in at its start and count as charged at full power until \
                 then; {} end after the run",
                file.group,
                file.count,
                file.file,
                file.laid,
                counts.cut_at_start,
                counts.cut_at_end
            );
            twin.tell(SimTime::ZERO, EventKind::Assumed { text });
            continue;
        }
        if outside + counts.cut_at_start + counts.cut_at_end == 0 {
            continue;
        }
        let idle = if counts.inside() == 0 { "; no car comes" } else { "" };
        let text = format!(
            "{}: of {} sessions in {}, {outside} lie wholly outside the run ({} before, {} after) and \
             are left out; {} began before the run: their cars are plugged in at its start and count as \
             charged at full power until then; {} end after the run{idle}",
            file.group,
            counts.all,
            file.file,
            counts.before,
            counts.after,
            counts.cut_at_start,
            counts.cut_at_end
        );
        twin.tell(SimTime::ZERO, EventKind::Assumed { text });
    }
}

/// All that does not change by itself.
pub(super) fn fixed(
    scenario: Scenario,
    calendar: Calendar,
    traces: Traces,
    changes: Planned,
    consumers: &Consumers,
    given: Given,
) -> Fixed {
    let grid = scenario.grid.as_ref();
    Fixed {
        catalog: catalog(
            &scenario,
            &calendar,
            consumers,
            &traces,
            (given.sessions, given.session_files),
        ),
        initial: given.initial,
        step: calendar.step(),
        end: calendar.end(),
        import_limit_kw: grid.map_or(0.0, |grid| grid.import_limit_kw.get()),
        export_limit_kw: grid.map_or(0.0, |grid| grid.export_limit_kw.get()),
        additions: grid.map_or(Additions::default(), |grid| grid.tariff.additions),
        escalation: grid
            .map_or(Escalation::default(), |grid| Escalation::new(&grid.tariff, &calendar)),
        carbon_price_per_kg: grid.map_or(0.0, |grid| grid.tariff.carbon_price_per_t.get() / 1000.0),
        rated_charge_kw: scenario.batteries.iter().map(|b| b.charge_kw.get()).sum(),
        rated_discharge_kw: scenario.batteries.iter().map(|b| b.discharge_kw.get()).sum(),
        grid_forming: scenario.batteries.iter().map(|b| b.grid_forming).collect(),
        lost_load_price: scenario.loads.iter().map(|l| l.lost_load_price_per_kwh.get()).collect(),
        fleet_idle_kw: scenario
            .devices
            .iter()
            .map(|fleet| fleet.idle_w.get() * f64::from(fleet.count) / 1000.0)
            .collect(),
        server_idle_kw: scenario.edge_servers.iter().map(|s| s.idle_w.get() / 1000.0).collect(),
        server_busy_kw: scenario.edge_servers.iter().map(|s| s.busy_w.get() / 1000.0).collect(),
        server_cores: scenario.edge_servers.iter().map(|s| f64::from(s.cores)).collect(),
        switch_kw: scenario.switches.iter().map(|s| s.power_w.get() / 1000.0).collect(),
        computes: !(scenario.devices.is_empty() && scenario.edge_servers.is_empty()),
        links: scenario.links.len(),
        struck: struck(&scenario),
        scenario,
        calendar,
        changes,
        traces,
    }
}

/// What a policy sees before anything has happened.
const NOTHING_SEEN: SiteView = SiteView {
    soc: 0.0,
    capacity_kwh: 0.0,
    charge_limit_kw: 0.0,
    discharge_limit_kw: 0.0,
    step_h: 1.0,
    pv_kw: 0.0,
    demand_kw: 0.0,
    grid: None,
};

pub(super) fn dispatch_of(policy: &scenario::Dispatch) -> Dispatch {
    match *policy {
        scenario::Dispatch::SelfConsumption => Dispatch::SelfConsumption(SelfConsumption),
        scenario::Dispatch::TimeOfUse {
            charge_below_price,
            discharge_above_price,
            target_soc,
            charge_kw,
        } => Dispatch::TimeOfUse(TimeOfUse {
            charge_below_price: charge_below_price.get(),
            discharge_above_price: discharge_above_price.get(),
            target_soc: target_soc.get(),
            charge_kw: charge_kw.map_or(f64::INFINITY, |kw| kw.get()),
        }),
        scenario::Dispatch::BackupReserve { reserve_soc, charge_kw } => {
            Dispatch::BackupReserve(BackupReserve {
                reserve_soc: reserve_soc.get(),
                charge_kw: charge_kw.map_or(f64::INFINITY, |kw| kw.get()),
            })
        }
    }
}

/// An array as the PV chain wants it.
pub(crate) fn array_of(array: &scenario::PvArray) -> Array {
    Array {
        rated_kw: array.dc_kw.get(),
        tilt_deg: array.tilt_deg.get(),
        azimuth_deg: array.azimuth_deg.get(),
        losses: array.losses.get(),
        dc_ac_ratio: array.dc_ac_ratio.get(),
        inverter_efficiency: array.inverter_efficiency.get(),
        gamma_per_k: array.gamma_per_c.get(),
        mount: array.mount,
        sky: array.sky_model,
        albedo: array.albedo.get(),
    }
}

/// What each fault strikes; what names nothing was refused when the scenario was read.
fn struck(scenario: &Scenario) -> Vec<Struck> {
    scenario.faults.iter().map(|fault| struck_by(scenario, &fault.what)).collect()
}

/// What a fault strikes.
pub(super) fn struck_by(scenario: &Scenario, fault: &FaultKind) -> Struck {
    let found = match fault {
        FaultKind::Node(id) => {
            let server = scenario.edge_servers.iter().position(|s| s.id == *id);
            let switch = || scenario.switches.iter().position(|s| s.id == *id);
            server.map(Struck::Server).or_else(|| switch().map(Struck::Switch))
        }
        FaultKind::Link(a, b) => {
            let joins =
                |l: &scenario::Link| (l.from == *a && l.to == *b) || (l.from == *b && l.to == *a);
            scenario.links.iter().position(joins).map(Struck::Link)
        }
        FaultKind::Pv(id) => scenario.pv.iter().position(|p| p.id == *id).map(Struck::Pv),
        FaultKind::Battery(id) => {
            scenario.batteries.iter().position(|b| b.id == *id).map(Struck::Battery)
        }
        FaultKind::Genset(id) => {
            scenario.gensets.iter().position(|g| g.id == *id).map(Struck::Genset)
        }
    };
    found.unwrap_or(Struck::Nothing)
}

/// A part of the scenario as it would be written there.
fn written(part: &impl serde::Serialize) -> String {
    let options = ron::Options::default();
    let options = options.with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
    // Nothing that a scenario is made of can fail to be written.
    options.to_string(part).unwrap_or_default()
}

fn catalog(
    scenario: &Scenario,
    calendar: &Calendar,
    consumers: &Consumers,
    traces: &Traces,
    (sessions, session_files): (Vec<SessionCounts>, Vec<SessionFile>),
) -> Catalog {
    let server = |id: &Id| scenario.edge_servers.iter().position(|s| s.id == *id);
    let fleet = |id: &Id| scenario.devices.iter().position(|d| d.id == *id);
    let mut first = 0;
    let fleets = scenario.devices.iter().map(|fleet| {
        first += fleet.count;
        (fleet.id.to_string(), first - fleet.count, fleet.count)
    });
    let name_of = |kind: ConsumerKind| match kind {
        ConsumerKind::Load(i) => scenario.loads[i as usize].id.to_string(),
        ConsumerKind::Chargers(i) => scenario.chargers[i as usize].id.to_string(),
        ConsumerKind::Devices(i) => scenario.devices[i as usize].id.to_string(),
        ConsumerKind::Server(i) => scenario.edge_servers[i as usize].id.to_string(),
        ConsumerKind::Switch(i) => scenario.switches[i as usize].id.to_string(),
    };
    let tariff = scenario.grid.as_ref().map(|grid| &grid.tariff);
    let pv_kg = scenario
        .pv
        .iter()
        .map(|p| p.dc_kw.get() * p.embodied_kg_per_kw.get() / p.lifetime_years.get());
    let battery_kg = scenario
        .batteries
        .iter()
        .map(|b| b.capacity_kwh.get() * b.embodied_kg_per_kwh.get() / b.lifetime_years.get());
    let server_kg =
        scenario.edge_servers.iter().map(|s| s.embodied_kg.get() / s.lifetime_years.get());
    let fuel = scenario
        .gensets
        .iter()
        .map(|g| (g.fuel_l_per_kwh.get() + g.fuel_l_per_h_per_kw.get()) * g.fuel_price_per_l.get());
    Catalog {
        name: scenario.name.to_string(),
        description: scenario.description.clone(),
        start: calendar.start(),
        time_zone: calendar.zone().clone(),
        seed: scenario.seed,
        step: calendar.step(),
        days: scenario.days,
        currency: tariff.map_or_else(|| "EUR".to_owned(), |tariff| tariff.currency.clone()),
        pv: scenario.pv.iter().map(|p| (p.id.to_string(), p.dc_kw.get())).collect(),
        batteries: scenario
            .batteries
            .iter()
            .map(|b| (b.id.to_string(), b.capacity_kwh.get()))
            .collect(),
        // The batteries themselves know, once they are built.
        deliverable_start_kwh: 0.0,
        gensets: scenario.gensets.iter().map(|g| (g.id.to_string(), g.capacity_kw.get())).collect(),
        fuel_cost_per_kwh: if scenario.gensets.is_empty() {
            0.0
        } else {
            fuel.fold(f64::MAX, f64::min)
        },
        loads: scenario.loads.iter().map(|l| l.id.to_string()).collect(),
        chargers: scenario.chargers.iter().map(|c| (c.id.to_string(), c.count)).collect(),
        sessions,
        fleets: fleets.collect(),
        servers: scenario.edge_servers.iter().map(|s| s.id.to_string()).collect(),
        cloud: scenario.cloud.as_ref().map(|cloud| cloud.id.to_string()),
        streams: scenario
            .tasks
            .iter()
            .map(|task| StreamInfo {
                name: task.id.to_string(),
                fleet: fleet(&task.from).unwrap_or(0) as u16,
                deadline_s: task.deadline_s.get(),
            })
            .collect(),
        groups: scenario
            .consensus
            .iter()
            .map(|group| {
                let count = group.members.len() as u16;
                GroupInfo {
                    name: group.id.to_string(),
                    protocol: group.protocol.to_string(),
                    members: group.members.iter().filter_map(server).map(|i| i as u16).collect(),
                    needed: count - group.protocol.tolerates(count).min(count),
                    about: super::votes::about(group.protocol, count),
                }
            })
            .collect(),
        consumers: (0..consumers.len())
            .map(|c| consumers.kind(c))
            .map(|kind| Consumer { name: name_of(kind), kind })
            .collect(),
        faults: scenario.faults.iter().map(|fault| fault.what.to_string()).collect(),
        has_grid: scenario.grid.is_some(),
        grid_renewable_share: scenario.grid.as_ref().map_or(0.0, |g| g.renewable_share.get()),
        embodied_kg_per_year: (pv_kg.sum(), battery_kg.sum(), server_kg.sum()),
        demand_price_per_kw: tariff.map_or(0.0, |tariff| tariff.demand_price_per_kw.get()),
        fixed_per_month: tariff.map_or(0.0, |tariff| tariff.fixed_per_month.get()),
        part_months_by_day: tariff.is_some_and(|t| t.part_months == PartMonths::ByDay),
        additions_per_kwh: tariff.map_or([0.0; 3], |tariff| {
            let a = &tariff.additions;
            [a.grid_fee_per_kwh.get(), a.tax_per_kwh.get(), a.margin_per_kwh.get()]
        }),
        vat: tariff.map_or(0.0, |tariff| tariff.additions.vat.get()),
        carbon_price_per_t: tariff.map_or(0.0, |tariff| tariff.carbon_price_per_t.get()),
        escalation_per_year: tariff.map_or(0.0, |tariff| tariff.escalation_per_year.get()),
        inputs: traces.inputs.all().to_vec(),
        session_files,
        resilience: Resilience::new(scenario),
        policies: policy_names(&scenario.policies),
    }
}

/// The policies as they would be written.
pub(super) fn policy_names(policies: &scenario::Policies) -> [(&'static str, String); 3] {
    [
        ("dispatch", written(&policies.dispatch)),
        ("offload", written(&policies.offload)),
        ("brown-out", written(&policies.brown_out)),
    ]
}
