//! The journal: one SQLite file (WAL) that stores every message before the twin sees it.
//! Append-only. Committed records survive a kill at any moment; a power failure may lose the last
//! commits, but never the file. The rows' meaning is not known here: texts and bytes are stored as
//! they are.
//!
//! While it is written, `FILE-wal` and `FILE-shm` belong to it, and `FILE.lock` keeps a second
//! writer out; [`Journal::close`] leaves one plain file (and the empty lock).

mod reader;
mod schema;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use gridtwin_kernel::SimTime;

pub use reader::{Messages, Reader, Rows};
pub use writer::Journal;

/// The version of the format that is written.
pub const FORMAT: u32 = 1;

/// Something to append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record<'a> {
    /// A received message.
    Message {
        /// When, on the twin's clock.
        at: SimTime,
        /// Its topic.
        topic: &'a str,
        /// Its bytes.
        payload: &'a [u8],
        /// Whether it was the broker's kept copy.
        retained: bool,
    },
    /// What the twin was given for an interval. Written once and never changed.
    Interval {
        /// The interval's number.
        number: u64,
        /// The text, opaque here.
        content: &'a str,
    },
    /// Something that happened to the session: it began, was resumed, lost its connection, ended.
    Mark {
        /// When, on the twin's clock.
        at: SimTime,
        /// A short word for what.
        kind: &'a str,
        /// More about it.
        content: &'a str,
    },
}

/// A message in a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its number, from 1, in the order of arrival.
    pub id: i64,
    /// When, on the twin's clock.
    pub at: SimTime,
    /// Its topic, shared with every other message of that topic.
    pub topic: Arc<str>,
    /// Its bytes.
    pub payload: Vec<u8>,
    /// Whether it was the broker's kept copy.
    pub retained: bool,
}

/// An interval in a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredInterval {
    /// Its number.
    pub number: u64,
    /// What the twin was given.
    pub content: String,
}

/// A mark in a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMark {
    /// Its number, from 1.
    pub id: i64,
    /// When, on the twin's clock.
    pub at: SimTime,
    /// A short word for what.
    pub kind: String,
    /// More about it.
    pub content: String,
}

/// What is wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is a file already.
    #[error("the journal {0} already exists: choose another name, or resume this journal")]
    Exists(PathBuf),
    /// There is no file.
    #[error("there is no journal {0}")]
    Missing(PathBuf),
    /// Another process writes it.
    #[error("another process is writing the journal {0}")]
    InUse(PathBuf),
    /// The file is something else.
    #[error("{path} is not a journal of gridtwin link: {why}")]
    NotAJournal {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A newer program wrote it.
    #[error(
        "the journal {path} has format {found}, but this version of gridtwin supports formats up \
         to {FORMAT}: use a newer version of gridtwin"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: String,
    },
    /// The file is damaged.
    #[error("the journal {path} is damaged: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// In which way.
        why: String,
    },
    /// The disk is full.
    #[error("the disk is full: the journal {0} cannot be extended")]
    Full(PathBuf),
    /// The interval exists already.
    #[error("interval {0} is already in the journal, and its entries cannot be changed")]
    IntervalTwice(u64),
    /// A number does not fit SQLite's 63 bits.
    #[error("the number {0} is too large for a journal")]
    TooLarge(u64),
    /// The file cannot be read or written.
    #[error("can't read or write the journal {path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// The error message of SQLite or the system.
        why: String,
    },
}
