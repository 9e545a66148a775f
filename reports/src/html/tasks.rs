//! Tasks: latency over time, and their outcome by class.

use super::Context;
use super::chart::{Mark, Points};
use super::ink::Ink;
use super::markup::{Key, Table, figure, legend};
use super::tiers;
use crate::Error;
use crate::files::places;
use crate::number::{count, duration, human};
use crate::tally::tasks::{Cell, Hour, OUTCOMES};
use gridtwin_kernel::{Histogram, Span};

/// Percentiles of latency over time.
#[derive(Clone, Debug)]
pub(crate) struct Latency {
    block: Span,
    filling: (u64, Histogram),
    /// Block, and its percentiles: 50, 95, 99.
    blocks: Vec<(u64, [f64; 3])>,
}

impl Latency {
    /// Nothing known yet.
    pub(crate) fn new(block: Span) -> Self {
        Self { block, filling: (0, Histogram::new()), blocks: Vec::new() }
    }

    /// An hour that is over; hours that are told a second time stay out of the plot.
    pub(crate) fn hour(&mut self, hour: &Hour) {
        let block = hour.hour * Span::HOUR.0 / self.block.0;
        if block > self.filling.0 {
            self.end();
            self.filling.0 = block;
        }
        if block == self.filling.0 {
            self.filling.1.merge(&hour.whole().latency_ms);
        }
    }

    /// The run is over.
    pub(crate) fn end(&mut self) {
        let block = self.filling.0;
        let histogram = std::mem::take(&mut self.filling.1);
        let percentiles = [0.5, 0.95, 0.99].map(|q| histogram.quantile(q));
        if let [Some(p50), Some(p95), Some(p99)] = percentiles {
            self.blocks.push((block, [p50, p95, p99]));
        }
    }
}

/// Plot and tables.
pub(super) fn section(context: &Context<'_>, latency: &Latency) -> Result<String, Error> {
    let totals = context.tally.tasks.totals();
    let all = totals.sum(|_, _| true);
    if all.arrived() == 0 {
        return Ok("<p>None: no task arrived.</p>\n".to_owned());
    }
    let mut out = over_time(context, latency)?;
    out += &tiers::section(context, &totals)?;
    // A single server is its tier.
    if context.catalog.servers.len() > 1 {
        let mut by_place = tiers::latencies("Latency by place", "Place");
        for (p, name) in places(context.catalog).iter().enumerate() {
            let cell = totals.sum(|_, place| place == p);
            tiers::row(&mut by_place, "", name, &cell, all.arrived());
        }
        out += &by_place.end_folded();
    }
    let mut heads = vec!["Class", "Deadline", "Arrived", "On time", "Late"];
    let lost = ["Device without power", "Server lost power", "Queue full", "No route"];
    heads.extend(lost);
    let mut by_class = Table::new("Outcome of tasks by class", &heads);
    let mut class_row = |class: &str, name: &str, deadline: String, cell: &Cell| {
        let mut row = vec![name.to_owned(), deadline, count(cell.arrived())];
        row.extend((0..OUTCOMES.len()).map(|i| count(cell.outcomes[i])));
        by_class.row_of(class, &row);
    };
    for (c, stream) in context.catalog.streams.iter().enumerate() {
        class_row(
            "",
            &stream.name,
            duration(stream.deadline_s),
            &totals.sum(|class, _| class == c),
        );
    }
    class_row("sum", "All", String::new(), &all);
    out += &by_class.end_folded();
    out += "<p>The last four columns count the lost tasks by the reason of their loss. In the tables of \
            latency, percentiles cover completed tasks only; energy and CO\u{2082} are means over all \
            tasks.</p>\n";
    if let Some(listed) = context.summary.get("tasks.listed") {
        let (listed, arrived) = (listed as u64, all.arrived());
        let listed = if listed == 0 {
            "gridtwin run --tasks N writes a row for each of the first N tasks to tasks.csv."
                .to_owned()
        } else if listed < arrived {
            format!("tasks.csv lists the first {} of {} tasks.", count(listed), count(arrived))
        } else {
            format!("tasks.csv lists all {} tasks.", count(arrived))
        };
        out += &format!("<p>tasks_hourly.csv and all figures count every task; {listed}</p>\n");
    }
    Ok(out)
}

fn over_time(context: &Context<'_>, latency: &Latency) -> Result<String, Error> {
    let high = latency.blocks.iter().map(|(_, p)| p[2]).fold(0.0, f64::max);
    let low = latency.blocks.iter().map(|(_, p)| p[0]).fold(f64::INFINITY, f64::min);
    if high <= 0.0 {
        return Ok("<p>No task was completed.</p>\n".to_owned());
    }
    // Decades where linear marks would hide the small values.
    let log = low > 0.0 && high / low > 30.0;
    let scaled = |v: f64| if log { v.max(low).log10() } else { v };
    let label = "Percentiles of task latency over time";
    let mut chart = context.over_time(label, "ms", 0.0, high);
    chart.log = log;
    if log {
        chart.y = (low.log10().floor(), high.log10().ceil());
        let decades = chart.y.0 as i32..=chart.y.1 as i32;
        chart.y_ticks = decades.map(|d| (f64::from(d), human(10f64.powi(d)))).collect();
    }
    let mut keys = Vec::new();
    let lines = [
        (2, Ink::P99, "99th percentile"),
        (1, Ink::P95, "95th percentile"),
        (0, Ink::P50, "Median"),
    ];
    for (i, ink, name) in lines {
        let mut pieces: Vec<Points> = vec![Vec::new()];
        let mut before = None;
        for (block, values) in &latency.blocks {
            if before.is_some_and(|b: u64| b + 1 != *block) {
                pieces.push(Vec::new());
            }
            before = Some(*block);
            let x = (*block as f64 + 0.5) * latency.block.as_hours_f64();
            if let Some(piece) = pieces.last_mut() {
                piece.push((x, scaled(values[i])));
            }
        }
        chart.marks.push(Mark::Line(ink, pieces));
        keys.push((Key::Line(ink), name.to_owned()));
    }
    keys.extend(context.outage_key());
    let block = duration(latency.block.as_secs_f64());
    let scale = if log { " Logarithmic axis." } else { "" };
    let reading = format!(
        "Time from a task's arrival to its result. Each point covers the tasks that arrived within {block}.{scale}"
    );
    Ok(figure("Task latency", &reading, &legend(&keys), &chart.draw(&keys)?))
}
