//! Cars over the day, and the distribution of their sessions: what the tables of single sessions do not
//! show of a long run. A fixed amount of memory, however many cars come.

use super::chart::{Chart, Mark, round_ticks};
use super::ink::Ink;
use super::markup::{Key, Table, figure, legend};
use crate::Error;
use crate::number::{count, duration, human};
use crate::tally::cars::Session;
use gridtwin_kernel::Histogram;
use gridtwin_twin::record::Sample;

/// Power and cars in one hour of the day.
#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    hours: f64,
    kwh: f64,
    car_hours: f64,
    highest_kw: f64,
}

/// What is known of all cars.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plugged {
    day: [Hour; 24],
    stayed_h: Histogram,
    waited_h: Histogram,
    asked_kwh: Histogram,
    delivered_kwh: Histogram,
    lacked_kwh: Histogram,
}

impl Plugged {
    /// Adds one interval that begins in this hour of the site's day.
    pub(crate) fn sample(&mut self, sample: &Sample, hour: i8) {
        let Some(of) = self.day.get_mut(hour.max(0) as usize) else { return };
        let hours = sample.step.as_hours_f64();
        of.hours += hours;
        of.kwh += sample.flows.ev_kw * hours;
        of.car_hours += f64::from(sample.cars) * hours;
        of.highest_kw = of.highest_kw.max(sample.flows.ev_kw);
    }

    /// Adds a car that left.
    pub(crate) fn left(&mut self, session: &Session) {
        let Some(left) = session.left else { return };
        self.stayed_h.record(left.stayed_h);
        self.waited_h.record(left.waited_h);
        self.asked_kwh.record(session.asked_kwh);
        self.delivered_kwh.record(left.delivered_kwh);
        let lacks = if session.is_short() { session.short_kwh() } else { 0.0 };
        self.lacked_kwh.record(lacks);
    }

    /// The sessions' spread; empty where no car left.
    pub(crate) fn spread(&self) -> String {
        let mut table = Table::new(
            &format!("Distribution of the {} finished sessions", count(self.stayed_h.count())),
            &["Per session", "5 %", "Median", "95 %", "Maximum", "Mean"],
        );
        let rows = [
            ("Stay", &self.stayed_h, true),
            ("Wait for a charger", &self.waited_h, true),
            ("Requested", &self.asked_kwh, false),
            ("Received", &self.delivered_kwh, false),
            ("Missing on departure", &self.lacked_kwh, false),
        ];
        for (name, values, is_time) in rows.iter().filter(|(_, values, _)| values.count() > 0) {
            let shown = |value: f64| match (is_time, value > 0.0) {
                (true, true) => duration(value * 3600.0),
                (true, false) => "none".to_owned(),
                (false, _) => format!("{} kWh", human(value)),
            };
            let mut row = vec![(*name).to_owned()];
            let at = [0.05, 0.5, 0.95, 1.0].map(|q| values.quantile(q));
            row.extend(
                at.into_iter().chain([values.mean()]).map(|v| v.map_or(String::new(), shown)),
            );
            table.row(&row);
        }
        table.end()
    }

    /// Charging power over the hours of the day; empty where none was charged.
    ///
    /// # Errors
    /// A plot that could not be drawn.
    pub(crate) fn by_hour(&self) -> Result<String, Error> {
        let mean = |of: &Hour, sum: f64| if of.hours > 0.0 { sum / of.hours } else { 0.0 };
        let high = self.day.iter().map(|of| of.highest_kw).fold(0.0, f64::max);
        if high <= 0.0 {
            return Ok(String::new());
        }
        let mut marks = Vec::new();
        let (mut peaks, mut told) = (Vec::new(), Vec::new());
        for (hour, of) in self.day.iter().enumerate() {
            let (from, kw) = (hour as f64, mean(of, of.kwh));
            marks.push(Mark::Block(Ink::Charge, (from + 0.08, 0.0), (from + 0.92, kw)));
            peaks.extend([(from, of.highest_kw), (from + 1.0, of.highest_kw)]);
            let cars = human(mean(of, of.car_hours));
            told.push(format!("{hour:02}:00 {} kW, {cars} cars", human(kw)));
        }
        marks.push(Mark::Line(Ink::Demand, vec![peaks]));
        let (y, y_ticks) = round_ticks(0.0, high);
        let chart = Chart {
            label: "Charging power of all cars by the hour of the day".to_owned(),
            height: 400,
            margin: 130,
            x: (0.0, 24.0),
            x_ticks: (0..=8).map(|k| (f64::from(k) * 3.0, format!("{:02}:00", k * 3))).collect(),
            y,
            y_ticks,
            unit: "kW".to_owned(),
            log: false,
            marks,
        };
        let keys = [
            (Key::Line(Ink::Demand), "Highest interval mean of any day".to_owned()),
            (Key::Area(Ink::Charge), "Mean of all days".to_owned()),
        ];
        let reading =
            "Power of all chargers together by the hour of the day, in the site's local time.";
        let svg = chart.draw_as(&format!(
            "Mean power and mean number of cars plugged in, by hour: {}.",
            told.join("; ")
        ))?;
        Ok(figure("Charging over the day", reading, &legend(&keys), &svg))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::cars::Left;
    use gridtwin_kernel::{SimTime, Span};

    #[test]
    fn means_and_peaks_are_those_of_the_hour() {
        let mut plugged = Plugged::default();
        for (hour, ev_kw) in [(7, 4.0), (7, 8.0), (18, 0.0)] {
            let mut sample = Sample { step: Span::from_secs(1800), cars: 2, ..Sample::default() };
            sample.flows.ev_kw = ev_kw;
            plugged.sample(&sample, hour);
        }
        let svg = plugged.by_hour().unwrap();
        assert!(svg.contains("07:00 6 kW, 2 cars") && svg.contains("18:00 0 kW, 2 cars"));
        assert!(Plugged::default().by_hour().unwrap().is_empty());
    }

    #[test]
    fn a_session_that_got_all_it_asked_for_lacks_nothing() {
        let mut plugged = Plugged::default();
        for delivered_kwh in [10.0, 9.96, 4.0] {
            let left = Left {
                at: SimTime::ZERO,
                delivered_kwh,
                waited_h: 0.0,
                stayed_h: 2.0,
                carbon_kg: 0.0,
            };
            plugged.left(&Session {
                chargers: 0,
                number: 0,
                arrived: None,
                asked_kwh: 10.0,
                left: Some(left),
                still_there: false,
            });
        }
        let table = plugged.spread();
        assert!(table.contains("Distribution of the 3 finished sessions"));
        assert!(
            table
                .contains("<td>0 kWh</td><td>0 kWh</td><td>6 kWh</td><td>6 kWh</td><td>2 kWh</td>")
        );
    }
}
