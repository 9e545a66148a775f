//! Which designs are worth polishing: the best of those that no neighbour beats.

use super::super::error::SearchError;
use super::super::found::Design;
use super::super::space::{Candidate, Space, Variable};
use super::super::trials::Trials;
use super::goal::{Goal, Worth};
use super::{Polish, Polished, polish};

/// Polishes the best designs that a search has tried, and gives the best that comes of it: never
/// worth less than the best design tried. As many as `starts`, out of those that are better than
/// their neighbours a level away, so that each valley and each choice has its chance. `None` where
/// no design has been tried that did not fail.
///
/// # Errors
/// Where a setting is wrong.
pub fn polish_best(
    trials: &mut Trials<'_>,
    goal: &Goal,
    starts: usize,
    settings: &Polish,
) -> Result<Option<Polished>, SearchError> {
    settings.check()?;
    goal.check(trials.objectives())?;
    let mut best: Option<Polished> = None;
    for start in valleys(trials, goal).into_iter().take(starts.max(1)) {
        let polished = polish(trials, &start.candidate, goal, settings)?;
        if best.as_ref().is_none_or(|best| polished.worth.better_than(&best.worth)) {
            best = Some(polished);
        }
    }
    Ok(best)
}

/// Designs that no neighbour beats, the best first, then ascending.
fn valleys(trials: &Trials<'_>, goal: &Goal) -> Vec<Design> {
    let space = trials.space();
    let mut valleys: Vec<(Worth, Design)> = Vec::new();
    for (candidate, outcome) in trials.outcomes() {
        let Ok(score) = outcome else { continue };
        let worth = goal.worth(score);
        let beats = |neighbour: &Candidate| match trials.outcome(neighbour) {
            Some(Ok(score)) => goal.worth(score).better_than(&worth),
            _ => false,
        };
        if !neighbours(space, candidate).iter().any(beats) {
            valleys.push((worth, Design::new(candidate, score)));
        }
    }
    let key = |of: &Worth| (of.violation, of.value);
    valleys.sort_by(|(a, _), (b, _)| {
        let ((a, x), (b, y)) = (key(a), key(b));
        a.total_cmp(&b).then(x.total_cmp(&y))
    });
    valleys.into_iter().map(|(_, design)| design).collect()
}

/// The candidates one level up or down in one size.
fn neighbours(space: &Space, candidate: &Candidate) -> Vec<Candidate> {
    let mut neighbours = Vec::new();
    for (place, (of, value)) in space.variables().iter().zip(candidate.values()).enumerate() {
        let Variable::Size { levels } = of else { continue };
        let below = levels.iter().rfind(|&level| level < value);
        let above = levels.iter().find(|&level| level > value);
        for level in below.into_iter().chain(above) {
            let mut values = candidate.values().to_vec();
            values[place] = *level;
            neighbours.push(Candidate::new(values));
        }
    }
    neighbours
}
