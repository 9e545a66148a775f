//! The one stream of what happened: a sample for each interval and an event for everything
//! discrete, as plain data in order of time. Reports, viewer and link use nothing else. Nothing is
//! stored here: an [`Observer`] stores what it needs.
//!
//! Sign: a power that may flow both ways is positive where it flows *into* the site's bus
//! (generation, import, discharge) and negative where it leaves it (load, export, charge). A power
//! whose name states its direction (`import_kw`, `charge_kw`, `load_kw`) is a magnitude.

mod catalog;
mod event;
mod input;
mod message;
mod resilience;
mod sample;
mod sessions;
mod state;
mod task;

pub use catalog::{Catalog, Consumer, ConsumerKind, GroupInfo, StreamInfo};
pub use event::{Event, EventKind, PowerCause};
pub(crate) use input::ASSUMED;
pub use input::Input;
pub use message::Message;
pub use resilience::{Critical, Resilience};
pub use sample::{BatterySample, BusFlows, GroupSample, Money, Sample, ServerSample, Sources};
pub use sessions::{SessionCounts, SessionFile};
pub use state::{CarState, GroupState, ServerState, State};
pub use task::{Outcome, Place, TaskEnergy, TaskRecord};

use gridtwin_kernel::SimTime;

/// Who listens to a run. What it does not override costs nothing.
pub trait Observer {
    /// One interval is over.
    fn sample(&mut self, _sample: &Sample) {}
    /// Something happened; in order of time, before the sample of its interval.
    fn event(&mut self, _at: SimTime, _event: &Event) {}
    /// A task ended; in order of their end's processing, before the sample of its interval.
    fn task(&mut self, _task: &TaskRecord) {}
    /// Whether it needs every single message; queried once per interval.
    fn wants_messages(&self) -> bool {
        false
    }
    /// A consensus message was sent; in the order in which sends are processed, before the sample
    /// of its interval, and only if the observer wants messages.
    fn message(&mut self, _message: &Message) {}
}

/// Ignores everything.
impl Observer for () {}
