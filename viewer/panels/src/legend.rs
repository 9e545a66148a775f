//! The legend of what colours the world, in its units, drawn over the scene.

use crate::palette::{Rgb, Role, cividis, diverging};
use crate::{Legend, Overlay, number, style};
use egui::{Align2, Area, Id, Mesh, Order, Rect, RichText, Sense, Ui, pos2, vec2};

/// Shows the legend in the scene's lower left corner.
pub(crate) fn legend(ui: &Ui, overlay: Overlay, scene: Rect) {
    let legend = overlay.legend();
    if legend == Legend::Nothing || scene.height() < 90.0 {
        return;
    }
    Area::new(Id::new("legend"))
        .order(Order::Middle)
        .interactable(false)
        .pivot(Align2::LEFT_BOTTOM)
        .fixed_pos(scene.left_bottom() + vec2(10.0, -10.0))
        .show(ui.ctx(), |ui| {
            style::glass(ui).show(ui, |ui| match legend {
                Legend::Nothing => {}
                Legend::Scale { what, unit, from, to } => {
                    ui.label(
                        RichText::new(format!("{}, {unit}", crate::inspector::capital(what)))
                            .strong(),
                    );
                    ramp(ui, cividis);
                    let middle = (from + to) / 2.0;
                    ends(ui, [from, middle, to].map(|v| number::human(f64::from(v))));
                }
                Legend::Diverging { what, unit, low, high } => {
                    ui.label(
                        RichText::new(format!("{}, {unit}", crate::inspector::capital(what)))
                            .strong(),
                    );
                    ramp(ui, |share| diverging(share * 2.0 - 1.0));
                    ends(ui, [format!("−100 % {low}"), "0".to_owned(), format!("{high} 100 %")]);
                }
                Legend::Roles => {
                    ui.label(RichText::new("Consensus").strong());
                    for role in Role::ALL {
                        ui.horizontal(|ui| {
                            let (rect, _) =
                                ui.allocate_exact_size(vec2(12.0, 12.0), Sense::hover());
                            ui.painter().rect_filled(rect, 3.0, style::color(role.color()));
                            ui.label(role.name());
                        });
                    }
                }
            });
        });
}

const WIDTH: f32 = 220.0;

fn ramp(ui: &mut Ui, color: impl Fn(f32) -> Rgb) {
    let (rect, _) = ui.allocate_exact_size(vec2(WIDTH, 12.0), Sense::hover());
    let mut mesh = Mesh::default();
    let steps = 32;
    for i in 0..=steps {
        let share = i as f32 / steps as f32;
        let x = rect.left() + share * rect.width();
        let color = style::color(color(share));
        mesh.colored_vertex(pos2(x, rect.top()), color);
        mesh.colored_vertex(pos2(x, rect.bottom()), color);
        if i > 0 {
            let at = i * 2;
            mesh.add_triangle(at - 2, at - 1, at);
            mesh.add_triangle(at - 1, at, at + 1);
        }
    }
    ui.painter().add(mesh);
}

/// What stands below a ramp: left, middle, right.
fn ends(ui: &mut Ui, texts: [String; 3]) {
    let (rect, _) = ui.allocate_exact_size(vec2(WIDTH, 14.0), Sense::hover());
    let font = egui::TextStyle::Small.resolve(ui.style());
    let aligns = [Align2::LEFT_CENTER, Align2::CENTER_CENTER, Align2::RIGHT_CENTER];
    let places = [rect.left_center(), rect.center(), rect.right_center()];
    for ((text, align), at) in texts.into_iter().zip(aligns).zip(places) {
        ui.painter().text(at, align, text, font.clone(), ui.visuals().text_color());
    }
}
