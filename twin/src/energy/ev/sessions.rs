//! The charging sessions of a run: who comes when, stays how long, asks for how much. They are
//! drawn or read before the run, so that no policy can change them.

use super::{csv_file, elaad, fleet, on_run};
use crate::energy::EnergyError;
use crate::energy::calendar::Calendar;
use crate::record::{SessionCounts, SessionFile};
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

/// The sessions of a run, and what the run's two ends did to them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LaidOut {
    /// Those that lie in the run, or partly so, by arrival.
    pub sessions: Vec<Session>,
    /// What became of all.
    pub counts: SessionCounts,
    /// What was understood of the file that they are from; none where they were drawn.
    pub file: Option<SessionFile>,
}

/// All sessions of a run. What is random comes from the stream `ev/ID/sessions`, day by day from the
/// run's first day on.
///
/// A car that came before the run is plugged in at its start. It is taken to have charged at full
/// power since it came, so that it asks for what it then still lacks. A session that goes on after
/// the run is whole; the run ends before it does.
///
/// # Errors
/// A file of sessions that cannot be read, or a row in it that is no session, is out of order or
/// stands there twice.
pub fn lay_out(
    chargers: &Chargers,
    calendar: &Calendar,
    streams: &Streams,
    base: &Path,
) -> Result<LaidOut, EnergyError> {
    let mut stream = streams.stream(&format!("ev/{}/sessions", chargers.id));
    let mut file = None;
    let mut visits = match &chargers.sessions {
        scenario::Sessions::Elaad { .. } => elaad::visits(chargers, calendar, &mut stream)?,
        scenario::Sessions::Fleet { .. } => {
            fleet::visits(&chargers.sessions, calendar, &mut stream)?
        }
        scenario::Sessions::Csv { path, zone, date_order, other_year } => {
            let zone = zone.as_ref();
            let content = csv_file::read(path, base, zone, *date_order, chargers, calendar)?;
            let laid = on_run::lay(&content, *other_year, &base.join(path), calendar)?;
            let (laid_words, by_date) = (laid.words, laid.by_date);
            file = Some(SessionFile { laid: laid_words, by_date, ..content.about });
            laid.visits
        }
    };
    let end_s = calendar.end().as_secs_f64();
    let mut counts = SessionCounts { all: visits.len() as u32, ..SessionCounts::default() };
    visits.sort_by(|a, b| a.arrival_s.total_cmp(&b.arrival_s));
    visits.retain_mut(|visit| {
        // Whole seconds: cars keep no finer time.
        visit.arrival_s = visit.arrival_s.floor();
        visit.departure_s = visit.departure_s.floor().max(visit.arrival_s + SHORTEST_STAY_S);
        if visit.departure_s <= 0.0 || visit.arrival_s >= end_s {
            counts.before += u32::from(visit.departure_s <= 0.0);
            counts.after += u32::from(visit.departure_s > 0.0);
            return false;
        }
        counts.cut_at_end += u32::from(visit.departure_s > end_s);
        if visit.arrival_s < 0.0 {
            counts.cut_at_start += 1;
            visit.start_late(chargers);
        }
        true
    });
    let session = |(number, visit): (usize, Visit)| Session {
        number: number as u32,
        arrival: SimTime::from_secs_f64(visit.arrival_s),
        departure: SimTime::from_secs_f64(visit.departure_s),
        asked_kwh: visit.asked_kwh,
        vehicle_kw: visit.vehicle_kw,
    };
    if let Some(file) = &mut file {
        file.counts = counts;
        if counts.inside() == 0 {
            file.notes.push(format!(
                "none of the {} sessions in the file lies in the run: no car comes",
                file.count
            ));
        }
    }
    let sessions = visits.into_iter().enumerate().map(session).collect();
    Ok(LaidOut { sessions, counts, file })
}

/// The sessions of [`lay_out`] alone.
///
/// # Errors
/// As [`lay_out`].
pub fn generate(
    chargers: &Chargers,
    calendar: &Calendar,
    streams: &Streams,
    base: &Path,
) -> Result<Vec<Session>, EnergyError> {
    Ok(lay_out(chargers, calendar, streams, base)?.sessions)
}

impl Visit {
    /// A visit that began before the run begins with it.
    fn start_late(&mut self, chargers: &Chargers) {
        let into_car_kw = chargers.power_kw.get().min(self.vehicle_kw) * chargers.efficiency.get();
        let had_kwh = into_car_kw * -self.arrival_s / 3600.0;
        self.asked_kwh = (self.asked_kwh - had_kwh).max(0.0);
        self.arrival_s = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn laid_out(rows: &str, days: u32) -> LaidOut {
        let dir = std::env::temp_dir().join(format!("gridtwin-sessions-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let name = format!("{:x}.csv", rows.len() * 1000 + days as usize);
        std::fs::write(dir.join(&name), format!("arrival,departure,energy_kwh\n{rows}")).unwrap();
        let chargers: Chargers = ron::from_str(&format!(
            r#"(id: "c", count: 2, power_kw: 10, efficiency: 0.9, sessions: Csv(path: {name:?}))"#
        ))
        .unwrap();
        let calendar = Calendar::of(date(2024, 1, 1).at(0, 0, 0, 0), "UTC", days, 900).unwrap();
        lay_out(&chargers, &calendar, &Streams::new(1), &dir).unwrap()
    }

    fn hours(session: &Session) -> (f64, f64, f64) {
        (session.arrival.as_hours_f64(), session.departure.as_hours_f64(), session.asked_kwh)
    }

    #[test]
    fn what_lies_outside_is_counted_and_what_overlaps_is_cut() {
        let rows = "2019-01-01T16:00,2019-01-01T20:00,10\n\
                    2023-12-31T10:00,2024-01-01T00:00,5\n\
                    2023-12-31T22:00,2024-01-01T09:00,40\n\
                    2023-12-31T23:00,2024-01-01T09:00,4\n\
                    2024-01-01T20:00,2024-01-02T08:00,30\n\
                    2024-01-02T00:00,2024-01-02T08:00,30\n";
        let LaidOut { sessions, counts, .. } = laid_out(rows, 1);
        let expected =
            SessionCounts { all: 6, before: 2, after: 1, cut_at_start: 2, cut_at_end: 1 };
        assert_eq!(counts, expected);
        // Two hours at 10 kW and 0.9 are 18 kWh; the third was full after half an hour.
        let seen: Vec<_> = sessions.iter().map(hours).collect();
        assert_eq!(seen, [(0.0, 9.0, 22.0), (0.0, 9.0, 0.0), (20.0, 32.0, 30.0)]);
    }

    #[test]
    fn a_session_that_spans_the_whole_run_is_cut_at_both_ends() {
        let LaidOut { sessions, counts, .. } =
            laid_out("2023-12-31T20:00,2024-01-05T00:00,100\n", 2);
        assert_eq!((counts.cut_at_start, counts.cut_at_end, counts.all), (1, 1, 1));
        assert_eq!(hours(&sessions[0]), (0.0, 96.0, 64.0));
    }
}
