//! A live site, as the link writes it down: the journal is read while it is written, and what the
//! twin was given for each interval goes to the player. Not MQTT, which the link alone knows.

use gridtwin_journal::Reader;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_player::Edit;
use gridtwin_twin::Scenario;
use gridtwin_twin::scenario::Change;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How often the journal is looked into.
const EVERY: Duration = Duration::from_millis(500);

/// What has come since it was last asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// What the twin was given, interval by interval.
    pub readings: Vec<Edit>,
    /// Up to where the meters have spoken.
    pub until: SimTime,
}

/// A journal that is being followed by a thread of its own.
#[derive(Debug)]
pub struct Feed(Mutex<Receiver<Result<Heard, String>>>);

/// The scenario that stands in a journal.
///
/// # Errors
/// A journal that cannot be read, or holds no scenario.
pub fn scenario(path: &Path) -> Result<Scenario, String> {
    let reader = Reader::open(path).map_err(|error| error.to_string())?;
    let session = reader.session().map_err(|error| error.to_string())?;
    let text = session.into_iter().find(|(key, _)| key == "scenario");
    let missing = || format!("the journal {} contains no scenario", path.display());
    let text = text.ok_or_else(missing)?.1;
    let name = format!("the scenario in {}", path.display());
    Scenario::parse(&text, &name).map_err(|error| error.to_string())
}

impl Feed {
    /// Begins to follow a journal, from its start.
    ///
    /// # Errors
    /// A journal that cannot be read.
    pub fn open(path: &Path, step: Span) -> Result<Self, String> {
        let mut reader = Reader::open(path).map_err(|error| error.to_string())?;
        let (told, heard) = channel();
        let work = move || {
            let mut last = None;
            loop {
                let new = read(&mut reader, &mut last, step);
                let quiet = matches!(&new, Ok(heard) if heard.readings.is_empty());
                let broken = new.is_err();
                if !quiet && told.send(new).is_err() || broken {
                    return;
                }
                std::thread::sleep(EVERY);
            }
        };
        let thread = std::thread::Builder::new().name("follow".to_owned()).spawn(work);
        thread.map_err(|error| error.to_string())?;
        Ok(Self(Mutex::new(heard)))
    }

    /// What has come since it was last asked; never waits.
    ///
    /// # Errors
    /// Why the journal cannot be followed any further.
    pub fn take(&mut self) -> Result<Option<Heard>, String> {
        let receiver = self.0.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        receiver.try_recv().ok().transpose()
    }
}

/// The intervals that stand in the journal after `last`.
fn read(reader: &mut Reader, last: &mut Option<u64>, step: Span) -> Result<Heard, String> {
    let mut heard = Heard { readings: Vec::new(), until: SimTime::ZERO };
    let mut seen = *last;
    for interval in reader.intervals(*last) {
        let interval = interval.map_err(|error| error.to_string())?;
        let changes: Vec<Change> = serde_json::from_str(&interval.content)
            .map_err(|error| format!("interval {} cannot be read: {error}", interval.number))?;
        let at = SimTime::ZERO + step * interval.number;
        heard.readings.extend(changes.into_iter().map(|change| Edit { at, change }));
        heard.until = at + step;
        seen = Some(interval.number);
    }
    *last = seen;
    Ok(heard)
}
