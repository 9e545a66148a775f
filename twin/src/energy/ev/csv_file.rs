//! Sessions read from a file: `arrival,departure,energy_kwh[,vehicle_kw]` with local times.

use super::sessions::Visit;
use crate::energy::EnergyError;
use crate::energy::calendar::Calendar;
use crate::energy::table::{Field, Row, Table};
use crate::scenario::Chargers;
use jiff::civil::DateTime;
use std::path::Path;

/// The visits in the file. Where it has no `vehicle_kw`, the car takes what the charger gives.
pub(super) fn visits(
    path: &Path,
    base: &Path,
    chargers: &Chargers,
    calendar: &Calendar,
) -> Result<Vec<Visit>, EnergyError> {
    let table = Table::read(base, path)?;
    let arrival = table.column("arrival")?;
    let departure = table.column("departure")?;
    let energy = table.column("energy_kwh")?;
    let vehicle = table.column("vehicle_kw").ok();
    let mut visits = Vec::new();
    let mut last: Option<DateTime> = None;
    // Rows of the same arrival, to find the doubled ones among them.
    let mut same: Vec<csv::StringRecord> = Vec::new();
    table.rows(|row| {
        let from = time(row.field(arrival))?;
        let until = time(row.field(departure))?;
        if until <= from {
            let field = row.field(departure);
            return Err(field.refused(
                "a departure after the arrival",
                "write the date with the time: a night ends on the next day",
            ));
        }
        if last.is_some_and(|last| from < last) {
            let field = row.field(arrival);
            return Err(field
                .refused("an arrival no earlier than the one before", "sort the file by arrival"));
        }
        if last != Some(from) {
            same.clear();
        }
        if same.contains(row.record()) {
            let field = row.field(arrival);
            return Err(field.refused("each session once", "remove the doubled line"));
        }
        same.push(row.record().clone());
        last = Some(from);
        visits.push(Visit {
            arrival_s: calendar.seconds_to(from)?,
            departure_s: calendar.seconds_to(until)?,
            asked_kwh: row.field(energy).magnitude("an energy in kWh of zero or above")?,
            vehicle_kw: vehicle_kw(row, vehicle, chargers)?,
        });
        Ok(())
    })?;
    Ok(visits)
}

fn vehicle_kw(
    row: &Row<'_>,
    column: Option<usize>,
    chargers: &Chargers,
) -> Result<f64, EnergyError> {
    match column {
        Some(column) => row.field(column).magnitude("a power in kW of zero or above"),
        None => Ok(chargers.power_kw.get()),
    }
}

fn time(field: Field<'_>) -> Result<DateTime, EnergyError> {
    field.text.parse().map_err(|_| {
        field.refused("a local time", "write it as in 2026-06-01T08:30 or 2026-06-01 08:30")
    })
}
