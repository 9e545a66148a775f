//! A picture of the scene without a window: rendered to an image and read back. Not a screenshot of
//! the window, which has its own panels.

mod app;
mod caption;

pub use caption::{Caption, paint_caption, paint_legend};

use crate::scene::{SkyKind, Stage};
use bevy::math::Vec2;
use gridtwin_kernel::SimTime;
use gridtwin_panels::Overlay;
use gridtwin_player::{Player, PlayerError, Thing};
use gridtwin_twin::scenario::Scenario;
use std::path::Path;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// There is nothing to draw with: what is missing, in one sentence.
    #[error("{0}")]
    NoDriver(String),
    /// The twin refuses the scenario.
    #[error("{0}")]
    Player(#[from] PlayerError),
    /// The renderer gave nothing back.
    #[error("the renderer returned no picture after {frames} frames")]
    NoPicture {
        /// How many were tried.
        frames: u32,
    },
    /// The file cannot be written.
    #[error("{path} could not be written: {reason}")]
    Unwritable {
        /// Which.
        path: String,
        /// Why.
        reason: String,
    },
}

/// What is to be seen in a picture.
#[derive(Clone, Debug)]
pub struct PictureOrder {
    /// The site.
    pub scenario: Scenario,
    /// When.
    pub at: SimTime,
    /// What colours it.
    pub overlay: Overlay,
    /// What is selected.
    pub select: Option<Thing>,
    /// Whether the selected thing fills the picture, else the whole site does.
    pub near: bool,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// How the sky is drawn; in software it is always the gradient.
    pub sky: SkyKind,
    /// Whether title and legend are written on it.
    pub caption: bool,
    /// Whether every thing's name is, where there is room; what is selected has its own always.
    pub names: bool,
}

impl PictureOrder {
    /// The whole site at an instant, 1280 by 720 pixels.
    pub fn new(scenario: Scenario, at: SimTime) -> Self {
        Self {
            scenario,
            at,
            overlay: Overlay::None,
            select: None,
            near: false,
            size: (1280, 720),
            sky: SkyKind::Gradient,
            caption: true,
            names: false,
        }
    }
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Red, green, blue, row by row from the top left.
    pub rgb: Vec<u8>,
    /// Where the middle of the selected thing is, in pixels, if it is in view.
    pub selected_px: Option<Vec2>,
}

impl Picture {
    /// A pixel's colour.
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let at = ((y * self.width + x) * 3) as usize;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }
}

/// Whether there is something to draw with.
///
/// # Errors
/// [`PictureError::NoDriver`] where there is not.
pub fn find_driver() -> Result<(), PictureError> {
    crate::driver::graphics().map(|_| ()).map_err(PictureError::NoDriver)
}

/// Draws a picture.
///
/// # Errors
/// Where there is no driver, where the twin refuses the scenario, or where the renderer fails.
pub fn draw(order: &PictureOrder) -> Result<Picture, PictureError> {
    find_driver()?;
    let mut player = Player::new(&order.scenario)?;
    player.wait_for(order.at + player.catalog().step);
    player.seek(order.at);
    player.settle();
    if let Some(why) = player.base().failed() {
        return Err(PictureError::Player(PlayerError(why.to_owned())));
    }
    let mut stage = Stage::new(&order.scenario, player.catalog());
    stage.show(0, player.base().view(), player.base().detail());
    app::draw(order, order.sky, stage)
}

/// Draws a picture into a PNG file.
///
/// # Errors
/// As [`draw`], and where the file cannot be written.
pub fn save(order: &PictureOrder, path: &Path) -> Result<(), PictureError> {
    let picture = draw(order)?;
    let unwritable =
        |reason: String| PictureError::Unwritable { path: path.display().to_string(), reason };
    let image = app::to_image(&picture);
    let image = image.try_into_dynamic().map_err(|error| unwritable(error.to_string()))?;
    image.to_rgb8().save(path).map_err(|error| unwritable(error.to_string()))
}
