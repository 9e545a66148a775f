//! Pages about many runs: a sweep ([`study_page`]), an optimisation ([`front_page`]) and runs side
//! by side ([`compare_page`]). Each is one text of HTML that stands alone, without network or
//! script, in the style of a run's report. They only draw: whoever calls them has done the
//! statistics and hands them over as plain data. They read no file and write none.
//!
//! Everywhere a number that is missing is `None` or NaN, lists that belong together may be of
//! different lengths (what is missing is shown as missing), and any text may hold any character.

mod axis;
mod compare;
mod draw;
mod front;
mod grid;
mod matrix;
mod plots;
mod rows;
#[cfg(test)]
mod sample;
mod shell;
mod spread;
mod study;
mod telling;
#[cfg(test)]
mod tests;
mod tornado;

pub use compare::{
    ComparePage, ComparedMetric, ComparedRun, Difference, Setting, Verdict, compare_page,
};
pub use front::{Design, FrontMember, FrontPage, NumberTable, front_page};
pub use study::{
    Convergence, Failure, HeatMap, MetricPage, PointRow, PointTable, Scatter, ScatterColumn,
    ScatterGroup, Spread, StudyPage, TornadoBar, study_page,
};

/// Something a reader should know beforehand, at the page's top: "Base scenario", "campus".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What it is here.
    pub text: String,
}

/// A name with its unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quantity {
    /// For instance "cost.total" or "PV".
    pub name: String,
    /// For instance "kWh"; empty where it has none.
    pub unit: String,
}
