//! The largest that is simulated: what lies beyond is refused at its place with what to do, and what
//! lies just within goes on to its end.

use crate::edge_support::{at, edge, live, scenario};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::record::Outcome;
use gridtwin_twin::scenario::Scenario;
use std::fmt::Write;

fn site(fields: &str) -> String {
    format!(
        "(name: \"x\", start: \"2025-06-01\", days: 1,\n\
         site: (latitude_deg: 40, longitude_deg: -105, time_zone: \"America/Denver\"),\n{fields})"
    )
}

/// How a scenario is refused.
fn refused(fields: &str) -> String {
    let read = Scenario::parse(&site(fields), "x.ron");
    read.map(|_| ()).expect_err("it must be refused").to_string()
}

/// So many entries of a list.
fn many(list: &str, count: usize, entry: impl Fn(usize) -> String) -> String {
    let mut text = format!("{list}: [\n");
    for i in 0..count {
        writeln!(text, "{},", entry(i)).expect("a text");
    }
    text + "],\n"
}

fn servers(count: usize) -> String {
    many("edge_servers", count, |i| {
        format!("(id: \"s{i}\", cores: 1, frequency_ghz: 1, idle_w: 1, busy_w: 2)")
    })
}

#[test]
fn a_number_beyond_a_million_millions_is_refused_with_what_to_check() {
    for (fields, field, value) in [
        ("pv: [(id: \"a\", dc_kw: 1e13, tilt_deg: 9, azimuth_deg: 9)]", "dc_kw", "1e13"),
        ("loads: [(id: \"a\", profile: Constant(power_kw: 2e12))]", "power_kw", "2e12"),
        ("grid: (import_limit_kw: 9, tariff: (price_per_kwh: -1e300))", "price_per_kwh", "-1e300"),
        (
            "batteries: [(id: \"a\", capacity_kwh: 1e-13, charge_kw: 1, discharge_kw: 1)]",
            "capacity_kwh",
            "1e-13",
        ),
    ] {
        let told = refused(fields);
        let column = fields.find(value).expect("the value") + 1;
        assert!(told.starts_with(&format!("x.ron:3:{column}: `{field}`: found")), "{told}");
        assert!(told.contains("expected a number of at"), "{told}");
        assert!(told.contains("check its digits, its decimal point and its unit"), "{told}");
    }
    let largest =
        "loads: [(id: \"a\", profile: Constant(power_kw: 1e12))], grid: (import_limit_kw: 9)";
    assert!(Scenario::parse(&site(largest), "x.ron").is_ok());
}

#[test]
fn more_than_two_thousand_servers_and_switches_are_refused_at_the_longer_list() {
    let told = refused(&(servers(2001) + "grid: (import_limit_kw: 9)"));
    assert!(told.starts_with("x.ron:3:15: found 2001 edge servers and 0 switches"), "{told}");
    assert!(told.contains("expected at most 2000 together"), "{told}");
    assert!(told.contains("one server that has more `cores`"), "{told}");
    let switches = many("switches", 1999, |i| format!("(id: \"w{i}\")"));
    let told = refused(&(switches.clone() + &servers(2) + "grid: (import_limit_kw: 9)"));
    assert!(told.starts_with("x.ron:3:11: found 2 edge servers and 1999 switches"), "{told}");
    let both = site(&(switches + &servers(1) + "grid: (import_limit_kw: 9),"));
    assert!(Scenario::parse(&both, "x.ron").is_ok(), "2000 of both are within the limit");
}

#[test]
fn more_than_four_million_ways_are_refused_at_the_fleets() {
    let fleets = |count| many("devices", count, |i| format!("(id: \"d{i}\", count: 1)"));
    for (count, of_servers, most) in [(2001, 1999, 2000), (40_000, 100, 39_603)] {
        let told = refused(&(fleets(count) + &servers(of_servers) + "grid: (import_limit_kw: 9)"));
        let found =
            format!("x.ron:3:10: found {count} device fleets and {of_servers} edge servers");
        assert!(told.starts_with(&found), "{told}");
        assert!(told.contains(&format!("expected at most {most} fleets")), "{told}");
        assert!(told.contains("one fleet with a higher `count`"), "{told}");
    }
    let within = site(
        &(fleets(1000) + &servers(999) + "policies: (offload: Local), grid: (import_limit_kw: 9),"),
    );
    assert!(Scenario::parse(&within, "x.ron").is_ok(), "a million ways are within the limit");
}

/// Works of centuries, whose sum no number of nanoseconds holds: no overflow, no task forgotten, and
/// a server that has power again begins anew.
#[test]
fn queues_of_centuries_of_work_go_on_to_the_end() {
    for brown_out in ["Migrate", "Lose"] {
        let world = scenario(&format!(
            r#"
            devices: [(id: "d", count: 4, frequency_ghz: 0.5)],
            edge_servers: [
                (id: "a", cores: 1, frequency_ghz: 1e-6, idle_w: 1, busy_w: 2, boot_s: 1),
                (id: "b", cores: 1, frequency_ghz: 1e-6, idle_w: 1, busy_w: 2, boot_s: 1),
            ],
            links: [
                (from: "d", to: "a", latency_ms: 1, rate_mbit_s: 100),
                (from: "d", to: "b", latency_ms: 1, rate_mbit_s: 100),
            ],
            tasks: [(id: "t", from: "d", arrivals: Periodic(every_s: 10), input_kb: Constant(1),
                     megacycles: Constant(1e12), deadline_s: 3)],
            policies: (offload: LeastLoaded, brown_out: {brown_out})"#
        ));
        let mut edge = edge(&world, at(3600.0));
        let step = Span::from_millis(300_000);
        let (mut ended, _) = live(&mut edge, SimTime::ZERO, at(1800.0), step);
        assert!(edge.tasks_at(0) + edge.tasks_at(1) > 600, "all of them wait");
        let mut out = Default::default();
        edge.set_server(0, false, at(1800.0), &mut out);
        edge.advance(at(1810.0), &mut out);
        edge.set_server(0, true, at(1810.0), &mut out);
        let (more, _) = live(&mut edge, at(1810.0), at(3600.0), step);
        ended.extend(more);
        let arrived = edge.arrived(0);
        assert_eq!(arrived, ended.len() as u64 + edge.in_flight(0), "{brown_out}");
        assert_eq!(arrived, 4 * 360);
        assert!(ended.iter().all(|task| task.outcome != Outcome::Completed), "none in time");
        assert_eq!(
            ended.iter().any(|task| task.outcome == Outcome::LostBrownOut),
            brown_out == "Lose"
        );
    }
}
