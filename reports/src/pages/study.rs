//! The page of a sweep: what each metric came to over all runs, which axis moves it most, how it
//! goes with the others, every point's means, and the runs that failed.

use super::matrix::matrix;
use super::shell::{interval, number};
use super::{Fact, Quantity, grid, shell, spread, tornado};
use crate::Error;
use crate::html::markup::{Table, escape};
use crate::number::count;

/// A sweep, worked out and ready to draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudyPage {
    /// The study's name.
    pub name: String,
    /// What it is for, in a sentence or two; may be empty.
    pub description: String,
    /// Base scenario, version, seeds, number of runs and so on, in the order shown.
    pub facts: Vec<Fact>,
    /// The metrics to show, the most important first.
    pub metrics: Vec<MetricPage>,
    /// How axes and metrics go together, run by run.
    pub scatter: Option<Scatter>,
    /// The points of the sweep with the means of their replicates.
    pub points: PointTable,
    /// Runs that failed; the page lists the first hundred or so.
    pub failures: Vec<Failure>,
    /// How many runs failed in all, also those that are not in `failures`.
    pub failed: u64,
    /// How the figures are worked out, a sentence each: shown at the page's end.
    pub method: Vec<String>,
}

/// One metric over all runs of a sweep.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricPage {
    /// The metric's name, as in `summary.csv`.
    pub name: String,
    /// Its unit; empty where it has none.
    pub unit: String,
    /// So many runs have a value.
    pub n: u64,
    /// Their mean; NaN where no run has a value.
    pub mean: f64,
    /// The 95 % confidence interval of the mean, from, to.
    pub interval_95: Option<(f64, f64)>,
    /// How the runs' values are spread.
    pub spread: Option<Spread>,
    /// How far each axis moves the metric; drawn longest bar first.
    pub tornado: Vec<TornadoBar>,
    /// The metric over two axes.
    pub heat: Option<HeatMap>,
    /// The mean after the first 1, 2, .. runs (or fewer, thinned): drawn from the second on.
    pub convergence: Vec<Convergence>,
}

/// Where the values of the runs lie, in the metric's unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// The least.
    pub min: f64,
    /// 5 % are below.
    pub p5: f64,
    /// Half are below.
    pub p50: f64,
    /// 95 % are below.
    pub p95: f64,
    /// The greatest.
    pub max: f64,
}

/// One axis's bar: what the metric's mean is where the axis is low, and where it is high.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TornadoBar {
    /// The axis's path.
    pub axis: String,
    /// The axis's low setting, for instance "50 kW" or "< 120".
    pub low_label: String,
    /// The metric's mean there; NaN where there is none.
    pub low: f64,
    /// The axis's high setting.
    pub high_label: String,
    /// The metric's mean there; NaN where there is none.
    pub high: f64,
    /// The share of the metric's variance that the axis alone explains, 0 to 1.
    pub share_of_variance: Option<f64>,
}

/// The metric's means over two axes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatMap {
    /// The axis from left to right.
    pub x_axis: String,
    /// Its settings, in order.
    pub x_labels: Vec<String>,
    /// The axis from bottom to top.
    pub y_axis: String,
    /// Its settings, in order: the first is drawn at the bottom.
    pub y_labels: Vec<String>,
    /// `cells[y * x_labels.len() + x]`.
    pub cells: Vec<Option<f64>>,
}

/// The mean of the first so many runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Convergence {
    /// So many runs.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// Half the width of its 95 % confidence interval; NaN or infinite where there is none yet.
    pub half_width: f64,
}

/// Values of all runs, for a scatter matrix. The page draws at most six columns and a few hundred
/// runs, chosen as by chance, but always the same ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scatter {
    /// Axes first, then metrics.
    pub columns: Vec<ScatterColumn>,
    /// What the dots' colours and shapes tell.
    pub group: Option<ScatterGroup>,
    /// Rank correlations, `[row * columns.len() + column]`, -1 to 1; empty where not worked out.
    pub rank_correlations: Vec<Option<f64>>,
}

/// One column of a scatter matrix.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScatterColumn {
    /// The axis's path or the metric's name.
    pub name: String,
    /// Its unit; empty where it has none.
    pub unit: String,
    /// One for each run; NaN where it is missing.
    pub values: Vec<f64>,
}

/// Which of a few groups each run belongs to: a policy, a protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScatterGroup {
    /// The axis that tells them apart.
    pub name: String,
    /// The groups; those after the fifth are drawn alike.
    pub labels: Vec<String>,
    /// Each run's group, an index into `labels`.
    pub of_row: Vec<u8>,
}

/// The points of a sweep: one row for each combination of settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PointTable {
    /// The axes' paths.
    pub axes: Vec<String>,
    /// The metrics whose means are shown.
    pub metrics: Vec<Quantity>,
    /// In the order of the sweep; the page shows the first two hundred.
    pub rows: Vec<PointRow>,
    /// How many points there are in all, also those that are not in `rows`.
    pub total: u64,
}

/// One point of a sweep.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PointRow {
    /// The settings, one for each axis.
    pub settings: Vec<String>,
    /// So many runs of it came to their end.
    pub runs: u64,
    /// The means over them, one for each metric.
    pub means: Vec<Option<f64>>,
}

/// A run that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The run's number, as in `results.csv`.
    pub run: u64,
    /// What was special about it: its settings, its seed; may be empty.
    pub settings: String,
    /// Why it failed.
    pub error: String,
}

/// So many points, and so many failures, are listed.
const POINTS: usize = 200;
const FAILURES: usize = 100;
/// Up to so many metrics, each has a link at the top.
const LINKS: usize = 12;

/// The page of a sweep.
///
/// # Errors
/// A plot that could not be drawn.
pub fn study_page(page: &StudyPage) -> Result<String, Error> {
    let sections = [
        ("metrics", "Metrics at a glance", overview(&page.metrics)),
        ("each", "Metric by metric", each(&page.metrics)),
        ("together", "Correlations", page.scatter.as_ref().map_or(String::new(), matrix)),
        ("points", "Points", points(&page.points)),
        ("failures", "Runs that failed", failures(page)),
        ("method", "Method", shell::method(&page.method)),
    ];
    let top = shell::Top {
        kicker: "gridtwin sweep",
        name: &page.name,
        description: &page.description,
        facts: &page.facts,
        lead: String::new(),
    };
    Ok(shell::page(&top, &sections))
}

/// All metrics in one table.
fn overview(metrics: &[MetricPage]) -> String {
    if metrics.is_empty() {
        return shell::none("This sweep recorded no metric.");
    }
    let heads = [
        "Metric",
        "~Unit",
        "Runs",
        "Mean",
        "95 % confidence interval of the mean",
        "Minimum",
        "p5",
        "Median",
        "p95",
        "Maximum",
    ];
    let mut table = Table::new("Metrics over all runs", &heads);
    for metric in metrics {
        let spread = metric.spread.unwrap_or(Spread {
            min: f64::NAN,
            p5: f64::NAN,
            p50: f64::NAN,
            p95: f64::NAN,
            max: f64::NAN,
        });
        let mut cells = vec![metric.name.clone(), metric.unit.clone(), count(metric.n)];
        cells.extend([number(metric.mean), interval(metric.interval_95, number)]);
        let quantiles = [spread.min, spread.p5, spread.p50, spread.p95, spread.max];
        cells.extend(quantiles.map(number));
        table.row(&cells);
    }
    table.end()
}

/// Each metric with its drawings.
fn each(metrics: &[MetricPage]) -> String {
    let mut out = String::new();
    if (2..=LINKS).contains(&metrics.len()) {
        let link = |(i, metric): (usize, &MetricPage)| {
            format!("<li><a href=\"#metric-{i}\">{}</a></li>", escape(&metric.name))
        };
        let links: String = metrics.iter().enumerate().map(link).collect();
        out += &format!("<ul class=\"links\">{links}</ul>\n");
    }
    for (i, metric) in metrics.iter().enumerate() {
        let title = escape(&shell::with_unit(&metric.name, &metric.unit));
        out += &format!("<h3 id=\"metric-{i}\">{title}</h3>\n{}", one(metric));
    }
    out
}

fn one(metric: &MetricPage) -> String {
    if metric.n == 0 {
        return shell::none("No run has a value for this metric.");
    }
    let mut text = format!("Mean {} {}", number(metric.mean), metric.unit).trim_end().to_owned();
    if metric.interval_95.is_some_and(|(low, high)| low.is_finite() && high.is_finite()) {
        text += &format!(", 95 % confidence interval {}", interval(metric.interval_95, number));
    }
    let mut out = shell::none(&format!("{text}, {}.", runs(metric.n)));
    let heat = metric.heat.as_ref().map_or(String::new(), |heat| grid::figure(metric, heat));
    let columns =
        [spread::strip(metric) + &tornado::figure(metric), spread::convergence(metric) + &heat];
    let column = |column: &String| format!("<div class=\"panels\">\n{column}</div>\n");
    let columns: String = columns.iter().filter(|c| !c.is_empty()).map(column).collect();
    if !columns.is_empty() {
        out += &format!("<div class=\"panels\">\n{columns}</div>\n");
    }
    out += &tornado::table(metric);
    if let Some(heat) = &metric.heat {
        out += &grid::table(metric, heat);
    }
    out
}

/// "1 run", "12 runs".
pub(super) fn runs(n: u64) -> String {
    format!("{} run{}", count(n), if n == 1 { "" } else { "s" })
}

fn points(points: &PointTable) -> String {
    if points.rows.is_empty() {
        return shell::none("No run was finished at any point.");
    }
    let metrics = points.metrics.iter().map(Quantity::full);
    let heads = points.axes.iter().map(|axis| format!("~{axis}")).chain(["Runs".to_owned()]);
    let heads: Vec<String> = heads.chain(metrics).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut table =
        Table::new("Means over the runs at each point (combination of settings)", &heads);
    for row in points.rows.iter().take(POINTS) {
        let settings = (0..points.axes.len()).map(|i| shell::word(&row.settings, i));
        let means =
            (0..points.metrics.len()).map(|i| shell::maybe(row.means.get(i).copied().flatten()));
        table.row(&settings.chain([count(row.runs)]).chain(means).collect::<Vec<_>>());
    }
    let total = points.total.max(points.rows.len() as u64);
    let shown = points.rows.len().min(POINTS) as u64;
    let cut = match shown < total {
        true => format!(
            "The table lists the first {} of {} points; results.csv lists all runs.",
            count(shown),
            count(total)
        ),
        false => format!("{} point{}.", count(total), if total == 1 { "" } else { "s" }),
    };
    shell::none(&cut) + &table.end()
}

fn failures(page: &StudyPage) -> String {
    let failed = page.failed.max(page.failures.len() as u64);
    if failed == 0 {
        return shell::none("None: every run finished.");
    }
    let mut table = Table::new("Failures", &["Run", "~Settings", "~Why"]);
    for failure in page.failures.iter().take(FAILURES) {
        table.row(&[failure.run.to_string(), failure.settings.clone(), failure.error.clone()]);
    }
    let shown = page.failures.len().min(FAILURES) as u64;
    let listed = match shown < failed {
        true => format!("; the first {} are listed", count(shown)),
        false => String::new(),
    };
    let text =
        format!("{} failed{listed}. No figure on this page includes failed runs.", runs(failed));
    format!("<p class=\"alarm\">{}</p>\n{}", escape(&text), table.end())
}
