//! What can be asked of the viewer on the command line. Not what it opens, which is read in `open`.

use clap::Parser;
use gridtwin_panels::Overlay;
use gridtwin_twin::Override;
use jiff::civil::DateTime;
use std::path::PathBuf;

/// The twin in 3D: opens a window, or renders a picture.
#[derive(Debug, Parser)]
#[command(
    name = "gridtwin-viewer",
    version,
    after_help = "Examples:
  gridtwin-viewer scenarios/campus.ron
  gridtwin-viewer scenarios/campus.ron --screenshot noon.png --at 2024-06-21T12:00 --overlay carbon
  gridtwin-viewer --run-dir reports/out/campus"
)]
pub struct Arguments {
    /// The scenario file [default: the campus example]
    #[arg(value_name = "FILE", conflicts_with = "run_dir")]
    pub file: Option<PathBuf>,
    /// Show a finished run, given by its folder
    #[arg(long, value_name = "DIR")]
    pub run_dir: Option<PathBuf>,
    /// Follow a live site: the journal written by `gridtwin link`
    #[arg(long, value_name = "SQLITE", conflicts_with_all = ["file", "run_dir", "days", "seed", "set"])]
    pub follow: Option<PathBuf>,
    /// Render a picture instead of opening a window
    #[arg(long, value_name = "PNG")]
    pub screenshot: Option<PathBuf>,
    /// Begin at this local time, as in 2024-06-21T12:00 [default: noon of the first day]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: Option<DateTime>,
    /// Colour the scene by power, charge, carbon, latency, load or consensus
    #[arg(long, value_name = "NAME", default_value = "none", hide_default_value = true,
          value_parser = overlay)]
    pub overlay: Overlay,
    /// Select a device and bring it into view
    #[arg(long, value_name = "ID")]
    pub select: Option<String>,
    /// Size of the picture or the window, as in 1280x720
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = size)]
    pub size: (u32, u32),
    /// Draw a physically based sky; needs a graphics card
    #[arg(long)]
    pub atmosphere: bool,
    /// Show the devices' names
    #[arg(long)]
    pub names: bool,
    /// Length of the run, days [default: the scenario's]
    #[arg(long, value_name = "N")]
    pub days: Option<u32>,
    /// Random seed [default: the scenario's]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Set a field of the scenario, as in batteries.container.capacity_kwh=800; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub set: Vec<Override>,
}

/// A local time, or a day: its midnight.
fn time(text: &str) -> Result<DateTime, String> {
    let wrong = |_| format!("found `{text}`, expected a local time as in 2024-06-21T12:00");
    text.parse().map_err(wrong)
}

fn overlay(text: &str) -> Result<Overlay, String> {
    Overlay::find(text).ok_or_else(|| {
        let names = Overlay::ALL.map(Overlay::name).join(", ");
        format!("found `{text}`, expected one of {names}")
    })
}

/// Width and height in pixels.
fn size(text: &str) -> Result<(u32, u32), String> {
    let parts = text.split_once(['x', 'X', '×']);
    let numbers = parts.and_then(|(w, h)| Some((w.trim().parse().ok()?, h.trim().parse().ok()?)));
    match numbers {
        Some((width @ 64..=8192, height @ 64..=8192)) => Ok((width, height)),
        _ => Err(format!(
            "found `{text}`, expected width and height from 64 to 8192 pixels, as in 1280x720"
        )),
    }
}
