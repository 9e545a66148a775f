//! The examples in TOPICS.md are what is really published.

use gridtwin_kernel::SimTime;
use gridtwin_link::announce::*;
use serde_json::Value;

const START: &str = "2024-06-17T00:00:00Z";

/// A quarter past noon.
const NOON: SimTime = SimTime(44_100_000_000_000);

fn examples() -> Vec<Message> {
    let at = "2024-06-17T12:15:00Z".to_owned();
    let device = |id: &str, kind: &str, power_kw, soc, source, quality: Option<&str>| DeviceState {
        id: id.to_owned(),
        kind: kind.to_owned(),
        power_kw,
        soc,
        source,
        quality: quality.map(str::to_owned),
    };
    let state = SiteState {
        at: at.clone(),
        pv_kw: 148.2,
        load_kw: 61.374,
        charging_kw: 44.0,
        battery_kw: -40.0,
        genset_kw: 0.0,
        import_kw: 0.0,
        export_kw: 2.826,
        soc: Some(0.637),
        pv_kwh: 512.4,
        load_kwh: 430.115,
        import_kwh: 71.02,
        export_kwh: 9.8,
        charged_kwh: 160.0,
        discharged_kwh: 12.25,
        carbon_g_per_kwh: Some(312.0),
        price_per_kwh: Some(0.24),
        alarms: 1,
        meters: MeterCounts { good: 4, late: 1, silent: 0 },
        devices: vec![
            device("roof-library", "pv", 148.2, None, Source::Meter, Some("good")),
            device("container", "battery", -40.0, Some(0.637), Source::Meter, Some("late")),
            device("library", "load", 61.374, None, Source::Model, None),
        ],
    };
    let interval = |pv: f64, load: f64, price: f64| {
        let estimate = |mean, deviation| Estimate { mean, deviation };
        Interval {
            pv_kw: estimate(pv, pv / 10.0),
            load_kw: estimate(load, 6.5),
            price_per_kwh: estimate(price, 0.0),
            carbon_g_per_kwh: estimate(310.0, 25.0),
        }
    };
    let forecast = Forecast {
        at: at.clone(),
        start: at.clone(),
        step_s: 900,
        currency: "EUR".to_owned(),
        intervals: vec![interval(150.0, 104.0, 0.24), interval(155.5, 101.25, 0.24)],
    };
    let alarm = Alarm {
        at: at.clone(),
        device: "roof-library".to_owned(),
        kind: "soiled-array".to_owned(),
        since: "2024-06-14T09:00:00Z".to_owned(),
        measured_kw: Some(148.2),
        expected_kw: Some(171.0),
        evidence: "For three clear days it has yielded 13 % less than its model.".to_owned(),
        active: true,
    };
    let mut control =
        Control::on(ControlOptions { ramp_kw_per_s: 20.0, ..ControlOptions::default() });
    let wish = Wish {
        device: "container".to_owned(),
        power_kw: -80.0,
        measured_kw: -40.0,
        limits: Limits { min_kw: -250.0, max_kw: 250.0 },
        meter: MeterHealth { last_good: Some(NOON), silent: gridtwin_kernel::Span::HOUR },
    };
    let setpoint = control.set_point(&wish, NOON).expect("a set point");
    let site = SiteInfo {
        id: "campus".to_owned(),
        name: "Campus".to_owned(),
        version: "0.1.0".to_owned(),
        currency: None,
        has_battery: false,
        devices: Vec::new(),
    };
    vec![
        availability_message("campus", true),
        state_message("campus", &state),
        forecast_message("campus", &forecast),
        alarm_message("campus", &alarm),
        setpoint_message("campus", &setpoint, START.parse().unwrap()),
        discovery("homeassistant", &site).swap_remove(0),
    ]
}

/// The topics with their examples, as the page has them: a heading with the topic, then a fence.
fn documented() -> Vec<(String, String)> {
    let page = include_str!("../../TOPICS.md");
    let mut out = Vec::new();
    for section in page.split("\n## `").skip(1) {
        let (topic, rest) = section.split_once('`').expect("a topic");
        let fence = rest.split("```").nth(1).expect("an example");
        let (_, example) = fence.split_once('\n').expect("an example");
        out.push((topic.to_owned(), example.trim().to_owned()));
    }
    out
}

#[test]
fn the_examples_are_what_is_published() {
    let (published, documented) = (examples(), documented());
    for message in &published {
        let example = documented.iter().find(|(topic, _)| *topic == message.topic);
        let (_, example) = example.unwrap_or_else(|| panic!("{} is not documented", message.topic));
        let text = std::str::from_utf8(&message.payload).unwrap();
        let same = match serde_json::from_str::<Value>(text) {
            Ok(value) => serde_json::from_str::<Value>(example).is_ok_and(|e| e == value),
            Err(_) => example == text,
        };
        assert!(same, "{}:\n{}", message.topic, pretty(text));
    }
    assert_eq!(documented.len(), published.len());
}

fn pretty(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => serde_json::to_string_pretty(&value).unwrap(),
        Err(_) => text.to_owned(),
    }
}

#[test]
fn the_table_says_what_the_broker_keeps() {
    let page = include_str!("../../TOPICS.md");
    for message in examples() {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` |", generic(&message.topic))));
        let row = row.unwrap_or_else(|| panic!("no row for {}", message.topic));
        let retained = row.split('|').nth(2).unwrap().trim();
        assert_eq!(retained, if message.retain { "yes" } else { "no" }, "{row}");
    }
}

/// The topic with placeholders.
fn generic(topic: &str) -> String {
    topic
        .replace("gridtwin/campus", "gridtwin/SITE")
        .replace("setpoint/container", "setpoint/DEVICE")
        .replace("gridtwin_campus_pv_kw", "ID")
}

#[test]
fn ids_are_made_fit_for_topics_and_stay_different() {
    assert_eq!(state_topic("campus"), "gridtwin/campus/state");
    assert_eq!(topic_safe("Süd 1"), "Süd 1");
    let odd = ["a/b", "a+b", "a#b", "a_b", "a\u{0}b", "", "$SYS", "_SYS"];
    let safe: std::collections::BTreeSet<String> = odd.iter().map(|id| topic_safe(id)).collect();
    assert_eq!(safe.len(), odd.len());
    for id in safe {
        let bad = |c: char| matches!(c, '+' | '#' | '/') || c.is_control();
        assert!(!id.is_empty() && !id.contains(bad) && !id.starts_with('$'), "{id}");
    }
}

#[test]
fn what_is_not_known_is_null() {
    let state = SiteState { pv_kw: f64::NAN, load_kw: -0.000_01, ..SiteState::default() };
    let value: Value = serde_json::from_slice(&state_message("x", &state).payload).unwrap();
    assert!(value["pv_kw"].is_null() && value["soc"].is_null());
    assert_eq!(value["load_kw"].to_string(), "0.0");
}
