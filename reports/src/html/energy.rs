//! Where the energy came from and went to: traced flows, table, duration curves, heat maps.

use super::Context;
use super::chart::{Chart, Mark, round_ticks};
use super::heat::Heat;
use super::ink::Ink;
use super::markup::{Key, Table, figure, legend};
use super::sankey::sankey;
use crate::Error;
use crate::number::{human, percent};

/// All of it.
pub(super) fn section(context: &Context<'_>, heats: [&Heat; 2]) -> Result<String, Error> {
    let grid = context.catalog.has_grid;
    let clock = context.clock;
    let mut out = traced(context);
    out += &table(context);
    out += &durations(context)?;
    if grid {
        out += &heats[0].figure("Grid import", "mean kW", clock, context.end);
    }
    out += &heats[1].figure("Carbon intensity of consumption", "g/kWh", clock, context.end);
    Ok(out)
}

fn traced(context: &Context<'_>) -> String {
    let sources = [
        ("PV", Ink::Pv),
        ("Grid", Ink::Import),
        ("Gensets", Ink::Genset),
        ("Stored at the start", Ink::Initial),
    ];
    let uses = ["Loads", "Electric cars", "Computing", "Network"];
    let kwh: Vec<Vec<f64>> =
        context.tally.energy.paths_kwh.iter().map(|row| row.to_vec()).collect();
    let label = "Energy consumed, from its sources to its uses, traced through the batteries";
    let svg = sankey(label, &sources, &uses, &kwh);
    if svg.is_empty() {
        return "<p>Nothing was consumed.</p>\n".to_owned();
    }
    let reading = "Each consumed kWh by where it was made, traced through the batteries, and what it \
                   was used for. Every use gets the mix of its interval.";
    figure("Where each kWh came from", reading, "", &svg)
}

fn table(context: &Context<'_>) -> String {
    let energy = &context.tally.energy;
    let e = &energy.kwh;
    let is_pv = !context.catalog.pv.is_empty() && energy.only_pv_curtailed();
    let curtailed = if is_pv { "PV curtailed" } else { "Surplus curtailed" };
    let side = |title: &str, rows: &[(&str, f64)]| {
        let all: f64 = rows.iter().map(|(_, kwh)| kwh).sum();
        let mut table = Table::new(title, &["Flow", "kWh", "Share"]);
        for (name, kwh) in rows {
            table.row(&[(*name).to_owned(), human(*kwh), percent(kwh / all)]);
        }
        table.row_of("sum", &["All".to_owned(), human(all), percent(1.0)]);
        table.end()
    };
    let came = side(
        "What came onto the site's bus",
        &[
            ("PV", e.pv_kw),
            ("Battery discharge", e.discharge_kw),
            ("Grid import", e.import_kw),
            ("Gensets", e.genset_kw),
            ("Not served", e.unserved_kw),
        ],
    );
    let went = side(
        "What left it",
        &[
            ("Loads", e.loads_kw),
            ("Electric cars", e.ev_kw),
            ("Computing", e.compute_kw),
            ("Network", e.network_kw),
            ("Battery charge", e.charge_kw),
            ("Grid export", e.export_kw),
            (curtailed, e.curtailed_kw),
        ],
    );
    format!("<div class=\"pair\">{came}{went}</div>\n")
}

fn durations(context: &Context<'_>) -> Result<String, Error> {
    let series = [
        (Ink::Demand, "Demand", &context.history.durations[0]),
        (Ink::Line(0), "Grid import", &context.history.durations[1]),
        (Ink::Line(1), "PV", &context.history.durations[2]),
    ];
    let intervals = series[0].2.len();
    if intervals < 2 {
        return Ok(String::new());
    }
    let mut marks = Vec::new();
    let mut keys = Vec::new();
    let mut high: f64 = 0.0;
    for (ink, name, values) in series {
        let mut sorted = values.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        if sorted.first().is_none_or(|v| *v <= 0.0) {
            continue;
        }
        high = high.max(f64::from(sorted[0]));
        let points = (0..=400).map(|k| {
            let i = k * (intervals - 1) / 400;
            (k as f64 / 4.0, f64::from(sorted[i]))
        });
        marks.push(Mark::Line(ink, vec![points.collect()]));
        keys.push((Key::Line(ink), name.to_owned()));
    }
    let (y, y_ticks) = round_ticks(0.0, high);
    let chart = Chart {
        label: "Duration curves of demand, import and PV".to_owned(),
        height: 460,
        margin: 130,
        x: (0.0, 100.0),
        x_ticks: (0..=10).map(|k| (f64::from(k) * 10.0, format!("{} %", k * 10))).collect(),
        y,
        y_ticks,
        unit: "kW".to_owned(),
        marks,
    };
    let reading = "For which share of the time a power was at least so high.";
    Ok(figure("Duration curves", reading, &legend(&keys), &chart.draw()?))
}
