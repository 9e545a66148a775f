//! Promise: hours survived from an hour of a run are those that the twin itself survives where the
//! grid really fails then, or where an island really has no fuel, within one step.

use gridtwin_kernel::SimTime;
use gridtwin_twin::energy::autonomy::{Course, Site, survived};
use gridtwin_twin::record::{Event, Observer, Sample};
use gridtwin_twin::{Scenario, Twin};

/// What an outage asks of a run, and when demand was first not met.
#[derive(Default)]
struct Log {
    demand_kw: Vec<f64>,
    pv_kw: Vec<f64>,
    soc: Vec<f64>,
    short_at: Option<SimTime>,
    step_h: f64,
}

impl Observer for Log {
    fn sample(&mut self, s: &Sample) {
        self.step_h = s.step.as_hours_f64();
        self.demand_kw.push(s.flows.load_kw);
        self.pv_kw.push(s.flows.pv_kw);
        self.soc.extend(s.batteries.iter().map(|battery| battery.soc));
        if s.flows.unserved_kw > 1e-6 {
            self.short_at.get_or_insert(s.at);
        }
    }
    fn event(&mut self, _at: SimTime, _event: &Event) {}
}

const DAYS: usize = 6;

fn scenario(parts: &str) -> Scenario {
    let text = format!(
        r#"(name: "s", site: (latitude_deg: 48.1, longitude_deg: 11.6, time_zone: "Etc/GMT-1"),
        start: "2024-04-02", days: {DAYS}, step_s: 900, seed: 3,
        loads: [(id: "l", profile: Typical(shape: Residential, annual_kwh: 30000))], {parts})"#
    );
    Scenario::parse(&text, "s.ron").unwrap_or_else(|e| panic!("{e}"))
}

fn run(scenario: &Scenario) -> Log {
    let mut twin = Twin::new(scenario).unwrap_or_else(|e| panic!("{e}"));
    let mut log = Log::default();
    twin.advance(twin.end(), &mut log);
    log
}

/// The run as an outage sees it; the batteries begin with `soc_start`.
fn course(scenario: &Scenario, log: &Log, soc_start: &[f64], fuel_l: f64) -> Course {
    let kwh: Vec<f64> = scenario.batteries.iter().map(|b| b.capacity_kwh.get()).collect();
    let before = soc_start.iter().chain(&log.soc).take(log.soc.len());
    Course {
        step_h: log.step_h,
        demand_kw: log.demand_kw.clone(),
        pv_kw: log.pv_kw.clone(),
        stored_kwh: before.zip(kwh.iter().cycle()).map(|(soc, kwh)| soc * kwh).collect(),
        fuel_l: vec![fuel_l; log.demand_kw.len() * scenario.gensets.len()],
        repeats: false,
    }
}

const HOME: &str = r#"
    pv: [(id: "p", dc_kw: 14, tilt_deg: 30, azimuth_deg: 180)],
    batteries: [
        (id: "a", capacity_kwh: 25, charge_kw: 8, discharge_kw: 9, self_discharge_per_day: 0.02),
        (id: "b", capacity_kwh: 12, charge_kw: 3, discharge_kw: 4, charge_efficiency: 0.9, soc_start: 0.8),
    ],"#;

#[test]
fn a_real_outage_lasts_as_long_as_was_foretold() {
    let grid = "grid: (import_limit_kw: 50, export_limit_kw: 50";
    let calm = scenario(&format!("{HOME} {grid}),"));
    let log = run(&calm);
    assert_eq!(log.short_at, None);
    let course = course(&calm, &log, &[0.5, 0.8], 0.0);
    let site = Site::new(&calm);
    let mut lengths = Vec::new();
    for hour in [0, 3, 7, 12, 16, 19, 22, 30, 41, 57, 68, 90] {
        let day = 2 + hour / 24;
        let outage = format!(
            "{HOME} {grid}, outages: [(from: \"2024-04-{day:02}T{:02}:00\", until: \"2024-04-30T00:00\")]),",
            hour % 24
        );
        let real = run(&scenario(&outage)).short_at.expect("it ends some time");
        let real_h = real.as_hours_f64() - hour as f64;
        let told = survived(&site, &course, hour * 4, 1e3).expect("a start within the run");
        assert!((told.hours - real_h).abs() <= 0.25, "hour {hour}: {told:?}, in truth {real_h} h");
        assert!(told.fell_short);
        lengths.push(real_h);
    }
    let (least, most) = lengths.iter().fold((f64::MAX, 0.0_f64), |(a, b), &h| (a.min(h), b.max(h)));
    assert!(least < 12.0 && most > 20.0, "the starts differ: {lengths:?}");
}

#[test]
fn an_island_without_fuel_lasts_as_long_as_was_foretold() {
    // The run has fuel without end; the same island without a genset is one without fuel.
    let diesel = "gensets: [(id: \"d\", capacity_kw: 8, minimum_load: 0.2, start_below_soc: 0.3)],";
    let island = scenario(&format!("{HOME} {diesel}"));
    let log = run(&island);
    assert_eq!(log.short_at, None);
    let course = course(&island, &log, &[0.5, 0.8], 0.0);
    let told = survived(&Site::new(&island), &course, 0, 1e3).expect("a start");
    let real_h = run(&scenario(HOME)).short_at.expect("it ends some time").as_hours_f64();
    assert!((told.hours - real_h).abs() <= 0.25, "{told:?}, in truth {real_h} h");
    // With fuel it goes on to the end of the run.
    let endless = Course { fuel_l: vec![f64::INFINITY; course.len()], ..course };
    let told = survived(&Site::new(&island), &endless, 0, 1e3).expect("a start");
    assert_eq!((told.hours, told.fell_short), (24.0 * DAYS as f64, false));
}
