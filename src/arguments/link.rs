//! Arguments of `gridtwin link` (the live twin) and `gridtwin meters` (simulated meters).

use super::{Changes, above_zero, seed};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct LinkArguments {
    /// Scenario file; it must contain a `meters` list. Leave it out with --replay
    #[arg(value_name = "FILE", required_unless_present = "replay", conflicts_with = "replay")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Run a demonstration with a built-in broker and simulated meters; no installation
    /// needed
    #[arg(long, conflicts_with = "broker", conflicts_with = "replay")]
    pub(crate) demo: bool,
    /// Speed of the demonstration relative to real time: 60 simulates one hour per minute
    #[arg(long, value_name = "TIMES", requires = "demo", default_value_t = 1.0,
          value_parser = above_zero, allow_negative_numbers = true)]
    pub(crate) speed: f64,
    /// Repeat the session that is recorded in this journal; gives the same report
    #[arg(long, value_name = "SQLITE")]
    pub(crate) replay: Option<PathBuf>,
    /// Journal file (SQLite), in which each message is stored before it is processed. If the file
    /// exists, its session is continued [default: reports/out/NAME-live.sqlite, where NAME is
    /// the scenario's name]
    #[arg(long, value_name = "SQLITE", conflicts_with = "replay")]
    pub(crate) record: Option<PathBuf>,
    /// Folder for the session's report [default: reports/out/NAME-live, where NAME is the
    /// scenario's name]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Publish set points for the batteries; without this option the twin only observes
    #[arg(long)]
    pub(crate) control: bool,
    /// Dead-man time-out: without a new set point for this long, a device falls back to its safe
    /// state
    #[arg(long, value_name = "SECONDS", requires = "control", default_value_t = 60.0,
          value_parser = above_zero, allow_negative_numbers = true)]
    pub(crate) dead_man_s: f64,
    /// End the session after this many hours of simulated time
    #[arg(long, value_name = "HOURS", value_parser = above_zero, allow_negative_numbers = true)]
    pub(crate) hours: Option<f64>,
    #[command(flatten)]
    pub(crate) changes: Changes,
    /// Print only the path of the report
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MetersArguments {
    /// Scenario file; it must contain a `meters` list
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Interval at which each meter publishes a reading
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = above_zero,
          allow_negative_numbers = true)]
    pub(crate) period_s: f64,
    /// Random seed of the simulated site's clouds, loads and cars [default: differs from the
    /// scenario's seed]
    #[arg(long, value_name = "N", value_parser = seed)]
    pub(crate) site_seed: Option<u64>,
    #[command(flatten)]
    pub(crate) changes: Changes,
}

/// How to connect to a broker. There is no option for a password, since other users of the machine
/// can read the command line.
#[derive(Debug, Args)]
pub(crate) struct Connection {
    /// Address of the broker, such as mqtt://host:1883 or mqtts://host:8883
    #[arg(long, value_name = "URL")]
    pub(crate) broker: Option<String>,
    /// File with the lines user=NAME and password=PASSWORD
    #[arg(long, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,
    /// CA certificate of the broker, used instead of the system's CA certificates (PEM)
    #[arg(long, value_name = "PEM")]
    pub(crate) ca: Option<PathBuf>,
    /// Client certificate (PEM)
    #[arg(long, value_name = "PEM", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// Private key of the client certificate (PEM)
    #[arg(long, value_name = "PEM", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// MQTT client id [default: gridtwin-NAME, where NAME is the scenario's name]
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
}
