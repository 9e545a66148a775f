//! Promise: dialects and shapes of the known weather formats are read for what they are: a leap
//! day, one dated year or a part of it, parts of hours, stamps at the end of the interval, columns
//! that are missing; and what was worked out is said.

use std::fmt::Write as _;
use std::path::Path;

use crate::common::shared;
use gridtwin_twin::pv::{Array, PvOptions, power_trace, simulate};
use gridtwin_twin::weather::{self, Trace, Weather, WeatherError};
use jiff::civil::{Date, date};

fn parse(text: &str) -> Weather {
    weather::parse(text.as_bytes(), "w").unwrap_or_else(|e| panic!("{e}"))
}

fn refused(text: &str) -> WeatherError {
    weather::parse(text.as_bytes(), "w").expect_err("this should be refused")
}

fn said(weather: &Weather, words: &str) {
    let notes = weather.understood().notes;
    assert!(notes.iter().any(|note| note.contains(words)), "{words:?} is not in {notes:?}");
}

fn local_days(weather: &Weather) -> (i64, i64) {
    let local = |unix_s| unix_s + i64::from(weather.location.utc_offset_s);
    (local(weather.start_unix_s), local(weather.end_unix_s()))
}

fn midnight(year: i16, month: i8, day: i8) -> i64 {
    days(date(year, month, day)) * 86_400
}

fn days(date: Date) -> i64 {
    i64::from((date - jiff::civil::date(1970, 1, 1)).get_days())
}

/// Days from one date on, up to and without another.
fn every_day(from: Date, until: Date) -> impl Iterator<Item = Date> {
    from.series(jiff::ToSpan::days(1)).take_while(move |&day| day < until)
}

/// A made-up sun: more by day, and another level every day.
fn ghi(day: Date, minute: i64) -> f64 {
    let up = (std::f64::consts::PI * (minute as f64 / 60.0 - 6.0) / 12.0).sin().max(0.0);
    (up * f64::from(300 + i32::from(day.day()) * 10 + i32::from(day.month()))).round()
}

// --- SolarAnywhere and TMY3 ---------------------------------------------------------------------

#[test]
fn solar_anywhere_days_end_at_midnight_of_the_next() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/refs/weather/solar_anywhere_first_days.csv");
    let weather = weather::read(&path).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((weather.len(), weather.step_s, weather.typical_year), (72, 3600, false));
    assert_eq!((weather.location.latitude_deg, weather.location.altitude_m), (44.5, 41.0));
    assert_eq!(local_days(&weather), (midnight(2021, 1, 1), midnight(2021, 1, 4)));
    // The row stamped 12:00 is the hour from 11:00.
    assert_eq!(
        (weather.ghi_w_m2[11], weather.dni_w_m2[11], weather.dhi_w_m2[11]),
        (300.0, 350.0, 90.0)
    );
    said(&weather, "time stamps are the ends of intervals of 60 minutes");
}

/// TMY3 of some days, stamped as `stamp` says from the date and the minute at which the interval
/// begins.
fn tmy3(
    site: &str,
    span: (Date, Date),
    step_min: i64,
    stamp: impl Fn(Date, i64) -> String,
) -> String {
    let mut text = format!(
        "{site}\nDate (MM/DD/YYYY),Time (HH:MM),GHI (W/m^2),DNI (W/m^2),DHI (W/m^2),Dry-bulb (C),Wspd (m/s)\n"
    );
    for day in every_day(span.0, span.1) {
        for minute in (0..1440).step_by(step_min as usize) {
            let light = ghi(day, minute);
            writeln!(text, "{},{light},0,{light},5,2", stamp(day, minute)).unwrap();
        }
    }
    text
}

fn us(day: Date) -> String {
    format!("{:02}/{:02}/{:04}", day.month(), day.day(), day.year())
}

fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The end of an interval, with 24:00 for midnight.
fn end_24(step_min: i64) -> impl Fn(Date, i64) -> String {
    move |day, minute| format!("{},{}", us(day), clock(minute + step_min))
}

/// The end of an interval, with 00:00 of the next day for midnight.
fn end_00(step_min: i64) -> impl Fn(Date, i64) -> String {
    move |day, minute| match minute + step_min {
        1440 => format!("{},00:00", us(day.tomorrow().unwrap())),
        end => format!("{},{}", us(day), clock(end)),
    }
}

const NREL: &str = "723170,\"SOMEWHERE, A FIELD\",NC,-5.0,36.100,-79.950,273";

#[test]
fn tmy3_of_parts_of_an_hour_is_read() {
    let year = (date(2021, 1, 1), date(2022, 1, 1));
    for (step_min, style) in [(15, "24"), (15, "00"), (30, "24"), (5, "00"), (10, "24")] {
        let text = match style {
            "24" => tmy3(NREL, year, step_min, end_24(step_min)),
            _ => tmy3(NREL, year, step_min, end_00(step_min)),
        };
        let weather = parse(&text);
        assert_eq!(weather.len() as i64, 365 * 1440 / step_min);
        assert_eq!(i64::from(weather.step_s), step_min * 60);
        assert_eq!(local_days(&weather), (midnight(2021, 1, 1), midnight(2022, 1, 1)));
        let noon = midnight(2021, 6, 21) + 12 * 3600 + 5 * 3600;
        let at = weather.index_at(noon).unwrap();
        assert_eq!(weather.ghi_w_m2[at], ghi(date(2021, 6, 21), 720));
        // It serves other years by the day of the year.
        assert_eq!(weather.index_at(noon + 365 * 86_400).unwrap(), at);
    }
}

#[test]
fn a_typical_year_of_quarter_hours_mixes_years_and_midnights() {
    // February is of a leap year and goes from 28 February 24:00, written as 29 February 00:00 or as
    // 1 March 00:00, to March of another year.
    let year_of = |month: i8| if month == 2 { 2020 } else { 2000 + i16::from(month) };
    let mut text = String::new();
    for day in every_day(date(2021, 1, 1), date(2022, 1, 1)) {
        let own = date(year_of(day.month()), day.month(), day.day());
        let next = day.tomorrow().unwrap();
        let next = date(year_of(next.month()), next.month(), next.day());
        for minute in (15..=1440).step_by(15) {
            let stamp = if minute == 1440 { (next, 0) } else { (own, minute) };
            writeln!(text, "{},{},{},0,0,5,2", us(stamp.0), clock(stamp.1), ghi(day, minute - 15))
                .unwrap();
        }
    }
    let head = tmy3(NREL, (date(2021, 1, 1), date(2021, 1, 1)), 15, end_24(15));
    let weather = parse(&(head + &text));
    assert!(weather.typical_year);
    assert_eq!(weather.len(), 35_040);
    let noon = weather.index(3, 1, 12).unwrap();
    assert_eq!(weather.ghi_w_m2[noon], ghi(date(2021, 3, 1), 720));
    said(&weather, "a typical year composed of months of the years 2001 to 2020");
}

#[test]
fn the_header_says_what_stamps_are() {
    let site = |method: &str| {
        format!(
            "0,Somewhere  United States,NA,-5,44.500,-73.200,41,\"Data Version: 3.6 / Type: Timeseries / \
             Averaging Method: {method} / TD: No\",,,,"
        )
    };
    let span = (date(2020, 2, 27), date(2020, 3, 2));
    let begin = |day: Date, minute: i64| format!("{},{}", us(day), clock(minute));
    let end = parse(&tmy3(&site("End of Period"), span, 60, end_00(60)));
    let start = parse(&tmy3(&site("Beginning of Period"), span, 60, begin));
    assert_eq!(
        local_days(&end),
        (midnight(2020, 2, 27), midnight(2020, 3, 2)),
        "with its leap day"
    );
    assert_eq!((&end.ghi_w_m2, end.start_unix_s), (&start.ghi_w_m2, start.start_unix_s));
    // Instants stand in the middle of their step; the last half step is held.
    let seen = parse(&tmy3(&site("Instantaneous"), span, 60, begin));
    assert_eq!(seen.start_unix_s, end.start_unix_s - 1800);
    assert!(seen.index_at(midnight(2020, 3, 2) + 5 * 3600 - 1).is_ok());
    assert!(seen.index_at(midnight(2020, 3, 2) + 5 * 3600).is_err());
    // Without a word, a file that begins at midnight is stamped at beginnings.
    let silent = parse(&tmy3("0,Here,NA,-5,44.5,-73.2,41,x", span, 60, begin));
    assert_eq!(silent.start_unix_s, start.start_unix_s);
    said(&silent, "time stamps are the starts of intervals of 60 minutes");
    let error = refused(&tmy3(&site("Weighted"), span, 60, begin)).to_string();
    assert!(error.contains("Averaging Method: found"), "{error}");
    // NREL's own files are whole years: a few days of one are a cut file.
    assert!(matches!(refused(&tmy3(NREL, span, 60, end_24(60))), WeatherError::Cut(_)));
}

#[test]
fn a_midnight_that_belongs_to_another_day_is_refused() {
    let good =
        tmy3("0,Here,NA,-5,44.5,-73.2,41,x", (date(2021, 1, 1), date(2021, 1, 4)), 60, end_00(60));
    let wrong = good.replace("01/02/2021,00:00", "01/05/2021,00:00");
    assert!(matches!(refused(&wrong), WeatherError::Order(_)));
    let wrong = good.replace("01/02/2021,00:00", "01/02/2021,24:00");
    assert!(matches!(refused(&wrong), WeatherError::Order(_)));
    let wrong = good.replace("01/02/2021,05:00", "01/02/2021,25:00");
    assert!(matches!(refused(&wrong), WeatherError::Value(_)));
}

// --- EPW -------------------------------------------------------------------------------------------

/// EPW with a row for each given day and hour; the year is what `year` makes of the day.
fn epw(
    period: &str,
    days: impl Iterator<Item = Date>,
    per_hour: i64,
    year: impl Fn(Date) -> i16,
) -> String {
    let mut text = format!(
        "LOCATION,Here,-,-,-,0,48.1,11.6,1,520\nDESIGN CONDITIONS,0\nTYPICAL/EXTREME PERIODS,0\n\
         GROUND TEMPERATURES,0\nHOLIDAYS/DAYLIGHT SAVING,No,0,0,0\nCOMMENTS 1\nCOMMENTS 2\n\
         DATA PERIODS,1,{per_hour},Data,Sunday,{period}\n"
    );
    for day in days {
        for part in 0..24 * per_hour {
            let minute = part * 60 / per_hour;
            let end = if per_hour == 1 { 0 } else { minute % 60 + 60 / per_hour };
            writeln!(
                text,
                "{},{},{},{},{end},?,5,1,80,101325,0,0,300,{},0,{},0,0,0,0,180,2,0,0",
                year(day),
                day.month(),
                day.day(),
                minute / 60 + 1,
                ghi(day, minute),
                ghi(day, minute)
            )
            .unwrap();
        }
    }
    text
}

const WHOLE: &str = " 1/ 1,12/31";

#[test]
fn epw_of_a_leap_year_keeps_its_day() {
    let days = || every_day(date(2020, 1, 1), date(2021, 1, 1));
    let weather = parse(&epw(WHOLE, days(), 1, |day| day.year()));
    assert_eq!((weather.len(), weather.typical_year), (8784, false));
    assert_eq!(local_days(&weather), (midnight(2020, 1, 1), midnight(2021, 1, 1)));
    let at = |month, day| {
        let noon = midnight(2020, month, day) + 11 * 3600;
        weather.ghi_w_m2[weather.index_at(noon).unwrap()]
    };
    assert_eq!((at(2, 29), at(3, 1)), (ghi(date(2020, 2, 29), 720), ghi(date(2020, 3, 1), 720)));
    // A typical year whose February is of 2008 has no place for the day, and says so.
    let mixed = parse(&epw(WHOLE, days(), 1, |day| if day.month() == 2 { 2008 } else { 1999 }));
    assert_eq!((mixed.len(), mixed.typical_year), (8760, true));
    assert_eq!(mixed.ghi_w_m2[mixed.index(3, 1, 12).unwrap()], ghi(date(2020, 3, 1), 720));
    said(&mixed, "29 February is left out");
    // Half a leap day is none.
    let text = epw(WHOLE, days(), 1, |day| if day.month() == 2 { 2008 } else { 1999 });
    let row = text.lines().position(|line| line.starts_with("2008,2,29,13")).unwrap();
    let half: Vec<&str> = text
        .lines()
        .enumerate()
        .filter(|(i, _)| !(row..row + 12).contains(i))
        .map(|(_, l)| l)
        .collect();
    assert!(matches!(refused(&half.join("\n")), WeatherError::Order(_)));
}

#[test]
fn epw_of_one_year_is_dated() {
    let days = || every_day(date(2019, 1, 1), date(2020, 1, 1));
    let weather = parse(&epw(WHOLE, days(), 1, |day| day.year()));
    assert_eq!((weather.len(), weather.typical_year), (8760, false));
    assert_eq!(local_days(&weather), (midnight(2019, 1, 1), midnight(2020, 1, 1)));
    // A leap year without its day, as many programs write it, stands for every year.
    let short = parse(&epw(WHOLE, days(), 1, |_| 2020));
    assert_eq!((short.len(), short.typical_year), (8760, true));
    said(&short, "29 February is not in the file");
    // A part of a year is one where the header says so, and is cut where it does not.
    let summer = || every_day(date(2019, 5, 1), date(2019, 10, 1));
    let part = parse(&epw(" 5/ 1, 9/30", summer(), 1, |day| day.year()));
    assert_eq!(local_days(&part), (midnight(2019, 5, 1), midnight(2019, 10, 1)));
    let cut = refused(&epw(WHOLE, summer(), 1, |day| day.year()));
    assert!(matches!(cut, WeatherError::Cut(_)), "{cut}");
    // From one summer to the next.
    let winter = every_day(date(2018, 7, 1), date(2019, 7, 1));
    let weather = parse(&epw(" 7/ 1/2018, 6/30/2019", winter, 1, |day| day.year()));
    assert_eq!(local_days(&weather), (midnight(2018, 7, 1), midnight(2019, 7, 1)));
}

#[test]
fn epw_of_quarter_hours_says_so_in_its_header() {
    let days = || every_day(date(2019, 1, 1), date(2020, 1, 1));
    let weather = parse(&epw(WHOLE, days(), 4, |day| day.year()));
    assert_eq!((weather.len(), weather.step_s), (35_040, 900));
    let at = weather.index_at(midnight(2019, 6, 21) + 12 * 3600 + 1800 - 3600).unwrap();
    assert_eq!(weather.ghi_w_m2[at], ghi(date(2019, 6, 21), 750));
    let error =
        refused(&epw(WHOLE, days(), 4, |day| day.year()).replace("PERIODS,1,4", "PERIODS,1,7"));
    assert!(error.to_string().contains("records per hour"), "{error}");
}

#[test]
fn an_offset_that_is_no_number_is_refused() {
    let text = epw(WHOLE, every_day(date(2019, 1, 1), date(2020, 1, 1)), 1, |day| day.year());
    let with = |value: &str| {
        text.replacen("COMMENTS 2", &format!("COMMENTS 2,Irradiance Time Offset (h):{value}"), 1)
    };
    let zero = parse(&with(" 0.5"));
    // Hour 1 in the zone +1 is 01:00 UTC and a half: the hour around it begins at 01:00 UTC.
    assert_eq!(zero.start_unix_s, midnight(2019, 1, 1) + 3600);
    let error = refused(&with("soon")).to_string();
    assert!(error.starts_with("w:7:39: Irradiance Time Offset: found `soon`"), "{error}");
}

// --- NSRDB -----------------------------------------------------------------------------------------

/// The bundled year as NSRDB would have it: instants every `step_min` minutes, with the columns asked
/// for.
fn nsrdb(step_min: u32, first_min: i64, columns: &[&str]) -> (String, f64) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/weather/greensboro_tmy3.csv");
    let year = weather::read(&path).unwrap_or_else(|e| panic!("{e}"));
    let step_s = i64::from(step_min) * 60;
    let first_s = midnight(2019, 1, 1) + first_min * 60 - step_s / 2 + 5 * 3600;
    let count = 365 * 1440 / step_min as usize;
    let trace = Trace::from_weather(&year, first_s, step_min * 60, count).unwrap();
    let hours = f64::from(step_min) / 60.0;
    let ac_kwh = power_trace(&trace, &Array::default()).iter().sum::<f64>() * hours;
    let mut text = format!(
        "Source,Location ID,City,State,Country,Latitude,Longitude,Time Zone,Elevation,Local Time Zone,\
         GHI Units,Temperature Units,Version\nNSRDB,1,-,-,-,36.1,-79.95,-5,273,-5,w/m2,c,4.0.0\n\
         Year,Month,Day,Hour,Minute,{},Temperature,Wind Speed\n",
        columns.join(",")
    );
    let start = date(2019, 1, 1).at(0, 0, 0, 0);
    for i in 0..count {
        let minutes = first_min + i as i64 * i64::from(step_min);
        let at = start + jiff::ToSpan::minutes(minutes);
        write!(text, "{},{},{},{},{}", at.year(), at.month(), at.day(), at.hour(), at.minute())
            .unwrap();
        for column in columns {
            let value = match *column {
                "GHI" => trace.ghi_w_m2[i],
                "DNI" => trace.dni_w_m2[i],
                "DHI" => trace.dhi_w_m2[i],
                _ => 0.5,
            };
            write!(text, ",{value}").unwrap();
        }
        writeln!(text, ",{},{}", trace.temperature_c[i], trace.wind_m_s[i]).unwrap();
    }
    (text, ac_kwh)
}

fn year_kwh(weather: &Weather) -> f64 {
    simulate(weather, &Array::default(), PvOptions::default()).ac_kwh
}

#[test]
fn nsrdb_is_read_at_every_step_it_comes_in() {
    for (step_min, first_min) in [(5, 0), (15, 0), (30, 0), (30, 15), (60, 30), (60, 0), (10, 0)] {
        let (text, ac_kwh) = nsrdb(step_min, first_min, &["DHI", "DNI", "GHI", "Surface Albedo"]);
        let weather = parse(&text);
        assert_eq!(weather.len(), 365 * 1440 / step_min as usize);
        assert_eq!((weather.step_s, weather.typical_year), (step_min * 60, false));
        let (first_s, _) = local_days(&weather);
        let half_s = i64::from(step_min) * 30;
        assert_eq!(first_s, midnight(2019, 1, 1) + first_min * 60 - half_s);
        let ours = year_kwh(&weather);
        assert!((ours / ac_kwh - 1.0).abs() < 1e-6, "{step_min} minutes: {ours} and {ac_kwh} kWh");
        // A run of that year is covered from its first to its last minute.
        let whole = Trace::from_weather(&weather, midnight(2019, 1, 1) + 5 * 3600, 900, 35_040);
        assert!(whole.is_ok(), "{:?}", whole.err());
    }
}

#[test]
fn nsrdb_without_beam_or_diffuse_is_completed_and_says_so() {
    let (_, whole_kwh) = nsrdb(60, 30, &["GHI"]);
    for (columns, words, off) in [
        (&["GHI"][..], "Erbs' correlation of 1982", 0.03),
        (&["GHI", "DHI"], "beam irradiance is calculated", 0.01),
        (&["DNI", "GHI"], "diffuse irradiance is calculated", 0.01),
    ] {
        let weather = parse(&nsrdb(60, 30, columns).0);
        let ours = year_kwh(&weather);
        println!("{columns:?}: {ours:.1} of {whole_kwh:.1} kWh");
        assert!((ours / whole_kwh - 1.0).abs() < off, "{columns:?}: {ours} and {whole_kwh} kWh");
        said(&weather, words);
        assert_eq!((weather.dni_w_m2.len(), weather.dhi_w_m2.len()), (8760, 8760));
    }
    said(&parse(&nsrdb(15, 0, &["GHI"]).0), "made for hourly means");
    // Without global irradiance there is nothing to begin with.
    let (text, _) = nsrdb(60, 30, &["Surface Albedo"]);
    assert!(refused(&text).to_string().contains("GHI: found no such column"));
}

#[test]
fn a_real_nsrdb_year_of_global_irradiance_alone_is_near_the_whole_one() {
    let Some(path) = shared("data/weather/denver_nsrdb_psm3.csv") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let whole = parse(&text);
    let columns = "Dew Point,DHI,DNI,GHI";
    for (renamed, off) in
        [("Dew Point,x,y,GHI", 0.02), ("Dew Point,DHI,y,GHI", 0.02), ("Dew Point,x,DNI,GHI", 0.02)]
    {
        let weather = parse(&text.replacen(columns, renamed, 1));
        let (ours, theirs) = (year_kwh(&weather), year_kwh(&whole));
        println!("{renamed}: {ours:.1} of {theirs:.1} kWh");
        assert!((ours / theirs - 1.0).abs() < off, "{renamed}: {ours} and {theirs} kWh");
    }
}

#[test]
fn nsrdb_s_leap_years_and_units() {
    let days = |with: bool| {
        every_day(date(2020, 1, 1), date(2021, 1, 1))
            .filter(move |day| with || (day.month(), day.day()) != (2, 29))
    };
    let text = |with: bool| {
        let mut text = String::from(
            "Source,Location ID,Latitude,Longitude,Time Zone,Elevation,Temperature Units\n\
             NSRDB,1,39.7,-105.1,0,1700,c\nYear,Month,Day,Hour,Minute,GHI,DNI,DHI,Temperature,Wind Speed\n",
        );
        for day in days(with) {
            for hour in 0..24 {
                writeln!(
                    text,
                    "{},{},{},{hour},30,{light},0,{light},5,2",
                    day.year(),
                    day.month(),
                    day.day(),
                    light = ghi(day, hour * 60)
                )
                .unwrap();
            }
        }
        text
    };
    let whole = parse(&text(true));
    assert_eq!((whole.len(), whole.typical_year, whole.location.utc_offset_s), (8784, false, 0));
    let without = parse(&text(false));
    assert_eq!((without.len(), without.typical_year), (8760, true));
    said(&without, "29 February is not in the file");
    let error = refused(&text(true).replacen("1700,c", "1700,f", 1)).to_string();
    assert!(error.contains("Temperature Units: found `f`, expected c"), "{error}");
    // SAM's own short header, without minutes: hours are hours.
    let sam = text(true)
        .replacen("Source,Location ID,", "", 1)
        .replacen("NSRDB,1,", "", 1)
        .replacen("Minute,GHI,DNI,DHI,Temperature,Wind Speed", "x,gh,dn,df,Tdry,Wspd", 1);
    assert_eq!(parse(&sam).ghi_w_m2, whole.ghi_w_m2);
}

// --- What was understood ---------------------------------------------------------------------------

#[test]
fn a_run_says_what_it_understood_of_its_weather() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/weather/greensboro_tmy3.csv");
    let text = format!(
        r#"(name: "s", site: (latitude_deg: 36.1, longitude_deg: -80, time_zone: "America/New_York"),
        start: "2024-06-03", days: 2, weather: File(path: {path:?}),
        grid: (import_limit_kw: 9, export_limit_kw: 9))"#
    );
    let scenario = gridtwin_twin::Scenario::parse(&text, "s.ron").unwrap_or_else(|e| panic!("{e}"));
    let twin = gridtwin_twin::Twin::new(&scenario).unwrap_or_else(|e| panic!("{e}"));
    let inputs = &twin.catalog().inputs;
    let input = inputs.iter().find(|input| input.what == "weather").expect("the weather");
    assert_eq!((input.count, input.step_s, input.span), (8760, 3600, None));
    assert!(input.zone.starts_with("UTC-5") && input.laid.contains("any year"), "{input:?}");
    assert!(input.notes[0].contains("latitude 36.1, longitude -79.95, 273 m"), "{input:?}");
    assert!(input.run_mean > input.mean, "June is bright");
}

#[test]
fn a_wrong_clock_shows_in_the_closure() {
    for (file, later_h) in [("greensboro_tmy3_723170.csv", 3), ("pvgis_45N_8E.epw", 1)] {
        let Some(path) = shared(&format!("data/weather/{file}")) else { return };
        let weather = weather::read(&path).unwrap_or_else(|e| panic!("{e}"));
        let right = weather.understood();
        assert!(
            !right.notes.iter().any(|note| note.contains("check the file")),
            "{:?}",
            right.notes
        );
        let wrong = weather.shifted(later_h * 3600);
        said(&wrong, &format!("with the sun's position {} minutes earlier: check", later_h * 60));
    }
}
