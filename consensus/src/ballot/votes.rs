//! A member's votes in the slots of a sequence, side by side as they mostly are. Not what is
//! decided.

use super::Vote;
use std::collections::VecDeque;

/// Votes in slots from `base + 1` on, some of which may have none. The caller keeps the slots
/// within bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Votes {
    base: u64,
    votes: VecDeque<Option<Vote>>,
}

impl Votes {
    /// The vote in a slot.
    pub fn get(&self, slot: u64) -> Option<Vote> {
        let index = slot.checked_sub(self.base + 1)?;
        self.votes.get(index as usize).copied().flatten()
    }

    /// Puts a vote into a slot, unless that is forgotten; whether it is new there.
    pub fn put(&mut self, slot: u64, vote: Vote) -> bool {
        let Some(index) = slot.checked_sub(self.base + 1) else {
            return false;
        };
        let index = index as usize;
        if index >= self.votes.len() {
            self.votes.resize(index + 1, None);
        }
        self.votes[index].replace(vote) != Some(vote)
    }

    /// Forgets all votes up to a slot.
    pub fn forget(&mut self, upto: u64) {
        let gone = upto.saturating_sub(self.base).min(self.votes.len() as u64);
        self.votes.drain(..gone as usize);
        self.base = self.base.max(upto);
    }

    /// The votes beyond a slot, with their slots.
    pub fn beyond(&self, slot: u64) -> impl Iterator<Item = (u64, Vote)> + '_ {
        let skipped = slot.saturating_sub(self.base).min(self.votes.len() as u64);
        let votes = self.votes.range(skipped as usize..);
        (self.base + 1 + skipped..).zip(votes).filter_map(|(slot, vote)| Some((slot, (*vote)?)))
    }

    /// The last slot with a vote, or the last one forgotten.
    pub fn last(&self) -> u64 {
        self.base + self.votes.len() as u64
    }

    /// How many slots it holds.
    pub fn len(&self) -> usize {
        self.votes.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.votes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ballot;
    use super::*;

    #[test]
    fn slots_keep_their_votes_when_earlier_ones_are_forgotten() {
        let vote = |ballot| Vote { ballot: Ballot(ballot), content: None };
        let mut votes = Votes::default();
        assert!(votes.put(3, vote(1)) && votes.put(5, vote(1)) && votes.put(5, vote(2)));
        assert!(!votes.put(5, vote(2)));
        let all: Vec<_> = votes.beyond(0).collect();
        assert_eq!(all, [(3, vote(1)), (5, vote(2))]);
        votes.forget(3);
        assert_eq!((votes.get(3), votes.get(4), votes.get(5)), (None, None, Some(vote(2))));
        assert!(!votes.put(2, vote(9)), "forgotten");
        assert_eq!((votes.len(), votes.last(), votes.beyond(5).count()), (2, 5, 0));
        votes.forget(9);
        assert!(votes.is_empty() && votes.last() == 9 && votes.beyond(u64::MAX).count() == 0);
    }
}
