//! Promise: the synthetic sky looks like weather: its daily clearness, its hourly ramps and their
//! memory are within the range of real typical years.

use crate::common::shared;
use gridtwin_kernel::Streams;
use gridtwin_twin::record::{Catalog, Observer, Sample};
use gridtwin_twin::weather::{self, ClearSky, Climate, Location, Trace, pressure_at_altitude_pa};
use gridtwin_twin::{Scenario, Twin};

const GREENSBORO: Location = Location {
    latitude_deg: 36.1,
    longitude_deg: -79.95,
    altitude_m: 273.0,
    utc_offset_s: -18_000,
};
const SAND_POINT: Location = Location {
    latitude_deg: 55.317,
    longitude_deg: -160.517,
    altitude_m: 7.0,
    utc_offset_s: -32_400,
};
/// 1 January 1990 in UTC.
const NEW_YEAR: i64 = 631_152_000;

/// What makes a sky look like weather.
#[derive(Debug)]
struct Looks {
    clearness_mean: f64,
    clearness_deviation: f64,
    clearness_memory: f64,
    low_day: f64,
    high_day: f64,
    index_memory: f64,
    ramp_mean: f64,
    ramp_deviation: f64,
    ramp_memory: f64,
}

fn looks(trace: &Trace) -> Looks {
    let place = trace.location;
    let sky = ClearSky::new(place.altitude_m, pressure_at_altitude_pa(place.altitude_m), 3.0);
    let mut days = vec![(0.0, 0.0); trace.len() / 24];
    let mut index = Vec::new();
    for (i, sun) in trace.sun.iter().enumerate() {
        let up = sun.direction.up.max(0.0);
        days[i / 24].0 += trace.ghi_w_m2[i];
        days[i / 24].1 += up * sun.extraterrestrial_w_m2;
        index.push(if sun.direction.zenith_deg() < 75.0 {
            let clear = sky.irradiance(up, sun.airmass, sun.extraterrestrial_w_m2);
            trace.ghi_w_m2[i] / clear.ghi_w_m2
        } else {
            f64::NAN
        });
    }
    let mut daily: Vec<f64> = days.iter().map(|(got, above)| got / above).collect();
    let ramps: Vec<f64> = index.windows(2).map(|w| w[1] - w[0]).collect();
    let known: Vec<f64> = ramps.iter().copied().filter(|r| !r.is_nan()).collect();
    let (clearness_mean, clearness_deviation) = moments(&daily);
    let clearness_memory = memory(&daily);
    daily.sort_by(f64::total_cmp);
    Looks {
        clearness_mean,
        clearness_deviation,
        clearness_memory,
        low_day: daily[daily.len() / 10],
        high_day: daily[daily.len() * 9 / 10],
        index_memory: memory(&index),
        ramp_mean: known.iter().map(|r| r.abs()).sum::<f64>() / known.len() as f64,
        ramp_deviation: moments(&known).1,
        ramp_memory: memory(&ramps),
    }
}

fn moments(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
    (mean, variance.sqrt())
}

/// Correlation of neighbours, where both are known.
fn memory(values: &[f64]) -> f64 {
    let pairs: Vec<_> = values.windows(2).filter(|w| !w[0].is_nan() && !w[1].is_nan()).collect();
    let (first, first_deviation) = moments(&pairs.iter().map(|w| w[0]).collect::<Vec<_>>());
    let (second, second_deviation) = moments(&pairs.iter().map(|w| w[1]).collect::<Vec<_>>());
    let product: f64 = pairs.iter().map(|w| (w[0] - first) * (w[1] - second)).sum();
    product / pairs.len() as f64 / first_deviation / second_deviation
}

fn synthetic(place: &Location, clearness: f64, seed: u64) -> Trace {
    let climate = Climate { clearness, ..Climate::typical(place) };
    let start = NEW_YEAR - i64::from(place.utc_offset_s);
    climate.trace(place, start, 3600, 8760, Streams::new(seed).stream("sky"))
}

#[test]
fn it_looks_like_the_real_years() {
    let mut real = Vec::new();
    for file in ["greensboro_tmy3_723170.csv", "sandpoint_tmy3_703165.csv"] {
        let Some(path) = shared(&format!("data/weather/{file}")) else {
            return;
        };
        let weather = weather::read(&path).unwrap_or_else(|e| panic!("{e}"));
        real.push(looks(&Trace::of_weather(&weather, 0)));
        println!("{file}: {:?}", real[real.len() - 1]);
    }
    for seed in 0..4 {
        for (place, clearness, like) in [(GREENSBORO, 0.0, 0), (SAND_POINT, -0.6, 1)] {
            let ours = looks(&synthetic(&place, clearness, seed));
            println!("seed {seed}: {ours:?}");
            let own = &real[like];
            let within = |name: &str, of: fn(&Looks) -> f64, margin: f64| {
                let low = real.iter().map(of).fold(f64::INFINITY, f64::min) - margin;
                let high = real.iter().map(of).fold(f64::NEG_INFINITY, f64::max) + margin;
                let value = of(&ours);
                assert!(
                    (low..=high).contains(&value),
                    "seed {seed}: {name} {value} not in {low}..{high}"
                );
            };
            let near = |name: &str, of: fn(&Looks) -> f64, margin: f64| {
                let (ours, theirs) = (of(&ours), of(own));
                assert!(
                    (ours - theirs).abs() <= margin,
                    "seed {seed}: {name} {ours} is not {theirs}"
                );
            };
            near("mean of daily clearness", |l| l.clearness_mean, 0.05);
            near("a dull day in ten", |l| l.low_day, 0.09);
            near("a bright day in ten", |l| l.high_day, 0.09);
            within("deviation of daily clearness", |l| l.clearness_deviation, 0.03);
            within("memory of daily clearness", |l| l.clearness_memory, 0.15);
            within("memory of the hourly index", |l| l.index_memory, 0.05);
            within("mean hourly ramp", |l| l.ramp_mean, 0.03);
            within("deviation of hourly ramps", |l| l.ramp_deviation, 0.03);
            within("memory of hourly ramps", |l| l.ramp_memory, 0.10);
        }
    }
}

#[test]
fn it_has_ramps_within_the_hour() {
    let climate = Climate::typical(&GREENSBORO);
    let minutes =
        climate.trace(&GREENSBORO, NEW_YEAR, 60, 1440 * 60, Streams::new(3).stream("sky"));
    let steep = minutes.ghi_w_m2.windows(2).filter(|w| (w[1] - w[0]).abs() > 50.0).count();
    let per_day = steep as f64 / 60.0;
    assert!((1.0..300.0).contains(&per_day), "{per_day} ramps above 50 W/m2 per minute a day");
}

#[test]
fn the_step_does_not_change_the_weather() {
    let climate = Climate::typical(&SAND_POINT);
    let make = |step_s, count| {
        climate.trace(&SAND_POINT, NEW_YEAR, step_s, count, Streams::new(9).stream("sky"))
    };
    let (minutes, hours) = (make(60, 1440 * 10), make(3600, 240));
    for (k, hour) in hours.ghi_w_m2.iter().enumerate() {
        let mean = minutes.ghi_w_m2[60 * k..60 * (k + 1)].iter().sum::<f64>() / 60.0;
        assert!((hour - mean).abs() < 1e-9);
    }
}

#[test]
fn temperature_and_wind_have_days_and_years() {
    let year = synthetic(&GREENSBORO, 0.0, 5);
    let mean = |of: &[f64], keep: &dyn Fn(usize) -> bool| {
        let kept: Vec<f64> =
            of.iter().enumerate().filter(|(i, _)| keep(*i)).map(|(_, v)| *v).collect();
        kept.iter().sum::<f64>() / kept.len() as f64
    };
    let july = mean(&year.temperature_c, &|i| (181..212).contains(&(i / 24)));
    let january = mean(&year.temperature_c, &|i| i / 24 < 31);
    assert!(july - january > 12.0, "July {july}, January {january}");
    let afternoon = mean(&year.temperature_c, &|i| i % 24 == 14);
    let dawn = mean(&year.temperature_c, &|i| i % 24 == 4);
    assert!(afternoon - dawn > 6.0, "afternoon {afternoon}, dawn {dawn}");
    let wind = mean(&year.wind_m_s, &|_| true);
    assert!((wind - 3.5).abs() < 0.4, "mean wind {wind}");
    assert!(year.wind_m_s.iter().all(|v| (0.0..40.0).contains(v)));
}

#[test]
fn it_is_dark_at_night_and_never_brighter_than_space() {
    for place in [GREENSBORO, SAND_POINT, Location { latitude_deg: 90.0, ..SAND_POINT }] {
        let trace = synthetic(&place, 0.0, 1);
        for (i, sun) in trace.sun.iter().enumerate() {
            assert!((0.0..1400.0).contains(&trace.ghi_w_m2[i]), "{}", trace.ghi_w_m2[i]);
            assert!((0.0..1350.0).contains(&trace.dni_w_m2[i]), "{}", trace.dni_w_m2[i]);
            if sun.direction.up < -0.15 {
                assert_eq!(trace.ghi_w_m2[i], 0.0);
            }
        }
    }
}

/// A year in Sydney, arrays to the north and to the south.
const SOUTH: &str = r#"(
    name: "south", site: (latitude_deg: -33.9, longitude_deg: 151.2, time_zone: "Australia/Sydney"),
    start: "2024-01-01", days: 366, step_s: 3600, seed: 1,
    pv: [(id: "n", dc_kw: 10, tilt_deg: 30, azimuth_deg: 0), (id: "s", dc_kw: 10, tilt_deg: 30, azimuth_deg: 180)],
    loads: [(id: "l", profile: Constant(power_kw: 1))],
    grid: (import_limit_kw: 12, export_limit_kw: 100),
)"#;

/// kWh of each array in a month of the site's clock.
fn month_kwh(text: &str, month: i8) -> [f64; 2] {
    struct Log<'a>(&'a Catalog, i8, [f64; 2]);
    impl Observer for Log<'_> {
        fn sample(&mut self, sample: &Sample) {
            if self.0.local_time(sample.at).month() == self.1 {
                for (sum, kw) in self.2.iter_mut().zip(&sample.pv_kw) {
                    *sum += kw * sample.step.as_hours_f64();
                }
            }
        }
    }
    let scenario = Scenario::parse(text, "s.ron").unwrap_or_else(|e| panic!("{e}"));
    let mut twin = Twin::new(&scenario).unwrap_or_else(|e| panic!("{e}"));
    let catalog = twin.catalog().clone();
    let mut log = Log(&catalog, month, [0.0; 2]);
    twin.advance(twin.end(), &mut log);
    log.2
}

#[test]
fn the_air_of_the_south_is_clear_in_july() {
    let [north, south] = month_kwh(SOUTH, 7);
    assert!((north - 838.0).abs() < 0.5 && south < 0.7 * north, "{north} and {south} kWh");
    // The north's months, written down, are the haze of a southern winter's opposite.
    let months = "2.6, 2.8, 3.1, 3.4, 3.6, 3.8, 3.9, 3.8, 3.5, 3.1, 2.8, 2.6";
    let written = |list: &str| {
        SOUTH.replace("step_s:", &format!("weather: Synthetic(linke_turbidity: [{list}]), step_s:"))
    };
    let hazy = month_kwh(&written(months), 7)[0];
    assert!((hazy - 705.0).abs() < 0.5, "{hazy} kWh");
    let turned = "3.9, 3.8, 3.5, 3.1, 2.8, 2.6, 2.6, 2.8, 3.1, 3.4, 3.6, 3.8";
    assert_eq!(month_kwh(&written(turned), 7)[0], north);
    // In the north July is hazy by default.
    let north = SOUTH.replace("-33.9", "33.9").replace("azimuth_deg: 0", "azimuth_deg: 180");
    let hazy = north
        .replace("step_s:", &format!("weather: Synthetic(linke_turbidity: [{months}]), step_s:"));
    assert_eq!(month_kwh(&north, 7), month_kwh(&hazy, 7));
}
