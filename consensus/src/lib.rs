//! Consensus protocols as pure state machines, with the simulated network they run on, the meters
//! that count what they cost, and the checkers that watch what they promise.
//!
//! Nothing here depends on the twin, batteries or schedules, and nothing here reads a clock: a
//! [`Group`] is driven on its owner's time. [`lab`] runs one protocol alone, for the command.

pub mod ballot;
pub mod bft_rdma;
mod bits;
mod byzantine;
pub mod chaos;
mod cluster;
mod costs;
mod crypto;
mod desk;
pub mod edgecons;
pub mod explore;
mod faults;
mod fx;
mod group;
pub mod lab;
mod links;
mod lockstep;
mod meters;
pub mod multi_paxos;
mod net;
pub mod nomad;
mod note;
pub mod ouroboros_bft;
mod outbox;
pub mod paxos;
pub mod pbft;
mod pool;
mod protocol;
pub mod raft;
pub mod rcmec;
mod registry;
mod replicated;
mod request;
pub mod sac_zyzzyva;
pub mod sdma_pbft;
mod sequence;
pub mod slots;
mod spec;
mod timers;
pub mod trust_pbft;
pub mod virtual_synchrony;
pub mod web_bft;
pub mod zyzzyva;

pub use bits::{MAX_MEMBERS, Members};
pub use byzantine::{Adversary, Strategy, StrategyError};
pub use cluster::Cluster;
pub use costs::{CostModel, Work};
pub use crypto::{Attested, Sig, digest, mix};
pub use desk::Desk;
pub use faults::{Byzantine, Crash, Faults, Partition, RandomSplits, Skew, Slow, Split};
pub use fx::{Fx, Nodes, Part};
pub use group::{Group, GroupConfig, GroupError};
pub use links::{Latency, Link, Links, Noise};
pub use meters::{KindCount, Meters, NodeEnergy, Operations, gini};
pub use net::{Clock, Emitted, Net, Sent};
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
