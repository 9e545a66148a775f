//! What the site's consumption emitted, and when.

use super::Context;
use super::chart::Mark;
use super::heat::Heats;
use super::ink::Ink;
use super::markup::{Key, Table, figure, legend};
use super::power::line;
use super::sankey::{flows, sankey};
use super::trace::Paths;
use crate::Error;
use crate::number::human;
use crate::tally::energy::sources;

/// The plot and the table.
pub(super) fn section(
    context: &Context<'_>,
    paths: &Paths,
    heats: &Heats,
) -> Result<String, Error> {
    let heat =
        heats.mix.figure("Carbon intensity of consumption", "g/kWh", context.clock, context.end);
    Ok(traced(paths) + &table(context) + &intensity(context)? + &heat)
}

fn traced(paths: &Paths) -> String {
    let title = "Where each gram came from";
    // Kilograms, as everywhere in this section.
    let paths = &paths.scaled(1e-3);
    let svg = sankey("Operational carbon from its sources to its uses", "kg", paths);
    if svg.is_empty() {
        return "<p>The site consumed no energy with a carbon footprint.</p>\n".to_owned();
    }
    let reading = "CO\u{2082} of imports and fuel, traced from each source to each use, including \
                   energy that passed through the batteries. PV counts as zero. Embodied carbon is not \
                   included.";
    figure(title, reading, "", &svg) + &flows(title, "kg", paths)
}

fn intensity(context: &Context<'_>) -> Result<String, Error> {
    let h = context.history;
    let grid = context.catalog.has_grid;
    let tracks = [
        (Ink::Mix, "Consumption", &h.mix, true),
        (Ink::GridMix, "Grid", &h.grid_mix, grid),
        (Ink::Stored, "Stored in the batteries", &h.stored, !h.soc.is_empty()),
    ];
    let shown: Vec<_> = tracks.into_iter().filter(|(.., shown)| *shown).collect();
    let high = shown.iter().map(|(_, _, track, _)| track.highest()).fold(0.0, f64::max);
    if high <= 0.0 {
        return Ok("<p>The site consumed no energy with a carbon footprint.</p>\n".to_owned());
    }
    let label = "Carbon intensity of consumption, of the grid and of stored energy over time";
    let mut chart = context.over_time(label, "g/kWh", 0.0, high);
    let mut keys = Vec::new();
    for (ink, name, track, _) in shown {
        chart.marks.push(Mark::Line(ink, line(h, track, 1.0)));
        keys.push((Key::Line(ink), name.to_owned()));
    }
    keys.extend(context.outage_key());
    let reading = "Carbon intensity of the energy consumed on the site, of imports from the grid and \
                   of the energy in the batteries.";
    Ok(figure("Carbon intensity", reading, &legend(&keys), &chart.draw(&keys)?))
}

fn table(context: &Context<'_>) -> String {
    let (tally, energy) = (context.tally, &context.tally.energy);
    let mut table = Table::new("Carbon", &["Origin", "kg CO\u{2082}"]);
    let fuel_kg = energy.emitted_kg - energy.imported_kg;
    let fuel_kg = if fuel_kg.abs() > 1e-9 * energy.emitted_kg { fuel_kg } else { 0.0 };
    let [pv, batteries, servers] = tally.embodied_kg();
    let rows = [
        ("", "Imports from the grid", energy.imported_kg),
        ("", "Fuel of gensets", fuel_kg),
        ("sum", "Operational", energy.emitted_kg),
        ("", "PV", pv),
        ("", "Batteries", batteries),
        ("", "Servers", servers),
        ("sum", "Embodied (this run's share)", pv + batteries + servers),
    ];
    let went = [
        ("", "Consumed on the site", energy.consumed_kg()),
        ("", "Exported (not deducted)", energy.exported_kg),
        ("", "Change in the CO\u{2082} of the stored energy", energy.stored_kg()),
        ("sum", "Operational", energy.emitted_kg),
    ];
    for (class, name, kg) in rows {
        table.row_of(class, &[name.to_owned(), human(kg)]);
    }
    let mut into = Table::new("Where operational carbon went", &["To", "kg CO\u{2082}"]);
    for (class, name, kg) in went {
        into.row_of(class, &[name.to_owned(), human(kg)]);
    }
    let mut origin = Table::new("Sources of the energy consumed", &["Source", "kWh", "Share"]);
    let all = energy.consumed_kwh();
    // As in the drawing: with a grid, what the batteries held at the start is the grid's.
    let [pv, grid, genset, initial] = sources(&energy.consumed);
    let rows = match context.catalog.has_grid {
        true => vec![("PV", pv), ("Grid", grid + initial), ("Gensets", genset)],
        false => vec![("PV", pv), ("Gensets", genset), ("Stored at the start", initial)],
    };
    // A kind of source that gave nothing is left out.
    for (name, kwh) in rows.into_iter().filter(|(_, kwh)| *kwh > 0.0) {
        let share = crate::number::percent(kwh / all);
        origin.row(&[name.to_owned(), human(kwh), share]);
    }
    let sum = "<p>Operational carbon = consumed + exported + change in the CO\u{2082} of the stored \
               energy. The change is negative if less CO\u{2082} is attributed to the stored energy at \
               the end of the run than at its start, even if more kWh are stored.</p>\n";
    let (table, into, origin) = (table.end(), into.end(), origin.end());
    format!("<div class=\"pair\">{table}<div>{into}{origin}</div></div>\n{sum}")
}
