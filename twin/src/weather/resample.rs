//! From a file's steps to a run's. Irradiance is not interpolated: its ratio to a cloudless sky is,
//! and every interval of the file keeps its energy. Temperature and wind are joined by lines
//! between the middles of the file's intervals.

use super::calendar::DAY_S;
use super::trace::sun_steps;
use super::{ClearSky, Weather, WeatherError};

/// Turbidity of the sky that gives the shape of an hour; its level cancels out.
const LINKE_TURBIDITY: f64 = 3.0;
/// The finest step that misaligned weather is broken into, s.
const FINEST_S: u32 = 300;
/// Above this ratio to a cloudless sky the shape of that sky says nothing: the interval is held
/// constant (the sun rises in its last minutes, say).
const HIGHEST_INDEX: f64 = 2.0;

/// Global, beam and diffuse irradiance, temperature and wind on `count` steps.
pub(super) fn columns(
    weather: &Weather,
    start_unix_s: i64,
    step_s: u32,
    count: usize,
) -> Result<[Vec<f64>; 5], WeatherError> {
    let source_s = weather.step_s;
    let offset_s = (start_unix_s - weather.start_unix_s).rem_euclid(i64::from(source_s)) as u32;
    let common_s = gcd(gcd(step_s, source_s), offset_s);
    let fine_s = if common_s == step_s.min(source_s) {
        common_s
    } else {
        // Neither grid holds the other: break the step into small ones, each the file's interval's
        // that holds its middle, and average.
        let parts = (step_s.div_ceil(FINEST_S)..step_s).find(|parts| step_s.is_multiple_of(*parts));
        step_s / parts.unwrap_or(step_s)
    };
    let parts = (step_s / fine_s) as usize;
    let fine = if fine_s == source_s {
        copy(weather, start_unix_s, count * parts)?
    } else {
        interpolate(weather, start_unix_s, fine_s, count * parts)?
    };
    if parts == 1 {
        return Ok(fine);
    }
    let mean = |part: &[f64]| part.iter().sum::<f64>() / parts as f64;
    Ok(fine.map(|column| column.chunks_exact(parts).map(mean).collect()))
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The file's samples, from the one that begins at `start_unix_s`.
fn copy(weather: &Weather, start_unix_s: i64, count: usize) -> Result<[Vec<f64>; 5], WeatherError> {
    let step_s = i64::from(weather.step_s);
    let mut columns: [Vec<f64>; 5] = std::array::from_fn(|_| Vec::with_capacity(count));
    let sources = [
        &weather.ghi_w_m2,
        &weather.dni_w_m2,
        &weather.dhi_w_m2,
        &weather.temperature_c,
        &weather.wind_m_s,
    ];
    let offset_s = i64::from(weather.location.utc_offset_s);
    let mut done = 0;
    while done < count {
        // Where one sample stands, those up to the local midnight follow it.
        let at = start_unix_s + done as i64 * step_s;
        let index = weather.index_at(at)?;
        let left_s = DAY_S - (at + offset_s).rem_euclid(DAY_S);
        let run = (left_s / step_s).max(1) as usize;
        let end = (index + run.min(count - done)).min(weather.len());
        for (column, source) in columns.iter_mut().zip(sources) {
            column.extend_from_slice(&source[index..end]);
        }
        done += end - index;
    }
    Ok(columns)
}

fn sample(weather: &Weather, index: usize) -> [f64; 5] {
    [
        weather.ghi_w_m2[index],
        weather.dni_w_m2[index],
        weather.dhi_w_m2[index],
        weather.temperature_c[index],
        weather.wind_m_s[index],
    ]
}

/// One interval of the file on the way to finer steps.
struct Interval {
    /// The fine steps whose middles it holds.
    steps: std::ops::Range<usize>,
    sample: [f64; 5],
    /// Global, beam and diffuse over what a cloudless sky sends; none at night.
    index: [Option<f64>; 3],
}

/// The file's samples on steps of `fine_s` seconds, finer than its own.
fn interpolate(
    weather: &Weather,
    start_unix_s: i64,
    fine_s: u32,
    count: usize,
) -> Result<[Vec<f64>; 5], WeatherError> {
    let (source, fine) = (i64::from(weather.step_s), i64::from(fine_s));
    // Whole intervals of the file at both ends, so that each one's energy is known.
    let before = ((start_unix_s - weather.start_unix_s).rem_euclid(source) + fine / 2) / fine;
    let first_s = start_unix_s - before * fine;
    let before = before as usize;
    let per_interval = (source / fine + 1) as usize;
    let total = before + count + per_interval;

    let sky = ClearSky::new(
        weather.location.altitude_m,
        super::pressure_at_altitude_pa(weather.location.altitude_m),
        LINKE_TURBIDITY,
    );
    let mut clear = [Vec::with_capacity(total), Vec::with_capacity(total)];
    for sun in sun_steps(&weather.location, first_s, fine_s, total, 0) {
        let light = if sun.airmass.is_nan() {
            Default::default()
        } else {
            sky.irradiance(sun.direction.up, sun.airmass, sun.extraterrestrial_w_m2)
        };
        clear[0].push(light.ghi_w_m2);
        clear[1].push(light.dni_w_m2);
    }

    let middle_s = |step: usize| first_s + step as i64 * fine + fine / 2;
    let interval_of = |step: usize| (middle_s(step) - weather.start_unix_s).div_euclid(source);
    let mut intervals: Vec<Interval> = Vec::new();
    let mut step = 0;
    while step < before + count {
        let number = interval_of(step);
        let end = (step..total).find(|&s| interval_of(s) != number).unwrap_or(total);
        let sample = sample(weather, weather.index_at(middle_s(step))?);
        let mean = |of: usize| clear[of][step..end].iter().sum::<f64>() / (end - step) as f64;
        let (global, beam) = (mean(0), mean(1));
        let index = |value: f64, clear: f64| {
            (clear > 0.0 && value <= HIGHEST_INDEX * clear).then(|| value / clear)
        };
        let index = [index(sample[0], global), index(sample[1], beam), index(sample[2], global)];
        intervals.push(Interval { steps: step..end, sample, index });
        step = end;
    }

    let [global, beam] = clear;
    let mut columns = [global.clone(), beam, global, vec![0.0; total], vec![0.0; total]];
    for (i, interval) in intervals.iter().enumerate() {
        let neighbours = [i.checked_sub(1).and_then(|b| intervals.get(b)), intervals.get(i + 1)];
        let length = interval.steps.len() as f64;
        for (k, column) in columns[..3].iter_mut().enumerate() {
            let column = &mut column[interval.steps.clone()];
            let Some(own) = interval.index[k] else {
                column.fill(interval.sample[k]);
                continue;
            };
            let others = neighbours.map(|n| n.and_then(|n| n.index[k]).unwrap_or(own));
            for (m, value) in column.iter_mut().enumerate() {
                *value *= between(others, own, (m as f64 + 0.5) / length);
            }
            let sum = column.iter().sum::<f64>();
            let scale = if sum > 0.0 { interval.sample[k] * length / sum } else { 0.0 };
            column.iter_mut().for_each(|value| *value *= scale);
        }
        for (k, column) in columns.iter_mut().enumerate().skip(3) {
            let own = interval.sample[k];
            let others = neighbours.map(|n| n.map_or(own, |n| n.sample[k]));
            for (m, value) in column[interval.steps.clone()].iter_mut().enumerate() {
                *value = between(others, own, (m as f64 + 0.5) / length);
            }
        }
    }
    Ok(columns.map(|mut column| {
        column.truncate(before + count);
        column.drain(..before);
        column
    }))
}

/// On the lines from the middle of the interval before to `own` in this one's middle, and on to the
/// middle of the next, at `part` of this interval.
fn between([before, after]: [f64; 2], own: f64, part: f64) -> f64 {
    let other = if part < 0.5 { before } else { after };
    own + (other - own) * (part - 0.5).abs()
}
