//! What is opened: a scenario, a finished run's directory, or the campus. Everything that is wrong
//! with it is told before any window opens.

use crate::arguments::Arguments;
use gridtwin_kernel::SimTime;
use gridtwin_player::{Player, Thing};
use gridtwin_twin::Scenario;
use jiff::civil::DateTime;
use std::path::{Path, PathBuf};

/// Where the campus is looked for.
const CAMPUS: &str = "scenarios/campus.ron";

/// A scenario with what is known of a run of it.
#[derive(Debug)]
pub struct Opened {
    /// The scenario.
    pub scenario: Scenario,
    /// Its file, if it has one.
    pub file: Option<PathBuf>,
    /// A run that was made of it.
    pub run: Option<FinishedRun>,
}

/// What a finished run says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct FinishedRun {
    /// Its directory.
    pub folder: PathBuf,
    /// The version that made it.
    pub version: String,
    /// The lines of its summary: metric and value as they are written.
    pub summary: Vec<(String, String)>,
}

/// Reads what the arguments name.
///
/// # Errors
/// What is wrong with it, and what to do.
pub fn open(arguments: &Arguments) -> Result<Opened, String> {
    if let Some(folder) = &arguments.run_dir {
        return open_run(folder, arguments);
    }
    let load = |path: &Path| {
        Scenario::load_with(path, &arguments.set, arguments.days, arguments.seed)
            .map_err(|error| error.to_string())
    };
    if let Some(journal) = &arguments.follow {
        let scenario = crate::live::scenario(journal)?;
        return Ok(Opened { scenario, file: None, run: None });
    }
    match &arguments.file {
        Some(file) => Ok(Opened { scenario: load(file)?, file: Some(file.clone()), run: None }),
        None if Path::new(CAMPUS).exists() => {
            Ok(Opened { scenario: load(Path::new(CAMPUS))?, file: Some(CAMPUS.into()), run: None })
        }
        None => {
            let text = include_str!("../../scenarios/campus.ron");
            let (set, days, seed) = (&arguments.set, arguments.days, arguments.seed);
            let scenario = Scenario::parse_with(text, CAMPUS, set, days, seed);
            let scenario = scenario.map_err(|error| error.to_string())?;
            Ok(Opened { scenario, file: None, run: None })
        }
    }
}

fn open_run(folder: &Path, arguments: &Arguments) -> Result<Opened, String> {
    if !arguments.set.is_empty() || arguments.days.is_some() || arguments.seed.is_some() {
        return Err(
            "--set, --days and --seed cannot change a finished run: leave them out, or open \
                    the run's scenario.ron instead of --run-dir"
                .to_owned(),
        );
    }
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).map_err(|error| {
            format!(
                "{} cannot be read ({error}): give the folder of a finished run, as written by \
                 `gridtwin run`",
                path.display()
            )
        })
    };
    let told: serde_json::Value = serde_json::from_str(&read("run.json")?)
        .map_err(|error| format!("{}: {error}", folder.join("run.json").display()))?;
    let summary = read("summary.csv")?;
    let lines = summary.lines().skip(1).filter_map(|line| {
        let mut cells = line.split(',');
        Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
    });
    let file = folder.join("scenario.ron");
    let scenario = Scenario::load(&file).map_err(|error| error.to_string())?;
    let run = FinishedRun {
        folder: folder.to_owned(),
        version: told["version"].as_str().unwrap_or("unknown").to_owned(),
        summary: lines.collect(),
    };
    Ok(Opened { scenario, file: Some(file), run: Some(run) })
}

impl FinishedRun {
    /// What of this run's figures is another now that it has been lived through again; nothing,
    /// where the same version runs the same scenario. Only to be asked when it is over.
    pub fn differs(&self, player: &Player) -> Option<String> {
        let again = player.base().summary()?.to_csv();
        let again: Vec<&str> = again.lines().collect();
        let other = self.summary.iter().find(|(metric, value)| {
            let line = again.iter().find(|line| line.split(',').next() == Some(metric.as_str()));
            line.is_some_and(|line| line.split(',').nth(1) != Some(value.as_str()))
        });
        let (metric, value) = other?;
        let ours = env!("CARGO_PKG_VERSION");
        Some(format!(
            "the run's summary has {metric} = {value}, but simulating the run again gives another \
             value: the run was made by version {}, and this is version {ours}",
            self.version
        ))
    }
}

/// The instant of a local time in a run.
///
/// # Errors
/// A time outside the run.
pub fn instant(player: &Player, at: DateTime) -> Result<SimTime, String> {
    let catalog = player.catalog();
    let zoned = at.to_zoned(catalog.time_zone.clone()).map_err(|error| error.to_string())?;
    let since = zoned.timestamp().duration_since(catalog.start);
    let instant = u64::try_from(since.as_nanos()).ok().map(SimTime);
    instant.filter(|&instant| instant <= player.end()).ok_or_else(|| {
        let (from, until) = (catalog.local_time(SimTime::ZERO), catalog.local_time(player.end()));
        format!(
            "found {at}, expected a time within the run: from {} to {}",
            from.datetime(),
            until.datetime()
        )
    })
}

/// The thing of a name.
///
/// # Errors
/// The nearest names, where there is no such thing.
pub fn thing(scenario: &Scenario, name: &str) -> Result<Thing, String> {
    Thing::find(scenario, name).ok_or_else(|| {
        let names: Vec<String> =
            Thing::all(scenario).into_iter().map(|thing| thing.name(scenario)).collect();
        format!("there is no `{name}` at this site; choose one of {}", names.join(", "))
    })
}

/// Whether a picture can be written to a path, asked before anything is drawn.
///
/// # Errors
/// What is wrong with the path.
pub fn picture_path(path: &Path) -> Result<(), String> {
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
    if !kind.eq_ignore_ascii_case("png") {
        return Err(format!("found {}, expected a file name that ends in .png", path.display()));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            Err(format!("the folder {} does not exist: create it first", folder.display()))
        }
        _ => Ok(()),
    }
}
