//! Title and legend as they are written on a picture. The window writes them too.

use crate::scene::{Stage, daylight};
use bevy_egui::egui::{
    self, Align2, Color32, CornerRadius, FontId, Rect, Shape, Stroke, pos2, vec2,
};
use gridtwin_panels::{
    Legend, Overlay,
    palette::{self, Role},
};

/// What is written on a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Caption {
    /// The site's name.
    pub title: String,
    /// Local time, the sun's height, power.
    pub line: String,
    /// What colours the picture.
    pub overlay: Overlay,
}

impl Caption {
    /// What is to be said of the stage.
    pub fn of(stage: &Stage, overlay: Overlay) -> Self {
        let at = stage.at();
        let elevation = 90.0 - stage.sun(at).apparent_zenith_deg;
        let time = stage.catalog.local_time(at).strftime("%A %d %B %Y, %H:%M").to_string();
        let sun = if elevation >= 0.0 {
            format!("sun {elevation:.0}° above the horizon")
        } else {
            format!("sun {:.0}° below the horizon", -elevation)
        };
        let grid = stage
            .sides
            .first()
            .filter(|side| side.scenario.grid.is_some())
            .map(|side| if side.view.state.grid_up { "grid available" } else { "grid down" });
        let ghi_w_m2 = stage.sides.first().map_or(0.0, |side| side.view.sample.ghi_w_m2);
        let clouds = daylight(stage.sun(at), ghi_w_m2).clouds;
        let sky = match (elevation > 4.0, clouds) {
            (false, _) => "",
            (_, c) if c < 0.2 => ", clear",
            (_, c) if c < 0.65 => ", some clouds",
            _ => ", overcast",
        };
        let line = format!("{time}  ·  {sun}{sky}  ·  {}", grid.unwrap_or("island"));
        Self { title: stage.catalog.name.clone(), line, overlay }
    }
}

fn color([r, g, b]: palette::Rgb) -> Color32 {
    Color32::from_rgb(r, g, b)
}

const PAPER: Color32 = Color32::from_rgba_premultiplied(12, 16, 22, 190);

/// Writes the title into the upper left corner of `area`. Everything grows with `scale`.
pub fn paint_caption(painter: &egui::Painter, area: Rect, caption: &Caption, scale: f32) {
    let at = area.min + vec2(18.0, 14.0) * scale;
    let title = FontId::proportional(26.0 * scale);
    let line = FontId::proportional(14.5 * scale);
    let title = painter.layout_no_wrap(caption.title.clone(), title, Color32::WHITE);
    let line = painter.layout_no_wrap(caption.line.clone(), line, Color32::from_gray(225));
    let size = vec2(title.size().x.max(line.size().x), title.size().y + line.size().y);
    let paper = Rect::from_min_size(at, size).expand2(vec2(11.0, 7.0) * scale);
    painter.rect_filled(paper, CornerRadius::same((7.0 * scale) as u8), PAPER);
    let below = at + vec2(0.0, title.size().y);
    painter.galley(at, title, Color32::WHITE);
    painter.galley(below, line, Color32::WHITE);
}

/// Draws the overlay's legend into the lower left corner of `area`.
pub fn paint_legend(painter: &egui::Painter, area: Rect, legend: Legend, scale: f32) {
    let font = FontId::proportional(13.5 * scale);
    let small = FontId::proportional(12.0 * scale);
    let (white, grey) = (Color32::WHITE, Color32::from_gray(215));
    let width = 250.0 * scale;
    let height = if legend == Legend::Roles { 128.0 } else { 56.0 } * scale;
    let corner = pos2(area.min.x + 18.0 * scale, area.max.y - 16.0 * scale - height);
    let inside = Rect::from_min_size(corner, vec2(width, height));
    if legend == Legend::Nothing {
        return;
    }
    let paper = inside.expand2(vec2(11.0, 7.0) * scale);
    painter.rect_filled(paper, CornerRadius::same((7.0 * scale) as u8), PAPER);
    let text = |at, align, words: String, font: &FontId, color| {
        painter.text(at, align, words, font.clone(), color);
    };
    let bar = Rect::from_min_size(inside.min + vec2(0.0, 22.0 * scale), vec2(width, 13.0 * scale));
    let gradient = |of: &dyn Fn(f32) -> palette::Rgb| {
        let steps = 48;
        for i in 0..steps {
            let share = i as f32 / steps as f32;
            let x = bar.min.x + share * bar.width();
            let piece = Rect::from_min_max(
                pos2(x, bar.min.y),
                pos2(x + bar.width() / steps as f32 + 0.5, bar.max.y),
            );
            painter.rect_filled(piece, CornerRadius::ZERO, color(of(share + 0.5 / steps as f32)));
        }
        let stroke = Stroke::new(1.0, Color32::from_gray(200));
        painter.rect_stroke(bar, CornerRadius::ZERO, stroke, egui::StrokeKind::Outside);
    };
    let ends = |low: String, high: String| {
        let y = bar.max.y + 4.0 * scale;
        text(pos2(bar.min.x, y), Align2::LEFT_TOP, low, &small, grey);
        text(pos2(bar.max.x, y), Align2::RIGHT_TOP, high, &small, grey);
    };
    match legend {
        Legend::Nothing => {}
        Legend::Scale { what, unit, from, to } => {
            text(inside.min, Align2::LEFT_TOP, format!("{what}, {unit}"), &font, white);
            gradient(&palette::cividis);
            ends(format!("{from:.0}"), format!("{to:.0}"));
        }
        Legend::Diverging { what, unit, low, high } => {
            text(inside.min, Align2::LEFT_TOP, format!("{what}, {unit}"), &font, white);
            gradient(&|share| palette::diverging(share * 2.0 - 1.0));
            ends(format!("{low} 100 %"), format!("{high} 100 %"));
        }
        Legend::Roles => {
            let title = "role in the consensus group".to_owned();
            text(inside.min, Align2::LEFT_TOP, title, &font, white);
            for (i, role) in Role::ALL.into_iter().enumerate() {
                let y = inside.min.y + (30.0 + i as f32 * 20.5) * scale;
                let middle = pos2(inside.min.x + 8.0 * scale, y);
                swatch(painter, middle, role, 6.5 * scale);
                let word = pos2(inside.min.x + 24.0 * scale, y);
                let words = match role {
                    Role::Leader => format!("{} (crown)", role.name()),
                    Role::Silent => format!("{} (cross, striped)", role.name()),
                    _ => role.name().to_owned(),
                };
                text(word, Align2::LEFT_CENTER, words, &small, grey);
            }
        }
    }
}

/// A role's mark: told by its shape as well as by its colour.
fn swatch(painter: &egui::Painter, at: egui::Pos2, role: Role, r: f32) {
    let fill = color(role.color());
    let points: Vec<egui::Pos2> = match role {
        Role::Leader => vec![
            at + vec2(-r, r * 0.8),
            at + vec2(-r, -r * 0.7),
            at + vec2(-r * 0.4, 0.0),
            at + vec2(0.0, -r),
            at + vec2(r * 0.4, 0.0),
            at + vec2(r, -r * 0.7),
            at + vec2(r, r * 0.8),
        ],
        Role::Behind => vec![at + vec2(0.0, -r), at + vec2(r, r * 0.8), at + vec2(-r, r * 0.8)],
        Role::Silent => {
            let stroke = Stroke::new(r * 0.6, fill);
            painter.line_segment([at + vec2(-r, -r) * 0.8, at + vec2(r, r) * 0.8], stroke);
            painter.line_segment([at + vec2(-r, r) * 0.8, at + vec2(r, -r) * 0.8], stroke);
            return;
        }
        Role::Member => {
            painter.circle_filled(at, r * 0.9, fill);
            return;
        }
        Role::Outside => {
            painter.circle_stroke(at, r * 0.8, Stroke::new(1.6, fill));
            return;
        }
    };
    painter.add(Shape::convex_polygon(points, fill, Stroke::NONE));
}
