//! Columns of numbers from CSV files, with the place of whatever is wrong. Not what the numbers
//! mean over time, which is [`super::year_course`].

use super::EnergyError;
use std::path::{Path, PathBuf};

/// A CSV file: its headers, if it has any, and its rows.
pub(crate) struct Table {
    file: PathBuf,
    text: String,
    headers: Option<(u64, csv::StringRecord)>,
}

/// A field of a row, with its place.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) file: &'a Path,
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) text: &'a str,
}

/// A row with its line.
pub(crate) struct Row<'a> {
    file: &'a Path,
    pub(crate) line: u64,
    record: &'a csv::StringRecord,
}

impl Table {
    /// Reads the whole file. It has headers unless its first line is one number alone.
    pub(crate) fn read(base: &Path, path: &Path) -> Result<Self, EnergyError> {
        let file = base.join(path);
        let bytes = crate::files::read(&file).map_err(|e| EnergyError::unreadable(&file, e))?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|error| not_text(&file, &error))?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let mut table = Self { file, text, headers: None };
        let mut first = csv::StringRecord::new();
        let found = table.reader().read_record(&mut first).map_err(|e| table.broken(&e))?;
        if !found {
            return Err(table.value(1, 1, "nothing", "a table", "the file is empty"));
        }
        let bare = first.len() == 1 && first[0].parse::<f64>().is_ok();
        if !bare {
            let line = first.position().map_or(1, csv::Position::line);
            table.headers = Some((line, first));
        }
        Ok(table)
    }

    fn reader(&self) -> csv::Reader<&[u8]> {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(self.text.as_bytes())
    }

    /// The index of a column: by its whole name, else by a beginning that only it has, up to a
    /// space or bracket (`Carbon Intensity` for `Carbon Intensity (direct)`).
    pub(crate) fn column(&self, wanted: &str) -> Result<usize, EnergyError> {
        let none = csv::StringRecord::new();
        let (line, headers) = match &self.headers {
            Some((line, headers)) => (*line, headers),
            None => (1, &none),
        };
        if let Some(i) = headers.iter().position(|h| h == wanted) {
            return Ok(i);
        }
        let begins = |h: &str| {
            h.strip_prefix(wanted)
                .and_then(|rest| rest.chars().next())
                .is_some_and(|c| !wanted.is_empty() && (c.is_whitespace() || "([,".contains(c)))
        };
        let mut beginning = headers.iter().enumerate().filter(|(_, h)| begins(h));
        if let (Some((i, _)), None) = (beginning.next(), beginning.next()) {
            return Ok(i);
        }
        let near = |h: &&str| strsim::jaro_winkler(&h.to_lowercase(), &wanted.to_lowercase());
        let nearest =
            headers.iter().filter(|h| near(h) > 0.6).max_by(|a, b| near(a).total_cmp(&near(b)));
        let names: Vec<_> = headers.iter().map(|h| format!("{h:?}")).collect();
        Err(EnergyError::UnknownColumn {
            file: self.file.clone(),
            line,
            wanted: wanted.to_owned(),
            headers: if names.is_empty() {
                "none, the file has no headers".to_owned()
            } else {
                names.join(", ")
            },
            nearest: nearest.map(str::to_owned),
        })
    }

    /// The file.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Whether there are headers, and which.
    pub(crate) fn headers(&self) -> Option<(u64, &csv::StringRecord)> {
        self.headers.as_ref().map(|(line, headers)| (*line, headers))
    }

    /// Visits every row below the headers. A row with fewer fields than the headers is refused: so
    /// ends a file that was cut.
    pub(crate) fn rows(
        &self,
        mut visit: impl FnMut(&Row<'_>) -> Result<(), EnergyError>,
    ) -> Result<(), EnergyError> {
        let fields = self.headers.as_ref().map_or(1, |(_, h)| h.len());
        let mut reader = self.reader();
        let mut record = csv::StringRecord::new();
        let mut skip = self.headers.is_some();
        while reader.read_record(&mut record).map_err(|e| self.broken(&e))? {
            if std::mem::take(&mut skip) {
                continue;
            }
            let line = record.position().map_or(0, csv::Position::line);
            if record.len() != fields {
                return Err(self.value(
                    line,
                    1,
                    &format!("{} fields", record.len()),
                    &format!("{fields}"),
                    "the file may have been cut here, or a separator is missing",
                ));
            }
            visit(&Row { file: &self.file, line, record: &record })?;
        }
        Ok(())
    }

    /// Every number of one column: finite, of zero or above.
    pub(crate) fn magnitudes(&self, index: usize, what: &str) -> Result<Vec<f64>, EnergyError> {
        let mut values = Vec::new();
        self.rows(|row| {
            values.push(row.field(index).magnitude(what)?);
            Ok(())
        })?;
        if values.is_empty() {
            let line = self.headers.as_ref().map_or(1, |(line, _)| line + 1);
            return Err(self.value(line, 1, "no rows", what, "the file may have been cut"));
        }
        Ok(values)
    }

    pub(crate) fn value(
        &self,
        line: u64,
        column: u64,
        found: &str,
        expected: &str,
        advice: &str,
    ) -> EnergyError {
        EnergyError::Value {
            file: self.file.clone(),
            line,
            column,
            found: found.to_owned(),
            expected: expected.to_owned(),
            advice: advice.to_owned(),
        }
    }

    fn broken(&self, error: &csv::Error) -> EnergyError {
        let line = error.position().map_or(1, csv::Position::line);
        self.value(line, 1, &error.to_string(), "a row of a table", "mend the line")
    }
}

/// Where a file is not UTF-8: the line and the character in it.
fn not_text(file: &Path, error: &std::string::FromUtf8Error) -> EnergyError {
    let at = error.utf8_error().valid_up_to();
    let good = String::from_utf8_lossy(&error.as_bytes()[..at]);
    let line_start = good.rfind('\n').map_or(0, |newline| newline + 1);
    EnergyError::Value {
        file: file.to_owned(),
        line: good.matches('\n').count() as u64 + 1,
        column: good[line_start..].chars().count() as u64 + 1,
        found: format!(
            "the byte 0x{:02X} (byte {} of the file), which is not text",
            error.as_bytes()[at],
            at + 1
        ),
        expected: "text in UTF-8".to_owned(),
        advice: "save the file as CSV in UTF-8; a spreadsheet's own file is no CSV".to_owned(),
    }
}

impl<'a> Row<'a> {
    /// The field of this index; empty where there is none.
    pub(crate) fn field(&self, index: usize) -> Field<'a> {
        let before: usize = self.record.iter().take(index).map(|f| f.chars().count() + 1).sum();
        Field {
            file: self.file,
            line: self.line,
            column: before as u64 + 1,
            text: self.record.get(index).unwrap_or_default(),
        }
    }

    /// Whether two rows hold the same.
    pub(crate) fn record(&self) -> &'a csv::StringRecord {
        self.record
    }
}

impl Field<'_> {
    /// A finite number of zero or above.
    pub(crate) fn magnitude(&self, what: &str) -> Result<f64, EnergyError> {
        match self.text.parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
            Ok(value) if value < 0.0 => {
                Err(self.refused(what, "a value below zero has no meaning here"))
            }
            Ok(_) => Err(self.refused(what, "fill the gap before the run; nothing is guessed")),
            Err(_) if self.text.is_empty() => {
                Err(self.refused(what, "fill the gap before the run; nothing is guessed"))
            }
            Err(_) => Err(self.refused(what, "write it as in 12.5")),
        }
    }

    /// This field is not what was expected.
    pub(crate) fn refused(&self, expected: &str, advice: &str) -> EnergyError {
        EnergyError::Value {
            file: self.file.to_owned(),
            line: self.line,
            column: self.column,
            found: format!("{:?}", self.text),
            expected: expected.to_owned(),
            advice: advice.to_owned(),
        }
    }
}
