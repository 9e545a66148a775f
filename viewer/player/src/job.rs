//! What goes on beside the play: reports that are being written, each by a thread of its own.

use gridtwin_kernel::Span;
use gridtwin_reports::{Options, RunInfo, RunWriter};
use gridtwin_twin::Twin;
use gridtwin_twin::scenario::Scenario;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Something that goes on beside the play.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// What, in words.
    pub what: String,
    /// From 0 to 1.
    pub progress: f32,
    /// How it ended, if it has: what was written, or what went wrong.
    pub done: Option<Result<String, String>>,
}

#[derive(Debug, Default)]
struct Shared {
    permille: AtomicU32,
    done: Mutex<Option<Result<String, String>>>,
}

/// All jobs.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    list: Vec<Job>,
    work: Vec<(Arc<Shared>, Option<JoinHandle<()>>)>,
    stop: Arc<AtomicBool>,
}

impl Jobs {
    pub(crate) fn list(&self) -> &[Job] {
        &self.list
    }

    pub(crate) fn tick(&mut self) {
        for (job, (shared, _)) in self.list.iter_mut().zip(&self.work) {
            if job.done.is_none() {
                job.progress = shared.permille.load(Ordering::Relaxed) as f32 / 1000.0;
                job.done = shared.done.lock().unwrap_or_else(PoisonError::into_inner).take();
            }
        }
    }

    /// Forgets a job that has ended.
    pub(crate) fn dismiss(&mut self, job: usize) {
        if self.list.get(job).is_some_and(|job| job.done.is_some()) {
            self.list.remove(job);
            self.work.remove(job);
        }
    }

    /// Waits until all have stopped, as soon as they can.
    pub(crate) fn stop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.work.iter_mut().filter_map(|(_, thread)| thread.take()) {
            let _ = thread.join();
        }
    }

    /// Runs a scenario into a report.
    pub(crate) fn export(&mut self, scenario: Scenario, folder: PathBuf) {
        let shared = Arc::new(Shared::default());
        let (told, stop) = (Arc::clone(&shared), Arc::clone(&self.stop));
        let what = format!("report into {}", folder.display());
        let work = move || {
            let done = export(&scenario, &folder, &told.permille, &stop);
            *told.done.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        };
        let thread = std::thread::Builder::new().name("export".to_owned()).spawn(work);
        let refused = thread.as_ref().err().map(|error| Err(error.to_string()));
        self.list.push(Job { what, progress: 0.0, done: refused });
        self.work.push((shared, thread.ok()));
    }
}

fn export(
    scenario: &Scenario,
    folder: &Path,
    permille: &AtomicU32,
    stop: &AtomicBool,
) -> Result<String, String> {
    let mut twin = Twin::new(scenario).map_err(|error| error.to_string())?;
    let writer = RunWriter::create(folder, twin.catalog(), Options::default());
    let mut writer = writer.map_err(|error| error.to_string())?;
    while twin.now() < twin.end() {
        if stop.load(Ordering::Relaxed) {
            return Err("the export was stopped: no report was written".to_owned());
        }
        twin.advance(twin.now() + Span::HOUR, &mut writer);
        let share = twin.now().as_secs_f64() / twin.end().as_secs_f64();
        permille.store((share * 1000.0) as u32, Ordering::Relaxed);
    }
    let info = RunInfo::of(scenario, env!("CARGO_PKG_VERSION"));
    writer.finish(&scenario.to_ron(), &info).map_err(|error| error.to_string())?;
    Ok(folder.join("report.html").display().to_string())
}
