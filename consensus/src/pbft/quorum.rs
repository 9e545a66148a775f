//! Which sets of members are enough. PBFT knows two sizes (TOCS 2002, "certificates"): a quorum,
//! any two of which share an honest member, and a weak one, which has at least one honest member.
//! In the flat group of the paper they are 2f + 1 and f + 1 of the members; a protocol that is
//! built on this one may count groups instead of members. Not who the members are, nor what they
//! say.

use super::{COMMIT, PREPARE, REPLY, VIEW_CHANGE, faulty};
use crate::{Members, Setup};
use std::sync::Arc;

/// At least this many of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rule {
    need: usize,
    of: Of,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Of {
    Members(Members),
    /// Groups, each with its own rule.
    Groups(Arc<[Rule]>),
}

impl Rule {
    /// `need` of these members.
    pub(crate) fn members(need: usize, members: Members) -> Self {
        Self { need, of: Of::Members(members) }
    }

    /// `need` of these groups.
    pub(crate) fn groups(need: usize, groups: Vec<Self>) -> Self {
        Self { need, of: Of::Groups(groups.into()) }
    }

    /// Whether these members are enough.
    pub(crate) fn met(&self, by: Members) -> bool {
        match &self.of {
            Of::Members(members) => members.and(by).len() >= self.need,
            Of::Groups(groups) => groups.iter().filter(|group| group.met(by)).count() >= self.need,
        }
    }

    /// The same with one vote less, if that is what is planted.
    fn planted(&self, which: usize, setup: &Setup) -> Self {
        Self { need: setup.quorum(which, self.need), of: self.of.clone() }
    }
}

/// How many of `n` make a quorum: two of them share more than f, and the honest alone make one. It
/// is 2f + 1 where n = 3f + 1.
pub(crate) fn quorum(n: u16) -> usize {
    (usize::from(n) + faulty(n) + 1).div_ceil(2)
}

/// Every quorum of a group, by what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Quorums {
    /// Checkpoints and recovery.
    pub(crate) quorum: Rule,
    /// At least one of these is honest.
    pub(crate) weak: Rule,
    /// A proposal has prepared: its primary's word and the backups' prepares together.
    pub(crate) prepare: Rule,
    pub(crate) commit: Rule,
    pub(crate) view_change: Rule,
    /// A client's answer,
    pub(crate) reply: Rule,
    /// and its tentative answer (section 5.1).
    pub(crate) tentative: Rule,
}

impl Quorums {
    /// From the two sizes and a client's, with the planted fault, if any.
    pub(crate) fn new(quorum: Rule, weak: Rule, reply: &Rule, setup: &Setup) -> Self {
        Self {
            prepare: quorum.planted(PREPARE, setup),
            commit: quorum.planted(COMMIT, setup),
            view_change: quorum.planted(VIEW_CHANGE, setup),
            reply: reply.planted(REPLY, setup),
            tentative: quorum.planted(REPLY, setup),
            quorum,
            weak,
        }
    }

    /// The paper's, where every member counts the same.
    pub(crate) fn flat(setup: &Setup) -> Self {
        let n = setup.members;
        let all = Members::first(n);
        let weak = Rule::members(faulty(n) + 1, all);
        Self::new(Rule::members(quorum(n), all), weak.clone(), &weak, setup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NodeId, Timing};

    #[test]
    fn any_two_quorums_share_an_honest_member() {
        for n in 4..=128 {
            let (f, q) = (faulty(n), quorum(n));
            assert!(2 * q > usize::from(n) + f, "{n}: two quorums share more than f");
            assert!(q <= usize::from(n) - f, "{n}: the honest alone make one");
        }
    }

    #[test]
    fn groups_count_as_one_each_and_strangers_not_at_all() {
        let pair = |first: u16| {
            let members = [first, first + 1].map(NodeId).into_iter().collect();
            Rule::members(2, members)
        };
        let rule = Rule::groups(2, vec![pair(0), pair(2), pair(4)]);
        let met = |nodes: &[u16]| rule.met(nodes.iter().copied().map(NodeId).collect());
        assert!(met(&[0, 1, 4, 5]) && met(&[0, 1, 2, 3, 4, 5]));
        assert!(!met(&[0, 2, 4]) && !met(&[0, 1, 2, 4, 6, 7, 8]));
    }

    #[test]
    fn what_is_planted_is_one_vote_too_small_and_nothing_else_is() {
        let setup = Setup { planted: Some(COMMIT), ..Setup::new(7, 1, &Timing::LAB) };
        let (planted, right) =
            (Quorums::flat(&setup), Quorums::flat(&Setup { planted: None, ..setup }));
        assert_eq!((planted.commit.need, right.commit.need), (4, 5));
        assert_eq!(Quorums { commit: right.commit.clone(), ..planted }, right);
    }
}
