//! Lines and fields of foreign text, and values within their limits. Knows no format.

use super::super::{Fault, WeatherError};

/// A file's text and its name.
pub(super) struct Source<'a> {
    name: &'a str,
    pub(super) lines: Vec<&'a str>,
}

/// What a column may hold.
pub(super) struct Quantity {
    pub(super) name: &'static str,
    low: f64,
    high: f64,
    unit: &'static str,
}

const fn quantity(name: &'static str, low: f64, high: f64, unit: &'static str) -> Quantity {
    Quantity { name, low, high, unit }
}

/// Global irradiance: bright clouds may lift it above what the sun sends. Down to -10 W/m2 is the
/// night offset of a pyranometer, and is read as nothing.
pub(super) const GHI: Quantity = quantity("GHI", -10.0, 2000.0, "W/m2");
/// Beam irradiance.
pub(super) const DNI: Quantity = quantity("DNI", -10.0, 1500.0, "W/m2");
/// Diffuse irradiance.
pub(super) const DHI: Quantity = quantity("DHI", -10.0, 1200.0, "W/m2");
/// Air temperature.
pub(super) const TEMPERATURE: Quantity = quantity("air temperature", -90.0, 65.0, "C");
/// Wind speed.
pub(super) const WIND: Quantity = quantity("wind speed", 0.0, 115.0, "m/s");
/// Air pressure in Pa, in files that keep it so.
pub(super) const PRESSURE_PA: Quantity = quantity("pressure", 30_000.0, 110_000.0, "Pa");
/// Air pressure in mbar, in files that keep it so.
pub(super) const PRESSURE_MBAR: Quantity = quantity("pressure", 300.0, 1100.0, "mbar");
/// Latitude.
pub(super) const LATITUDE: Quantity = quantity("latitude", -90.0, 90.0, "degrees");
/// Longitude.
pub(super) const LONGITUDE: Quantity = quantity("longitude", -180.0, 180.0, "degrees");
/// Height above the sea.
pub(super) const ALTITUDE: Quantity = quantity("altitude", -450.0, 9000.0, "m");
/// Local standard time less UTC.
pub(super) const UTC_OFFSET: Quantity = quantity("time zone", -12.0, 14.0, "h");

/// What to do about a value that cannot be.
const FILL: &str = "correct the value, or fill it in: gridtwin does not fill in missing weather";

/// How far from its stamp irradiance was seen.
pub(super) const TIME_OFFSET: Quantity = quantity("Irradiance Time Offset", -1.0, 1.0, "h");
/// The same in EPW, where it leads from local hours to UTC: a zone and an hour more.
pub(super) const TIME_OFFSET_TO_UTC: Quantity =
    quantity("Irradiance Time Offset", -15.0, 13.0, "h");

impl<'a> Source<'a> {
    pub(super) fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, lines: text.lines().collect() }
    }

    /// The file's name.
    pub(super) fn name(&self) -> &'a str {
        self.name
    }

    /// A fault at a line and column, both from 1.
    pub(super) fn fault(
        &self,
        line: usize,
        column: usize,
        field: &str,
        found: &str,
        expected: &str,
        help: &'static str,
    ) -> Fault {
        Fault {
            file: self.name.to_owned(),
            line,
            column,
            field: field.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
            help,
        }
    }

    /// The row at `index` (from 0), if the file is that long.
    pub(super) fn row(&'a self, index: usize) -> Option<Row<'a>> {
        let text = self.lines.get(index)?;
        let fields =
            if text.contains('"') { split_quoted(text) } else { text.split(',').collect() };
        Some(Row { source: self, line: index + 1, text, fields })
    }

    /// The row at `index`, where the format has one.
    pub(super) fn header(&'a self, index: usize, what: &str) -> Result<Row<'a>, WeatherError> {
        self.row(index).ok_or_else(|| {
            let line = self.lines.len().max(1);
            let help = "add this header line, or download the file again";
            let fault = self.fault(line, 1, what, "the end of the file", "this header line", help);
            WeatherError::Cut(Box::new(fault))
        })
    }

    /// The rows from `index` on, without empty lines.
    pub(super) fn rows(&'a self, index: usize) -> impl Iterator<Item = Row<'a>> {
        (index..self.lines.len())
            .filter(|&i| !self.lines[i].trim().is_empty())
            .filter_map(|i| self.row(i))
    }
}

/// The parts between commas that are not within quotes; quotes stay, so that places can be counted.
fn split_quoted(text: &str) -> Vec<&str> {
    let mut quoted = false;
    let outside = |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    };
    text.split(outside).collect()
}

/// A column's name as it is compared: letters and digits alone, since files double a parenthesis,
/// write `m2` for `m^2` or `m\u{b2}`, or put blanks where others have none.
fn plain_name(name: &str) -> String {
    let letters = name.chars().map(|c| if c == '\u{b2}' { '2' } else { c });
    letters.filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// One line, split at its commas.
pub(super) struct Row<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) line: usize,
    pub(super) text: &'a str,
    pub(super) fields: Vec<&'a str>,
}

impl<'a> Row<'a> {
    /// The field at `index`, without blanks and quotes around it; empty where the line is too short.
    pub(super) fn text(&self, index: usize) -> &'a str {
        self.fields.get(index).map_or("", |field| field.trim().trim_matches('"').trim())
    }

    /// A fault at the field `index` of this line.
    pub(super) fn fault(
        &self,
        index: usize,
        field: &str,
        expected: &str,
        help: &'static str,
    ) -> Box<Fault> {
        let before = self.fields.iter().take(index).map(|f| f.chars().count() + 1).sum::<usize>();
        let column = (before + 1).min(self.text.chars().count() + 1);
        let found = match self.text(index) {
            _ if index >= self.fields.len() => "the end of the line".to_owned(),
            "" => "nothing".to_owned(),
            text => format!("`{}`", text.chars().take(40).collect::<String>()),
        };
        Box::new(self.source.fault(self.line, column, field, &found, expected, help))
    }

    /// The number at `index`, refused where it is missing or cannot be.
    pub(super) fn number(&self, index: usize, of: &Quantity) -> Result<f64, WeatherError> {
        self.number_if_sound(index, of).ok_or_else(|| {
            let expected = format!("{} to {} {}", of.low, of.high, of.unit);
            WeatherError::Value(self.fault(index, of.name, &expected, FILL))
        })
    }

    /// The number at `index`, or none where it is missing or cannot be.
    pub(super) fn number_if_sound(&self, index: usize, of: &Quantity) -> Option<f64> {
        let value: f64 = self.text(index).parse().ok()?;
        (value >= of.low && value <= of.high).then_some(value)
    }

    /// The whole number at `index`, within limits.
    pub(super) fn integer(
        &self,
        index: usize,
        name: &str,
        limits: std::ops::RangeInclusive<i64>,
    ) -> Result<i64, WeatherError> {
        let value = self.text(index).parse().ok().filter(|value| limits.contains(value));
        value.ok_or_else(|| {
            let expected = format!("{} to {}", limits.start(), limits.end());
            WeatherError::Value(self.fault(index, name, &expected, "correct the time stamp"))
        })
    }

    /// Where the column of one of these names is, the first name first; small differences in writing
    /// do not count.
    pub(super) fn find_like(&self, names: &[&str]) -> Result<usize, WeatherError> {
        let ours: Vec<String> = (0..self.fields.len()).map(|i| plain_name(self.text(i))).collect();
        let found = names.iter().find_map(|name| {
            let wanted = plain_name(name);
            ours.iter().position(|own| *own == wanted)
        });
        found.map_or_else(|| self.find(names.first().copied().unwrap_or_default()), Ok)
    }

    /// Where the column of that name is.
    pub(super) fn find(&self, name: &str) -> Result<usize, WeatherError> {
        let at = self.fields.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
        at.ok_or_else(|| {
            let mut fault = self.fault(0, name, "this column", "add the column to the file");
            fault.found = "no such column in the header".to_owned();
            WeatherError::Format(fault)
        })
    }
}
