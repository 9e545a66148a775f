//! Samples in the order of the calendar: collects what a reader reads, holds it to that order, and
//! hands out the weather when it is complete.

use super::super::calendar::{DAY_S, Date, days_in_month, midnight_unix_s, month_day_of_365};
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

/// What has been read so far.
pub(super) struct Columns {
    places: Places,
    /// The first stamp, and whether the file keeps a leap day.
    first: Option<Stamp>,
    step_s: i64,
    typical_year: bool,
    last_line: usize,
    weather: Weather,
}

impl Columns {
    /// Columns of a format whose rows follow each other by `step_s`. A typical year has 365 days
    /// that begin on 1 January, of whatever years.
    pub(super) fn new(
        source: &'static str,
        location: Location,
        places: Places,
        step_s: u32,
        typical_year: bool,
    ) -> Self {
        let weather = Weather {
            location,
            source,
            start_unix_s: 0,
            step_s,
            typical_year,
            ghi_w_m2: Vec::with_capacity(8760),
            dni_w_m2: Vec::with_capacity(8760),
            dhi_w_m2: Vec::with_capacity(8760),
            temperature_c: Vec::with_capacity(8760),
            wind_m_s: Vec::with_capacity(8760),
            pressure_pa: places.pressure.map(|_| Vec::with_capacity(8760)),
        };
        let step_s = i64::from(step_s);
        Self { places, first: None, step_s, typical_year, last_line: 0, weather }
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
        let fault = row.fault(field, "date", "a day that exists", "correct the time stamp");
        Err(WeatherError::Value(fault))
    }

    fn check_order(
        &mut self,
        row: &Row<'_>,
        field: usize,
        stamp: Stamp,
    ) -> Result<(), WeatherError> {
        let since = self.weather.len() as i64 * self.step_s;
        let Some(first) = self.first else {
            if self.typical_year && (stamp.date.month, stamp.date.day) != (1, 1) {
                let help = "a typical year begins with 1 January: sort or complete the file";
                return Err(WeatherError::Order(row.fault(field, "time", "01-01", help)));
            }
            self.first = Some(stamp);
            return Ok(());
        };
        let since_midnight = first.second + since;
        let second = since_midnight.rem_euclid(DAY_S);
        let day = since_midnight.div_euclid(DAY_S);
        let date = if self.typical_year {
            let (month, day) = month_day_of_365((day % 365) as u16);
            Date { month, day, year: stamp.date.year }
        } else {
            super::super::calendar::date_of(midnight_unix_s(first.date) / DAY_S + day)
        };
        let expected = Stamp { date, second };
        if expected == stamp {
            return Ok(());
        }
        let year = if self.typical_year { String::new() } else { format!("{:04}-", date.year) };
        let expected = format!("{year}{} after the line before", expected.text());
        let help = "the file is unsorted, has doubled or missing rows, or a leap day too many";
        let mut fault = row.fault(field, "time", &expected, help);
        fault.found = format!("{} (which begins at {})", fault.found, stamp.text());
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
        let whole = if self.typical_year {
            rows == 365 * per_day
        } else {
            rows > 0 && rows.is_multiple_of(per_day)
        };
        let first = match self.first {
            Some(first) if whole => first,
            _ => {
                let expected = if self.typical_year {
                    format!("{} rows, a year of 365 days", 365 * per_day)
                } else {
                    format!("whole days of {per_day} rows")
                };
                let line = self.last_line.max(1);
                let help = "the file is cut, or has too many rows: take a complete one";
                let found = format!("{rows} rows");
                let fault = source.fault(line, 1, "end of data", &found, &expected, help);
                return Err(WeatherError::Cut(Box::new(fault)));
            }
        };
        let year = if self.typical_year { TYPICAL_YEAR } else { first.date.year };
        self.weather.start_unix_s =
            midnight_unix_s(Date { year, ..first.date }) + first.second + first_offset_s
                - i64::from(self.weather.location.utc_offset_s);
        Ok(self.weather)
    }
}
