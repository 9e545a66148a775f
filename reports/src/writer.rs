//! A run's directory while it is being written.

use crate::dictionary::dictionary_csv;
use crate::directory::{Directory, MARK};
use crate::files::Tables;
use crate::html::{Base, Page};
use crate::{Error, Format, Options, RunInfo, Summary, Tally};
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::{Catalog, Event, Observer, Sample, TaskRecord};
use std::fs;
use std::path::Path;

/// Listens to a run and writes its directory: beside the target while the run goes on, renamed
/// whole by [`RunWriter::finish`]. Dropped before that, it leaves nothing behind.
#[derive(Debug)]
pub struct RunWriter {
    directory: Directory,
    formats: std::collections::BTreeSet<Format>,
    tasks: bool,
    tally: Tally,
    tables: Option<Tables>,
    page: Option<Page>,
    base: Option<Base>,
}

impl RunWriter {
    /// Begins a run's directory.
    ///
    /// # Errors
    /// A target that cannot be written, or that exists and is no run's directory.
    pub fn create(out_dir: &Path, catalog: &Catalog, options: Options) -> Result<Self, Error> {
        let directory = Directory::create(out_dir)?;
        let tables = options.formats.iter().any(|format| format.is_tabular());
        let page = options.formats.contains(&Format::Html);
        Ok(Self {
            tables: match tables {
                true => Some(Tables::create(&directory, catalog, &options)?),
                false => None,
            },
            page: page.then(|| Page::new(catalog)),
            tally: Tally::new(catalog),
            base: None,
            tasks: options.tasks_limit > 0,
            formats: options.formats,
            directory,
        })
    }

    /// Shows the page's figures against those of another run, the base case, under this name.
    #[must_use]
    pub fn against(mut self, name: &str, summary: Summary) -> Self {
        self.base = Some(Base { name: name.to_owned(), summary, seed: None });
        self
    }

    /// The random seed of the base case that [`RunWriter::against`] has set, where it is known: the
    /// page tells if this run has another.
    #[must_use]
    pub fn against_seed(mut self, seed: Option<u64>) -> Self {
        if let Some(base) = &mut self.base {
            base.seed = seed;
        }
        self
    }

    /// What to say beside the cost of months that the run covers in part, as in
    /// [`Tally::billing_note`].
    pub fn billing_note(&self) -> Option<String> {
        self.tally.billing_note()
    }

    /// Whether something could not be written, so that [`RunWriter::finish`] will fail.
    pub fn has_failed(&self) -> bool {
        self.tables.as_ref().is_some_and(Tables::have_failed)
    }

    /// Writes what is left to write and puts the directory in its place. `scenario` is the text of
    /// `scenario.ron`.
    ///
    /// # Errors
    /// The first thing that went wrong since the start; nothing is left behind then.
    pub fn finish(self, scenario: &str, info: &RunInfo) -> Result<Summary, Error> {
        let (beside, target) = self.directory.paths();
        self.write(scenario, info).map_err(|error| error.told_in(&beside, &target))
    }

    fn write(mut self, scenario: &str, info: &RunInfo) -> Result<Summary, Error> {
        let over = self.tally.tasks.close(None);
        let mut summary = self.tally.summary();
        let tables = self.tables.is_some();
        if let Some(tables) = self.tables {
            let (tasks, decisions) = tables.listed();
            summary.add("tasks.listed", tasks as f64, "");
            summary.add("consensus.listed", decisions as f64, "");
            tables.finish(&over, self.tally.cars.open(), &self.tally.catalog)?;
        }
        let write = |name: &str, text: &str| {
            let path = self.directory.path(name);
            fs::write(&path, text).map_err(Error::io(path))
        };
        if let Some(mut page) = self.page {
            page.hours(&over);
            write(
                "report.html",
                &page.render(&self.tally, &summary, self.base.as_ref(), scenario, info)?,
            )?;
        }
        if tables {
            let mut all = crate::files::schema(&self.tally.catalog, self.tasks);
            all.push(("summary", summary.fields()));
            let files = all.iter().map(|(name, fields)| (*name, fields.as_slice()));
            let path = self.directory.path("dictionary.csv");
            fs::write(&path, dictionary_csv(files)).map_err(Error::io(path))?;
        }
        if self.formats.contains(&Format::Json) {
            write("summary.json", &summary.to_json())?;
        }
        write("summary.csv", &summary.to_csv())?;
        write("scenario.ron", scenario)?;
        write(MARK, &run_json(&self.tally.catalog, info))?;
        self.directory.publish()?;
        Ok(summary)
    }
}

fn run_json(catalog: &Catalog, info: &RunInfo) -> String {
    let value = serde_json::json!({
        "name": catalog.name,
        "version": info.version,
        "seed": catalog.seed,
        "start": catalog.start.to_string(),
        "days": catalog.days,
        "step_s": catalog.step.as_secs_f64(),
        "command": info.command,
        "file": info.file,
        "settings": info.settings,
        "started": info.started,
        "finished": info.finished,
        "wall_s": info.wall_s,
        "assumptions": info.assumptions,
        "sources": info.sources,
    });
    format!("{value:#}\n")
}

impl Observer for RunWriter {
    fn sample(&mut self, sample: &Sample) {
        let over = self.tally.hear_sample(sample);
        if let Some(tables) = &mut self.tables {
            tables.sample(sample, &over, &self.tally.catalog);
        }
        if let Some(page) = &mut self.page {
            page.hours(&over);
            page.sample(sample);
        }
    }

    fn event(&mut self, at: SimTime, event: &Event) {
        let over = self.tally.hear_event(at, event);
        if let Some(tables) = &mut self.tables {
            tables.event(at, event, &self.tally.catalog, over);
        }
        if let Some(page) = &mut self.page {
            page.event(at, event, over);
        }
    }

    fn task(&mut self, task: &TaskRecord) {
        self.tally.tasks.add(task);
        if let Some(tables) = &mut self.tables {
            tables.task(task);
        }
    }
}
