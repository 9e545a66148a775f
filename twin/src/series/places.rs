//! Where the time stamps of a table stand: in which columns, in which order day and month. Not the
//! zone that they are read by.

use super::pairs::{self, Beside};
use super::stamp::{self, Order, Raw, Stamp};
use super::table::{Field, Look, Table};
use super::zone_names::{self, has_word};
use super::{words, zones};
use crate::energy::EnergyError;
use crate::scenario::{Column, DateOrder, SeriesFile, TimeColumns};

/// Where the time stamps of a table stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    date: usize,
    /// The hour or clock, where it stands apart.
    hour: Option<usize>,
    epoch: bool,
    /// Another column of time stamps, and which of the two was taken.
    pub(super) beside: Option<Beside>,
}

impl Places {
    /// One column.
    pub(super) fn one(table: &Table, date: usize) -> Self {
        let text = |row| table.text(row, date);
        let epoch =
            table.len() > 0 && Raw::parse(text(0)).is_none() && Raw::parse_epoch(text(0)).is_some();
        Self { date, hour: None, epoch, beside: None }
    }

    /// The columns that the time takes.
    pub(super) fn columns(&self) -> Vec<usize> {
        std::iter::once(self.date).chain(self.hour).collect()
    }

    /// The columns of time in a table: those that the scenario names, else those that hold time
    /// stamps. None where there are none.
    pub(super) fn find(table: &Table, file: &SeriesFile) -> Result<Option<Self>, EnergyError> {
        if table.len() == 0 {
            return Ok(None);
        }
        match &file.time {
            Some(TimeColumns::One(column)) => {
                return Ok(Some(Self::one(table, table.column(column)?)));
            }
            Some(TimeColumns::Two(date, hour)) => {
                let (date, hour) = (table.column(date)?, table.column(hour)?);
                return Ok(Some(Self { date, hour: Some(hour), epoch: false, beside: None }));
            }
            None => {}
        }
        let value = match &file.column {
            Some(Column::Number(number)) => Some(*number as usize - 1),
            Some(Column::Name(name)) => table.named(name).ok(),
            None => None,
        };
        let columns = || (0..table.width()).filter(|i| Some(*i) != value);
        let stamped: Vec<usize> =
            columns().filter(|i| Raw::parse(table.text(0, *i)).is_some()).collect();
        let has_clock = |date| !hours_beside(table, date).is_empty();
        if let Some((date, beside)) = pairs::choose(table, &stamped, has_clock) {
            let (hour, of_hour) = pairs::choose_clock(table, &hours_beside(table, date));
            if hour.is_none() && pairs::dates_repeat(table, date) {
                none_like_a_clock(table, date)?;
            }
            return Ok(Some(Self { date, hour, epoch: false, beside: of_hour.or(beside) }));
        }
        let epoch = columns().find(|&i| {
            let named = table.names().is_none() || has_word(&table.called(i), &TIME_WORDS);
            let second = table.len() < 2 || Raw::parse_epoch(table.text(1, i)).is_some();
            named && Self::one(table, i).epoch && second
        });
        Ok(epoch.map(|date| Self::one(table, date)))
    }

    /// Refuses a table in which a column beside that of the values holds times that are not read.
    pub(super) fn none_unread(table: &Table, value: usize) -> Result<(), EnergyError> {
        let rows = 0..table.len().min(3);
        for column in (0..table.width()).filter(|i| *i != value) {
            let named = table.names().is_some() && has_word(&table.called(column), &ALL_WORDS);
            let first = table.text(0, column);
            let meant = rows.clone().any(|row| {
                table.look(row, column) != Look::Number
                    && words::is_like_a_time(table.text(row, column))
            });
            // Rows that are counted, from 0 or 1, are no time.
            let counted = matches!(table.dialect.number(first), Ok(v) if v == 0.0 || v == 1.0);
            if meant || (named && !first.is_empty() && !counted) {
                let field = table.field(0, column);
                if let Some(unclear) = unclear_zone(&field) {
                    return Err(unclear);
                }
                return Err(field.refused(
                    "a time stamp, as in 2025-06-01 08:30 or 01.06.2025 08:30",
                    "write it in this form, or set `starts` and `step_minutes`, so that the column \
                     is ignored",
                ));
            }
        }
        Ok(())
    }

    /// The stamp of every row as it is written.
    fn raw(&self, table: &Table) -> Result<Vec<Raw>, EnergyError> {
        let rows = (0..table.len()).map(|row| {
            let field = table.field(row, self.date);
            let raw =
                if self.epoch { Raw::parse_epoch(field.text) } else { Raw::parse(field.text) };
            let raw = raw.ok_or_else(|| no_stamp(&field))?;
            let Some(column) = self.hour else { return Ok(raw) };
            let field = table.field(row, column);
            let second = stamp::clock(field.text).or_else(|| stamp::hour(field.text));
            let second = second.ok_or_else(|| {
                field.refused("a time of day", "write it as in 08:30, or as an hour from 0 to 24")
            })?;
            Ok(raw.at(second))
        });
        rows.collect()
    }

    /// The stamp of every row, with day and month in order.
    pub(super) fn stamps(
        &self,
        table: &Table,
        order: Option<DateOrder>,
    ) -> Result<Vec<Stamp>, EnergyError> {
        let mut all = stamps(table, std::slice::from_ref(self), order)?;
        let stamps = all.pop().unwrap_or_default();
        Ok(stamps)
    }
}

/// The stamps of some columns, in which day and month have the same order.
pub(super) fn stamps(
    table: &Table,
    places: &[Places],
    order: Option<DateOrder>,
) -> Result<Vec<Vec<Stamp>>, EnergyError> {
    let raw = |place: &Places| -> Result<(usize, Vec<Raw>), EnergyError> {
        Ok((place.date, place.raw(table)?))
    };
    let raw = places.iter().map(raw).collect::<Result<Vec<_>, EnergyError>>()?;
    let order = in_order(table, &raw, order)?;
    let stamps = raw.iter().map(|(column, raw)| {
        let stamps = raw.iter().enumerate().map(|(row, raw)| {
            raw.stamp(order).ok_or_else(|| {
                table.field(row, *column).refused("a valid date", "correct the time stamp")
            })
        });
        stamps.collect::<Result<Vec<Stamp>, EnergyError>>()
    });
    stamps.collect()
}

/// Refuses a table in which the time of day beside a date is not read, as in `00:00-00:15`.
fn none_like_a_clock(table: &Table, date: usize) -> Result<(), EnergyError> {
    let other = |i: &usize| *i != date && Raw::parse(table.text(0, *i)).is_none();
    let like = |i: &usize| words::is_like_a_time(table.text(0, *i));
    match (0..table.width()).filter(other).find(like) {
        Some(column) => Err(table.field(0, column).refused(
            "a time of day in the column beside the date",
            "write the start of each time step, as in 08:30, or as an hour from 0 to 24",
        )),
        None => Ok(()),
    }
}

/// The columns of clocks or hours beside one of dates that repeat, those behind it first.
fn hours_beside(table: &Table, date: usize) -> Vec<usize> {
    if !pairs::dates_repeat(table, date) {
        return Vec::new();
    }
    let others = || (date + 1..table.width()).chain(0..date);
    let clock = |i: &usize| stamp::clock(table.text(0, *i)).is_some();
    let hour = |i: &usize| {
        stamp::hour(table.text(0, *i)).is_some()
            && table.look(0, *i) == Look::Number
            && has_word(&table.called(*i), &HOUR_WORDS)
    };
    let clocks: Vec<usize> = others().filter(clock).collect();
    if clocks.is_empty() { others().find(hour).into_iter().collect() } else { clocks }
}

/// Words of headers over times.
const TIME_WORDS: [&str; 10] =
    ["time", "timestamp", "date", "datetime", "epoch", "unix", "ts", "zeit", "utc", "t"];
/// Words over times of any kind.
const ALL_WORDS: [&str; 18] = [
    "time",
    "timestamp",
    "date",
    "datetime",
    "epoch",
    "zeit",
    "datum",
    "zeitstempel",
    "uhrzeit",
    "zeitpunkt",
    "heure",
    "fecha",
    "tid",
    "dato",
    "tijd",
    "von",
    "mtu",
    "interval",
];
const HOUR_WORDS: [&str; 10] =
    ["hour", "hours", "hr", "he", "stunde", "uhrzeit", "zeit", "time", "heure", "hora"];

fn no_stamp(field: &Field<'_>) -> EnergyError {
    if let Some(unclear) = unclear_zone(field) {
        return unclear;
    }
    let total = ["sum", "total", "gesamt", "mittel", "mean", "average", "max", "min"]
        .iter()
        .any(|word| field.text.to_lowercase().starts_with(word));
    let advice = if total {
        "remove the line if it is a total"
    } else {
        "write it as in 2025-06-01 08:30 or 01.06.2025 08:30"
    };
    field.refused("a time stamp", advice)
}

/// A time stamp with a zone's name that has several meanings: `2025-06-01 10:00 EST`.
fn unclear_zone(field: &Field<'_>) -> Option<EnergyError> {
    let name = zone_names::unclear_in(field.text)?;
    let advice = format!(
        "{name} is an ambiguous or unsupported time zone: write the UTC offset instead, as in \
         +02:00, or remove it and set `zone`, as in `zone: \"America/New_York\"`"
    );
    Some(field.refused(&format!("a time stamp with {}", zones::ONE_MEANING), &advice))
}

/// The order of day and month that fits every row of all columns.
fn in_order(
    table: &Table,
    columns: &[(usize, Vec<Raw>)],
    given: Option<DateOrder>,
) -> Result<DateOrder, EnergyError> {
    let name = |order| match order {
        DateOrder::DayFirst => "dd/mm/yyyy",
        DateOrder::MonthFirst => "mm/dd/yyyy",
    };
    let mut seen = given;
    let mut both = None;
    let all = columns.iter().flat_map(|(column, raw)| {
        raw.iter().enumerate().map(move |(row, raw)| (row, *column, raw.order()))
    });
    for (row, column, order) in all {
        match (order, seen) {
            (Order::Plain, _) => {}
            (Order::Both, _) => both = both.or(Some((row, column))),
            (Order::Only(order), None) => seen = Some(order),
            (Order::Only(order), Some(seen)) if order == seen => {}
            (Order::Only(_), Some(seen)) => {
                let field = table.field(row, column);
                let advice = match given {
                    Some(_) => "`date_order` does not fit this file: change or remove it",
                    None => "the lines above show this order: write all dates in the same order",
                };
                return Err(field.refused(&format!("a date as {}", name(seen)), advice));
            }
        }
    }
    match (seen, both) {
        (Some(order), _) => Ok(order),
        (None, None) => Ok(DateOrder::DayFirst),
        (None, Some((row, column))) => Err(table.field(row, column).refused(
            "an unambiguous date, but every line fits both dd/mm/yyyy and mm/dd/yyyy",
            "set `date_order: DayFirst` or `date_order: MonthFirst`",
        )),
    }
}
