//! The lower pane's charts.

pub(crate) mod decimate;

use crate::Action;
use crate::model::Model;
use crate::state::Tab;

/// What the charts remember.
#[derive(Debug, Default)]
pub(crate) struct ChartState {}

/// Shows a chart.
pub(crate) fn charts(
    ui: &mut egui::Ui,
    _model: &Model,
    _tab: Tab,
    _state: &mut ChartState,
) -> Vec<Action> {
    ui.label("");
    Vec::new()
}
