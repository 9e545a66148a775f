//! Trust: scores, the committee that follows from them, and how unevenly service is distributed.
//! Pure functions on integers; how they are agreed on is elsewhere.

use crate::pbft::faulty;
use crate::{Executed, Ledger, Members, NodeId};

/// Requests that one committee decides.
pub const ERA: u64 = 64;
/// The greatest score.
pub const FULL: u32 = 1000;
/// The initial score.
pub const START: u32 = 500;
/// The largest number of Byzantine members that a committee is sized for: opinions fit in one word.
const MOST_BYZANTINE: u16 = 20;

/// The size of the committee among `n` members: 3f + 1, at most half of them, and at least four.
pub fn committee_size(n: u16) -> u16 {
    let faulty = (n / 2).saturating_sub(1) / 3;
    3 * faulty.clamp(1, MOST_BYZANTINE) + 1
}

/// A member's opinion on its committee: those, by their places in it, that took part as they
/// should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opinion {
    /// The rater's place.
    pub from: u16,
    /// The members it approves of, as bits.
    pub content: u64,
}

/// What all members agree on when a committee begins its work.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Era {
    /// How many committees there were before.
    pub number: u64,
    /// Everything decided before.
    pub ledger: Ledger,
    /// The requests executed; their clients by the numbers they have in a committee.
    pub executed: Executed,
    /// How far each member is trusted, from 0 to [`FULL`].
    pub scores: Vec<u32>,
    /// In how many committees each has been, this one included: its power so far.
    pub served: Vec<u32>,
    /// The current committee.
    pub committee: Members,
}

impl Era {
    /// The first, in which all are trusted alike.
    pub fn first(members: u16) -> Self {
        let n = usize::from(members);
        Self {
            number: 0,
            ledger: Ledger::default(),
            executed: Executed::default(),
            scores: vec![START; n],
            served: vec![0; n],
            committee: Members::NONE,
        }
        .with_committee()
    }

    /// The one that follows when this one's committee has decided up to a state, and holds these
    /// opinions of itself.
    pub fn next(&self, ledger: Ledger, executed: Executed, opinions: &[Opinion]) -> Self {
        let scores = judge(&self.scores, self.committee, opinions);
        let (number, served) = (self.number + 1, self.served.clone());
        Self { number, ledger, executed, scores, served, committee: Members::NONE }.with_committee()
    }

    fn with_committee(mut self) -> Self {
        self.committee = choose(&self.scores);
        for member in self.committee.iter() {
            self.served[member.index()] += 1;
        }
        self
    }
}

/// The most trusted members, and among equals those with the lowest numbers.
pub fn choose(scores: &[u32]) -> Members {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by_key(|&member| (std::cmp::Reverse(scores[member]), member));
    let size = committee_size(scores.len() as u16).into();
    order.into_iter().take(size).map(|member| NodeId(member as u16)).collect()
}

/// The scores after a committee's term. As in PeerTrust, satisfaction is weighted by the raters'
/// trust: a member did well if raters with at least half of the total weight, its own excluded,
/// approve of it. A member that did well gains an eighth of the difference to the full score; one
/// that did not loses half of its score, so that alternating good and bad behaviour does not pay. A
/// member outside the committee whose score is below the initial one slowly recovers up to it.
pub fn judge(scores: &[u32], committee: Members, opinions: &[Opinion]) -> Vec<u32> {
    let mut after = scores.to_vec();
    for (member, score) in after.iter_mut().enumerate() {
        if !committee.contains(NodeId(member as u16)) && *score < START {
            *score += ((START - *score) / 64).max(1);
        }
    }
    let seated: Vec<NodeId> = committee.iter().collect();
    for (place, member) in seated.iter().enumerate() {
        let (mut content, mut all) = (0, 0);
        for opinion in opinions.iter().filter(|opinion| usize::from(opinion.from) != place) {
            let rater = seated.get(usize::from(opinion.from));
            let weight = rater.map_or(0, |rater| scores[rater.index()] + 1);
            all += weight;
            content += if opinion.content >> place & 1 == 1 { weight } else { 0 };
        }
        let score = &mut after[member.index()];
        *score = if content > 0 && 2 * content >= all {
            *score + (FULL - *score).div_ceil(8)
        } else {
            *score / 2
        };
    }
    after
}

/// The number of Byzantine members that a committee of `n` members tolerates.
pub(super) fn tolerated(n: u16) -> usize {
    faulty(committee_size(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of seven members after each of these terms, in which member 1 is good or is not, and
    /// all others are.
    fn terms(good: impl Iterator<Item = bool>) -> Vec<u32> {
        let mut scores = vec![START; 4];
        let committee = Members::first(4);
        good.map(|good| {
            let content = if good { 0b1111 } else { 0b1101 };
            let opinions = [0, 1, 2].map(|from| Opinion { from, content });
            scores = judge(&scores, committee, &opinions);
            scores[1]
        })
        .collect()
    }

    #[test]
    fn trust_falls_faster_than_it_rises() {
        let on_off = |term: usize| !(8..10).contains(&term);
        let scores = terms((0..30).map(on_off));
        let (high, low) = (scores[7], scores[9]);
        assert!(scores[..8].is_sorted() && high > 800, "{scores:?}");
        assert!(low <= high / 4, "two bad terms take three quarters: {scores:?}");
        let back = scores[10..].iter().position(|&score| score >= high).unwrap();
        assert!(back > 3 * 2, "and more than six good ones bring them back: {scores:?}");
    }

    #[test]
    fn who_is_bad_every_other_time_ends_below_the_untried() {
        let scores = terms((0..100).map(|term| term % 2 == 0));
        assert!(scores[50..].iter().all(|&score| score < START), "{scores:?}");
    }

    #[test]
    fn liars_opinions_do_not_outweigh_the_honest() {
        // Member 3 disapproves of all others and approves of itself; its weight is its trust.
        let slander = Opinion { from: 3, content: 0b1000 };
        let honest = [0, 1].map(|from| Opinion { from, content: 0b0111 });
        let scores = judge(&[START; 4], Members::first(4), &[honest[0], slander, honest[1]]);
        assert!(scores[..3].iter().all(|&score| score > START), "{scores:?}");
        assert!(scores[3] < START, "{scores:?}");
    }

    #[test]
    fn committees_are_3f_plus_1_of_the_most_trusted() {
        let sizes = [4, 8, 14, 20, 32, 64, 128].map(committee_size);
        assert_eq!(sizes, [4, 4, 7, 10, 16, 31, 61]);
        let mut scores = vec![START; 8];
        scores[1] = 400;
        scores[6] = 600;
        assert_eq!(choose(&scores), [6, 0, 2, 3].map(NodeId).into_iter().collect());
    }
}
