//! The lower pane's charts: one range of time and one cursor for all of them. Each chart is in a
//! file of its own; here is only what they share.

mod courses;
pub(crate) mod decimate;
mod difference;
mod flow;
mod heat;
mod lines;
mod sankey;
mod stack;
mod time_plot;

use crate::Action;
use crate::model::Model;
use crate::palette::{self, Rgb};
use crate::state::Tab;
use crate::{number, style};
use egui::{RichText, Ui};
use gridtwin_player::Metric;
use std::collections::BTreeSet;

/// What the charts remember.
#[derive(Debug)]
pub(crate) struct ChartState {
    /// The range of time, in hours since the start; the whole run where there is none.
    range: Option<(f64, f64)>,
    hidden: BTreeSet<Metric>,
    courses: courses::Courses,
    heat: heat::HeatState,
    difference: Metric,
    flow_of_day: bool,
}

impl Default for ChartState {
    fn default() -> Self {
        Self {
            range: None,
            hidden: BTreeSet::new(),
            courses: courses::Courses::default(),
            heat: heat::HeatState::default(),
            difference: Metric::Import,
            flow_of_day: false,
        }
    }
}

/// Shows the chart of a tab.
pub(crate) fn charts(ui: &mut Ui, model: &Model, tab: Tab, state: &mut ChartState) -> Vec<Action> {
    state.courses.keep_up(model);
    time_plot::follow(model, &mut state.range);
    if model.base().history.is_empty() && tab != Tab::Flow {
        ui.label(RichText::new("Nothing has been simulated yet.").weak());
        return Vec::new();
    }
    match tab {
        Tab::Power => stack::stack(ui, model, state),
        Tab::Charge => lines::charge(ui, model, state),
        Tab::Money => lines::money(ui, model, state),
        Tab::Latency => lines::latency(ui, model, state),
        Tab::Decisions => lines::decisions(ui, model, state),
        Tab::Difference => difference::difference(ui, model, state),
        Tab::Heat => heat::heat_map(ui, model, &mut state.heat),
        Tab::Flow => sankey::sankey(ui, model, &mut state.flow_of_day),
        Tab::Compare => Vec::new(),
    }
}

/// The colour of a quantity, the same in every chart.
pub(crate) fn color(metric: Metric) -> Rgb {
    match metric {
        Metric::Pv | Metric::Ghi => palette::YELLOW,
        Metric::Discharge
        | Metric::Charge
        | Metric::Soc
        | Metric::MixCarbon
        | Metric::TasksCompleted => palette::GREEN,
        Metric::Import | Metric::Export | Metric::GridCarbon => palette::SKY,
        Metric::Genset | Metric::Compute | Metric::LatencyP99 => palette::PURPLE,
        Metric::Unserved | Metric::TasksLost | Metric::ViewChanges => palette::VERMILLION,
        Metric::Cars | Metric::Price | Metric::TasksMissed | Metric::LatencyP95 => palette::ORANGE,
        Metric::Loads | Metric::Load | Metric::LatencyP50 => palette::BLUE,
        Metric::Network | Metric::Curtailed => palette::GREY,
        Metric::Emitted | Metric::Cost | Metric::Decided | Metric::Temperature => palette::SKY,
    }
}

/// The unit of a quantity, with the site's currency.
pub(crate) fn unit(metric: Metric, model: &Model) -> String {
    metric.unit().replace('$', &model.catalog.currency)
}

/// The names of what a chart shows, each with its value at the playhead; a click hides or shows it.
/// `inked` for lines, which are drawn in ink, and not for areas.
fn key(ui: &mut Ui, model: &Model, metrics: &[Metric], hidden: &mut BTreeSet<Metric>, inked: bool) {
    let base = model.base();
    let interval = base.history.interval(model.now());
    ui.spacing_mut().item_spacing.x = 4.0;
    for metric in metrics {
        let shown = !hidden.contains(metric);
        let value = base.history.metric(*metric).get(interval);
        let value = value
            .map_or("–".to_owned(), |v| number::with_unit(f64::from(*v), &unit(*metric, model)));
        let mark = if shown { "■" } else { "○" };
        let ink = color(*metric);
        let ink = if inked { style::ink(ui, ink) } else { style::color(ink) };
        let mut text = egui::text::LayoutJob::default();
        let font = egui::TextStyle::Small.resolve(ui.style());
        let plain = if shown { ui.visuals().text_color() } else { ui.visuals().weak_text_color() };
        for (part, ink) in
            [(mark, ink), (" ", plain), (metric.name(), plain), (" ", plain), (&value, plain)]
        {
            text.append(part, 0.0, egui::TextFormat::simple(font.clone(), ink));
        }
        let button = ui.add(egui::Button::new(text).frame(false).small());
        let button = style::named(button, &format!("Show {}", metric.name()));
        if button.on_hover_text("Value at the playhead; click to hide or show").clicked()
            && !hidden.remove(metric)
        {
            hidden.insert(*metric);
        }
    }
}
