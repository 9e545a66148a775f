//! What can be asked of the live twin and of simulated meters on the command line.

use super::{Changes, above_zero, seed};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct LinkArguments {
    /// The scenario, with its `meters`
    #[arg(value_name = "FILE", required_unless_present = "replay", conflicts_with = "replay")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// A broker on this machine and simulated meters instead: nothing has to be installed
    #[arg(long, conflicts_with = "broker", conflicts_with = "replay")]
    pub(crate) demo: bool,
    /// How fast time goes in the demonstration
    #[arg(long, value_name = "TIMES", requires = "demo", default_value_t = 1.0,
          value_parser = above_zero, allow_negative_numbers = true)]
    pub(crate) speed: f64,
    /// Live through a journal again instead, message by message
    #[arg(long, value_name = "SQLITE")]
    pub(crate) replay: Option<PathBuf>,
    /// The journal: all that comes is written there first; one that is there is gone on with
    /// [default: reports/out/NAME-live.sqlite]
    #[arg(long, value_name = "SQLITE", conflicts_with = "replay")]
    pub(crate) record: Option<PathBuf>,
    /// Where the session's report goes [default: reports/out/NAME-live]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Publish set points for the batteries; without it the twin only looks on
    #[arg(long)]
    pub(crate) control: bool,
    /// A device goes back to its own safety so long after the last set point
    #[arg(long, value_name = "SECONDS", requires = "control", default_value_t = 60.0,
          value_parser = above_zero, allow_negative_numbers = true)]
    pub(crate) dead_man_s: f64,
    /// End by itself after so many hours of the twin's time
    #[arg(long, value_name = "HOURS", value_parser = above_zero, allow_negative_numbers = true)]
    pub(crate) hours: Option<f64>,
    #[command(flatten)]
    pub(crate) changes: Changes,
    /// Say nothing but where the report is
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MetersArguments {
    /// The scenario, with its `meters`
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// How often each meter speaks, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = above_zero,
          allow_negative_numbers = true)]
    pub(crate) period_s: f64,
    /// What the simulated site's clouds, loads and cars come from [default: another than the
    /// scenario's]
    #[arg(long, value_name = "N", value_parser = seed)]
    pub(crate) site_seed: Option<u64>,
    #[command(flatten)]
    pub(crate) changes: Changes,
}

/// How to reach a broker. No password: the command line is for all to read.
#[derive(Debug, Args)]
pub(crate) struct Connection {
    /// The broker, as in mqtt://host:1883 or mqtts://host:8883
    #[arg(long, value_name = "URL")]
    pub(crate) broker: Option<String>,
    /// A file with the lines user=NAME and password=WORD
    #[arg(long, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,
    /// Whom to trust instead of the system's certificates (PEM)
    #[arg(long, value_name = "PEM")]
    pub(crate) ca: Option<PathBuf>,
    /// Who we are (PEM)
    #[arg(long, value_name = "PEM", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// Our key (PEM)
    #[arg(long, value_name = "PEM", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// Our name at the broker [default: gridtwin-NAME]
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
}
