//! Promise: weather laid out on a run's steps keeps every hour's energy, has the shape of the sky
//! inside the hour, and says where it ends.

use std::path::Path;

use gridtwin_twin::pv::{Array, PvOptions, power_trace, simulate};
use gridtwin_twin::weather::{self, Trace, Weather, WeatherError};

fn year() -> Weather {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/weather/greensboro_tmy3.csv");
    weather::read(&path).unwrap_or_else(|e| panic!("{e}"))
}

/// 21 June 2023 at 00:00 local standard time.
const SOLSTICE: i64 = 1_687_323_600;

#[test]
fn every_hour_keeps_its_energy() {
    let weather = year();
    for (step_s, start) in
        [(60, SOLSTICE), (300, SOLSTICE), (900, SOLSTICE + 1800), (1200, SOLSTICE)]
    {
        let per_hour = 3600 / step_s as usize;
        let trace = Trace::from_weather(&weather, start, step_s, 40 * 24 * per_hour).unwrap();
        let skip = (3600 - (start - SOLSTICE) as usize) % 3600 / step_s as usize;
        for (fine, coarse) in [
            (&trace.ghi_w_m2, &weather.ghi_w_m2),
            (&trace.dni_w_m2, &weather.dni_w_m2),
            (&trace.dhi_w_m2, &weather.dhi_w_m2),
        ] {
            for (k, hour) in fine[skip..].chunks_exact(per_hour).enumerate() {
                let at = SOLSTICE + 3600 * (k as i64 + i64::from(skip > 0));
                let expected = coarse[weather.index_at(at).unwrap()];
                let mean = hour.iter().sum::<f64>() / per_hour as f64;
                assert!((mean - expected).abs() < 1e-9, "{mean} is not {expected} at {at}");
            }
        }
    }
}

#[test]
fn the_year_in_minutes_gives_nearly_the_years_energy() {
    let weather = year();
    let hourly = simulate(&weather, &Array::default(), PvOptions::default()).ac_kwh;
    let start = weather.start_unix_s;
    let trace = Trace::from_weather(&weather, start, 60, 525_600).unwrap();
    assert!(trace.dni_w_m2.iter().all(|&v| (0.0..=1300.0).contains(&v)));
    assert!(trace.ghi_w_m2.iter().all(|&v| (0.0..=1300.0).contains(&v)));
    let minutes = power_trace(&trace, &Array::default()).iter().sum::<f64>() / 60.0;
    println!("hours {hourly:.2} kWh, minutes {minutes:.2} kWh");
    assert!((minutes / hourly - 1.0).abs() < 0.01, "{minutes} kWh against {hourly} kWh");
}

#[test]
fn hourly_steps_are_the_file_itself() {
    let weather = year();
    let trace = Trace::from_weather(&weather, weather.start_unix_s, 3600, 8760).unwrap();
    assert_eq!(trace.ghi_w_m2, weather.ghi_w_m2);
    assert_eq!(trace.wind_m_s, weather.wind_m_s);
    let own = simulate(&weather, &Array::default(), PvOptions::default());
    let power = power_trace(&trace, &Array::default());
    assert_eq!(power, own.steps.iter().map(|s| s.ac_kw).collect::<Vec<_>>());
}

#[test]
fn misaligned_and_longer_steps_keep_the_days_energy() {
    let weather = year();
    for (step_s, start) in [(3600, SOLSTICE + 1234), (7200, SOLSTICE), (2700, SOLSTICE + 60)] {
        let days = 30;
        let count = days * 86_400 / step_s as usize;
        let trace = Trace::from_weather(&weather, start, step_s, count).unwrap();
        let ours = trace.ghi_w_m2.iter().sum::<f64>() * f64::from(step_s) / 3600.0;
        let first = weather.index_at(SOLSTICE).unwrap();
        let theirs = weather.ghi_w_m2[first..first + days * 24].iter().sum::<f64>();
        assert!((ours / theirs - 1.0).abs() < 1e-6, "{ours} is not {theirs} at {step_s} s");
    }
}

#[test]
fn a_run_over_new_year_and_a_leap_day_is_served() {
    let weather = year();
    let start = 1_703_998_800; // 2023-12-31T00:00-05:00
    let trace = Trace::from_weather(&weather, start, 900, 96 * 70).unwrap();
    assert!(trace.ghi_w_m2.iter().all(|v| v.is_finite()));
    let first_of_march = &trace.ghi_w_m2[96 * 61..96 * 62];
    let sum = first_of_march.iter().sum::<f64>() / 4.0;
    let own = weather.index(3, 1, 0).unwrap();
    let theirs = weather.ghi_w_m2[own..own + 24].iter().sum::<f64>();
    assert!((sum - theirs).abs() < 1e-6);
}

#[test]
fn a_run_of_no_steps_is_empty_and_one_past_the_end_is_refused() {
    let mut weather = year();
    assert!(Trace::from_weather(&weather, 0, 60, 0).unwrap().is_empty());
    weather.typical_year = false;
    for column in [
        &mut weather.ghi_w_m2,
        &mut weather.dni_w_m2,
        &mut weather.dhi_w_m2,
        &mut weather.temperature_c,
        &mut weather.wind_m_s,
    ] {
        column.truncate(48);
    }
    let start = weather.start_unix_s;
    assert!(Trace::from_weather(&weather, start, 300, 288).is_ok());
    let past = Trace::from_weather(&weather, start, 300, 288 * 2 + 1).unwrap_err();
    assert!(matches!(past, WeatherError::NotCovered { .. }), "{past}");
}
