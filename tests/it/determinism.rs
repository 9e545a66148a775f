//! The same scenario, seed and version give the same bytes, whatever the thread count; and a twin
//! cloned at any instant continues as the original does.

use crate::common::{gridtwin, scenario};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::record::{Event, Observer, Sample, TaskRecord};
use gridtwin_twin::{Scenario, Twin};
use std::collections::BTreeMap;
use std::path::Path;

/// Every file of a run but `run.json`, which alone holds wall-clock times.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path))
        .filter(|(name, _)| name != "run.json")
        .map(|(name, path)| (name, std::fs::read(path).unwrap()))
        .collect()
}

#[test]
fn two_runs_and_any_number_of_threads_give_the_same_bytes() {
    let names = ["campus", "blackout"];
    let mut runs = Vec::new();
    for (i, threads) in ["1", "2", "2"].into_iter().enumerate() {
        let out = crate::common::scratch(&format!("determinism-{i}"));
        let mut command = gridtwin();
        command.args(["run", "--quiet", "--days", "2", "--threads", threads, "--out"]);
        let status = command.arg(&out).args(names.map(scenario)).status().unwrap();
        assert!(status.success());
        runs.push(names.map(|name| files(&out.join(name))));
    }
    for (name, first) in names.iter().zip(&runs[0]) {
        assert!(
            first.contains_key("summary.csv") && first.contains_key("report.html"),
            "{first:?}"
        );
        for (file, bytes) in first {
            assert!(!bytes.is_empty(), "{name}/{file} is empty");
        }
    }
    for other in &runs[1..] {
        for (name, (a, b)) in names.iter().zip(runs[0].iter().zip(other)) {
            assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
            for (file, bytes) in a {
                assert!(bytes == &b[file], "{name}/{file} differs between two runs");
            }
        }
    }
}

/// All that a twin tells, as text.
#[derive(Default)]
struct Log(Vec<String>);

impl Observer for Log {
    fn sample(&mut self, sample: &Sample) {
        self.0.push(format!("{sample:?}"));
    }
    fn event(&mut self, at: SimTime, event: &Event) {
        self.0.push(format!("{at:?} {event:?}"));
    }
    fn task(&mut self, task: &TaskRecord) {
        self.0.push(format!("{task:?}"));
    }
}

#[test]
fn a_clone_continues_as_the_original_does() {
    // In the middle of the blackout, with tasks and messages on their way.
    let text = Scenario::load(&scenario("blackout")).unwrap();
    let mut twin = Twin::new(&text).unwrap();
    for hours in [1, 17, 30, 55, 92] {
        twin.advance(SimTime::ZERO + Span::HOUR * hours, &mut ());
        let mut fork = twin.clone();
        let until = twin.now() + Span::HOUR * 6;
        let (mut original, mut cloned) = (Log::default(), Log::default());
        twin.clone().advance(until, &mut original);
        fork.advance(until, &mut cloned);
        assert!(original.0.len() > 100);
        assert!(original.0 == cloned.0, "the clone of hour {hours} went its own way");
    }
}
