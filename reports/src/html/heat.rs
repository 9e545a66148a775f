//! A heat map: days from left to right, hours of the day from top to bottom, by the site's clock.

use super::axis::time_ticks;
use super::chart::WIDTH;
use super::markup::{escape, figure, open_svg};
use crate::clock::Clock;
use crate::number::human;
use crate::tally::energy::total;
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::Sample;
use jiff::civil::Date;

/// Steps of the scale, from none to much.
const STEPS: usize = 7;
const LEFT: f64 = 130.0;
const TOP: f64 = 14.0;
const CELL_HEIGHT: f64 = 20.0;

/// A scale that holds both ends and whose steps have round bounds.
fn round_scale(low: f64, high: f64) -> (f64, f64) {
    let rough = ((high - low) / STEPS as f64).max(1e-9);
    let power = 10f64.powf(rough.log10().floor());
    let round = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0].map(|m| m * power);
    let ends = |step: f64| {
        let from = (low / step + 1e-9).floor() * step;
        (from, from + step * STEPS as f64)
    };
    let holds = |step: &f64| ends(*step).1 >= high * (1.0 - 1e-9);
    ends(round.into_iter().find(holds).unwrap_or(20.0 * power))
}

/// All heat maps of the page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heats {
    /// Demand, kW.
    pub(crate) demand: Heat,
    /// PV before curtailment, kW.
    pub(crate) pv: Heat,
    /// Imports, kW.
    pub(crate) import: Heat,
    /// Intensity of consumption, g/kWh.
    pub(crate) mix: Heat,
}

impl Heats {
    /// Adds one interval that begins at this time of the site.
    pub(crate) fn sample(&mut self, sample: &Sample, date: Date, hour: i8) {
        let (flows, hours) = (&sample.flows, sample.step.as_hours_f64());
        self.demand.add(date, hour, flows.load_kw, hours);
        self.pv.add(date, hour, flows.pv_kw, hours);
        self.import.add(date, hour, flows.import_kw, hours);
        self.mix.add(date, hour, sample.mix_g_per_kwh, total(&sample.consumed_from));
    }
}

/// Weighted means for each hour of each day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heat {
    first: Option<Date>,
    cells: Vec<[(f64, f64); 24]>,
}

impl Heat {
    /// Adds a value to the hour that holds `at`.
    pub(crate) fn add(&mut self, date: Date, hour: i8, value: f64, weight: f64) {
        let first = *self.first.get_or_insert(date);
        let day = first.until(date).map_or(0, |span| span.get_days().max(0)) as usize;
        if !value.is_finite() || weight <= 0.0 {
            return;
        }
        if self.cells.len() <= day {
            self.cells.resize(day + 1, [(0.0, 0.0); 24]);
        }
        let cell = &mut self.cells[day][hour.clamp(0, 23) as usize];
        *cell = (cell.0 + value * weight, cell.1 + weight);
    }

    fn value(&self, day: usize, hour: usize) -> Option<f64> {
        let (sum, weight) = self.cells[day][hour];
        (weight > 0.0).then(|| sum / weight)
    }

    /// The map in words: where it is highest and lowest over the hours of the day.
    fn described(&self, unit: &str) -> String {
        let mean = |hour: usize| {
            let cells = self.cells.iter().map(|day| day[hour]);
            let (sum, weight) = cells.fold((0.0, 0.0), |(s, w), cell| (s + cell.0, w + cell.1));
            (weight > 0.0).then(|| (hour, sum / weight))
        };
        let hours: Vec<_> = (0..24).filter_map(mean).collect();
        let told = |found: Option<&(usize, f64)>| {
            found.map_or(String::new(), |(hour, mean)| {
                format!("{hour:02}:00 ({} {unit})", human(*mean))
            })
        };
        let by_mean = |a: &&(usize, f64), b: &&(usize, f64)| a.1.total_cmp(&b.1);
        format!(
            "Averaged over all days, the highest hour begins at {} and the lowest at {}.",
            told(hours.iter().max_by(by_mean)),
            told(hours.iter().min_by(by_mean))
        )
    }

    /// The figure; nothing where there are fewer than three days.
    pub(crate) fn figure(&self, title: &str, unit: &str, clock: &Clock, end: SimTime) -> String {
        let values =
            || (0..self.cells.len()).flat_map(|d| (0..24).filter_map(move |h| self.value(d, h)));
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        let low = values().fold(f64::INFINITY, f64::min);
        if self.cells.len() < 3 || !high.is_finite() {
            return String::new();
        }
        // The scale begins at zero where the values nearly do.
        let low = if low < 0.4 * high { low.min(0.0) } else { low };
        let (low, high) = round_scale(low, high);
        let width = (f64::from(WIDTH) - LEFT - 20.0) / self.cells.len() as f64;
        let step_of =
            |v: f64| (((v - low) / (high - low).max(1e-12) * STEPS as f64) as usize).min(STEPS - 1);
        let mut paths = vec![String::new(); STEPS];
        for day in 0..self.cells.len() {
            let mut hour = 0;
            while hour < 24 {
                let Some(step) = self.value(day, hour).map(step_of) else {
                    hour += 1;
                    continue;
                };
                let from = hour;
                while hour < 24 && self.value(day, hour).map(step_of) == Some(step) {
                    hour += 1;
                }
                let x0 = (LEFT + day as f64 * width).round();
                let x1 = (LEFT + (day + 1) as f64 * width).round();
                let (y, height) =
                    (TOP + from as f64 * CELL_HEIGHT, (hour - from) as f64 * CELL_HEIGHT);
                paths[step] += &format!("M{x0} {y}h{}v{height}h-{}z", x1 - x0, x1 - x0);
            }
        }
        let bottom = TOP + 24.0 * CELL_HEIGHT;
        let label = format!("{title}, {unit}, by day and hour");
        let mut svg = open_svg(WIDTH, bottom as u32 + 56, &label, &self.described(unit));
        svg += "<g shape-rendering=\"crispEdges\">";
        for (step, path) in paths.iter().enumerate().filter(|(_, p)| !p.is_empty()) {
            svg += &format!("<path fill=\"var(--heat-{step})\" d=\"{path}\"/>\n");
        }
        svg += "</g><g class=\"letters\">";
        for hour in [0, 6, 12, 18] {
            let y = TOP + f64::from(hour) * CELL_HEIGHT + 18.0;
            svg += &format!(
                "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{hour:02}:00</text>",
                LEFT - 12.0
            );
        }
        // The columns begin with the first day's midnight, the time axis with the run.
        let lead = clock.zoned(SimTime::ZERO).hour();
        let midnight = |hours: f64| clock.zoned(SimTime::from_secs_f64(hours * 3600.0)).hour() == 0;
        for (hours, text) in time_ticks(clock, end).into_iter().filter(|t| midnight(t.0)) {
            let x = LEFT + ((hours + f64::from(lead)) / 24.0).round() * width;
            if x < f64::from(WIDTH) - 90.0 {
                let text = escape(&text);
                svg += &format!(
                    "<path d=\"M{x:.0} {bottom}v10\" stroke=\"var(--axis)\" stroke-width=\"2\"/>"
                );
                svg += &format!(
                    "<text x=\"{x:.0}\" y=\"{}\" text-anchor=\"middle\">{text}</text>",
                    bottom + 40.0
                );
            }
        }
        svg += "</g></svg>\n";
        let bound = |k: usize| low + (high - low) * k as f64 / STEPS as f64;
        let mut legend = String::from("<ul class=\"legend\">");
        for step in 0..STEPS {
            let (from, to) = (human(bound(step)), human(bound(step + 1)));
            legend += &format!(
                "<li><svg viewBox=\"0 0 56 28\" aria-hidden=\"true\"><rect width=\"56\" height=\"28\" \
                 fill=\"var(--heat-{step})\"/></svg>{from}\u{2013}{to}</li>"
            );
        }
        legend += "</ul>\n";
        let reading =
            format!("Hourly means in {unit}. Each column is a day, with midnight at the top.");
        figure(title, &reading, &legend, &svg)
    }
}
