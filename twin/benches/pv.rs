//! How fast the sun and the PV chain are: sun positions per second, and a year in one-minute steps
//! from weather to power.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use gridtwin_twin::pv::{Array, PvOptions, power_trace, simulate};
use gridtwin_twin::sun::{Observer, SunPath, position};
use gridtwin_twin::weather::{Location, Trace, Weather};

#[global_allocator]
static ALLOC: divan::AllocProfiler = divan::AllocProfiler::system();

const MINUTES: usize = 525_600;
/// 1 January 1990, 05:00 UTC.
const START: i64 = 631_170_000;

fn main() {
    divan::main();
}

/// A year at some place, in steps of that many seconds, without clouds.
fn weather(step_s: u32) -> Weather {
    let location = Location {
        latitude_deg: 36.1,
        longitude_deg: -79.95,
        altitude_m: 273.0,
        utc_offset_s: -18_000,
    };
    let count = 365 * 86_400 / step_s as usize;
    let path = SunPath::new(&location.observer(), START, START + 365 * 86_400);
    let up = |i: usize| {
        let middle = START as f64 + (i as f64 + 0.5) * f64::from(step_s);
        path.direction(middle).up.max(0.0)
    };
    Weather {
        location,
        source: "bench",
        start_unix_s: START,
        step_s,
        typical_year: true,
        held_s: 0,
        notes: Vec::new(),
        ghi_w_m2: (0..count).map(|i| 900.0 * up(i)).collect(),
        dni_w_m2: (0..count).map(|i| 800.0 * up(i).sqrt()).collect(),
        dhi_w_m2: (0..count).map(|i| 150.0 * up(i)).collect(),
        temperature_c: vec![15.0; count],
        wind_m_s: vec![3.0; count],
        pressure_pa: None,
    }
}

#[divan::bench]
fn sun_fast(bencher: Bencher) {
    let path = SunPath::new(&Observer::new(36.1, -79.95, 273.0), START, START + 366 * 86_400);
    bencher.counter(ItemsCount::new(MINUTES)).bench(|| {
        (0..MINUTES).map(|i| path.position(START as f64 + 60.0 * i as f64).zenith_deg).sum::<f64>()
    });
}

#[divan::bench]
fn sun_exact(bencher: Bencher) {
    let observer = Observer::new(36.1, -79.95, 273.0);
    bencher.counter(ItemsCount::new(1000_usize)).bench(|| {
        (0..1000)
            .map(|i| position(START as f64 + 60.0 * f64::from(i), &observer).zenith_deg)
            .sum::<f64>()
    });
}

/// Sun, plane, cell, modules and inverter for a year given in minutes, every step kept.
#[divan::bench]
fn minute_year(bencher: Bencher) {
    let weather = weather(60);
    bencher
        .counter(ItemsCount::new(MINUTES))
        .bench(|| simulate(black_box(&weather), &Array::default(), PvOptions::default()));
}

/// The same with the weather laid out for any number of arrays.
#[divan::bench]
fn minute_year_by_trace(bencher: Bencher) {
    let weather = weather(60);
    bencher.counter(ItemsCount::new(MINUTES)).bench(|| {
        let trace = Trace::from_weather(black_box(&weather), START, 60, MINUTES).unwrap();
        power_trace(&trace, &Array::default())
    });
}

/// The same from a year given in hours.
#[divan::bench]
fn minute_year_from_hours(bencher: Bencher) {
    let weather = weather(3600);
    bencher.counter(ItemsCount::new(MINUTES)).bench(|| {
        let trace = Trace::from_weather(black_box(&weather), START, 60, MINUTES).unwrap();
        power_trace(&trace, &Array::default())
    });
}

/// One more array under a trace that is there already.
#[divan::bench]
fn minute_year_another_array(bencher: Bencher) {
    let trace = Trace::from_weather(&weather(60), START, 60, MINUTES).unwrap();
    bencher.bench(|| power_trace(black_box(&trace), &Array::default()));
}

/// The sun's directions alone.
#[divan::bench]
fn sun_series(bencher: Bencher) {
    let path = SunPath::new(&Observer::new(36.1, -79.95, 273.0), START, START + 366 * 86_400);
    bencher
        .counter(ItemsCount::new(MINUTES))
        .bench(|| path.directions(START as f64, 60.0, MINUTES).map(|d| d.up + d.east).sum::<f64>());
}
