//! `gridtwin consensus`: protocols alone, on a simulated network.

pub(crate) mod chaos;
pub(crate) mod compare;
pub(crate) mod explore;
pub(crate) mod list;
pub(crate) mod run;
