//! A sweep's results worked out for its page: what each metric came to, what moves it, what failed.

use crate::design::Value;
use crate::identity::VERSION;
use crate::results::{Cells, Column, Table};
use crate::spec::Plan;
use crate::stats::{self, Effect, Factor};
use gridtwin_reports::human;
use gridtwin_reports::pages::{
    Convergence, Fact, Failure, HeatMap, MetricPage, PointRow, PointTable, Quantity, Scatter,
    ScatterColumn, ScatterGroup, Spread, StudyPage, TornadoBar,
};
use std::collections::BTreeMap;

/// So many metrics are shown; all of them stand in the results.
const SHOWN: usize = 12;
/// What is shown where a study does not choose, as far as there is such a metric.
const HEADLINES: [&str; 12] = [
    "cost.total",
    "carbon.operational_kg",
    "energy.unserved_kwh",
    "energy.self_sufficiency",
    "energy.import_kwh",
    "energy.export_kwh",
    "energy.curtailed_kwh",
    "ev.left_short",
    "tasks.missed",
    "tasks.lost",
    "tasks.latency_ms_p95",
    "tasks.energy_j_per_task",
];
/// So many rows of points are worked out.
const POINTS: usize = 200;
/// An axis with more values than this is no axis of a heat map.
const HEAT_VALUES: usize = 60;
/// The scatter matrix has so many columns at most, axes first.
const SCATTER: usize = 6;

/// The page of a study.
pub(crate) fn study_page(plan: &Plan, table: &Table) -> StudyPage {
    let shown = shown(plan, table);
    StudyPage {
        name: plan.study.name.to_string(),
        description: plan.study.description.clone(),
        facts: facts(plan, table),
        metrics: shown.iter().map(|column| metric(plan, table, column)).collect(),
        scatter: scatter(plan, table, &shown),
        points: points(plan, table, &shown),
        failures: failures(table),
        failed: table.failed as u64,
        method: method(plan),
    }
}

fn shown<'a>(plan: &Plan, table: &'a Table) -> Vec<&'a Column> {
    let metrics = table.metrics().iter();
    if plan.study.metrics.is_empty() {
        let named = |name: &&str| table.metrics().iter().find(|column| column.name == **name);
        HEADLINES.iter().filter_map(named).collect()
    } else {
        metrics.take(SHOWN).collect()
    }
}

fn facts(plan: &Plan, table: &Table) -> Vec<Fact> {
    let fact = |label: &str, text: String| Fact { label: label.to_owned(), text };
    let base = &plan.base;
    let last = base.seed + u64::from(plan.study.replicates) - 1;
    let seeds = match plan.study.replicates {
        1 => base.seed.to_string(),
        _ => format!("{} to {last}, the same at every point", base.seed),
    };
    let axes = plan.study.axes.iter().enumerate().map(|(i, axis)| {
        let column = plan.design.columns().get(i);
        let values = column.map_or(&[][..], |column| column.values());
        if column.is_some_and(|column| column.is_drawn()) {
            return fact(axis.name(), drawn(values));
        }
        let list: Vec<String> = values.iter().take(6).map(ToString::to_string).collect();
        let more = values.len().saturating_sub(list.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        fact(axis.name(), format!("{}{more}", list.join(", ")))
    });
    let days = match base.days {
        1 => "1 day".to_owned(),
        n => format!("{n} days"),
    };
    let points = match plan.design.len() {
        1 => "1 point".to_owned(),
        n => format!("{n} points (combinations of settings)"),
    };
    let mut facts = vec![
        fact("Base scenario", format!("{}, {days} from {}", base.name, base.start)),
        fact("Runs", format!("{} in total, at {points}", table.rows)),
        fact("Seeds", seeds),
    ];
    facts.extend(axes);
    facts.extend(plan.set.iter().map(|set| fact("Set in every run", set.to_string())));
    facts.extend(plan.billing_note().map(|note| fact("Billed in each run", note)));
    facts.push(fact("Version", VERSION.to_owned()));
    facts
}

/// Of values that were drawn, how many there are and between which ends.
fn drawn(values: &[Value]) -> String {
    let numbers = || values.iter().filter_map(Value::number);
    let (low, high) = (numbers().reduce(f64::min), numbers().reduce(f64::max));
    match (low, high) {
        (Some(low), Some(high)) => {
            format!("{} drawn values from {} to {}", values.len(), human(low), human(high))
        }
        _ => format!("{} drawn values", values.len()),
    }
}

fn method(plan: &Plan) -> Vec<String> {
    let mut method = vec![
        "A point is one combination of settings. Every point is run with the same random seeds, so \
         that points differ only in their settings."
            .to_owned(),
        "Intervals are 95 % confidence intervals of the mean (Student's t). They cover only what \
         was drawn at random: seeds, and values drawn from distributions. Values listed in the \
         study are not random; the metric is averaged over them first. With one seed and no \
         distribution there is no interval."
            .to_owned(),
        "Tornado chart: at each value of an axis (a varied parameter), the metric is averaged over \
         all points that have this value. The axis's bar goes from the lowest of these means to \
         the highest. If an axis's values were drawn from a distribution, its bar goes from the \
         mean over the lowest third of the values to the mean over the highest third."
            .to_owned(),
        "Share of variance: how much of the metric's variance over all points comes from this axis \
         alone. The metric is averaged at each value of the axis, and the variance of these averages \
         is divided by the variance over all points. Values drawn from a distribution are first \
         sorted into groups of similar values."
            .to_owned(),
    ];
    if plan.design.columns().iter().any(|column| column.is_drawn()) {
        method.push(
            "Distributions: an axis is either a list of values or a distribution. Each sample draws \
             one value for every distribution, using the study's random seed, and is run with every \
             combination of the values in the lists."
                .to_owned(),
        );
    }
    method
}

fn metric(plan: &Plan, table: &Table, column: &Column) -> MetricPage {
    let runs = column.numbers().unwrap_or_default();
    let mean = stats::mean(runs);
    let of_draws = stats::mean(&by_draw(plan, table, runs));
    let quantiles = stats::quantiles(runs, &[0.0, 0.05, 0.5, 0.95, 1.0]);
    let spread = match quantiles[..] {
        [Some(min), Some(p5), Some(p50), Some(p95), Some(max)] => {
            Some(Spread { min, p5, p50, p95, max })
        }
        _ => None,
    };
    let at_points = at_points(plan, table, runs);
    let effects = stats::effects(&plan.design.factors(), &at_points);
    let convergence = stats::convergence(runs).into_iter().map(|c| Convergence {
        n: c.count as u64,
        mean: c.mean,
        half_width: c.half_width.unwrap_or(f64::NAN),
    });
    MetricPage {
        name: column.name.clone(),
        unit: column.unit.clone(),
        n: mean.map_or(0, |mean| mean.count as u64),
        mean: mean.map_or(f64::NAN, |mean| mean.mean),
        interval_95: of_draws.and_then(|mean| Some((mean.ci95?.low, mean.ci95?.high))),
        spread,
        tornado: effects.iter().filter_map(bar).collect(),
        heat: heat(plan, &at_points),
        // Along crossed axes the order of runs is none of drawing.
        convergence: if converges(plan) { convergence.collect() } else { Vec::new() },
    }
}

/// Whether the mean over the runs so far is one over draws: replicates or sampled rows alone.
fn converges(plan: &Plan) -> bool {
    plan.design.len() == 1 || plan.design.columns().iter().all(|column| column.is_drawn())
}

fn bar(effect: &Effect) -> Option<TornadoBar> {
    let (first, last) = (effect.groups.first()?, effect.groups.last()?);
    let (low, high) = (effect.lowest()?, effect.highest()?);
    // Of an axis with an order its ends are told, of any other what is least and most.
    let ordered = effect.grouping == stats::Grouping::Thirds || effect.groups.len() == 2;
    let (low, high) = if ordered { (first, last) } else { (low, high) };
    Some(TornadoBar {
        axis: effect.name.clone(),
        low_label: low.label.clone(),
        low: low.mean,
        high_label: high.label.clone(),
        high: high.mean,
        share_of_variance: effect.share_of_variance,
    })
}

/// The mean over the runs of each draw: a seed, and a row of drawn axes. Listed values are averaged over.
fn by_draw(plan: &Plan, table: &Table, runs: &[Option<f64>]) -> Vec<Option<f64>> {
    let whole = |name: &str| match table.column(name).map(|column| &column.cells) {
        Some(Cells::Whole(cells)) => cells.as_slice(),
        _ => &[],
    };
    let mut sums: BTreeMap<(u64, usize), (f64, u32)> = BTreeMap::new();
    for ((point, replicate), value) in whole("point").iter().zip(whole("replicate")).zip(runs) {
        if let (Some(point), Some(replicate), Some(value)) = (point, replicate, value) {
            let row = plan.design.drawn_row(*point as usize);
            let sum = sums.entry((*replicate, row)).or_default();
            *sum = (sum.0 + value, sum.1 + 1);
        }
    }
    sums.into_values().map(|(sum, n)| Some(sum / f64::from(n))).collect()
}

/// The mean over each point's runs.
fn at_points(plan: &Plan, table: &Table, runs: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0u32); plan.design.len()];
    let points = match table.column("point").map(|column| &column.cells) {
        Some(Cells::Whole(points)) => points.as_slice(),
        _ => &[],
    };
    for (point, value) in points.iter().zip(runs) {
        if let (Some(point), Some(value)) = (point, value)
            && let Some(sum) = sums.get_mut(*point as usize)
        {
            *sum = (sum.0 + value, sum.1 + 1);
        }
    }
    sums.into_iter().map(|(sum, n)| (n > 0).then(|| sum / f64::from(n))).collect()
}

/// The first two listed axes, those with numbers first; what else there is, averaged over.
fn heat(plan: &Plan, at_points: &[Option<f64>]) -> Option<HeatMap> {
    let factors = plan.design.factors();
    let mut listed = Vec::new();
    for (i, factor) in factors.iter().enumerate() {
        if let Factor::Listed { name, labels, levels } = factor
            && (2..=HEAT_VALUES).contains(&labels.len())
        {
            let values = plan.design.columns().get(i)?.values();
            let text = values.iter().any(|value| value.number().is_none());
            listed.push((i, text, name, labels, levels));
        }
    }
    // Axes of numbers come first, and are otherwise as the study has them.
    listed.sort_by_key(|of| (of.1, of.0));
    let [(_, _, x_axis, x_labels, x), (_, _, y_axis, y_labels, y), ..] = listed[..] else {
        return None;
    };
    let mut sums = vec![(0.0, 0u32); x_labels.len() * y_labels.len()];
    for ((x, y), value) in x.iter().zip(y).zip(at_points) {
        if let Some(value) = value {
            let sum = &mut sums[y * x_labels.len() + x];
            *sum = (sum.0 + value, sum.1 + 1);
        }
    }
    Some(HeatMap {
        x_axis: x_axis.clone(),
        x_labels: x_labels.clone(),
        y_axis: y_axis.clone(),
        y_labels: y_labels.clone(),
        cells: sums.into_iter().map(|(sum, n)| (n > 0).then(|| sum / f64::from(n))).collect(),
    })
}

fn scatter(plan: &Plan, table: &Table, shown: &[&Column]) -> Option<Scatter> {
    let axes = table.axes().iter().filter(|column| column.numbers().is_some());
    let columns: Vec<&Column> = axes.chain(shown.iter().copied()).take(SCATTER).collect();
    if columns.len() < 2 || table.rows < 3 {
        return None;
    }
    let numbers = |column: &Column| column.numbers().unwrap_or_default().to_vec();
    let of = |row: usize, column: usize| {
        (row != column)
            .then(|| stats::spearman(&numbers(columns[row]), &numbers(columns[column])).coefficient)
            .flatten()
    };
    let pairs = (0..columns.len()).flat_map(|row| (0..columns.len()).map(move |c| (row, c)));
    let rank_correlations = pairs.map(|(row, column)| of(row, column)).collect();
    let group = plan.study.axes.iter().zip(table.axes()).find_map(|(axis, column)| {
        let Cells::Text(cells) = &column.cells else { return None };
        let mut labels: Vec<String> = Vec::new();
        let of_row = cells.iter().map(|cell| {
            let label = cell.clone().unwrap_or_default();
            let at = labels.iter().position(|known| *known == label).unwrap_or_else(|| {
                labels.push(label);
                labels.len() - 1
            });
            at.min(u8::MAX.into()) as u8
        });
        let of_row = of_row.collect();
        Some(ScatterGroup { name: axis.name().to_owned(), labels, of_row })
    });
    let column = |column: &Column| ScatterColumn {
        name: column.name.clone(),
        unit: column.unit.clone(),
        values: numbers(column).into_iter().map(|value| value.unwrap_or(f64::NAN)).collect(),
    };
    let columns = columns.iter().map(|of| column(of)).collect();
    Some(Scatter { columns, group, rank_correlations })
}

/// What an axis is set to at a point: as it was written, or in few digits where it was drawn.
fn setting(plan: &Plan, point: u64, axis: usize) -> String {
    let drawn = plan.design.columns().get(axis).is_some_and(|column| column.is_drawn());
    match plan.value(point, axis) {
        Some(value) => match value.number().filter(|_| drawn) {
            Some(number) => human(number),
            None => value.to_string(),
        },
        None => String::new(),
    }
}

fn points(plan: &Plan, table: &Table, shown: &[&Column]) -> PointTable {
    let mut runs: BTreeMap<u64, u64> = BTreeMap::new();
    if let (Some(points), Some(errors)) = (table.column("point"), table.column("error"))
        && let (Cells::Whole(points), Cells::Text(errors)) = (&points.cells, &errors.cells)
    {
        for (point, _) in points.iter().zip(errors).filter(|(_, error)| error.is_none()) {
            *runs.entry(point.unwrap_or_default()).or_default() += 1;
        }
    }
    let means: Vec<Vec<Option<f64>>> = shown
        .iter()
        .map(|column| at_points(plan, table, column.numbers().unwrap_or_default()))
        .collect();
    let row = |(point, runs): (&u64, &u64)| PointRow {
        settings: (0..plan.study.axes.len()).map(|axis| setting(plan, *point, axis)).collect(),
        runs: *runs,
        means: means.iter().map(|of| of.get(*point as usize).copied().flatten()).collect(),
    };
    PointTable {
        axes: plan.study.axes.iter().map(|axis| axis.name().to_owned()).collect(),
        metrics: shown
            .iter()
            .map(|column| Quantity { name: column.name.clone(), unit: column.unit.clone() })
            .collect(),
        rows: runs.iter().take(POINTS).map(row).collect(),
        total: runs.len() as u64,
    }
}

fn failures(table: &Table) -> Vec<Failure> {
    let Some(Cells::Text(errors)) = table.column("error").map(|column| &column.cells) else {
        return Vec::new();
    };
    let failed = errors.iter().enumerate().filter_map(|(row, error)| Some((row, error.clone()?)));
    failed
        .map(|(row, error)| {
            let settings =
                table.axes().iter().map(|c| format!("{} = {}", c.name, c.cells.text(row)));
            let seed = table.column("seed").map(|c| format!("seed {}", c.cells.text(row)));
            let run = table.column("run").map_or(0, |c| c.cells.text(row).parse().unwrap_or(0));
            let settings = settings.chain(seed).collect::<Vec<_>>().join(", ");
            Failure { run, settings, error }
        })
        .take(100)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_told_by_their_ends_in_few_digits() {
        let values = [81.479_174_210_614_9, 342.887_145_266, 50.123].map(Value::from);
        assert_eq!(drawn(&values), "3 drawn values from 50.1 to 343");
        assert_eq!(drawn(&[]), "0 drawn values");
    }
}
