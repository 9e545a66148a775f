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
}

impl Problem {
    /// All candidates on the levels where they are few, else those of the front.
    pub fn table(&self, optimum: &Optimum) -> CandidateTable {
        let found = &optimum.found;
        let all = found.designs.len() <= ROWS;
        let (designs, of) =
            if all { (&found.designs, "candidates") } else { (&found.front, "of the front") };
        let shown = designs.len().min(ROWS);
        let note = match (all, shown < designs.len()) {
            (true, _) => format!("All {shown} {of}."),
            (false, false) => {
                format!("The {shown} {of}, of {} that were tried.", found.evaluated())
            }
            (false, true) => format!("The first {shown} {of}; all of it stands in front.csv."),
        };
        let winner = optimum.least(0).map(|at| &found.front[at].candidate);
        let row = |candidate: &Candidate| {
            let figures = optimum.figures.get(candidate);
            let values = self.model.values(candidate);
            CandidateRow {
                label: if winner == Some(candidate) { "winner" } else { "" }.to_owned(),
                values: self.shortly(&values),
                figures: figures.map_or_else(Vec::new, |figures| figures.values().into()),
            }
        };
        let base = optimum.base.as_ref().map(|(values, worth)| CandidateRow {
            label: "base case".to_owned(),
            values: self.shortly(values),
            figures: Figures::of(worth, Some(worth), &self.asked.project).values().into(),
        });
        let rows = designs.iter().take(shown).map(|design| row(&design.candidate));
        CandidateTable {
            decisions: self
                .model
                .decisions
                .iter()
                .map(|of| Quantity { name: of.name.clone(), unit: of.unit.clone() })
                .collect(),
            figures: Figures::names(&self.asked.currency).into(),
            rows: base.into_iter().chain(rows).collect(),
            note,
        }
    }

    /// Values as a table has room for.
    fn shortly(&self, values: &[crate::design::Value]) -> Vec<String> {
        let both = self.model.decisions.iter().zip(values);
        both.map(|(of, value)| match value.number() {
            Some(number) => gridtwin_reports::human(number),
            None => of.short(value),
        })
        .collect()
    }
}
