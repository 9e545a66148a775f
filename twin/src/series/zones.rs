//! The clock that time stamps without an offset are read by: the scenario's zone, else that of the
//! header, else that of a line above the table, else the site's. Not how zones are called, which is
//! `zone_names`.

use super::clock::Clock;
use super::kept::Kept;
use super::refused;
use super::table::Table;
use super::times::Said;
use super::zone_names::{self, Named, has_word};
use crate::energy::EnergyError;
use crate::scenario::SeriesZone;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A zone that a file names, and where.
#[derive(Clone, Debug)]
pub(super) struct Label {
    named: Named,
    place: (u64, u64),
    /// As in "header" or "line 3".
    from: String,
}

/// The clock of a file, and its name with where it is known from.
pub(super) struct Known {
    pub(super) clock: Clock,
    pub(super) name: String,
    /// Whether it is the same offset all year, by the file's own word.
    said_fixed: bool,
}

/// What a table says of the zone of some columns, the nearest first.
pub(super) fn labels(table: &Table, columns: &[usize]) -> Vec<Label> {
    let mut labels = Vec::new();
    if table.names().is_some() {
        for &column in columns {
            let name = table.called(column);
            let all = std::iter::once(name.as_str()).chain(table.below_name(column));
            let place = (table.header_line(), 1);
            let from = || "header".to_owned();
            labels.extend(all.filter_map(zone_names::named).map(|named| Label {
                named,
                place,
                from: from(),
            }));
        }
    }
    let above = table.above().iter().filter_map(|(line, text)| {
        let (named, at) = zone_above(text)?;
        let column = text[..at].chars().count() as u64 + 1;
        Some(Label { named, place: (*line, column), from: format!("line {line}") })
    });
    labels.extend(above);
    labels
}

/// Words before a zone in a line above a table.
const KEYS: [&str; 5] = ["zeitzone", "time zone", "timezone", "time-zone", "time_zone"];
/// Words of lines about when the file was made, not about its time stamps.
const MADE: [&str; 12] = [
    "erstellt",
    "erzeugt",
    "stand",
    "abruf",
    "abgerufen",
    "export",
    "exported",
    "exportiert",
    "created",
    "generated",
    "downloaded",
    "report",
];
const TIMES: [&str; 12] = [
    "zeit",
    "zeiten",
    "zeitangabe",
    "zeitangaben",
    "zeitstempel",
    "uhrzeit",
    "uhrzeiten",
    "zeitbasis",
    "times",
    "timestamp",
    "timestamps",
    "time",
];
const LOCAL: [&str; 7] =
    ["local", "local time", "lokal", "lokale zeit", "ortszeit", "lokalzeit", "gesetzliche zeit"];

/// The zone that a line above a table names, and where in it: `Zeitzone: UTC`, `Alle Zeiten in MEZ`.
fn zone_above(line: &str) -> Option<(Named, usize)> {
    let small = line.to_ascii_lowercase();
    let key = KEYS.iter().find_map(|key| small.find(key).map(|at| at + key.len()));
    if let Some(behind) = key {
        let rest = &line[behind..];
        let is_sign = |c: char| matches!(c, ':' | '=' | ';' | ',' | '|' | '\t');
        let is_blank = |c: char| c == ' ' || c == '"';
        if rest.trim_start_matches(is_blank).starts_with(is_sign) {
            let either = |c: char| is_sign(c) || is_blank(c);
            let value = rest.trim_start_matches(either);
            let at = line.len() - value.len();
            let value = value.trim_end_matches(either).trim();
            if value.is_empty() {
                return None;
            }
            let local = LOCAL.contains(&value.to_lowercase().as_str());
            let named = match local {
                true => Named::Site,
                false => zone_names::named(value).unwrap_or(Named::Unclear(value.to_owned())),
            };
            return Some((named, at));
        }
    }
    let seasonal = ["winterzeit", "sommerzeit", "normalzeit"].iter().any(|s| small.contains(s));
    let about = key.is_some() || seasonal || has_word(line, &TIMES);
    if !about || has_word(line, &MADE) {
        return None;
    }
    // `Ist-Zeiten` are actual times in German.
    let named = zone_names::named(line).filter(|named| *named != Named::Unclear("IST".to_owned()));
    named.map(|named| (named, 0))
}

/// The clock that the scenario's zone is, and its name.
pub(super) fn given(zone: &SeriesZone, site: &TimeZone, span_s: (i64, i64)) -> (Clock, String) {
    let site_name = name_of(site);
    let clock_of = |zone: &TimeZone| Clock::of(zone, span_s.0, span_s.1);
    match zone {
        SeriesZone::Offset(offset_s) => (Clock::fixed((*offset_s).into()), zone.to_string()),
        SeriesZone::Standard => {
            let clock = Clock::fixed(standard_offset_s(site, span_s.0));
            (clock, format!("{site_name}, standard time all year"))
        }
        SeriesZone::Local => (clock_of(site), format!("{site_name} local time")),
        SeriesZone::Named(name) => {
            // A name was looked up when the scenario was read.
            let zone = TimeZone::get(name).unwrap_or(TimeZone::UTC);
            (clock_of(&zone), format!("{name} local time"))
        }
    }
}

/// The clock that the scenario or the file names; none where neither does. What of the two does not
/// count is noted.
pub(super) fn said(
    zone: Option<&SeriesZone>,
    labels: &[Label],
    site: &TimeZone,
    span_s: (i64, i64),
    file: &std::path::Path,
    notes: &mut Vec<String>,
) -> Result<Option<Known>, EnergyError> {
    let label = labels.first();
    if let Some(zone) = zone {
        let (clock, name) = given(zone, site, span_s);
        if let Some(label) = label {
            let says = label.named.words();
            let at = label.at();
            notes.push(format!(
                "{at} names the time zone {says}, but the scenario's `zone` is used"
            ));
        }
        return Ok(Some(Known { clock, name, said_fixed: false }));
    }
    let Some(label) = label else { return Ok(None) };
    if let Some(other) = labels.iter().find(|other| other.named != label.named) {
        let (says, instead) = (label.named.words(), other.named.words());
        let (here, there) = (label.at(), other.at());
        notes.push(format!(
            "{here} names the time zone {says}, but {there} names {instead}: {here} is used"
        ));
    }
    let (clock, name) = label.clock(site, span_s, file, notes)?;
    let said_fixed = !matches!(label.named, Named::Clock(..) | Named::Site);
    Ok(Some(Known { clock, name: format!("{name} ({})", label.from), said_fixed }))
}

impl Label {
    fn clock(
        &self,
        site: &TimeZone,
        span_s: (i64, i64),
        file: &std::path::Path,
        notes: &mut Vec<String>,
    ) -> Result<(Clock, String), EnergyError> {
        let standard_s = standard_offset_s(site, span_s.0);
        let central = |hour: i64, word: &str| {
            if standard_s != 3600 {
                return Err(self.unclear(word, file));
            }
            let hours = hour / 3600;
            Ok((Clock::fixed(hour), format!("{word}, +0{hours}:00 all year")))
        };
        match &self.named {
            Named::Fixed(offset_s, name) => {
                let ahead_s = i64::from(*offset_s);
                if *offset_s != 0 && !(standard_s..=standard_s + 3600).contains(&ahead_s) {
                    let site = name_of(site);
                    notes.push(format!("the file is in {name}, but the site's zone is {site}"));
                }
                Ok((Clock::fixed(ahead_s), name.clone()))
            }
            Named::Clock(zone, name) => {
                let zone = TimeZone::get(zone).map_err(|_| self.unclear(zone, file))?;
                Ok((Clock::of(&zone, span_s.0, span_s.1), name.clone()))
            }
            Named::Standard(word) if !word.ends_with("zeit") => {
                let offset = SeriesZone::Offset(standard_s as i32);
                Ok((Clock::fixed(standard_s), format!("{word}, {offset} all year")))
            }
            Named::Standard(word) => central(3600, word),
            Named::Summer(word) => central(7200, word),
            Named::Site => Ok(given(&SeriesZone::Local, site, span_s)),
            Named::Unclear(text) => Err(self.unclear(text, file)),
        }
    }

    /// What to do where the scenario sets another zone and the time stamps contradict that.
    pub(super) fn instead(&self) -> String {
        let (at, says) = (self.at(), self.named.words());
        let or = match &self.named {
            Named::Fixed(0, _) => ", or set `zone: \"UTC\"`",
            _ => "",
        };
        format!("{at} names the time zone {says}: remove `zone` from the scenario{or}")
    }

    /// Where it stands, in words.
    fn at(&self) -> String {
        match self.from.as_str() {
            "header" => "the header".to_owned(),
            line => line.to_owned(),
        }
    }

    fn unclear(&self, text: &str, file: &std::path::Path) -> EnergyError {
        let found = format!("the zone {text:?} in {}", self.at());
        refused(file, self.place, found, ONE_MEANING, SET_ZONE)
    }
}

/// What is expected of a zone's name.
pub(super) const ONE_MEANING: &str =
    "an unambiguous time zone, as in UTC, +01:00, CET, CET/CEST or Europe/Berlin";
/// What to do where it has several.
pub(super) const SET_ZONE: &str = "set `zone` to its IANA name, as in \"America/New_York\", or to its \
     offset, as in \"-05:00\"";

impl Named {
    fn words(&self) -> String {
        match self {
            Self::Fixed(_, name) | Self::Clock(_, name) => name.clone(),
            Self::Standard(word) | Self::Summer(word) | Self::Unclear(word) => word.clone(),
            Self::Site => "local time".to_owned(),
        }
    }
}

/// The clock of stamps at regular steps, with its name. Where nothing names it, it is the site's, of
/// which the days of the clock's change show whether the file keeps the clock or standard time.
pub(super) fn of_steps(
    locals: &[i64],
    ends: bool,
    said: &Said<'_>,
    zone: Option<&SeriesZone>,
    site: &TimeZone,
    notes: &mut Vec<String>,
) -> Result<(Clock, String), EnergyError> {
    let first_s = locals.iter().copied().min().unwrap_or_default();
    let last_s = locals.iter().copied().max().unwrap_or_default();
    let clock = Clock::of(site, first_s, last_s);
    let kept = Kept::by(locals, &clock, ends);
    let known = self::said(zone, said.labels, site, (first_s, last_s), said.file, notes)?;
    if let Some(known) = known {
        if let Some(row) = kept.on_clock.filter(|_| known.said_fixed) {
            let (place, text) = (said.place)(row);
            return Err(refused(
                said.file,
                place,
                format!(
                    "{text:?}, where an hour is repeated or skipped, as with daylight-saving time"
                ),
                format!("the time zone that the file names: {}", known.name),
                "set `zone: \"local\"` if the file is in the site's local time, or set `zone` to \
                 the UTC offset that applies to it all year",
            ));
        }
        return Ok((known.clock, known.name));
    }
    let site_name = name_of(site);
    match kept.standard() {
        None => {
            let (place, text) = (said.place)(kept.left_out.unwrap_or(0));
            Err(refused(
                said.file,
                place,
                format!(
                    "{text:?}, an hour that {site_name} local time skips in spring, in a file that \
                     repeats an hour in autumn"
                ),
                "either local time or standard time all year",
                "correct the time stamps, or set `zone` to the file's time zone",
            ))
        }
        Some(true) => {
            let offset_s = standard_offset_s(site, first_s);
            let why = "as the time stamps at the daylight-saving changes show";
            Ok((Clock::fixed(offset_s), format!("{site_name}, standard time all year, {why}")))
        }
        Some(false) if kept.seen => {
            let why = "as the time stamps at the daylight-saving changes show";
            Ok((clock, format!("{site_name} local time, {why}")))
        }
        Some(false) => Ok((clock, format!("{site_name} (the site's)"))),
    }
}

/// A zone's name in messages.
pub(super) fn name_of(site: &TimeZone) -> String {
    site.iana_name().unwrap_or("the site's zone").to_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_above_a_table_name_its_zone() {
        let zone = |line: &str| zone_above(line).map(|(named, _)| named);
        let utc = Some(Named::Fixed(0, "UTC".to_owned()));
        for line in
            ["Zeitzone: UTC", "Time zone;UTC;;", "\"Timezone\",\"UTC\"", "Alle Zeiten in UTC"]
        {
            assert_eq!(zone(line), utc, "{line}");
        }
        assert_eq!(zone("Zeitzone: Winterzeit"), Some(Named::Standard("Winterzeit".to_owned())));
        assert_eq!(zone("Lastgang in Winterzeit"), Some(Named::Standard("Winterzeit".to_owned())));
        assert_eq!(zone("Zeitzone: lokale Zeit"), Some(Named::Site));
        let berlin = Named::Clock("Europe/Berlin".into(), "Europe/Berlin local time".into());
        assert_eq!(zone_above("Time zone = Europe/Berlin"), Some((berlin, 12)));
        for line in ["Zeitzone: Berlin", "Timezone: EST", "W. Europe: all times in EST"] {
            assert!(matches!(zone(line), Some(Named::Unclear(_))), "{line}");
        }
        for line in [
            "Erstellt am 01.01.2026 10:00 MEZ",
            "Netz: UTC GmbH",
            "Zeitzone;;",
            "# IST-Zeiten",
            "Zeitraum",
        ] {
            assert_eq!(zone(line), None, "{line}");
        }
    }
}
