//! The candidates that a reader looks at first, a row each, for the page and the terminal. All of them
//! stand in `candidates.csv`.

use super::figures::Figures;
use super::{Optimum, Problem};
use crate::search::Candidate;
use gridtwin_reports::pages::Quantity;

/// So many rows are told.
const ROWS: usize = 16;

/// Candidates with their figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CandidateTable {
    /// What is decided.
    pub decisions: Vec<Quantity>,
    /// What is told of each: investment, saving, payback and so on.
    pub figures: Vec<Quantity>,
    /// The base case, if there is one, and the candidates.
    pub rows: Vec<CandidateRow>,
    /// Which these are, in a sentence.
    pub note: String,
}

/// A candidate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CandidateRow {
    /// "base case", "winner", or nothing.
    pub label: String,
    /// What it says of each decision.
    pub values: Vec<String>,
    /// Its figures; none where there is none, as for payback that never comes.
    pub figures: Vec<Option<f64>>,
    /// Whether a replacement within the project's life postpones its payback, or takes it away.
    pub postponed: bool,
}

impl Problem {
    /// All candidates on the levels where they are few, else those of the front.
    pub fn table(&self, optimum: &Optimum) -> CandidateTable {
        let found = &optimum.found;
        let (places, note) = self.places(optimum);
        let designs = if found.designs.len() <= ROWS { &found.designs } else { &found.front };
        let chosen = self.chosen(optimum);
        let winner = optimum.least(0).map(|at| &found.front[at].candidate);
        let row = |candidate: &Candidate| {
            let figures = optimum.figures.get(candidate);
            let values = self.model.values(candidate);
            CandidateRow {
                label: if winner == Some(candidate) { "winner" } else { "" }.to_owned(),
                values: self.shortly(&chosen, &values),
                figures: figures.map_or_else(Vec::new, |figures| figures.values().into()),
                postponed: figures.is_some_and(Figures::is_postponed),
            }
        };
        let base = optimum.base.as_ref().map(|(values, worth)| CandidateRow {
            label: "base case".to_owned(),
            values: self.shortly(&chosen, values),
            figures: Figures::of(worth, Some(worth), &self.asked.project).values().into(),
            postponed: false,
        });
        let rows = places.into_iter().filter_map(|at| designs.get(at));
        let rows = rows.map(|design| row(&design.candidate));
        CandidateTable {
            decisions: chosen
                .iter()
                .map(|at| &self.model.decisions[*at])
                .map(|of| Quantity { name: of.name.clone(), unit: of.unit.clone() })
                .collect(),
            figures: Figures::names(&self.asked.currency).into(),
            rows: base.into_iter().chain(rows).collect(),
            note,
        }
    }

    /// Which designs are told, of all where they are few and else of the front, and in words which.
    fn places(&self, optimum: &Optimum) -> (Vec<usize>, String) {
        let found = &optimum.found;
        let all = found.designs.len();
        if all <= ROWS {
            return ((0..all).collect(), format!("All {all} candidates."));
        }
        let front = found.front.len();
        if front <= ROWS {
            let note = format!(
                "The {front} designs on the Pareto front; {} candidates were evaluated.",
                found.evaluated()
            );
            return ((0..front).collect(), note);
        }
        let mut places = evenly(&found.front, ROWS);
        places.extend((0..self.asked.minimise.len()).filter_map(|of| optimum.least(of)));
        places.sort_unstable();
        places.dedup();
        let note = format!(
            "{} of the {front} designs on the Pareto front, evenly spaced; front.csv lists all \
             {front}.",
            places.len()
        );
        (places, note)
    }

    /// The decisions that have something to decide, or differ from the base case.
    fn chosen(&self, optimum: &Optimum) -> Vec<usize> {
        let all = 0..self.model.decisions.len();
        let base = optimum.base.as_ref().map(|(values, _)| values.as_slice()).unwrap_or_default();
        let open = |at: &usize| {
            let values = &self.model.decisions[*at].values;
            values.len() > 1 || base.get(*at).is_some_and(|base| !values.contains(base))
        };
        let open: Vec<usize> = all.clone().filter(open).collect();
        if open.is_empty() { all.collect() } else { open }
    }

    /// Values as a table has room for.
    fn shortly(&self, chosen: &[usize], values: &[crate::design::Value]) -> Vec<String> {
        let of = |at: usize| match values[at].number() {
            Some(number) => gridtwin_reports::human(number),
            None => self.model.decisions[at].short(&values[at]),
        };
        chosen.iter().copied().map(of).collect()
    }
}

/// Places along a front that are about as far from each other, counted in shares of its extent, both ends
/// with them: neighbours by number may be much alike.
fn evenly(front: &[impl AsRef<[f64]>], rows: usize) -> Vec<usize> {
    let objectives = front.first().map_or(0, |of| of.as_ref().len());
    let value = |place: usize, at: usize| front[place].as_ref()[at];
    let extents: Vec<f64> = (0..objectives)
        .map(|at| {
            let values = || (0..front.len()).map(|place| value(place, at));
            values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)
        })
        .collect();
    let apart = |place: usize| -> f64 {
        let shares = (0..objectives).filter(|at| extents[*at] > 0.0);
        shares.map(|at| (value(place, at) - value(place - 1, at)).abs() / extents[at]).sum()
    };
    let mut way = vec![0.0];
    for place in 1..front.len() {
        way.push(way[place - 1] + apart(place));
    }
    let whole = way.last().copied().unwrap_or_default();
    let mut places: Vec<usize> = (0..rows)
        .map(|row| {
            let wanted = whole * row as f64 / (rows - 1).max(1) as f64;
            let next = way.partition_point(|so_far| *so_far < wanted).min(front.len() - 1);
            let before = next.saturating_sub(1);
            if wanted - way[before] < way[next] - wanted { before } else { next }
        })
        .collect();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_spread_along_the_front_and_not_along_its_crowd() {
        // Nine variants of one design, then three others.
        let crowd = (0..9).map(|i| [f64::from(i) * 1e-6, 10.0 - f64::from(i) * 1e-6]);
        let front: Vec<[f64; 2]> = crowd.chain([[3.0, 7.0], [6.0, 3.0], [10.0, 0.0]]).collect();
        let places = evenly(&front, 4);
        assert_eq!((places[0], &places[places.len() - 3..]), (0, &[9, 10, 11][..]));
        assert_eq!(evenly(&front[..1], 4), [0]);
    }
}
