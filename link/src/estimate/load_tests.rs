use super::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

const STEP: Span = Span::from_secs(900);
const PER_DAY: usize = 96;

fn coming(index: usize) -> Coming {
    let hour = (index % PER_DAY) as f64 / 4.0 + 0.125;
    let day = if (index / PER_DAY) % 7 < 5 { DayKind::Working } else { DayKind::Free };
    // What the scenario says: an office from eight to six.
    let model_kw = match day {
        DayKind::Working if (8.0..18.0).contains(&hour) => 40.0,
        _ => 8.0,
    };
    Coming { when: When { hour, day }, model_kw }
}

/// What it does: more than the model, earlier, with a base that the model does not know, a lunch
/// break, days that differ, and noise.
fn course(days: usize, seed: u64) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut noise = move |deviation: f64| {
        let z: f64 = StandardNormal.sample(&mut random);
        deviation * z
    };
    let (mut now, mut of_day) = (0.0, 1.0);
    (0..days * PER_DAY)
        .map(|index| {
            let Coming { when, .. } = coming(index);
            if index % PER_DAY == 0 {
                of_day = 1.0 + noise(0.05);
            }
            now = 0.8 * now + noise(1.0);
            let work = match when.day {
                DayKind::Working => {
                    let rise = 1.0 / (1.0 + (-(when.hour - 7.2) * 4.0).exp());
                    let fall = 1.0 / (1.0 + ((when.hour - 17.3) * 3.0).exp());
                    let lunch = 1.0 - 0.2 * (-((when.hour - 12.5) / 0.5).powi(2)).exp();
                    rise * fall * lunch
                }
                DayKind::Free => 0.1,
            };
            (14.0 + 42.0 * work * of_day + now + noise(0.7)).max(0.0)
        })
        .collect()
}

/// Root mean square errors a number of steps ahead: the forecast, the model, the last value (or,
/// beyond a day, the same time of the last whole day that is known), and how often the outcome lay
/// within one and two standard deviations.
fn errors(ahead: usize, seed: u64) -> ([f64; 3], [f64; 2]) {
    let course = course(35, seed);
    let mut forecast = LoadForecast::new(20.0);
    let (mut squares, mut within, mut count) = ([0.0; 3], [0.0; 2], 0.0);
    let known = if ahead > 1 { ahead.div_ceil(PER_DAY) * PER_DAY } else { 1 };
    for index in 0..course.len() - ahead {
        forecast.look(Some(course[index]), coming(index), STEP);
        // Once a day's worth of starts, spread over the day; each step for the next one.
        if index < WARM_UP_DAYS as usize * PER_DAY || (ahead > 1 && index % 7 != 0) {
            continue;
        }
        let foreseen = forecast.foresee((1..=ahead).map(|step| coming(index + step)), STEP);
        let (foreseen, outcome) = (foreseen[ahead - 1], course[index + ahead]);
        let told =
            [foreseen.mean_kw, coming(index + ahead).model_kw, course[index + ahead - known]];
        for (sum, told) in squares.iter_mut().zip(told) {
            *sum += (told - outcome).powi(2);
        }
        let off = (outcome - foreseen.mean_kw).abs() / foreseen.deviation_kw;
        within[0] += f64::from(u8::from(off < 1.0));
        within[1] += f64::from(u8::from(off < 2.0));
        count += 1.0;
    }
    (squares.map(|sum| f64::sqrt(sum / count)), within.map(|hits| hits / count))
}

/// Margins: one step ahead at most 0.9 of persistence's error and 0.3 of the model's; a day and two
/// days ahead at most 0.6 of the same time before and 0.4 of the model's.
#[test]
fn the_forecast_beats_the_model_and_persistence_by_its_margins() {
    for seed in 1..=3 {
        let ([forecast, model, last], _) = errors(1, seed);
        assert!(forecast < 0.9 * last && forecast < 0.3 * model, "{forecast} {model} {last}");
        for ahead in [PER_DAY, 2 * PER_DAY] {
            let ([forecast, model, before], _) = errors(ahead, seed);
            let told = format!("{ahead}: {forecast} {model} {before}");
            assert!(forecast < 0.6 * before && forecast < 0.4 * model, "{told}");
        }
    }
}

#[test]
fn its_standard_deviation_is_about_true() {
    for ahead in [1, PER_DAY] {
        let (_, [one, two]) = errors(ahead, 4);
        assert!((0.55..0.95).contains(&one), "{ahead}: {one}");
        assert!(two > 0.9, "{ahead}: {two}");
    }
}

#[test]
fn further_ahead_it_is_less_sure_and_never_below_zero() {
    let mut forecast = LoadForecast::new(20.0);
    for (index, kw) in course(7, 5).into_iter().enumerate() {
        forecast.look(Some(kw), coming(index), STEP);
    }
    let start = 7 * PER_DAY;
    let same_hour = coming(start);
    let foreseen = forecast.foresee((0..192).map(|_| same_hour), STEP);
    for pair in foreseen.windows(2) {
        assert!(pair[1].deviation_kw >= pair[0].deviation_kw - 1e-12);
        assert!(pair[1].mean_kw >= 0.0);
    }
}

#[test]
fn a_glitch_and_nonsense_do_not_spoil_it() {
    let mut forecast = LoadForecast::new(20.0);
    let course = course(14, 6);
    for (index, &kw) in course.iter().enumerate() {
        forecast.look(Some(kw), coming(index), STEP);
    }
    let next = coming(course.len() + PER_DAY / 2);
    let day: Vec<Coming> = (0..PER_DAY).map(|step| coming(course.len() + step)).collect();
    let before = forecast.foresee(day.clone(), STEP)[PER_DAY / 2];
    for kw in [f64::NAN, f64::INFINITY, 4_000.0, -4_000.0] {
        forecast.look(Some(kw), next, STEP);
    }
    forecast.look(None, next, STEP);
    let after = forecast.foresee(day, STEP)[PER_DAY / 2];
    assert!((after.mean_kw - before.mean_kw).abs() < 0.15 * before.mean_kw, "{before:?} {after:?}");
}

#[test]
fn what_is_foreseen_is_where_the_filter_leads_step_by_step() {
    let span = Span::from_secs(900);
    let at = |k: u32| Coming {
        when: When { hour: f64::from(k) * 0.25 % 24.0, day: DayKind::Working },
        model_kw: 10.0 + f64::from(k % 7),
    };
    let mut load = LoadForecast::new(12.0);
    for k in 0..200 {
        load.look(Some(11.0 + f64::from(k % 5)), at(k), span);
    }
    let foreseen = load.foresee((200..400).map(at), span);
    let mut stepped = load.clone();
    for (k, seen) in (200..400).zip(foreseen) {
        let one = stepped.foresee([at(k)], span)[0];
        assert!((one.mean_kw - seen.mean_kw).abs() < 1e-9, "{one:?} {seen:?}");
        assert!((one.deviation_kw - seen.deviation_kw).abs() < 1e-9, "{one:?} {seen:?}");
        stepped.look(None, at(k), span);
    }
}
