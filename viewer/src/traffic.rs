//! Power along the feeders.
use crate::scene::{Plot, Yard};
pub(crate) fn spawn(_yard: &mut Yard, _plot: &Plot) {}
pub(crate) fn show() {}
