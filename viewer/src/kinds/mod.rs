//! One module for each kind of thing: what it builds, and one system that makes it look as the view
//! says. A system writes only what has changed.

mod buildings;
mod chargers;
mod devices;
mod pads;
mod servers;
mod sources;
mod storage;

pub use buildings::Building;
pub use chargers::{Car, Post};
pub use devices::Device;
pub use pads::Pad;
pub use servers::{Badge, Cabinet, Mast};
pub use sources::{Engine, GridPart, Smoke, Table};
pub use storage::{Container, Gauge};

use crate::scene::{Plot, Yard};
use bevy::ecs::schedule::ScheduleConfigs;
use bevy::ecs::system::ScheduleSystem;
use bevy::prelude::*;
use gridtwin_player::Thing;
use gridtwin_twin::record::Catalog;

/// Builds every thing of a side.
pub(crate) fn spawn(yard: &mut Yard, plot: &Plot, catalog: &Catalog) {
    let layout = plot.side.layout.clone();
    for place in &layout.places {
        pads::spawn(yard, plot, place);
        match place.thing {
            Thing::Pv(i) => sources::spawn_array(yard, plot, place, usize::from(i)),
            Thing::Battery(i) => storage::spawn(yard, plot, place, usize::from(i)),
            Thing::Genset(i) => sources::spawn_genset(yard, plot, place, usize::from(i)),
            Thing::Grid => sources::spawn_grid(yard, plot, place),
            Thing::Load(i) => buildings::spawn(yard, plot, place, usize::from(i)),
            Thing::Chargers(i) => chargers::spawn(yard, plot, place, usize::from(i)),
            Thing::Fleet(i) => devices::spawn(yard, plot, usize::from(i)),
            Thing::Server(i) => servers::spawn(yard, plot, place, usize::from(i), catalog),
            Thing::Switch(i) => servers::spawn_switch(yard, plot, place, usize::from(i)),
            Thing::Cloud => devices::spawn_cloud(yard, plot, place),
            Thing::Link(_) | Thing::Group(_) => {}
        }
    }
}

/// One system for each kind.
pub(crate) fn systems() -> ScheduleConfigs<ScheduleSystem> {
    (
        storage::show,
        sources::show_arrays,
        sources::show_gensets,
        sources::show_grid,
        buildings::show,
        chargers::show_posts,
        chargers::show_cars,
        servers::show,
        servers::show_badges,
        servers::show_switches,
        devices::show,
        pads::show,
    )
        .into_configs()
}
