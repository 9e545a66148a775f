//! What a search promises.

mod fronts;
mod pareto;
mod polish;
mod problems;
mod sort;
mod space;
mod standard;
mod trials;
