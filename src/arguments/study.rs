//! What the commands about many runs take.

use clap::Args;
use gridtwin_study::{Earlier, Shard};
use std::path::PathBuf;

/// What every command takes that runs many things and leaves a directory.
#[derive(Debug, Args)]
pub(crate) struct Work {
    /// Where the results go [default: reports/out/NAME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How many runs go in parallel; the results do not depend on it [default: one for each core]
    #[arg(long, value_name = "N", allow_negative_numbers = true,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Print only where the results are
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SweepArguments {
    /// The study
    #[arg(value_name = "STUDY")]
    pub(crate) study: PathBuf,
    #[command(flatten)]
    pub(crate) work: Work,
    /// Run only every N-th run, from the I-th on, counted from 0: for N machines
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    /// Continue an earlier sweep: runs that are in its journal are not run again
    #[arg(long)]
    pub(crate) resume: bool,
    /// Discard the runs of an earlier sweep that is not finished, and start anew
    #[arg(long, conflicts_with = "resume")]
    pub(crate) restart: bool,
    /// Put the directories of all shards together instead of running anything
    #[arg(long, value_name = "DIR", num_args = 1.., conflicts_with_all = ["shard", "resume", "restart"])]
    pub(crate) merge: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct OptimizeArguments {
    /// What to optimise
    #[arg(value_name = "STUDY")]
    pub(crate) study: PathBuf,
    #[command(flatten)]
    pub(crate) work: Work,
    /// Continue an earlier search: candidates that were run before are not run again
    #[arg(long)]
    pub(crate) resume: bool,
    /// Discard the runs of an earlier search that is not finished, and start anew
    #[arg(long, conflicts_with = "resume")]
    pub(crate) restart: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompareRunsArguments {
    /// Directories of runs, or of studies; all others are compared with the first
    #[arg(value_name = "DIR", required = true)]
    pub(crate) folders: Vec<PathBuf>,
    /// Take one study's runs apart by the values of this axis
    #[arg(long, value_name = "AXIS")]
    pub(crate) by: Option<String>,
    /// Write comparison.html and comparison.csv there, too, with what its columns mean
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print all metrics, those that are alike as well
    #[arg(long)]
    pub(crate) all: bool,
}

/// What becomes of runs that are there already.
fn earlier(resume: bool, restart: bool) -> Earlier {
    match (resume, restart) {
        (true, _) => Earlier::Resume,
        (false, true) => Earlier::Restart,
        (false, false) => Earlier::Refuse,
    }
}

impl SweepArguments {
    /// What becomes of runs of a study that is not finished.
    pub(crate) fn earlier(&self) -> Earlier {
        earlier(self.resume, self.restart)
    }
}

impl OptimizeArguments {
    /// What becomes of runs of a search that is not finished.
    pub(crate) fn earlier(&self) -> Earlier {
        earlier(self.resume, self.restart)
    }
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    match parts {
        Some((number, of)) if number < of => Ok(Shard { number, of }),
        Some((_, 0)) => Err("found 0 parts, expected one or more, as in 0/3".to_owned()),
        Some((_, of)) => Err(format!("the parts are 0/{of} to {}/{of}", of - 1)),
        None => Err("expected which part of how many, counted from 0, as in 0/3".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_from_zero() {
        assert_eq!(shard("2/3"), Ok(Shard { number: 2, of: 3 }));
        for wrong in ["3/3", "1/0", "0/0", "-1/3", "a/3", "1", ""] {
            assert!(shard(wrong).is_err(), "{wrong}");
        }
    }
}
