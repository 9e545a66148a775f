//! What has a meter follows it: for the interval that it is about, within what devices can do, and
//! with energy conserved.

use gridtwin_twin::record::{Observer, Sample};
use gridtwin_twin::scenario::{Change, Metered};
use gridtwin_twin::{Scenario, Twin};
use proptest::prelude::*;

const SITE: &str = r#"(
    name: "metered", site: (latitude_deg: 49.0, longitude_deg: 8.4, time_zone: "Europe/Berlin"),
    start: "2024-06-17T10:00", days: 1, step_s: 300,
    pv: [(id: "roof", dc_kw: 100, tilt_deg: 20, azimuth_deg: 180), (id: "wall", dc_kw: 20, tilt_deg: 90, azimuth_deg: 180)],
    batteries: [
        (id: "old", capacity_kwh: 50, charge_kw: 30, discharge_kw: 30, soc_start: 0.5),
        (id: "new", capacity_kwh: 50, charge_kw: 30, discharge_kw: 30, soc_start: 0.5),
    ],
    loads: [(id: "house", profile: Constant(power_kw: 10)), (id: "barn", profile: Constant(power_kw: 5))],
    chargers: [(id: "yard", count: 2, power_kw: 11, sessions: Elaad(place: Workplace, per_weekday: 4, per_weekend_day: 0))],
    grid: (import_limit_kw: 200, export_limit_kw: 200, tariff: (currency: "EUR", price_per_kwh: 0.3)),
)"#;

fn site() -> Twin {
    Twin::new(&Scenario::parse(SITE, "metered.ron").unwrap()).unwrap()
}

/// Keeps every sample.
#[derive(Default)]
struct Log(Vec<Sample>);

impl Observer for Log {
    fn sample(&mut self, sample: &Sample) {
        self.0.push(sample.clone());
    }
}

fn one_interval(twin: &mut Twin) -> Sample {
    let mut log = Log::default();
    let step = twin.catalog().step;
    twin.advance(twin.now() + step, &mut log);
    log.0.remove(0)
}

#[test]
fn what_is_metered_is_what_happens_and_the_rest_follows_its_model() {
    let mut twin = site();
    let mut model = twin.clone();
    let metered = Metered {
        pv_kw: vec![Some(33.0), None],
        loads_kw: vec![None, Some(7.5)],
        batteries_kw: vec![Some(-4.0)],
        soc: vec![None, Some(0.8)],
        chargers_kw: vec![Some(13.0)],
    };
    twin.follow(&metered).unwrap();
    let (seen, expected) = (one_interval(&mut twin), one_interval(&mut model));
    assert_eq!((seen.pv_kw[0], seen.pv_kw[1]), (33.0, expected.pv_kw[1]));
    assert_eq!(seen.loads_kw, [10.0, 7.5]);
    assert!((seen.batteries[0].power_kw + 4.0).abs() < 1e-9);
    assert!((seen.batteries[1].soc - 0.8).abs() < 0.06);
    assert!((seen.chargers_kw[0] - 13.0).abs() < 1e-9);
    // For that interval, and no longer.
    let (next, expected) = (one_interval(&mut twin), one_interval(&mut model));
    assert_eq!((&next.pv_kw, &next.loads_kw), (&expected.pv_kw, &expected.loads_kw));
}

#[test]
fn a_metered_battery_gives_more_than_the_site_needs_and_the_grid_takes_it() {
    let mut twin = site();
    twin.follow(&Metered {
        pv_kw: vec![Some(0.0), Some(0.0)],
        batteries_kw: vec![Some(25.0), Some(20.0)],
        chargers_kw: vec![Some(0.0)],
        ..Metered::default()
    })
    .unwrap();
    let seen = one_interval(&mut twin);
    assert!((seen.flows.discharge_kw - 45.0).abs() < 1e-9);
    assert!((seen.flows.export_kw - 30.0).abs() < 1e-9, "{:?}", seen.flows);
}

#[test]
fn a_reading_is_a_change_like_any_other() {
    let metered = Metered { pv_kw: vec![Some(12.0)], ..Metered::default() };
    let (mut followed, mut changed) = (site(), site());
    followed.follow(&metered).unwrap();
    changed.apply(&Change::Metered(metered)).unwrap();
    assert_eq!(one_interval(&mut followed), one_interval(&mut changed));
}

#[test]
fn a_reading_that_is_no_number_changes_nothing() {
    let mut twin = site();
    let bad = Metered { loads_kw: vec![Some(5.0), Some(f64::NAN)], ..Metered::default() };
    assert!(twin.follow(&bad).is_err());
    assert_eq!(one_interval(&mut twin), one_interval(&mut site()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn energy_is_conserved_whatever_meters_say(
        readings in prop::collection::vec(
            (0.0..200.0f64, 0.0..200.0f64, -80.0..80.0f64, -80.0..80.0f64, 0.0..1.0f64, -5.0..60.0f64, 0u8..32),
            1..40,
        ),
    ) {
        let mut twin = site();
        for (pv, load, old, new, soc, cars, which) in readings {
            let some = |bit: u8, value: f64| (which & (1 << bit) != 0).then_some(value);
            twin.follow(&Metered {
                pv_kw: vec![some(0, pv), None],
                loads_kw: vec![some(1, load)],
                batteries_kw: vec![some(2, old), some(3, new)],
                soc: vec![some(4, soc)],
                chargers_kw: vec![some(1, cars)],
            }).unwrap();
            let sample = one_interval(&mut twin);
            prop_assert!(sample.residual_kwh.abs() < 1e-9, "{}", sample.residual_kwh);
            prop_assert!(sample.batteries.iter().all(|b| (0.0..=1.0).contains(&b.soc)));
            for (battery, (bit, asked)) in sample.batteries.iter().zip([(2, old), (3, new)]) {
                if let Some(asked) = some(bit, asked) {
                    // What it was bound to, or less where it was full or empty.
                    prop_assert!(battery.power_kw * asked >= -1e-9);
                    prop_assert!(battery.power_kw.abs() <= asked.abs() + 1e-9);
                }
            }
        }
    }
}
