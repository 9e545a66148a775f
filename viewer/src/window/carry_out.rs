//! What the user wants, carried out.

use super::Session;
use crate::scene::{Framing, SiteCamera};
use bevy::app::AppExit;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::render::view::window::screenshot::{Screenshot, ScreenshotCaptured};
use bevy_panorbit_camera::PanOrbitCamera;
use gridtwin_panels::Action;
use std::path::{Path, PathBuf};

/// What is needed besides the session.
#[derive(SystemParam)]
pub(super) struct Hands<'w, 's> {
    framing: ResMut<'w, Framing>,
    cameras: Query<'w, 's, (&'static SiteCamera, &'static mut PanOrbitCamera)>,
    commands: Commands<'w, 's>,
    exit: MessageWriter<'w, AppExit>,
}

impl Hands<'_, '_> {
    /// Moves the first camera; where there is a second, it follows.
    fn turn(&mut self, how: impl Fn(&mut PanOrbitCamera)) {
        for (_, mut orbit) in self.cameras.iter_mut().filter(|(of, _)| of.0 == 0) {
            how(&mut orbit);
            orbit.force_update = true;
        }
    }
}

/// Carries out what the user wants.
pub(super) fn carry_out(mut session: ResMut<Session>, mut hands: Hands) {
    for action in std::mem::take(&mut session.bypass_change_detection().wants) {
        carry_out_one(action, &mut session, &mut hands);
    }
}

fn carry_out_one(action: Action, session: &mut Session, hands: &mut Hands) {
    let player = &mut session.player;
    match action {
        Action::TogglePlay if player.playhead().is_playing() => player.pause(),
        Action::TogglePlay => player.play(),
        Action::Step(intervals) => player.step(intervals),
        Action::SetSpeed(speed) => player.set_speed(speed),
        Action::Seek(at) => player.seek(at),
        Action::NextEvent => {
            if !player.next_event() {
                session.panels.tell("no later event has been simulated so far");
            }
        }
        Action::PreviousEvent => {
            if !player.previous_event() {
                session.panels.tell("there is no earlier event");
            }
        }
        Action::Loop(range) => player.set_loop(range),
        Action::Select(thing) => session.desk.selection = thing,
        Action::Frame => {
            *hands.framing = session.desk.selection.map_or(Framing::Site, Framing::Thing)
        }
        Action::Orbit(yaw, pitch) => hands.turn(|orbit| {
            orbit.target_yaw += yaw;
            orbit.target_pitch += pitch;
        }),
        Action::Pan(right, away) => hands.turn(|orbit| {
            let along = Quat::from_rotation_y(orbit.target_yaw) * Vec3::new(right, 0.0, -away);
            orbit.target_focus += along * orbit.target_radius;
        }),
        Action::Zoom(factor) => hands.turn(|orbit| orbit.target_radius *= factor),
        Action::Names(names) => session.desk.names = names,
        Action::Overlay(overlay) => session.desk.overlay = overlay,
        Action::WhatIf(change) => player.ask(change),
        Action::Undo => {
            player.undo();
        }
        Action::Redo => {
            player.redo();
        }
        Action::NewAlternative => player.new_alternative(),
        Action::ShowOther(future) => player.show_other(future),
        Action::DropFuture(future) => player.drop_future(future),
        Action::Open(file) => session.open(file),
        Action::Save { future, path } => match player.save(future, &path) {
            Ok(()) => session
                .panels
                .tell(format!("saved: `gridtwin run {}` gives the same results", path.display())),
            Err(error) => session.panels.tell_error(error.to_string()),
        },
        Action::Export { future, folder } => {
            if let Err(error) = player.export(future, &folder) {
                session.panels.tell_error(error.to_string());
            }
        }
        Action::Screenshot(path) => picture(path, hands),
        Action::KeepBookmark(number) => {
            let camera = hands.cameras.iter().find(|(of, _)| of.0 == 0);
            let place = camera.map(|(_, orbit)| {
                let turn = (orbit.target_yaw, orbit.target_pitch);
                (orbit.target_focus, turn.0, turn.1, orbit.target_radius)
            });
            if let Some(slot) = session.bookmarks.get_mut(usize::from(number).wrapping_sub(1)) {
                *slot = place;
                session.desk.bookmarks[usize::from(number) - 1] = place.is_some();
                session.panels.tell(format!("camera saved: Alt+{number} returns to it"));
            }
        }
        Action::GoToBookmark(number) => {
            let kept = session.bookmarks.get(usize::from(number).wrapping_sub(1));
            match kept.copied().flatten() {
                Some((focus, yaw, pitch, radius)) => {
                    *hands.framing = Framing::At(focus, yaw, pitch, radius);
                }
                None => {
                    let text = format!("no bookmark {number} yet: save it with Ctrl+{number}");
                    session.panels.tell(text);
                }
            }
        }
        Action::UiScale(scale) => session.desk.ui_scale = scale.clamp(0.5, 3.0),
        Action::ReducedMotion(reduced) => session.desk.reduced_motion = reduced,
        // The panels' own.
        Action::Palette(_) | Action::Keys(_) => {}
        Action::Quit => {
            hands.exit.write(AppExit::Success);
        }
    }
}

/// Saves the window as it is.
fn picture(path: PathBuf, hands: &mut Hands) {
    let save = move |captured: On<ScreenshotCaptured>, mut session: ResMut<Session>| match write(
        &captured.image,
        &path,
    ) {
        Ok(()) => session.panels.tell(format!("picture written to {}", path.display())),
        Err(error) => session.panels.tell_error(format!("{}: {error}", path.display())),
    };
    hands.commands.spawn(Screenshot::primary_window()).observe(save);
}

/// Writes a picture as PNG.
fn write(image: &Image, path: &Path) -> Result<(), String> {
    let picture = image.clone().try_into_dynamic().map_err(|error| error.to_string())?;
    picture.to_rgb8().save(path).map_err(|error| error.to_string())
}
