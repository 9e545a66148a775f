//! When the public grid is gone, and when gensets fail: planned failures of the grid in local time
//! and random ones. Not what the site makes of it.

use super::EnergyError;
use super::calendar::Calendar;
use crate::scenario::{Genset, Grid, RandomOutages};
use gridtwin_kernel::{SimTime, Span, Streams};
use rand_distr::{Distribution, Exp1};

const HOURS_PER_YEAR: f64 = 8760.0;

/// The stretches `[from, until)` of the run without grid: in order, apart from each other, none
/// beyond the run. Random ones come from the stream `grid/outages`: an exponential time up, an
/// exponential time down, and so on from the run's start; the mean time up is what makes
/// `per_year` of them in a year, times down included.
///
/// # Errors
/// An outage that ends before it begins, or random ones that leave no time between them.
pub fn outages(
    grid: &Grid,
    calendar: &Calendar,
    streams: &Streams,
) -> Result<Vec<(SimTime, SimTime)>, EnergyError> {
    let mut all = Vec::new();
    for (i, outage) in grid.outages.iter().enumerate() {
        if outage.until <= outage.from {
            return Err(EnergyError::scenario(
                format!("grid.outages[{i}]"),
                format!("`until: {}`", outage.until),
                format!("a time after `from: {}`", outage.from),
                "swap the two, or remove the outage",
            ));
        }
        let from_s = calendar.seconds_to(outage.from)?;
        let until_s = calendar.seconds_to(outage.until)?;
        all.push((SimTime::from_secs_f64(from_s), SimTime::from_secs_f64(until_s)));
    }
    if let Some(random) = grid.random_outages {
        let help = "reduce one of the two; for a site without a grid, remove `grid`";
        all.extend(at_random(
            random,
            "grid.random_outages",
            "grid/outages",
            help,
            calendar,
            streams,
        )?);
    }
    Ok(merged(all, calendar.end()))
}

/// When a genset is out of order by itself: in order, none beyond the run. They come from the stream
/// `genset/ID/failures` as random outages of the grid come from theirs.
///
/// # Errors
/// Failures that leave no time between them.
pub fn genset_failures(
    genset: &Genset,
    place: &str,
    calendar: &Calendar,
    streams: &Streams,
) -> Result<Vec<(SimTime, SimTime)>, EnergyError> {
    let Some(random) = genset.random_failures else { return Ok(Vec::new()) };
    let stream = format!("genset/{}/failures", genset.id);
    let help = "reduce one of the two; a genset that never works can be removed";
    let all = at_random(random, place, &stream, help, calendar, streams)?;
    Ok(merged(all, calendar.end()))
}

/// An exponential time up, an exponential time down, and so on from the run's start.
fn at_random(
    random: RandomOutages,
    place: &str,
    stream: &str,
    help: &'static str,
    calendar: &Calendar,
    streams: &Streams,
) -> Result<Vec<(SimTime, SimTime)>, EnergyError> {
    let mut all = Vec::new();
    if random.per_year.get() <= 0.0 {
        return Ok(all);
    }
    let down_h = random.mean_hours.get();
    let up_h = HOURS_PER_YEAR / random.per_year.get() - down_h;
    if up_h <= 0.0 {
        return Err(EnergyError::scenario(
            place,
            format!("`per_year: {}` and `mean_hours: {down_h}`", random.per_year),
            format!("a product below the {HOURS_PER_YEAR} hours of a year"),
            help,
        ));
    }
    let mut stream = streams.stream(stream);
    let mut draw = |mean_h: f64| {
        let x: f64 = Exp1.sample(&mut stream);
        Span::from_secs_f64(x * mean_h * 3600.0)
    };
    let mut at = SimTime::ZERO;
    while at < calendar.end() {
        let from = at + draw(up_h);
        at = from + draw(down_h);
        all.push((from, at));
    }
    Ok(all)
}

/// In order, what touches joined, what is beyond `end` cut off.
fn merged(mut all: Vec<(SimTime, SimTime)>, end: SimTime) -> Vec<(SimTime, SimTime)> {
    all.sort();
    let mut out: Vec<(SimTime, SimTime)> = Vec::new();
    for (from, until) in all {
        let until = until.min(end);
        if from >= until {
            continue;
        }
        match out.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => out.push((from, until)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn grid(text: &str) -> Grid {
        ron::from_str(&format!("#![enable(implicit_some)]\n(import_limit_kw: 1, {text})")).unwrap()
    }

    fn calendar(days: u32) -> Calendar {
        Calendar::of(date(2024, 3, 30).at(0, 0, 0, 0), "Europe/Amsterdam", days, 3600).unwrap()
    }

    #[test]
    fn planned_outages_are_local_merged_and_cut_to_the_run() {
        let grid = grid(
            r#"outages: [
            (from: "2024-03-31T10:00:00", until: "2024-03-31T12:00:00"),
            (from: "2024-03-31T11:00:00", until: "2024-03-31T13:00:00"),
            (from: "2024-03-29T10:00:00", until: "2024-03-30T01:00:00"),
            (from: "2024-04-02T23:00:00", until: "2024-05-01T00:00:00")]"#,
        );
        let hours: Vec<_> = outages(&grid, &calendar(4), &Streams::new(1))
            .unwrap()
            .iter()
            .map(|(a, b)| (a.as_hours_f64(), b.as_hours_f64()))
            .collect();
        // The night to the 31st has one hour less.
        assert_eq!(hours, [(0.0, 1.0), (33.0, 36.0), (94.0, 96.0)]);
    }

    #[test]
    fn an_outage_that_ends_before_it_begins_is_refused() {
        let grid =
            grid(r#"outages: [(from: "2024-04-01T00:00:00", until: "2024-03-01T00:00:00")]"#);
        let error = outages(&grid, &calendar(4), &Streams::new(1)).unwrap_err();
        assert!(error.to_string().starts_with("grid.outages[0]: found `until: 2024-03"), "{error}");
    }

    #[test]
    fn random_outages_come_as_often_and_last_as_long_as_asked() {
        let grid = grid("random_outages: (per_year: 50, mean_hours: 4)");
        let found = outages(&grid, &calendar(40 * 365), &Streams::new(7)).unwrap();
        let per_year = found.len() as f64 / 40.0;
        let mean_h =
            found.iter().map(|(a, b)| (*b - *a).as_hours_f64()).sum::<f64>() / found.len() as f64;
        assert!((per_year - 50.0).abs() < 3.0, "{per_year}");
        assert!((mean_h - 4.0).abs() < 0.3, "{mean_h}");
    }

    #[test]
    fn outages_without_end_are_refused() {
        let grid = grid("random_outages: (per_year: 500, mean_hours: 24)");
        assert!(outages(&grid, &calendar(4), &Streams::new(1)).is_err());
    }

    proptest! {
        #[test]
        fn merging_keeps_what_is_covered(all in prop::collection::vec((0u64..60, 0u64..20), 0..20)) {
            let all: Vec<_> = all.into_iter().map(|(a, d)| (SimTime(a), SimTime(a + d))).collect();
            let covered = |list: &[(SimTime, SimTime)], t: u64| list.iter().any(|(a, b)| *a <= SimTime(t) && SimTime(t) < *b);
            let out = merged(all.clone(), SimTime(50));
            for t in 0..90 {
                prop_assert_eq!(covered(&out, t), t < 50 && covered(&all, t));
            }
            for pair in out.windows(2) {
                prop_assert!(pair[0].1 < pair[1].0);
            }
        }
    }
}
