//! What a search gives back: the front, all designs that were tried, and those that failed.

use super::pareto;
use super::score::Score;
use super::space::Candidate;

/// A candidate and what it is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// The values of the variables.
    pub candidate: Candidate,
    /// Its worth.
    pub score: Score,
}

impl Design {
    pub(super) fn new(candidate: &Candidate, score: &Score) -> Self {
        Self { candidate: candidate.clone(), score: score.clone() }
    }
}

impl AsRef<[f64]> for Design {
    /// The objectives, as [`pareto`] takes them.
    fn as_ref(&self) -> &[f64] {
        &self.score.objectives
    }
}

/// A candidate that has no worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The values of the variables.
    pub candidate: Candidate,
    /// Why.
    pub why: String,
}

/// How a front was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// All candidates on the levels were tried: the front is exact.
    Exhaustive,
    /// By a genetic algorithm: the front is the best of what was tried.
    Nsga2,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Feasible designs that no other feasible one dominates, by their first objective, then the
    /// next. Of designs that are worth the same, the first in order alone.
    pub front: Vec<Design>,
    /// All designs that were tried and did not fail, ascending.
    pub designs: Vec<Design>,
    /// Those that failed, ascending.
    pub failed: Vec<Failure>,
    /// Where no design is feasible, the one that comes nearest to it.
    pub nearest: Option<Design>,
    /// How it was found.
    pub method: Method,
    /// Whether the search came to its end; not so where it was stopped.
    pub finished: bool,
}

impl Found {
    pub(super) fn new(
        designs: Vec<Design>,
        failed: Vec<Failure>,
        method: Method,
        finished: bool,
    ) -> Self {
        let feasible: Vec<&Design> = designs.iter().filter(|of| of.score.feasible()).collect();
        let front = pareto::front(&feasible).into_iter();
        let front: Vec<Design> =
            front.filter_map(|place| feasible.get(place)).map(|&of| of.clone()).collect();
        let nearest = if feasible.is_empty() {
            let violation = |of: &Design| of.score.violation;
            designs.iter().min_by(|a, b| violation(a).total_cmp(&violation(b))).cloned()
        } else {
            None
        };
        Self { front, designs, failed, nearest, method, finished }
    }

    /// Takes designs out of the front that are no more than variants of others: those for which `may_go`
    /// holds and which differ from one that stays by less than this share of the front's extent in
    /// every objective. The best of each objective stays.
    pub fn thin_front(&mut self, share: f64, may_go: impl Fn(&Candidate) -> bool) {
        let objectives = self.front.first().map_or(0, |of| of.score.objectives.len());
        let of = |design: &Design, at: usize| design.score.objectives[at];
        let extent = |at: usize| {
            let ends = self.front.iter().map(|design| of(design, at));
            let (low, high) = ends
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                    (low.min(value), high.max(value))
                });
            (low, high - low)
        };
        let extents: Vec<(f64, f64)> = (0..objectives).map(extent).collect();
        let mut kept: Vec<Design> = Vec::new();
        for design in &self.front {
            let best = (0..objectives).any(|at| of(design, at) <= extents[at].0);
            let like = |other: &Design| {
                let near = |at| (of(design, at) - of(other, at)).abs() < share * extents[at].1;
                (0..objectives).all(near)
            };
            if best || !may_go(&design.candidate) || !kept.iter().any(like) {
                kept.push(design.clone());
            }
        }
        self.front = kept;
    }

    /// How many candidates were tried, with those that failed.
    pub fn evaluated(&self) -> usize {
        self.designs.len() + self.failed.len()
    }
}
