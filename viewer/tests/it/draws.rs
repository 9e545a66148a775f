//! Draw calls stay per kind: a hundred times as many things are made of the same few meshes and
//! materials.

use bevy::mesh::Mesh3d;
use bevy::prelude::*;
use gridtwin_player::Player;
use gridtwin_twin::Scenario;
use gridtwin_viewer::material::TintMaterial;
use gridtwin_viewer::scene::{ScenePlugin, SkyKind};
use gridtwin_viewer::window::{Session, WindowSystems};
use std::collections::BTreeSet;
use std::path::Path;

/// How many things are drawn, and of how many pairs of mesh and material.
fn census(set: &[&str]) -> (usize, usize) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/campus.ron");
    let set: Vec<_> = set.iter().map(|set| set.parse().unwrap()).collect();
    let scenario = Scenario::load_with(&file, &set, Some(1), None).unwrap();
    let mut player = Player::new(&scenario).unwrap();
    player.settle();
    let mut app = App::new();
    app.add_plugins(MinimalPlugins)
        .add_plugins(ScenePlugin { drawn: false, sky: SkyKind::Gradient })
        .insert_resource(Session::new(player, None, None))
        .add_plugins(WindowSystems);
    for _ in 0..4 {
        app.update();
    }
    let world = app.world_mut();
    let mut drawn = world.query::<(&Mesh3d, &MeshMaterial3d<TintMaterial>)>();
    let pairs = drawn.iter(world).map(|(mesh, material)| (mesh.0.id(), material.0.id()));
    let pairs: Vec<_> = pairs.collect();
    let kinds: BTreeSet<String> = pairs.iter().map(|pair| format!("{pair:?}")).collect();
    (pairs.len(), kinds.len())
}

#[test]
fn many_more_things_are_drawn_of_the_same_meshes_and_materials() {
    let (few, kinds) = census(&[]);
    let (many, again) = census(&["devices.sensors.count=4000", "devices.cameras.count=2000"]);
    assert!(many > few + 5000, "{few} and {many} things");
    assert_eq!(kinds, again, "pairs of mesh and material");
    assert!(kinds < 60, "{kinds} pairs of mesh and material");
}
