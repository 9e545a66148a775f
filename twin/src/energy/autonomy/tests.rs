//! Small sites worked out by hand.

use super::*;
use proptest::prelude::*;

/// A battery without any loss, used whole, with power to spare.
fn ideal(capacity_kwh: f64) -> Storage {
    Storage {
        capacity_kwh,
        charge_kw: 100.0,
        discharge_kw: 100.0,
        charge_efficiency: 1.0,
        discharge_efficiency: 1.0,
        self_discharge_per_day: 0.0,
        soc_window: (0.0, 1.0),
        grid_forming: true,
    }
}

fn diesel(capacity_kw: f64) -> Generator {
    Generator {
        capacity_kw,
        minimum_kw: 0.0,
        fuel_l_per_kwh: 0.25,
        idle_l_per_h: 1.0,
        thresholds: (0.25, 0.6),
        failures: None,
    }
}

/// Hours of constant demand without sun, the batteries always as full as given.
fn dark(hours: usize, demand_kw: f64, stored_kwh: &[f64]) -> Course {
    Course {
        step_h: 1.0,
        demand_kw: vec![demand_kw; hours],
        pv_kw: vec![0.0; hours],
        stored_kwh: stored_kwh.repeat(hours),
        fuel_l: Vec::new(),
        repeats: false,
    }
}

fn site(batteries: &[Storage], gensets: &[Generator]) -> Site {
    Site { batteries: batteries.to_vec(), gensets: gensets.to_vec(), seed: 1 }
}

fn survive(site: &Site, course: &Course, horizon_h: f64) -> Survival {
    survival(site, course, horizon_h).expect("something to follow")
}

#[test]
fn a_battery_alone_lasts_for_what_it_holds() {
    let s = survive(&site(&[ideal(10.0)], &[]), &dark(48, 2.0, &[10.0]), 24.0);
    assert_eq!((s.starts, s.outages), (48, 48));
    // The last five hours end before it is empty.
    assert_eq!(s.censored, 5);
    assert_eq!((s.mean_h, s.median_h, s.shortest_h, s.longest_h), (5.0, Some(5.0), Some(5.0), 5.0));
    assert_eq!(s.worst_start, Some(0));
    assert_eq!(s.curve[..7], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
    assert_eq!(s.curve.len(), 25);
}

#[test]
fn what_conversion_takes_and_what_must_stay_is_not_there() {
    // (10 - 1) kWh times 0.9 are 8.1 kWh: 8 whole hours of 1 kW, 16 half ones.
    let battery = Storage { soc_window: (0.1, 1.0), discharge_efficiency: 0.9, ..ideal(10.0) };
    let mut course = dark(40, 1.0, &[10.0]);
    assert_eq!(survive(&site(&[battery], &[]), &course, 24.0).median_h, Some(8.0));
    course.step_h = 0.5;
    let s = survive(&site(&[battery], &[]), &course, 15.0);
    assert_eq!((s.starts, s.median_h), (20, Some(8.0)));
    // Half of 20 kWh is gone in a day of rest: E' = -k E - 0.5, k = ln 2 / 24, is at 0 after
    // ln(1 + 20 k / 0.5) / k = 26.54 h.
    let leaky = Storage { self_discharge_per_day: 0.5, ..ideal(20.0) };
    let s = survive(&site(&[leaky], &[]), &dark(60, 0.5, &[20.0]), 48.0);
    assert_eq!(s.median_h, Some(26.0));
}

#[test]
fn what_is_stored_does_not_help_beyond_the_inverter() {
    let weak = Storage { discharge_kw: 2.0, ..ideal(1000.0) };
    let s = survive(&site(&[weak], &[]), &dark(24, 3.0, &[1000.0]), 24.0);
    assert_eq!((s.shortest_h, s.longest_h, s.curve[1]), (Some(0.0), 0.0, 0.0));
    // Two of them give 4 kW; the second one holds up the first.
    let pair = [weak, Storage { grid_forming: false, ..weak }];
    let s = survive(&site(&pair, &[]), &dark(24, 3.0, &[1000.0, 1000.0]), 12.0);
    assert_eq!((s.shortest_h, s.longest_h), (None, 12.0));
}

#[test]
fn sun_alone_holds_nothing_up() {
    let mut course = dark(24, 1.0, &[50.0]);
    course.pv_kw.fill(5.0);
    let following = Storage { grid_forming: false, ..ideal(50.0) };
    assert_eq!(survive(&site(&[following], &[]), &course, 5.0).longest_h, 0.0);
    course.stored_kwh.clear();
    assert_eq!(survive(&site(&[], &[]), &course, 5.0).longest_h, 0.0);
}

/// 1 kW of demand always, 3 kW of sun from 6 to 18 o'clock, 6 kWh stored at every hour.
fn year_of_sun() -> Course {
    let hours = 8760;
    Course {
        pv_kw: (0..hours).map(|h| if (6..18).contains(&(h % 24)) { 3.0 } else { 0.0 }).collect(),
        stored_kwh: vec![6.0; hours],
        repeats: true,
        ..dark(hours, 1.0, &[])
    }
}

#[test]
fn sun_by_day_decides_by_the_hour_of_the_start() {
    // A night needs 12 kWh at sunset. From 0 to 15 o'clock it is there then, for ever; from 16 on
    // there are 10 kWh (12 h), from 17 on 8 kWh (9 h), and by night 6 kWh last 6 h.
    let s = survive(&site(&[ideal(12.0)], &[]), &year_of_sun(), 168.0);
    assert_eq!((s.starts, s.censored, s.curve.len()), (8760, 0, 169));
    let share = |hours: f64| hours / 24.0;
    let near = |ours: f64, theirs: f64| assert!((ours - theirs).abs() < 1e-12, "{ours}, {theirs}");
    for (h, survive) in
        [(6, 24.0), (7, 18.0), (9, 18.0), (10, 17.0), (12, 17.0), (13, 16.0), (168, 16.0)]
    {
        near(s.curve[h], share(survive));
    }
    assert!((s.mean_h - share(16.0 * 168.0 + 12.0 + 9.0 + 6.0 * 6.0)).abs() < 1e-9, "{}", s.mean_h);
    assert_eq!((s.median_h, s.shortest_h, s.worst_start), (None, Some(6.0), Some(18)));
    assert_eq!(s.longest_h, 168.0);
}

#[test]
fn a_genset_lasts_for_its_tank() {
    let course = |litres: f64| Course { fuel_l: vec![litres; 96], ..dark(96, 10.0, &[]) };
    // 0.25 * 10 + 1 l/h.
    let s = survive(&site(&[], &[diesel(20.0)]), &course(35.0), 48.0);
    assert_eq!((s.median_h, s.longest_h), (Some(10.0), 10.0));
    // At 15 kW at least: 4.75 l/h.
    let stiff = Generator { minimum_kw: 15.0, ..diesel(20.0) };
    assert_eq!(survive(&site(&[], &[stiff]), &course(35.0), 48.0).longest_h, 7.0);
    assert_eq!(survive(&site(&[], &[diesel(20.0)]), &course(0.0), 48.0).longest_h, 0.0);
    assert_eq!(survive(&site(&[], &[diesel(9.0)]), &course(1e9), 48.0).longest_h, 0.0);
    let endless = survive(&site(&[], &[diesel(20.0)]), &course(f64::INFINITY), 48.0);
    assert_eq!((endless.shortest_h, endless.longest_h), (None, 48.0));
    // Two of 6 kW share 10 kW: 6 and 4 kW, 2.5 and 2 l/h. The first one's 35 l end after 14 h.
    let two = Course { fuel_l: vec![35.0; 192], ..dark(96, 10.0, &[]) };
    let s = survive(&site(&[], &[diesel(6.0), diesel(6.0)]), &two, 48.0);
    assert_eq!(s.longest_h, 14.0);
}

#[test]
fn a_genset_fills_the_battery_and_rests() {
    // 100 kWh, full: 7 h of 10 kW, then 30 kWh are left, and at 25 kWh or below it starts: after 8 h
    // (20 kWh) it runs at 30 kW until 60 kWh are there, 2 h of 8.5 l each.
    let course = Course { fuel_l: vec![17.0; 60], ..dark(60, 10.0, &[100.0]) };
    let s = survive(&site(&[ideal(100.0)], &[diesel(30.0)]), &course, 48.0);
    // 17 l make 60 kWh, with 100 kWh in the battery 16 hours of 10 kW.
    assert_eq!(s.median_h, Some(16.0));
}

#[test]
fn gensets_that_fail_are_there_with_their_probability() {
    let failures = Failures { mean_h_to_failure: 100.0, mean_h_to_repair: 100.0 };
    let unsure = Generator { failures: Some(failures), ..diesel(20.0) };
    let mut course = Course { fuel_l: vec![1e9; 8760], ..dark(8760, 10.0, &[]) };
    course.repeats = true;
    let s = survive(&site(&[], &[unsure]), &course, 100.0);
    // In order at the start with 1/2, and still so at the beginning of the last hour.
    for h in [1, 10, 50, 100] {
        let expected = 0.5 * (-(h as f64 - 1.0) / 100.0).exp();
        assert!((s.curve[h] - expected).abs() < 0.02, "{h} h: {} and {expected}", s.curve[h]);
    }
    assert_eq!(s, survive(&site(&[], &[unsure]), &course, 100.0), "the same seed, the same draws");
    // A day has 24 starts, each tried many times.
    let day = Course { fuel_l: vec![1e9; 24], ..dark(24, 10.0, &[]) };
    let s = survive(&site(&[], &[unsure]), &day, 12.0);
    assert_eq!((s.starts, s.outages), (24, 2400));
    assert!((s.curve[1] - 0.5).abs() < 0.04, "{}", s.curve[1]);
}

#[test]
fn starts_whose_end_is_not_reached_are_counted_apart() {
    // Sun for ever from hour 12 on, nothing before: the first 12 starts fail at once, the others
    // are cut short at the run's end.
    let mut course = dark(24, 1.0, &[0.0]);
    course.pv_kw[12..].fill(2.0);
    let s = survive(&site(&[ideal(10.0)], &[]), &course, 168.0);
    assert_eq!((s.censored, s.shortest_h, s.longest_h), (12, Some(0.0), 12.0));
    assert_eq!(s.curve, [&[1.0][..], &[0.5; 12]].concat());
    assert!(survival(&site(&[], &[]), &Course::default(), 168.0).is_none());
    let other = site(&[ideal(10.0), ideal(10.0)], &[]);
    assert!(survival(&other, &course, 168.0).is_none(), "a course of one battery for two");
    assert!(survived(&other, &course, 0, 168.0).is_none());
    assert!(survived(&site(&[ideal(10.0)], &[]), &course, 24, 168.0).is_none(), "past its end");
}

proptest! {
    #[test]
    fn more_of_anything_never_shortens_it(
        demand in prop::collection::vec(0.1..5.0f64, 72),
        pv in prop::collection::vec(0.0..8.0f64, 72),
        stored in 0.0..20.0f64, more in 0.0..20.0f64, efficiency in 0.7..1.0f64,
    ) {
        let battery = Storage {
            charge_efficiency: efficiency, discharge_efficiency: efficiency, discharge_kw: 6.0,
            self_discharge_per_day: 0.01, soc_window: (0.1, 0.9), ..ideal(60.0)
        };
        let course = |stored: f64| Course {
            demand_kw: demand.clone(), pv_kw: pv.clone(), ..dark(72, 0.0, &[stored])
        };
        let s = survive(&site(&[battery], &[]), &course(stored), 24.0);
        let t = survive(&site(&[battery], &[]), &course(stored + more), 24.0);
        prop_assert!(s.curve.windows(2).all(|w| w[1] <= w[0]), "{:?}", s.curve);
        // Outage by outage: an estimate over outages that the run cuts short need not rise with each.
        for start in 0..72 {
            let hours = |stored: f64| {
                survived(&site(&[battery], &[]), &course(stored), start, 24.0).map(|s| s.hours)
            };
            prop_assert!(hours(stored + more) >= hours(stored), "from {start}");
        }
        prop_assert!(t.longest_h >= s.longest_h);
    }
}
