//! The panels around the scene: what they need, what comes back, and where the scene goes.

use super::Session;
use crate::scene::Wish;
use bevy::prelude::*;
use bevy_egui::EguiContexts;
use bevy_egui::egui::{self, Rect as EguiRect, Ui, UiBuilder};
use gridtwin_panels::{Model, show};

/// Lays out the panels and takes down what the user wants.
pub(super) fn panels(
    mut contexts: EguiContexts,
    mut session: ResMut<Session>,
    mut wish: ResMut<Wish>,
) -> Result {
    let ctx = contexts.ctx_mut()?;
    if ctx.zoom_factor() != session.desk.ui_scale {
        ctx.set_zoom_factor(session.desk.ui_scale);
    }
    let mut ui = Ui::new(
        ctx.clone(),
        "panels".into(),
        UiBuilder::new().layer_id(egui::LayerId::background()).max_rect(ctx.viewport_rect()),
    );
    let Session { player, desk, panels, .. } = &mut *session;
    let shown = show(&mut ui, &Model::of(player, desk), panels);
    let pixels = ctx.pixels_per_point();
    let (left, right) = shown.views;
    wish.viewports = [Some(physical(left, pixels)), right.map(|rect| physical(rect, pixels))];
    wish.pointer_taken = pointer_taken(ctx, shown.scene);
    session.wants.extend(shown.actions);
    Ok(())
}

/// A rectangle in the window's own pixels.
fn physical(rect: EguiRect, pixels_per_point: f32) -> URect {
    let corner = |at: egui::Pos2| {
        let at = (at.to_vec2() * pixels_per_point).round();
        UVec2::new(at.x.max(0.0) as u32, at.y.max(0.0) as u32)
    };
    URect::from_corners(corner(rect.min), corner(rect.max).max(corner(rect.min) + UVec2::ONE))
}

/// Whether the pointer is the panels': over them, or dragging something of theirs.
fn pointer_taken(ctx: &egui::Context, scene: EguiRect) -> bool {
    if ctx.egui_is_using_pointer() {
        return true;
    }
    let Some(at) = ctx.pointer_latest_pos() else { return false };
    let over_window =
        ctx.layer_id_at(at).is_some_and(|layer| layer.order != egui::Order::Background);
    over_window || !scene.contains(at)
}
