//! A scene without a renderer, and a view to fill.
#![allow(dead_code, reason = "each test file uses its own part")]

use bevy::prelude::*;
use gridtwin_player::View;
use gridtwin_twin::record::Catalog;
use gridtwin_twin::{Scenario, Twin};
use gridtwin_viewer::scene::{ScenePlugin, Side, SkyKind, Stage, Wish};
use std::path::Path;

/// A scenario that comes with gridtwin.
pub(crate) fn scenario(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../scenarios/{name}.ron"));
    Scenario::load(&path).expect("a shipped scenario")
}

/// A scene of one scenario.
pub(crate) struct Site {
    /// The app.
    pub(crate) app: App,
    /// What is to be shown.
    pub(crate) view: View,
    /// How.
    pub(crate) wish: Wish,
}

impl Site {
    /// As the scenario begins.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let twin = Twin::new(scenario).expect("a sound scenario");
        let mut app = App::new();
        app.add_plugins(MinimalPlugins);
        app.add_plugins(ScenePlugin { drawn: false, sky: SkyKind::Gradient });
        app.insert_resource(Stage::new(scenario, twin.catalog()));
        let view = View { state: twin.state(), ..View::default() };
        Self { app, view, wish: Wish::default() }
    }

    /// Shows the view.
    pub(crate) fn show(&mut self) {
        let world = self.app.world_mut();
        world.insert_resource(self.wish.clone());
        world.resource_mut::<Stage>().show(0, &self.view, None);
        self.app.update();
    }

    /// The base case as it is shown.
    pub(crate) fn side(&self) -> Side {
        self.app.world().resource::<Stage>().sides[0].clone()
    }

    /// Names behind indices.
    pub(crate) fn catalog(&self) -> Catalog {
        (*self.app.world().resource::<Stage>().catalog).clone()
    }
}
