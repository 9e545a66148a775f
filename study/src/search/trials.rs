//! Trying candidates: on all threads of the current pool, each once, remembered, told and stopped
//! on request. It does not decide which are tried.

use super::found::{Design, Failure, Found, Method};
use super::score::Score;
use super::space::{Candidate, Space};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What a caller knows of a candidate: its score, or why it has none.
type Evaluate<'a> = dyn Fn(&Candidate) -> Result<Score, String> + Sync + 'a;

/// Who hears how many candidates have been tried, and how many are expected.
type Told<'a> = dyn Fn(u64, u64) + Sync + 'a;

/// The candidates that have been tried, and the means to try more. Several searches may share them:
/// none tries again what another has tried.
pub struct Trials<'a> {
    space: &'a Space,
    objectives: usize,
    evaluate: &'a Evaluate<'a>,
    told: Option<&'a Told<'a>>,
    stop: Option<&'a AtomicBool>,
    tried: BTreeMap<Candidate, Result<Score, String>>,
}

impl<'a> Trials<'a> {
    /// No candidate tried yet. `evaluate` has to give the same for the same candidate each time; it
    /// is called from several threads at once. A score with another number of objectives than
    /// `objectives`, with one that is not finite or with a negative violation is a failure.
    pub fn new(
        space: &'a Space,
        objectives: usize,
        evaluate: &'a (dyn Fn(&Candidate) -> Result<Score, String> + Sync + 'a),
    ) -> Self {
        Self { space, objectives, evaluate, told: None, stop: None, tried: BTreeMap::new() }
    }

    /// Tells after each trial how many there have been, and how many are expected in the end (never
    /// fewer than come, but for several searches one after another). It is called from several
    /// threads at once, so that a smaller number may come after a greater one.
    #[must_use]
    pub fn told_to(mut self, told: &'a (dyn Fn(u64, u64) + Sync + 'a)) -> Self {
        self.told = Some(told);
        self
    }

    /// Begins no further trial once `stop` is set.
    #[must_use]
    pub fn stopped_by(mut self, stop: &'a AtomicBool) -> Self {
        self.stop = Some(stop);
        self
    }

    /// What can be chosen.
    pub fn space(&self) -> &'a Space {
        self.space
    }

    /// How many objectives a score has.
    pub fn objectives(&self) -> usize {
        self.objectives
    }

    /// How many candidates have been tried, with those that failed.
    pub fn evaluated(&self) -> u64 {
        self.tried.len() as u64
    }

    /// What came of a candidate; `None` where it has not been tried.
    pub fn outcome(&self, candidate: &Candidate) -> Option<&Result<Score, String>> {
        self.tried.get(candidate)
    }

    /// All candidates that have been tried and what came of them, ascending.
    pub fn outcomes(&self) -> impl Iterator<Item = (&Candidate, &Result<Score, String>)> {
        self.tried.iter()
    }

    /// All that the trials hold, of whatever search.
    pub fn found(&self, method: Method, finished: bool) -> Found {
        let mut designs = Vec::with_capacity(self.tried.len());
        let mut failed = Vec::new();
        for (candidate, outcome) in &self.tried {
            match outcome {
                Ok(score) => designs.push(Design::new(candidate, score)),
                Err(why) => {
                    failed.push(Failure { candidate: candidate.clone(), why: why.clone() });
                }
            }
        }
        Found::new(designs, failed, method, finished)
    }

    /// Tries those that have not been tried. Whether all of them have been by then: not so where the
    /// search was stopped. `expected` is how many trials there will be in the end.
    pub(super) fn try_all(&mut self, candidates: &[Candidate], expected: u64) -> bool {
        let mut seen = BTreeSet::new();
        let new: Vec<&Candidate> = candidates
            .iter()
            .filter(|candidate| !self.tried.contains_key(candidate) && seen.insert(*candidate))
            .collect();
        let over = AtomicU64::new(self.evaluated());
        let of = |candidate: &Candidate| {
            if self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                return None;
            }
            let score = (self.evaluate)(candidate);
            let outcome = score.and_then(|score| score.check(self.objectives).map(|()| score));
            let over = over.fetch_add(1, Ordering::Relaxed) + 1;
            if let Some(told) = self.told {
                told(over, expected.max(over));
            }
            Some(outcome)
        };
        let outcomes: Vec<_> = new.par_iter().map(|candidate| of(candidate)).collect();
        let mut all = true;
        for (candidate, outcome) in new.into_iter().zip(outcomes) {
            match outcome {
                Some(outcome) => {
                    self.tried.insert(candidate.clone(), outcome);
                }
                None => all = false,
            }
        }
        all
    }
}
