//! A live twin with its journal, its observer, and its publications. Messages are written to the
//! journal before the twin sees them; what the twin publishes is returned as data. No clock, no
//! connection.

use super::SessionError;
use super::voice::{Outgoing, Voice};
use crate::journal::{Journal, Record};
use crate::live::{Alarm, Live};
use crate::payload::{Ask, Reason};
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::Observer;

/// A received message.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a> {
    /// When, on the twin's clock.
    pub at: SimTime,
    /// Its topic.
    pub topic: &'a str,
    /// Its bytes.
    pub payload: &'a [u8],
    /// Whether it was the broker's kept copy.
    pub retained: bool,
}

/// Drives a live twin.
pub struct Keeper<O> {
    live: Live,
    observer: O,
    journal: Option<Journal>,
    /// The first interval that is not in the journal yet.
    unwritten: u64,
    voice: Voice,
    said: Vec<Outgoing>,
    alarms: Vec<Alarm>,
}

impl<O: Observer> Keeper<O> {
    /// Around a live twin at its start. With a journal, everything is recorded there.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn new(
        live: Live,
        observer: O,
        journal: Option<Journal>,
        voice: Voice,
    ) -> Result<Self, SessionError> {
        let last = journal.as_ref().map(Journal::last_interval).transpose()?.flatten();
        let unwritten = last.map_or(0, |last| last + 1);
        let mut keeper = Self {
            live,
            observer,
            journal,
            unwritten,
            voice,
            said: Vec::new(),
            alarms: Vec::new(),
        };
        keeper.voice.begin(&keeper.live, &mut keeper.said);
        Ok(keeper)
    }

    /// The live twin.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// The publications queued since the last call, in order.
    pub fn take_said(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.said)
    }

    /// Alarms that were raised or ended since this was last asked.
    pub fn take_alarms(&mut self) -> Vec<Alarm> {
        std::mem::take(&mut self.alarms)
    }

    /// Publishes what is published at the start, and nothing of the past: a resumed session has
    /// published that before.
    pub fn introduce(&mut self) {
        self.said.clear();
        self.alarms.clear();
        self.voice.begin(&self.live, &mut self.said);
    }

    /// Topics whose messages were not understood, each once, with the reason.
    pub fn take_complaints(&mut self) -> Vec<(String, Reason)> {
        self.live.take_complaints()
    }

    /// What Sparkplug nodes are to be asked since this was last asked.
    pub fn take_asks(&mut self) -> Vec<Ask> {
        self.live.asks()
    }

    /// Records everything from now on.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn write_to(&mut self, journal: Journal) -> Result<(), SessionError> {
        self.unwritten = journal.last_interval()?.map_or(0, |last| last + 1);
        self.journal = Some(journal);
        Ok(())
    }

    /// Takes messages in the order of arrival. All of them are in the journal before the first is
    /// processed.
    ///
    /// # Errors
    /// A journal that cannot be written; no message was looked at then.
    pub fn take(&mut self, messages: &[Arrived]) -> Result<(), SessionError> {
        if let Some(journal) = &mut self.journal {
            let records: Vec<Record> = messages
                .iter()
                .map(|m| Record::Message {
                    at: m.at,
                    topic: m.topic,
                    payload: m.payload,
                    retained: m.retained,
                })
                .collect();
            journal.append(&records)?;
        }
        for message in messages {
            self.look_at(message)?;
        }
        Ok(())
    }

    /// Takes a message that is in the journal already.
    ///
    /// # Errors
    /// As [`Keeper::pass`].
    pub fn look_at(&mut self, message: &Arrived) -> Result<(), SessionError> {
        self.pass(message.at)?;
        self.live.take(message.at, message.topic, message.payload, message.retained);
        Ok(())
    }

    /// Lets time pass: simulates the intervals that are due, and queues what is to be published.
    ///
    /// # Errors
    /// A journal that cannot be written.
    pub fn pass(&mut self, now: SimTime) -> Result<(), SessionError> {
        loop {
            let due = self.live.next_turn().min(now);
            self.voice.speak_until(due, &self.live, &mut self.said);
            let Some(lived) = self.live.advance(now, &mut self.observer)? else { break };
            if let Some(journal) = &mut self.journal
                && lived.number >= self.unwritten
            {
                let content = serde_json::to_string(&lived.changes)?;
                journal.append(&[Record::Interval { number: lived.number, content: &content }])?;
                self.unwritten = lived.number + 1;
            }
            self.voice.after(&lived, &self.live, &mut self.said);
            self.alarms.extend(lived.alarms);
        }
        Ok(())
    }

    /// Writes down that something happened to the session.
    ///
    /// # Errors
    /// A journal that cannot be written.
    pub fn mark(&mut self, at: SimTime, kind: &str, content: &str) -> Result<(), SessionError> {
        if let Some(journal) = &mut self.journal {
            journal.append(&[Record::Mark { at, kind, content }])?;
        }
        Ok(())
    }

    /// Ends the session: closes the journal and finishes the observer.
    ///
    /// # Errors
    /// A journal that cannot be closed.
    pub fn end(self) -> Result<(Live, O), SessionError> {
        if let Some(journal) = self.journal {
            journal.close()?;
        }
        Ok((self.live, self.observer))
    }
}
