//! What can be chosen: variables, their levels and choices, and the candidates that they make. It
//! does not know what a candidate is worth.

use super::error::SearchError;
use std::cmp::Ordering;

/// Something to decide.
#[derive(Clone, Debug, PartialEq)]
pub enum Variable {
    /// A quantity. A search tries its levels, a polish also what lies between them.
    Size {
        /// Finite and ascending, each once, in the variable's own unit.
        levels: Vec<f64>,
    },
    /// One of several, in no order.
    Choice {
        /// How many there are; a candidate holds its number, from 0.
        count: usize,
    },
}

impl Variable {
    /// How many values a search tries.
    pub fn count(&self) -> usize {
        match self {
            Self::Size { levels } => levels.len(),
            Self::Choice { count } => *count,
        }
    }

    /// The value behind a number; the last one, where there are fewer.
    pub(super) fn value(&self, number: u32) -> f64 {
        match self {
            Self::Size { levels } => {
                levels.get(number as usize).or(levels.last()).copied().unwrap_or_default()
            }
            Self::Choice { .. } => f64::from(number),
        }
    }

    /// The least and the greatest value.
    pub(super) fn bounds(&self) -> (f64, f64) {
        match self {
            Self::Size { levels } => (
                levels.first().copied().unwrap_or_default(),
                levels.last().copied().unwrap_or_default(),
            ),
            Self::Choice { count } => (0.0, count.saturating_sub(1) as f64),
        }
    }

    fn check(&self) -> Result<(), String> {
        if u32::try_from(self.count()).is_err() {
            return Err(format!("found {} values, which are too many", self.count()));
        }
        match self {
            Self::Size { levels } if levels.is_empty() => {
                Err("a size needs at least one value".to_owned())
            }
            Self::Choice { count: 0 } => Err("a choice needs at least one option".to_owned()),
            Self::Size { levels } => {
                if let Some(level) = levels.iter().find(|level| !level.is_finite()) {
                    return Err(format!("found {level}, expected a finite number"));
                }
                match levels.windows(2).find(|pair| pair[0] >= pair[1]) {
                    Some(pair) => Err(format!(
                        "the values of a size must increase, but {} comes before {}",
                        pair[0], pair[1]
                    )),
                    None => Ok(()),
                }
            }
            Self::Choice { .. } => Ok(()),
        }
    }
}

/// One value for each variable, in their order: a size as it is, a choice as its number.
///
/// Candidates are ordered by their values, the first variable before all others: this is the order
/// of [`Space::iter`] too.
#[derive(Clone, Debug)]
pub struct Candidate(Vec<f64>);

impl Candidate {
    /// Minus zero is zero, so that a candidate has one form only.
    pub(super) fn new(mut values: Vec<f64>) -> Self {
        values.iter_mut().for_each(|value| *value += 0.0);
        Self(values)
    }

    /// The values.
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// The number of the choice that a variable takes; `None` where it is no whole number from 0 on
    /// or there is no such variable.
    pub fn choice(&self, variable: usize) -> Option<usize> {
        let value = *self.0.get(variable)?;
        let whole = (0.0..=f64::from(u32::MAX)).contains(&value) && value.fract() == 0.0;
        whole.then_some(value as usize)
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        let pairs = self.0.iter().zip(&other.0);
        let unequal = pairs.map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
        unequal.unwrap_or_else(|| self.0.len().cmp(&other.0.len()))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}

/// All that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    variables: Vec<Variable>,
}

impl Space {
    /// A space of these variables.
    ///
    /// # Errors
    /// Where there is no variable, or one is empty, unsorted or not finite.
    pub fn new(variables: Vec<Variable>) -> Result<Self, SearchError> {
        if variables.is_empty() {
            return Err(SearchError::NoVariables);
        }
        for (place, variable) in variables.iter().enumerate() {
            let wrong = |message| SearchError::Variable { variable: place, message };
            variable.check().map_err(wrong)?;
        }
        Ok(Self { variables })
    }

    /// The variables.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// How many candidates there are on the levels; `u64::MAX` where there are more than that.
    pub fn count(&self) -> u64 {
        self.variables.iter().fold(1, |count, of| count.saturating_mul(of.count() as u64))
    }

    /// All candidates on the levels, ascending: the last variable changes fastest.
    pub fn iter(&self) -> impl Iterator<Item = Candidate> + '_ {
        Numbers::new(self).map(|numbers| self.at(&numbers))
    }

    /// A candidate of this space, on its levels or between them.
    ///
    /// # Errors
    /// Where there are more or fewer values than variables, a size is out of its bounds or a choice
    /// is not there.
    pub fn candidate(&self, values: &[f64]) -> Result<Candidate, SearchError> {
        if values.len() != self.variables.len() {
            let (found, needed) = (values.len(), self.variables.len());
            return Err(SearchError::Candidate(format!(
                "found {found} values, expected one for each of the {needed} variables"
            )));
        }
        for (place, (value, variable)) in values.iter().zip(&self.variables).enumerate() {
            let (least, most) = variable.bounds();
            let whole = matches!(variable, Variable::Size { .. }) || value.fract() == 0.0;
            if !(least..=most).contains(value) || !whole {
                return Err(SearchError::Candidate(format!(
                    "variable {} must lie between {least} and {most}, found {value}",
                    place + 1
                )));
            }
        }
        Ok(Candidate::new(values.to_vec()))
    }

    /// The candidate behind the numbers of levels and choices.
    pub(super) fn at(&self, numbers: &[u32]) -> Candidate {
        let values = self.variables.iter().zip(numbers).map(|(of, number)| of.value(*number));
        Candidate::new(values.collect())
    }
}

/// All combinations of numbers of levels and choices, the last fastest.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    counts: Vec<u32>,
    next: Option<Vec<u32>>,
}

impl Numbers {
    pub(super) fn new(space: &Space) -> Self {
        // A space has been checked for this.
        let count = |of: &Variable| u32::try_from(of.count()).unwrap_or(u32::MAX);
        let counts: Vec<u32> = space.variables.iter().map(count).collect();
        Self { next: Some(vec![0; counts.len()]), counts }
    }

    /// How many values each variable has.
    pub(super) fn counts(&self) -> &[u32] {
        &self.counts
    }
}

impl Iterator for Numbers {
    type Item = Vec<u32>;

    fn next(&mut self) -> Option<Vec<u32>> {
        let current = self.next.take()?;
        let mut following = current.clone();
        for (number, count) in following.iter_mut().zip(&self.counts).rev() {
            *number += 1;
            if *number < *count {
                self.next = Some(following);
                break;
            }
            *number = 0;
        }
        Some(current)
    }
}
