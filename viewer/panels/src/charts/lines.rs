//! Line charts: state of charge, price and carbon, latency and tasks, decisions. The base case is
//! drawn solid, the alternative dashed.

use super::decimate::Reduced;
use super::time_plot::{self, Frame};
use super::{ChartState, color, key, unit};
use crate::model::Model;
use crate::{Action, style};
use egui::{Stroke, Ui};
use egui_plot::{FilledArea, Line, LineStyle, PlotPoint, PlotPoints, Text};
use gridtwin_player::Metric;

pub(crate) fn charge(ui: &mut Ui, model: &Model, state: &mut ChartState) -> Vec<Action> {
    charts(ui, model, state, &[("state of charge", &[Metric::Soc])])
}

pub(crate) fn money(ui: &mut Ui, model: &Model, state: &mut ChartState) -> Vec<Action> {
    let carbon = &[Metric::GridCarbon, Metric::MixCarbon];
    charts(ui, model, state, &[("price", &[Metric::Price]), ("carbon", carbon)])
}

pub(crate) fn latency(ui: &mut Ui, model: &Model, state: &mut ChartState) -> Vec<Action> {
    let percentiles = &[Metric::LatencyP50, Metric::LatencyP95, Metric::LatencyP99];
    let tasks = &[Metric::TasksCompleted, Metric::TasksMissed, Metric::TasksLost];
    charts(ui, model, state, &[("latency", percentiles), ("tasks", tasks)])
}

pub(crate) fn decisions(ui: &mut Ui, model: &Model, state: &mut ChartState) -> Vec<Action> {
    let views = &[Metric::ViewChanges];
    charts(ui, model, state, &[("decisions", &[Metric::Decided]), ("view changes", views)])
}

/// One below the other, with the times below the last.
fn charts(
    ui: &mut Ui,
    model: &Model,
    state: &mut ChartState,
    plots: &[(&str, &[Metric])],
) -> Vec<Action> {
    let roomy = ui.available_height() > 150.0;
    ui.horizontal_wrapped(|ui| {
        time_plot::ranges(ui, model, &mut state.range);
        if !roomy {
            return;
        }
        ui.separator();
        for (_, metrics) in plots {
            key(ui, model, metrics, &mut state.hidden, true);
        }
        if let Some((_, other)) = model.shown_other() {
            ui.small(format!("solid: {}, dashed: {}", model.base().name, other.name));
        }
    });
    let mut actions = Vec::new();
    let n = plots.len() as f32;
    // The times take some room below the last.
    let each = ((ui.available_height() - 18.0) / n - ui.spacing().item_spacing.y).max(40.0);
    for (i, (name, metrics)) in plots.iter().enumerate() {
        let times = i + 1 == plots.len();
        let unit = unit(metrics[0], model);
        let height = if times { each + 18.0 } else { each };
        actions.extend(chart(
            ui,
            model,
            state,
            Frame { name, unit: &unit, height, times },
            metrics,
        ));
    }
    actions
}

struct Course {
    name: String,
    stretches: Vec<Stretch>,
    stroke: Stroke,
    dashed: bool,
}

fn chart(
    ui: &mut Ui,
    model: &Model,
    state: &mut ChartState,
    frame: Frame,
    metrics: &[Metric],
) -> Vec<Action> {
    let range = time_plot::intervals(model, state.range);
    let most = (ui.available_width() as usize / 2).max(16);
    let step_h = model.base().history.step().as_hours_f64();
    let mut courses = Vec::new();
    let futures = [Some(0), model.shown_other().map(|(i, _)| i)];
    for future in futures.into_iter().flatten() {
        for metric in metrics.iter().filter(|m| !state.hidden.contains(m)) {
            let reduced = state.courses.of(model, future, *metric, range.clone(), most);
            let name = match future {
                0 => metric.name().to_owned(),
                i => format!("{}, {}", metric.name(), model.futures[i].name),
            };
            let ink = style::ink(ui, color(*metric));
            let stroke = Stroke::new(if future == 0 { 1.6 } else { 1.4 }, ink);
            courses.push(Course {
                name,
                stretches: stretches(reduced, step_h),
                stroke,
                dashed: future > 0,
            });
        }
    }
    let percent = frame.unit == "%";
    let label = metrics.len() > 1;
    time_plot::time_plot(ui, model, &mut state.range, frame, move |plot| {
        if percent {
            plot.set_plot_bounds_y(-2.0..=104.0);
        }
        let all = courses.iter().flat_map(|c| c.stretches.iter().flat_map(|s| &s.mean));
        let top = all.map(|p| p.y).fold(f64::MIN_POSITIVE, f64::max);
        for (i, course) in courses.into_iter().enumerate() {
            // Its name near its end, so that its colour is not all that tells it; the names of
            // several lines stand beside each other.
            let points: usize = course.stretches.iter().map(|s| s.mean.len()).sum();
            let place = (points as f64 * (0.985 - 0.16 * i as f64)) as usize;
            let at = course
                .stretches
                .iter()
                .flat_map(|s| &s.mean)
                .nth(place.min(points.saturating_sub(1)))
                .copied();
            if let Some(at) = at.filter(|_| label && !course.dashed) {
                let below = at.y > top * 0.75;
                let side = if below { egui::Align2::RIGHT_TOP } else { egui::Align2::RIGHT_BOTTOM };
                let text = egui::RichText::new(course.name.clone()).small();
                let text = Text::new("", at, text).anchor(side);
                plot.text(text.color(course.stroke.color).allow_hover(false));
            }
            for stretch in course.stretches {
                let spread = stretch.low.iter().zip(&stretch.high).any(|(low, high)| low < high);
                if spread && !course.dashed {
                    let xs: Vec<f64> = stretch.mean.iter().map(|p| p.x).collect();
                    let band = FilledArea::new("", &xs, &stretch.low, &stretch.high);
                    let fill = course.stroke.color.gamma_multiply(0.25);
                    plot.add(band.fill_color(fill).allow_hover(false));
                }
                let line = Line::new(course.name.clone(), PlotPoints::Owned(stretch.mean));
                let style =
                    if course.dashed { LineStyle::dashed_dense() } else { LineStyle::Solid };
                plot.line(line.stroke(course.stroke).style(style));
            }
        }
    })
}

/// A stretch of a line without a gap: its means, and between which values they lie.
#[derive(Debug, Default)]
struct Stretch {
    mean: Vec<PlotPoint>,
    low: Vec<f64>,
    high: Vec<f64>,
}

/// The stretches of a line, broken where nothing was measured.
fn stretches(course: &[Reduced], step_h: f64) -> Vec<Stretch> {
    let mut out: Vec<Stretch> = Vec::new();
    let mut next = usize::MAX;
    for reduced in course {
        if reduced.first != next {
            out.push(Stretch::default());
        }
        next = reduced.first + reduced.count;
        let x = (reduced.first as f64 + reduced.count as f64 / 2.0) * step_h;
        let Some(stretch) = out.last_mut() else { continue };
        stretch.mean.push(PlotPoint::new(x, f64::from(reduced.mean)));
        stretch.low.push(f64::from(reduced.min));
        stretch.high.push(f64::from(reduced.max));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_where_nothing_was_measured() {
        let course = super::super::decimate::reduce(&[1.0, 2.0, f32::NAN, 4.0], 0..4, 1);
        let stretches = stretches(&course, 1.0);
        assert_eq!(stretches.iter().map(|s| s.mean.len()).collect::<Vec<_>>(), [2, 1]);
        assert_eq!((stretches[1].mean[0].x, stretches[1].mean[0].y), (3.5, 4.0));
    }
}
