//! The twin in 3D: a picture of a scenario without a window.

use anyhow::{Context, Result, bail};
use clap::Parser;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_panels::Overlay;
use gridtwin_player::Thing;
use gridtwin_twin::{Scenario, Twin};
use gridtwin_viewer::picture::{self, PictureOrder};
use gridtwin_viewer::scene::SkyKind;
use std::path::PathBuf;

/// The twin in 3D.
#[derive(Parser)]
struct Args {
    /// The scenario.
    file: PathBuf,
    /// Write a picture instead of opening a window.
    #[arg(long)]
    screenshot: PathBuf,
    /// Hours since the start.
    #[arg(long, default_value_t = 12.0)]
    at: f64,
    /// What colours the world.
    #[arg(long, default_value = "none")]
    overlay: String,
    /// What is selected.
    #[arg(long)]
    select: Option<String>,
    /// Bring what is selected near.
    #[arg(long)]
    near: bool,
    /// Pixels, as in 1280x720.
    #[arg(long, default_value = "1280x720")]
    size: String,
    /// A gradient for a sky.
    #[arg(long)]
    fast: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let scenario = Scenario::load(&args.file)?;
    let Some(overlay) = Overlay::find(&args.overlay) else { bail!("no overlay {}", args.overlay) };
    let select = match &args.select {
        Some(name) => Some(Thing::find(&scenario, name).context("no such thing")?),
        None => None,
    };
    let (width, height) = args.size.split_once('x').context("a size is as 1280x720")?;
    let _ = Twin::new(&scenario)?;
    let at = SimTime::ZERO + Span((args.at * 3.6e12) as u64);
    let order = PictureOrder {
        overlay,
        select,
        near: args.near,
        size: (width.parse()?, height.parse()?),
        sky: args.fast.then_some(SkyKind::Gradient),
        ..PictureOrder::new(scenario, at)
    };
    picture::save(&order, &args.screenshot)?;
    Ok(())
}
