//! The time stamps of a file: in which columns they stand, in which order day and month, in which
//! zone, and so which instants they are. Not the steps between them.

use super::clock::{Clock, Instant};
use super::stamp::{self, Order, Raw, Stamp};
use super::table::{Look, Table};
use super::{Field, refused, words};
use crate::energy::EnergyError;
use crate::scenario::{Column, DateOrder, SeriesFile, SeriesZone, Stamps, TimeColumns};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::Path;

/// Where the time stamps of a table stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) date: usize,
    /// The hour or clock, where it stands apart.
    pub(super) hour: Option<usize>,
    epoch: bool,
}

impl Places {
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
        let is_epoch = |column: usize| {
            Raw::parse(table.text(0, column)).is_none()
                && Raw::parse_epoch(table.text(0, column)).is_some()
        };
        match &file.time {
            Some(TimeColumns::One(column)) => {
                let date = table.column(column)?;
                return Ok(Some(Self { date, hour: None, epoch: is_epoch(date) }));
            }
            Some(TimeColumns::Two(date, hour)) => {
                let (date, hour) = (table.column(date)?, table.column(hour)?);
                return Ok(Some(Self { date, hour: Some(hour), epoch: false }));
            }
            None => {}
        }
        let value = match &file.column {
            Some(Column::Number(number)) => Some(*number as usize - 1),
            Some(Column::Name(name)) => table.named(name).ok(),
            None => None,
        };
        let columns = || (0..table.width()).filter(|i| Some(*i) != value);
        let stamped = |i: &usize| Raw::parse(table.text(0, *i)).is_some();
        if let Some(date) = columns().find(stamped) {
            let hour = Self::hour_beside(table, date);
            return Ok(Some(Self { date, hour, epoch: false }));
        }
        let epoch = columns().find(|&i| {
            let named = table.names().is_none() || has_word(&table.called(i), &TIME_WORDS);
            let second = table.len() < 2 || Raw::parse_epoch(table.text(1, i)).is_some();
            named && is_epoch(i) && second
        });
        Ok(epoch.map(|date| Self { date, hour: None, epoch: true }))
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
                return Err(table.field(0, column).refused(
                    "a time stamp, as in 2025-06-01 08:30 or 01.06.2025 08:30",
                    "write it so, or set `starts` and `step_minutes` to leave the column unread",
                ));
            }
        }
        Ok(())
    }

    /// The column of the clock beside one of dates that repeat.
    fn hour_beside(table: &Table, date: usize) -> Option<usize> {
        let first = Raw::parse(table.text(0, date))?;
        let repeats = table.len() > 1 && Raw::parse(table.text(1, date)) == Some(first);
        if !first.is_only_date() || !repeats {
            return None;
        }
        let others = || (date + 1..table.width()).chain(0..date);
        let clock = |i: &usize| stamp::clock(table.text(0, *i)).is_some();
        let hour = |i: &usize| {
            stamp::hour(table.text(0, *i)).is_some()
                && table.look(0, *i) == Look::Number
                && has_word(&table.called(*i), &HOUR_WORDS)
        };
        others().find(clock).or_else(|| others().find(hour))
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
        let raw = self.raw(table)?;
        let order = in_order(table, self.date, &raw, order)?;
        let stamps = raw.iter().enumerate().map(|(row, raw)| {
            raw.stamp(order).ok_or_else(|| {
                table.field(row, self.date).refused("a day that exists", "correct the time stamp")
            })
        });
        stamps.collect()
    }
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
const END_WORDS: [&str; 6] = ["end", "ending", "ende", "bis", "until", "fin"];

fn has_word(header: &str, words: &[&str]) -> bool {
    let mut all = header.split(|c: char| !c.is_alphanumeric());
    all.any(|word| words.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

fn no_stamp(field: &Field<'_>) -> EnergyError {
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

/// The order of day and month that fits every row.
fn in_order(
    table: &Table,
    column: usize,
    raw: &[Raw],
    given: Option<DateOrder>,
) -> Result<DateOrder, EnergyError> {
    let name = |order| match order {
        DateOrder::DayFirst => "dd/mm/yyyy",
        DateOrder::MonthFirst => "mm/dd/yyyy",
    };
    let mut seen = given;
    let mut both = None;
    for (row, raw) in raw.iter().enumerate() {
        match (raw.order(), seen) {
            (Order::Plain, _) => {}
            (Order::Both, _) => both = both.or(Some(row)),
            (Order::Only(order), None) => seen = Some(order),
            (Order::Only(order), Some(seen)) if order == seen => {}
            (Order::Only(_), Some(seen)) => {
                let field = table.field(row, column);
                let advice = match given {
                    Some(_) => "`date_order` does not fit this file",
                    None => "the lines above have the other order: write all dates alike",
                };
                return Err(field.refused(&format!("a date as {}", name(seen)), advice));
            }
        }
    }
    match (seen, both) {
        (Some(order), _) => Ok(order),
        (None, None) => Ok(DateOrder::DayFirst),
        (None, Some(row)) => Err(table.field(row, column).refused(
            "a date with one reading: every line fits both dd/mm/yyyy and mm/dd/yyyy",
            "set `date_order: DayFirst` or `date_order: MonthFirst`",
        )),
    }
}

/// The instants of a file's time stamps.
pub(crate) struct Times {
    /// The stamps as seconds of Unix time, in the order of the rows.
    pub(super) instants_s: Vec<i64>,
    /// Whether a stamp is the end of its interval.
    pub(super) ends: bool,
    /// In words, with where it is known from.
    pub(super) zone: String,
    /// What was assumed.
    pub(super) notes: Vec<String>,
}

/// What the header says of the time.
pub(super) struct Said<'a> {
    /// The headers of the columns of time.
    pub(super) headers: Vec<&'a str>,
    /// Where row `i` of the stamps stands, and its text.
    pub(super) place: &'a dyn Fn(usize) -> ((u64, u64), String),
    pub(super) file: &'a Path,
}

impl Times {
    /// The stamps of one column of a table, such as arrivals.
    pub(crate) fn stamps_in(table: &Table, column: usize) -> Result<Vec<Stamp>, EnergyError> {
        let stamps = Places { date: column, hour: None, epoch: false }.stamps(table, None);
        // Such a column has no options in the scenario.
        stamps.map_err(|mut error| {
            if let EnergyError::Value { advice, .. } = &mut error
                && advice.contains("date_order")
            {
                *advice = "write the dates as in 2025-06-01 08:30 or 01.06.2025 08:30".into();
            }
            error
        })
    }

    /// The instants of stamps that are in ascending order of time, or nearly.
    pub(super) fn of(
        stamps: &[Stamp],
        said: &Said<'_>,
        file: &SeriesFile,
        site: &TimeZone,
    ) -> Result<Self, EnergyError> {
        let mut notes = Vec::new();
        let ends = ends(stamps, said, file, &mut notes);
        let with_offset = stamps.iter().filter(|stamp| stamp.offset_s.is_some()).count();
        if with_offset == stamps.len() {
            let instants_s =
                stamps.iter().map(|s| s.local_s - i64::from(s.offset_s.unwrap_or(0))).collect();
            let zone = "as written in each time stamp".to_owned();
            return Ok(Self { instants_s, ends, zone, notes });
        }
        if with_offset > 0 {
            let first = stamps[0].offset_s.is_some();
            let other = |s: &Stamp| s.offset_s.is_some() != first;
            let (place, text) = (said.place)(stamps.iter().position(other).unwrap_or(0));
            let expected = if first { "an offset, as in" } else { "no offset, as in" };
            return Err(refused(
                said.file,
                place,
                format!("{text:?}"),
                format!("{expected} the lines above"),
                "write all time stamps alike",
            ));
        }
        let locals: Vec<i64> = stamps.iter().map(|stamp| stamp.local_s).collect();
        let (clock, zone) = zone_of(&locals, ends, said, file, site)?;
        let instants_s = on_clock(&locals, &clock, ends, said, file.zone.is_none())?;
        Ok(Self { instants_s, ends, zone, notes })
    }
}

/// Whether stamps are the ends of their intervals.
fn ends(stamps: &[Stamp], said: &Said<'_>, file: &SeriesFile, notes: &mut Vec<String>) -> bool {
    if let Some(stamps) = file.stamps {
        return stamps == Stamps::End;
    }
    if let Some(header) = said.headers.iter().find(|header| has_word(header, &END_WORDS)) {
        notes.push(format!("time stamps are the ends of their intervals, as {header:?} says"));
        return true;
    }
    if let [first, second, .., last] = stamps {
        let (from_s, step_s) = (first.local_s, second.local_s - first.local_s);
        let days_s = last.local_s - (from_s - step_s);
        let steps = (60..=3600).contains(&step_s) && !last.is_24 && file.starts.is_none();
        let whole = days_s >= 86_400 && days_s % 86_400 == 0;
        if steps && whole && last.local_s.rem_euclid(86_400) == 0 {
            notes.push(
                "time stamps are the ends of their intervals: the first is a step after midnight, \
                 and the last is midnight"
                    .to_owned(),
            );
            return true;
        }
    }
    let midnight = |s: &Stamp| s.local_s.rem_euclid(86_400) == 0 && !s.is_24;
    if stamps.iter().any(|s| s.is_24) && !stamps.iter().any(midnight) {
        notes.push(
            "time stamps are the ends of their intervals: days end with 24:00 and do not begin \
             with 00:00"
                .to_owned(),
        );
        return true;
    }
    false
}

/// The clock that stamps without an offset are read by, and its name with where it is known from.
fn zone_of(
    locals: &[i64],
    ends: bool,
    said: &Said<'_>,
    file: &SeriesFile,
    site: &TimeZone,
) -> Result<(Clock, String), EnergyError> {
    let (first_s, last_s) = (
        locals.iter().copied().min().unwrap_or_default(),
        locals.iter().copied().max().unwrap_or_default(),
    );
    let clock_of = |zone: &TimeZone| Clock::of(zone, first_s, last_s);
    let site_name = site.iana_name().unwrap_or("the site's zone").to_owned();
    match &file.zone {
        Some(SeriesZone::Offset(offset_s)) => {
            let name = SeriesZone::Offset(*offset_s).to_string();
            return Ok((Clock::fixed((*offset_s).into()), name));
        }
        Some(SeriesZone::Standard) => {
            let offset_s = standard_offset_s(site, first_s);
            return Ok((Clock::fixed(offset_s), format!("{site_name}, standard time all year")));
        }
        Some(SeriesZone::Local) => {
            return Ok((clock_of(site), format!("{site_name}, the clock")));
        }
        Some(SeriesZone::Named(name)) => {
            // A name was looked up when the scenario was read.
            let zone = TimeZone::get(name).unwrap_or(TimeZone::UTC);
            return Ok((clock_of(&zone), format!("{name}, the clock")));
        }
        None => {}
    }
    if let Some((clock, name)) = said.headers.iter().find_map(|h| zone_in(h, &clock_of)) {
        return Ok((clock, format!("{name} (header)")));
    }
    let clock = clock_of(site);
    let kept = Kept::by(locals, &clock, ends);
    match kept.standard() {
        None => {
            let row = kept.left_out.unwrap_or(0);
            let (place, text) = (said.place)(row);
            Err(refused(
                said.file,
                place,
                format!(
                    "{text:?}, an hour that the clock of {site_name} leaves out, and an hour \
                         in autumn that is there twice"
                ),
                "either the clock or standard time all year",
                "correct the time stamps, or set `zone`",
            ))
        }
        Some(true) => {
            let offset_s = standard_offset_s(site, first_s);
            let why = "as its days of the clock's change show";
            Ok((Clock::fixed(offset_s), format!("{site_name}, standard time all year, {why}")))
        }
        Some(false) if kept.seen => {
            Ok((clock, format!("{site_name}, the clock, as its days of the clock's change show")))
        }
        Some(false) => Ok((clock, format!("{site_name} (the site's)"))),
    }
}

/// A zone that a header names: `Datetime (UTC)`, `time_utc`, `MTU (CET/CEST)`, `[UTC+1]`.
fn zone_in(header: &str, clock_of: &dyn Fn(&TimeZone) -> Clock) -> Option<(Clock, String)> {
    let upper = header.to_ascii_uppercase();
    if ["CET/CEST", "MEZ/MESZ"].iter().any(|name| upper.contains(name)) {
        let zone = TimeZone::get("Europe/Brussels").ok()?;
        return Some((clock_of(&zone), "the clock of central Europe".to_owned()));
    }
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '+' | '-' | ':');
    for word in upper.split(|c: char| !is_word(c)) {
        let fixed_h = match word {
            "CET" | "MEZ" => Some(1),
            "CEST" | "MESZ" | "EET" => Some(2),
            "EEST" => Some(3),
            _ => None,
        };
        if let Some(hours) = fixed_h {
            let name = format!("{word}, +0{hours}:00 all year");
            return Some((Clock::fixed(hours * 3600), name));
        }
        if matches!(word, "UTC" | "GMT" | "Z") {
            return Some((Clock::fixed(0), "UTC".to_owned()));
        }
        let named = word.starts_with("UTC") || word.starts_with("GMT");
        if let Some(offset_s) = stamp::offset_s(word).filter(|_| named) {
            let name = SeriesZone::Offset(offset_s).to_string();
            return Some((Clock::fixed(offset_s.into()), name));
        }
    }
    None
}

/// Seconds of a zone's standard time ahead of UTC in the year of an instant: the smaller offset of
/// January and July.
pub(super) fn standard_offset_s(zone: &TimeZone, at_s: i64) -> i64 {
    let Ok(at) = Timestamp::from_second(at_s) else { return 0 };
    let year = at.to_zoned(zone.clone()).year();
    let offset = |month| {
        let midnight = jiff::civil::Date::new(year, month, 1).ok()?.at(0, 0, 0, 0);
        let at = zone.to_ambiguous_timestamp(midnight).compatible().ok()?;
        Some(i64::from(zone.to_offset(at).seconds()))
    };
    [1, 7].into_iter().filter_map(offset).min().unwrap_or(0)
}

/// What the days of the clock's change show of a file.
#[derive(Default)]
struct Kept {
    /// A row in an hour that the clock leaves out.
    left_out: Option<usize>,
    /// Whether an hour is there twice that the clock shows twice.
    doubled: bool,
    /// Whether an hour is missing that the clock leaves out.
    skips: bool,
    /// Whether an hour is there once that the clock shows twice.
    once: bool,
    /// Whether steps are longer than an hour, and no days.
    coarse: bool,
    /// Whether there was a change at all.
    seen: bool,
}

impl Kept {
    fn by(locals: &[i64], clock: &Clock, ends: bool) -> Self {
        let mut kept = Self::default();
        let steps = locals.windows(2).map(|pair| (pair[1] - pair[0]).abs()).filter(|s| *s > 0);
        let step_s = steps.min().unwrap_or(3600);
        kept.coarse = step_s > 3600 && step_s % 86_400 != 0;
        let (first_s, last_s) = (locals.iter().min(), locals.iter().max());
        let (Some(&first_s), Some(&last_s)) = (first_s, last_s) else { return kept };
        for jump in clock.jumps() {
            if jump.from_s <= first_s || jump.to_s > last_s {
                continue;
            }
            // The end of an interval belongs to the time before it.
            let shift_s = i64::from(ends);
            let within = |s: i64| (jump.from_s..jump.to_s).contains(&(s - shift_s));
            let near = |s: i64| (jump.from_s - 7200..jump.to_s + 7200).contains(&s) && !within(s);
            let inside: Vec<usize> = (0..locals.len()).filter(|&i| within(locals[i])).collect();
            let surrounded = locals.iter().any(|&s| near(s));
            if jump.forward {
                let lone_end = ends && inside.iter().all(|&i| locals[i] == jump.to_s);
                let both_ends = lone_end && locals.contains(&jump.from_s);
                if !inside.is_empty() && (!lone_end || both_ends) {
                    kept.left_out = kept.left_out.or(inside.first().copied());
                    kept.seen = true;
                } else if surrounded && step_s <= 3600 {
                    kept.skips = true;
                    kept.seen = true;
                }
            } else if !inside.is_empty() {
                let mut sorted: Vec<i64> = inside.iter().map(|&i| locals[i]).collect();
                sorted.sort_unstable();
                // Ends that are written as the clock shows them have the hour's beginning twice.
                let begins = locals.iter().filter(|s| **s == jump.from_s).count();
                let doubled =
                    sorted.windows(2).any(|pair| pair[0] == pair[1]) || (ends && begins > 1);
                kept.doubled |= doubled;
                kept.once |= !doubled;
                kept.seen = true;
            }
        }
        kept
    }

    /// Whether the file keeps standard time all year; none where it contradicts itself.
    fn standard(&self) -> Option<bool> {
        match (self.left_out.is_some(), self.doubled) {
            (true, true) => None,
            (true, false) => Some(true),
            (false, true) => Some(false),
            (false, false) => Some(self.coarse || (self.once && !self.skips)),
        }
    }
}

/// The instants of local times on a clock. An hour that is there twice is the first time before, the
/// second time after the change.
fn on_clock(
    locals: &[i64],
    clock: &Clock,
    ends: bool,
    said: &Said<'_>,
    guessed: bool,
) -> Result<Vec<i64>, EnergyError> {
    let mut instants = Vec::with_capacity(locals.len());
    let mut last = i64::MIN;
    for (i, &local_s) in locals.iter().enumerate() {
        let at_s = match instant(clock, local_s, ends) {
            Instant::Once(at_s) => at_s,
            Instant::Twice(early_s, late_s) => {
                if early_s <= last {
                    late_s
                } else {
                    early_s
                }
            }
            Instant::Never(_) => {
                let (place, text) = (said.place)(i);
                let advice = if guessed {
                    "correct the time stamp, or set `zone`"
                } else {
                    "where the file keeps standard time all year, set `zone: \"standard\"`"
                };
                return Err(refused(
                    said.file,
                    place,
                    format!("{text:?}, which the clock leaves out when it goes forward"),
                    "a time that exists",
                    advice,
                ));
            }
        };
        instants.push(at_s);
        last = at_s;
    }
    Ok(instants)
}

/// What a local time is an instant of; the end of an interval belongs to the time before it.
fn instant(clock: &Clock, local_s: i64, ends: bool) -> Instant {
    let here = clock.instant(local_s);
    if !ends {
        return here;
    }
    match (clock.instant(local_s - 1), here) {
        (Instant::Once(_), twice @ Instant::Twice(..)) => twice,
        (Instant::Once(at_s), _) => Instant::Once(at_s + 1),
        (Instant::Twice(early_s, late_s), _) => Instant::Twice(early_s + 1, late_s + 1),
        (Instant::Never(_), here @ Instant::Once(_)) => here,
        (never @ Instant::Never(_), _) => never,
    }
}
