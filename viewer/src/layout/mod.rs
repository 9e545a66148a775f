//! Where everything stands: on its place in the scenario, else on a tidy plan; never one in the
//! other. Plain data: what is drawn there is the scene's.
//!
//! Plans are in metres, x to the east and y to the south, so that they lie on the ground as x and z.

mod apart;
mod feeders;
mod plan;
mod scatter;
mod size;

pub use feeders::{Feeder, Feeders};
pub use size::{Body, row_pitch};

use bevy::math::{Rect, Vec2};
use gridtwin_player::Thing;
use gridtwin_twin::scenario::Scenario;

/// Where one thing stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// What.
    pub thing: Thing,
    /// The middle of its footprint.
    pub at: Vec2,
    /// Width (east to west) and depth (north to south) of its footprint.
    pub size: Vec2,
    /// What stands there.
    pub body: Body,
}

impl Place {
    /// Its footprint.
    pub fn footprint(&self) -> Rect {
        Rect::from_center_size(self.at, self.size)
    }
}

/// A site's plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Every thing that has a place, in [`Thing::all`]'s order. Links and groups have none.
    pub places: Vec<Place>,
    /// Each fleet's devices.
    pub devices: Vec<Vec<Vec2>>,
    /// How power comes to them.
    pub feeders: Feeders,
    /// Roads and paths: from, to, width.
    pub roads: Vec<(Vec2, Vec2, f32)>,
    /// Street lamps.
    pub lamps: Vec<Vec2>,
    /// Trees: where, how large, and whether it is a fir.
    pub trees: Vec<(Vec2, f32, bool)>,
    /// The middle of the site.
    pub centre: Vec2,
    /// How far it reaches from there.
    pub radius: f32,
}

impl Layout {
    /// The plan of a scenario. The same scenario has the same plan.
    pub fn of(scenario: &Scenario) -> Self {
        let mut places = plan::places(scenario);
        apart::push_apart(&mut places);
        plan::settle_arrays(scenario, &mut places);
        let bounds = places
            .iter()
            .filter(|place| place.thing != Thing::Cloud)
            .map(Place::footprint)
            .reduce(|a, b| a.union(b))
            .unwrap_or(Rect::from_center_size(Vec2::ZERO, Vec2::splat(40.0)));
        let centre = bounds.center();
        let radius = (bounds.half_size().length()).max(30.0);
        plan::send_off_cloud(&mut places, centre, radius);
        let feeders = feeders::feeders(scenario, &places);
        let devices = scatter::devices(scenario, &places);
        let roads = scatter::roads(&places, &feeders, bounds);
        let lamps = scatter::lamps(scenario, &places, &feeders, bounds);
        let trees = scatter::trees(&places, &devices, &roads, bounds);
        Self { places, devices, feeders, roads, lamps, trees, centre, radius }
    }

    /// Where a thing stands, if it has a place.
    pub fn place(&self, thing: Thing) -> Option<&Place> {
        let index = self.places.binary_search_by_key(&thing, |place| place.thing).ok()?;
        self.places.get(index)
    }
}
