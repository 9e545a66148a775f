//! What the commands about many runs take.

use super::count;
use clap::Args;
use gridtwin_study::{Earlier, Shard};
use std::path::PathBuf;

/// What every command takes that runs many things and leaves a directory.
#[derive(Debug, Args)]
pub(crate) struct Work {
    /// Folder for the results [default: reports/out/NAME, where NAME is the study's name]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Number of parallel runs; does not change the results [default: one per core]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = jobs)]
    pub(crate) jobs: Option<u16>,
    /// Print only the paths of the results
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SweepArguments {
    /// Study file (.ron)
    #[arg(value_name = "STUDY")]
    pub(crate) study: PathBuf,
    #[command(flatten)]
    pub(crate) work: Work,
    /// Run part I of N (I from 0 to N-1), to share the sweep among N machines
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    /// Continue an earlier sweep: runs already finished are skipped
    #[arg(long)]
    pub(crate) resume: bool,
    /// Discard an unfinished earlier sweep and start again
    #[arg(long, conflicts_with = "resume")]
    pub(crate) restart: bool,
    /// Merge the results in these folders, one for each shard, without running anything
    #[arg(long, value_name = "DIR", num_args = 1.., conflicts_with_all = ["shard", "resume", "restart"])]
    pub(crate) merge: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct OptimizeArguments {
    /// Optimisation study file (.ron)
    #[arg(value_name = "STUDY")]
    pub(crate) study: PathBuf,
    #[command(flatten)]
    pub(crate) work: Work,
    /// Continue an earlier search: candidates already evaluated are skipped
    #[arg(long)]
    pub(crate) resume: bool,
    /// Discard an unfinished earlier search and start again
    #[arg(long, conflicts_with = "resume")]
    pub(crate) restart: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompareRunsArguments {
    /// Folders of runs, or of studies; all others are compared with the first
    #[arg(value_name = "DIR", required = true)]
    pub(crate) folders: Vec<PathBuf>,
    /// Group the runs of one study by this axis (a varied parameter) and compare the groups
    #[arg(long, value_name = "AXIS")]
    pub(crate) by: Option<String>,
    /// Also write comparison.html, comparison.csv and dictionary.csv (meaning of the columns) to
    /// this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print all metrics, including those that do not differ
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

fn jobs(text: &str) -> Result<u16, String> {
    count(text, 1..=1024, "parallel runs")
}
fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    match parts {
        Some((number, of)) if number < of => Ok(Shard { number, of }),
        Some((_, 0)) => Err("found 0 shards, expected one or more, as in 0/3".to_owned()),
        Some((_, of)) => Err(format!("expected a shard from 0/{of} to {}/{of}", of - 1)),
        None => Err("expected I/N, as in 0/3: shard I of N, counted from 0".to_owned()),
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
