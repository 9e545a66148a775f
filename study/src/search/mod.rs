//! Which designs of a problem are worth having: the Pareto front over sizes and choices, and the
//! refinement of a design between the levels of its sizes. It knows no grid and runs no twin: what
//! a candidate is worth is the caller's to say.
//!
//! A [`Space`] says what can be chosen, [`Trials`] try candidates on all cores and remember them,
//! [`exhaustive`], [`nsga2`] and [`polish`] decide which to try. Results do not depend on threads.

mod auto;
mod error;
mod exhaustive;
mod found;
mod nsga2;
pub mod pareto;
mod polish;
mod score;
mod space;
mod trials;

#[cfg(test)]
mod tests;

pub use auto::auto;
pub use error::SearchError;
pub use exhaustive::exhaustive;
pub use found::{Design, Failure, Found, Method};
pub use nsga2::{Nsga2, nsga2};
pub use polish::{Goal, Polish, Polished, Worth, polish, polish_best};
pub use score::Score;
pub use space::{Candidate, Space, Variable};
pub use trials::Trials;
