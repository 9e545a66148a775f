//! How long the site would go on by itself: the survival curve over outages from every hour of the
//! run, and the figures that sum it up.

use super::Context;
use super::chart::{Chart, Mark};
use super::ink::Ink;
use super::markup::{Key, Table, escape, figure, legend};
use crate::Error;
use crate::number::{count, human, percent};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::energy::autonomy::Survival;
use gridtwin_twin::scenario::OutageFuel;

/// Lengths of outages that stand in the table, h.
const LENGTHS_H: [usize; 9] = [1, 4, 8, 12, 24, 48, 72, 120, 168];

/// Curve, table and what they rest on.
///
/// # Errors
/// A plot that could not be drawn.
pub(super) fn section(context: &Context<'_>) -> Result<String, Error> {
    let Some(survival) = context.tally.resilience.survival() else {
        return Ok(
            "<p>The site has neither battery nor genset: it loses power as soon as its supply fails.</p>\n"
                .to_owned()
        );
    };
    let keys = [(Key::Line(Ink::Line(0)), "Outages survived".to_owned())];
    let title = if context.catalog.has_grid {
        "How long the site can supply itself without the grid"
    } else {
        "How long the site can supply itself without fuel deliveries"
    };
    let reading = "One outage is simulated for every hour of the run. It starts at that hour, with the \
                   energy that is stored then. For each duration, the curve shows the share of outages \
                   in which demand is met for at least that long.";
    let svg = chart(&survival, title).draw(&keys)?;
    Ok(figure(title, reading, &legend(&keys), &svg)
        + &table(context, &survival)
        + &basis(context, &survival))
}

/// The survival curve.
fn chart(survival: &Survival, label: &str) -> Chart {
    let hours = (survival.curve.len() - 1).max(1);
    let points = survival.curve.iter().enumerate().map(|(h, share)| (h as f64, share * 100.0));
    let step = match hours {
        0..=12 => 1,
        13..=30 => 3,
        31..=60 => 6,
        61..=100 => 12,
        101..=200 => 24,
        201..=800 => 96,
        _ => 24 * 61,
    };
    let x_ticks = (0..=hours).step_by(step).map(|h| (h as f64, format!("{h} h"))).collect();
    Chart {
        label: label.to_owned(),
        height: 520,
        margin: 130,
        x: (0.0, hours as f64),
        x_ticks,
        y: (0.0, 100.0),
        y_ticks: (0..=4).map(|k| f64::from(k) * 25.0).map(|v| (v, human(v))).collect(),
        unit: "%".to_owned(),
        log: false,
        marks: vec![Mark::Line(Ink::Line(0), vec![points.collect()])],
    }
}

fn table(context: &Context<'_>, survival: &Survival) -> String {
    let followed_h = survival.curve.len() - 1;
    let or_more = |hours: Option<f64>| match hours {
        Some(hours) => human(hours),
        None => format!("{followed_h} or more"),
    };
    let mut table = Table::new("Hours survived", &["What", "Hours", "~When"]);
    let mut row = |what: &str, hours: String, when: String| {
        table.row(&[what.to_owned(), hours, when]);
    };
    let worst = survival.worst_start.map_or_else(String::new, |step| {
        let hours = step as f64 * context.tally.resilience.step_h();
        let (day, time) = context.when(SimTime::ZERO + Span::from_secs_f64(hours * 3600.0));
        format!("from {day} {time}")
    });
    row("Shortest (worst starting time)", or_more(survival.shortest_h), worst);
    row("Median", or_more(survival.median_h), String::new());
    let mean = "an outage that is survived beyond the end of the curve counts with the length of the curve";
    row("Mean", human(survival.mean_h), mean.to_owned());
    row("Longest outage survived", human(survival.longest_h), String::new());
    let mut shares = Table::new("Probability of surviving an outage", &["Length", "Survived"]);
    for hours in LENGTHS_H {
        if let Some(&share) = survival.curve.get(hours) {
            shares.row(&[format!("{hours} h"), percent(share)]);
        }
    }
    table.end() + &shares.end()
}

/// What counts as demand and as fuel, and what is not known.
fn basis(context: &Context<'_>, survival: &Survival) -> String {
    let asked = &context.catalog.resilience;
    let mut said = vec![match &asked.critical {
        Some(critical) => format!(
            "Only consumers with a shedding priority of {} or above must be served.",
            critical.priority
        ),
        None => "All demand must be served.".to_owned(),
    }];
    if !asked.site.gensets.is_empty() {
        said.push(
            match asked.fuel {
                OutageFuel::Tanks => {
                    "Gensets run on the fuel in their tanks; a genset without a tank in the scenario has no fuel."
                }
                OutageFuel::Nothing => "Gensets have no fuel.",
                OutageFuel::Unlimited => "Gensets have unlimited fuel.",
            }
            .to_owned(),
        );
    }
    said.push(format!(
        "{} outages of at most {} h were simulated.",
        count(survival.outages as u64),
        human(survival.horizon_h)
    ));
    if survival.censored > 0 {
        said.push(format!(
            "In {} of them, demand was still met when the run ended; the curve takes them into account \
             by the Kaplan\u{2013}Meier estimate. Simulate a whole year to avoid such cases: outages \
             near its end then continue at its beginning.",
            count(survival.censored as u64)
        ));
    }
    said.push(
        "No load is shed in these outages: an outage counts as survived until the first time step of \
         about 15 minutes in which demand is not fully met. Sizes and limits are those at the start of \
         the run."
            .to_owned(),
    );
    format!("<p>{}</p>\n", escape(&said.join(" ")))
}
