//! What was understood of a file of charging sessions, and what the run's two ends did to sessions. Not
//! the sessions.

use jiff::Timestamp;

/// What the run's two ends did to the charging sessions that a file holds or that were drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionCounts {
    /// All sessions that there are.
    pub all: u32,
    /// Those that ended before the run began.
    pub before: u32,
    /// Those that would begin after it.
    pub after: u32,
    /// Those that had begun before the run and go on in it.
    pub cut_at_start: u32,
    /// Those that go on after the run's end.
    pub cut_at_end: u32,
}

impl SessionCounts {
    /// Those that lie in the run, or partly so.
    pub fn inside(self) -> u32 {
        self.all.saturating_sub(self.before + self.after)
    }
}

/// A file of charging sessions, as the twin understood it: for `gridtwin check`, and for the
/// assumptions in a report.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionFile {
    /// The group of chargers that it is for.
    pub group: String,
    /// The file, as the scenario names it.
    pub file: String,
    /// What was taken from which column: its header; none where the file has no such column.
    pub columns: Vec<(&'static str, Option<String>)>,
    /// How many sessions it holds.
    pub count: usize,
    /// The first arrival and the last departure in it.
    pub span: (Timestamp, Timestamp),
    /// The zone of its times in words, as in "UTC (header)".
    pub zone: String,
    /// The energy of all sessions.
    pub sum_kwh: f64,
    /// The smallest energy of a session.
    pub smallest_kwh: f64,
    /// The largest one.
    pub largest_kwh: f64,
    /// What of it lies in the run. Where it serves another year, those sessions that do.
    pub counts: SessionCounts,
    /// Whether each session lies at its own time, and none stands for one of another year.
    pub by_date: bool,
    /// How it was laid on the run, in words, as in "by date".
    pub laid: String,
    /// What else was assumed, each in a sentence.
    pub notes: Vec<String>,
}
