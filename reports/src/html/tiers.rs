//! Where tasks ran - on their device, on an edge server, in the cloud - and how fast they were
//! there: a table and the distribution of latencies.

use super::Context;
use super::chart::{Chart, Mark};
use super::ink::Ink;
use super::markup::{Key, Table, figure, legend};
use crate::Error;
use crate::number::{count, duration, human, percent};
use crate::tally::tasks::{Cell, Totals};

/// The tiers, nearest first.
const TIERS: [(&str, Ink); 3] =
    [("Device", Ink::Line(2)), ("Edge server", Ink::Line(0)), ("Cloud", Ink::Line(1))];

/// The tasks of each tier.
fn tiers(totals: &Totals, servers: usize) -> [Cell; 3] {
    let within = |from: usize, to: usize| totals.sum(|_, place| (from..to).contains(&place));
    [within(0, 1), within(1, 1 + servers), within(1 + servers, usize::MAX)]
}

/// A table of latencies whose rows are told apart by `what`.
pub(super) fn latencies(caption: &str, what: &str) -> Table {
    let heads = ["Tasks", "Share", "On time", "p50 ms", "p95 ms", "p99 ms", "Longest ms"];
    let mut all = vec![what];
    all.extend(heads);
    all.extend(["J per task", "mg CO\u{2082} per task"]);
    Table::new(caption, &all)
}

/// A row of such a table, where a task arrived; `of` tasks arrived in all.
pub(super) fn row(table: &mut Table, class: &str, name: &str, cell: &Cell, of: u64) {
    if cell.arrived() == 0 {
        return;
    }
    let n = cell.arrived() as f64;
    let ms = |q: f64| human(cell.latency_ms.quantile(q).unwrap_or(f64::NAN));
    table.row_of(
        class,
        &[
            name.to_owned(),
            count(cell.arrived()),
            percent(n / of as f64),
            percent(cell.completed() as f64 / n),
            ms(0.5),
            ms(0.95),
            ms(0.99),
            ms(1.0),
            human(cell.energy_j / n),
            human(cell.carbon_g / n * 1000.0),
        ],
    );
}

/// The plot and the table.
///
/// # Errors
/// A plot that could not be drawn.
pub(super) fn section(context: &Context<'_>, totals: &Totals) -> Result<String, Error> {
    let tiers = tiers(totals, context.catalog.servers.len());
    let all = totals.sum(|_, _| true);
    let mut table = latencies("Latency by tier", "Tier");
    for ((name, _), cell) in TIERS.iter().zip(&tiers) {
        row(&mut table, "", name, cell, all.arrived());
    }
    row(&mut table, "sum", "All", &all, all.arrived());
    Ok(plot(&tiers)? + &table.end())
}

/// How many per cent of each tier's tasks were back after which time.
fn plot(tiers: &[Cell; 3]) -> Result<String, Error> {
    let back: Vec<_> = TIERS.iter().zip(tiers).filter(|(_, c)| c.latency_ms.count() > 0).collect();
    let least = |c: &Cell| c.latency_ms.quantile(0.005).unwrap_or(f64::NAN);
    let low = back.iter().map(|(_, c)| least(c)).fold(f64::INFINITY, f64::min).max(1e-3);
    let most = |c: &Cell| c.latency_ms.quantile(0.999).unwrap_or(f64::NAN);
    let high = back.iter().map(|(_, c)| most(c)).fold(low, f64::max);
    if back.is_empty() || !high.is_finite() {
        return Ok(String::new());
    }
    let (mut marks, mut keys, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for ((name, ink), cell) in back {
        let at = |k: u32| {
            let ms = cell.latency_ms.quantile(f64::from(k) / 200.0);
            (ms.unwrap_or(low).clamp(low, high).log10(), f64::from(k) / 2.0)
        };
        marks.push(Mark::Line(*ink, vec![(1..=200).map(at).collect()]));
        keys.push((Key::Line(*ink), (*name).to_owned()));
        let after = |q: f64| duration(cell.latency_ms.quantile(q).map_or(f64::NAN, |v| v / 1000.0));
        told.push(format!("{name}: median {}, 95th percentile {}.", after(0.5), after(0.95)));
    }
    let ((from, to), x_ticks) = marks_of_time(low, high);
    let chart = Chart {
        label: "Share of each tier's tasks completed, by latency".to_owned(),
        height: 460,
        margin: 130,
        x: (from, to),
        x_ticks,
        y: (0.0, 100.0),
        y_ticks: (0..=5).map(|k| (f64::from(k) * 20.0, format!("{}", k * 20))).collect(),
        unit: "% of completed tasks".to_owned(),
        log: false,
        marks,
    };
    let reading = "Share of tasks completed within a given time, by tier: on the device, on an edge \
                   server or in the cloud. Curves further left are faster. The time axis is \
                   logarithmic.";
    let svg = chart.draw_as(&told.join(" "))?;
    Ok(figure("How fast each tier is", reading, &legend(&keys), &svg))
}

/// The logarithmic axis that holds all from `low` to `high` ms: where it begins and ends, and its
/// marks. Where there are few decades, their halves and fifths are marked too.
fn marks_of_time(low: f64, high: f64) -> ((f64, f64), Vec<(f64, String)>) {
    let (first, last) = (low.log10().floor() as i32, (high.log10().floor() as i32) + 1);
    let parts: &[f64] = if last - first > 3 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let marks = (first..=last).flat_map(|d| parts.iter().map(move |p| p * 10f64.powi(d)));
    let mut marks: Vec<f64> = marks.collect();
    while marks.len() > 2 && marks[1] <= low {
        marks.remove(0);
    }
    while marks.len() > 2 && marks[marks.len() - 2] >= high {
        marks.pop();
    }
    let ends = (marks[0].log10(), marks[marks.len() - 1].log10());
    (ends, marks.into_iter().map(|ms| (ms.log10(), duration(ms / 1000.0))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tally;
    use crate::synthetic::{catalog, play};
    use gridtwin_twin::record::{Observer, Place, TaskRecord};

    /// Latencies of those that came back, ms, by tier.
    #[derive(Default)]
    struct Listed([Vec<f64>; 3], u64);
    impl Observer for Listed {
        fn task(&mut self, task: &TaskRecord) {
            self.1 += 1;
            let tier = match task.place {
                Place::Local => 0,
                Place::Server(_) => 1,
                Place::Cloud => 2,
            };
            if !task.outcome.is_lost() {
                self.0[tier].push(task.latency_ms());
            }
        }
    }

    #[test]
    fn the_time_axis_holds_all_and_has_a_few_marks() {
        for (low, high) in [(13.0, 2400.0), (1.0, 1.0), (0.02, 9e6), (5.0, 6.0), (99.0, 101.0)] {
            let ((from, to), marks) = marks_of_time(low, high);
            assert!(from <= low.log10() && to >= high.log10() && to > from, "{low} {high}");
            assert!((2..=13).contains(&marks.len()), "{marks:?}");
        }
    }

    #[test]
    fn percentiles_by_tier_are_those_of_its_tasks() {
        let (mut tally, mut listed) = (Tally::new(&catalog()), Listed::default());
        play(&catalog(), 10, &mut tally);
        play(&catalog(), 10, &mut listed);
        let totals = tally.tasks.totals();
        let tiers = tiers(&totals, catalog().servers.len());
        assert_eq!(tiers.iter().map(Cell::arrived).sum::<u64>(), listed.1);
        for (cell, mut exact) in tiers.into_iter().zip(listed.0) {
            exact.sort_by(f64::total_cmp);
            assert_eq!(cell.latency_ms.count(), exact.len() as u64);
            for q in [0.5, 0.95, 0.99] {
                let exact = exact[(q * exact.len() as f64).ceil() as usize - 1];
                let got = cell.latency_ms.quantile(q).unwrap();
                assert!((got / exact - 1.0).abs() < 0.004, "{q}: {got} for {exact}");
            }
        }
    }
}
