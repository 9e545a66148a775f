//! Reading a journal: for a replay from the start, or to follow one that is being written. Short
//! queries of bounded size, so that neither a long day nor a slow reader holds up the writer or
//! fills the memory. Not writing.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gridtwin_kernel::SimTime;
use rusqlite::{Connection, Row};

use super::schema::{self, FORMAT_KEY, failed};
use super::{JournalError, StoredInterval, StoredMark, StoredMessage};

/// Rows that are read together.
const ROWS: usize = 1024;
/// Bytes after which no more rows are read together.
const BYTES: usize = 4 << 20;

/// A journal that is open for reading. Nothing is locked between two reads.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    connection: Connection,
    topics: BTreeMap<i64, Arc<str>>,
}

impl Reader {
    /// Opens the journal at `path`, whether it is being written, was closed, or was killed.
    ///
    /// # Errors
    /// When there is none, or when it is something else, newer or damaged.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let connection = schema::open(path, false)?;
        Ok(Self { path: path.to_owned(), connection, topics: BTreeMap::new() })
    }

    /// The session's pairs, in order of their keys, without the journal's own.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn session(&self) -> Result<Vec<(String, String)>, JournalError> {
        session_of(&self.connection).map_err(|e| failed(&self.path, e))
    }

    /// Messages after number `after` (0: all), in the order of arrival. It ends at the last that
    /// is committed; call again with the last number to follow.
    pub fn messages(&mut self, after: i64) -> Messages<'_> {
        Messages { rows: Rows::new(self, &MESSAGES, after) }
    }

    /// Intervals after number `after` (`None`: all), in order. To follow as for messages.
    pub fn intervals(&mut self, after: Option<u64>) -> Rows<'_, StoredInterval> {
        let after = after.map_or(-1, |number| i64::try_from(number).unwrap_or(i64::MAX));
        Rows::new(self, &INTERVALS, after)
    }

    /// Marks after number `after` (0: all), in order. To follow as for messages.
    pub fn marks(&mut self, after: i64) -> Rows<'_, StoredMark> {
        Rows::new(self, &MARKS, after)
    }

    fn damaged(&self, why: String) -> JournalError {
        JournalError::Damaged { path: self.path.clone(), why }
    }

    fn topic(&mut self, id: i64) -> Result<Arc<str>, JournalError> {
        if let Some(topic) = self.topics.get(&id) {
            return Ok(Arc::clone(topic));
        }
        let found: Result<String, _> = self
            .connection
            .prepare_cached("SELECT topic FROM topics WHERE id = ?1")
            .and_then(|mut query| query.query_row([id], |row| row.get(0)));
        match found {
            Ok(topic) => {
                let topic: Arc<str> = topic.into();
                self.topics.insert(id, Arc::clone(&topic));
                Ok(topic)
            }
            Err(rusqlite::Error::QueryReturnedNoRows) => {
                Err(self.damaged(format!("there is no topic {id}")))
            }
            Err(error) => Err(failed(&self.path, error)),
        }
    }

    /// One page of rows after `after`: at least one if there is one, and no more than enough.
    fn page<T>(&self, query: &Query<T>, after: i64) -> Result<VecDeque<Found<T>>, JournalError> {
        let rows = || {
            let mut statement = self.connection.prepare_cached(query.sql)?;
            let mut rows = statement.query((after, ROWS as i64))?;
            let (mut page, mut bytes) = (VecDeque::new(), 0);
            while bytes < BYTES
                && let Some(row) = rows.next()?
            {
                let found = (query.read)(row)?;
                bytes += found.bytes;
                page.push_back(found);
            }
            Ok(page)
        };
        rows().map_err(|error| failed(&self.path, error))
    }
}

pub(super) fn session_of(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    connection
        .prepare("SELECT key, value FROM session WHERE key <> ?1 ORDER BY key")?
        .query_map([FORMAT_KEY], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<SimTime> {
    let at_ns: i64 = row.get(column)?;
    let wrong = |_| rusqlite::Error::IntegralValueOutOfRange(column, at_ns);
    u64::try_from(at_ns).map(SimTime).map_err(wrong)
}

/// A row that was read: its number, its content, and its size in bytes.
struct Found<T> {
    number: i64,
    item: T,
    bytes: usize,
}

/// How to read one table: rows with a number above the first parameter, in order, at most the
/// second of them.
struct Query<T: 'static> {
    sql: &'static str,
    read: fn(&Row<'_>) -> rusqlite::Result<Found<T>>,
}

/// A message whose topic is a number still.
struct Raw {
    at: SimTime,
    topic: i64,
    payload: Vec<u8>,
    retained: bool,
}

static MESSAGES: Query<Raw> = Query {
    sql: "SELECT id, at_ns, topic, payload, retained FROM messages WHERE id > ?1 ORDER BY id LIMIT ?2",
    read: |row| {
        let payload: Vec<u8> = row.get(3)?;
        let bytes = payload.len();
        let item = Raw { at: time(row, 1)?, topic: row.get(2)?, payload, retained: row.get(4)? };
        Ok(Found { number: row.get(0)?, item, bytes })
    },
};

static INTERVALS: Query<StoredInterval> = Query {
    sql: "SELECT number, content FROM intervals WHERE number > ?1 ORDER BY number LIMIT ?2",
    read: |row| {
        let (number, content): (i64, String) = (row.get(0)?, row.get(1)?);
        let bytes = content.len();
        // Above -1, by the query.
        let item = StoredInterval { number: number.unsigned_abs(), content };
        Ok(Found { number, item, bytes })
    },
};

static MARKS: Query<StoredMark> = Query {
    sql: "SELECT id, at_ns, kind, content FROM marks WHERE id > ?1 ORDER BY id LIMIT ?2",
    read: |row| {
        let (id, content): (i64, String) = (row.get(0)?, row.get(3)?);
        let bytes = content.len();
        let item = StoredMark { id, at: time(row, 1)?, kind: row.get(2)?, content };
        Ok(Found { number: id, item, bytes })
    },
};

/// Rows of a journal, in order. After an error there are no more.
pub struct Rows<'a, T: 'static> {
    reader: &'a mut Reader,
    query: &'static Query<T>,
    after: i64,
    page: VecDeque<Found<T>>,
    over: bool,
}

impl<'a, T> Rows<'a, T> {
    fn new(reader: &'a mut Reader, query: &'static Query<T>, after: i64) -> Self {
        Self { reader, query, after, page: VecDeque::new(), over: false }
    }

    fn found(&mut self) -> Option<Result<Found<T>, JournalError>> {
        if self.over {
            return None;
        }
        if self.page.is_empty() {
            match self.reader.page(self.query, self.after) {
                Ok(page) => self.page = page,
                Err(error) => {
                    self.over = true;
                    return Some(Err(error));
                }
            }
        }
        let found = self.page.pop_front();
        self.over = found.is_none();
        self.after = found.as_ref().map_or(self.after, |found| found.number);
        found.map(Ok)
    }
}

impl<T> Iterator for Rows<'_, T> {
    type Item = Result<T, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.found().map(|found| found.map(|found| found.item))
    }
}

/// Messages of a journal, in the order of arrival. After an error there are no more.
pub struct Messages<'a> {
    rows: Rows<'a, Raw>,
}

impl Messages<'_> {
    fn complete(&mut self, found: Found<Raw>) -> Result<StoredMessage, JournalError> {
        let Raw { at, topic, payload, retained } = found.item;
        let topic = self.rows.reader.topic(topic)?;
        Ok(StoredMessage { id: found.number, at, topic, payload, retained })
    }
}

impl Iterator for Messages<'_> {
    type Item = Result<StoredMessage, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match self.rows.found()? {
            Ok(found) => self.complete(found),
            Err(error) => Err(error),
        };
        self.rows.over |= next.is_err();
        Some(next)
    }
}
