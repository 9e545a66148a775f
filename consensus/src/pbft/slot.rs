//! One sequence number in a member's log: what was proposed and who voted for it. It decides
//! nothing itself.

use super::message::{Certificate, Proposal};
use crate::{Members, NodeId, Sig};
use std::sync::Arc;

/// Votes by digest: one digest is the rule, more only with a faulty primary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Votes {
    digest: u64,
    members: Members,
    others: Vec<(u64, Members)>,
}

impl Votes {
    /// Adds a vote; whether it is new.
    pub(super) fn add(&mut self, digest: u64, member: NodeId) -> bool {
        if self.members.is_empty() {
            self.digest = digest;
        }
        if self.digest == digest {
            return self.members.insert(member);
        }
        if self.others.iter().any(|(_, members)| members.contains(member)) {
            return false; // two digests from one member are enough to know it by
        }
        if let Some((_, members)) = self.others.iter_mut().find(|(d, _)| *d == digest) {
            return members.insert(member);
        }
        let mut members = Members::NONE;
        members.insert(member);
        self.others.push((digest, members));
        true
    }

    /// Who voted for `digest`.
    pub(super) fn of(&self, digest: u64) -> Members {
        if self.digest == digest {
            return self.members;
        }
        let found = self.others.iter().find(|(d, _)| *d == digest);
        found.map_or(Members::NONE, |&(_, members)| members)
    }

    fn clear(&mut self) {
        (self.digest, self.members) = (0, Members::NONE);
        self.others.clear();
    }
}

/// A sequence number's place in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Slot {
    /// Which; zero for an empty place.
    pub(super) seq: u64,
    /// The pre-prepare accepted in the current view, and the primary's signature.
    pub(super) accepted: Option<(Proposal, Sig)>,
    /// The accepted proposal's digest.
    pub(super) digest: u64,
    pub(super) prepares: Votes,
    /// Their signatures, until it has prepared: then they are in the certificate.
    pub(super) prepare_sigs: Vec<(NodeId, u64, Sig)>,
    pub(super) commits: Votes,
    /// Whether it prepared in the current view.
    pub(super) prepared: bool,
    /// The latest proof that something prepared, in whichever view.
    pub(super) certificate: Option<Arc<Certificate>>,
    /// The final decision.
    pub(super) decided: Option<Proposal>,
}

impl Slot {
    /// Empties the place for another sequence number.
    pub(super) fn reuse(&mut self, seq: u64) {
        self.seq = seq;
        self.new_round();
        self.certificate = None;
        self.decided = None;
    }

    /// Forgets the votes of the view before, and nothing that outlasts it.
    pub(super) fn new_round(&mut self) {
        self.accepted = None;
        self.digest = 0;
        self.prepares.clear();
        self.prepare_sigs.clear();
        self.commits.clear();
        self.prepared = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_are_counted_by_digest_and_once_a_member() {
        let mut votes = Votes::default();
        assert!(votes.add(7, NodeId(0)) && votes.add(7, NodeId(1)) && !votes.add(7, NodeId(1)));
        assert!(votes.add(8, NodeId(1)) && !votes.add(9, NodeId(1)));
        assert_eq!([7, 8, 9].map(|digest| votes.of(digest).len()), [2, 1, 0]);
    }
}
