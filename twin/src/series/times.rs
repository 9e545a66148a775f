//! The instants of a file's time stamps at regular steps, and whether they are the starts or the ends
//! of intervals. Not in which columns they stand, which is `places`, nor the steps between them.

use super::clock::{Clock, Instant};
use super::pairs::is_end;
use super::refused;
use super::stamp::{Pass, Stamp};
use super::zones::{self, Label};
use crate::energy::EnergyError;
use crate::scenario::{SeriesFile, Stamps};
use jiff::tz::TimeZone;
use std::path::Path;

/// The instants of a file's time stamps.
pub(super) struct Times {
    /// The stamps as seconds of Unix time, in the order of the rows.
    pub(super) instants_s: Vec<i64>,
    /// Whether a stamp is the end of its interval.
    pub(super) ends: bool,
    /// In words, with where it is known from.
    pub(super) zone: String,
    /// What was assumed.
    pub(super) notes: Vec<String>,
}

/// What the file says of the time.
pub(super) struct Said<'a> {
    /// The headers of the columns of time.
    pub(super) headers: Vec<&'a str>,
    /// The zones that it names, the nearest first.
    pub(super) labels: &'a [Label],
    /// Where row `i` of the stamps stands, and its text.
    pub(super) place: &'a dyn Fn(usize) -> ((u64, u64), String),
    pub(super) file: &'a Path,
}

/// In words, where every stamp has its offset.
pub(super) const AS_WRITTEN: &str = "as written in each time stamp";

impl Times {
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
            return Ok(Self { instants_s, ends, zone: AS_WRITTEN.to_owned(), notes });
        }
        if with_offset > 0 {
            let first = stamps[0].offset_s.is_some();
            let other = |s: &Stamp| s.offset_s.is_some() != first;
            let (place, text) = (said.place)(stamps.iter().position(other).unwrap_or(0));
            let expected = if first { "a UTC offset, as on" } else { "no UTC offset, as on" };
            return Err(refused(
                said.file,
                place,
                format!("{text:?}"),
                format!("{expected} the lines above"),
                "write all time stamps in the same form",
            ));
        }
        let locals: Vec<i64> = stamps.iter().map(|stamp| stamp.local_s).collect();
        let zone = file.zone.as_ref();
        let (clock, name) = zones::of_steps(&locals, ends, said, zone, site, &mut notes)?;
        let instants_s = on_clock(stamps, &clock, ends, said, zone.is_none())?;
        Ok(Self { instants_s, ends, zone: name, notes })
    }
}

/// Whether stamps are the ends of their intervals.
fn ends(stamps: &[Stamp], said: &Said<'_>, file: &SeriesFile, notes: &mut Vec<String>) -> bool {
    if let Some(stamps) = file.stamps {
        return stamps == Stamps::End;
    }
    if let Some(header) = said.headers.iter().find(|header| is_end(header)) {
        notes.push(format!(
            "time stamps are the ends of their intervals, as the header {header:?} says"
        ));
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

/// The instants of local times on a clock. An hour that is there twice is the first time before, the
/// second time after the change, unless its stamps say which they are.
fn on_clock(
    stamps: &[Stamp],
    clock: &Clock,
    ends: bool,
    said: &Said<'_>,
    guessed: bool,
) -> Result<Vec<i64>, EnergyError> {
    let mut instants = Vec::with_capacity(stamps.len());
    let mut last = i64::MIN;
    for (i, stamp) in stamps.iter().enumerate() {
        let at_s = match (instant(clock, stamp.local_s, ends), stamp.pass) {
            (Instant::Once(at_s), None) => at_s,
            (Instant::Twice(early_s, _), Some(Pass::First)) => early_s,
            (Instant::Twice(_, late_s), Some(Pass::Second)) => late_s,
            (Instant::Twice(early_s, late_s), None) => {
                if early_s <= last {
                    late_s
                } else {
                    early_s
                }
            }
            (_, Some(_)) => {
                let (place, text) = (said.place)(i);
                return Err(refused(
                    said.file,
                    place,
                    format!("{text:?}, an A or B at an hour that does not occur twice"),
                    "A or B only in the hour that occurs twice at the end of daylight-saving time",
                    "correct the time stamp, or set `zone` to the file's time zone",
                ));
            }
            (Instant::Never(_), None) => {
                let (place, text) = (said.place)(i);
                let advice = match said.labels.first() {
                    _ if guessed => {
                        "correct the time stamp, or set `zone` to the file's time zone".to_owned()
                    }
                    Some(label) => label.instead(),
                    None => "if the file is in standard time all year, set `zone: \"standard\"`"
                        .to_owned(),
                };
                return Err(refused(
                    said.file,
                    place,
                    format!("{text:?}, which the clock skips when daylight-saving time starts"),
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
