//! Sessions read from a file: `arrival,departure,energy_kwh[,vehicle_kw]`. Times without an offset are
//! those of the zone that the scenario or the file names, else of the site's clock. Not which of them
//! lie in the run, which is `on_run`.

use crate::energy::EnergyError;
use crate::energy::calendar::Calendar;
use crate::record::SessionFile;
use crate::scenario::{Chargers, DateOrder, SeriesZone};
use crate::series::{Field, Moments, Signs, Table, moments};
use jiff::Timestamp;
use std::path::Path;

/// A session at its own time.
pub(super) struct Dated {
    /// Seconds of Unix time.
    pub(super) arrival_s: i64,
    /// Seconds of Unix time.
    pub(super) departure_s: i64,
    pub(super) asked_kwh: f64,
    pub(super) vehicle_kw: f64,
}

/// What a file holds, by arrival, and what was understood of it.
pub(super) struct Content {
    /// One or more.
    pub(super) sessions: Vec<Dated>,
    pub(super) about: SessionFile,
    /// Where its last session stands.
    pub(super) last_place: (u64, u64),
}

/// Reads a file. Where it has no `vehicle_kw`, the car takes what the charger gives.
pub(super) fn read(
    path: &Path,
    base: &Path,
    zone: Option<&SeriesZone>,
    order: Option<DateOrder>,
    chargers: &Chargers,
    calendar: &Calendar,
) -> Result<Content, EnergyError> {
    let table = Table::read(base, path, true)?;
    check_columns(&table)?;
    let needed = |name: &str| column(&table, name).ok_or_else(|| missing(&table, name));
    let (arrival, departure) = (needed("arrival")?, needed("departure")?);
    let energy = needed("energy_kwh")?;
    let vehicle = column(&table, "vehicle_kw");
    if table.len() == 0 {
        let place = (table.header_line() + 1, 1);
        let advice = "the file may be incomplete: export it again";
        return Err(table.refused(place, "no rows", "a row for each session", advice));
    }
    let Moments { instants_s, zone, mut notes } =
        moments(&table, &[arrival, departure], zone, order, calendar.zone())?;
    for column in [Some(energy), vehicle].into_iter().flatten() {
        let mut signs = Signs::default();
        for row in 0..table.len() {
            let text = table.text(row, column);
            if let Ok(value) = table.dialect.number(text) {
                signs.add(row, text, value);
            }
        }
        notes.extend(signs.note(&table, column)?);
    }
    if let Some(encoding) = table.encoding {
        notes.push(format!("the file's text encoding is {encoding}"));
    }
    let mut sessions: Vec<Dated> = Vec::with_capacity(table.len());
    // The first row of those with the same arrival, to find the doubled ones among them.
    let mut same = 0;
    let stays = instants_s[0].iter().copied().zip(instants_s[1].iter().copied());
    for (row, (arrival_s, departure_s)) in stays.enumerate() {
        if departure_s <= arrival_s {
            return Err(table.field(row, departure).refused(
                "a departure after the arrival",
                "correct the time stamp: a stay overnight ends on the next day",
            ));
        }
        match sessions.last().map(|before| before.arrival_s) {
            Some(last_s) if arrival_s < last_s => {
                return Err(table.field(row, arrival).refused(
                    "an arrival no earlier than on the line before",
                    "sort the file by arrival",
                ));
            }
            Some(last_s) if arrival_s == last_s => {}
            _ => same = row,
        }
        if (same..row).any(|other| table.same(other, row)) {
            return Err(table
                .field(row, arrival)
                .refused("each session once", "remove the duplicate line"));
        }
        let asked_kwh = table.field(row, energy).magnitude("an energy in kWh of zero or above")?;
        let vehicle_kw = match vehicle {
            Some(column) => vehicle_kw(table.field(row, column))?,
            None => chargers.power_kw.get(),
        };
        sessions.push(Dated { arrival_s, departure_s, asked_kwh, vehicle_kw });
    }
    let called = |column| Some(table.called(column));
    let columns = vec![
        ("arrival", called(arrival)),
        ("departure", called(departure)),
        ("energy in kWh", called(energy)),
        ("the car's power in kW", vehicle.and_then(called)),
    ];
    let about = SessionFile {
        group: chargers.id.to_string(),
        file: path.display().to_string(),
        columns,
        count: sessions.len(),
        span: span(&sessions),
        zone,
        sum_kwh: sessions.iter().map(|s| s.asked_kwh).sum(),
        smallest_kwh: sessions.iter().map(|s| s.asked_kwh).fold(f64::INFINITY, f64::min),
        largest_kwh: sessions.iter().map(|s| s.asked_kwh).fold(0.0, f64::max),
        counts: crate::record::SessionCounts::default(),
        by_date: true,
        laid: String::new(),
        notes,
    };
    let last_place = (table.line(table.len() - 1), 1);
    Ok(Content { sessions, about, last_place })
}

/// Refuses columns that would be left out without a word though something is meant by them: a known
/// name twice or in another spelling, and another unit than the name's.
fn check_columns(table: &Table) -> Result<(), EnergyError> {
    let headers = table.names().unwrap_or_default();
    let refuse = |found: String, expected: &str, advice: &str| {
        Err(table.refused((table.header_line(), 1), found, expected, advice))
    };
    let known: [(&str, &str, &[&str]); 2] = [
        ("energy_kwh", "kWh", &["energy_kwh", "energy_wh", "energy_mwh"]),
        ("vehicle_kw", "kW", &["vehicle_kw", "vehicle_w", "vehicle_mw"]),
    ];
    for (name, unit, spellings) in known {
        let means = |header: &&String| {
            let header = header.trim().to_lowercase();
            spellings.iter().any(|spelling| header.starts_with(spelling))
        };
        let like: Vec<&String> = headers.iter().filter(means).collect();
        if let [_, other, ..] = like[..] {
            let found = format!("{:?} and {other:?}", like[0]);
            return refuse(found, "only one of the two", "remove one of them, or rename it");
        }
        let Some(header) = like.first().map(|header| header.trim()) else { continue };
        let lower = header.to_lowercase();
        let rest =
            lower.strip_prefix(name).map(|rest| rest.trim().trim_matches(['[', ']', '(', ')']));
        match rest {
            Some("") if header.starts_with(name) => {}
            Some(rest) if header.starts_with(name) && rest.eq_ignore_ascii_case(unit) => {}
            _ => {
                let advice =
                    format!("rename the column to `{name}`, and convert its values to {unit}");
                return refuse(format!("the column {header:?}"), &format!("`{name}`"), &advice);
            }
        }
    }
    let is_unit = |header: &&String| {
        ["unit", "units", "einheit"].contains(&header.trim().to_lowercase().as_str())
    };
    match headers.iter().find(is_unit) {
        Some(header) => {
            let advice = "convert energies to kWh and powers to kW, and remove the column";
            refuse(format!("the column {header:?}"), "units in the column names only", advice)
        }
        None => Ok(()),
    }
}

/// The first arrival and the last departure.
fn span(sessions: &[Dated]) -> (Timestamp, Timestamp) {
    let at = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    let first = sessions.iter().map(|s| s.arrival_s).min().unwrap_or_default();
    let last = sessions.iter().map(|s| s.departure_s).max().unwrap_or_default();
    (at(first), at(last))
}

/// The column of a name. Of `arrival (local)` and `arrival (UTC)`, that in UTC.
fn column(table: &Table, name: &str) -> Option<usize> {
    if let Ok(column) = table.named(name) {
        return Some(column);
    }
    let headers = table.names().unwrap_or_default();
    let begins = |header: &str| {
        let rest = header.strip_prefix(name)?;
        rest.starts_with(|c: char| c.is_whitespace() || "([,".contains(c)).then_some(())
    };
    headers.iter().position(|h| begins(h).is_some() && crate::series::is_utc(h))
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
        Some(header) => format!("did you mean {header:?}? If so, rename it to `{name}`"),
        None => "rename the columns to these names".to_owned(),
    };
    table.refused(
        (table.header_line(), 1),
        found,
        "columns `arrival`, `departure`, `energy_kwh` and, optionally, `vehicle_kw`",
        advice,
    )
}

fn vehicle_kw(field: Field<'_>) -> Result<f64, EnergyError> {
    field.magnitude("a power in kW of zero or above")
}
