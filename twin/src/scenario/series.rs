//! A file of values over time, as a scenario names it: a load, prices, carbon, a measurement. Not
//! the reader, which is [`crate::series`].

use super::units::{NonNegative, Positive};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::path::PathBuf;

/// A CSV file (or WattTime's JSON) of values over time. Only the path is required where the file
/// itself shows the rest: `gridtwin check` prints how the file was read.
///
/// Separators are commas, semicolons or tabs, decimal signs points or commas, lines that begin with
/// `#` are comments. Time stamps are ISO 8601, `dd.mm.yyyy HH:MM`, `dd/mm/yyyy` or `mm/dd/yyyy` with
/// or without AM and PM, or seconds or milliseconds since 1970, in one column or with date and hour
/// in two. A file without time stamps begins on 1 January in the standard time of the site's zone;
/// it repeats when it ends, and starts anew on each 1 January. Where [`SeriesFile::starts`] is given,
/// its values are dated from that time on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesFile {
    /// The file, relative to the scenario's.
    pub path: PathBuf,
    /// The column of the values: its whole header, the beginning of it that only it has, or its
    /// number, counted from 1. By default the only column of numbers.
    #[serde(default)]
    pub column: Option<Column>,
    /// The unit of the values. By default that of the column's header, as in `[kW]`, `(EUR/MWh)` or
    /// `gCO2eq/kWh`; where the header has none, kW, g/kWh, or the currency per kWh.
    #[serde(default)]
    pub unit: Option<SeriesUnit>,
    /// Every value is multiplied by this.
    #[serde(default = "one")]
    pub scale: NonNegative,
    /// The column of the time stamps, or `[date, hour]` where they are in two columns. By default the
    /// first column of time stamps; of several, UTC is preferred to local time, and the start of
    /// intervals to their end.
    #[serde(default)]
    pub time: Option<TimeColumns>,
    /// Whether a time stamp is the start or the end of the interval that its value describes. By
    /// default the start, unless the header or an hour 24 says that it is the end.
    #[serde(default)]
    pub stamps: Option<Stamps>,
    /// The zone of time stamps without an offset: "UTC", "+01:00", a name such as "Europe/Berlin",
    /// "local" (the site's clock, with daylight-saving time) or "standard" (the site's standard time
    /// all year). By default the zone that the header or a line above the table names, as in
    /// `(UTC)`, `Winterzeit` or `Zeitzone: UTC`; else the site's zone, where the time stamps at the
    /// daylight-saving changes show whether the file is in local time or in standard time all year.
    #[serde(default)]
    pub zone: Option<SeriesZone>,
    /// Whether the day or the month comes first in dates with slashes or dashes: needed only where
    /// both orders fit every row.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// Minutes from one value to the next. By default the step between the time stamps; in a file
    /// without time stamps, 60.
    #[serde(default)]
    pub step_minutes: Option<Positive>,
    /// The time of the first value of a file without time stamps, in the file's zone.
    #[serde(default)]
    pub starts: Option<DateTime>,
    /// How missing values are filled, or that the file is refused.
    #[serde(default)]
    pub gaps: Gaps,
    /// How a file of a whole year is used for a run in another year.
    #[serde(default)]
    pub other_year: OtherYear,
}

fn one() -> NonNegative {
    NonNegative::of(1.0)
}

impl SeriesFile {
    /// A file of which nothing but the path is said.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            column: None,
            unit: None,
            scale: one(),
            time: None,
            stamps: None,
            zone: None,
            date_order: None,
            step_minutes: None,
            starts: None,
            gaps: Gaps::default(),
            other_year: OtherYear::default(),
        }
    }
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// By its header, or by the beginning of its header that only it has.
    Name(String),
    /// By its number, counted from 1.
    Number(u32),
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name:?}"),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Number(number) => serializer.serialize_u32(*number),
        }
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;

        impl Visitor<'_> for Seen {
            type Value = Column;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column's header in quotes, or its number, counted from 1")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Column, E> {
                match name.trim() {
                    "" => Err(E::custom("found an empty name, expected a column's header")),
                    name => Ok(Column::Name(name.to_owned())),
                }
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Column, E> {
                match u32::try_from(number) {
                    Ok(number @ 1..) => Ok(Column::Number(number)),
                    _ => Err(E::custom(format_args!(
                        "found the column number {number}, expected 1 for the first column, 2 for the \
                         second and so on"
                    ))),
                }
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Column, E> {
                self.visit_u64(u64::try_from(number).unwrap_or(0))
            }
        }

        deserializer.deserialize_any(Seen)
    }
}

/// The column of the time stamps, or two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeColumns {
    /// Date and clock in one column.
    One(Column),
    /// The date, and the hour or clock.
    Two(Column, Column),
}

impl Serialize for TimeColumns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(column) => column.serialize(serializer),
            Self::Two(date, hour) => [date, hour].as_slice().serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for TimeColumns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;

        impl<'de> Visitor<'de> for Seen {
            type Value = TimeColumns;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column's header or number, or [date, hour] for two columns")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<TimeColumns, E> {
                Column::deserialize(serde::de::value::StrDeserializer::new(name))
                    .map(TimeColumns::One)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<TimeColumns, E> {
                Column::deserialize(serde::de::value::U64Deserializer::new(number))
                    .map(TimeColumns::One)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<TimeColumns, E> {
                self.visit_u64(u64::try_from(number).unwrap_or(0))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<TimeColumns, A::Error> {
                let short =
                    || A::Error::custom("expected [date, hour], the headers of two columns");
                let date = seq.next_element()?.ok_or_else(short)?;
                let hour = seq.next_element()?.ok_or_else(short)?;
                match seq.next_element::<Column>()? {
                    None => Ok(TimeColumns::Two(date, hour)),
                    Some(_) => Err(short()),
                }
            }
        }

        deserializer.deserialize_any(Seen)
    }
}

/// What a time stamp is of the interval that its value describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stamps {
    /// Its start.
    Start,
    /// Its end.
    End,
}

/// What comes first in a date with slashes or dashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateOrder {
    /// `dd/mm/yyyy`.
    DayFirst,
    /// `mm/dd/yyyy`.
    MonthFirst,
}

/// How missing values are filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gaps {
    /// The file is refused.
    #[default]
    Refuse,
    /// A straight line from the value before to the one after.
    Interpolate,
    /// The value before; at the file's beginning, the first one.
    Hold,
    /// The value a day before; on the first day, a day after.
    SameHourYesterday,
}

/// How a file of a whole year is used for a run in another year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OtherYear {
    /// Each day of the run uses the nearest day of the file's year with the same weekday.
    #[default]
    SameWeekday,
    /// Each day of the run uses the same date; 29 February uses 28 February where the file has none.
    SameDate,
    /// The file is refused.
    Refuse,
}

/// The zone of time stamps without an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeriesZone {
    /// Seconds ahead of UTC, all year.
    Offset(i32),
    /// The site's clock, with daylight-saving time.
    Local,
    /// The site's standard time, all year.
    Standard,
    /// The clock of a zone of the IANA database.
    Named(String),
}

impl SeriesZone {
    /// The zone of this name.
    pub fn new(name: &str) -> Option<Self> {
        let name = name.trim();
        match name.to_ascii_lowercase().as_str() {
            "utc" | "z" | "gmt" => return Some(Self::Offset(0)),
            "local" => return Some(Self::Local),
            "standard" => return Some(Self::Standard),
            _ => {}
        }
        if let Some(offset_s) = crate::series::offset_s(name) {
            return Some(Self::Offset(offset_s));
        }
        TimeZone::get(name).is_ok().then(|| Self::Named(name.to_owned()))
    }
}

impl fmt::Display for SeriesZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset(0) => f.write_str("UTC"),
            Self::Offset(seconds) => {
                let sign = if *seconds < 0 { '-' } else { '+' };
                let minutes = seconds.abs() / 60;
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
            Self::Local => f.write_str("local"),
            Self::Standard => f.write_str("standard"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

impl Serialize for SeriesZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SeriesZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::new(&name).ok_or_else(|| {
            D::Error::custom(format_args!(
                "found the zone {name:?}, expected \"UTC\", \"+01:00\", \"local\", \"standard\" or \
                 a name as in \"Europe/Berlin\""
            ))
        })
    }
}

/// The unit of a file's values. It distinguishes power from energy: kWh of each step become kW.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SeriesUnit {
    /// Watt.
    W,
    /// Kilowatt.
    Kw,
    /// Megawatt.
    Mw,
    /// Watt-hours of each step.
    Wh,
    /// Kilowatt-hours of each step.
    Kwh,
    /// Megawatt-hours of each step.
    Mwh,
    /// The currency's unit per kWh.
    PerKwh,
    /// The currency's unit per MWh.
    PerMwh,
    /// A hundredth of the currency's unit per kWh: cent, penny.
    CentPerKwh,
    /// Gram per kWh.
    GPerKwh,
    /// Kilogram per kWh.
    KgPerKwh,
    /// Kilogram per MWh.
    KgPerMwh,
    /// Tonne per MWh.
    TPerMwh,
    /// Pound per kWh.
    LbPerKwh,
    /// Pound per MWh.
    LbPerMwh,
}
