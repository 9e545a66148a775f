//! Builds a side's entities from its plan, and takes them away when its scenario is another. What
//! they look like from moment to moment is the kinds'.

use super::kit::Kit;
use super::stage::{On, PartOf, Side, Stage};
use crate::material::TintMaterial;
use crate::tag::Look;
use bevy::camera::visibility::RenderLayers;
use bevy::ecs::system::SystemParam;
use bevy::picking::Pickable;
use bevy::prelude::*;
use gridtwin_player::Thing;

/// What was built for which side, and which of its generations.
#[derive(Resource, Default)]
pub(super) struct Built([Option<(Entity, u32)>; 2]);

/// What builders build with.
#[derive(SystemParam)]
pub(crate) struct Yard<'w, 's> {
    pub(crate) commands: Commands<'w, 's>,
    pub(crate) meshes: ResMut<'w, Assets<Mesh>>,
    pub(crate) kit: ResMut<'w, Kit>,
}

/// A side on which somebody builds.
pub(crate) struct Plot<'a> {
    pub(crate) side: &'a Side,
    pub(crate) index: usize,
    pub(crate) root: Entity,
}

impl Plot<'_> {
    /// A part of a thing, in the kit's matte or glossy material.
    pub(crate) fn part<'c>(
        &self,
        commands: &'c mut Commands,
        thing: Option<Thing>,
        mesh: &Handle<Mesh>,
        material: &Handle<TintMaterial>,
        transform: Transform,
    ) -> EntityCommands<'c> {
        let mut entity = commands.spawn((
            On(self.index),
            Mesh3d(mesh.clone()),
            MeshMaterial3d(material.clone()),
            Look::default().tag(),
            transform,
            RenderLayers::layer(self.index + 1),
            ChildOf(self.root),
        ));
        match thing {
            Some(thing) => entity.insert(PartOf(thing)),
            None => entity.insert(Pickable::IGNORE),
        };
        entity
    }
}

/// Builds what is not there yet, and clears what is no more.
pub(super) fn build(stage: Res<Stage>, mut built: ResMut<Built>, mut yard: Yard) {
    for index in 0..2 {
        let wanted = stage.sides.get(index);
        let there = built.0[index];
        if there.map(|(_, generation)| generation) == wanted.map(|side| side.generation) {
            continue;
        }
        if let Some((root, _)) = there {
            yard.commands.entity(root).despawn();
        }
        built.0[index] = wanted.map(|side| {
            let root = yard.commands.spawn((Transform::default(), Visibility::default())).id();
            let plot = Plot { side, index, root };
            super::scenery::spawn(&mut yard, &plot);
            crate::kinds::spawn(&mut yard, &plot, &stage.catalog);
            crate::flows::spawn(&mut yard, &plot);
            crate::traffic::spawn(&mut yard, &plot);
            (root, side.generation)
        });
    }
}
