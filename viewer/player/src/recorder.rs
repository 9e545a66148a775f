//! Hears a run and writes its course down: columns, marks, and the report's own tally. Not the full
//! samples, which take a hundred times the room.

use crate::{History, Metric, Thing};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_reports::Tally;
use gridtwin_twin::Twin;
use gridtwin_twin::record::{Event, EventKind, Observer, Outcome, Sample, TaskRecord};
use gridtwin_twin::scenario::Scenario;

/// What is carried from interval to interval.
#[derive(Clone, Debug)]
pub(crate) struct Carried {
    pub(crate) tally: Tally,
    pub(crate) emitted_kg: f64,
    pub(crate) cost: f64,
}

/// Hears a run from some interval on.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) carried: Carried,
    /// What was heard since this was last taken.
    pub(crate) rows: History,
    pub(crate) events: Vec<Event>,
    capacities_kwh: Vec<f64>,
    latencies_ms: Vec<f32>,
    tasks: [u32; 3],
}

impl Recorder {
    pub(crate) fn new(twin: &Twin, carried: Carried) -> Self {
        let rows = History::of(twin.scenario(), twin.catalog().step);
        Self {
            carried,
            rows,
            events: Vec::new(),
            capacities_kwh: Vec::new(),
            latencies_ms: Vec::new(),
            tasks: [0; 3],
        }
    }

    /// Looks up sizes, which a change may have made others.
    pub(crate) fn look_at(&mut self, twin: &Twin) {
        self.capacities_kwh.clear();
        self.capacities_kwh.extend(twin.catalog().batteries.iter().map(|(_, kwh)| *kwh));
    }

    fn row(&mut self, sample: &Sample) {
        let flows = &sample.flows;
        self.carried.emitted_kg += sample.emitted_kg;
        let money = &sample.money;
        self.carried.cost +=
            money.import + money.carbon + money.fuel + money.lost_load - money.export;
        self.latencies_ms.sort_unstable_by(f32::total_cmp);
        let quantile = |q: f32| match self.latencies_ms.len() {
            0 => f32::NAN,
            n => self.latencies_ms[((n as f32 * q) as usize).min(n - 1)],
        };
        let stored: f64 =
            sample.batteries.iter().zip(&self.capacities_kwh).map(|(b, kwh)| b.soc * kwh).sum();
        let capacity: f64 = self.capacities_kwh.iter().sum();
        let decided: u64 = sample.groups.iter().map(|group| group.decided).sum();
        let changes: u64 = sample.groups.iter().map(|group| group.view_changes).sum();
        for (metric, column) in Metric::ALL.iter().zip(&mut self.rows.site) {
            column.push(match metric {
                Metric::Pv => flows.pv_kw as f32,
                Metric::Genset => flows.genset_kw as f32,
                Metric::Import => flows.import_kw as f32,
                Metric::Discharge => flows.discharge_kw as f32,
                Metric::Unserved => flows.unserved_kw as f32,
                Metric::Load => flows.load_kw as f32,
                Metric::Loads => flows.loads_kw as f32,
                Metric::Cars => flows.ev_kw as f32,
                Metric::Compute => flows.compute_kw as f32,
                Metric::Network => flows.network_kw as f32,
                Metric::Export => flows.export_kw as f32,
                Metric::Charge => flows.charge_kw as f32,
                Metric::Curtailed => flows.curtailed_kw as f32,
                Metric::Soc => (100.0 * stored / capacity) as f32,
                Metric::Price => money.price_per_kwh as f32,
                Metric::GridCarbon => sample.grid_g_per_kwh as f32,
                Metric::MixCarbon => sample.mix_g_per_kwh as f32,
                Metric::Emitted => self.carried.emitted_kg as f32,
                Metric::Cost => self.carried.cost as f32,
                Metric::LatencyP50 => quantile(0.5),
                Metric::LatencyP95 => quantile(0.95),
                Metric::LatencyP99 => quantile(0.99),
                Metric::TasksCompleted => self.tasks[0] as f32,
                Metric::TasksMissed => self.tasks[1] as f32,
                Metric::TasksLost => self.tasks[2] as f32,
                Metric::Decided => decided as f32,
                Metric::ViewChanges => changes as f32,
                Metric::Ghi => sample.ghi_w_m2 as f32,
                Metric::Temperature => sample.temperature_c as f32,
            });
        }
        for (thing, column) in &mut self.rows.things {
            let of = |list: &[f64], i: u16| list.get(usize::from(i)).copied().unwrap_or(f64::NAN);
            let value = match *thing {
                Thing::Pv(i) => of(&sample.pv_kw, i),
                Thing::Genset(i) => of(&sample.gensets_kw, i),
                Thing::Load(i) => of(&sample.loads_kw, i),
                Thing::Chargers(i) => of(&sample.chargers_kw, i),
                Thing::Grid => flows.import_kw - flows.export_kw,
                Thing::Battery(i) => {
                    sample.batteries.get(usize::from(i)).map_or(f64::NAN, |b| 100.0 * b.soc)
                }
                Thing::Server(i) => {
                    sample.servers.get(usize::from(i)).map_or(f64::NAN, |s| 100.0 * s.load)
                }
                Thing::Group(i) => {
                    sample.groups.get(usize::from(i)).map_or(f64::NAN, |g| g.decided as f64)
                }
                Thing::Fleet(_) | Thing::Switch(_) | Thing::Link(_) | Thing::Cloud => f64::NAN,
            };
            column.push(value as f32);
        }
        self.latencies_ms.clear();
        self.tasks = [0; 3];
    }
}

impl Observer for Recorder {
    fn sample(&mut self, sample: &Sample) {
        self.carried.tally.sample(sample);
        self.row(sample);
    }

    fn event(&mut self, at: SimTime, event: &Event) {
        self.carried.tally.event(at, event);
        if !matches!(event.kind, EventKind::Decided { .. }) {
            self.events.push(event.clone());
        }
    }

    fn task(&mut self, task: &TaskRecord) {
        self.carried.tally.task(task);
        match task.outcome {
            Outcome::Completed => self.tasks[0] += 1,
            Outcome::Missed => self.tasks[1] += 1,
            _ => {
                self.tasks[2] += 1;
                return;
            }
        }
        self.latencies_ms.push(task.latency_ms() as f32);
    }
}

impl History {
    /// Empty columns for a scenario.
    pub(crate) fn of(scenario: &Scenario, step: Span) -> Self {
        let things = Thing::all(scenario).into_iter();
        let things = things.filter(|&thing| Self::of_thing(thing).is_some());
        Self {
            step,
            site: vec![Vec::new(); Metric::ALL.len()],
            things: things.map(|thing| (thing, Vec::new())).collect(),
        }
    }

    /// Appends what comes next, and leaves `rows` empty.
    pub(crate) fn append(&mut self, rows: &mut Self) {
        for (mine, more) in self.site.iter_mut().zip(&mut rows.site) {
            mine.append(more);
        }
        for ((_, mine), (_, more)) in self.things.iter_mut().zip(&mut rows.things) {
            mine.append(more);
        }
    }

    /// The first `intervals` of it.
    pub(crate) fn up_to(&self, intervals: usize) -> Self {
        let part = |column: &[f32]| column[..intervals.min(column.len())].to_vec();
        Self {
            step: self.step,
            site: self.site.iter().map(|column| part(column)).collect(),
            things: self.things.iter().map(|(thing, column)| (*thing, part(column))).collect(),
        }
    }
}
