//! Tests of zones that files name, of hours that the clock shows twice, and of second columns of time
//! stamps: each is read by a rule that is said, or refused with the remedy.

use super::tests::{YEAR, berlin, course, hours, read, told};
use crate::energy::calendar::Calendar;
use jiff::civil::{DateTime, date};

const JULY: DateTime = date(2025, 7, 1).at(0, 0, 0, 0);
const SPRING: DateTime = date(2025, 3, 30).at(0, 0, 0, 0);
const AUTUMN: DateTime = date(2025, 10, 26).at(0, 0, 0, 0);

/// 30 hours around the first of July, the value the hour of the day.
fn july(header: &str, above: &str) -> String {
    let from = JULY - jiff::SignedDuration::from_hours(3);
    let text = hours(from, 30, |h| ((h + 21) % 24) as f64 + 0.5);
    format!("{above}{}", text.replacen("time", header, 1))
}

#[test]
fn zones_of_headers_and_of_lines_above_are_read_and_said() {
    // The value at midnight of Berlin, which is 22:00 UTC and 23:00 of standard time.
    for (header, above, value, zone) in [
        ("Zeit (Winterzeit)", "", 23.5, "Winterzeit, +01:00 all year (header)"),
        ("Zeit [MEZ]", "", 23.5, "MEZ, +01:00 all year (header)"),
        ("time (CET)", "", 23.5, "CET, +01:00 all year (header)"),
        ("Zeit (Sommerzeit)", "", 0.5, "Sommerzeit, +02:00 all year (header)"),
        ("Zeit (MESZ)", "", 0.5, "MESZ, +02:00 all year (header)"),
        ("MTU (CET/CEST)", "", 0.5, "Central European time, with daylight-saving time (header)"),
        ("HourUTC", "", 22.5, "UTC (header)"),
        ("time (UTC +1)", "", 23.5, "+01:00 (header)"),
        ("time (Asia/Tokyo)", "", 7.5, "Asia/Tokyo local time (header)"),
        ("Zeit", "Zeitzone: UTC\n", 22.5, "UTC (line 1)"),
        ("Zeit", "# Time zone: CET\n", 23.5, "CET, +01:00 all year (line 1)"),
        (
            "Zeit",
            "Lastgang 2025\nZeitzone,Winterzeit\n",
            23.5,
            "Winterzeit, +01:00 all year (line 2)",
        ),
        ("Zeit", "# Alle Zeiten in UTC\n", 22.5, "UTC (line 1)"),
        ("Zeit", "# Erstellt am 01.08.2025 10:00 UTC\n", 0.5, "Europe/Berlin (the site's)"),
    ] {
        // 7:30 in the evening of Tokyo is not in so short a file.
        let text = match zone.starts_with("Asia") {
            true => hours(JULY, 40, |h| (h % 24) as f64 + 0.5).replacen("time", header, 1),
            false => july(header, above),
        };
        let series = read(&text, "", &berlin(JULY, 1)).unwrap_or_else(|e| panic!("{header}: {e}"));
        assert_eq!(series.zone, zone, "{header} {above}");
        let found = course(&text, "", &berlin(JULY, 1)).unwrap_or_else(|e| panic!("{header}: {e}"));
        assert_eq!(found[0], value, "{header} {above}");
    }
    // The scenario counts before the header, the header before a line above; both are said.
    let series = read(&july("time (CET)", ""), "zone: \"UTC\"", &berlin(JULY, 1)).unwrap();
    let noted = |note: &str| series.notes.iter().any(|found| found.contains(note));
    assert!(noted(
        "the header names the time zone CET, +01:00 all year, but the scenario's `zone` is used"
    ));
    let series = read(&july("time (UTC)", "# Zeitzone: MEZ\n"), "", &berlin(JULY, 1)).unwrap();
    assert!(series.zone.starts_with("UTC") && series.notes[0].contains("the header is used"));
}

#[test]
fn names_with_several_meanings_are_refused_with_the_remedy() {
    for (header, above, place) in [
        ("Time (EST)", "", "f.csv:1:1: found the zone \"EST\" in the header"),
        ("timestamp_cst", "", "f.csv:1:1: found the zone \"cst\" in the header"),
        ("time [IST]", "", "f.csv:1:1: found the zone \"IST\" in the header"),
        ("time", "# Timezone: PST\n", "f.csv:1:13: found the zone \"PST\" in line 1"),
        ("Zeit", "Zeitzone: Berlin\n", "f.csv:1:11: found the zone \"Berlin\" in line 1"),
    ] {
        let error = told(course(&july(header, above), "", &berlin(JULY, 1)));
        assert!(error.starts_with(place), "{error}");
        assert!(error.contains("set `zone` to its IANA name"), "{error}");
        assert!(course(&july(header, above), "zone: \"UTC\"", &berlin(JULY, 1)).is_ok());
    }
    let stamps = july("time", "").replace(":00,", ":00 EST,");
    let error = told(course(&stamps, "", &berlin(JULY, 1)));
    assert!(error.starts_with("f.csv:2:1: found \"2025-06-30 21:00 EST\""), "{error}");
    assert!(error.contains("EST is an ambiguous"), "{error}");
    // Germany's word at a site that keeps another time.
    let athens = Calendar::of(JULY, "Europe/Athens", 1, 3600).unwrap();
    let error = told(course(&july("Zeit (Winterzeit)", ""), "", &athens));
    assert!(error.contains("found the zone \"Winterzeit\""), "{error}");
    // CET is the same everywhere; that the site is elsewhere is said.
    let text = hours(JULY - jiff::SignedDuration::from_hours(3), 40, |h| h as f64 + 0.5);
    let series = read(&text.replacen("time", "time (CET)", 1), "", &athens).unwrap();
    let notes = &series.notes;
    assert!(
        notes.iter().any(|note| note.contains("the site's zone is Europe/Athens")),
        "{notes:?}"
    );
}

#[test]
fn a_header_that_its_own_days_contradict_is_refused() {
    let spring: String = hours(SPRING, 25, |h| h as f64 + 0.5)
        .lines()
        .filter(|line| !line.contains("03-30 02:00"))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut autumn = "time,kw\n".to_owned();
    for (value, h) in [0, 1, 2, 2, 3].into_iter().chain(4..24).enumerate() {
        autumn += &format!("2025-10-26 {h:02}:00,{value}.5\n");
    }
    for (text, day, line) in [(spring, SPRING, 4), (autumn, AUTUMN, 5)] {
        let named = text.replacen("time", "Zeit (MEZ)", 1);
        // Filling gaps must not hide it.
        let error = told(course(&named, "gaps: Hold", &berlin(day, 1)));
        assert!(error.starts_with(&format!("f.csv:{line}:1:")), "{error}");
        assert!(
            error.contains("MEZ, +01:00 all year") && error.contains("zone: \"local\""),
            "{error}"
        );
        assert!(course(&named, "zone: \"local\"", &berlin(day, 1)).is_ok());
        assert!(course(&text, "", &berlin(day, 1)).is_ok());
    }
}

#[test]
fn letters_of_the_doubled_hour_are_read() {
    let expected: Vec<f64> = (0..25).map(|h| f64::from(h) + 0.5).take(24).collect();
    let labels = ["00", "01", "2A", "2B", "03", "04"];
    let rest: Vec<String> = (5..24).map(|h| format!("{h:02}")).collect();
    let all = || labels.iter().map(|h| (*h).to_owned()).chain(rest.clone()).enumerate();
    let one: String = all().map(|(i, h)| format!("26.10.2025 {h}:00;{i},5\n")).collect();
    let two: String = all().map(|(i, h)| format!("26.10.2025;{h}:00;{i},5\n")).collect();
    let hour: String = all().map(|(i, h)| format!("26.10.2025;{h};{i},5\n")).collect();
    for text in [
        format!("Zeit;kW\n{one}"),
        format!("Datum;Uhrzeit;kW\n{two}"),
        format!("Datum;Stunde;kW\n{hour}"),
        format!("Datum;Uhrzeit;kW\n{}", two.replace("2A", "02a").replace("2B", "02b")),
    ] {
        let found = course(&text, "", &berlin(AUTUMN, 1)).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(found, expected, "{text}");
    }
    // Elsewhere in the year, or where the file keeps one offset, a letter means nothing.
    let july = format!("Zeit;kW\n{}", one.replace("26.10.", "01.07."));
    let error = told(course(&july, "", &berlin(JULY, 1)));
    assert!(error.starts_with("f.csv:4:1: found \"01.07.2025 2A:00\""), "{error}");
    let fixed = format!("Zeit;kW\n{one}");
    let error = told(course(&fixed, "zone: \"+01:00\"", &berlin(AUTUMN, 1)));
    assert!(error.contains("does not occur twice") && error.contains("`zone`"), "{error}");
}

/// Lines of start, end and value; `order` swaps the first two.
fn intervals(
    heads: [&str; 2],
    swap: bool,
    start: &dyn Fn(usize) -> String,
    end: &dyn Fn(usize) -> String,
) -> String {
    let line = |a: &str, b: &str, value: &str| match swap {
        true => format!("{b};{a};{value}\n"),
        false => format!("{a};{b};{value}\n"),
    };
    let mut text = line(heads[0], heads[1], "kW");
    for h in 0..24 {
        text += &line(&start(h), &end(h), &format!("{h},5"));
    }
    text
}

#[test]
fn of_start_and_end_the_start_is_read_and_both_agree() {
    let at = |h: usize| format!("01.01.2025 {h:02}:00");
    let end = |h: usize| if h == 23 { "02.01.2025 00:00".to_owned() } else { at(h + 1) };
    for swap in [false, true] {
        for heads in [["Datum von", "Datum bis"], ["PeriodStart", "PeriodEnd"], ["from", "to"]] {
            let text = intervals(heads, swap, &at, &end);
            let series = read(&text, "", &berlin(YEAR, 1)).unwrap();
            let note = format!("{:?} is read: it is the start of each interval", heads[0]);
            assert!(series.notes[0].ends_with(&note), "{:?}", series.notes);
            assert_eq!(course(&text, "", &berlin(YEAR, 1)).unwrap()[..2], [0.5, 1.5]);
        }
    }
    let broken = intervals(["von", "bis"], false, &at, &end)
        .replace("07:00;01.01.2025 08:00", "07:00;01.01.2025 08:30");
    let error = told(course(&broken, "", &berlin(YEAR, 1)));
    assert!(
        error.starts_with(
            "f.csv:9:18: found \"01.01.2025 08:30\", expected a time stamp 60 minutes"
        ),
        "{error}"
    );
    // Clocks beside a date, the end before the start.
    let clock = |h: usize| format!("{h:02}:00");
    let until = |h: usize| format!("{:02}:00", (h + 1) % 24);
    let text = intervals(["von", "bis"], true, &clock, &until).replace('\n', "\n01.01.2025;");
    let text = text.trim_end_matches("01.01.2025;").replacen("bis;von", "Datum;bis;von", 1);
    let series = read(&text, "", &berlin(YEAR, 1)).unwrap_or_else(|e| panic!("{text}: {e}"));
    assert!(series.notes[0].contains("\"von\" is read: it is the start"), "{:?}", series.notes);
    assert_eq!(course(&text, "", &berlin(YEAR, 1)).unwrap()[5], 5.5);
    // Intervals that are shorter than the lines are apart.
    let short = intervals(["von", "bis"], false, &at, &|h| format!("01.01.2025 {h:02}:15"));
    let notes = read(&short, "", &berlin(YEAR, 1)).unwrap().notes;
    assert!(
        notes.iter().any(|note| note.contains("15 minutes apart, but the lines are 60")),
        "{notes:?}"
    );
}

#[test]
fn of_local_time_and_utc_the_one_in_utc_is_read_and_both_agree() {
    let utc = |h: usize| match h.checked_sub(1) {
        None => "2024-12-31 23:00".to_owned(),
        Some(h) => format!("2025-01-01 {h:02}:00"),
    };
    let local = |h: usize| format!("2025-01-01 {h:02}:00");
    for swap in [false, true] {
        for heads in [["HourUTC", "HourDE"], ["Time (UTC)", "Time (local)"], ["utc", "local"]] {
            let text = intervals(heads, swap, &utc, &local);
            let series = read(&text, "", &berlin(YEAR, 1)).unwrap_or_else(|e| panic!("{e}"));
            assert!(series.notes[0].contains(&format!("{:?} is read: it is UTC", heads[0])));
            assert_eq!(series.zone, "UTC (header)");
            assert_eq!(course(&text, "", &berlin(YEAR, 1)).unwrap()[..2], [0.5, 1.5]);
        }
    }
    // One with offsets counts as UTC does.
    let offset = |h: usize| format!("2025-01-01T{h:02}:00+01:00");
    let text = intervals(["a", "b"], true, &offset, &local);
    let series = read(&text, "", &berlin(YEAR, 1)).unwrap();
    assert_eq!(series.zone, "as written in each time stamp");
    // A third distance between the two.
    let text = intervals(["Time (UTC)", "Time (local)"], false, &utc, &local)
        .replace("2025-01-01 04:00;2025-01-01 05:00", "2025-01-01 04:00;2025-01-01 05:07");
    let error = told(course(&text, "", &berlin(YEAR, 1)));
    assert!(error.starts_with("f.csv:7:18: found \"2025-01-01 05:07\""), "{error}");
    assert!(error.contains("60 minutes ahead of UTC, not 67"), "{error}");
}

#[test]
fn a_portals_lines_above_the_table_are_no_headers() {
    let mut text = "Zählpunkt;DE0012345\nZeitraum;01.01.2025;31.12.2025\nZeitzone;Winterzeit\n\
                    Datum;Uhrzeit von;Uhrzeit bis;Verbrauch [kWh];Status\n"
        .to_owned();
    for q in 0..96 {
        let at = |q: usize| format!("{:02}:{:02}", q / 4 % 24, q % 4 * 15);
        text += &format!("01.01.2025;{};{};2,5;W\n", at(q), at(q + 1));
    }
    let series = read(&text, "", &berlin(YEAR, 1)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(series.column, "Verbrauch [kWh]");
    assert_eq!((series.unit.as_str(), series.values[0]), ("kWh (header)", 10.0));
    assert_eq!(series.zone, "Winterzeit, +01:00 all year (line 3)");
    let undated = "Zeitzone: UTC\nkW\n".to_owned() + &"1.5\n".repeat(24);
    let series = read(&undated, "starts: \"2025-01-01T00:00\"", &berlin(YEAR, 1)).unwrap();
    assert_eq!((series.zone.as_str(), series.start_s), ("UTC (line 1)", Some(1_735_689_600)));
}

#[test]
fn clocks_of_start_and_end_agree_where_the_clock_changes() {
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    for (day, steps) in [(SPRING, 92), (AUTUMN, 100)] {
        let first = day.to_zoned(zone.clone()).unwrap();
        let mut text = "Datum von;Uhrzeit von;Datum bis;Uhrzeit bis;kWh\n".to_owned();
        for i in 0..steps {
            let at = &first + jiff::SignedDuration::from_mins(i * 15);
            let until = &first + jiff::SignedDuration::from_mins(i * 15 + 15);
            let written = |at: &jiff::Zoned| at.strftime("%d.%m.%Y;%H:%M").to_string();
            text += &format!("{};{};2,5\n", written(&at), written(&until));
        }
        let found = course(&text, "", &berlin(day, 1)).err().map(|error| error.to_string());
        // The day of spring has 23 hours, and a run's day 24.
        let short = found.as_ref().is_some_and(|error| error.contains("ends 0.04 days after"));
        assert_eq!((found.is_none(), short), (steps == 100, steps == 92), "{found:?}");
        let broken = text.replacen(";01:15;", ";05:15;", 1);
        let error = told(course(&broken, "", &berlin(day, 1)));
        assert!(error.contains("from the other one on its line"), "{error}");
    }
    let range: String =
        (0..24).map(|h| format!("01.01.2025;{h:02}:00-{:02}:00;{h},5\n", h + 1)).collect();
    let error = told(course(&format!("Datum;Zeit;kW\n{range}"), "", &berlin(YEAR, 1)));
    assert!(
        error.starts_with("f.csv:2:12: found \"00:00-01:00\", expected a time of day"),
        "{error}"
    );
}

#[test]
fn a_zone_that_the_header_contradicts_is_to_be_removed() {
    let text = hours(SPRING, 26, |h| h as f64 + 0.5);
    let error = |header: &str| {
        let text = text.replacen("time", header, 1);
        told(course(&text, "zone: \"Europe/Berlin\"", &berlin(SPRING, 1)))
    };
    let utc = error("MTU (UTC)");
    let advice = "the header names the time zone UTC: remove `zone` from the scenario, or set \
                  `zone: \"UTC\"`";
    assert!(utc.contains("2025-03-30 02:00\", which the clock skips"), "{utc}");
    assert!(utc.ends_with(advice), "{utc}");
    let cet = error("MTU (CET)");
    assert!(cet.ends_with("CET, +01:00 all year: remove `zone` from the scenario"), "{cet}");
    assert!(error("time").ends_with("set `zone: \"standard\"`"));
}

#[test]
fn an_hour_that_is_there_twice_in_a_zone_without_it_names_the_zone() {
    let mut quarters = "time,kw\n".to_owned();
    for (value, q) in (0..12).chain(8..96).enumerate() {
        quarters += &format!("2025-10-26 {:02}:{:02},{value}.5\n", q / 4, q % 4 * 15);
    }
    let hourly: String = quarters
        .lines()
        .filter(|l| !l.contains(':') || l.contains(":00,"))
        .fold(String::new(), |text, line| format!("{text}{line}\n"));
    let advice = "if the file is in local time with daylight saving, set `zone`, as in `zone: \
                  \"Europe/Berlin\"`, or correct `site.time_zone`";
    let utc = "zone: \"UTC\"";
    let error = told(course(&quarters, utc, &berlin(AUTUMN, 1)));
    assert!(error.starts_with("f.csv:14:1: found \"2025-10-26 02:00\""), "{error}");
    assert!(error.ends_with(&format!("line before; {advice}")), "{error}");
    let error = told(course(&hourly, utc, &berlin(AUTUMN, 1)));
    assert!(error.ends_with(&format!("remove the duplicate line, or, {advice}")), "{error}");
    for site in ["UTC", "Europe/London"] {
        let site = Calendar::of(AUTUMN, site, 1, 3600).unwrap();
        let error = told(course(&quarters, "", &site));
        assert!(error.ends_with(advice), "{error}");
    }
    assert!(course(&quarters, "", &berlin(AUTUMN, 1)).is_ok());
    // On another day it is a file that is not sorted.
    let error = told(course(&quarters.replace("10-26", "10-22"), utc, &berlin(AUTUMN, 1)));
    assert!(error.ends_with("sort the file by time"), "{error}");
}

#[test]
fn a_gap_is_told_in_the_files_own_time() {
    // Five to eight in the morning, in summer and over the change of the clock.
    let gap = |from: DateTime, kept: &dyn Fn(usize) -> bool, suffix: &str| {
        let text = hours(from, 48, |h| h as f64 + 0.5);
        let lines = text.lines().enumerate().filter(|(i, _)| *i == 0 || kept(i - 1));
        let text: String = lines.map(|(_, line)| format!("{line}\n")).collect();
        let text = text.replace(":00,", &format!(":00{suffix},"));
        told(course(&text, "", &berlin(from, 1)))
    };
    let morning = |h: usize| !(5..8).contains(&h);
    for suffix in ["", "Z", "+02:00", " -07:00"] {
        let error = gap(JULY, &morning, suffix);
        assert!(error.contains("(3 h, 2025-07-01 05:00 to 2025-07-01 08:00)"), "{error}");
    }
    let error = gap(SPRING, &|h| !(1..4).contains(&h), "");
    assert!(error.contains("(2 h, 2025-03-30 01:00 to 2025-03-30 04:00)"), "{error}");
}
