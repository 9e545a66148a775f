//! Gensets hold an island up: they follow the demand, start for want of supply and not a thousand
//! times, and let consumers come back when an overload is over.

use gridtwin_kernel::SimTime;
use gridtwin_twin::record::{Event, EventKind, Observer, Sample};
use gridtwin_twin::{Scenario, Twin};

/// What a run told of supply.
#[derive(Default)]
struct Log {
    starts: u32,
    lost: u32,
    restored: u32,
    unserved_kwh: f64,
    load_kwh: f64,
    curtailed_kwh: f64,
    last_unserved_kw: f64,
}

impl Observer for Log {
    fn sample(&mut self, s: &Sample) {
        let hours = s.step.as_hours_f64();
        self.unserved_kwh += s.flows.unserved_kw * hours;
        self.load_kwh += s.flows.load_kw * hours;
        self.curtailed_kwh += s.flows.curtailed_kw * hours;
        self.last_unserved_kw = s.flows.unserved_kw;
    }
    fn event(&mut self, _at: SimTime, event: &Event) {
        match event.kind {
            EventKind::GensetStarted { .. } => self.starts += 1,
            EventKind::PowerLost { .. } => self.lost += 1,
            EventKind::PowerRestored { .. } => self.restored += 1,
            _ => {}
        }
    }
}

fn run(parts: &str) -> Log {
    let text = format!(
        r#"(name: "island", site: (latitude_deg: -1.3, longitude_deg: 36.8, time_zone: "Africa/Nairobi"),
        start: "2024-02-27", days: 7, {parts})"#
    );
    let mut twin = Twin::new(&Scenario::parse(&text, "island.ron").unwrap()).unwrap();
    let mut log = Log::default();
    twin.advance(twin.end(), &mut log);
    log
}

const WARD: &str = r#"loads: [(id: "ward", profile: Typical(shape: Island, annual_kwh: 20000))],"#;

#[test]
fn a_genset_alone_follows_the_demand_and_dumps_nothing() {
    let log = run(&format!("{WARD} gensets: [(id: \"d\", capacity_kw: 8, minimum_load: 0.1)],"));
    assert_eq!((log.starts, log.lost), (1, 0));
    assert!(log.unserved_kwh < 1e-9 && log.curtailed_kwh < 1e-9, "{}", log.curtailed_kwh);
}

#[test]
fn what_an_overload_took_comes_back_when_it_is_over() {
    let whole = WARD.replace("id: \"ward\"", "id: \"ward\", divisible: false");
    let log = run(&format!("{whole} gensets: [(id: \"d\", capacity_kw: 3.6)],"));
    assert!(log.lost >= 1 && log.restored == log.lost, "{} {}", log.lost, log.restored);
    assert!(log.unserved_kwh > 0.0 && log.unserved_kwh < 0.05 * log.load_kwh);
    assert_eq!(log.last_unserved_kw, 0.0);
}

#[test]
fn a_divisible_load_gives_up_what_an_overload_lacks_and_no_more() {
    let log = run(&format!("{WARD} gensets: [(id: \"d\", capacity_kw: 3.6)],"));
    assert_eq!((log.lost, log.curtailed_kwh), (0, 0.0));
    // The ward's own hours above the genset's 3.6 kW.
    let text = format!(
        r#"(name: "island", site: (latitude_deg: -1.3, longitude_deg: 36.8, time_zone: "Africa/Nairobi"),
        start: "2024-02-27", days: 7, {WARD} gensets: [(id: "d", capacity_kw: 3.6)])"#
    );
    let twin = Twin::new(&Scenario::parse(&text, "island.ron").unwrap()).unwrap();
    let hours = twin.catalog().step.as_hours_f64();
    let above: f64 = twin.load_course_kw(0).iter().map(|kw| (kw - 3.6).max(0.0) * hours).sum();
    assert!(above > 0.0 && (log.unserved_kwh - above).abs() < 1e-6, "{above} {}", log.unserved_kwh);
}

#[test]
fn a_genset_beside_a_weak_battery_does_not_start_all_the_time() {
    let battery = r#"batteries: [(id: "b", capacity_kwh: 10, charge_kw: 5, discharge_kw: 1)],"#;
    let log = run(&format!("{WARD} {battery} gensets: [(id: \"d\", capacity_kw: 8)],"));
    assert!(log.unserved_kwh < 1e-6, "{}", log.unserved_kwh);
    assert!(log.starts <= 7 * 24, "{} starts", log.starts);
}

#[test]
fn a_broken_battery_holds_nothing() {
    let battery = r#"batteries: [(id: "b", capacity_kwh: 40, charge_kw: 8, discharge_kw: 8)],"#;
    let fault =
        r#"faults: [(what: Battery("b"), from: "2024-02-28T06:00", until: "2024-02-28T20:00")],"#;
    let log = run(&format!("{WARD} {battery} {fault} gensets: [(id: \"d\", capacity_kw: 8)],"));
    assert!(log.unserved_kwh < 1e-6, "{}", log.unserved_kwh);
    assert!(log.starts <= 7 * 8, "{} starts", log.starts);
}
