//! A set of up to 128 members, as bits: for example those that have voted.

use crate::NodeId;

/// The most members a group can have.
pub const MAX_MEMBERS: usize = 128;

/// A set of members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Members(u128);

impl Members {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// The first `count` members.
    pub fn first(count: u16) -> Self {
        (0..count).map(NodeId).collect()
    }

    /// Adds a member and returns whether it was missing. Nodes that are not members are ignored.
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

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members in the set, in order.
    pub fn iter(self) -> impl Iterator<Item = NodeId> {
        (0..MAX_MEMBERS as u16).map(NodeId).filter(move |&member| self.contains(member))
    }

    /// The members that are in both.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The members that are in either.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<NodeId> for Members {
    fn from_iter<I: IntoIterator<Item = NodeId>>(members: I) -> Self {
        let mut set = Self::NONE;
        for member in members {
            set.insert(member);
        }
        set
    }
}
