//! The energy flow: ribbons from sources to uses, as wide as their power at the playhead or their
//! energy over the day.

use super::flow::{self, Flow, SOURCES, USES};
use crate::model::Model;
use crate::{Action, civil, number, style};
use egui::{
    Align2, Color32, Mesh, Pos2, Rect, RichText, Sense, TextStyle, Ui, WidgetInfo, WidgetType,
    pos2, vec2,
};
use gridtwin_player::Metric;

/// Shows the flow; of both futures where two are shown.
pub(crate) fn sankey(ui: &mut Ui, model: &Model, of_day: &mut bool) -> Vec<Action> {
    ui.horizontal(|ui| {
        ui.selectable_value(of_day, false, "now, kW");
        ui.selectable_value(of_day, true, "this day, kWh");
        let day = if *of_day { "%A %-d %B" } else { "%A %-d %B %H:%M" };
        ui.weak(model.catalog.local_time(model.now()).strftime(day).to_string());
        if *of_day && model.base().known < civil::day_of(model.catalog, model.now()).1 {
            ui.weak("the part simulated so far");
        }
    });
    let futures = [Some(model.base()), model.shown_other().map(|(_, f)| f)];
    let futures: Vec<_> = futures.into_iter().flatten().collect();
    let size = ui.available_size().max(vec2(160.0, 80.0));
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let width = rect.width() / futures.len() as f32;
    let flows: Vec<Flow> = futures
        .iter()
        .map(|f| if *of_day { flow::of_day(model, f) } else { flow::now(&f.view.sample.flows) })
        .collect();
    // Both at the same scale, so that they can be compared.
    let most = flows.iter().map(Flow::total).fold(0.0, f64::max);
    for (i, (future, flow)) in futures.iter().zip(&flows).enumerate() {
        let left = rect.left() + i as f32 * width;
        let part =
            Rect::from_min_max(pos2(left, rect.top()), pos2(left + width - 8.0, rect.bottom()));
        let title = (futures.len() > 1).then_some(future.name);
        draw(ui, flow, most, part, *of_day, title);
    }
    Vec::new()
}

/// The room that all ribbons of a side have, and where each begins.
struct Column {
    x: f32,
    bars: Vec<(Metric, f64, Rect)>,
}

fn column(metrics: &[Metric], amounts: &[f64], x: f32, rect: Rect, scale: f32) -> Column {
    const GAP: f32 = 5.0;
    let shown = amounts.iter().filter(|v| **v > 0.0).count() as f32;
    let used: f32 = amounts.iter().map(|v| bar_height(*v, scale)).sum();
    let mut y = rect.center().y - (used + GAP * (shown - 1.0).max(0.0)) / 2.0;
    let mut bars = Vec::new();
    for (metric, amount) in metrics.iter().zip(amounts) {
        let height = bar_height(*amount, scale);
        bars.push((*metric, *amount, Rect::from_min_size(pos2(x, y), vec2(10.0, height))));
        if *amount > 0.0 {
            y += height + GAP;
        }
    }
    Column { x, bars }
}

fn bar_height(amount: f64, scale: f32) -> f32 {
    amount as f32 * scale
}

fn draw(ui: &Ui, flow: &Flow, most: f64, rect: Rect, of_day: bool, title: Option<&str>) {
    let say = |amount: f64| if of_day { number::energy(amount) } else { number::power(amount) };
    let font = TextStyle::Small.resolve(ui.style());
    let text_ink = ui.visuals().text_color();
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let mut top = rect.top();
    if let Some(title) = title {
        painter.text(
            rect.center_top(),
            Align2::CENTER_TOP,
            title,
            font.clone(),
            ui.visuals().strong_text_color(),
        );
        top += 14.0;
    }
    if flow.total() <= 1e-9 {
        painter.text(rect.center(), Align2::CENTER_CENTER, "Nothing flows.", font, text_ink);
        return;
    }
    let margin = (rect.width() * 0.3).clamp(122.0, 150.0).min(rect.width() * 0.37);
    let body = Rect::from_min_max(
        pos2(rect.left() + margin, top),
        pos2(rect.right() - margin, rect.bottom()),
    );
    let given: Vec<f64> = (0..SOURCES.len()).map(|i| flow.given(i)).collect();
    let taken: Vec<f64> = (0..USES.len()).map(|j| flow.taken(j)).collect();
    let most_bars = [&given, &taken].map(|side| side.iter().filter(|v| **v > 0.0).count());
    let gaps = 5.0 * most_bars.into_iter().max().unwrap_or(1) as f32;
    let scale = ((body.height() - gaps - 6.0).max(10.0) / most as f32).max(0.0);
    let left = column(&SOURCES, &given, body.left(), body, scale);
    let right = column(&USES, &taken, body.right() - 10.0, body, scale);
    let (mut from, mut to): (Vec<f32>, Vec<f32>) = (
        left.bars.iter().map(|b| b.2.top()).collect(),
        right.bars.iter().map(|b| b.2.top()).collect(),
    );
    for (i, row) in flow.of.iter().enumerate() {
        let ink = style::color(flow::color(SOURCES[i])).gamma_multiply(0.5);
        for (j, amount) in row.iter().enumerate() {
            let height = bar_height(*amount, scale);
            if height > 0.05 {
                ribbon(&painter, pos2(left.x + 10.0, from[i]), pos2(right.x, to[j]), height, ink);
            }
            from[i] += height;
            to[j] += height;
        }
    }
    for (side, align, at) in
        [(&left, Align2::RIGHT_CENTER, -5.0f32), (&right, Align2::LEFT_CENTER, 15.0)]
    {
        let shown: Vec<_> = side.bars.iter().filter(|(_, amount, _)| *amount > 1e-6).collect();
        let middles: Vec<f32> = shown.iter().map(|(_, _, bar)| bar.center().y).collect();
        let places = apart(&middles, 13.0, top + 6.0, rect.bottom() - 7.0);
        for ((metric, amount, bar), y) in shown.into_iter().zip(places) {
            let fill = style::color(flow::color(*metric));
            painter.rect_filled(bar.expand2(vec2(0.0, 0.5)), 2.0, fill);
            let text = format!("{} {}", name(*metric), say(*amount));
            painter.text(pos2(side.x + at, y), align, text, font.clone(), text_ink);
        }
    }
    let response = ui.interact(rect, ui.id().with(("sankey", title)), Sense::hover());
    let words: Vec<String> = left
        .bars
        .iter()
        .filter(|b| b.1 > 1e-6)
        .map(|b| format!("{} {}", name(b.0), say(b.1)))
        .collect();
    let label = format!("Energy flow: {}", words.join(", "));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, &label));
    response.on_hover_ui_at_pointer(|ui| {
        for (i, source) in SOURCES.iter().enumerate().filter(|(i, _)| given[*i] > 1e-6) {
            ui.label(RichText::new(format!("{} {}", name(*source), say(given[i]))).strong());
            for (j, used) in USES.iter().enumerate().filter(|(j, _)| flow.of[i][*j] > 1e-6) {
                ui.label(format!("    to {} {}", name(*used), say(flow.of[i][j])));
            }
        }
    });
}

fn name(metric: Metric) -> &'static str {
    match metric {
        Metric::Discharge => "from battery",
        Metric::Charge => "into battery",
        Metric::Import => "grid",
        Metric::Export => "to grid",
        Metric::Curtailed => "curtailed",
        metric => metric.name(),
    }
}

/// Places near the wanted ones, in their order, at least `gap` apart and within bounds while there
/// is room.
fn apart(wanted: &[f32], gap: f32, from: f32, until: f32) -> Vec<f32> {
    let mut places: Vec<f32> = Vec::with_capacity(wanted.len());
    for y in wanted {
        places.push(places.last().map_or(y.max(from), |last| y.max(last + gap)));
    }
    let mut limit = until;
    for place in places.iter_mut().rev() {
        *place = place.min(limit);
        limit = *place - gap;
    }
    places
}

/// A band from one bar to another.
fn ribbon(painter: &egui::Painter, from: Pos2, to: Pos2, height: f32, ink: Color32) {
    let steps = 24;
    let mut mesh = Mesh::default();
    for k in 0..=steps {
        let t = k as f32 / steps as f32;
        let eased = t * t * (3.0 - 2.0 * t);
        let top = pos2(from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * eased);
        mesh.colored_vertex(top, ink);
        mesh.colored_vertex(top + vec2(0.0, height), ink);
        if k > 0 {
            let at = k * 2;
            mesh.add_triangle(at - 2, at - 1, at);
            mesh.add_triangle(at - 1, at, at + 1);
        }
    }
    painter.add(mesh);
}
