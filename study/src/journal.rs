//! The journal of a study: a line for each run that is over, written at once, in the order in which
//! they end. What a kill leaves is read again, but for a last line that was cut; a line that cannot be
//! read costs its own run alone. Not for readers: `results.csv` is.

use crate::error::Error;
use crate::run::Row;
use gridtwin_reports::Metric;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The journal's file in a study's directory.
pub(crate) const JOURNAL: &str = "runs.jsonl";

/// A line.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    run: u64,
    id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<(String, Option<f64>, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Line {
    fn of(row: &Row) -> Self {
        let (metrics, error) = match &row.outcome {
            Ok(metrics) => {
                let of = |m: &Metric| (m.name.clone(), m.value, m.unit.clone());
                (metrics.iter().map(of).collect(), None)
            }
            Err(why) => (Vec::new(), Some(why.clone())),
        };
        Self { run: row.run, id: row.id.clone(), metrics, error }
    }

    fn row(self) -> Row {
        let metric = |(name, value, unit)| Metric { name, value, unit };
        let outcome = match self.error {
            Some(why) => Err(why),
            None => Ok(self.metrics.into_iter().map(metric).collect()),
        };
        Row { run: self.run, id: self.id, outcome }
    }
}

/// A journal that is being written.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

impl Journal {
    /// Begins a journal, or goes on with the one that is there: gives what stands in it.
    pub(crate) fn open(folder: &Path, resume: bool) -> Result<(Self, Vec<Row>), Error> {
        let path = folder.join(JOURNAL);
        let io = Error::io(&path);
        let mut options = OpenOptions::new();
        let mut file = options
            .create(true)
            .read(true)
            .write(true)
            .truncate(!resume)
            .open(&path)
            .map_err(&io)?;
        let Lines { rows, whole, .. } = read(&mut file).map_err(&io)?;
        // A line that was cut is written again.
        file.set_len(whole).and_then(|()| file.seek(SeekFrom::End(0))).map_err(&io)?;
        Ok((Self { path: path.clone(), file: Mutex::new(file) }, rows))
    }

    /// Adds a run.
    pub(crate) fn add(&self, row: &Row) -> Result<(), Error> {
        let mut line =
            serde_json::to_vec(&Line::of(row)).map_err(|e| Error::io(&self.path)(e.into()))?;
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&line).map_err(Error::io(&self.path))
    }
}

/// The rows of a study's directory.
pub(crate) fn rows(folder: &Path) -> Result<Vec<Row>, Error> {
    lines(folder).map(|lines| lines.rows)
}

/// Which lines of a directory's journal cannot be read, counted from 1; a last one that was cut is no
/// loss and not among them. None where there is no journal.
pub fn broken_lines(folder: &Path) -> Vec<u64> {
    // Where the file itself cannot be read, whoever needs it says so.
    lines(folder).map(|lines| lines.broken).unwrap_or_default()
}

/// Whether a directory's journal is one: it has a run. Where it is all there is, one without a whole
/// line is, too, as a kill during the first run leaves it.
pub(crate) fn is_ours(folder: &Path, alone: bool) -> bool {
    let begun = || {
        std::fs::read(folder.join(JOURNAL))
            .is_ok_and(|b| b"{\"run\":".starts_with(&b[..b.len().min(7)]))
    };
    lines(folder)
        .is_ok_and(|lines| !lines.rows.is_empty() || (alone && lines.whole == 0 && begun()))
}

/// What stands in a journal.
#[derive(Debug, Default)]
struct Lines {
    rows: Vec<Row>,
    broken: Vec<u64>,
    /// How many bytes all lines take but one that was cut.
    whole: u64,
}

fn lines(folder: &Path) -> Result<Lines, Error> {
    let path = folder.join(JOURNAL);
    let mut file = File::open(&path).map_err(Error::io(&path))?;
    read(&mut file).map_err(Error::io(&path))
}

fn read(file: &mut File) -> std::io::Result<Lines> {
    let mut reader = BufReader::new(file);
    let (mut lines, mut line) = (Lines::default(), Vec::new());
    for number in 1.. {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        if length == 0 || line.last() != Some(&b'\n') {
            break;
        }
        lines.whole += length as u64;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<Line>(&line) {
            Ok(said) => lines.rows.push(said.row()),
            Err(_) => lines.broken.push(number),
        }
    }
    Ok(lines)
}
