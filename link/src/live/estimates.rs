//! Estimates beyond the readings: states of charge, the ratio of arrays' output to their model,
//! load forecasts, and implausible meters. They determine the assumed power of a device while its
//! meter is silent or wrong.

use super::Alarm;
use super::interval::Means;
use super::track::Track;
use crate::estimate::anomaly::{self, Device, Expected, Guard, MeterState, Role, Seen};
use crate::estimate::{
    Battery, Cells, Coming, Curve, DayKind, Estimate, Foreseen, LoadForecast, Performance, When,
};
use crate::quality::Mean;
use crate::site::{Meters, Site};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::scenario::{self, Chemistry, Id, Metered};
use gridtwin_twin::{Scenario, Twin};

/// The error of the sky model, one standard deviation, as a share of its power: its clouds are not
/// those over the site.
const SKY_DEVIATION: f64 = 0.4;
/// The relative error of a load's model.
const LOAD_DEVIATION: f64 = 0.5;
/// What servers and switches draw is off by this share, and by this much, kW.
const COMPUTING_DEVIATION: (f64, f64) = (0.1, 0.05);
/// The twin's state of charge is put right where the estimate is this far from it.
const SOC_APART: f64 = 0.005;
/// The limit assumed for a grid without limits in the scenario.
const UNLIMITED_KW: f64 = 1e6;

/// The filters and detectors of a site. Devices are in the order arrays, batteries, loads, charger
/// groups, computing, grid.
pub(super) struct Estimates {
    guard: Guard,
    loads: Vec<LoadForecast>,
    seen: Vec<Seen>,
    changes: Vec<anomaly::Change>,
    /// When each battery's voltage was last read.
    voltage_at: Vec<Option<SimTime>>,
    /// Each battery's state of charge at the beginning of the next interval.
    soc_at_start: Vec<Option<f64>>,
}

impl Estimates {
    pub(super) fn new(scenario: &Scenario, site: &Site, twin: &Twin) -> Self {
        let peak = |course: &[f64]| course.iter().copied().fold(0.0, f64::max);
        let mean = |course: &[f64]| course.iter().sum::<f64>() / course.len().max(1) as f64;
        let device = |id: &Id, role: Role, rated_kw: f64| Device { id: id.clone(), role, rated_kw };
        let mut devices = Vec::new();
        devices.extend(scenario.pv.iter().map(|x| device(&x.id, Role::Array, x.dc_kw.get())));
        devices.extend(scenario.batteries.iter().map(|x| {
            let battery = about(x);
            let rated_kw = battery.rated_kw;
            device(&x.id, Role::Battery { battery, start: None }, rated_kw)
        }));
        devices.extend(
            scenario
                .loads
                .iter()
                .enumerate()
                .map(|(i, x)| device(&x.id, Role::Load, peak(twin.load_course_kw(i)))),
        );
        devices.extend(
            scenario
                .chargers
                .iter()
                .map(|x| device(&x.id, Role::Charger, f64::from(x.count) * x.power_kw.get())),
        );
        let computing_w: f64 = scenario.edge_servers.iter().map(|x| x.busy_w.get()).sum::<f64>()
            + scenario.switches.iter().map(|x| x.power_w.get()).sum::<f64>()
            + scenario.devices.iter().map(|x| x.idle_w.get() * f64::from(x.count)).sum::<f64>();
        let own = |name: &str| Id::new(name);
        if let Some(computing) = own("computing") {
            devices.push(device(&computing, Role::Load, computing_w / 1000.0));
        }
        if let (Some(grid), Some(id)) = (&scenario.grid, own("grid")) {
            let most_kw = grid.import_limit_kw.get().max(grid.export_limit_kw.get());
            devices.push(device(&id, Role::Grid, most_kw.min(UNLIMITED_KW)));
        }
        Self {
            seen: vec![Seen::default(); devices.len()],
            guard: Guard::new(devices),
            loads: (0..scenario.loads.len())
                .map(|load| LoadForecast::new(mean(twin.load_course_kw(load))))
                .collect(),
            changes: Vec::new(),
            voltage_at: vec![None; site.batteries.len()],
            soc_at_start: vec![None; site.batteries.len()],
        }
    }

    /// An interval that `twin` is about to simulate is over: learns from its readings, reports
    /// implausible meters, and returns the powers that the twin is to follow. A device with a
    /// silent or implausible meter follows its model, corrected by what was learned; a device
    /// without a meter, its model alone.
    pub(super) fn close(
        &mut self,
        twin: &Twin,
        site: &Site,
        tracks: &mut [Track],
        means: &Means,
        alarms: &mut Vec<Alarm>,
    ) -> Metered {
        let step = twin.catalog().step;
        let (from, end) = (twin.now(), twin.now() + step);
        let k = (from.0 / step.0) as usize;
        let arrays = site.pv.len();
        let batteries = arrays + site.batteries.len();
        let loads = batteries + site.loads.len();
        self.look(twin, site, tracks, means, k);
        self.guard.look(from, step, &self.seen, &mut self.changes);
        tell(&mut self.changes, alarms);
        for (index, meters) in self.meters(site) {
            if let Some((meter, value)) = meters.power.zip(self.guard.stuck_at(index)) {
                tracks[meter].watch.freeze(value);
            }
        }
        let sound = |index: usize, kw: Option<f64>| kw.filter(|_| !self.guard.is_broken(index));
        let pv_kw = site.pv.iter().enumerate().map(|(i, meters)| {
            let learned = || meters.tell_power().then(|| self.pv(twin, i, k).mean_kw);
            sound(i, means.pv_kw[i]).or_else(learned)
        });
        let pv_kw = pv_kw.collect();
        let mut loads_kw = Vec::with_capacity(site.loads.len());
        for (i, meters) in site.loads.iter().enumerate() {
            let metered_kw = sound(batteries + i, means.loads_kw[i]);
            let coming = self.coming(twin, i, k);
            let load = &self.loads[i];
            let foreseen = || load.foresee([coming], step).first().map(|seen| seen.mean_kw);
            let learned = || if meters.tell_power() { foreseen() } else { None };
            loads_kw.push(metered_kw.or_else(learned));
            self.loads[i].look(metered_kw, coming, step);
        }
        let sound = |index: usize, kw: Option<f64>| kw.filter(|_| !self.guard.is_broken(index));
        let metered = |first: usize, all: &[Option<f64>]| -> Vec<Option<f64>> {
            all.iter().enumerate().map(|(i, &kw)| sound(first + i, kw)).collect()
        };
        let mut soc = Vec::with_capacity(site.batteries.len());
        let batteries_kw = metered(arrays, &means.batteries_kw);
        let chargers_kw = metered(loads, &means.chargers_kw);
        for i in 0..site.batteries.len() {
            let apart = |soc: &f64| (soc - twin.state_of_charge(i)).abs() > SOC_APART;
            soc.push(self.soc_at_start[i].take().filter(apart));
            self.soc_at_start[i] = self.read_voltage(i, arrays + i, site, tracks, means, end, step);
        }
        Metered { pv_kw, loads_kw, soc, batteries_kw, chargers_kw }
    }

    /// What was seen of each device in interval `k`.
    fn look(&mut self, twin: &Twin, site: &Site, tracks: &[Track], means: &Means, k: usize) {
        let (from, step) = (twin.now(), twin.catalog().step);
        let end = from + step;
        let sample = twin.last_sample();
        let mean = |kw: Option<f64>| kw.map(|kw| Mean { kw, covered: 1.0 });
        let state = |meter: Option<usize>| {
            meter.map(|meter| {
                let track = &tracks[meter];
                MeterState::of(&track.watch, &track.silence, end)
            })
        };
        let seen_of = |meters: &Meters, kw: Option<f64>, expected: Expected| Seen {
            expected,
            power: mean(kw),
            power_meter: state(meters.power.or(meters.energy)),
            soc: meters.soc.and_then(|meter| tracks[meter].last_in(from, end)),
            soc_meter: state(meters.soc),
            curtailed: sample.flows.curtailed_kw > 0.0,
        };
        let unknown = |kw: f64, rated_kw: f64| Expected { mean_kw: kw, deviation_kw: rated_kw };
        let mut all = Vec::with_capacity(self.seen.len());
        for (i, meters) in site.pv.iter().enumerate() {
            all.push(seen_of(meters, means.pv_kw[i], sky(twin.pv_course_kw(i)[k])));
        }
        for (i, meters) in site.batteries.iter().enumerate() {
            let battery = &twin.scenario().batteries[i];
            let kw = sample.batteries.get(i).map_or(0.0, |battery| battery.power_kw);
            let rated_kw = battery.charge_kw.get().max(battery.discharge_kw.get());
            all.push(seen_of(meters, means.batteries_kw[i], unknown(kw, rated_kw)));
        }
        for (i, meters) in site.loads.iter().enumerate() {
            let expected = if meters.tell_power() {
                let coming = self.coming(twin, i, k);
                let foreseen = self.loads[i].foresee([coming], step);
                foreseen.first().map_or(Expected::default(), |seen| Expected {
                    mean_kw: seen.mean_kw,
                    deviation_kw: seen.deviation_kw,
                })
            } else {
                let kw = twin.load_course_kw(i)[k];
                unknown(kw, LOAD_DEVIATION * kw)
            };
            all.push(seen_of(meters, means.loads_kw[i], expected));
        }
        for (i, meters) in site.chargers.iter().enumerate() {
            let group = &twin.scenario().chargers[i];
            let kw = sample.chargers_kw.get(i).copied().unwrap_or(0.0);
            let rated_kw = f64::from(group.count) * group.power_kw.get();
            all.push(seen_of(meters, means.chargers_kw[i], unknown(kw, rated_kw / 2.0)));
        }
        let computing_kw = sample.flows.compute_kw + sample.flows.network_kw;
        let (share, least_kw) = COMPUTING_DEVIATION;
        let expected = unknown(computing_kw, share * computing_kw + least_kw);
        all.push(Seen { expected, ..Seen::default() });
        if twin.catalog().has_grid {
            let kw = sample.flows.import_kw - sample.flows.export_kw;
            all.push(seen_of(&site.grid, means.grid_kw, unknown(kw, kw.abs() + 1.0)));
        }
        self.seen = all;
    }

    /// The devices that may have a meter, with their places.
    fn meters<'a>(&self, site: &'a Site) -> impl Iterator<Item = (usize, &'a Meters)> {
        let first = [&site.pv, &site.batteries, &site.loads, &site.chargers];
        let all = first.into_iter().flatten().enumerate();
        all.chain(std::iter::once((self.seen.len().saturating_sub(1), &site.grid)))
    }

    /// Updates a battery's state of charge by its voltage, after its power and its meter of the
    /// state of charge. Returns the estimate, if any meter observes it.
    #[expect(clippy::too_many_arguments, reason = "one call, and nothing that belongs together")]
    fn read_voltage(
        &mut self,
        i: usize,
        index: usize,
        site: &Site,
        tracks: &[Track],
        means: &Means,
        end: SimTime,
        step: Span,
    ) -> Option<f64> {
        let meters = &site.batteries[i];
        let filter = self.guard.battery_mut(index)?;
        if let Some((at, volts)) = meters.voltage.and_then(|meter| tracks[meter].settled)
            && self.voltage_at[i].is_none_or(|before| before < at)
            && let Some(kw) = means.batteries_kw[i]
        {
            let since = self.voltage_at[i].map_or(step, |before| at.since(before));
            filter.voltage(volts, kw, since);
            self.voltage_at[i] = Some(at);
        }
        let told = |meter: Option<usize>| meter.is_some_and(|meter| tracks[meter].last.is_some());
        let known = told(meters.soc) || self.voltage_at[i].is_some();
        (known && end > SimTime::ZERO).then(|| filter.soc().value)
    }

    /// A battery's state of charge, if one of its meters observes it.
    pub(super) fn soc(&self, site: &Site, battery: usize) -> Option<Estimate> {
        self.soc_at_start[battery]?;
        self.guard.battery(site.pv.len() + battery).map(|filter| filter.soc())
    }

    /// The ratio of an array's output to its model.
    pub(super) fn performance(&self, array: usize) -> Option<&Performance> {
        self.guard.performance(array)
    }

    /// The expected output of an array in an interval.
    pub(super) fn pv(&self, twin: &Twin, array: usize, interval: usize) -> Expected {
        let modelled = sky(twin.pv_course_kw(array)[interval]);
        self.guard.performance(array).map_or(modelled, |learned| learned.correct(modelled))
    }

    /// The forecast of a load this many intervals ahead.
    pub(super) fn load(&self, twin: &Twin, load: usize, intervals: usize) -> Vec<Foreseen> {
        let step = twin.catalog().step;
        let first = (twin.now().0 / step.0) as usize;
        let last = twin.load_course_kw(load).len().min(first + intervals);
        self.loads[load].foresee((first..last).map(|k| self.coming(twin, load, k)), step)
    }

    fn coming(&self, twin: &Twin, load: usize, k: usize) -> Coming {
        let step = twin.catalog().step;
        let when = when(twin, SimTime::ZERO + step * k as u64, step);
        Coming { when, model_kw: twin.load_course_kw(load)[k] }
    }
}

/// What was found, as alarms.
fn tell(changes: &mut Vec<anomaly::Change>, alarms: &mut Vec<Alarm>) {
    alarms.extend(changes.drain(..).map(|change| match change {
        anomaly::Change::Raised(found) => Alarm {
            device: found.device.to_string(),
            kind: found.kind.name(),
            since: found.since,
            measured_kw: None,
            expected_kw: None,
            evidence: format!("{}: {}", found.quantity.name(), found.evidence),
            active: true,
        },
        anomaly::Change::Cleared { device, quantity, kind, at } => Alarm {
            device: device.to_string(),
            kind: kind.name(),
            since: at,
            measured_kw: None,
            expected_kw: None,
            evidence: format!("{} readings are normal again", quantity.name()),
            active: false,
        },
    }));
}

/// The parameters of a battery.
fn about(battery: &scenario::Battery) -> Battery {
    Battery {
        capacity_kwh: battery.capacity_kwh.get(),
        rated_kw: battery.charge_kw.get().max(battery.discharge_kw.get()),
        charge_efficiency: battery.charge_efficiency.get(),
        discharge_efficiency: battery.discharge_efficiency.get(),
        self_discharge_per_day: battery.self_discharge_per_day.get(),
        cells: battery.cells.as_ref().map(cells),
    }
}

/// A battery's cells.
pub(crate) fn cells(cells: &scenario::Cells) -> Cells {
    Cells {
        curve: match cells.chemistry {
            Chemistry::Lfp => Curve::lfp(),
            Chemistry::Nmc => Curve::nmc(),
        },
        in_series: f64::from(cells.in_series),
        resistance_ohm: cells.resistance_ohm.get(),
    }
}

fn sky(modelled_kw: f64) -> Expected {
    Expected { mean_kw: modelled_kw, deviation_kw: SKY_DEVIATION * modelled_kw }
}

/// The local calendar position of an interval that begins at `from`.
fn when(twin: &Twin, from: SimTime, step: Span) -> When {
    let local = twin.catalog().local_time(from + Span(step.0 / 2));
    let time = local.time();
    let hour = f64::from(time.hour()) + f64::from(time.minute()) / 60.0;
    let day = match local.weekday().to_monday_one_offset() {
        6 | 7 => DayKind::Free,
        _ => DayKind::Working,
    };
    When { hour, day }
}
