//! Sessions drawn from ElaadNL's distributions of real charging sessions in the Netherlands.
//!
//! The number of cars of a local day is Poisson; arrival, stay and energy of each are drawn
//! independently by the inverse of their distributions (linear between percentiles, even within a
//! quarter of an hour). ElaadNL's energy is what cars really took: what a car could not take in its
//! stay at this charger is therefore not asked. ElaadNL has no weekend arrivals for workplaces:
//! those of weekdays stand in. "Home" is ElaadNL's "private".

use super::sessions::{SHORTEST_STAY_S, Visit};
use crate::energy::EnergyError;
use crate::energy::calendar::Calendar;
use crate::scenario::{Chargers, Place, Sessions};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Poisson};

const FILE: &str = include_str!("../../../../assets/ev/elaad.csv");
const QUARTERS: usize = 96;
const PERCENTILES: usize = 101;

/// The distributions of one kind of place.
#[derive(Clone, Debug)]
struct Tables {
    /// Share of a day's arrivals up to the end of each quarter hour, rising to 1.
    weekday: [f64; QUARTERS],
    weekend: [f64; QUARTERS],
    /// Hours of connection that this percentage of sessions exceeds: falling.
    connection_h: [f64; PERCENTILES],
    /// Energy that this percentage of sessions exceeds: falling.
    energy_kwh: [f64; PERCENTILES],
}

/// The visits of each local day of the run; nothing for sessions of another kind.
pub(super) fn visits<R: Rng>(
    chargers: &Chargers,
    calendar: &Calendar,
    stream: &mut R,
) -> Result<Vec<Visit>, EnergyError> {
    let Sessions::Elaad { place, per_weekday, per_weekend_day, vehicle_kw } = &chargers.sessions
    else {
        return Ok(Vec::new());
    };
    let tables = tables(*place);
    let vehicle_kw = vehicle_kw.get();
    let into_car_kw = chargers.power_kw.get().min(vehicle_kw) * chargers.efficiency.get();
    let mut visits = Vec::new();
    for date in calendar.dates() {
        let Some(midnight) = date.midnight() else {
            continue;
        };
        let (mean, arrivals) = if date.is_weekend() {
            (per_weekend_day.get(), &tables.weekend)
        } else {
            (per_weekday.get(), &tables.weekday)
        };
        for _ in 0..poisson(mean, stream) {
            let u: f64 = stream.random();
            let quarter = arrivals.partition_point(|share| *share <= u);
            let within: f64 = stream.random();
            let of_day_s = (quarter.min(QUARTERS - 1) as f64 + within) * 900.0;
            let stay_h = exceeded(&tables.connection_h, stream.random());
            let asked_kwh = exceeded(&tables.energy_kwh, stream.random());
            let local = midnight
                .checked_add(jiff::SignedDuration::from_secs(of_day_s as i64))
                .unwrap_or(midnight);
            let arrival_s = calendar.seconds_to(local)?;
            let stay_s = (stay_h * 3600.0).max(SHORTEST_STAY_S);
            visits.push(Visit {
                arrival_s,
                departure_s: arrival_s + stay_s,
                asked_kwh: asked_kwh.min(into_car_kw * stay_s / 3600.0),
                vehicle_kw,
            });
        }
    }
    Ok(visits)
}

fn poisson<R: Rng>(mean: f64, stream: &mut R) -> u64 {
    // Only a mean of zero (or one beyond all bounds) is refused: then nobody comes.
    Poisson::new(mean).map_or(0, |p| {
        let n: f64 = p.sample(stream);
        n as u64
    })
}

/// What a share `u` of all sessions exceeds.
fn exceeded(table: &[f64; PERCENTILES], u: f64) -> f64 {
    let x = u * (PERCENTILES - 1) as f64;
    let i = (x as usize).min(PERCENTILES - 2);
    table[i] + (table[i + 1] - table[i]) * (x - i as f64)
}

fn tables(place: Place) -> Tables {
    let column = match place {
        Place::Home => 2,
        Place::Public => 3,
        Place::Workplace => 4,
    };
    let weekday = cumulated(read("arrival_weekday_percent", column));
    let weekend = match place {
        Place::Workplace => weekday,
        _ => cumulated(read("arrival_weekend_percent", column)),
    };
    Tables {
        weekday,
        weekend,
        connection_h: read("connection_h", column),
        energy_kwh: read("energy_kwh", column),
    }
}

/// One column of one table of the file; a test holds every one to its length and order.
fn read<const N: usize>(table: &str, column: usize) -> [f64; N] {
    let mut values = [0.0; N];
    let rows = FILE.lines().map(|line| line.split(',').collect::<Vec<_>>());
    for row in rows.filter(|row| row.len() == 5 && row[0] == table) {
        if let (Ok(i), Ok(value)) = (row[1].parse::<usize>(), row[column].parse())
            && i < N
        {
            values[i] = value;
        }
    }
    values
}

/// Shares up to and including each, rising to exactly 1.
fn cumulated(percent: [f64; QUARTERS]) -> [f64; QUARTERS] {
    let sum: f64 = percent.iter().sum();
    let mut so_far = 0.0;
    percent.map(|p| {
        so_far += p / sum;
        so_far
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::ev::generate;
    use gridtwin_kernel::Streams;
    use jiff::civil::date;
    use std::path::Path;

    #[test]
    fn the_bundled_tables_are_whole() {
        for place in [Place::Home, Place::Public, Place::Workplace] {
            let tables = tables(place);
            for arrivals in [tables.weekday, tables.weekend] {
                assert!((arrivals[QUARTERS - 1] - 1.0).abs() < 1e-9);
                assert!(arrivals.windows(2).all(|w| w[0] <= w[1]));
            }
            for falling in [tables.connection_h, tables.energy_kwh] {
                assert!(falling[0] > 70.0 && falling[PERCENTILES - 1] == 0.0);
                assert!(falling.windows(2).all(|w| w[0] >= w[1]));
            }
        }
        // As in the source: half of all sessions at home last longer than eleven hours.
        assert_eq!(tables(Place::Home).connection_h[50], 11.0);
        assert_eq!(tables(Place::Workplace).energy_kwh[50], 8.8);
    }

    fn chargers(place: &str, weekday: f64, weekend: f64, kw: f64) -> Chargers {
        ron::from_str(&format!(
            r#"(id: "g", count: 20, power_kw: {kw}, sessions: Elaad(place: {place},
            per_weekday: {weekday}, per_weekend_day: {weekend}, vehicle_kw: {kw}))"#
        ))
        .unwrap()
    }

    #[test]
    fn sessions_are_as_many_as_early_and_as_long_as_their_source() {
        let calendar =
            Calendar::of(date(2024, 1, 1).at(0, 0, 0, 0), "Europe/Amsterdam", 364, 3600).unwrap();
        // So strong a charger that no stay is too short.
        let chargers = chargers("Workplace", 50.0, 5.0, 1e6);
        let sessions = generate(&chargers, &calendar, &Streams::new(3), Path::new("")).unwrap();
        let n = sessions.len() as f64;
        let expected = 52.0 * (5.0 * 50.0 + 2.0 * 5.0);
        assert!((n - expected).abs() < 4.0 * expected.sqrt(), "{n} {expected}");
        let mean_kwh = sessions.iter().map(|s| s.asked_kwh).sum::<f64>() / n;
        assert!((mean_kwh - 12.7).abs() < 0.5, "{mean_kwh}");
        let mut stays: Vec<_> =
            sessions.iter().map(|s| (s.departure - s.arrival).as_hours_f64()).collect();
        stays.sort_by(f64::total_cmp);
        let median = stays[stays.len() / 2];
        assert!((median - 4.9).abs() < 0.2, "{median}");
        let morning = sessions.iter().filter(|s| {
            let at =
                calendar.start() + jiff::SignedDuration::from_secs(s.arrival.as_secs_f64() as i64);
            (7..10).contains(&at.to_zoned(calendar.zone().clone()).hour())
        });
        let share = morning.count() as f64 / n;
        let weekday = tables(Place::Workplace).weekday;
        let source = weekday[39] - weekday[27];
        assert!((share - source).abs() < 0.03, "{share} {source}");
        assert!(sessions.windows(2).all(|w| w[0].arrival <= w[1].arrival));
        assert!(sessions.iter().enumerate().all(|(i, s)| s.number as usize == i));
    }

    #[test]
    fn nobody_asks_for_more_than_the_stay_allows() {
        let calendar = Calendar::of(date(2024, 1, 1).at(0, 0, 0, 0), "UTC", 30, 300).unwrap();
        let chargers = chargers("Home", 30.0, 30.0, 3.7);
        for s in generate(&chargers, &calendar, &Streams::new(3), Path::new("")).unwrap() {
            let most = 3.7 * 0.92 * (s.departure - s.arrival).as_hours_f64();
            assert!(s.asked_kwh <= most + 0.01, "{s:?}");
        }
    }

    #[test]
    fn a_longer_run_begins_as_the_shorter_one() {
        let run = |days| {
            let calendar =
                Calendar::of(date(2024, 3, 29).at(0, 0, 0, 0), "Europe/Amsterdam", days, 300)
                    .unwrap();
            generate(
                &chargers("Public", 10.0, 10.0, 11.0),
                &calendar,
                &Streams::new(3),
                Path::new(""),
            )
            .unwrap()
        };
        let (short, long) = (run(2), run(9));
        assert!(!short.is_empty());
        assert_eq!(short[..], long[..short.len()]);
    }

    #[test]
    fn no_cars_are_no_sessions() {
        let calendar = Calendar::of(date(2024, 1, 1).at(0, 0, 0, 0), "UTC", 7, 300).unwrap();
        let none =
            generate(&chargers("Home", 0.0, 0.0, 11.0), &calendar, &Streams::new(3), Path::new(""));
        assert_eq!(none.unwrap(), []);
    }
}
