//! One file for each command: from its arguments to what it prints.

pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod consensus;
pub(crate) mod link;
pub(crate) mod meters;
pub(crate) mod new;
pub(crate) mod optimize;
mod place;
pub(crate) mod pv;
pub(crate) mod run;
pub(crate) mod sweep;
pub(crate) mod view;
