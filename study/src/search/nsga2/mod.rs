//! NSGA-II over numbers of levels and choices, after Deb, Pratap, Agarwal and Meyarivan, "A fast and
//! elitist multiobjective genetic algorithm: NSGA-II", IEEE Transactions on Evolutionary Computation
//! 6(2), 2002, doi:10.1109/4235.996017. Sections and pages in this folder are that paper's.
//!
//! It differs where the candidates are few and dear: none is tried twice (a child that is known
//! already makes way for an untried neighbour of the first front), and the front is drawn from all
//! that were ever tried. A front much larger than the population is found in part. It does not leave
//! the levels: `polish` does.

mod select;
pub(super) mod sort;
mod variation;

use super::error::SearchError;
use super::found::{Found, Method};
use super::score::Score;
use super::space::Candidate;
use super::trials::Trials;
use select::Ranked;
use variation::Breeder;

/// How NSGA-II searches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nsga2 {
    /// How many candidates a generation has, 2 or more.
    pub population: usize,
    /// How many generations follow on the first.
    pub generations: usize,
    /// The same seed finds the same.
    pub seed: u64,
    /// The probability that two parents are crossed.
    pub crossover: f64,
    /// The probability that a variable mutates; one over their number where `None`.
    pub mutation: Option<f64>,
}

impl Default for Nsga2 {
    /// Population and probabilities of section IV, with fewer generations.
    fn default() -> Self {
        Self { population: 100, generations: 100, seed: 1, crossover: 0.9, mutation: None }
    }
}

impl Nsga2 {
    /// Whether a search can be made of it.
    ///
    /// # Errors
    /// Where the population is too small or a probability is none.
    pub fn check(&self) -> Result<(), SearchError> {
        let wrong = |name, message| Err(SearchError::Setting { name, message });
        if self.population < 2 {
            return wrong("population", format!("found {}, expected 2 or more", self.population));
        }
        let probabilities =
            [("crossover", self.crossover), ("mutation", self.mutation.unwrap_or(0.0))];
        for (name, value) in probabilities {
            if !(0.0..=1.0).contains(&value) {
                return wrong(name, format!("found {value}, expected a probability from 0 to 1"));
            }
        }
        Ok(())
    }
}

/// One member of a population.
#[derive(Clone, Debug)]
struct Individual {
    /// Of levels and choices.
    numbers: Vec<u32>,
    score: Score,
}

/// Searches by NSGA-II. It ends after its generations, or when all candidates have been tried.
///
/// # Errors
/// Where a setting is wrong.
pub fn nsga2(trials: &mut Trials<'_>, settings: &Nsga2) -> Result<Found, SearchError> {
    settings.check()?;
    let space = trials.space();
    let generations = (settings.generations as u64).saturating_add(1);
    let most = (settings.population as u64).saturating_mul(generations).min(space.count());
    let expected = trials.evaluated().saturating_add(most);
    let mut breeder = Breeder::new(space, settings);
    // The main loop, section III-C, page 186.
    let mut parents: Vec<Ranked> = Vec::new();
    for generation in 0..generations {
        let children = if generation == 0 {
            breeder.first(settings.population)
        } else {
            breeder.children(&parents, settings.population)
        };
        if children.is_empty() {
            break;
        }
        let candidates: Vec<Candidate> = children.iter().map(|child| space.at(child)).collect();
        if !trials.try_all(&candidates, expected) {
            return Ok(trials.found(Method::Nsga2, false));
        }
        // R_t: parents and children together, so that the best are never lost. A candidate that
        // failed has no worth and leaves no offspring.
        let mut all: Vec<Individual> = parents.into_iter().map(|of| of.individual).collect();
        for (numbers, candidate) in children.into_iter().zip(&candidates) {
            if let Some(Ok(score)) = trials.outcome(candidate) {
                all.push(Individual { numbers, score: score.clone() });
            }
        }
        parents = select::survivors(all, settings.population);
    }
    Ok(trials.found(Method::Nsga2, true))
}
