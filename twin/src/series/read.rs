//! From a file to a series: regular steps of kW, currency per kWh or g/kWh, with or without dates.
//! Not its place on a run.

use super::choose::{Unit, choose_unit};
use super::fill::fill;
use super::json;
use super::layout;
use super::places::Places;
use super::plausible;
use super::stamp::Stamp;
use super::steps::{Grid, Rows, gaps, minutes};
use super::table::{Look, Table};
use super::times::{Said, Times};
use super::undated::{undated, whole_seconds};
use super::unit::{self, Family};
use super::values::values;
use super::written::Written;
use super::zones::{self, Label};
use super::{Kind, refused};
use crate::energy::EnergyError;
use crate::energy::calendar::{Calendar, DAY_S};
use crate::scenario::{Column, Gaps, SeriesFile, TimeColumns};
use std::path::{Path, PathBuf};

/// A file that was understood.
pub(super) struct Series {
    /// The file, by its path from here.
    pub(super) file: PathBuf,
    /// Where its last value stands.
    pub(super) last_place: (u64, u64),
    /// The start of the first interval in seconds of Unix time; none where the file has no dates.
    pub(super) start_s: Option<i64>,
    pub(super) step_s: i64,
    /// In kW, currency per kWh or g/kWh, scaled and filled.
    pub(super) values: Vec<f64>,
    /// How many of them were missing.
    pub(super) filled: usize,
    pub(super) column: String,
    pub(super) unit: String,
    pub(super) zone: String,
    pub(super) notes: Vec<String>,
}

/// Stamps and values of a file, as they were read.
pub(super) struct Content<'a> {
    pub(super) file: &'a Path,
    /// None where the file has no dates.
    stamps: Option<Vec<Stamp>>,
    /// A missing value is NaN.
    pub(super) values: Vec<f64>,
    /// The headers over the time.
    time_headers: Vec<String>,
    /// The zones that the file names.
    pub(super) labels: Vec<Label>,
    pub(super) column: String,
    /// The unit, and what was assumed of it and of the values.
    pub(super) unit: Unit,
    time_place: TimePlace<'a>,
    pub(super) value_place: Box<dyn Fn(usize) -> (u64, u64) + 'a>,
}

/// Where a row's time stamp stands, and its text.
type TimePlace<'a> = Box<dyn Fn(usize) -> ((u64, u64), String) + 'a>;

/// Reads a file.
pub(super) fn read(
    file: &SeriesFile,
    kind: Kind<'_>,
    calendar: &Calendar,
    base: &Path,
) -> Result<Series, EnergyError> {
    let path = base.join(&file.path);
    let bytes = crate::files::read(&path).map_err(|error| EnergyError::unreadable(&path, error))?;
    of_bytes(bytes.to_vec(), path, file, kind, calendar)
}

/// Reads the bytes of a file.
pub(super) fn of_bytes(
    bytes: Vec<u8>,
    path: PathBuf,
    file: &SeriesFile,
    kind: Kind<'_>,
    calendar: &Calendar,
) -> Result<Series, EnergyError> {
    if json::is_json(&bytes) {
        let (text, _) = super::text_of(bytes, &path)?;
        let points = json::read(&text, &path)?;
        return series(of_points(&points, &path, file, kind)?, file, kind, calendar);
    }
    let beyond_first = |column: &Column| matches!(column, Column::Number(2..));
    let columns = file.column.as_ref().is_some_and(beyond_first)
        || file.time.as_ref().is_some_and(|time| match time {
            TimeColumns::One(column) => beyond_first(column),
            TimeColumns::Two(..) => true,
        });
    let table = Table::of(bytes, path, columns)?;
    series(of_table(&table, file, kind)?, file, kind, calendar)
}

/// Stamps and values of WattTime's JSON.
fn of_points<'a>(
    points: &'a json::Points,
    path: &'a Path,
    file: &SeriesFile,
    kind: Kind<'_>,
) -> Result<Content<'a>, EnergyError> {
    let said = unit::Header::of_unit(points.units.as_deref());
    let unit = choose_unit(path, (1, 1), &said, "meta.units", file, kind)?;
    let place = move |i: usize| points.places.get(i).copied().unwrap_or((1, 1));
    Ok(Content {
        file: path,
        stamps: Some(points.stamps.clone()),
        values: points.values.clone(),
        time_headers: Vec::new(),
        labels: Vec::new(),
        column: "value".to_owned(),
        unit,
        time_place: Box::new(move |i| (place(i), points.texts[i].clone())),
        value_place: Box::new(place),
    })
}

/// Stamps and values of a table.
fn of_table<'a>(
    table: &'a Table,
    file: &SeriesFile,
    kind: Kind<'_>,
) -> Result<Content<'a>, EnergyError> {
    if table.len() == 0 {
        let place = (table.header_line() + 1, 1);
        let advice = "the file may be incomplete: export it again";
        return Err(table.refused(place, "no rows", "a row for each time step", advice));
    }
    layout::check(table)?;
    let places = Places::find(table, file)?;
    let time = places.as_ref().map(Places::columns).unwrap_or_default();
    let column = match &file.column {
        Some(column) => table.column(column)?,
        None => table.only_numbers(&time)?,
    };
    if time.contains(&column) || table.look(0, column) == Look::Stamp {
        let place = table.field(0, column).place();
        let found = format!("{:?}, a column of time stamps", table.called(column));
        let advice = "set `column` to the name or number of the column of values";
        return Err(table.refused(place, found, "a numeric column", advice));
    }
    let name = table.names().and_then(|names| names.get(column));
    let mut names: Vec<&str> = name.map(String::as_str).into_iter().collect();
    names.extend(table.below_name(column));
    let mut said = unit::Header::of(&names, kind);
    if let Some(column) = layout::unit_column(table)? {
        said = layout::agreed(table, said, column)?;
    }
    let header = (table.header_line(), 1);
    let mut unit = choose_unit(table.file(), header, &said, "header", file, kind)?;
    if let Some(encoding) = table.encoding {
        unit.notes.push(format!("the file's text encoding is {encoding}"));
    }
    let (values, note) = values(table, column, unit.unit, kind)?;
    unit.notes.extend(note);
    if places.is_none() && file.starts.is_none() {
        Places::none_unread(table, column)?;
    }
    let stamps = match &places {
        Some(places) => {
            let stamps = places.stamps(table, file.date_order)?;
            if let Some(beside) = &places.beside {
                unit.notes.push(beside.note.clone());
                unit.notes.extend(beside.agrees(table, &stamps)?);
            }
            Some(stamps)
        }
        None => None,
    };
    let time_headers = if table.names().is_some() {
        time.iter().map(|&i| table.called(i)).collect()
    } else {
        Vec::new()
    };
    let dates = time.first().copied().unwrap_or(0);
    Ok(Content {
        file: table.file(),
        stamps,
        values,
        time_headers,
        labels: zones::labels(table, &time),
        column: table.called(column),
        unit,
        time_place: Box::new(move |i| {
            let field = table.field(i, dates);
            (field.place(), field.text.to_owned())
        }),
        value_place: Box::new(move |i| table.field(i, column).place()),
    })
}

/// The series of a file's content.
fn series(
    mut content: Content<'_>,
    file: &SeriesFile,
    kind: Kind<'_>,
    calendar: &Calendar,
) -> Result<Series, EnergyError> {
    let given_s = file.step_minutes.map(|step| whole_seconds(step.get())).transpose()?;
    let mut notes = std::mem::take(&mut content.unit.notes);
    let stamps = content.stamps.take();
    let (mut grid, zone) = match stamps {
        Some(stamps) => dated(&mut content, stamps, file, given_s, calendar, &mut notes)?,
        None => undated(&content, file, given_s, calendar, &mut notes)?,
    };
    let filled = fill(&mut grid.values, file.gaps, grid.step_s);
    let left = gaps(&grid.values);
    if let Some(&first) = left.first() {
        return Err(gap(&content, &grid, first, &left, file));
    }
    let Grid { start_s, step_s, mut values, .. } = grid;
    plausible::check_raw(&content, &values, kind, step_s, file)?;
    let per_hour = match content.unit.unit.family() {
        Family::Energy => 3600.0 / step_s as f64,
        _ => 1.0,
    };
    let factor = content.unit.unit.factor() * per_hour * file.scale.get();
    if factor != 1.0 {
        for value in &mut values {
            *value *= factor;
        }
    }
    plausible::check(&content, &values, kind, file)?;
    notes.extend(plausible::notes(&content, &values, kind));
    if file.scale.get() != 1.0 {
        notes.push(format!("every value is multiplied by {} (`scale`)", file.scale));
    }
    let dated = zone.is_some();
    Ok(Series {
        file: content.file.to_owned(),
        last_place: ((content.value_place)(content.values.len().max(1) - 1).0, 1),
        start_s: dated.then_some(start_s),
        step_s,
        values,
        filled,
        column: content.column,
        unit: content.unit.said,
        zone: zone.unwrap_or_else(|| "standard time of the site's zone".to_owned()),
        notes,
    })
}

/// A file with time stamps on regular steps, and its zone in words.
fn dated(
    content: &mut Content<'_>,
    mut stamps: Vec<Stamp>,
    file: &SeriesFile,
    given_s: Option<i64>,
    calendar: &Calendar,
    notes: &mut Vec<String>,
) -> Result<(Grid, Option<String>), EnergyError> {
    if file.starts.is_some() {
        return Err(refused(
            content.file,
            (content.time_place)(0).0,
            "time stamps in the file and `starts` in the scenario",
            "only one of the two",
            "remove `starts` from the scenario",
        ));
    }
    let rows = stamps.len();
    let lines = rows;
    // The newest first: read from the end.
    let newest_first = rows > 1 && stamps.windows(2).all(|pair| pair[1].local_s <= pair[0].local_s);
    let row = move |i: usize| if newest_first { rows - 1 - i } else { i };
    if newest_first {
        stamps.reverse();
        content.values.reverse();
        notes.push("the newest line is first: the file is read from its last line".to_owned());
    }
    let place = |i: usize| (content.time_place)(row(i));
    let headers = content.time_headers.iter().map(String::as_str).collect();
    let said = Said { headers, labels: &content.labels, place: &place, file: content.file };
    let times = Times::of(&stamps, &said, file, calendar.zone())?;
    notes.extend(times.notes);
    let rows = Rows {
        instants_s: &times.instants_s,
        values: &content.values,
        stamps: &stamps,
        ends: times.ends,
        given_s,
        energy: content.unit.unit.family() == Family::Energy,
        place: &place,
        file: content.file,
    };
    let mut grid = rows.grid()?;
    grid.row_before_gap = row(grid.row_before_gap);
    grid.written = Written::of(&stamps, &times.instants_s);
    notes.extend(grid.change.map(|change| change.note(&grid.written)));
    let spread = grid.change.is_none() && grid.values.len() >= 20 * lines;
    let a_day = grid.step_s >= DAY_S || spread;
    if a_day && lines > 1 {
        notes.push(
            "one value a day, spread evenly over the day: peaks and demand charges will be too low"
                .to_owned(),
        );
    }
    Ok((grid, Some(times.zone)))
}

/// The first gap of those that are left.
fn gap(
    content: &Content<'_>,
    grid: &Grid,
    (from, length): (usize, usize),
    all: &[(usize, usize)],
    file: &SeriesFile,
) -> EnergyError {
    let missing: usize = all.iter().map(|gap| grid.rows(*gap)).sum();
    let (line, column) = (content.value_place)(grid.row_before_gap);
    let at = |i: usize| grid.start_s + i as i64 * grid.step_s;
    let dated = grid.start_s != 0;
    let span = match dated {
        true => {
            let (written, from_s, to_s) = (&grid.written, at(from), at(from + length));
            format!(", {} to {}", written.until(from_s), written.since(to_s))
        }
        false => String::new(),
    };
    let others = match all.len() {
        1 => String::new(),
        count => format!(", the first of {count} gaps, with {missing} missing values in all"),
    };
    let hours = length as f64 * grid.step_s as f64 / 3600.0;
    let rows = grid.rows((from, length));
    let s = if rows == 1 { "" } else { "s" };
    let found = format!("a gap of {rows} value{s} ({hours} h{span}){others}");
    let expected = format!("a value every {} minutes", minutes(grid.own_s(from)));
    let advice = match file.gaps {
        Gaps::Refuse => {
            "complete the file, or set `gaps: Interpolate`, `gaps: Hold` or `gaps: \
             SameHourYesterday`"
        }
        _ => "complete the file: it has no value from which `gaps` could fill this gap",
    };
    refused(content.file, (line, column), found, expected, advice)
}
