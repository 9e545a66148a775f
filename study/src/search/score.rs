//! What a candidate is worth, and which of two is worth more. It does not say how worth comes about.

use super::pareto;

/// What an evaluation says of a candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// All of them are made small. To have much of something, give it with a minus.
    pub objectives: Vec<f64>,
    /// By how much the constraints are broken, all together; 0 where they hold.
    pub violation: f64,
}

impl Score {
    /// A score without constraints.
    pub fn free(objectives: Vec<f64>) -> Self {
        Self { objectives, violation: 0.0 }
    }

    /// Whether the constraints hold.
    pub fn feasible(&self) -> bool {
        self.violation <= 0.0
    }

    /// Whether this one is to be preferred: "constrained-dominates" in Deb, Pratap, Agarwal and
    /// Meyarivan 2002, section VI-A, definition 1.
    pub fn dominates(&self, other: &Self) -> bool {
        if self.feasible() && other.feasible() {
            pareto::dominates(&self.objectives, &other.objectives)
        } else {
            self.violation < other.violation
        }
    }

    /// What is wrong with it, if anything is.
    pub(super) fn check(&self, objectives: usize) -> Result<(), String> {
        if objectives == 0 {
            return Err("the search has no objective".to_owned());
        }
        if self.objectives.len() != objectives {
            let found = self.objectives.len();
            return Err(format!("the evaluation gave {found} objectives, expected {objectives}"));
        }
        let wrong = self.objectives.iter().enumerate().find(|(_, value)| !value.is_finite());
        if let Some((place, value)) = wrong {
            return Err(format!("objective {} is not a finite number: {value}", place + 1));
        }
        if !self.violation.is_finite() || self.violation < 0.0 {
            return Err(format!(
                "the violation of limits is {}, expected a finite number, 0 or more",
                self.violation
            ));
        }
        Ok(())
    }
}
