//! A set of members, as bits: who has voted. Up to 128 of them.

use crate::NodeId;

/// The most members a group can have.
pub const MAX_MEMBERS: usize = 128;

/// A set of members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Members(u128);

impl Members {
    /// Nobody.
    pub const NONE: Self = Self(0);

    /// Adds a member; whether it was missing. Who is no member is never added.
    pub fn insert(&mut self, member: NodeId) -> bool {
        let bit = 1u128.checked_shl(member.0.into()).unwrap_or(0);
        let missing = self.0 & bit == 0 && bit != 0;
        self.0 |= bit;
        missing
    }

    /// Takes a member out.
    pub fn remove(&mut self, member: NodeId) {
        self.0 &= !1u128.checked_shl(member.0.into()).unwrap_or(0);
    }

    /// Whether a member is in the set.
    pub fn contains(self, member: NodeId) -> bool {
        self.0 & 1u128.checked_shl(member.0.into()).unwrap_or(0) != 0
    }

    /// How many members are in the set.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether nobody is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}
