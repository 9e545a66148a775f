//! The charging sessions of a run: who comes when, stays how long, asks for how much. They are
//! drawn or read before the run, so that no policy can change them.

use super::{csv_file, elaad, fleet};
use crate::energy::EnergyError;
use crate::energy::calendar::Calendar;
use crate::scenario::{self, Chargers};
use gridtwin_kernel::{SimTime, Streams};
use std::path::Path;

/// Nobody plugs in for less than a minute.
pub(super) const SHORTEST_STAY_S: f64 = 60.0;

/// One car's visit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Session {
    /// Counts the group's sessions in order of arrival.
    pub number: u32,
    /// It comes.
    pub arrival: SimTime,
    /// It leaves, charged or not: later than it comes, and maybe after the run.
    pub departure: SimTime,
    /// Energy that it asks for, in the car.
    pub asked_kwh: f64,
    /// What the car takes from the socket at most.
    pub vehicle_kw: f64,
}

/// A visit in seconds from the run's start, before it is known to lie in the run.
pub(super) struct Visit {
    pub(super) arrival_s: f64,
    pub(super) departure_s: f64,
    pub(super) asked_kwh: f64,
    pub(super) vehicle_kw: f64,
}

/// All sessions that begin within the run, by arrival. What is random comes from the stream
/// `ev/ID/sessions`, day by day. Cars that came before the run are not in it.
///
/// # Errors
/// A file of sessions that cannot be read, or a row in it that is no session, is out of order or
/// stands there twice.
pub fn generate(
    chargers: &Chargers,
    calendar: &Calendar,
    streams: &Streams,
    base: &Path,
) -> Result<Vec<Session>, EnergyError> {
    let mut stream = streams.stream(&format!("ev/{}/sessions", chargers.id));
    let visits = match &chargers.sessions {
        scenario::Sessions::Elaad { .. } => elaad::visits(chargers, calendar, &mut stream)?,
        scenario::Sessions::Fleet { .. } => {
            fleet::visits(&chargers.sessions, calendar, &mut stream)?
        }
        scenario::Sessions::Csv { path } => csv_file::visits(path, base, chargers, calendar)?,
    };
    let end_s = calendar.end().as_secs_f64();
    let mut visits: Vec<_> =
        visits.into_iter().filter(|v| (0.0..end_s).contains(&v.arrival_s)).collect();
    visits.sort_by(|a, b| a.arrival_s.total_cmp(&b.arrival_s));
    let session = |(number, visit): (usize, Visit)| {
        // Whole seconds: cars keep no finer time.
        let arrival_s = visit.arrival_s.floor();
        let departure_s = visit.departure_s.floor().max(arrival_s + SHORTEST_STAY_S);
        Session {
            number: number as u32,
            arrival: SimTime::from_secs_f64(arrival_s),
            departure: SimTime::from_secs_f64(departure_s),
            asked_kwh: visit.asked_kwh,
            vehicle_kw: visit.vehicle_kw,
        }
    };
    Ok(visits.into_iter().enumerate().map(session).collect())
}
