//! The page of an optimisation: the Pareto front, the sizes along it, and the winner against a base
//! case. Every objective is one of which less is better.

use super::{Fact, Quantity};
use crate::Error;

/// An optimisation, worked out and ready to draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrontPage {
    /// The study's name.
    pub name: String,
    /// What it is for, in a sentence or two; may be empty.
    pub description: String,
    /// Base scenario, version, search, number of evaluations and so on, in the order shown.
    pub facts: Vec<Fact>,
    /// What is to be little: cost, carbon, unserved energy, latency.
    pub objectives: Vec<Quantity>,
    /// The sizes that are chosen: PV in kW, battery in kWh, ..
    pub sizes: Vec<Quantity>,
    /// What else is chosen: policy, protocol, ..
    pub choices: Vec<String>,
    /// How many candidates were evaluated, also those that are not in `candidates`.
    pub evaluated: u64,
    /// Objectives of the candidates that were evaluated, one value for each objective, NaN where
    /// missing; the page thins them evenly to about two thousand.
    pub candidates: Vec<Vec<f64>>,
    /// The Pareto front. Drawn in this order; the table shows the first two hundred.
    pub front: Vec<FrontMember>,
    /// For each objective the member of `front` that has least of it, as an index.
    pub winners: Vec<Option<usize>>,
    /// The member of `front` that is the best compromise, as an index.
    pub compromise: Option<usize>,
    /// The figures by which designs are compared, in the order shown: investment, operating cost,
    /// net present cost, levelised cost, payback, residual value, carbon, unserved energy, latency,
    /// as far as they are known.
    pub figures: Vec<Quantity>,
    /// The parts that costs are made of: investment, replacement, O&M, fuel, salvage, ..
    pub cost_parts: Vec<String>,
    /// The unit of the parts, for instance "EUR, present value over 20 years".
    pub cost_unit: String,
    /// What the designs are compared with.
    pub base: Option<Design>,
    /// The winner, and others worth a look, the winner first.
    pub designs: Vec<Design>,
    /// How the figures are worked out, a sentence each: shown at the page's end.
    pub method: Vec<String>,
}

/// One member of the Pareto front.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrontMember {
    /// The candidate's number or name.
    pub label: String,
    /// One value for each objective.
    pub objectives: Vec<f64>,
    /// One value for each size.
    pub sizes: Vec<f64>,
    /// One text for each choice.
    pub choices: Vec<String>,
}

/// A design in full: the base case, the winner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Design {
    /// For instance "Base case" or "Least cost".
    pub name: String,
    /// One value for each of the page's sizes.
    pub sizes: Vec<f64>,
    /// One text for each of the page's choices.
    pub choices: Vec<String>,
    /// One value for each of the page's figures; `None` where it has no meaning (payback of the
    /// base case).
    pub figures: Vec<Option<f64>>,
    /// One amount for each of the page's cost parts, negative where it is earned (salvage).
    pub costs: Vec<f64>,
}

/// The page of an optimisation.
///
/// # Errors
/// A plot that could not be drawn.
pub fn front_page(page: &FrontPage) -> Result<String, Error> {
    let _ = page;
    Ok(String::new())
}
