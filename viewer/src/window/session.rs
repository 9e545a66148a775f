//! What a window holds: the player, what is on the desk, what the panels remember. Opening another
//! scenario puts another player in its place, read and built off the frame's thread.

use crate::live::Feed;
use crate::open::FinishedRun;
use crate::scene::{Framing, Stage};
use bevy::prelude::*;
use gridtwin_panels::{Action, Desk, PanelState};
use gridtwin_player::Player;
use gridtwin_twin::Scenario;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

/// What a window holds.
#[derive(Resource, Debug)]
pub struct Session {
    /// The futures and the playhead.
    pub player: Player,
    /// What is selected, what colours the world.
    pub desk: Desk,
    /// What the panels remember.
    pub panels: PanelState,
    /// The finished run that was opened, until its figures were compared.
    pub run: Option<FinishedRun>,
    /// The live site that is followed, if it is one.
    pub feed: Option<Feed>,
    /// What the user wants and has not got yet: carried out in the next frame.
    pub wants: Vec<Action>,
    /// Where the camera was kept: focus, yaw, pitch, radius.
    pub(crate) bookmarks: [Option<(Vec3, f32, f32, f32)>; 9],
    /// A scenario that is being opened.
    opening: Option<Mutex<Receiver<Result<Opening, String>>>>,
}

/// A scenario that was opened.
struct Opening {
    player: Player,
    file: PathBuf,
}

impl Session {
    /// A session on a player.
    pub fn new(player: Player, file: Option<&Path>, run: Option<FinishedRun>) -> Self {
        let desk = Desk { scenarios: scenarios_near(file), ..Desk::default() };
        Self {
            player,
            desk,
            panels: PanelState::default(),
            run,
            feed: None,
            wants: Vec::new(),
            bookmarks: [None; 9],
            opening: None,
        }
    }

    /// Begins to open another scenario.
    pub(crate) fn open(&mut self, file: PathBuf) {
        let (opened, opening) = channel();
        let work = move || {
            let read = || {
                let scenario = Scenario::load(&file).map_err(|error| error.to_string())?;
                let player = Player::new(&scenario).map_err(|error| error.to_string())?;
                Ok(Opening { player, file: file.clone() })
            };
            // Nobody waits for it any more only when the window is closed.
            let _ = opened.send(read());
        };
        match std::thread::Builder::new().name("open".to_owned()).spawn(work) {
            Ok(_) => self.opening = Some(Mutex::new(opening)),
            Err(error) => self.panels.tell_error(error.to_string()),
        }
    }
}

/// Puts a scenario that has been opened on the stage.
pub(super) fn take_opened(
    mut session: ResMut<Session>,
    mut framing: ResMut<Framing>,
    mut commands: Commands,
    mut windows: Query<&mut Window>,
) {
    let Some(opening) = &mut session.opening else { return };
    let receiver = opening.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Ok(opened) = receiver.try_recv() else { return };
    session.opening = None;
    match opened {
        Ok(Opening { player, file }) => {
            for mut window in &mut windows {
                window.title = format!("{} - gridtwin", player.catalog().name);
            }
            session.desk.selection = None;
            session.desk.scenarios = scenarios_near(Some(&file));
            session.panels = PanelState::default();
            (session.player, session.run, session.feed) = (player, None, None);
            commands.remove_resource::<Stage>();
            *framing = Framing::Site;
        }
        Err(error) => session.panels.tell_error(error),
    }
}

/// Scenarios beside a file, and in the folder where gridtwin's own lie.
fn scenarios_near(file: Option<&Path>) -> Vec<PathBuf> {
    let beside = file.and_then(Path::parent).map(Path::to_owned);
    let mut found = Vec::new();
    for folder in beside.into_iter().chain([PathBuf::from("scenarios")]) {
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        found.extend(paths.filter(|path| path.extension().is_some_and(|kind| kind == "ron")));
    }
    found.sort();
    found.dedup();
    found
}
