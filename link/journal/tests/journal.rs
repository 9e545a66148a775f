//! The journal's promises: what is committed survives a kill, a file that is no journal is told, a
//! reader follows a writer, and a long day costs little memory.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use gridtwin_journal::{Journal, JournalError, Reader, Record};
use gridtwin_kernel::SimTime;
use proptest::prelude::*;

fn message<'a>(at: u64, topic: &'a str, payload: &'a [u8]) -> Record<'a> {
    Record::Message { at: SimTime(at), topic, payload, retained: false }
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn ids(path: &Path) -> Vec<i64> {
    let mut reader = Reader::open(path).unwrap();
    reader.messages(0).map(|message| message.unwrap().id).collect()
}

#[test]
fn what_went_in_comes_out_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day.sqlite");
    let session = pairs(&[("seed", "7"), ("scenario", "Scenario(\n)"), ("start", "2025-01-01")]);
    let mut journal = Journal::create(&path, &session).unwrap();
    let kept =
        Record::Message { at: SimTime(4), topic: "é/b", payload: &[0, 0xff], retained: true };
    let last = journal
        .append(&[
            Record::Mark { at: SimTime(0), kind: "began", content: "" },
            message(3, "a", b"1"),
            kept,
            Record::Interval { number: 0, content: "first" },
            message(2, "a", b""),
        ])
        .unwrap();
    assert_eq!((last, journal.last_message()), (3, 3));
    assert_eq!(journal.append(&[]).unwrap(), 3);
    journal.append(&[Record::Interval { number: 7, content: "eighth" }]).unwrap();
    assert_eq!(journal.last_interval().unwrap(), Some(7));
    journal.close().unwrap();
    assert!(!folder.path().join("day.sqlite-wal").exists());

    let mut reader = Journal::read(&path).unwrap();
    assert_eq!(
        reader.session().unwrap(),
        pairs(&[("scenario", "Scenario(\n)"), ("seed", "7"), ("start", "2025-01-01")])
    );
    let all: Vec<_> = reader.messages(0).map(Result::unwrap).collect();
    let seen: Vec<_> =
        all.iter().map(|m| (m.id, m.at.0, &*m.topic, m.payload.as_slice(), m.retained)).collect();
    let wanted: [(i64, u64, &str, &[u8], bool); 3] =
        [(1, 3, "a", b"1", false), (2, 4, "é/b", &[0, 0xff], true), (3, 2, "a", b"", false)];
    assert_eq!(seen, wanted);
    let intervals = |reader: &mut Reader, after| -> Vec<_> {
        reader.intervals(after).map(|i| i.map(|i| (i.number, i.content)).unwrap()).collect()
    };
    assert_eq!(intervals(&mut reader, None), [(0, "first".into()), (7, "eighth".into())]);
    assert_eq!(intervals(&mut reader, Some(0)), [(7, "eighth".into())]);
    let marks: Vec<_> = reader.marks(0).map(Result::unwrap).collect();
    assert_eq!((marks.len(), marks[0].kind.as_str()), (1, "began"));
}

#[test]
fn a_journal_is_resumed_where_it_was_left_and_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day.sqlite");
    let mut journal = Journal::create(&path, &pairs(&[("seed", "1")])).unwrap();
    journal.append(&[message(1, "a", b"1"), message(1, "b", b"2")]).unwrap();
    journal.append(&[Record::Interval { number: 3, content: "x" }]).unwrap();
    drop(journal);
    assert!(matches!(Journal::create(&path, &[]), Err(JournalError::Exists(_))));
    let mut journal = Journal::resume(&path).unwrap();
    assert_eq!(journal.session().unwrap(), pairs(&[("seed", "1")]));
    assert_eq!((journal.last_message(), journal.last_interval().unwrap()), (2, Some(3)));
    assert_eq!(journal.append(&[message(2, "b", b"3"), message(2, "c", b"4")]).unwrap(), 4);
    let mut reader = Reader::open(&path).unwrap();
    let topics: Vec<_> = reader.messages(0).map(|m| m.unwrap().topic.to_string()).collect();
    assert_eq!(topics, ["a", "b", "b", "c"]);
}

#[test]
fn an_interval_is_written_once_and_a_refused_batch_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day.sqlite");
    let mut journal = Journal::create(&path, &[]).unwrap();
    journal.append(&[Record::Interval { number: 1, content: "first" }]).unwrap();
    let twice = [message(1, "new", b"lost"), Record::Interval { number: 1, content: "other" }];
    assert!(matches!(journal.append(&twice), Err(JournalError::IntervalTwice(1))));
    let late = [message(u64::MAX, "new", b"")];
    assert!(matches!(journal.append(&late), Err(JournalError::TooLarge(u64::MAX))));
    // The topic of the refused batch is not known by a number that was never written.
    assert_eq!(journal.append(&[message(1, "new", b"kept")]).unwrap(), 1);
    let all: Vec<_> = Reader::open(&path).unwrap().messages(0).map(Result::unwrap).collect();
    assert_eq!((all.len(), &*all[0].topic, all[0].payload.as_slice()), (1, "new", &b"kept"[..]));
}

#[test]
fn two_writers_of_one_journal_are_one_too_many_but_readers_are_welcome() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day.sqlite");
    let mut journal = Journal::create(&path, &[]).unwrap();
    let error = Journal::resume(&path).unwrap_err();
    assert!(matches!(error, JournalError::InUse(_)), "{error}");
    assert!(error.to_string().contains("another process is writing"));
    // A reader that stands in the middle of a page does not hold up the writer.
    let mut reader = Reader::open(&path).unwrap();
    journal.append(&[message(1, "a", b"1"), message(2, "a", b"2")]).unwrap();
    let mut rows = reader.messages(0);
    assert_eq!(rows.next().unwrap().unwrap().id, 1);
    journal.append(&[message(3, "a", b"3")]).unwrap();
    drop(rows);
    assert_eq!(reader.messages(2).map(|m| m.unwrap().id).collect::<Vec<_>>(), [3]);
    // A viewer polls for intervals.
    let mut last = None;
    for number in 0..5 {
        journal.append(&[Record::Interval { number, content: "x" }]).unwrap();
        let new: Vec<_> = reader.intervals(last).map(|i| i.unwrap().number).collect();
        assert_eq!(new, [number]);
        last = new.last().copied();
        assert_eq!(reader.intervals(last).count(), 0);
    }
    journal.close().unwrap();
    assert_eq!(ids(&path), [1, 2, 3]);
    assert_eq!(reader.messages(0).count(), 3);
}

#[test]
fn what_is_no_journal_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let database = |name: &str, sql: &str| {
        let path = folder.path().join(name);
        rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        path
    };
    let changed = |name: &str, sql: &str| {
        let path = folder.path().join(name);
        let mut journal = Journal::create(&path, &[]).unwrap();
        journal.append(&[message(1, "a", b"1")]).unwrap();
        journal.close().unwrap();
        rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        path
    };
    let says = |path: &PathBuf, part: &str| {
        for error in [Journal::resume(path).unwrap_err(), Reader::open(path).unwrap_err()] {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
    };
    says(&folder.path().join("nowhere"), "there is no journal");
    says(&make("empty", b""), "the file is empty");
    says(&make("text", b"meters: []\n"), "not an SQLite file");
    says(&make("torn", b"SQLite format 3\0 and then nothing"), "torn");
    says(&database("other", "CREATE TABLE messages (id)"), "another program's");
    says(
        &changed("newer", "UPDATE session SET value = '2' WHERE key = 'format'"),
        "format 2, but this version of gridtwin supports formats up to 1",
    );
    says(
        &changed("odd", "UPDATE session SET value = 'x' WHERE key = 'format'"),
        "format number is not valid",
    );
    says(
        &changed(
            "view",
            "DROP TABLE messages; CREATE VIEW messages AS WITH RECURSIVE c(id) AS (SELECT 1 UNION \
             ALL SELECT id + 1 FROM c) SELECT id, 0 AS at_ns, 1 AS topic, x'' AS payload, 0 AS \
             retained FROM c",
        ),
        "tables are not those of a journal",
    );
    says(&changed("more", "CREATE TABLE more (id)"), "tables are not those of a journal");
    let orphan = changed("orphan", "DELETE FROM topics");
    let error = Reader::open(&orphan).unwrap().messages(0).next().unwrap().unwrap_err();
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
    let early = changed("early", "UPDATE messages SET at_ns = -1");
    let mut reader = Reader::open(&early).unwrap();
    let mut rows = reader.messages(0);
    assert!(matches!(rows.next(), Some(Err(JournalError::Damaged { .. }))));
    assert!(rows.next().is_none());
    let full = changed("full", "UPDATE messages SET id = 9223372036854775807");
    let error = Journal::resume(&full).unwrap().append(&[message(1, "a", b"")]).unwrap_err();
    assert!(matches!(error, JournalError::TooLarge(_)), "{error}");
    let error = Journal::create(Path::new("/nowhere/at/all.sqlite"), &[]).unwrap_err();
    assert!(error.to_string().contains("/nowhere/at/all.sqlite"), "{error}");
}

#[test]
fn a_damaged_journal_is_not_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day.sqlite");
    let mut journal = Journal::create(&path, &[]).unwrap();
    for i in 0..200 {
        journal.append(&[message(i, "a", &[7; 500])]).unwrap();
    }
    journal.close().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    // The heads of all pages but the first few.
    for page in bytes.chunks_mut(4096).skip(8) {
        page[..64].fill(0xee);
    }
    std::fs::write(&path, &bytes).unwrap();
    let error = Journal::resume(&path).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("is damaged"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_in_a_journal_make_anything_panic(
        changes in prop::collection::vec((0..40_000usize, any::<u8>()), 1..40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("day.sqlite");
        let mut journal = Journal::create(&path, &pairs(&[("seed", "1")])).unwrap();
        journal.append(&[message(1, "a", &[1; 300]), message(2, "b", b"2")]).unwrap();
        journal.append(&[Record::Interval { number: 1, content: "x" }]).unwrap();
        journal.append(&[Record::Mark { at: SimTime(1), kind: "began", content: "" }]).unwrap();
        journal.close().unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let length = bytes.len();
        for (place, byte) in changes {
            bytes[place % length] = byte;
        }
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(mut reader) = Reader::open(&path) {
            let _ = reader.session();
            let _ = reader.messages(0).take(100).count();
            let _ = reader.intervals(None).take(100).count();
            let _ = reader.marks(0).take(100).count();
        }
        if let Ok(mut journal) = Journal::resume(&path) {
            let _ = journal.append(&[message(3, "c", b"3")]);
            let _ = journal.close();
        }
    }
}

/// Not a test by itself: the child that the next one kills. It appends for ever, and says what is
/// committed.
#[test]
#[ignore = "the child process of the test of kill -9"]
fn child_that_appends_until_it_is_killed() {
    let Some(path) = std::env::var_os("GRIDTWIN_JOURNAL_TEST").map(PathBuf::from) else { return };
    let mut journal = match Journal::resume(&path) {
        Ok(journal) => journal,
        Err(JournalError::Missing(_)) => Journal::create(&path, &[]).unwrap(),
        Err(error) => panic!("{error}"),
    };
    let mut number = journal.last_interval().unwrap().map_or(0, |last| last + 1);
    loop {
        let topic = format!("topic/{}", number % 50);
        let payload = vec![number as u8; 1 + number as usize % 700];
        let last = journal
            .append(&[
                message(number, &topic, &payload),
                message(number, "always", b"x"),
                Record::Interval { number, content: &topic },
            ])
            .unwrap();
        println!("committed {last} {number}");
        std::io::stdout().flush().unwrap();
        number += 1;
    }
}

#[test]
fn kill_9_at_any_moment_loses_nothing_that_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day.sqlite");
    let mut wait_ms = 0x2545_f491_u32;
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "child_that_appends_until_it_is_killed"])
            .env("GRIDTWIN_JOURNAL_TEST", &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            // The last line may be torn; then it has no two numbers.
            let told = |line: String| {
                let mut words = line.split(' ').map(str::to_owned);
                (words.next()? == "committed").then_some(())?;
                let last = words.next()?.parse::<i64>().ok()?;
                Some((last, words.next()?.parse::<u64>().ok()?))
            };
            lines.filter_map(told).fold((0, 0), |a, b| if a.0 > b.0 { a } else { b })
        });
        // Any moment from its start on: also while it makes the tables or recovers.
        wait_ms ^= wait_ms << 13;
        wait_ms ^= wait_ms >> 17;
        wait_ms ^= wait_ms << 5;
        std::thread::sleep(Duration::from_millis(u64::from(wait_ms % 400)));
        child.kill().unwrap();
        child.wait().unwrap();
        let (last, _) = reader.join().unwrap();
        if last == 0 {
            // Killed before it had committed anything; there may be no journal yet.
            match Journal::resume(&path) {
                Ok(_) => continue,
                Err(JournalError::Missing(_) | JournalError::NotAJournal { .. }) => {
                    let _ = std::fs::remove_file(&path);
                    let _ = std::fs::remove_file(folder.path().join("day.sqlite-wal"));
                    let _ = std::fs::remove_file(folder.path().join("day.sqlite-shm"));
                    continue;
                }
                Err(error) => panic!("round {round}: {error}"),
            }
        }
        // A reader sees all of it before anybody repairs anything.
        let seen = ids(&path);
        assert!(*seen.last().unwrap() >= last, "round {round}");
        let journal = Journal::resume(&path).unwrap();
        assert!(journal.last_message() >= last, "round {round}");
        // Nothing torn: two messages and one interval each time.
        let intervals = journal.last_interval().unwrap().unwrap() + 1;
        assert_eq!(journal.last_message().unsigned_abs(), intervals * 2, "round {round}");
        assert_eq!(seen, (1..=journal.last_message()).collect::<Vec<_>>(), "round {round}");
    }
    // The test means something: a good deal was written and killed.
    assert!(Journal::resume(&path).unwrap().last_message() > 0);
}
