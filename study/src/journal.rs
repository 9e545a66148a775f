//! The journal of a study: a line for each run that is over, written at once, in the order in which
//! they end. What a kill leaves is read again, but for a last line that was cut. Not for readers:
//! `results.csv` is.

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
        let (rows, whole) = read(&mut file).map_err(&io)?;
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
    let path = folder.join(JOURNAL);
    let mut file = File::open(&path).map_err(Error::io(&path))?;
    read(&mut file).map(|(rows, _)| rows).map_err(Error::io(&path))
}

/// All whole lines, and how many bytes they take.
fn read(file: &mut File) -> std::io::Result<(Vec<Row>, u64)> {
    let mut reader = BufReader::new(file);
    let (mut rows, mut whole, mut line) = (Vec::new(), 0, Vec::new());
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        if length == 0 || line.last() != Some(&b'\n') {
            return Ok((rows, whole));
        }
        let Ok(said) = serde_json::from_slice::<Line>(&line) else {
            return Ok((rows, whole));
        };
        rows.push(said.row());
        whole += length as u64;
    }
}
