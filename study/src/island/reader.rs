//! Traces from a CSV file whose columns the user names.
//!
//! Reads one file into memory and refuses it whole, with file and line, if anything in it is not what
//! it should be. Time stamps are not read: the rows are taken as they stand, one a step.

use super::error::{Error, require, require_size};
use super::traces::{Traces, is_power};
use csv::{ReaderBuilder, StringRecord};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// How many lines may come before the header.
const LINES_BEFORE_HEADER: usize = 100;

/// Which columns of a file hold the traces, and in which units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The load; scaled to kW.
    pub load: Column,
    /// The PV potential; scaled to kW for each kWp. None: no sun.
    #[serde(default)]
    pub pv: Option<Column>,
    /// The wind. None: no wind.
    #[serde(default)]
    pub wind: Option<Wind>,
    /// Length of a row, in h.
    pub step_h: f64,
}

/// A column, and what a value in it is multiplied by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The name in the file's header, exactly.
    pub name: String,
    /// What brings its unit to the wanted one: 0.001 for W where kW are wanted.
    pub scale: f64,
}

/// How a file tells the wind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Wind {
    /// As potential; scaled to kW for each rated kW.
    PerKw(Column),
    /// As speed; scaled to m/s at the hub (height included), then through a power curve.
    Speed {
        /// The column of speeds.
        column: Column,
        /// The turbine's curve.
        curve: PowerCurve,
    },
}

/// A turbine's power over its rated power, by wind speed: points joined by straight lines, nothing
/// before the first or after the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(f64, f64)>", into = "Vec<(f64, f64)>")]
pub struct PowerCurve(Vec<(f64, f64)>);

impl Column {
    /// The column `name`, whose values times `scale` are in the wanted unit.
    #[must_use]
    pub fn new(name: &str, scale: f64) -> Self {
        Self { name: name.into(), scale }
    }
}

impl PowerCurve {
    /// A curve from points (speed in m/s, power over rated power).
    ///
    /// # Errors
    /// [`Error::Parameter`] where a speed is not above the one before, a share is not between 0 and 1,
    /// or there are fewer than two points.
    pub fn new(points: Vec<(f64, f64)>) -> Result<Self, Error> {
        require(points.len() >= 2, "power curve points", points.len() as f64, "at least 2")?;
        let mut last = f64::NEG_INFINITY;
        for (speed_ms, share) in &points {
            let speed_holds = speed_ms.is_finite() && *speed_ms >= 0.0 && *speed_ms > last;
            let expected = "0 or more, and above the speed before it";
            require(speed_holds, "power curve speed", *speed_ms, expected)?;
            require((0.0..=1.0).contains(share), "power curve share", *share, "between 0 and 1")?;
            last = *speed_ms;
        }
        Ok(Self(points))
    }

    /// Power over rated power at a wind speed in m/s.
    #[must_use]
    pub fn share(&self, speed_ms: f64) -> f64 {
        let after = self.0.partition_point(|(speed, _)| *speed < speed_ms);
        let before = after.checked_sub(1).and_then(|at| self.0.get(at));
        match (before, self.0.get(after)) {
            (_, Some((speed, share))) if *speed == speed_ms => *share,
            (Some((low, from)), Some((high, to))) => {
                from + (to - from) * (speed_ms - low) / (high - low)
            }
            _ => 0.0,
        }
    }
}

impl TryFrom<Vec<(f64, f64)>> for PowerCurve {
    type Error = Error;

    fn try_from(points: Vec<(f64, f64)>) -> Result<Self, Error> {
        Self::new(points)
    }
}

impl From<PowerCurve> for Vec<(f64, f64)> {
    fn from(curve: PowerCurve) -> Self {
        curve.0
    }
}

impl Traces {
    /// Reads traces from a CSV file. Lines before the header are skipped.
    ///
    /// # Errors
    /// [`Error::Read`] where the file cannot be read, and whatever [`Traces::parse`] refuses.
    pub fn read(path: &Path, columns: &Columns) -> Result<Self, Error> {
        let file = path.display().to_string();
        let bytes = fs::read(path).map_err(|source| Error::Read { file: file.clone(), source })?;
        match str::from_utf8(&bytes) {
            Ok(text) => Self::parse(&file, text, columns),
            Err(bad) => {
                let good = bytes.get(..bad.valid_up_to()).unwrap_or_default();
                let line = 1 + good.iter().filter(|byte| **byte == b'\n').count() as u64;
                Err(Error::Line { file, line, message: "not UTF-8 text".into() })
            }
        }
    }

    /// Traces from CSV text; `file` is only for messages.
    ///
    /// The header is the first line that names all wanted columns, within the first 100; what stands
    /// before it is skipped. Every row after it has as many fields as the header.
    ///
    /// # Errors
    /// [`Error::Line`] with file and line: a column that is missing or there twice, a row of another
    /// length, a value that is not a number, negative, or not finite, or no rows at all.
    /// [`Error::Parameter`] for a scale or step that cannot be.
    pub fn parse(file: &str, text: &str, columns: &Columns) -> Result<Self, Error> {
        let wanted = columns.wanted();
        for column in &wanted {
            require_size(&format!("scale of `{}`", column.name), column.scale)?;
        }
        let refuse = |line, message| Error::Line { file: file.into(), line, message };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let header = find_header(text, &wanted).map_err(|(line, message)| refuse(line, message))?;

        let (mut load_kw, mut pv_per_kw, mut wind_per_kw) = (vec![], vec![], vec![]);
        let mut rows = plain_csv(text.get(header.end..).unwrap_or_default());
        let mut fields = StringRecord::new();
        loop {
            let start = header.end + rows.position().byte() as usize;
            let refuse = |message| refuse(line_of(text, start), message);
            if !rows.read_record(&mut fields).map_err(|error| refuse(error.to_string()))? {
                break;
            }
            if fields.len() != header.fields {
                let (found, wanted) = (fields.len(), header.fields);
                return Err(refuse(format!("found {found} fields, but the header has {wanted}")));
            }
            let mut places = header.places.iter();
            let mut next = |column: &Column| {
                let field = places.next().and_then(|at| fields.get(*at)).unwrap_or_default();
                column.number(field).map_err(refuse)
            };
            load_kw.push(next(&columns.load)?);
            pv_per_kw.push(columns.pv.as_ref().map_or(Ok(0.0), &mut next)?);
            wind_per_kw.push(match &columns.wind {
                None => 0.0,
                Some(Wind::PerKw(column)) => next(column)?,
                Some(Wind::Speed { column, curve }) => curve.share(next(column)?),
            });
        }
        match Self::new(load_kw, pv_per_kw, wind_per_kw, columns.step_h) {
            Err(Error::Empty) => Err(refuse(header.line, "no rows follow this header".into())),
            other => other,
        }
    }
}

impl Columns {
    /// The columns in the order in which a row is read: load, PV, wind.
    fn wanted(&self) -> Vec<&Column> {
        let wind = self.wind.as_ref().map(|wind| match wind {
            Wind::PerKw(column) | Wind::Speed { column, .. } => column,
        });
        [Some(&self.load), self.pv.as_ref(), wind].into_iter().flatten().collect()
    }
}

impl Column {
    fn number(&self, field: &str) -> Result<f64, String> {
        let field = field.trim();
        let Ok(value) = field.parse::<f64>() else {
            return Err(format!("`{}` is {:?}, not a number", self.name, shortened(field)));
        };
        let value = value * self.scale;
        if is_power(value) {
            Ok(value)
        } else {
            Err(format!(
                "`{}` is {}, but should be a finite number, 0 or more",
                self.name,
                shortened(field)
            ))
        }
    }
}

/// Where the header stands, where in the text it ends, and where in it the wanted columns are.
struct Header {
    line: u64,
    end: usize,
    fields: usize,
    places: Vec<usize>,
}

/// The first line that names every wanted column; else what the line nearest to it lacks.
fn find_header(text: &str, wanted: &[&Column]) -> Result<Header, (u64, String)> {
    let mut nearest = (0, 1, "no header found: the file is empty".to_string());
    let mut end = 0;
    for (row, line) in text.split_inclusive('\n').zip(1..).take(LINES_BEFORE_HEADER) {
        end += row.len();
        let row = row.trim_end();
        let mut fields = StringRecord::new();
        if plain_csv(row).read_record(&mut fields).is_err() {
            continue;
        }
        let place = |column: &&Column| fields.iter().position(|field| field.trim() == column.name);
        let places: Vec<usize> = wanted.iter().filter_map(place).collect();
        if places.len() == wanted.len() {
            let named =
                |column: &Column| fields.iter().filter(|field| field.trim() == column.name).count();
            return match wanted.iter().find(|column| named(column) > 1) {
                Some(column) => Err((line, format!("column `{}` is listed twice", column.name))),
                None => Ok(Header { line, end, fields: fields.len(), places }),
            };
        }
        if (places.len() > nearest.0 || line == 1)
            && let Some(missing) = wanted.iter().find(|column| place(column).is_none())
        {
            let message = format!(
                "no column `{}` in the header; this line has {}",
                missing.name,
                shortened(row)
            );
            nearest = (places.len(), line, message);
        }
    }
    Err((nearest.1, nearest.2))
}

/// A reader of comma-separated rows that leaves the header and the number of fields to us.
fn plain_csv(text: &str) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes())
}

/// The line, from 1, of the first row that is not blank from a byte of the text on.
fn line_of(text: &str, start: usize) -> u64 {
    let (before, after) = text.split_at_checked(start).unwrap_or((text, ""));
    let blank = after.len() - after.trim_start_matches(['\r', '\n']).len();
    let above = before.bytes().chain(after.bytes().take(blank));
    1 + above.filter(|byte| *byte == b'\n').count() as u64
}

/// The beginning of what was found, fit for a message.
fn shortened(found: &str) -> String {
    match found.char_indices().nth(120) {
        Some((at, _)) => format!("{}...", found.get(..at).unwrap_or_default()),
        None => found.into(),
    }
}
