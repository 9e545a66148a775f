//! The tables, and the checks that a file is a journal of ours. Not its rows.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{FORMAT, JournalError};

/// `GTLJ`, in the place that SQLite keeps for a program's own mark.
const APPLICATION_ID: i32 = 0x4754_4c4a;

/// No row of a journal is longer than this, in bytes, and none is read from a foreign file.
const LONGEST_ROW: i32 = 64 << 20;

const TABLES: [&str; 5] = ["intervals", "marks", "messages", "session", "topics"];

const CREATE: &str = "
    CREATE TABLE session (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE topics (id INTEGER PRIMARY KEY, topic TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, topic INTEGER NOT NULL,
        payload BLOB NOT NULL, retained INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE intervals (number INTEGER PRIMARY KEY, content TEXT NOT NULL) STRICT;
    CREATE TABLE marks (
        id INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, kind TEXT NOT NULL, content TEXT NOT NULL
    ) STRICT;
";

/// The session's key for the format.
pub(super) const FORMAT_KEY: &str = "format";

/// Opens a file that must be there.
pub(super) fn open(path: &Path, write: bool) -> Result<Connection, JournalError> {
    look_at_head(path)?;
    let mode =
        if write { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| failed(path, e))?;
    prepare(&connection).map_err(|e| failed(path, e))?;
    check(&connection, path)?;
    Ok(connection)
}

/// Settings of every connection.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_ROW)?;
    // A foreign file's schema runs nothing.
    connection.pragma_update(None, "trusted_schema", false)
}

/// Settings of the one that writes: the log is the file's truth until it is copied back, and is
/// flushed to the disk when it is.
pub(super) fn prepare_to_write(connection: &Connection, path: &Path) -> Result<(), JournalError> {
    let mode = connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0))
        .map_err(|e| failed(path, e))?;
    if mode != "wal" {
        let why = "its file system does not support SQLite's write-ahead log; use a local disk";
        return Err(JournalError::File { path: path.to_owned(), why: why.to_owned() });
    }
    connection.pragma_update(None, "synchronous", "normal").map_err(|e| failed(path, e))
}

/// Makes the tables and writes the session, all or nothing.
pub(super) fn create(
    connection: &mut Connection,
    session: &[(String, String)],
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.execute_batch(CREATE)?;
    {
        let mut insert = transaction.prepare("INSERT INTO session VALUES (?1, ?2)")?;
        insert.execute((FORMAT_KEY, FORMAT.to_string()))?;
        for (key, value) in session {
            insert.execute((key, value))?;
        }
    }
    transaction.commit()
}

/// Reads the file's first bytes: SQLite would report any text file only as no database, and accept
/// an empty one as new.
fn look_at_head(path: &Path) -> Result<(), JournalError> {
    let file = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => JournalError::Missing(path.to_owned()),
        _ => JournalError::File { path: path.to_owned(), why: error.to_string() },
    };
    let mut head = Vec::new();
    File::open(path).map_err(file)?.take(16).read_to_end(&mut head).map_err(file)?;
    let why = match head.as_slice() {
        b"SQLite format 3\0" => return Ok(()),
        [] => "the file is empty",
        _ => "it is not an SQLite file",
    };
    Err(JournalError::NotAJournal { path: path.to_owned(), why: why.to_owned() })
}

fn check(connection: &Connection, path: &Path) -> Result<(), JournalError> {
    let not = |why: &str| JournalError::NotAJournal { path: path.to_owned(), why: why.to_owned() };
    let id: i32 = connection
        .query_row("PRAGMA application_id", (), |row| row.get(0))
        .map_err(|e| failed(path, e))?;
    if id != APPLICATION_ID {
        return Err(not("it is another program's SQLite file"));
    }
    // A view or a trigger could make anything of a query.
    let objects = "SELECT type || ' ' || name FROM sqlite_schema WHERE name NOT LIKE 'sqlite~_%' \
                   ESCAPE '~' ORDER BY name LIMIT 20";
    let found: Vec<String> = connection
        .prepare(objects)
        .and_then(|mut query| query.query_map((), |row| row.get(0))?.collect())
        .map_err(|e| failed(path, e))?;
    let format: String = if found.contains(&"table session".to_owned()) {
        connection
            .query_row("SELECT value FROM session WHERE key = ?1", [FORMAT_KEY], |row| row.get(0))
            .map_err(|e| failed(path, e))?
    } else {
        return Err(not("it has no table `session`"));
    };
    match format.parse::<u32>() {
        Ok(FORMAT) => {}
        Ok(newer) if newer > FORMAT => {
            return Err(JournalError::Newer { path: path.to_owned(), found: format });
        }
        _ => return Err(not("its format number is not valid")),
    }
    if !found.iter().map(String::as_str).eq(TABLES.map(|name| format!("table {name}"))) {
        return Err(not("its tables are not those of a journal"));
    }
    Ok(())
}

/// SQLite's error as one of ours.
pub(super) fn failed(path: &Path, error: rusqlite::Error) -> JournalError {
    let path = path.to_owned();
    let why = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => JournalError::Full(path),
        Some(ErrorCode::NotADatabase) => {
            JournalError::NotAJournal { path, why: "it is not an SQLite file".to_owned() }
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::TooBig) => JournalError::Damaged { path, why },
        Some(_) => JournalError::File { path, why },
        // No failure of SQLite's: a row that is not what it should be.
        None => JournalError::Damaged { path, why },
    }
}
