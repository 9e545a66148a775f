//! From the player to the stage, frame by frame.

use super::Session;
use crate::scene::{Picked, Stage, Wish};
use bevy::prelude::*;
use bevy::winit::{UpdateMode, WinitSettings};
use gridtwin_player::{Future, Player};
use gridtwin_twin::scenario::Scenario;
use std::sync::Arc;
use std::time::Duration;

/// The longest step that a frame takes: what a window that was hidden missed is not made up for.
const LONGEST_FRAME: Duration = Duration::from_millis(250);

/// Lets the player go on by what the frame is worth, and tells what it has to say.
pub(super) fn tick(mut session: ResMut<Session>, time: Res<Time<Real>>) {
    let session = session.bypass_change_detection();
    follow(session);
    session.player.tick(time.delta().min(LONGEST_FRAME));
    let frame_ms = time.delta_secs() * 1000.0;
    session.desk.frame_ms += (frame_ms - session.desk.frame_ms) * 0.05;
    for refusal in session.player.take_refusals() {
        session.panels.tell_error(refusal.to_string());
    }
    if session.player.base().summary().is_some()
        && let Some(run) = session.run.take()
        && let Some(differs) = run.differs(&session.player)
    {
        session.panels.tell_error(differs);
    }
}

/// Takes what a live site's meters have said, and goes along where the playhead stands at its end.
fn follow(session: &mut Session) {
    let Some(feed) = &mut session.feed else { return };
    match feed.take() {
        Ok(None) => {}
        Ok(Some(heard)) => {
            let at = session.player.playhead().at();
            let along = session.player.followed().is_none_or(|until| at >= until);
            session.player.follow(heard.readings, heard.until);
            if along {
                session.player.go_to(heard.until);
            }
        }
        Err(error) => {
            session.panels.tell_error(format!("stopped following the live site: {error}"));
            session.feed = None;
        }
    }
}

/// Which scenarios stand on the stage: they are told apart by where they lie, not by what is in
/// them, which would take as long as building them.
#[derive(Default)]
pub(super) struct Standing([Option<Arc<Scenario>>; 2]);

/// Shows the base case, and the alternative beside it if there is one.
pub(super) fn fill_stage(
    session: Res<Session>,
    stage: Option<ResMut<Stage>>,
    mut wish: ResMut<Wish>,
    mut standing: Local<Standing>,
    mut commands: Commands,
) {
    let player = &session.player;
    let desk = &session.desk;
    wish.overlay = desk.overlay;
    wish.selected = desk.selection;
    wish.speed = player.playhead().speed();
    wish.reduced_motion = desk.reduced_motion;
    let Some(mut stage) = stage else {
        *standing = Standing::default();
        let scenario = player.base().scenario();
        commands.insert_resource(Stage::new(scenario, player.catalog()));
        return;
    };
    for (side, future) in futures(player).enumerate() {
        let scenario = future.shared_scenario();
        if standing.0[side].as_ref().is_none_or(|old| !Arc::ptr_eq(old, scenario)) {
            stage.set_scenario(side, scenario);
            standing.0[side] = Some(Arc::clone(scenario));
        }
        stage.show(side, future.view(), future.detail());
    }
    if player.other().is_none() && stage.sides.len() > 1 {
        stage.only_base();
        standing.0[1] = None;
    }
}

fn futures(player: &Player) -> impl Iterator<Item = &Future> {
    let other = player.other().and_then(|index| player.futures().get(index));
    std::iter::once(player.base()).chain(other)
}

/// Selects what was clicked on in the scene.
pub(super) fn select(mut session: ResMut<Session>, mut picked: MessageReader<Picked>) {
    for Picked(thing) in picked.read() {
        session.desk.selection = *thing;
    }
}

/// Draws as fast as it can while something moves, and ten times a second while nothing does.
pub(super) fn pace(session: Res<Session>, mut pace: ResMut<WinitSettings>) {
    let player = &session.player;
    let lives = |future: &Future| future.summary().is_none() && future.failed().is_none();
    let moves = player.playhead().is_playing() || player.futures().iter().any(lives);
    let wanted = match moves {
        true => UpdateMode::Continuous,
        false => UpdateMode::reactive(Duration::from_millis(100)),
    };
    if pace.focused_mode != wanted {
        pace.focused_mode = wanted;
    }
}
