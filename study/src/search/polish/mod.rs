//! A design made better between the levels of its sizes, for one goal: a pattern search (Hooke and
//! Jeeves 1961; Torczon 1997) that polls along the axes, along its own way so far, along pairs of
//! axes, along turned axes and along ridges, and shrinks its step where none of them helps. It needs no slope, so
//! that kinks, steps and constraints do not harm it. It finds the best near its start, not of all;
//! choices stay as they are.

mod directions;
mod goal;
mod ridge;
mod starts;

use super::error::SearchError;
use super::found::Design;
use super::space::{Candidate, Space, Variable};
use super::trials::Trials;
use directions::{Directions, Move};
pub use goal::{Goal, Worth};
pub use starts::polish_best;

/// How many times a move that helped is tried to be gone on with, each twice as far.
const STRIDES: u32 = 4;

/// When a polish ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Polish {
    /// The least step, as a share of the way from a size's first level to its last.
    pub tolerance: f64,
    /// How many candidates may be tried, about.
    pub most: u64,
}

impl Default for Polish {
    fn default() -> Self {
        Self { tolerance: 1e-4, most: 20_000 }
    }
}

impl Polish {
    fn check(&self) -> Result<(), SearchError> {
        if self.tolerance > 0.0 && self.tolerance.is_finite() {
            return Ok(());
        }
        let message = format!("must be finite and above 0, found {}", self.tolerance);
        Err(SearchError::Setting { name: "tolerance", message })
    }
}

/// What came of a polish.
#[derive(Clone, Debug, PartialEq)]
pub struct Polished {
    /// Where it started.
    pub start: Design,
    /// What that is worth by the goal.
    pub start_worth: Worth,
    /// The best design on its way: never worth less than the start.
    pub design: Design,
    /// What that is worth by the goal.
    pub worth: Worth,
    /// How many candidates were tried that had not been before.
    pub evaluated: u64,
    /// Whether it came down to its tolerance; not so where it was stopped or had tried as many as it
    /// might.
    pub finished: bool,
}

/// Makes the sizes of `start` better within the bounds of their levels.
///
/// # Errors
/// Where `start` is not in the space or fails, a setting is wrong, or it was cancelled before the
/// start was tried.
pub fn polish(
    trials: &mut Trials<'_>,
    start: &Candidate,
    goal: &Goal,
    settings: &Polish,
) -> Result<Polished, SearchError> {
    settings.check()?;
    goal.check(trials.objectives())?;
    let start = trials.space().candidate(start.values())?;
    let before = trials.evaluated();
    let most = before.saturating_add(settings.most);
    if !trials.try_all(std::slice::from_ref(&start), most) {
        return Err(SearchError::Cancelled);
    }
    let score = match trials.outcome(&start) {
        Some(Ok(score)) => score.clone(),
        Some(Err(why)) => return Err(SearchError::Start(why.clone())),
        None => return Err(SearchError::Cancelled),
    };
    let worth = goal.worth(&score);
    let first = Design { candidate: start, score };
    let mut search = Search {
        axes: axes(trials.space(), &first.candidate),
        best: first.clone(),
        worth,
        goal,
        most,
        cut: false,
    };
    search.run(trials, settings.tolerance);
    Ok(Polished {
        start: first,
        start_worth: worth,
        design: search.best,
        worth: search.worth,
        evaluated: trials.evaluated() - before,
        finished: !search.cut,
    })
}

/// A size that may be moved.
#[derive(Clone, Copy, Debug)]
struct Axis {
    /// Its place among the variables.
    variable: usize,
    least: f64,
    most: f64,
    /// The first step: the wider of the gaps to the levels on both sides.
    gap: f64,
}

/// The sizes of more than one level.
fn axes(space: &Space, start: &Candidate) -> Vec<Axis> {
    let mut axes = Vec::new();
    let variables = space.variables().iter().zip(start.values()).enumerate();
    for (place, (variable, &value)) in variables {
        let Variable::Size { levels } = variable else { continue };
        let (least, most) = variable.bounds();
        let below = levels.iter().rfind(|&&level| level < value).map_or(0.0, |v| value - v);
        let above = levels.iter().find(|&&level| level > value).map_or(0.0, |v| v - value);
        if most > least {
            axes.push(Axis { variable: place, least, most, gap: below.max(above) });
        }
    }
    axes
}

struct Search<'a> {
    axes: Vec<Axis>,
    best: Design,
    worth: Worth,
    goal: &'a Goal,
    most: u64,
    /// Whether it was stopped before its end.
    cut: bool,
}

impl Search<'_> {
    fn run(&mut self, trials: &mut Trials<'_>, tolerance: f64) {
        if self.axes.is_empty() {
            return;
        }
        // Steps are in gaps. The first is one gap, the longest goes through all of some size, and the
        // last is where it's within the tolerance of every size.
        let ways = self.axes.iter().map(|axis| (axis.most - axis.least) / axis.gap);
        let longest = ways.clone().fold(1.0, f64::max);
        let shortest = tolerance * ways.fold(f64::INFINITY, f64::min);
        let mut step: f64 = 1.0;
        let mut directions = Directions::new(self.axes.len());
        loop {
            let before = self.best.candidate.clone();
            let mut helped = false;
            for group in 0..Directions::GROUPS {
                if self.cut {
                    return;
                }
                let moves = directions.group(group);
                helped = self.improve(trials, &before, &moves, step);
                if helped {
                    break;
                }
            }
            helped = helped || self.follow_ridge(trials, step);
            if self.cut && !helped {
                return;
            }
            if helped {
                let way = self.way(&before);
                directions.went(&way);
                if self.go_on(trials, &before) {
                    step = (2.0 * step).min(longest);
                }
            } else if step <= shortest {
                return;
            } else {
                step = (0.25 * step).max(shortest);
            }
        }
    }

    /// The way from a candidate to the best, in gaps.
    fn way(&self, from: &Candidate) -> Move {
        let at = |of: &Candidate, axis: &Axis| of.values()[axis.variable];
        let moved = |axis: &Axis| (at(&self.best.candidate, axis) - at(from, axis)) / axis.gap;
        self.axes.iter().map(moved).collect()
    }

    /// Goes on the way that helped, further each time: the pattern move of Hooke and Jeeves.
    fn go_on(&mut self, trials: &mut Trials<'_>, from: &Candidate) -> bool {
        let way = self.way(from);
        let further = |stride: u32| way.iter().map(|part| part * f64::from(1 << stride)).collect();
        let moves: Vec<Move> = (1..=STRIDES).map(further).collect();
        self.improve(trials, &from.clone(), &moves, 1.0)
    }

    /// Tries all these moves and takes the best of them where it is better than what there is.
    fn improve(
        &mut self,
        trials: &mut Trials<'_>,
        from: &Candidate,
        moves: &[Move],
        step: f64,
    ) -> bool {
        let candidates: Vec<Candidate> =
            moves.iter().map(|to| self.moved(from, to, step)).collect();
        self.cut |= !trials.try_all(&candidates, self.most);
        let mut helped = false;
        for candidate in candidates {
            let Some(Ok(score)) = trials.outcome(&candidate) else { continue };
            let worth = self.goal.worth(score);
            if worth.better_than(&self.worth) {
                self.best = Design { score: score.clone(), candidate };
                self.worth = worth;
                helped = true;
            }
        }
        self.cut |= trials.evaluated() >= self.most;
        helped
    }

    /// A candidate some way off, within the bounds.
    fn moved(&self, from: &Candidate, to: &[f64], step: f64) -> Candidate {
        let mut values = from.values().to_vec();
        for (axis, part) in self.axes.iter().zip(to) {
            let value = values[axis.variable] + part * step * axis.gap;
            values[axis.variable] = value.clamp(axis.least, axis.most);
        }
        Candidate::new(values)
    }
}
