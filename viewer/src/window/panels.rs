//! The panels around the scene: what they need, what comes back, and where the scene goes.

use super::Session;
use crate::names::Names;
use crate::scene::{SiteCamera, Stage, Wish};
use bevy::prelude::*;
use bevy_egui::EguiContexts;
use bevy_egui::egui::{self, Rect as EguiRect, Ui, UiBuilder};
use gridtwin_panels::{Model, show};

/// Lays out the panels and takes down what the user wants.
pub(super) fn panels(
    mut contexts: EguiContexts,
    mut session: ResMut<Session>,
    mut wish: ResMut<Wish>,
    stage: Option<Res<Stage>>,
    cameras: Query<(&SiteCamera, &Camera, &GlobalTransform)>,
    mut names: Local<[Names; 2]>,
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
    let painter = ctx.layer_painter(egui::LayerId::background());
    for (of, camera, place) in &cameras {
        let Some(side) = stage.as_ref().and_then(|stage| stage.sides.get(of.0)) else { continue };
        let Some(area) = [Some(left), right][of.0.min(1)] else { continue };
        let names = &mut names[of.0.min(1)];
        names.follow(side);
        // The camera's viewport in points: what it projects to begins at its corner.
        let project = |at: Vec3| {
            let seen = camera.world_to_viewport(place, at).ok()?;
            let corner = camera.logical_viewport_rect().map_or(Vec2::ZERO, |rect| rect.min);
            let points = (seen - corner) / session.desk.ui_scale;
            Some(area.min + egui::vec2(points.x, points.y))
        };
        let (selected, all) = (session.desk.selection, session.desk.names);
        names.paint(&painter, area, selected, all, 12.0, project);
    }
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
