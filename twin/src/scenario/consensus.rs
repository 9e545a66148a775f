//! Groups of servers that agree on something.

use super::units::{BlockS, Id};
pub use gridtwin_consensus::ProtocolName as Protocol;
use serde::{Deserialize, Serialize};

/// A group of edge servers that agrees, by a protocol, on what happens at the site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsensusGroup {
    /// The group's name.
    pub id: Id,
    /// The consensus protocol.
    pub protocol: Protocol,
    /// The members: names of edge servers.
    pub members: Vec<Id>,
    /// What they agree on.
    #[serde(default)]
    pub agrees_on: Matter,
    /// Seconds between two proposed blocks.
    #[serde(default = "ConsensusGroup::default_block")]
    pub block_s: BlockS,
    /// The client, which composes blocks and awaits the replies: a switch, a server or the cloud. By
    /// default the first switch, or the cloud, or the first member.
    #[serde(default)]
    pub client: Option<Id>,
}

impl ConsensusGroup {
    fn default_block() -> BlockS {
        BlockS::of(60.0)
    }
}

/// What a group agrees on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matter {
    /// A receipt for each task that a member has completed.
    #[default]
    TaskReceipts,
}
