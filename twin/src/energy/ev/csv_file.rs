//! Sessions read from a file: `arrival,departure,energy_kwh[,vehicle_kw]`. Times without an offset are
//! those of the site's clock. Not which of them lie in the run.

use super::sessions::Visit;
use crate::energy::EnergyError;
use crate::energy::calendar::Calendar;
use crate::scenario::Chargers;
use crate::series::{Clock, Field, Signs, Table, Times};
use std::path::Path;

/// The visits in the file. Where it has no `vehicle_kw`, the car takes what the charger gives.
pub(super) fn visits(
    path: &Path,
    base: &Path,
    chargers: &Chargers,
    calendar: &Calendar,
) -> Result<Vec<Visit>, EnergyError> {
    let table = Table::read(base, path, true)?;
    let needed = |name: &str| table.named(name).map_err(|_| missing(&table, name));
    let (arrival, departure) = (needed("arrival")?, needed("departure")?);
    let energy = needed("energy_kwh")?;
    let vehicle = table.named("vehicle_kw").ok();
    let arrivals = times(&table, arrival, calendar)?;
    let departures = times(&table, departure, calendar)?;
    for column in [Some(energy), vehicle].into_iter().flatten() {
        let mut signs = Signs::default();
        for row in 0..table.len() {
            let text = table.text(row, column);
            if let Ok(value) = table.dialect.number(text) {
                signs.add(row, text, value);
            }
        }
        signs.note(&table, column)?;
    }
    let start_s = calendar.start().as_second();
    let mut visits = Vec::with_capacity(table.len());
    // The first row of those with the same arrival, to find the doubled ones among them.
    let mut same = 0;
    for row in 0..table.len() {
        let (from_s, until_s) = (arrivals[row], departures[row]);
        if until_s <= from_s {
            return Err(table.field(row, departure).refused(
                "a departure after the arrival",
                "write the date with the time: a night ends on the next day",
            ));
        }
        match row.checked_sub(1).map(|before| arrivals[before]) {
            Some(last_s) if from_s < last_s => {
                return Err(table.field(row, arrival).refused(
                    "an arrival no earlier than the one before",
                    "sort the file by arrival",
                ));
            }
            Some(last_s) if from_s == last_s => {}
            _ => same = row,
        }
        if (same..row).any(|other| table.same(other, row)) {
            return Err(table
                .field(row, arrival)
                .refused("each session once", "remove the doubled line"));
        }
        visits.push(Visit {
            arrival_s: (from_s - start_s) as f64,
            departure_s: (until_s - start_s) as f64,
            asked_kwh: table.field(row, energy).magnitude("an energy in kWh of zero or above")?,
            vehicle_kw: match vehicle {
                Some(column) => vehicle_kw(table.field(row, column))?,
                None => chargers.power_kw.get(),
            },
        });
    }
    Ok(visits)
}

/// A column that the file needs and does not have.
fn missing(table: &Table, name: &str) -> EnergyError {
    let found = match table.names() {
        Some(names) => format!("no column {name:?} among {names:?}"),
        None => format!("no column {name:?}: the file has no headers"),
    };
    let like = |header: &&String| strsim::jaro_winkler(&header.to_lowercase(), name);
    let all = table.names().into_iter().flatten();
    let near = all.filter(|h| like(h) > 0.8).max_by(|a, b| like(a).total_cmp(&like(b)));
    let advice = match near {
        Some(header) => format!("did you mean {header:?}? Rename the columns so"),
        None => "rename the columns so".to_owned(),
    };
    table.refused(
        (table.header_line(), 1),
        found,
        "columns `arrival`, `departure`, `energy_kwh` and, if it is known, `vehicle_kw`",
        advice,
    )
}

fn vehicle_kw(field: Field<'_>) -> Result<f64, EnergyError> {
    field.magnitude("a power in kW of zero or above")
}

/// The instants of a column of times, in seconds of Unix time. An hour that the clock shows twice is
/// meant the first time; one that it leaves out is the instant of the change.
fn times(table: &Table, column: usize, calendar: &Calendar) -> Result<Vec<i64>, EnergyError> {
    let stamps = Times::stamps_in(table, column)?;
    let (first, last) =
        (stamps.iter().map(|s| s.local_s).min(), stamps.iter().map(|s| s.local_s).max());
    let clock = Clock::of(calendar.zone(), first.unwrap_or(0), last.unwrap_or(0));
    Ok(stamps
        .iter()
        .map(|stamp| match stamp.offset_s {
            Some(offset_s) => stamp.local_s - i64::from(offset_s),
            None => clock.first_instant(stamp.local_s),
        })
        .collect())
}
