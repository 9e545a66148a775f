//! A directory that appears whole or not at all: written beside its target under another name, and
//! renamed when it is complete. Dropped before that, it is removed with all that is in it.

use crate::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The file that says that a directory is a run's.
pub(crate) const MARK: &str = "run.json";

/// All that a run's directory may hold.
const FILES: [&str; 22] = [
    MARK,
    "dictionary.csv",
    "carbon.csv",
    "carbon.parquet",
    "consensus.csv",
    "consensus.parquet",
    "consensus_hourly.csv",
    "consensus_hourly.parquet",
    "ev_sessions.csv",
    "ev_sessions.parquet",
    "events.csv",
    "events.parquet",
    "report.html",
    "scenario.ron",
    "summary.csv",
    "summary.json",
    "tasks.csv",
    "tasks.parquet",
    "tasks_hourly.csv",
    "tasks_hourly.parquet",
    "timeseries.csv",
    "timeseries.parquet",
];

/// A directory in the making.
#[derive(Debug)]
pub(crate) struct Directory {
    target: PathBuf,
    beside: PathBuf,
    published: bool,
}

impl Directory {
    /// Makes a directory beside `target`, and `target`'s parents where they are missing.
    ///
    /// # Errors
    /// A target without a name, or one that exists and is neither empty nor a run's directory with
    /// nothing but the run's files in it.
    pub(crate) fn create(target: &Path) -> Result<Self, Error> {
        let target = &followed(target)?;
        let no_name = || Error::NoName(target.to_owned());
        let name = target.file_name().ok_or_else(no_name)?;
        refuse_what_is_no_run(target)?;
        let parent = match target.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(Error::io(parent))?;
        remove_abandoned(parent, &name.to_string_lossy());
        let beside =
            free_name(parent, &name.to_string_lossy(), "tmp", |path| fs::create_dir(path))?;
        Ok(Self { target: target.to_owned(), beside, published: false })
    }

    /// Where a file of this name is to be written.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.beside.join(file)
    }

    /// Where it is written, and where it will be.
    pub(crate) fn paths(&self) -> (PathBuf, PathBuf) {
        (self.beside.clone(), self.target.clone())
    }

    /// Puts the directory in its target's place. An older run there is moved away first and removed
    /// last, so that no instant has half of each.
    ///
    /// # Errors
    /// Names a path that could not be renamed or removed.
    pub(crate) fn publish(mut self) -> Result<(), Error> {
        // What has come there since the start is checked once more.
        refuse_what_is_no_run(&self.target)?;
        let old = if self.target.exists() {
            let parent = self.beside.parent().unwrap_or(Path::new("."));
            let name = self.target.file_name().unwrap_or_default().to_string_lossy();
            Some(free_name(parent, &name, "old", |path| fs::rename(&self.target, path))?)
        } else {
            None
        };
        if let Err(error) = fs::rename(&self.beside, &self.target) {
            if let Some(old) = &old {
                // The older run goes back to where it was; the first error is the one to tell.
                let _ = fs::rename(old, &self.target);
            }
            return Err(Error::io(&self.target)(error));
        }
        self.published = true;
        old.map_or(Ok(()), |old| fs::remove_dir_all(&old).map_err(Error::io(old)))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if !self.published {
            // Nobody is left to hear of an error.
            let _ = fs::remove_dir_all(&self.beside);
        }
    }
}

/// The directory behind a symbolic link, which stays; any other path as it is.
fn followed(target: &Path) -> Result<PathBuf, Error> {
    match target.is_symlink() {
        true => target.canonicalize().map_err(Error::io(target)),
        false => Ok(target.to_owned()),
    }
}

/// The random seed of the run in a directory; none where there is no run, or it does not tell.
pub fn seed_of(folder: &Path) -> Option<u64> {
    let text = fs::read_to_string(folder.join(MARK)).ok()?;
    let run: serde_json::Value = serde_json::from_str(&text).ok()?;
    run["seed"].as_u64()
}

/// Whether a `run.json` is gridtwin's: it tells the version and which scenario was run.
fn is_a_run(mark: &Path) -> bool {
    let text = fs::read_to_string(mark).unwrap_or_default();
    let run: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    ["name", "version", "start"].iter().all(|text| run[*text].is_string())
        && ["seed", "days", "step_s"].iter().all(|number| run[*number].is_number())
}

/// Whether a run's directory may be put there: it is absent, empty, or a run's with nothing else in
/// it. Changes nothing.
///
/// # Errors
/// Says what is there instead.
pub fn check_target(target: &Path) -> Result<(), Error> {
    refuse_what_is_no_run(&followed(target)?)
}

fn refuse_what_is_no_run(target: &Path) -> Result<(), Error> {
    let entries = match fs::read_dir(target) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(target)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(Error::io(target))?.file_name());
    }
    if !names.is_empty() && !is_a_run(&target.join(MARK)) {
        return Err(Error::NotARun(target.to_owned()));
    }
    // Of several, the same one is named on every machine.
    names.sort();
    let not_ours = |name: &std::ffi::OsString| {
        let known = FILES.iter().any(|file| name == file);
        !known || target.join(name).is_dir()
    };
    match names.into_iter().find(not_ours) {
        Some(name) => Err(Error::NotOurs(target.join(name))),
        None => Ok(()),
    }
}

/// Removes what processes that were killed left of a directory of this name: `.NAME.tmp-PID-N`,
/// where no process PID runs. Only where the system tells which processes run (Linux); what is kept
/// or cannot be removed does no harm.
fn remove_abandoned(parent: &Path, name: &str) {
    let processes = Path::new("/proc");
    if !cfg!(target_os = "linux") || !processes.join(std::process::id().to_string()).is_dir() {
        return;
    }
    let start = format!(".{name}.tmp-");
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let file_name = entry.file_name();
        let process = file_name
            .to_str()
            .and_then(|text| text.strip_prefix(&start)?.split_once('-'))
            .filter(|(_, number)| number.parse::<u32>().is_ok())
            .and_then(|(process, _)| process.parse::<u32>().ok());
        if process.is_some_and(|id| !processes.join(id.to_string()).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Calls `make` with `.NAME.WHAT-PID-0`, `-1` and so on until one of them is free.
fn free_name(
    parent: &Path,
    name: &str,
    what: &str,
    make: impl Fn(&Path) -> std::io::Result<()>,
) -> Result<PathBuf, Error> {
    let process = std::process::id();
    let mut number = 0u32;
    loop {
        let path = parent.join(format!(".{name}.{what}-{process}-{number}"));
        let made = if path.exists() { Err(ErrorKind::AlreadyExists.into()) } else { make(&path) };
        match made {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < 10_000 => {
                number += 1
            }
            Err(error) => return Err(Error::io(path)(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `run.json`, with this text in it.
    fn mark(text: &str) -> String {
        let run = serde_json::json!({
            "name": text, "version": "1", "start": "", "seed": 1, "days": 1, "step_s": 60.0
        });
        run.to_string()
    }

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(path)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn replaces_an_older_run_and_leaves_nothing_beside_it() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("deep/run");
        for text in ["old", "new"] {
            let directory = Directory::create(&target).unwrap();
            fs::write(directory.path(MARK), mark(text)).unwrap();
            directory.publish().unwrap();
            assert_eq!(fs::read_to_string(target.join(MARK)).unwrap(), mark(text));
        }
        assert_eq!(names(&parent.path().join("deep")), ["run"]);
    }

    #[test]
    fn dropped_leaves_the_older_run_alone() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("run");
        fs::create_dir(&target).unwrap();
        fs::write(target.join(MARK), mark("old")).unwrap();
        let directory = Directory::create(&target).unwrap();
        fs::write(directory.path(MARK), "half").unwrap();
        drop(directory);
        assert_eq!(names(parent.path()), ["run"]);
        assert_eq!(fs::read_to_string(target.join(MARK)).unwrap(), mark("old"));
    }

    #[test]
    fn never_replaces_what_is_no_run() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("thesis.tex"), "years of work").unwrap();
        assert!(matches!(Directory::create(parent.path()), Err(Error::NotARun(_))));
        assert_eq!(names(parent.path()), ["thesis.tex"]);
    }

    #[test]
    fn another_program_s_run_json_makes_no_run() {
        let parent = tempfile::tempdir().unwrap();
        for text in ["", "{}", "[1]", "{\"name\": \"a\", \"version\": \"1\"}", "not JSON"] {
            fs::write(parent.path().join(MARK), text).unwrap();
            assert!(matches!(check_target(parent.path()), Err(Error::NotARun(_))), "{text}");
        }
        fs::write(parent.path().join(MARK), mark("ours")).unwrap();
        check_target(parent.path()).unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn a_link_to_a_directory_is_followed() {
        let parent = tempfile::tempdir().unwrap();
        let (target, link) = (parent.path().join("far"), parent.path().join("link"));
        fs::create_dir(&target).unwrap();
        std::os::unix::fs::symlink("far", &link).unwrap();
        for text in ["old", "new"] {
            let directory = Directory::create(&link).unwrap();
            fs::write(directory.path(MARK), mark(text)).unwrap();
            directory.publish().unwrap();
            assert_eq!(fs::read_to_string(target.join(MARK)).unwrap(), mark(text));
        }
        assert!(link.is_symlink());
        assert_eq!(names(parent.path()), ["far", "link"]);
    }

    #[test]
    fn never_deletes_what_no_run_writes() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("run");
        fs::create_dir(&target).unwrap();
        fs::write(target.join(MARK), mark("old")).unwrap();
        let late = Directory::create(&target).unwrap();
        fs::write(target.join("notes.txt"), "mine").unwrap();
        let Err(error) = Directory::create(&target) else { panic!("replaces notes.txt") };
        assert!(matches!(&error, Error::NotOurs(path) if path.ends_with("notes.txt")));
        // Nor what has come since the run began.
        assert!(matches!(late.publish(), Err(Error::NotOurs(_))));
        assert_eq!(names(&target), ["notes.txt", MARK]);
        assert_eq!(names(parent.path()), ["run"]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn removes_what_killed_processes_left() {
        let parent = tempfile::tempdir().unwrap();
        let running = format!(".run.tmp-{}-7", std::process::id());
        // No process has the greatest number there is.
        let dead = format!(".run.tmp-{}-0", u32::MAX);
        for name in [&*running, &*dead, ".run.tmp-draft-0", ".other.tmp-4294967295-0"] {
            fs::create_dir(parent.path().join(name)).unwrap();
        }
        drop(Directory::create(&parent.path().join("run")).unwrap());
        let mut kept = [".other.tmp-4294967295-0", ".run.tmp-draft-0", &running];
        kept.sort_unstable();
        assert_eq!(names(parent.path()), kept);
    }
}
