//! The power stack: sources above zero, uses below, interval by interval the same height.

use super::time_plot::{self, Frame};
use super::{ChartState, color, key};
use crate::model::Model;
use crate::{Action, style};
use egui::{Color32, Stroke, Ui};
use egui_plot::{FilledArea, Line, LineStyle, PlotPoint, PlotPoints, Text};
use gridtwin_player::Metric;

/// From the middle upwards.
const SOURCES: [Metric; 5] =
    [Metric::Pv, Metric::Discharge, Metric::Import, Metric::Genset, Metric::Unserved];
/// From the middle downwards.
const USES: [Metric; 7] = [
    Metric::Loads,
    Metric::Cars,
    Metric::Compute,
    Metric::Network,
    Metric::Charge,
    Metric::Export,
    Metric::Curtailed,
];

struct Band {
    metric: Metric,
    ink: Color32,
    low: Vec<f64>,
    high: Vec<f64>,
}

/// Shows the stack.
pub(crate) fn stack(ui: &mut Ui, model: &Model, state: &mut ChartState) -> Vec<Action> {
    let roomy = ui.available_height() > 150.0;
    ui.horizontal_wrapped(|ui| {
        time_plot::ranges(ui, model, &mut state.range);
        if !roomy {
            return;
        }
        ui.separator();
        let used = |m: &Metric| has_any(model, *m);
        let sources: Vec<Metric> = SOURCES.into_iter().filter(used).collect();
        let uses: Vec<Metric> = USES.into_iter().filter(used).collect();
        ui.weak("above:");
        key(ui, model, &sources, &mut state.hidden, false);
        ui.weak("below:");
        key(ui, model, &uses, &mut state.hidden, false);
    });
    let range = time_plot::intervals(model, state.range);
    let most = (ui.available_width() as usize / 2).max(16);
    let (mut xs, mut bands) = (Vec::new(), Vec::new());
    for (metrics, sign) in [(&SOURCES[..], 1.0), (&USES[..], -1.0)] {
        let mut edge: Vec<f64> = Vec::new();
        for metric in metrics.iter().filter(|m| !state.hidden.contains(m)) {
            let course = state.courses.of(model, 0, *metric, range.clone(), most);
            if xs.is_empty() {
                xs = middles(model, course);
            }
            edge.resize(xs.len(), 0.0);
            let next: Vec<f64> =
                edge.iter().zip(course).map(|(e, r)| e + sign * f64::from(r.mean)).collect();
            if course.iter().any(|r| r.max > 1e-6) {
                let ink = style::color(color(*metric));
                bands.push(Band { metric: *metric, ink, low: edge.clone(), high: next.clone() });
            }
            edge = next;
            edge.resize(xs.len(), 0.0);
        }
    }
    let other = model.shown_other().map(|(index, future)| {
        let total = |metrics: &[Metric], sign: f64, state: &mut ChartState| {
            let mut sum: Vec<PlotPoint> = Vec::new();
            for metric in metrics.iter().filter(|m| !state.hidden.contains(m)) {
                let course = state.courses.of(model, index, *metric, range.clone(), most).to_vec();
                if sum.is_empty() {
                    sum = middles(model, &course)
                        .into_iter()
                        .map(|x| PlotPoint::new(x, 0.0))
                        .collect();
                }
                for (point, reduced) in sum.iter_mut().zip(&course) {
                    point.y += sign * f64::from(reduced.mean);
                }
            }
            sum
        };
        (future.name, total(&SOURCES, 1.0, state), total(&USES, -1.0, state))
    });
    let (ink, dark) = (ui.visuals().strong_text_color(), ui.visuals().dark_mode);
    let height = ui.available_height().max(60.0);
    let frame = Frame { name: "power", unit: "kW", height, times: true };
    let text_ink = ui.visuals().strong_text_color();
    time_plot::time_plot(ui, model, &mut state.range, frame, move |plot| {
        for band in &bands {
            let (low, high) = match band.high.iter().sum::<f64>() < band.low.iter().sum::<f64>() {
                true => (&band.high, &band.low),
                false => (&band.low, &band.high),
            };
            let fill =
                if dark { band.ink.gamma_multiply(0.9) } else { band.ink.gamma_multiply(0.72) };
            plot.add(
                FilledArea::new(band.metric.name(), &xs, low, high)
                    .fill_color(fill)
                    .allow_hover(false),
            );
            let edge = Color32::from_black_alpha(90);
            let line: Vec<PlotPoint> =
                xs.iter().zip(&band.high).map(|(x, y)| PlotPoint::new(*x, *y)).collect();
            plot.line(
                Line::new("", PlotPoints::Owned(line))
                    .stroke(Stroke::new(0.7, edge))
                    .allow_hover(false),
            );
        }
        let bounds = plot.plot_bounds();
        for band in &bands {
            if let Some(at) = label_at(band, &xs, bounds.height()) {
                let text = egui::RichText::new(band.metric.name()).small();
                plot.text(Text::new("", at, text).color(style::on(band.ink)).allow_hover(false));
            }
        }
        if let Some((name, above, below)) = other {
            for points in [above, below] {
                let line = Line::new(format!("total, {name}"), PlotPoints::Owned(points));
                plot.line(line.stroke(Stroke::new(1.6, ink)).style(LineStyle::dashed_dense()));
            }
        }
        plot.hline(
            egui_plot::HLine::new("", 0.0).stroke(Stroke::new(1.0, text_ink)).allow_hover(false),
        );
    })
}

fn has_any(model: &Model, metric: Metric) -> bool {
    let s = model.base().scenario;
    match metric {
        Metric::Pv | Metric::Curtailed => !s.pv.is_empty(),
        Metric::Discharge | Metric::Charge => !s.batteries.is_empty(),
        Metric::Import | Metric::Export => s.grid.is_some(),
        Metric::Genset => !s.gensets.is_empty(),
        Metric::Cars => !s.chargers.is_empty(),
        Metric::Compute => !s.edge_servers.is_empty() || !s.devices.is_empty(),
        Metric::Network => !s.switches.is_empty(),
        _ => true,
    }
}

/// The middle of each bucket, in hours.
pub(crate) fn middles(model: &Model, course: &[super::decimate::Reduced]) -> Vec<f64> {
    let step = model.base().history.step().as_hours_f64();
    course.iter().map(|r| (r.first as f64 + r.count as f64 / 2.0) * step).collect()
}

/// Where a band is thick enough for its name, all along the name.
fn label_at(band: &Band, xs: &[f64], height: f64) -> Option<PlotPoint> {
    let half = xs.len() / 20 + 1;
    if xs.len() <= 2 * half {
        return None;
    }
    let thick = |i: usize| (band.high[i] - band.low[i]).abs();
    let (mut best, mut room) = (half, 0.0);
    for i in (half..xs.len() - half).step_by(1 + half / 4) {
        let least = (i - half..=i + half).map(thick).fold(f64::INFINITY, f64::min);
        if least > room {
            (best, room) = (i, least);
        }
    }
    let middle = (band.high[best] + band.low[best]) / 2.0;
    (room > height * 0.1).then(|| PlotPoint::new(xs[best], middle))
}
