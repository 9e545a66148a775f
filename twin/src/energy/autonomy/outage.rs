//! One outage, followed step by step until demand is not met.

use super::{Course, Failures, Generator, Site, Storage};
use gridtwin_kernel::Stream;
use rand::RngExt;
use rand_distr::Exp1;

/// Powers below this are rounding, kW.
const NOTHING_KW: f64 = 1e-6;
/// States of charge nearer to each other than this are the same.
const SAME_SOC: f64 = 1e-9;

/// How an outage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Demand was not met in the step that followed.
    Short,
    /// It was followed as long as was asked for.
    Followed,
    /// The run ended before.
    Unknown,
}

/// A battery with what does not change from step to step.
#[derive(Clone, Copy, Debug)]
struct Cell {
    limits: Storage,
    /// What is left of what is stored after a step of rest, as a share.
    kept: f64,
    /// The time in which a constant power would bring what it brings in a step of decay, h.
    reach_h: f64,
    low_kwh: f64,
    high_kwh: f64,
}

impl Cell {
    fn new(limits: Storage, step_h: f64) -> Self {
        let share = limits.self_discharge_per_day.min(1.0 - f64::EPSILON);
        let decay_per_h = -(-share).ln_1p() / 24.0;
        let kept = (-decay_per_h * step_h).exp();
        // (1 - exp(-k t)) / k, which is t where k is nothing.
        let reach_h = if decay_per_h * step_h < 1e-9 {
            step_h
        } else {
            -(-decay_per_h * step_h).exp_m1() / decay_per_h
        };
        let (low, high) = limits.soc_window;
        let at = |soc: f64| soc * limits.capacity_kwh;
        Self { limits, kept, reach_h, low_kwh: at(low), high_kwh: at(high) }
    }

    /// The power that it can give over a whole step, kW.
    fn gives_kw(&self, stored_kwh: f64) -> f64 {
        let left_kwh = (stored_kwh * self.kept - self.low_kwh).max(0.0);
        let lasting_kw = left_kwh / self.reach_h * self.limits.discharge_efficiency;
        lasting_kw.min(self.limits.discharge_kw)
    }

    /// The power that it can take over a whole step, kW.
    fn takes_kw(&self, stored_kwh: f64) -> f64 {
        let room_kwh = (self.high_kwh - stored_kwh * self.kept).max(0.0);
        (room_kwh / self.reach_h / self.limits.charge_efficiency).min(self.limits.charge_kw)
    }

    /// What it holds after a step at this power, positive where it gives, kWh.
    fn after_kwh(&self, stored_kwh: f64, power_kw: f64) -> f64 {
        let out_kw = if power_kw > 0.0 {
            power_kw / self.limits.discharge_efficiency
        } else {
            power_kw * self.limits.charge_efficiency
        };
        stored_kwh * self.kept - out_kw * self.reach_h
    }
}

/// A genset in an outage.
#[derive(Clone, Copy, Debug)]
struct Engine {
    limits: Generator,
    fuel_l: f64,
    runs: bool,
    in_order: bool,
    /// When that changes, hours since the outage began.
    turns_h: f64,
    power_kw: f64,
}

impl Engine {
    /// The power at which it can run for a whole step, kW: nothing where it cannot, for want of fuel
    /// or because it failed.
    fn limit_kw(&self, step_h: f64) -> f64 {
        let Generator { capacity_kw, minimum_kw, fuel_l_per_kwh, idle_l_per_h, .. } = self.limits;
        let spare_l_per_h = self.fuel_l / step_h - idle_l_per_h;
        if !self.in_order || spare_l_per_h < 0.0 || self.fuel_l <= 0.0 {
            return 0.0;
        }
        let fuelled_kw = if fuel_l_per_kwh > 0.0 {
            (spare_l_per_h / fuel_l_per_kwh).min(capacity_kw)
        } else {
            capacity_kw
        };
        if fuelled_kw < minimum_kw { 0.0 } else { fuelled_kw }
    }

    /// Fails and is repaired, up to so many hours after the outage began.
    fn age(&mut self, hours: f64, stream: &mut Stream) {
        let Some(failures) = self.limits.failures else { return };
        while self.turns_h <= hours {
            self.in_order = !self.in_order;
            self.turns_h += draw_h(&failures, self.in_order, stream);
        }
    }
}

/// Hours until a genset that is in order fails, or one that is not is repaired.
fn draw_h(failures: &Failures, in_order: bool, stream: &mut Stream) -> f64 {
    let mean_h = if in_order { failures.mean_h_to_failure } else { failures.mean_h_to_repair };
    let draw: f64 = stream.sample(Exp1);
    // At least a second, so that time goes on.
    (draw * mean_h).max(1.0 / 3600.0)
}

/// A site in an outage, with room for its state, so that nothing is allocated from start to start.
pub(super) struct Outage<'a> {
    course: &'a Course,
    cells: Vec<Cell>,
    capacity_kwh: f64,
    formed_by_battery: bool,
    stored_kwh: Vec<f64>,
    engines: Vec<Engine>,
}

impl<'a> Outage<'a> {
    pub(super) fn new(site: &Site, course: &'a Course) -> Self {
        let cells: Vec<Cell> =
            site.batteries.iter().map(|&limits| Cell::new(limits, course.step_h)).collect();
        let engine = |&limits| Engine {
            limits,
            fuel_l: 0.0,
            runs: false,
            in_order: true,
            turns_h: f64::INFINITY,
            power_kw: 0.0,
        };
        Self {
            course,
            capacity_kwh: cells.iter().map(|cell| cell.limits.capacity_kwh).sum(),
            formed_by_battery: cells.iter().any(|cell| cell.limits.grid_forming),
            stored_kwh: vec![0.0; cells.len()],
            cells,
            engines: site.gensets.iter().map(engine).collect(),
        }
    }

    /// Begins an outage with `start` and follows it for at most `steps`: how many steps demand was
    /// met, and why no longer.
    pub(super) fn last(&mut self, start: usize, steps: usize, stream: &mut Stream) -> (usize, End) {
        self.begin(start, stream);
        let count = self.course.len();
        for i in 0..steps {
            let at = start + i;
            if at >= count && !self.course.repeats {
                return (i, End::Unknown);
            }
            for engine in &mut self.engines {
                engine.age(i as f64 * self.course.step_h, stream);
            }
            if !self.step(at % count) {
                return (i, End::Short);
            }
        }
        (steps, End::Followed)
    }

    fn begin(&mut self, start: usize, stream: &mut Stream) {
        let stored = start * self.cells.len()..(start + 1) * self.cells.len();
        self.stored_kwh.copy_from_slice(&self.course.stored_kwh[stored]);
        let first = start * self.engines.len();
        for (i, engine) in self.engines.iter_mut().enumerate() {
            engine.fuel_l = self.course.fuel_l[first + i];
            engine.runs = false;
            engine.in_order = true;
            if let Some(failures) = engine.limits.failures {
                let Failures { mean_h_to_failure, mean_h_to_repair } = failures;
                let working = mean_h_to_failure / (mean_h_to_failure + mean_h_to_repair);
                engine.in_order = stream.random::<f64>() < working;
                engine.turns_h = draw_h(&failures, engine.in_order, stream);
            }
        }
    }

    /// One step; whether demand is met.
    fn step(&mut self, at: usize) -> bool {
        let step_h = self.course.step_h;
        let (demand_kw, pv_kw) = (self.course.demand_kw[at], self.course.pv_kw[at]);
        let cells = self.cells.iter().zip(&self.stored_kwh);
        let (mut gives_kw, mut takes_kw, mut stored_kwh) = (0.0, 0.0, 0.0);
        for (cell, &stored) in cells {
            gives_kw += cell.gives_kw(stored);
            takes_kw += cell.takes_kw(stored);
            stored_kwh += stored;
        }
        let soc = if self.capacity_kwh > 0.0 { stored_kwh / self.capacity_kwh } else { 0.0 };
        let made_kw = self.run_engines(soc, demand_kw - pv_kw, gives_kw, takes_kw);
        let formed = self.formed_by_battery || self.engines.iter().any(|engine| engine.runs);
        if !formed {
            return demand_kw <= NOTHING_KW;
        }
        let deficit_kw = demand_kw - pv_kw - made_kw;
        if deficit_kw > gives_kw + NOTHING_KW {
            return false;
        }
        let (limit_kw, power_kw) = if deficit_kw > 0.0 {
            (gives_kw, deficit_kw.min(gives_kw))
        } else {
            (takes_kw, deficit_kw.max(-takes_kw))
        };
        let share = if limit_kw > 0.0 { power_kw / limit_kw } else { 0.0 };
        for (cell, stored) in self.cells.iter().zip(&mut self.stored_kwh) {
            let own_kw = if share > 0.0 { cell.gives_kw(*stored) } else { cell.takes_kw(*stored) };
            *stored = cell.after_kwh(*stored, share * own_kw);
        }
        for engine in self.engines.iter_mut().filter(|engine| engine.runs) {
            let Generator { fuel_l_per_kwh, idle_l_per_h, .. } = engine.limits;
            let burnt_l = (fuel_l_per_kwh * engine.power_kw + idle_l_per_h) * step_h;
            engine.fuel_l = (engine.fuel_l - burnt_l).max(0.0);
        }
        true
    }

    /// Starts and stops gensets, and shares what they are to make: what PV leaves of the demand, and
    /// what the batteries can take, within what each can. The answer is what they make, kW.
    fn run_engines(&mut self, soc: f64, net_kw: f64, gives_kw: f64, takes_kw: f64) -> f64 {
        if self.engines.is_empty() {
            return 0.0;
        }
        let step_h = self.course.step_h;
        let full = takes_kw <= NOTHING_KW && !self.cells.is_empty();
        let (mut least_kw, mut most_kw) = (0.0, 0.0);
        for engine in &mut self.engines {
            let (start, stop) = engine.limits.thresholds;
            let limit_kw = engine.limit_kw(step_h);
            let low = soc <= start + SAME_SOC;
            engine.runs =
                limit_kw > 0.0 && (low || (engine.runs && soc < stop - SAME_SOC && !full));
            engine.power_kw = 0.0;
            if engine.runs {
                least_kw += engine.limits.minimum_kw;
                most_kw += limit_kw;
            }
        }
        for engine in &mut self.engines {
            if net_kw - gives_kw - most_kw <= NOTHING_KW {
                break;
            }
            let limit_kw = engine.limit_kw(step_h);
            if !engine.runs && limit_kw > 0.0 {
                engine.runs = true;
                least_kw += engine.limits.minimum_kw;
                most_kw += limit_kw;
            }
        }
        let mut more_kw = (net_kw + takes_kw - least_kw).max(0.0);
        let mut made_kw = 0.0;
        for engine in self.engines.iter_mut().filter(|engine| engine.runs) {
            let least_kw = engine.limits.minimum_kw;
            engine.power_kw = (least_kw + more_kw).min(engine.limit_kw(step_h));
            more_kw -= engine.power_kw - least_kw;
            made_kw += engine.power_kw;
        }
        made_kw
    }
}
