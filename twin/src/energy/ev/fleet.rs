//! Sessions of a depot: the same vehicles come home every running day and leave on the next.

use super::sessions::{SHORTEST_STAY_S, Visit};
use crate::energy::EnergyError;
use crate::energy::calendar::{Calendar, LocalDate};
use crate::scenario::Sessions;
use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// The visits of each running day of the run; nothing for sessions of another kind.
///
/// A vehicle leaves at the first departure after its return: on the same day where `leaves` is
/// later than `returns`, else on the next running day. Without weekends it stands there from Friday
/// until Monday. Times and energies are normal around their means; no vehicle returns before it has
/// left, and an energy below zero is none. Each vehicle takes three numbers a day from the stream,
/// whatever becomes of them.
pub(super) fn visits<R: Rng>(
    sessions: &Sessions,
    calendar: &Calendar,
    stream: &mut R,
) -> Result<Vec<Visit>, EnergyError> {
    let Sessions::Fleet {
        vehicles,
        returns,
        leaves,
        spread_minutes,
        energy_kwh,
        energy_spread,
        vehicle_kw,
        weekends,
    } = sessions
    else {
        return Ok(Vec::new());
    };
    let runs = |date: LocalDate| *weekends || !date.is_weekend();
    let spread_s = spread_minutes.get() * 60.0;
    let mut left_s = vec![f64::NEG_INFINITY; *vehicles as usize];
    let mut visits = Vec::new();
    for date in calendar.dates().into_iter().filter(|date| runs(*date)) {
        let mut leaving = date;
        if leaves <= returns {
            leaving = LocalDate::from_number(leaving.number + 1);
            while !runs(leaving) {
                leaving = LocalDate::from_number(leaving.number + 1);
            }
        }
        let return_s = seconds(calendar, date, *returns)?;
        let leave_s = seconds(calendar, leaving, *leaves)?;
        for left_s in &mut left_s {
            let mut normal = || -> f64 { StandardNormal.sample(stream) };
            let (early, late, thirsty) = (normal(), normal(), normal());
            let arrival_s = (return_s + early * spread_s).max(*left_s);
            let departure_s = (leave_s + late * spread_s).max(arrival_s + SHORTEST_STAY_S);
            *left_s = departure_s;
            visits.push(Visit {
                arrival_s,
                departure_s,
                asked_kwh: (energy_kwh.get() * (1.0 + energy_spread.get() * thirsty)).max(0.0),
                vehicle_kw: vehicle_kw.get(),
            });
        }
    }
    Ok(visits)
}

fn seconds(calendar: &Calendar, date: LocalDate, time: Time) -> Result<f64, EnergyError> {
    let day = SignedDuration::from_hours(24 * date.number);
    let date = Date::constant(1970, 1, 1).saturating_add(day);
    calendar.seconds_to(date.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::ev::generate;
    use crate::scenario::Chargers;
    use gridtwin_kernel::Streams;
    use jiff::civil::date;
    use std::path::Path;

    fn sessions(more: &str, days: u32) -> Vec<(f64, f64, f64)> {
        let chargers: Chargers = ron::from_str(&format!(
            r#"(id: "d", count: 3, power_kw: 50, sessions: Fleet(vehicles: 3, returns: "18:30",
            leaves: "05:00", energy_kwh: 100, vehicle_kw: 60, {more}))"#
        ))
        .unwrap();
        // A Thursday.
        let calendar =
            Calendar::of(date(2024, 3, 28).at(0, 0, 0, 0), "Europe/Amsterdam", days, 300).unwrap();
        let sessions = generate(&chargers, &calendar, &Streams::new(5), Path::new("")).unwrap();
        let hours = |s: &super::super::Session| {
            (s.arrival.as_hours_f64(), s.departure.as_hours_f64(), s.asked_kwh)
        };
        sessions.iter().map(hours).collect()
    }

    #[test]
    fn a_depot_sleeps_from_friday_to_monday() {
        let found = sessions("", 5);
        // The clock is set forward on Sunday: one hour less.
        let expected = [(18.5, 29.0, 100.0), (42.5, 100.0, 100.0), (113.5, 124.0, 100.0)];
        assert_eq!(found, expected.map(|s| [s; 3]).concat());
        assert_eq!(sessions("weekends: true", 5).len(), 15);
    }

    #[test]
    fn spreads_stay_possible() {
        let found = sessions("weekends: true, spread_minutes: 300, energy_spread: 0.9", 60);
        assert!(found.iter().all(|(a, d, e)| d > a && *e >= 0.0));
        let mean = found.iter().map(|s| s.2).sum::<f64>() / found.len() as f64;
        assert!((mean - 100.0).abs() < 30.0, "{mean}");
    }
}
