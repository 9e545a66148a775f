//! What zones are called in headers, in lines above a table and behind clocks: which names have one
//! meaning, and which have several or none. Not which clock a file keeps, which is `zones`.

use super::stamp;
use crate::scenario::SeriesZone;
use jiff::tz::TimeZone;

/// A zone that a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// So many seconds ahead of UTC all year, and what it is called.
    Fixed(i32, String),
    /// The clock of this zone of the IANA database, and what it is called.
    Clock(String, String),
    /// The site's standard time all year, by this word.
    Standard(String),
    /// The site's summer time all year, by this word.
    Summer(String),
    /// The site's clock: standard time and summer time are both named.
    Site,
    /// A name with several meanings, names that contradict each other, or none that is known.
    Unclear(String),
}

/// Names with one meaning, in small letters, and the seconds ahead of UTC.
const FIXED: [(&str, i32); 11] = [
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("cet", 3600),
    ("mez", 3600),
    ("cest", 7200),
    ("mesz", 7200),
    ("wet", 0),
    ("west", 3600),
    ("eet", 7200),
    ("eest", 10_800),
];
/// Names that are other words where they are not in capitals.
const IN_CAPITALS: [&str; 5] = ["z", "wet", "west", "eet", "eest"];
/// Two names together are a clock: the zone whose clock it is, and how it is called.
const CLOCKS: [(&str, &str, &str, &str); 4] = [
    ("cet", "cest", "Europe/Brussels", "Central European time, with daylight-saving time"),
    ("mez", "mesz", "Europe/Brussels", "Central European time, with daylight-saving time"),
    ("wet", "west", "Europe/Lisbon", "Western European time, with daylight-saving time"),
    ("eet", "eest", "Europe/Helsinki", "Eastern European time, with daylight-saving time"),
];
/// Abbreviations that stand for several zones, or that are too rare to be read.
const UNCLEAR: [&str; 32] = [
    "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "AST", "ADT", "IST", "BST", "GST",
    "SST", "JST", "KST", "HKT", "SGT", "PKT", "MSK", "AEST", "AEDT", "ACST", "ACDT", "AWST",
    "NZST", "NZDT", "SAST", "AKST", "AKDT", "HST", "DST",
];
const STANDARD: [&str; 3] = ["winterzeit", "normalzeit", "standardzeit"];
const SUMMER: [&str; 1] = ["sommerzeit"];

/// The words of a text: `PeriodStartUTC` and `period_start (UTC)` have the same.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    let mut small = false;
    for c in text.chars() {
        if !c.is_alphanumeric() {
            open = false;
            continue;
        }
        // A capital behind a small letter begins a word of its own.
        let begins = !open || (small && c.is_uppercase());
        match words.last_mut() {
            Some(word) if !begins => word.push(c),
            _ => words.push(c.to_string()),
        }
        (open, small) = (true, c.is_lowercase());
    }
    words
}

/// Whether one of a header's words is one of these, which are in small letters.
pub(super) fn has_word(header: &str, words: &[&str]) -> bool {
    let known = |word: &str| words.contains(&word.to_lowercase().as_str());
    let plain = header.split(|c: char| !c.is_alphanumeric()).any(known);
    plain || tokens(header).iter().any(|word| known(word))
}

/// The zone that a text names: `Datetime (UTC)`, `MTU (CET/CEST)`, `[UTC+1]`, `Zeit (Winterzeit)`.
pub(super) fn named(text: &str) -> Option<Named> {
    let text = &text.replace('\u{2212}', "-");
    let known_zone = |word: &&str| word.contains('/') && TimeZone::get(word).is_ok();
    let of_iana = |c: char| !(c.is_alphanumeric() || matches!(c, '/' | '_' | '-' | '+'));
    let iana = text.split(of_iana).find(known_zone);
    let offsets = offsets(text);
    let mut words = tokens(text);
    if let Some(iana) = iana {
        let parts = tokens(iana);
        words.retain(|word| !parts.contains(word));
    }
    let fixed: Vec<(&str, i32)> = words.iter().filter_map(|word| fixed(word)).collect();
    let capital = |word: &&String| UNCLEAR.contains(&word.to_uppercase().as_str());
    let unclear = words.iter().find(capital);
    let small = text.to_lowercase();
    let without = ["ohne sommer", "without d", "no dst"].iter().any(|no| small.contains(no));
    let summer = SUMMER.iter().find(|word| small.contains(**word) && !without);
    let standard = STANDARD.iter().find(|word| small.contains(**word));
    let both = summer.is_some() && small.contains("winter")
        || standard.is_some() && small.contains("sommer") && !without;
    let contradiction = || Some(Named::Unclear(text.trim().to_owned()));
    if let Some(iana) = iana {
        let one = offsets.is_empty() && unclear.is_none();
        let name = format!("{iana} local time");
        return if one { Some(Named::Clock(iana.to_owned(), name)) } else { contradiction() };
    }
    if let [first, others @ ..] = offsets.as_slice() {
        let alike = others.iter().all(|other| other == first)
            && fixed.iter().all(|(name, offset_s)| {
                // `UTC+1` names UTC, too.
                offset_s == first || (*offset_s == 0 && matches!(*name, "utc" | "gmt"))
            });
        // `(UTC+01:00) Amsterdam, Berlin`: a system's name of a clock with summer time.
        let places = text.trim_start().starts_with('(')
            && text.split_once(')').is_some_and(|(_, rest)| rest.contains(','));
        if !alike || places || summer.is_some() {
            return contradiction();
        }
        return Some(Named::Fixed(*first, SeriesZone::Offset(*first).to_string()));
    }
    if let Some(unclear) = unclear {
        return Some(Named::Unclear(unclear.clone()));
    }
    for (winter, other, zone, called) in CLOCKS {
        let has = |wanted: &str| fixed.iter().any(|(name, _)| *name == wanted);
        if has(winter) && (has(other) || summer.is_some()) {
            return Some(Named::Clock(zone.to_owned(), called.to_owned()));
        }
    }
    if let [(name, first_s), others @ ..] = fixed.as_slice() {
        if others.iter().any(|(_, offset_s)| offset_s != first_s) {
            return contradiction();
        }
        let offset = SeriesZone::Offset(*first_s);
        let zero = *first_s == 0;
        let name = if zero {
            offset.to_string()
        } else {
            format!("{}, {offset} all year", name.to_uppercase())
        };
        return Some(Named::Fixed(*first_s, name));
    }
    let english = |first: &str| {
        words
            .windows(2)
            .any(|pair| pair[0].eq_ignore_ascii_case(first) && pair[1].eq_ignore_ascii_case("time"))
    };
    match (standard, summer) {
        _ if both => Some(Named::Site),
        (Some(word), _) => Some(Named::Standard(capitalised(word))),
        (None, Some(word)) => Some(Named::Summer(capitalised(word))),
        (None, None) if english("standard") || english("winter") => {
            Some(Named::Standard("standard time".to_owned()))
        }
        (None, None) => None,
    }
}

/// Whether a text names UTC.
pub(crate) fn is_utc(text: &str) -> bool {
    matches!(named(text), Some(Named::Fixed(0, _)))
}

/// The offset of a zone's name behind a clock, as in `01:15 CEST`.
pub(super) fn behind_clock(word: &str) -> Option<String> {
    let word = word.trim_matches(['(', ')', '[', ']']).to_lowercase();
    let offset_s = match word.as_str() {
        "sommerzeit" => 7200,
        known if STANDARD.contains(&known) => 3600,
        _ => FIXED.iter().find(|(name, _)| *name == word)?.1,
    };
    (word != "z").then(|| format!("+{:02}:00", offset_s / 3600))
}

/// A name in a time stamp that stands for several zones, or is not read.
pub(super) fn unclear_in(stamp: &str) -> Option<String> {
    tokens(stamp).into_iter().find(|word| UNCLEAR.contains(&word.as_str()))
}

fn fixed(word: &str) -> Option<(&'static str, i32)> {
    let small = word.to_lowercase();
    // `DATETIMEUTC`.
    let small = if small.ends_with("utc") { "utc" } else { small.as_str() };
    let (name, offset_s) = FIXED.iter().find(|(name, _)| *name == small)?;
    let capitals = word.chars().all(char::is_uppercase);
    (capitals || !IN_CAPITALS.contains(name)).then_some((*name, *offset_s))
}

/// Offsets written in numbers: `UTC+1`, `GMT +01:00`, `+02:00`.
fn offsets(text: &str) -> Vec<i32> {
    let upper = text.to_uppercase();
    let upper = ["UTC ", "GMT "].iter().fold(upper, |text, name| {
        let glued = name.trim_end();
        let glue = |text: String, sign: &str| {
            text.replace(&format!("{name}{sign}"), &format!("{glued}{sign}"))
        };
        glue(glue(text, "+"), "-")
    });
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '+' | '-' | ':');
    let words = upper.split(|c: char| !is_word(c)).map(|word| word.trim_end_matches(':'));
    let offset = |word: &str| {
        // `time-utc+1` and `UTC+1`, but no `-5` of a column's number.
        let at = word.find("UTC").or_else(|| word.find("GMT"));
        let full = word.starts_with(['+', '-']) && word.contains(':');
        match at {
            Some(at) => stamp::offset_s(&word[at..]),
            None if full => stamp::offset_s(word),
            None => None,
        }
    };
    words.filter_map(offset).collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_one_meaning_are_read() {
        let fixed = |seconds: i32, name: &str| Some(Named::Fixed(seconds, name.to_owned()));
        for (text, expected) in [
            ("Datetime (UTC)", fixed(0, "UTC")),
            ("time_utc", fixed(0, "UTC")),
            ("HourUTC", fixed(0, "UTC")),
            ("startUtc", fixed(0, "UTC")),
            ("DATETIMEUTC", fixed(0, "UTC")),
            ("Zeit [UTC+1]", fixed(3600, "+01:00")),
            ("Zeit (UTC +1)", fixed(3600, "+01:00")),
            ("Zeit (UTC+1, MEZ)", fixed(3600, "+01:00")),
            ("time (EST, UTC-5)", fixed(-18_000, "-05:00")),
            ("Zeit (MEZ)", fixed(3600, "MEZ, +01:00 all year")),
            ("MEZ (Winterzeit)", fixed(3600, "MEZ, +01:00 all year")),
            ("Zeit in MESZ", fixed(7200, "MESZ, +02:00 all year")),
        ] {
            assert_eq!(named(text), expected, "{text}");
        }
        let clock = |zone: &str, name: &str| Some(Named::Clock(zone.into(), name.into()));
        let europe = clock("Europe/Brussels", "Central European time, with daylight-saving time");
        for text in ["MTU (CET/CEST)", "Zeit (MEZ/MESZ)", "MEZ und MESZ", "MEZ mit Sommerzeit"] {
            assert_eq!(named(text), europe, "{text}");
        }
        assert_eq!(named("ts (Asia/Tokyo)"), clock("Asia/Tokyo", "Asia/Tokyo local time"));
        assert_eq!(named("Zeit (Winterzeit)"), Some(Named::Standard("Winterzeit".to_owned())));
        assert_eq!(named("Normalzeit ohne Sommerzeit"), Some(Named::Standard("Normalzeit".into())));
        assert_eq!(named("Zeit Sommerzeit"), Some(Named::Summer("Sommerzeit".to_owned())));
        assert_eq!(named("local standard time"), Some(Named::Standard("standard time".into())));
        assert_eq!(named("Zeit (Winter-/Sommerzeit)"), Some(Named::Site));
    }

    #[test]
    fn names_with_several_meanings_and_contradictions_are_no_zone() {
        for text in ["Time (EST)", "timestamp_cst", "Zeit [IST]", "DateTimeAEST"] {
            assert!(matches!(named(text), Some(Named::Unclear(_))), "{text}");
        }
        for text in [
            "UTC+1/UTC+2",
            "time (UTC, CET)",
            "(UTC+01:00) Amsterdam, Berlin, Bern",
            "Europe/Berlin (UTC+1)",
        ] {
            assert_eq!(named(text), Some(Named::Unclear(text.to_owned())), "{text}");
        }
        for text in ["Zeit", "time west", "Datum von", "t-1", "Zeitzonen", "best time"] {
            assert_eq!(named(text), None, "{text}");
        }
        assert_eq!(unclear_in("2025-06-01 10:00 EST").as_deref(), Some("EST"));
        assert_eq!(unclear_in("2025-06-01 10:00 CET"), None);
    }

    #[test]
    fn words_of_headers_are_seen_in_every_spelling() {
        assert_eq!(tokens("PeriodStartUTC"), ["Period", "Start", "UTC"]);
        assert_eq!(tokens("period_start (UTC)"), ["period", "start", "UTC"]);
        assert!(has_word("intervalEnd", &["end"]) && has_word("Datum bis", &["bis"]));
        assert!(!has_word("Gesendet", &["end"]));
        assert_eq!(behind_clock("CEST").as_deref(), Some("+02:00"));
        assert_eq!(behind_clock("(Winterzeit)").as_deref(), Some("+01:00"));
        assert_eq!(behind_clock("EST"), None);
    }
}
