//! The command line's arguments. Scripts depend on them.

mod consensus;
mod link;
mod study;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use gridtwin_reports::Format;
use gridtwin_twin::Scenario;
use gridtwin_twin::pv::{Mount, SkyModel};
use gridtwin_twin::scenario::Override;
use std::ffi::OsString;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

pub(crate) use consensus::{
    Byzantine, ChaosArguments, CompareArguments, Consensus, ConsensusArguments, Crash,
    ExploreArguments, ListArguments, Partition,
};
pub(crate) use link::{Connection, LinkArguments, MetersArguments};
pub(crate) use study::{CompareRunsArguments, OptimizeArguments, SweepArguments};

/// A digital twin of a renewable microgrid: energy, edge computing and consensus in one simulation.
///
/// Without a command, gridtwin runs scenarios/campus.ron and prints a summary and the path of the
/// report.
#[derive(Debug, Parser)]
#[command(
    name = "gridtwin",
    version,
    after_help = "Example:\n  gridtwin new island && gridtwin run island.ron",
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Simulate scenarios and write their reports
    #[command(after_help = "Examples:
  gridtwin run scenarios/island.ron --days 30 --out island-june
  gridtwin run scenarios/campus.ron --tasks 100000 --format csv,parquet
  gridtwin run scenarios/campus.ron --set batteries.container.capacity_kwh=800 \\
      --set 'policies.dispatch=BackupReserve(reserve_soc: 0.5)'")]
    Run(RunArguments),
    /// Check scenario files without running them: summarise what they contain, and warn of
    /// improbable values
    #[command(after_help = "Example:\n  gridtwin check scenarios/*.ron")]
    Check(CheckArguments),
    /// Write a commented example scenario as a starting point
    #[command(after_help = "Example:\n  gridtwin new island        writes island.ron")]
    New(NewArguments),
    /// Compare finished runs side by side
    #[command(after_help = "Examples:
  gridtwin compare reports/out/campus reports/out/island
  gridtwin compare reports/out/policies --by dispatch --out policies")]
    Compare(CompareRunsArguments),
    /// Run all variants of a scenario that a study file describes, on all cores, and collect the
    /// results in one table
    #[command(after_help = "Examples:
  gridtwin sweep scenarios/studies/battery.ron
  gridtwin sweep study.ron --shard 0/3 && gridtwin sweep study.ron --shard 1/3 &&
      gridtwin sweep study.ron --shard 2/3 && gridtwin sweep study.ron --merge reports/out/study-*")]
    Sweep(SweepArguments),
    /// Search for the best sizes and policies: find the Pareto front, and compare the winner with a
    /// base case
    #[command(after_help = "Examples:
  gridtwin optimize scenarios/studies/optimal-island.ron
  gridtwin optimize scenarios/studies/optimal-campus.ron --jobs 2")]
    Optimize(OptimizeArguments),
    /// Show the twin in 3D, in a window or as a picture
    #[command(after_help = "Examples:
  gridtwin view scenarios/campus.ron
  gridtwin view scenarios/campus.ron --screenshot noon.png --at 2024-06-21T12:00 --overlay carbon
  gridtwin view --run-dir reports/out/campus
  gridtwin view --follow reports/out/campus-live.sqlite")]
    View(ViewArguments),
    /// Run the twin live at a site: read its meters over MQTT, estimate its state, forecast, and
    /// write a report
    #[command(after_help = "Examples:
  gridtwin link scenarios/campus.ron --demo --speed 60
  gridtwin link site.ron --broker mqtts://broker.example:8883 --ca ca.pem
  gridtwin link --replay reports/out/campus-live.sqlite

A session starts now, or with --demo at the scenario's `start`. It ends after --days, by default the
scenario's `days`. User name and password are read from the environment variables GRIDTWIN_MQTT_USER
and GRIDTWIN_MQTT_PASSWORD, or from the file given with --credentials.")]
    Link(LinkArguments),
    /// Publish the readings of simulated meters to a broker, to try `gridtwin link`
    #[command(after_help = "Example:
  gridtwin meters scenarios/campus.ron --broker mqtt://localhost")]
    Meters(MetersArguments),
    /// Simulate one PV array with a weather file
    #[command(after_help = "Example:
  gridtwin pv --weather assets/weather/greensboro_tmy3.csv --kwdc 4 --tilt 20 --azimuth 180 --json")]
    Pv(PvArguments),
    /// Run, list, compare and check consensus protocols on a simulated network
    #[command(after_help = "Example:
  gridtwin consensus run --protocol pbft --nodes 7 --requests 1000 --crash 0@2..5")]
    Consensus {
        #[command(subcommand)]
        what: Consensus,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Scenario files; several are simulated in parallel
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Folder for the report; with several scenarios, each gets its own subfolder [default:
    /// reports/out/NAME, where NAME is the scenario's name]
    ///
    /// An earlier report of the same scenario is replaced; if it was made with other settings, a
    /// message on standard error says so. The report of a different scenario file whose `name` is the
    /// same is replaced only with --out or --force. A folder that is not a gridtwin report is never
    /// overwritten.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the report even if it was made from a different scenario file
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) changes: Changes,
    /// Formats to write: csv and parquet for the tables, html for the report, json for the summary
    #[arg(long, value_name = "KINDS", value_delimiter = ',', default_value = "csv,html")]
    pub(crate) format: Vec<Format>,
    /// Write the first N tasks, in order of completion, to tasks.csv, one row each. This limit does
    /// not affect tasks_hourly.csv or any total
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true,
          value_parser = whole)]
    pub(crate) tasks: u64,
    /// Write at most N decisions and N view changes to consensus.csv. This limit does not affect
    /// consensus_hourly.csv or any total
    #[arg(long, value_name = "N", default_value_t = gridtwin_reports::DECISIONS,
          allow_negative_numbers = true, value_parser = whole)]
    pub(crate) decisions: u64,
    /// Folder of an earlier run to compare with (the base case): the report shows the differences
    #[arg(long, value_name = "DIR")]
    pub(crate) against: Option<PathBuf>,
    /// Number of threads when several scenarios are given; does not change the results [default:
    /// one per core]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    pub(crate) threads: Option<u16>,
    /// Print only the path of each report
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Default, Args)]
pub(crate) struct Changes {
    /// Length of the run, days [default: the scenario's]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = days)]
    pub(crate) days: Option<u32>,
    /// Random seed [default: the scenario's]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    pub(crate) seed: Option<u64>,
    /// Change a field of the scenario: set it (batteries.container.capacity_kwh=800), multiply it
    /// (grid.tariff.price_per_kwh*=1.3) or add to it (grid.import_limit_kw+=20). An item of a list
    /// is named by its id or name, or by its position, as in `pv[0]`. May be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) set: Vec<Override>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// Scenario files; /dev/stdin reads a scenario from standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) changes: Changes,
}

#[derive(Debug, Args)]
pub(crate) struct ViewArguments {
    /// Scenario file [default: scenarios/campus.ron]
    #[arg(value_name = "FILE", conflicts_with = "run_dir")]
    file: Option<PathBuf>,
    /// Show a finished run, given by its folder
    #[arg(long, value_name = "DIR")]
    run_dir: Option<PathBuf>,
    /// Follow a live site: the journal written by `gridtwin link`
    #[arg(long, value_name = "SQLITE", conflicts_with_all = ["file", "run_dir"])]
    follow: Option<PathBuf>,
    /// Save a picture to this PNG file instead of opening a window
    #[arg(long, value_name = "PNG")]
    screenshot: Option<PathBuf>,
    /// Begin at this local time, as in 2024-06-21T12:00 [default: noon of the first day]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Colour the scene by power, charge, carbon, latency, load or consensus
    #[arg(long, value_name = "NAME")]
    overlay: Option<String>,
    /// Select the device with this id and bring it into view
    #[arg(long, value_name = "ID")]
    select: Option<String>,
    /// Size of the picture or the window, as in 1280x720
    #[arg(long, value_name = "WxH")]
    size: Option<String>,
    /// Draw a physically based sky; needs a graphics card
    #[arg(long)]
    atmosphere: bool,
    /// Show the devices' names
    #[arg(long)]
    names: bool,
    #[command(flatten)]
    changes: Changes,
}

impl ViewArguments {
    /// The same arguments for the viewer's command line.
    pub(crate) fn words(&self) -> Vec<OsString> {
        let mut words = Vec::new();
        let mut add = |name: &str, value: Option<OsString>| {
            if let Some(value) = value {
                words.extend([OsString::from(name), value]);
            }
        };
        add("--run-dir", self.run_dir.clone().map(Into::into));
        add("--follow", self.follow.clone().map(Into::into));
        add("--screenshot", self.screenshot.clone().map(Into::into));
        add("--at", self.at.clone().map(Into::into));
        add("--overlay", self.overlay.clone().map(Into::into));
        add("--select", self.select.clone().map(Into::into));
        add("--size", self.size.clone().map(Into::into));
        add("--days", self.changes.days.map(|days| days.to_string().into()));
        add("--seed", self.changes.seed.map(|seed| seed.to_string().into()));
        for set in &self.changes.set {
            add("--set", Some(set.to_string().into()));
        }
        words.extend(self.atmosphere.then(|| "--atmosphere".into()));
        words.extend(self.names.then(|| "--names".into()));
        if let Some(file) = &self.file {
            words.extend(["--".into(), file.clone().into()]);
        }
        words
    }
}

#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// The scenario's name; NAME.ron is written
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct PvArguments {
    /// Weather: TMY3, EPW, PVGIS, NSRDB or plain CSV; format detected from the
    /// content
    #[arg(long, value_name = "FILE")]
    pub(crate) weather: PathBuf,
    /// Rated DC power, kW
    #[arg(long, value_name = "KW", default_value_t = 4.0, value_parser = above_zero, allow_negative_numbers = true)]
    pub(crate) kwdc: f64,
    /// Tilt from the horizontal, degrees
    #[arg(long, value_name = "DEG", default_value_t = 20.0, value_parser = tilt, allow_negative_numbers = true)]
    pub(crate) tilt: f64,
    /// Azimuth, degrees: 180 is south
    #[arg(long, value_name = "DEG", default_value_t = 180.0, value_parser = azimuth,
          allow_negative_numbers = true)]
    pub(crate) azimuth: f64,
    /// Total DC losses, percent
    #[arg(long, value_name = "PERCENT", default_value_t = 14.08, value_parser = percent,
          allow_negative_numbers = true)]
    pub(crate) losses_percent: f64,
    /// DC/AC ratio: rated DC power divided by the inverter's rated AC power
    #[arg(long, value_name = "RATIO", default_value_t = 1.2, value_parser = above_zero, allow_negative_numbers = true)]
    pub(crate) dc_ac: f64,
    /// The inverter's rated efficiency: share, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.96, value_parser = efficiency,
          allow_negative_numbers = true)]
    pub(crate) inverter_efficiency: f64,
    /// Temperature coefficient of power, percent per degree C of cell temperature
    #[arg(long, value_name = "PERCENT", default_value_t = -0.47, value_parser = gamma,
          allow_hyphen_values = true)]
    pub(crate) gamma_percent: f64,
    /// Albedo, the fraction of light that the ground reflects: share, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, value_parser = share,
          allow_negative_numbers = true)]
    pub(crate) albedo: f64,
    /// Sky model for diffuse irradiance
    #[arg(long, default_value = "perez", value_parser = one_of(SkyModel::NAMES))]
    pub(crate) model: SkyModel,
    /// How the modules are mounted
    #[arg(long, default_value = "open-rack-glass-glass", value_parser = one_of(Mount::NAMES))]
    pub(crate) mount: Mount,
    /// Compute the sun's position this many minutes after the middle of each interval, for files
    /// whose time stamps are shifted
    #[arg(long, value_name = "MINUTES", default_value_t = 0, allow_hyphen_values = true,
          value_parser = sun_offset)]
    pub(crate) sun_offset_minutes: i64,
    /// Write the results of every interval to this CSV file
    #[arg(long, value_name = "CSV")]
    pub(crate) out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A choice by its name.
fn one_of<const N: usize, T>(choices: [(&'static str, T); N]) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let names = choices.map(|(name, _)| name);
    PossibleValuesParser::new(names).try_map(move |name| {
        let found = choices.iter().find(|(known, _)| *known == name);
        found.map(|(_, choice)| *choice).ok_or("unknown name")
    })
}

/// No quantity is larger, as in a scenario.
const LARGEST: f64 = 1e12;
/// None above zero is smaller.
const SMALLEST: f64 = 1e-12;

fn whole(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "expected a whole number without a minus sign".to_owned())
}
/// How many there shall be of something.
fn count<T>(text: &str, range: RangeInclusive<T>, of: &str) -> Result<T, String>
where
    T: Copy + Display + FromStr + PartialOrd,
{
    let (least, most) = range.into_inner();
    let expected = || format!("expected a number of {of} from {least} to {most}");
    text.parse::<T>().ok().filter(|n| (least..=most).contains(n)).ok_or_else(expected)
}
fn threads(text: &str) -> Result<u16, String> {
    count(text, 1..=1024, "threads")
}
fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}
fn days(text: &str) -> Result<u32, String> {
    let expected = || format!("expected a whole number of days from 1 to {}", Scenario::MOST_DAYS);
    text.parse().map_err(|_| expected())
}
fn number(text: &str, holds: impl Fn(f64) -> bool, expected: &str) -> Result<f64, String> {
    match text.parse::<f64>().ok().filter(|v| holds(*v)) {
        Some(value) if value.abs() > LARGEST => Err("expected at most 1e12".to_owned()),
        Some(value) => Ok(value),
        None => Err(format!("expected {expected}")),
    }
}
fn sun_offset(text: &str) -> Result<i64, String> {
    let expected = || "expected a whole number of minutes from -1440 to 1440".to_owned();
    text.parse().ok().filter(|minutes| (-1440..=1440).contains(minutes)).ok_or_else(expected)
}
fn gamma(text: &str) -> Result<f64, String> {
    let expected = "-5 to 5 percent per degree C, as in -0.47";
    number(text, |v| (-5.0..=5.0).contains(&v), expected)
}
fn percent(text: &str) -> Result<f64, String> {
    number(text, |v| (0.0..=100.0).contains(&v), "0 to 100 percent")
}
fn above_zero(text: &str) -> Result<f64, String> {
    match number(text, |v| v > 0.0, "a number above zero")? {
        small if small < SMALLEST => Err("expected at least 1e-12".to_owned()),
        value => Ok(value),
    }
}
fn zero_or_above(text: &str) -> Result<f64, String> {
    number(text, |v| v >= 0.0, "zero or more")
}
fn share(text: &str) -> Result<f64, String> {
    number(text, |v| (0.0..=1.0).contains(&v), "a share between 0 and 1: 14 % is 0.14")
}
fn efficiency(text: &str) -> Result<f64, String> {
    number(text, |v| v > 0.0 && v <= 1.0, "an efficiency above 0 and at most 1")
}
fn tilt(text: &str) -> Result<f64, String> {
    number(text, |v| (0.0..=90.0).contains(&v), "a tilt between 0 (flat) and 90 (upright) degrees")
}
fn azimuth(text: &str) -> Result<f64, String> {
    number(text, |v| (0.0..=360.0).contains(&v), "an azimuth between 0 and 360 degrees")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_hang_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        fn examine(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with("Example"), "{} shows no example", command.get_name());
            assert!(help.contains("gridtwin "), "{help}");
            command.get_subcommands().for_each(examine);
        }
        examine(&Arguments::command());
    }
}
