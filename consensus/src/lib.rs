//! Consensus protocols as pure state machines, with the simulated network they run on, the meters
//! that count what they cost, and the checkers that watch what they promise.
//!
//! Nothing here knows of the twin, of batteries or of schedules, and nothing here reads a clock: a
//! [`Group`] is driven on its owner's time. [`lab`] runs one protocol alone, for the command.

mod bits;
mod cluster;
mod costs;
mod crypto;
mod desk;
mod faults;
mod fx;
mod group;
pub mod lab;
mod links;
mod meters;
mod net;
mod note;
mod outbox;
pub mod pbft;
mod pool;
mod protocol;
pub mod raft;
mod registry;
mod replicated;
mod request;
mod sequence;
mod spec;
mod timers;
pub mod virtual_synchrony;

pub use bits::{MAX_MEMBERS, Members};
pub use cluster::Cluster;
pub use costs::{CostModel, Work};
pub use crypto::{Attested, Sig, digest, mix};
pub use desk::Desk;
pub use faults::{Crash, Faults, Partition};
pub use fx::{Fx, Nodes, Part};
pub use group::{Group, GroupConfig, GroupError};
pub use links::{Latency, Link, Links};
pub use meters::{KindCount, Meters, NodeEnergy, Operations};
pub use net::{Emitted, Net, Sent};
pub use note::{Note, NoteKind};
pub use outbox::Outbox;
pub use protocol::{Class, Forge, Kind, NodeId, Protocol, Wire};
pub use registry::ProtocolName;
pub use replicated::{
    Facts, FaultModel, Helper, Input, Outcome, Replicated, Setup, TimeModel, Timing,
};
pub use request::{CLIENT_WINDOW, Executed, Ledger, Request, Signed};
pub use sequence::{Missed, Sequence};
pub use spec::OrderChecker;
