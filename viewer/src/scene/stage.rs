//! What the scene shows: plain resources that whoever holds the player fills, and that every system
//! of the scene reads. Nothing of it is drawn here.

use crate::layout::Layout;
use bevy::prelude::*;
use gridtwin_kernel::SimTime;
use gridtwin_panels::Overlay;
use gridtwin_player::{Detail, Thing, View};
use gridtwin_twin::record::Catalog;
use gridtwin_twin::scenario::Scenario;
use gridtwin_twin::sun::{self, Observer};
use std::sync::Arc;

/// One future as it is shown.
#[derive(Clone, Debug)]
pub struct Side {
    /// Its scenario.
    pub scenario: Arc<Scenario>,
    /// Its plan.
    pub layout: Arc<Layout>,
    /// What it looks like now.
    pub view: View,
    /// Every detail around now, if it is known.
    pub detail: Option<Arc<Detail>>,
    /// Counts what has to be built anew.
    pub(crate) generation: u32,
}

/// The futures that are shown, the base case first, and what they have in common.
#[derive(Resource, Clone, Debug)]
pub struct Stage {
    /// One or two of them.
    pub sides: Vec<Side>,
    /// Names behind indices.
    pub catalog: Arc<Catalog>,
    observer: Observer,
    generations: u32,
}

impl Stage {
    /// A stage with the base case alone.
    pub fn new(scenario: &Scenario, catalog: &Catalog) -> Self {
        let site = &scenario.site;
        let altitude_m = site.altitude_m.map_or(0.0, |altitude| altitude.get());
        let mut stage = Self {
            sides: Vec::new(),
            catalog: Arc::new(catalog.clone()),
            observer: Observer::new(site.latitude_deg.get(), site.longitude_deg.get(), altitude_m),
            generations: 0,
        };
        stage.set_scenario(0, scenario);
        stage
    }

    /// Shows another scenario on a side: one that differs from what stands there is built anew.
    pub fn set_scenario(&mut self, side: usize, scenario: &Scenario) {
        if self.sides.get(side).is_some_and(|shown| *shown.scenario == *scenario) {
            return;
        }
        self.generations += 1;
        let built = Side {
            scenario: Arc::new(scenario.clone()),
            layout: Arc::new(Layout::of(scenario)),
            view: View::default(),
            detail: None,
            generation: self.generations,
        };
        if side < self.sides.len() {
            self.sides[side] = built;
        } else if self.sides.len() < 2 {
            self.sides.push(built);
        }
    }

    /// Shows the base case alone.
    pub fn only_base(&mut self) {
        self.sides.truncate(1);
    }

    /// Shows a future as it is now. Its rooms are used again: nothing is allocated from frame to
    /// frame.
    pub fn show(&mut self, side: usize, view: &View, detail: Option<&Arc<Detail>>) {
        let Some(side) = self.sides.get_mut(side) else { return };
        side.view.copy_from(view);
        let same = match (&side.detail, detail) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            (None, None) => true,
            _ => false,
        };
        if !same {
            side.detail = detail.cloned();
        }
    }

    /// The instant that is shown.
    pub fn at(&self) -> SimTime {
        self.sides.first().map_or(SimTime::ZERO, |side| side.view.at)
    }

    /// Where the sun stands at an instant.
    pub fn sun(&self, at: SimTime) -> sun::Position {
        let unix_s = self.catalog.start.as_second() as f64 + at.as_secs_f64();
        sun::position(unix_s, &self.observer)
    }
}

/// What the user wants to see of it.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct Wish {
    /// What colours the world.
    pub overlay: Overlay,
    /// What is selected.
    pub selected: Option<Thing>,
    /// Simulated seconds in a second of the wall's.
    pub speed: f64,
    /// Whether the camera jumps instead of flying.
    pub reduced_motion: bool,
    /// Whether the panels want the pointer: camera and picking then stand still.
    pub pointer_taken: bool,
    /// Where each future is drawn, in physical pixels of the target: nothing for all of it.
    pub viewports: [Option<URect>; 2],
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            overlay: Overlay::None,
            selected: None,
            speed: 300.0,
            reduced_motion: false,
            pointer_taken: false,
            viewports: [None, None],
        }
    }
}

/// Which side an entity belongs to.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct On(pub usize);

/// The thing that an entity is a part of.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartOf(pub Thing);

/// Somebody clicked on a thing, or on nothing.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picked(pub Option<Thing>);
