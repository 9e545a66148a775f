//! A live session: the twin, its journal and a broker on the wall clock; its replay from a journal,
//! without either; and the demonstration, which needs nothing installed.

// This module uses the wall clock.
#![allow(clippy::disallowed_methods)]

mod clock;
mod demo;
mod keeper;
mod replay;
mod run;
mod voice;

pub use clock::Clock;
pub use demo::{Demo, Meters};
pub use keeper::{Arrived, Keeper};
pub use replay::replay;
pub use run::run;
pub use voice::{Outgoing, Voice, VoiceOptions};

use crate::broker::BrokerError;
use crate::broker::demo::DemoError;
use crate::journal::JournalError;
use crate::live::LiveError;
use gridtwin_twin::ChangeError;

/// Why a session ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The broker.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// The broker of the demonstration.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// The twin at its start.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// The twin rejects its meters' readings.
    #[error("the twin rejected a meter's reading: {0}")]
    Change(#[from] ChangeError),
    /// Something cannot be written down.
    #[error("a reading cannot be recorded: {0}")]
    Text(#[from] serde_json::Error),
}
