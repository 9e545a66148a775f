//! The viewer: read, check what the machine can show, then one call.

use clap::Parser;
use gridtwin_kernel::SimTime;
use gridtwin_player::Player;
use gridtwin_viewer::arguments::Arguments;
use gridtwin_viewer::live::Feed;
use gridtwin_viewer::picture::PictureOrder;
use gridtwin_viewer::scene::SkyKind;
use gridtwin_viewer::{driver, open, picture, window};
use std::process::ExitCode;

/// When a view begins where nothing is said: in the light of the first day.
const NOON: SimTime = SimTime(12 * 3600 * 1_000_000_000);

/// What went wrong, and the exit code: 1 did not work out, 2 bad input.
type Failure = (u8, String);

fn main() -> ExitCode {
    match view(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, message)) => {
            eprintln!("{message}");
            ExitCode::from(code)
        }
    }
}

fn view(arguments: &Arguments) -> Result<(), Failure> {
    let input = |message: String| (2, message);
    let work = |message: String| (1, message);
    let opened = open::open(arguments).map_err(input)?;
    let select = arguments.select.as_deref();
    let selected = select.map(|name| open::thing(&opened.scenario, name)).transpose();
    let selected = selected.map_err(input)?;
    let mut player = Player::new(&opened.scenario).map_err(|error| input(error.to_string()))?;
    let at = arguments.at.map(|at| open::instant(&player, at)).transpose().map_err(input)?;
    let early = if arguments.follow.is_some() { SimTime::ZERO } else { NOON };
    let at = at.unwrap_or_else(|| early.min(player.end()));
    let graphics = driver::graphics();
    let sky = match arguments.atmosphere && graphics.as_ref().is_ok_and(|g| !g.is_software) {
        true => SkyKind::Atmosphere,
        false => SkyKind::Gradient,
    };
    if let Some(out) = &arguments.screenshot {
        open::picture_path(out).map_err(input)?;
        let order = PictureOrder {
            overlay: arguments.overlay,
            select: selected,
            near: selected.is_some(),
            size: arguments.size,
            names: arguments.names,
            sky,
            ..PictureOrder::new(opened.scenario, at)
        };
        drop(player);
        return picture::save(&order, out).map_err(|error| work(error.to_string()));
    }
    driver::display().map_err(work)?;
    let graphics = graphics.map_err(work)?;
    player.wait_for(at);
    player.seek(at);
    let step = player.catalog().step;
    let mut session = window::Session::new(player, opened.file.as_deref(), opened.run);
    let follow = |journal| Feed::open(journal, step);
    session.feed = arguments.follow.as_deref().map(follow).transpose().map_err(input)?;
    session.desk.selection = selected;
    session.desk.overlay = arguments.overlay;
    session.desk.names = arguments.names;
    match window::open(session, graphics, sky, arguments.size) {
        bevy::app::AppExit::Success => Ok(()),
        bevy::app::AppExit::Error(code) => {
            Err((code.get(), "the window closed because of an error".to_owned()))
        }
    }
}
