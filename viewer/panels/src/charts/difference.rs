//! What the alternative does otherwise: a quantity of it less the base case's.

use super::time_plot::{self, Frame};
use super::{ChartState, color, unit};
use crate::model::Model;
use crate::{Action, number, style};
use egui::{ComboBox, RichText, Stroke, Ui};
use egui_plot::{Line, PlotPoint, PlotPoints};
use gridtwin_player::Metric;

/// Shows the difference.
pub(crate) fn difference(ui: &mut Ui, model: &Model, state: &mut ChartState) -> Vec<Action> {
    let Some((index, other)) = model.shown_other() else {
        ui.label(RichText::new("Make a change under What if to see the difference here.").weak());
        return Vec::new();
    };
    let unit = unit(state.difference, model);
    ui.horizontal(|ui| {
        time_plot::ranges(ui, model, &mut state.range);
        ui.separator();
        choose(ui, "difference", &mut state.difference);
        ui.label(format!("{} minus {}", other.name, model.base().name));
        let metric = state.difference;
        let (a, b) = (other.history.metric(metric), model.base().history.metric(metric));
        let at = model.base().history.interval(model.now());
        if let (Some(a), Some(b)) = (a.get(at), b.get(at)) {
            let now = f64::from(a - b);
            ui.strong(format!("now {} {unit}", number::signed(now)));
        }
    });
    let metric = state.difference;
    let range = time_plot::intervals(model, state.range);
    let most = (ui.available_width() as usize / 2).max(16);
    let base = state.courses.of(model, 0, metric, range.clone(), most).to_vec();
    let alternative = state.courses.of(model, index, metric, range, most);
    let step_h = model.base().history.step().as_hours_f64();
    let mut points = Vec::with_capacity(base.len());
    let mut b = base.iter().peekable();
    for a in alternative {
        while b.next_if(|b| b.first < a.first).is_some() {}
        if let Some(b) = b.next_if(|b| b.first == a.first) {
            let x = (a.first as f64 + a.count as f64 / 2.0) * step_h;
            points.push(PlotPoint::new(x, f64::from(a.mean) - f64::from(b.mean)));
        }
    }
    let ink = style::ink(ui, color(metric));
    let zero = ui.visuals().weak_text_color();
    let name = format!("difference of {}", metric.name());
    let height = ui.available_height().max(60.0);
    let frame = Frame { name: "difference", unit: &unit, height, times: true };
    time_plot::time_plot(ui, model, &mut state.range, frame, move |plot| {
        plot.line(
            Line::new(name, PlotPoints::Owned(points)).stroke(Stroke::new(1.6, ink)).fill(0.0),
        );
        plot.hline(
            egui_plot::HLine::new("", 0.0).stroke(Stroke::new(1.0, zero)).allow_hover(false),
        );
    })
}

/// Chooses a quantity.
pub(crate) fn choose(ui: &mut Ui, id: &str, metric: &mut Metric) {
    let combo = ComboBox::from_id_salt(id).selected_text(metric.name()).width(150.0).height(320.0);
    let combo = combo.show_ui(ui, |ui| {
        for choice in Metric::ALL {
            ui.selectable_value(metric, choice, choice.name());
        }
    });
    style::named(combo.response, "Quantity");
}
