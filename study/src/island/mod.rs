//! The hourly sizing model of an island microgrid: load, PV, wind, a battery and a diesel genset on
//! one bus, and what they cost over a project's life.
//!
//! It answers "what would this mix of sizes do in a year, and what would it cost?" fast enough to be
//! asked thousands of times by a sizing search. It is not the twin: no power flow, no voltage, no
//! weather, no forecasts, no ageing within the year. The conventions are those of Microgrids.py, whose
//! worked case it reproduces.
//!
//! [`operate`] runs one [`Mix`] of sizes through the year of [`Traces`]; [`evaluate`] turns sized
//! [`Component`]s into money; [`island_money`] joins the two.

mod cash;
mod error;
mod money;
mod operation;
mod payback;
mod prices;
mod reader;
mod site;
mod traces;
mod year;

pub use cash::{CashYear, cash_flow};
pub use error::Error;
pub use money::{Component, Costs, Money, Project, evaluate};
pub use operation::Operation;
pub use payback::{Payback, payback_years};
pub use prices::{
    BatteryPrices, GensetPrices, Prices, SourcePrices, island_components, island_money,
};
pub use reader::{Column, Columns, PowerCurve, Wind};
pub use site::{Battery, Genset, Mix, Site};
pub use traces::Traces;
pub use year::{Hour, hours, operate};
