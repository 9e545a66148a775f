//! Where the energy came from and went to: traced flows, table, duration curves, heat maps.

use super::Context;
use super::chart::{Chart, Mark, round_ticks};
use super::heat::Heats;
use super::history::CURVES;
use super::ink::Ink;
use super::markup::{Key, Table, figure, legend};
use super::sankey::{flows, sankey};
use super::trace::Paths;
use crate::Error;
use crate::number::{human, percent};

/// All of it.
pub(super) fn section(
    context: &Context<'_>,
    paths: &Paths,
    heats: &Heats,
) -> Result<String, Error> {
    let (clock, end) = (context.clock, context.end);
    let mut out = traced(paths);
    out += &table(context, paths);
    out += &durations(context)?;
    out += &heats.demand.figure("Demand", "kW", clock, end);
    out += &heats.pv.figure("PV before curtailment", "kW", clock, end);
    if context.catalog.has_grid {
        out += &heats.import.figure("Grid import", "kW", clock, end);
    }
    Ok(out)
}

fn traced(paths: &Paths) -> String {
    let title = "Where each kWh came from";
    let svg = sankey("Energy from its sources to its uses", "kWh", paths);
    if svg.is_empty() {
        return "<p>No energy was supplied.</p>\n".to_owned();
    }
    let reading = "Each ribbon keeps the colour of its source, even after it has passed through the \
                   batteries. In each interval, all consumers receive the same mix of sources. \
                   Percentages are shares of the total supply.";
    figure(title, reading, "", &svg) + &flows(title, "kWh", paths)
}

fn table(context: &Context<'_>, paths: &Paths) -> String {
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
        "Supply",
        &[
            ("PV", e.pv_kw),
            ("Battery discharge", e.discharge_kw),
            ("Grid import", e.import_kw),
            ("Gensets", e.genset_kw),
            ("Not served", e.unserved_kw),
        ],
    );
    let went = side(
        "Use",
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
    let residual = human(energy.worst_residual_kwh);
    let mut balance =
        format!("Supply equals use in every interval; the largest error is {residual} kWh.");
    if !context.catalog.batteries.is_empty() {
        balance += &format!(
            " At the start, the batteries held {} kWh, of which they could deliver {} kWh at their \
             terminals; at the end, they held {} kWh and could deliver {} kWh. Charging, discharging and \
             self-discharge caused losses of {} kWh during the run.",
            human(paths.at_start),
            human(context.tally.stored().start_kwh),
            human(paths.held),
            human(context.tally.stored().end_kwh),
            human(paths.lost()),
        );
    }
    format!("<div class=\"pair\">{came}{went}</div>\n<p>{balance}</p>\n")
}

fn durations(context: &Context<'_>) -> Result<String, Error> {
    const INKS: [Ink; 5] = [Ink::Demand, Ink::Line(4), Ink::Line(0), Ink::Line(3), Ink::Line(1)];
    let mut table = Table::new(
        "Power reached or exceeded for a share of the time",
        &["kW", "Highest", "1 %", "10 %", "50 %", "90 %", "Lowest", "Mean", "kWh"],
    );
    let (mut marks, mut keys) = (Vec::new(), Vec::new());
    let (mut high, mut low) = (0.0, 0.0);
    for (name, (ink, curve)) in CURVES.iter().zip(INKS.iter().zip(&context.history.durations)) {
        let Some((highest, lowest)) = curve.range_kw() else { continue };
        // What never was has no curve.
        if highest <= 0.0 && lowest >= 0.0 {
            continue;
        }
        (high, low) = (f64::max(high, highest), f64::min(low, lowest));
        let shares = || (0..=400).map(|k| f64::from(k) / 400.0);
        let points = shares().map(|s| s * 100.0).zip(curve.at(shares())).collect();
        marks.push(Mark::Line(*ink, vec![points]));
        keys.push((Key::Line(*ink), (*name).to_owned()));
        let mut row = vec![(*name).to_owned()];
        let told = curve.at([0.0, 0.01, 0.1, 0.5, 0.9, 1.0].into_iter());
        row.extend(told.into_iter().map(human));
        row.push(human(curve.energy_kwh() / curve.hours()));
        row.push(human(curve.energy_kwh()));
        table.row(&row);
    }
    if marks.is_empty() {
        return Ok(String::new());
    }
    let (y, y_ticks) = round_ticks(low, high);
    let chart = Chart {
        label: "Duration curves of demand, net load and supply".to_owned(),
        height: 460,
        margin: 130,
        x: (0.0, 100.0),
        x_ticks: (0..=10).map(|k| (f64::from(k) * 10.0, format!("{} %", k * 10))).collect(),
        y,
        y_ticks,
        unit: "kW".to_owned(),
        log: false,
        marks,
    };
    let reading = "Each curve shows for which share of the time a power was reached or exceeded; the \
                   area under it is the energy. Net load is demand minus PV output, without the \
                   batteries.";
    Ok(figure("Duration curves", reading, &legend(&keys), &chart.draw(&keys)?) + &table.end())
}
