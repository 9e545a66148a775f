//! Writing a journal: create, resume, append. One transaction a call; what has returned is
//! committed. Not reading it.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::reader::{Reader, session_of};
use super::schema::{self, failed};
use super::{JournalError, Record};

/// A journal that is open for appending.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    connection: Connection,
    /// Ids of topics by name. Only ever looked up.
    topics: HashMap<String, i64>,
    last_message: i64,
    /// Held as long as this is; the system lets go of it when the process ends in any way.
    _lock: File,
}

impl Journal {
    /// Begins a new journal at `path` with what the owner wants to know again at a replay: pairs
    /// of a key and a text. The key `format` is ours.
    ///
    /// # Errors
    /// When the file is there already or can't be written.
    pub fn create(path: &Path, session: &[(String, String)]) -> Result<Self, JournalError> {
        if path.exists() {
            return Err(JournalError::Exists(path.to_owned()));
        }
        let lock = lock(path)?;
        // Once more and for certain: nothing that is there is ever written over.
        match OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(JournalError::Exists(path.to_owned()));
            }
            Err(error) => {
                let why = error.to_string();
                return Err(JournalError::File { path: path.to_owned(), why });
            }
        }
        match begin(path, session) {
            Ok(connection) => {
                let (path, topics) = (path.to_owned(), HashMap::new());
                Ok(Self { path, connection, topics, last_message: 0, _lock: lock })
            }
            Err(error) => {
                // It is ours and holds nothing; a second failure to remove it changes nothing.
                let _ = std::fs::remove_file(path);
                Err(error)
            }
        }
    }

    /// Resumes the journal at `path`, after a check of the whole file.
    ///
    /// # Errors
    /// When there is none, when it is something else, newer or damaged, or when another process
    /// writes it.
    pub fn resume(path: &Path) -> Result<Self, JournalError> {
        if !path.exists() {
            return Err(JournalError::Missing(path.to_owned()));
        }
        let lock = lock(path)?;
        let connection = schema::open(path, true)?;
        let verdict: String = connection
            .query_row("PRAGMA quick_check(1)", (), |row| row.get(0))
            .map_err(|e| failed(path, e))?;
        if verdict != "ok" {
            return Err(JournalError::Damaged { path: path.to_owned(), why: verdict });
        }
        schema::prepare_to_write(&connection, path)?;
        let read = |connection: &Connection| {
            let topics = connection
                .prepare("SELECT topic, id FROM topics")?
                .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<HashMap<String, i64>>>()?;
            let last =
                connection
                    .query_row("SELECT coalesce(max(id), 0) FROM messages", (), |row| row.get(0))?;
            Ok((topics, last))
        };
        let (topics, last_message) = read(&connection).map_err(|e| failed(path, e))?;
        Ok(Self { path: path.to_owned(), connection, topics, last_message, _lock: lock })
    }

    /// Opens a journal for replay or to follow it; see [`Reader::open`].
    ///
    /// # Errors
    /// As for [`Reader::open`].
    pub fn read(path: &Path) -> Result<Reader, JournalError> {
        Reader::open(path)
    }

    /// The session's pairs, in order of their keys, without the journal's own.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn session(&self) -> Result<Vec<(String, String)>, JournalError> {
        session_of(&self.connection).map_err(|e| failed(&self.path, e))
    }

    /// The number of the last message that was appended, 0 when there is none.
    pub fn last_message(&self) -> i64 {
        self.last_message
    }

    /// The number of the last interval, if there is one.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn last_interval(&self) -> Result<Option<u64>, JournalError> {
        let query = "SELECT number FROM intervals ORDER BY number DESC LIMIT 1";
        self.connection
            .query_row(query, (), |row| row.get::<_, i64>(0))
            .optional()
            .map(|number| number.map(|number| number.max(0).unsigned_abs()))
            .map_err(|e| failed(&self.path, e))
    }

    /// Appends all of `records` or, on an error, none, and commits. Gives the number of the last
    /// message.
    ///
    /// # Errors
    /// When the disk is full or fails, when an interval exists already, or when a time does not
    /// fit. The journal remains usable.
    pub fn append(&mut self, records: &[Record<'_>]) -> Result<i64, JournalError> {
        let mut new_topics = Vec::new();
        let done = append(
            &mut self.connection,
            &mut self.topics,
            &mut new_topics,
            self.last_message,
            records,
            &self.path,
        );
        match done {
            Ok(last) => self.last_message = last,
            Err(_) => {
                for topic in &new_topics {
                    self.topics.remove(topic);
                }
            }
        }
        done
    }

    /// Ends: the file stands alone afterwards, without a log beside it, and can be read where
    /// nothing can be written.
    ///
    /// # Errors
    /// When the log can't be copied back. Nothing is lost then: it stays beside the file.
    pub fn close(self) -> Result<(), JournalError> {
        let busy = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get::<_, i64>(0))
            .map_err(|e| failed(&self.path, e))?;
        if busy == 0 {
            // Refused while another process reads; then the log is merely empty.
            let plain = self.connection.pragma_update(None, "journal_mode", "delete");
            drop(plain);
        }
        self.connection.close().map_err(|(_, error)| failed(&self.path, error))
    }
}

fn begin(path: &Path, session: &[(String, String)]) -> Result<Connection, JournalError> {
    let mut connection = Connection::open(path).map_err(|e| failed(path, e))?;
    schema::prepare(&connection).map_err(|e| failed(path, e))?;
    schema::prepare_to_write(&connection, path)?;
    schema::create(&mut connection, session).map_err(|e| failed(path, e))?;
    Ok(connection)
}

fn append(
    connection: &mut Connection,
    topics: &mut HashMap<String, i64>,
    new_topics: &mut Vec<String>,
    mut last_message: i64,
    records: &[Record<'_>],
    path: &Path,
) -> Result<i64, JournalError> {
    // At the start, so that a reader that comes in between can't make the commit fail.
    let behaviour = rusqlite::TransactionBehavior::Immediate;
    let fail = |error| failed(path, error);
    let transaction = connection.transaction_with_behavior(behaviour).map_err(fail)?;
    for record in records {
        match *record {
            Record::Message { at, topic, payload, retained } => {
                let at = small(at.0)?;
                let id = match topics.get(topic) {
                    Some(&id) => id,
                    None => {
                        let id = insert_topic(&transaction, topic).map_err(fail)?;
                        topics.insert(topic.to_owned(), id);
                        new_topics.push(topic.to_owned());
                        id
                    }
                };
                let number = last_message
                    .checked_add(1)
                    .ok_or(JournalError::TooLarge(last_message.unsigned_abs()))?;
                let sql = "INSERT INTO messages VALUES (?1, ?2, ?3, ?4, ?5)";
                let row = (number, at, id, payload, retained);
                transaction.prepare_cached(sql).and_then(|mut s| s.execute(row)).map_err(fail)?;
                last_message = number;
            }
            Record::Interval { number, content } => {
                let sql = "INSERT INTO intervals VALUES (?1, ?2) ON CONFLICT DO NOTHING";
                let row = (small(number)?, content);
                let rows = transaction
                    .prepare_cached(sql)
                    .and_then(|mut s| s.execute(row))
                    .map_err(fail)?;
                if rows == 0 {
                    return Err(JournalError::IntervalTwice(number));
                }
            }
            Record::Mark { at, kind, content } => {
                let sql = "INSERT INTO marks (at_ns, kind, content) VALUES (?1, ?2, ?3)";
                let row = (small(at.0)?, kind, content);
                transaction.prepare_cached(sql).and_then(|mut s| s.execute(row)).map_err(fail)?;
            }
        }
    }
    transaction.commit().map_err(fail)?;
    Ok(last_message)
}

fn insert_topic(transaction: &Transaction<'_>, topic: &str) -> rusqlite::Result<i64> {
    transaction.prepare_cached("INSERT INTO topics (topic) VALUES (?1)")?.insert([topic])
}

fn small(number: u64) -> Result<i64, JournalError> {
    i64::try_from(number).map_err(|_| JournalError::TooLarge(number))
}

/// The lock beside the file. SQLite's own locks let two writers take turns, and that would make
/// one day of two.
fn lock(path: &Path) -> Result<File, JournalError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let fail = |error: std::io::Error| JournalError::File {
        path: path.to_owned(),
        why: error.to_string(),
    };
    let file = OpenOptions::new().create(true).append(true).open(name).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(fail(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridtwin_kernel::SimTime;

    #[test]
    fn a_full_disk_is_an_error_and_what_stands_stays_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("day.sqlite");
        let mut journal = Journal::create(&path, &[]).unwrap();
        let message =
            |payload| Record::Message { at: SimTime(1), topic: "a", payload, retained: false };
        journal.append(&[message(b"first")]).unwrap();
        // SQLite's own limit, which reports that there is no more room.
        let pages: i64 =
            journal.connection.query_row("PRAGMA page_count", (), |r| r.get(0)).unwrap();
        let most = |pages: i64, journal: &Journal| {
            let set = format!("PRAGMA max_page_count = {pages}");
            journal.connection.query_row(&set, (), |_| Ok(())).unwrap();
        };
        most(pages, &journal);
        let big = vec![7; 1 << 20];
        let other = Record::Message { at: SimTime(2), topic: "b", payload: &big, retained: false };
        let error = journal.append(&[message(b"lost with the rest"), other]).unwrap_err();
        assert!(matches!(error, JournalError::Full(_)), "{error}");
        assert!(error.to_string().contains("disk is full"));
        most(1 << 20, &journal);
        assert_eq!(journal.append(&[other]).unwrap(), 2);
        journal.close().unwrap();
        let stored: Vec<_> =
            Reader::open(&path).unwrap().messages(0).collect::<Result<_, _>>().unwrap();
        let topics: Vec<_> = stored.iter().map(|m| &*m.topic).collect();
        assert_eq!(topics, ["a", "b"]);
        assert_eq!(stored[0].payload, b"first");
    }
}
