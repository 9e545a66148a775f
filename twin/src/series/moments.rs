//! The instants of columns of events that are no regular steps, such as arrivals and departures: by the
//! zone of their stamps, of the scenario, of the file or of the site. Not what the events are.

use super::clock::{Clock, Instant};
use super::places::{self, Places};
use super::stamp::{Pass, Stamp};
use super::table::Table;
use super::times::AS_WRITTEN;
use super::{refused, zones};
use crate::energy::EnergyError;
use crate::scenario::{DateOrder, SeriesZone};
use jiff::tz::TimeZone;

/// The instants of some columns.
pub(crate) struct Moments {
    /// Those of each column in seconds of Unix time, in the order of the rows.
    pub(crate) instants_s: Vec<Vec<i64>>,
    /// The zone in words, with where it is known from.
    pub(crate) zone: String,
    /// What was assumed.
    pub(crate) notes: Vec<String>,
}

/// Reads columns of a table; in each row, the first of them is the earliest. An hour that the clock
/// shows twice is meant the first time, unless its stamp says otherwise or the row would end before
/// it begins.
///
/// # Errors
/// A field that is no time stamp, one that the clock leaves out, or a zone that has no one meaning.
pub(crate) fn moments(
    table: &Table,
    columns: &[usize],
    zone: Option<&SeriesZone>,
    order: Option<DateOrder>,
    site: &TimeZone,
) -> Result<Moments, EnergyError> {
    let places: Vec<Places> = columns.iter().map(|&i| Places::one(table, i)).collect();
    let stamps = places::stamps(table, &places, order)?;
    let mut notes = Vec::new();
    let mut zones_said: Vec<String> = Vec::new();
    let mut clocks = Vec::new();
    let all = || stamps.iter().flatten();
    let locals = || all().filter(|s| s.offset_s.is_none()).map(|s| s.local_s);
    let span_s = (locals().min().unwrap_or(0), locals().max().unwrap_or(0));
    for &column in columns {
        let labels = zones::labels(table, &[column]);
        let mut own = Vec::new();
        let known = zones::said(zone, &labels, site, span_s, table.file(), &mut own)?;
        let (clock, name) = match known {
            Some(known) => (known.clock, known.name),
            None => {
                let clock = Clock::of(site, span_s.0, span_s.1);
                (clock, format!("{} (the site's)", zones::name_of(site)))
            }
        };
        let new = own.into_iter().filter(|note| !notes.contains(note)).collect::<Vec<_>>();
        notes.extend(new);
        clocks.push(clock);
        zones_said.push(name);
    }
    let mut doubtful = 0;
    let mut instants_s: Vec<Vec<i64>> = Vec::with_capacity(columns.len());
    for (i, (stamps, clock)) in stamps.iter().zip(&clocks).enumerate() {
        let before = i.checked_sub(1).map(|i| instants_s[i].as_slice());
        let mut found = Vec::with_capacity(stamps.len());
        for (row, stamp) in stamps.iter().enumerate() {
            // Rows are in order of their first column.
            let not_before = match before {
                Some(before) => before[row],
                None => found.last().map_or(i64::MIN, |last: &i64| last - 1),
            };
            let instant = instant(stamp, clock, not_before, &mut doubtful);
            found.push(instant.ok_or_else(|| left_out(table, row, columns[i], zone, stamp))?);
        }
        instants_s.push(found);
    }
    if doubtful > 0 {
        notes.push(format!(
            "{doubtful} time stamps are in the hour that occurs twice at the end of \
             daylight-saving time: the first of the two hours is assumed"
        ));
    }
    let with_offset = all().filter(|stamp| stamp.offset_s.is_some()).count();
    let zone = match with_offset {
        0 => of_columns(table, columns, zones_said),
        n if n == all().count() => AS_WRITTEN.to_owned(),
        n => {
            let zone = of_columns(table, columns, zones_said);
            format!("as written in {n} time stamps; for the others, {zone}")
        }
    };
    Ok(Moments { instants_s, zone, notes })
}

/// The instant of a stamp; none where it is an hour that the clock leaves out, or the letter of a
/// doubled hour stands behind another.
fn instant(stamp: &Stamp, clock: &Clock, not_before: i64, doubtful: &mut usize) -> Option<i64> {
    if let Some(offset_s) = stamp.offset_s {
        return Some(stamp.local_s - i64::from(offset_s));
    }
    match (clock.instant(stamp.local_s), stamp.pass) {
        (Instant::Once(at_s), None) => Some(at_s),
        (Instant::Twice(early_s, _), Some(Pass::First)) => Some(early_s),
        (Instant::Twice(_, late_s), Some(Pass::Second)) => Some(late_s),
        (Instant::Twice(early_s, late_s), None) if early_s <= not_before => Some(late_s),
        (Instant::Twice(early_s, _), None) => {
            *doubtful += 1;
            Some(early_s)
        }
        (Instant::Never(_), _) | (Instant::Once(_), Some(_)) => None,
    }
}

fn left_out(
    table: &Table,
    row: usize,
    column: usize,
    zone: Option<&SeriesZone>,
    stamp: &Stamp,
) -> EnergyError {
    let field = table.field(row, column);
    let (what, expected) = match stamp.pass {
        Some(_) => (
            "an A or B at an hour that does not occur twice",
            "A or B only in the hour that occurs twice at the end of daylight-saving time",
        ),
        None => ("which the clock skips when daylight-saving time starts", "a time that exists"),
    };
    let advice = match zone {
        None => {
            "correct the time stamp, or, if the file is in standard time or UTC, set `zone: \
             \"standard\"` or `zone: \"UTC\"`"
        }
        Some(_) => "correct the time stamp, or set `zone` to the file's time zone",
    };
    refused(table.file(), field.place(), format!("{:?}, {what}", field.text), expected, advice)
}

/// The zones of some columns in words, once where they are the same.
fn of_columns(table: &Table, columns: &[usize], mut zones: Vec<String>) -> String {
    if zones.windows(2).all(|pair| pair[0] == pair[1]) {
        return zones.pop().unwrap_or_default();
    }
    let named = columns.iter().zip(zones).map(|(&i, zone)| format!("{}: {zone}", table.called(i)));
    named.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, zone: Option<&str>) -> Result<Moments, EnergyError> {
        let table = Table::of(text.as_bytes().to_vec(), "f.csv".into(), true).unwrap();
        let zone = zone.map(|zone| SeriesZone::new(zone).unwrap());
        moments(&table, &[0, 1], zone.as_ref(), None, &TimeZone::get("Europe/Berlin").unwrap())
    }

    /// Hours from the first instant to the second of each row.
    fn stays(moments: &Moments) -> Vec<i64> {
        let pairs = moments.instants_s[0].iter().zip(&moments.instants_s[1]);
        pairs.map(|(from, to)| (to - from) / 3600).collect()
    }

    #[test]
    fn zones_are_those_of_the_stamps_the_scenario_the_file_and_the_site() {
        let rows = "2025-06-01 08:00,2025-06-01 10:00\n";
        let first = |text: &str, zone| {
            let moments = read(text, zone).unwrap();
            ((moments.instants_s[0][0] - 1_748_736_000) / 3600, moments.zone)
        };
        // 1748736000 is 00:00 UTC of that day.
        let plain = format!("arrival,departure\n{rows}");
        assert_eq!(first(&plain, None), (6, "Europe/Berlin (the site's)".to_owned()));
        assert_eq!(first(&plain, Some("-05:00")), (13, "-05:00".to_owned()));
        let utc = format!("arrival (UTC),departure (UTC)\n{rows}");
        assert_eq!(first(&utc, None), (8, "UTC (header)".to_owned()));
        let above = format!("# Zeitzone: Winterzeit\n{plain}");
        assert_eq!(first(&above, None), (7, "Winterzeit, +01:00 all year (line 1)".to_owned()));
        let offset = "a,d\n2025-06-01T08:00+03:00,2025-06-01T10:00+03:00\n";
        assert_eq!(first(offset, None), (5, AS_WRITTEN.to_owned()));
        let error = |text: &str| read(text, None).err().unwrap().to_string();
        let unclear = error(&format!("arrival (EST),departure (EST)\n{rows}"));
        assert!(
            unclear.starts_with("f.csv:1:1: found the zone \"EST\" in the header"),
            "{unclear}"
        );
        assert!(unclear.contains("set `zone` to its IANA name"), "{unclear}");
        let stamp = error("a,d\n2025-06-01 08:00 CST,2025-06-01 10:00 CST\n");
        assert!(stamp.starts_with("f.csv:2:1:") && stamp.contains("ambiguous"), "{stamp}");
    }

    #[test]
    fn hours_that_are_doubled_or_left_out_are_decided_or_refused() {
        let autumn = "a,d\n26.10.2025 2A:30,26.10.2025 2B:30\n26.10.2025 02:40,26.10.2025 02:10\n\
                      26.10.2025 01:30,26.10.2025 02:30\n";
        let moments = read(autumn, None).unwrap();
        assert_eq!(stays(&moments), [1, 0, 1]);
        assert_eq!(moments.instants_s[1][1] - moments.instants_s[0][1], 1800);
        assert!(
            moments.notes[0].starts_with("2 time stamps are in the hour"),
            "{:?}",
            moments.notes
        );
        let error = |text: &str| read(text, None).err().unwrap().to_string();
        let spring = error("a,d\n30.03.2025 02:30,30.03.2025 08:00\n");
        assert!(spring.starts_with("f.csv:2:1:") && spring.contains("`zone: \"standard\"`"));
        let letter = error("a,d\n01.06.2025 2A:30,01.06.2025 08:00\n");
        assert!(letter.contains("does not occur twice"), "{letter}");
    }
}
