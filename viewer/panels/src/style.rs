//! How the panels look: a dark theme that stands back behind a 3D scene, a light one, and small
//! helpers that every panel uses. No panel chooses a colour of its own.

use crate::palette::Rgb;
use egui::{
    Color32, CornerRadius, FontId, Margin, Response, Stroke, TextStyle, Theme, Ui, Visuals,
};

/// A colour of the palette.
pub(crate) fn color([r, g, b]: Rgb) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// A colour of the palette as ink on the panels' ground: dark enough on light, light enough on dark.
pub(crate) fn ink(ui: &Ui, rgb: Rgb) -> Color32 {
    let other = if ui.visuals().dark_mode { 255.0 } else { 0.0 };
    let luminance =
        0.2126 * f32::from(rgb[0]) + 0.7152 * f32::from(rgb[1]) + 0.0722 * f32::from(rgb[2]);
    let hard = if ui.visuals().dark_mode { luminance < 125.0 } else { luminance > 110.0 };
    let share = if hard { 0.4 } else { 0.0 };
    let [r, g, b] = rgb.map(|c| (f32::from(c) + (other - f32::from(c)) * share) as u8);
    Color32::from_rgb(r, g, b)
}

/// Black or white, whichever is read better on this colour.
pub(crate) fn on(fill: Color32) -> Color32 {
    let [r, g, b, _] = fill.to_array().map(f32::from);
    if 0.299 * r + 0.587 * g + 0.114 * b > 140.0 { Color32::BLACK } else { Color32::WHITE }
}

/// Lays both themes into a context.
pub(crate) fn install(ctx: &egui::Context) {
    ctx.set_visuals_of(Theme::Dark, dark());
    ctx.set_visuals_of(Theme::Light, light());
    ctx.all_styles_mut(|style| {
        style.spacing.item_spacing = egui::vec2(6.0, 4.0);
        style.spacing.button_padding = egui::vec2(6.0, 2.0);
        style.spacing.menu_margin = Margin::same(6);
        style.spacing.scroll = egui::style::ScrollStyle::thin();
        style.interaction.tooltip_delay = 0.25;
        for (kind, size) in [
            (TextStyle::Small, 11.0),
            (TextStyle::Body, 13.0),
            (TextStyle::Button, 13.0),
            (TextStyle::Heading, 16.0),
        ] {
            style.text_styles.insert(kind, FontId::proportional(size));
        }
        style.text_styles.insert(TextStyle::Monospace, FontId::monospace(12.5));
    });
}

fn dark() -> Visuals {
    let mut v = Visuals::dark();
    let ground = Color32::from_rgb(20, 25, 31);
    v.panel_fill = ground;
    v.window_fill = Color32::from_rgb(25, 31, 38);
    v.extreme_bg_color = Color32::from_rgb(12, 16, 20);
    v.faint_bg_color = Color32::from_rgb(27, 33, 40);
    v.window_stroke = Stroke::new(1.0, Color32::from_rgb(52, 62, 73));
    v.widgets.noninteractive.bg_stroke = Stroke::new(1.0, Color32::from_rgb(42, 50, 59));
    v.widgets.noninteractive.fg_stroke = Stroke::new(1.0, Color32::from_rgb(200, 208, 216));
    for (widget, fill) in [
        (&mut v.widgets.inactive, Color32::from_rgb(40, 48, 57)),
        (&mut v.widgets.hovered, Color32::from_rgb(54, 65, 77)),
        (&mut v.widgets.active, Color32::from_rgb(66, 80, 95)),
        (&mut v.widgets.open, Color32::from_rgb(48, 57, 68)),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
    }
    v.widgets.inactive.fg_stroke.color = Color32::from_rgb(216, 223, 230);
    v.selection.bg_fill = Color32::from_rgb(0, 92, 143);
    v.selection.stroke = Stroke::new(1.0, Color32::from_rgb(232, 244, 255));
    v.weak_text_color = Some(Color32::from_rgb(148, 160, 172));
    v.hyperlink_color = color(crate::palette::SKY);
    v.warn_fg_color = color(crate::palette::ORANGE);
    v.error_fg_color = Color32::from_rgb(255, 138, 76);
    rounded(v)
}

fn light() -> Visuals {
    let mut v = Visuals::light();
    v.panel_fill = Color32::from_rgb(246, 247, 249);
    v.window_fill = Color32::from_rgb(252, 252, 253);
    v.faint_bg_color = Color32::from_rgb(237, 240, 243);
    v.widgets.noninteractive.fg_stroke = Stroke::new(1.0, Color32::from_rgb(38, 46, 54));
    v.widgets.noninteractive.bg_stroke = Stroke::new(1.0, Color32::from_rgb(208, 214, 220));
    v.selection.bg_fill = Color32::from_rgb(168, 212, 240);
    v.selection.stroke = Stroke::new(1.0, Color32::from_rgb(0, 50, 84));
    v.weak_text_color = Some(Color32::from_rgb(88, 98, 108));
    v.hyperlink_color = color(crate::palette::BLUE);
    v.warn_fg_color = Color32::from_rgb(150, 84, 0);
    v.error_fg_color = Color32::from_rgb(176, 62, 0);
    rounded(v)
}

fn rounded(mut v: Visuals) -> Visuals {
    v.window_corner_radius = CornerRadius::same(6);
    v.menu_corner_radius = CornerRadius::same(6);
    for widget in [
        &mut v.widgets.inactive,
        &mut v.widgets.hovered,
        &mut v.widgets.active,
        &mut v.widgets.open,
        &mut v.widgets.noninteractive,
    ] {
        widget.corner_radius = CornerRadius::same(4);
        widget.expansion = 0.0;
    }
    v.striped = false;
    v
}

/// Gives a widget the name under which screen readers, and tests, know it.
pub(crate) fn named(response: Response, name: &str) -> Response {
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
    response
}

/// A button with a symbol on it, known by its name, which is its tooltip too.
pub(crate) fn symbol(ui: &mut Ui, symbol: &str, name: &str, key: &str) -> Response {
    let button = egui::Button::new(symbol).min_size(egui::vec2(26.0, 22.0));
    let response = named(ui.add(button), name);
    response.on_hover_text(if key.is_empty() {
        name.to_owned()
    } else {
        format!("{name}  ({key})")
    })
}

/// A line of a table: what on the left, how much on the right.
pub(crate) fn row(ui: &mut Ui, what: &str, value: impl Into<String>) {
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(what).weak());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add(egui::Label::new(value.into()).truncate());
        });
    });
}

/// A small heading.
pub(crate) fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(6.0);
    ui.label(egui::RichText::new(text).strong());
}

/// A text field with a name.
pub(crate) fn field(
    ui: &mut Ui,
    text: &mut String,
    name: &str,
    hint: &str,
    width: f32,
) -> Response {
    let edit = egui::TextEdit::singleline(text).hint_text(hint.to_owned()).desired_width(width);
    named(ui.add(edit), name)
}

/// Frame of something that lies over the scene.
pub(crate) fn glass(ui: &Ui) -> egui::Frame {
    let fill = ui.visuals().panel_fill.gamma_multiply(0.88);
    egui::Frame::new()
        .fill(fill)
        .stroke(ui.visuals().window_stroke)
        .corner_radius(6)
        .inner_margin(Margin::symmetric(8, 5))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// All characters of the sources that are not plain letters, in files below a folder.
    fn symbols(folder: &Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                symbols(&path, found);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                found.extend(code.flat_map(str::chars).filter(|c| !c.is_ascii()));
            }
        }
    }

    #[test]
    fn every_symbol_can_be_drawn() {
        let mut found = String::new();
        symbols(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        found.push_str("\u{202f}\u{a0}\u{2212}₂²°");
        let ctx = egui::Context::default();
        super::install(&ctx);
        ctx.run_ui(egui::RawInput::default(), |_| {}).textures_delta.clear();
        // What has no glyph is drawn as what stands for all that have none.
        let font = egui::FontId::proportional(13.0);
        let glyph = |c: char| {
            let galley = ctx
                .fonts_mut(|f| f.layout_no_wrap(c.to_string(), font.clone(), egui::Color32::WHITE));
            galley.rows[0].glyphs[0].uv_rect
        };
        let none = glyph('\u{e5e5}');
        let missing: String = found.chars().filter(|c| glyph(*c) == none).collect();
        assert_eq!(missing, "");
    }
}
