//! Samples in the order of the calendar: collects what a reader reads, holds it to that order, and
//! hands out the weather when it is complete.

use super::super::calendar::{
    DAY_S, Date, date_of, days_in_month, days_since_1970, midnight_unix_s,
};
use super::super::{Location, TYPICAL_YEAR, Weather, WeatherError};
use super::row::{DHI, DNI, GHI, Quantity, Row, Source, TEMPERATURE, WIND};

/// One row's time stamp as the file has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stamp {
    pub(super) date: Date,
    /// Seconds since that date's midnight.
    pub(super) second: i64,
}

impl Stamp {
    fn text(&self) -> String {
        let Self { date, second } = self;
        format!("{:02}-{:02} {:02}:{:02}", date.month, date.day, second / 3600, second / 60 % 60)
    }
}

/// Where a format keeps its columns.
#[derive(Clone, Copy)]
pub(super) struct Places {
    pub(super) ghi: usize,
    pub(super) dni: Option<usize>,
    pub(super) dhi: Option<usize>,
    pub(super) temperature: usize,
    pub(super) wind: usize,
    /// Pressure, what it may be, and how many Pa its unit has.
    pub(super) pressure: Option<(usize, &'static Quantity, f64)>,
}

/// Which days a file's rows may be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Days {
    /// A typical year: 365 days of whatever years, from 1 January; rows of a 29 February are left
    /// out.
    Typical,
    /// Days that follow each other in the calendar, at least one.
    Dated,
    /// Whichever of the two the rows turn out to be; dated ones at least so many days.
    Either { least_days: u16 },
}

impl From<bool> for Days {
    fn from(typical_year: bool) -> Self {
        if typical_year { Self::Typical } else { Self::Dated }
    }
}

/// What has been read so far.
pub(super) struct Columns {
    places: Places,
    /// The first stamp and the one before.
    first: Option<Stamp>,
    before: Option<Stamp>,
    step_s: i64,
    /// Whether all rows so far could be of a typical year, and of days in the calendar.
    typical: bool,
    dated: bool,
    least_days: usize,
    /// Rows of a 29 February that a typical year has no place for, and where they would stand.
    leap: std::ops::Range<usize>,
    years: (i64, i64),
    last_line: usize,
    weather: Weather,
}

impl Columns {
    /// Columns of a format whose rows follow each other by `step_s`.
    pub(super) fn new(
        source: &'static str,
        location: Location,
        places: Places,
        step_s: u32,
        days: impl Into<Days>,
    ) -> Self {
        let days = days.into();
        let weather = Weather {
            location,
            source,
            start_unix_s: 0,
            step_s,
            typical_year: false,
            held_s: 0,
            ghi_w_m2: Vec::with_capacity(8760),
            dni_w_m2: Vec::with_capacity(8760),
            dhi_w_m2: Vec::with_capacity(8760),
            temperature_c: Vec::with_capacity(8760),
            wind_m_s: Vec::with_capacity(8760),
            pressure_pa: places.pressure.map(|_| Vec::with_capacity(8760)),
            notes: Vec::new(),
        };
        Self {
            places,
            first: None,
            before: None,
            step_s: i64::from(step_s),
            typical: days != Days::Dated,
            dated: days != Days::Typical,
            least_days: if let Days::Either { least_days } = days { least_days.into() } else { 1 },
            leap: 0..0,
            years: (i64::MAX, i64::MIN),
            last_line: 0,
            weather,
        }
    }

    /// Takes a row whose stamp was read from field `stamp_field`.
    pub(super) fn push(
        &mut self,
        row: &Row<'_>,
        stamp_field: usize,
        stamp: Stamp,
    ) -> Result<(), WeatherError> {
        self.check_date(row, stamp_field, stamp)?;
        self.check_order(row, stamp_field, stamp)?;
        self.years = (self.years.0.min(stamp.date.year), self.years.1.max(stamp.date.year));
        if (stamp.date.month, stamp.date.day) == (2, 29) {
            let at = self.weather.len();
            self.leap = if self.leap.is_empty() { at..at + 1 } else { self.leap.start..at + 1 };
        }
        let irradiance = |at, of| Ok::<_, WeatherError>(row.number(at, of)?.max(0.0));
        let weather = &mut self.weather;
        weather.ghi_w_m2.push(irradiance(self.places.ghi, &GHI)?);
        if let Some(at) = self.places.dni {
            weather.dni_w_m2.push(irradiance(at, &DNI)?);
        }
        if let Some(at) = self.places.dhi {
            weather.dhi_w_m2.push(irradiance(at, &DHI)?);
        }
        weather.temperature_c.push(row.number(self.places.temperature, &TEMPERATURE)?);
        weather.wind_m_s.push(row.number(self.places.wind, &WIND)?);
        if let (Some((at, of, unit_pa)), Some(column)) =
            (self.places.pressure, &mut weather.pressure_pa)
        {
            match row.number_if_sound(at, of) {
                Some(value) => column.push(value * unit_pa),
                // Nothing here needs pressure: a column with holes is no column.
                None => weather.pressure_pa = None,
            }
        }
        self.last_line = row.line;
        Ok(())
    }

    fn check_date(&self, row: &Row<'_>, field: usize, stamp: Stamp) -> Result<(), WeatherError> {
        let Date { year, month, day } = stamp.date;
        // A typical year may take its 28 days of February from a leap year, and some write 2/29.
        if days_in_month(year, month).is_some_and(|days| day >= 1 && day <= days) {
            return Ok(());
        }
        let fault = row.fault(field, "date", "a valid date", "correct the time stamp");
        Err(WeatherError::Value(fault))
    }

    /// Holds a stamp to the one before: to the calendar, to the order of a typical year, or to both
    /// while the rows may be either.
    fn check_order(
        &mut self,
        row: &Row<'_>,
        field: usize,
        stamp: Stamp,
    ) -> Result<(), WeatherError> {
        let Some(before) = self.before.replace(stamp) else {
            self.first = Some(stamp);
            self.typical &= (stamp.date.month, stamp.date.day) == (1, 1);
            if !self.typical && !self.dated {
                let help = "a typical year begins with 1 January: sort or complete the file";
                return Err(WeatherError::Order(row.fault(field, "time", "01-01", help)));
            }
            return Ok(());
        };
        let dated = after(before, self.step_s, before.date.year);
        let typical = after_in_typical_year(before, stamp, self.step_s);
        let as_typical = Stamp { date: Date { year: stamp.date.year, ..typical.date }, ..typical };
        let (was_typical, was_dated) = (self.typical, self.dated);
        self.typical &= as_typical == stamp;
        self.dated &= dated == stamp;
        if self.typical || self.dated {
            return Ok(());
        }
        let expected = match (was_dated, was_typical) {
            (true, _) => format!("{:04}-{}", dated.date.year, dated.text()),
            _ => typical.text(),
        };
        let expected = format!("{expected} after the line before");
        let help = "sort the file, and remove duplicate rows or add missing ones";
        let mut fault = row.fault(field, "time", &expected, help);
        fault.found = format!("{} (in an interval that begins at {})", fault.found, stamp.text());
        Err(WeatherError::Order(fault))
    }

    /// The weather, if it is complete; `first_offset_s` is from the first stamp to the beginning of
    /// what it describes.
    pub(super) fn finish(
        mut self,
        source: &Source<'_>,
        first_offset_s: i64,
    ) -> Result<Weather, WeatherError> {
        let per_day = (DAY_S / self.step_s) as usize;
        let rows = self.weather.len();
        let dated = self.dated && rows >= self.least_days * per_day && rows.is_multiple_of(per_day);
        let typical = self.typical && rows - self.leap.len() == 365 * per_day;
        let Some(first) = self.first.filter(|_| dated || typical) else {
            return Err(self.cut(source, per_day));
        };
        let weather = &mut self.weather;
        weather.typical_year = !dated;
        weather.held_s = if first_offset_s == 0 { 0 } else { self.step_s as u32 / 2 };
        let year = if dated { first.date.year } else { TYPICAL_YEAR };
        weather.start_unix_s =
            midnight_unix_s(Date { year, ..first.date }) + first.second + first_offset_s
                - i64::from(weather.location.utc_offset_s);
        if !dated {
            self.leave_out_leap_day();
        }
        Ok(self.weather)
    }

    /// Takes the rows of a 29 February out of a typical year, and says what the year is made of.
    fn leave_out_leap_day(&mut self) {
        let (weather, leap) = (&mut self.weather, self.leap.clone());
        let columns = [
            &mut weather.ghi_w_m2,
            &mut weather.dni_w_m2,
            &mut weather.dhi_w_m2,
            &mut weather.temperature_c,
            &mut weather.wind_m_s,
        ];
        for column in columns.into_iter().chain(&mut weather.pressure_pa) {
            if !column.is_empty() {
                column.drain(leap.clone());
            }
        }
        let (first, last) = self.years;
        if first < last {
            weather
                .notes
                .push(format!("a typical year composed of months of the years {first} to {last}"));
        } else {
            weather.notes.push(format!("365 days of {first}, used for any year"));
        }
        weather.notes.push(if leap.is_empty() {
            "29 February is not in the file: 28 February is used instead".to_owned()
        } else {
            "29 February is left out, as a typical year has 365 days: 28 February is used instead"
                .to_owned()
        });
    }

    /// A file that ends too early, or has too many rows.
    fn cut(&self, source: &Source<'_>, per_day: usize) -> WeatherError {
        let rows = self.weather.len();
        let of_year = !self.dated || self.least_days >= 365;
        let expected = if of_year {
            format!("{} rows, a year of 365 days", 365 * per_day)
        } else {
            format!("whole days of {per_day} rows")
        };
        let help = if of_year && rows - self.leap.len() > 365 * per_day {
            "the file has too many rows: download it again"
        } else {
            "the file is incomplete: download it again"
        };
        let found = format!("{rows} rows");
        let line = self.last_line.max(1);
        WeatherError::Cut(Box::new(source.fault(line, 1, "end of data", &found, &expected, help)))
    }
}

/// The stamp one step after another in the calendar of a year.
fn after(before: Stamp, step_s: i64, year: i64) -> Stamp {
    let second = before.second + step_s;
    let midnight = days_since_1970(Date { year, ..before.date });
    Stamp { date: date_of(midnight + second.div_euclid(DAY_S)), second: second.rem_euclid(DAY_S) }
}

/// The same in a typical year, whose 29 February may be there or not.
fn after_in_typical_year(before: Stamp, stamp: Stamp, step_s: i64) -> Stamp {
    const A_LEAP_YEAR: i64 = 2000;
    let leap_day = |date: Date| (date.month, date.day) == (2, 29);
    let next = after(before, step_s, A_LEAP_YEAR);
    if leap_day(next.date) && !leap_day(before.date) && !leap_day(stamp.date) {
        return Stamp { date: Date { month: 3, day: 1, ..next.date }, ..next };
    }
    next
}
