//! Edge servers that glow with their load and go dark with their power; the crown of who leads and
//! the cross of who is silent; switches.

use crate::layout::Place;
use crate::meshes::edge::CABINET;
use crate::overlay::{Colours, roles};
use crate::scene::{On, Plot, Stage, Yard};
use crate::tag::Look;
use bevy::light::NotShadowCaster;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use gridtwin_panels::palette::{self, Role};
use gridtwin_player::Thing;
use gridtwin_twin::record::{Catalog, ServerState};

/// A server's cabinet.
#[derive(Component, Clone, Copy, Debug)]
pub struct Cabinet {
    /// Which server.
    pub server: usize,
}

/// A mark above a server: its crown, its cross, or the ring of a new view.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Which server.
    pub server: usize,
    /// Shown while the server has this role.
    pub role: Role,
}

/// A switch's mast.
#[derive(Component, Clone, Copy, Debug)]
pub struct Mast {
    /// Which switch.
    pub switch: usize,
}

pub(super) fn spawn(yard: &mut Yard, plot: &Plot, place: &Place, server: usize, catalog: &Catalog) {
    let at = Vec3::new(place.at.x, 0.0, place.at.y);
    let thing = Some(Thing::Server(server as u16));
    let (mesh, matte) = (yard.kit.server.clone(), yard.kit.matte.clone());
    plot.part(&mut yard.commands, thing, &mesh, &matte, Transform::from_translation(at))
        .insert(Cabinet { server });
    if !catalog.groups.iter().any(|group| group.members.contains(&(server as u16))) {
        return;
    }
    for (role, mesh) in
        [(Role::Leader, yard.kit.crown.clone()), (Role::Silent, yard.kit.cross.clone())]
    {
        let above = Transform::from_translation(at + Vec3::Y * (CABINET.y + 2.5));
        plot.part(&mut yard.commands, thing, &mesh, &matte, above).insert((
            Badge { server, role },
            Look::glowing(1.0).tag(),
            Visibility::Hidden,
            NotShadowCaster,
        ));
    }
}

/// Servers glow with their load.
pub(super) fn show(
    stage: Res<Stage>,
    colours: Res<Colours>,
    mut cabinets: Query<(&On, &Cabinet, &mut MeshTag)>,
) {
    let seconds = stage.at().as_secs_f64();
    for (on, cabinet, mut tag) in &mut cabinets {
        let Some(side) = stage.sides.get(on.0) else { continue };
        let state = side.view.state.servers.get(cabinet.server).copied().unwrap_or_default();
        let load = side.view.sample.servers.get(cabinet.server).map_or(0.0, |s| s.load as f32);
        let own = match state {
            ServerState::Dark => Look { glow: 0.0, marked: true, grey: 0.4, ..Look::default() },
            ServerState::Booting => {
                let blink = if (seconds * 0.1).fract() < 0.5 { 0.7 } else { 0.15 };
                Look { tint: palette::ORANGE, amount: 0.3, glow: blink, ..Look::default() }
            }
            ServerState::Running => Look::glowing(0.45 + 0.55 * load.sqrt().min(1.0)),
        };
        tag.set_if_neq(colours.dress(on.0, Thing::Server(cabinet.server as u16), own).tag());
    }
}

/// Crowns who leads and crosses who is silent.
pub(super) fn show_badges(
    stage: Res<Stage>,
    mut known: Local<[Vec<Option<Role>>; 2]>,
    mut badges: Query<(&On, &Badge, &mut Visibility)>,
) {
    for (side, known) in stage.sides.iter().zip(known.iter_mut()) {
        known.clear();
        known.resize(side.scenario.edge_servers.len(), None);
        roles(side, &stage.catalog, |server, role| {
            if let Some(slot) = known.get_mut(usize::from(server)) {
                *slot = Some(role);
            }
        });
    }
    for (on, badge, mut visibility) in &mut badges {
        let role = known[on.0].get(badge.server).copied().flatten();
        let wanted =
            if role == Some(badge.role) { Visibility::Inherited } else { Visibility::Hidden };
        visibility.set_if_neq(wanted);
    }
}

pub(super) fn spawn_switch(yard: &mut Yard, plot: &Plot, place: &Place, switch: usize) {
    let at = Transform::from_xyz(place.at.x, 0.0, place.at.y);
    let (mesh, matte) = (yard.kit.switch.clone(), yard.kit.matte.clone());
    plot.part(&mut yard.commands, Some(Thing::Switch(switch as u16)), &mesh, &matte, at)
        .insert(Mast { switch });
}

/// Switches show whether they have power.
pub(super) fn show_switches(
    stage: Res<Stage>,
    colours: Res<Colours>,
    mut masts: Query<(&On, &Mast, &mut MeshTag)>,
) {
    for (on, mast, mut tag) in &mut masts {
        let Some(side) = stage.sides.get(on.0) else { continue };
        let up = side.view.state.switches_up.get(mast.switch) == Some(&true);
        let own = Look { glow: if up { 0.9 } else { 0.0 }, marked: !up, ..Look::default() };
        tag.set_if_neq(colours.dress(on.0, Thing::Switch(mast.switch as u16), own).tag());
    }
}
