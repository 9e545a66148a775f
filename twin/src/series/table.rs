//! A CSV file as rows of fields, with the place of whatever is wrong. Not what the fields mean.

use super::dialect::{Dialect, NumberProblem};
use super::split::{is_missing, split_line};
use super::{refused, stamp, text_of};
use crate::energy::EnergyError;
use std::path::{Path, PathBuf};

/// A CSV file: its headers, if it has any, and its rows.
pub(crate) struct Table {
    file: PathBuf,
    text: String,
    /// How the bytes were read, where that was not UTF-8.
    pub(crate) encoding: Option<&'static str>,
    pub(crate) dialect: Dialect,
    /// The names of the columns, and further lines of headers below them (units) as further lists.
    headers: Vec<Vec<String>>,
    /// Lines above the headers, comments included, each with its number.
    above: Vec<(u64, String)>,
    header_line: u32,
    rows: Vec<RowAt>,
    /// Beginnings and ends in the text.
    fields: Vec<(u32, u32)>,
}

/// Where a row is.
#[derive(Clone, Copy)]
struct RowAt {
    line: u32,
    /// Where its line begins in the text.
    begins: u32,
    first: u32,
    count: u32,
}

/// A field of a row, with its place.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    table: &'a Table,
    row: usize,
    index: usize,
    pub(crate) text: &'a str,
}

/// What a field looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Empty,
    Number,
    Stamp,
    Text,
}

/// How many rows decide what a file looks like.
const SAMPLE: usize = 50;

/// The most bytes of a file: a year of seconds has less.
const MOST_BYTES: usize = 1 << 31;

impl Table {
    /// Reads the whole file; `columns` says that a column beyond the first is asked for.
    pub(crate) fn read(base: &Path, path: &Path, columns: bool) -> Result<Self, EnergyError> {
        let file = base.join(path);
        let bytes = crate::files::read(&file).map_err(|e| EnergyError::unreadable(&file, e))?;
        Self::of(bytes.to_vec(), file, columns)
    }

    /// A table from the bytes of a file.
    pub(crate) fn of(bytes: Vec<u8>, file: PathBuf, columns: bool) -> Result<Self, EnergyError> {
        if bytes.len() > MOST_BYTES {
            let found = format!("{} MB", bytes.len() >> 20);
            return Err(refused(&file, (1, 1), found, "2048 MB at most", "shorten the file"));
        }
        let (text, encoding) = text_of(bytes, &file)?;
        let dialect = Dialect::of(&text, columns);
        let mut table = Self {
            file,
            text,
            encoding,
            dialect,
            headers: Vec::new(),
            above: Vec::new(),
            header_line: 1,
            rows: Vec::new(),
            fields: Vec::new(),
        };
        table.split()?;
        if table.rows.is_empty() {
            let advice = "the file is empty: export it again";
            return Err(table.refused((1, 1), "nothing", "a table", advice));
        }
        table.take_headers();
        table.check_lengths()?;
        Ok(table)
    }

    fn split(&mut self) -> Result<(), EnergyError> {
        let Self { text, rows, fields, dialect, above, .. } = self;
        let mut begins = 0;
        for (number, line) in text.split('\n').enumerate() {
            let here = begins;
            begins += line.len() + 1;
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.starts_with('#') && rows.len() < SAMPLE {
                above.push((number as u64 + 1, line.to_owned()));
            }
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let first = fields.len();
            match split_line(line, here as u32, dialect.separator, fields) {
                Ok(()) => {}
                Err(at) => {
                    let column = line[..at].chars().count() as u64 + 1;
                    return Err(refused(
                        &self.file,
                        (number as u64 + 1, column),
                        "a quote that is not closed on its line",
                        "a closing quote on the same line",
                        "close the quote, or remove it",
                    ));
                }
            }
            // `;;;`: a spreadsheet's empty line.
            if fields[first..].iter().all(|(from, to)| from == to) {
                fields.truncate(first);
                continue;
            }
            rows.push(RowAt {
                line: number as u32 + 1,
                begins: here as u32,
                first: first as u32,
                count: (fields.len() - first) as u32,
            });
        }
        Ok(())
    }

    /// Takes the lines above the first row of data away: titles, names, units.
    fn take_headers(&mut self) {
        let sample = self.rows.len().min(SAMPLE);
        let mut counts: Vec<u32> = self.rows[..sample].iter().map(|row| row.count).collect();
        counts.sort_unstable();
        let usual = counts[counts.len() / 2];
        let is_data = |r: &usize| {
            let row = self.rows[*r];
            let data = |i| matches!(self.look(*r, i), Look::Number | Look::Stamp);
            (row.count >= usual || usual - row.count <= 1)
                && (0..row.count as usize).any(data)
                && !self.is_about_the_file(*r)
        };
        let Some(mut first) = (0..sample).find(is_data) else {
            // No data at all: the first line is the header of an empty table.
            self.take(0, 1);
            return;
        };
        if first == 0 && self.rows.len() > 1 {
            // A header with numbers in it, as in `time,2019`, over a row without text in its place.
            let named = (0..self.rows[0].count as usize).any(|i| {
                self.look(0, i) == Look::Text
                    && matches!(self.look(1, i), Look::Number | Look::Stamp)
            });
            first = usize::from(named);
        }
        let whole = self.rows[first.min(self.rows.len() - 1)].count;
        // A lone `Zählpunkt` right above the data is the name of a column.
        let is_name = |r: &usize| r + 1 == first && !self.names_a_zone(*r);
        let is_header = |r: &usize| is_name(r) || !self.is_about_the_file(*r);
        // Titles stand above what is said of the file.
        let about = (0..first).rev().find(|r| !is_header(r)).map_or(0, |last| last + 1);
        let below = if about < first { about } else { 0 };
        let names = (below..first).find(|r| self.rows[*r].count >= whole && is_header(r));
        let names = names.or_else(|| (0..first).rev().find(is_header));
        self.take(names.unwrap_or(first), first);
    }

    /// Whether a row is a word and what it stands for, as in `Zeitzone;UTC`: no header and no data.
    fn is_about_the_file(&self, row: usize) -> bool {
        const WORDS: [&str; 20] = [
            "zählpunkt",
            "zaehlpunkt",
            "zählpunktbezeichnung",
            "messlokation",
            "marktlokation",
            "melo",
            "malo",
            "zählernummer",
            "kunde",
            "zeitraum",
            "erstellt",
            "erstellt am",
            "exportiert",
            "meter",
            "meter id",
            "customer",
            "period",
            "created",
            "exported",
            "generated",
        ];
        let first = self.text(row, 0).to_lowercase();
        let filled =
            (0..self.rows[row].count as usize).filter(|i| !self.text(row, *i).is_empty()).count();
        let word = first.trim_end_matches(':').trim_end();
        self.names_a_zone(row) || (filled <= 3 && WORDS.contains(&word) && self.is_short(row))
    }

    /// Whether a row fills no more than two fields, or the two ends of a period.
    fn is_short(&self, row: usize) -> bool {
        let count = self.rows[row].count as usize;
        (2..count).all(|i| self.text(row, i).is_empty() || self.look(row, i) == Look::Stamp)
    }

    /// Whether a row is `Zeitzone;UTC`.
    fn names_a_zone(&self, row: usize) -> bool {
        let first = self.text(row, 0).to_lowercase();
        let known = ["zeitzone", "time zone", "timezone", "time-zone", "time_zone"];
        known.iter().any(|key| first.starts_with(key)) && self.is_short(row)
    }

    /// Makes the rows from `names` to `first` the headers.
    fn take(&mut self, names: usize, first: usize) {
        let texts = |r: usize| {
            (0..self.rows[r].count as usize)
                .map(|i| self.text(r, i).replace("\"\"", "\""))
                .collect()
        };
        let about = |r: &usize| *r > names && self.names_a_zone(*r);
        let headers = (names..first).filter(|r| !about(r)).map(texts).collect();
        let above: Vec<usize> = (0..first).filter(|r| *r < names || about(r)).collect();
        self.headers = headers;
        if first > names {
            self.header_line = self.rows[names].line;
        }
        let data_line = self.rows.get(first).map_or(u64::MAX, |row| row.line.into());
        self.above.retain(|(line, _)| *line < data_line);
        for row in above.into_iter().map(|r| self.rows[r]) {
            let line = self.text[row.begins as usize..].lines().next().unwrap_or_default();
            self.above.push((row.line.into(), line.to_owned()));
        }
        self.above.sort_by_key(|(line, _)| *line);
        self.rows.drain(..first);
    }

    /// A row with more fields than there are columns is refused, and a last line that was cut.
    fn check_lengths(&self) -> Result<(), EnergyError> {
        let Some(first) = self.rows.first() else { return Ok(()) };
        let named = self.headers.first().map_or(first.count, |names| names.len() as u32);
        let whole = named.max(1);
        for (r, row) in self.rows.iter().enumerate() {
            let last = r + 1 == self.rows.len() && !self.text.ends_with('\n');
            let beyond = (whole..row.count).any(|i| !self.text(r, i as usize).is_empty());
            let short = row.count < whole && (last || row.count * 2 < whole);
            if beyond || short {
                let comma = self.dialect.separator == Some(b',') && beyond;
                let advice = if comma {
                    "if the comma is the decimal sign, separate the columns by semicolons"
                } else {
                    "the file may be incomplete, or a separator is missing: correct this line"
                };
                let found = format!("{} fields", row.count);
                let expected = format!("{whole}, as in the lines above");
                return Err(self.refused((row.line.into(), 1), found, expected, advice));
            }
        }
        Ok(())
    }

    /// The file.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// The names of the columns; none where the file has no headers.
    pub(crate) fn names(&self) -> Option<&[String]> {
        self.headers.first().map(Vec::as_slice)
    }

    /// What further lines of headers say of a column: its unit, most often.
    pub(crate) fn below_name(&self, column: usize) -> impl Iterator<Item = &str> {
        self.headers.iter().skip(1).filter_map(move |line| line.get(column)).map(String::as_str)
    }

    /// The lines above the headers, comments included, each with its number from 1.
    pub(crate) fn above(&self) -> &[(u64, String)] {
        &self.above
    }

    /// The line of the headers, from 1.
    pub(crate) fn header_line(&self) -> u64 {
        self.header_line.into()
    }

    /// How many rows of data there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many columns there are.
    pub(crate) fn width(&self) -> usize {
        let named = self.names().map_or(0, <[String]>::len);
        let sample = self.rows.iter().take(SAMPLE).map(|row| row.count as usize);
        sample.max().unwrap_or(0).max(named)
    }

    /// What a column is called in messages.
    pub(crate) fn called(&self, column: usize) -> String {
        match self.names().and_then(|names| names.get(column)) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => format!("column {}", column + 1),
        }
    }

    /// The line of a row, from 1.
    pub(crate) fn line(&self, row: usize) -> u64 {
        self.rows.get(row).map_or(1, |row| row.line.into())
    }

    /// The text of a field; empty where there is none.
    pub(crate) fn text(&self, row: usize, column: usize) -> &str {
        let row = self.rows[row];
        if column >= row.count as usize {
            return "";
        }
        let (from, to) = self.fields[row.first as usize + column];
        &self.text[from as usize..to as usize]
    }

    /// A field with its place.
    pub(crate) fn field(&self, row: usize, index: usize) -> Field<'_> {
        Field { table: self, row, index, text: self.text(row, index) }
    }

    /// Whether two rows hold the same.
    pub(crate) fn same(&self, a: usize, b: usize) -> bool {
        let width = self.rows[a].count.max(self.rows[b].count) as usize;
        (0..width).all(|i| self.text(a, i) == self.text(b, i))
    }

    /// What a field looks like.
    pub(crate) fn look(&self, row: usize, column: usize) -> Look {
        let text = self.text(row, column);
        let is_stamp = || stamp::Raw::parse(text).is_some() || stamp::clock(text).is_some();
        match self.dialect.number(text) {
            _ if is_missing(text) => Look::Empty,
            Ok(_) => Look::Number,
            Err(_) if is_stamp() => Look::Stamp,
            // Meant as a number, and refused as one.
            Err(NumberProblem::Thousands | NumberProblem::TooLarge) => Look::Number,
            Err(NumberProblem::NotANumber) => Look::Text,
        }
    }

    /// The rows that decide what the file looks like.
    pub(crate) fn sample(&self) -> std::ops::Range<usize> {
        0..self.rows.len().min(SAMPLE)
    }

    /// An error in this file.
    pub(crate) fn refused(
        &self,
        place: (u64, u64),
        found: impl Into<String>,
        expected: impl Into<String>,
        advice: impl Into<String>,
    ) -> EnergyError {
        refused(&self.file, place, found, expected, advice)
    }
}

impl Field<'_> {
    /// Line and column, both from 1.
    pub(crate) fn place(&self) -> (u64, u64) {
        let row = self.table.rows[self.row];
        let index = self.index.min(row.count.saturating_sub(1) as usize);
        let from = self.table.fields.get(row.first as usize + index).map_or(row.begins, |f| f.0);
        let before = &self.table.text[row.begins as usize..from as usize];
        // An opening quote is part of the field.
        let quote = usize::from(before.ends_with('"'));
        (row.line.into(), (before.chars().count() - quote) as u64 + 1)
    }

    /// A number.
    pub(crate) fn number(&self, what: &str) -> Result<f64, EnergyError> {
        if is_missing(self.text) {
            return Err(self.refused(what, "fill in the value"));
        }
        self.table.dialect.number(self.text).map_err(|why| self.refused(what, why.advice()))
    }

    /// A finite zero or more.
    pub(crate) fn magnitude(&self, what: &str) -> Result<f64, EnergyError> {
        let value = self.number(what)?;
        if value < 0.0 {
            return Err(self.refused(what, "correct the value: it cannot be below zero"));
        }
        Ok(value)
    }

    /// This field is not what was expected.
    pub(crate) fn refused(&self, expected: &str, advice: &str) -> EnergyError {
        let shown: String = self.text.chars().take(60).collect();
        self.table.refused(self.place(), format!("{shown:?}"), expected, advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        Table::of(text.as_bytes().to_vec(), PathBuf::from("f.csv"), false).unwrap()
    }

    fn cells(table: &Table) -> Vec<Vec<&str>> {
        (0..table.len()).map(|r| (0..table.width()).map(|i| table.text(r, i)).collect()).collect()
    }

    #[test]
    fn fields_lose_their_quotes_and_blanks_and_keep_their_places() {
        let table = table("a, \"b, c\" ,d\r\n1 , \"2,5\",x\r\n# 9,9,9\r\n3,4,\r\n");
        assert_eq!(table.names().unwrap(), ["a", "b, c", "d"]);
        assert_eq!(cells(&table), [["1", "2,5", "x"], ["3", "4", ""]]);
        assert_eq!(table.field(0, 1).place(), (2, 5));
        assert_eq!(table.field(1, 2).place(), (4, 5));
        assert_eq!(table.field(0, 1).magnitude("a number").unwrap(), 2.5);
    }

    #[test]
    fn titles_and_lines_of_units_are_no_data() {
        let table = table("Load of 2016 (see below)\ntime;load\n-;kW\n2016-01-01 00:00;1,5\n");
        assert_eq!(table.names().unwrap(), ["time", "load"]);
        assert_eq!(table.below_name(1).collect::<Vec<_>>(), ["kW"]);
        assert_eq!((table.len(), table.line(0), table.header_line()), (1, 4, 2));
        let years = super::Table::of(b"time,2019\n2019-01-01,3\n".to_vec(), "f".into(), false);
        assert_eq!(years.unwrap().names().unwrap(), ["time", "2019"]);
        let bare = super::Table::of(b"2019-01-01 00:00,3\n".to_vec(), "f".into(), false).unwrap();
        assert_eq!((bare.names(), bare.len(), bare.width()), (None, 1, 2));
    }

    #[test]
    fn lines_about_the_file_are_no_headers() {
        let text = "Zählpunkt;DE0001\nZeitzone;UTC\nZeit;kW\n2025-01-01 00:00;1,5\n";
        let portal = table(text);
        assert_eq!(portal.names().unwrap(), ["Zeit", "kW"]);
        assert_eq!(portal.above()[1], (2, "Zeitzone;UTC".to_owned()));
        let text = "# of 2025\nZeitraum;01.01.2025;31.12.2025\nZeit;kW;Status\n\
                    2025-01-01 00:00;1,5;W\n2025-01-01 00:15;1,5;W\n# end\n";
        let period = table(text);
        assert_eq!((period.names().unwrap().len(), period.len()), (3, 2));
        assert_eq!(period.above().len(), 2);
        // Below a title of two fields, or below the names.
        for text in [
            "Report;Load\nTime zone;UTC\nTimestamp;kW\n2025-01-01 00:00;1,5\n",
            "Timestamp;kW\nTime zone;UTC\n2025-01-01 00:00;1,5\n",
        ] {
            let portal = table(text);
            assert_eq!(portal.names().unwrap(), ["Timestamp", "kW"]);
            assert_eq!(portal.above().last().unwrap(), &(2, "Time zone;UTC".to_owned()));
            assert_eq!((portal.len(), portal.below_name(1).count()), (1, 0));
        }
        // The same word as the name of a column.
        let named = table("Zählpunkt;Zeit;kW\nDE1;2025-01-01 00:00;1,5\n");
        assert_eq!(named.names().unwrap(), ["Zählpunkt", "Zeit", "kW"]);
        assert_eq!(table("Zählpunkt;kW\nDE1;1,5\n").names().unwrap(), ["Zählpunkt", "kW"]);
        let bare = table("Zeitzone;UTC\n2025-01-01 00:00;1,5\n");
        assert_eq!((bare.names(), bare.len(), bare.above().len()), (None, 1, 1));
    }

    #[test]
    fn ragged_rows_are_refused_where_something_may_be_lost() {
        let told = |text: &str| {
            let table = Table::of(text.as_bytes().to_vec(), PathBuf::from("f.csv"), false);
            table.err().unwrap().to_string()
        };
        assert!(told("t,kw,note\n0,1,a\n1,2").contains("f.csv:3:1: found 2 fields, expected 3"));
        assert!(told("t,kw\n0,1,5\n1,2,5\n").contains("separate the columns by semicolons"));
        assert!(told("t,\"kw\n0,1\n").starts_with("f.csv:1:3: found a quote that is not closed"));
        // A status that only some rows have, and a separator at each line's end.
        assert_eq!(table("t;kw;note\n0;1;a\n1;2\n").len(), 2);
        assert_eq!(table("t;kw\n0;1;\n1;2;\n").len(), 2);
    }
}
