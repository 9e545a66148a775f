//! `gridtwin link`: the live twin, its demonstration and its replay. This module turns the command
//! line into a session, prints its progress, and writes the report; the session itself is in the
//! link crate.

use crate::arguments::{Connection, LinkArguments};
use crate::commands::place::can_hold_a_report;
use crate::commands::run::now;
use crate::failure::Failure;
use crate::{output, scenarios};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_link::announce::{ControlOptions, OFFLINE, ONLINE, availability_topic};
use gridtwin_link::broker::{Address, Availability, Broker, Credentials, Options, Tls};
use gridtwin_link::journal::Journal;
use gridtwin_link::live::{Counts, Live};
use gridtwin_link::session::{self, Clock, Demo, Keeper, Meters, Voice, VoiceOptions};
use gridtwin_reports::{Options as ReportOptions, RunInfo, RunWriter};
use gridtwin_twin::Scenario;
use gridtwin_twin::scenario::Override;
use jiff::Timestamp;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Where sessions go by default.
const SESSIONS: &str = "reports/out";
/// Combined with the scenario's seed, the random seed of a demonstration's simulated site.
const OTHER_SEED: u64 = 0x5eed;

/// A live session counts from the local time of its site.
pub(crate) const NO_ZONE: &str =
    "the site has no time zone; set `site.time_zone`, as in time_zone: \"Europe/Berlin\"";

/// Keys of a journal's header: the scenario, the program's version, the demonstration's speed.
const SCENARIO: &str = "scenario";
const VERSION: &str = "version";
const SPEED: &str = "speed";

type Writer = RunWriter;

pub(crate) fn link(wanted: &LinkArguments) -> Result<(), Failure> {
    if let Some(journal) = &wanted.replay {
        return replay(wanted, journal);
    }
    let Some(file) = &wanted.file else { return Ok(()) };
    if !wanted.demo && wanted.connection.broker.is_none() {
        return Err(Failure::input(
            "--broker is missing: give its address, as in --broker mqtt://host:1883, or use --demo, \
             which needs no broker",
        ));
    }
    let began = now();
    let asked = read(file, wanted, began)?;
    let name = asked.name.to_string();
    let default = |what: &str| Path::new(SESSIONS).join(format!("{name}-live{what}"));
    let record = wanted.record.clone().unwrap_or_else(|| default(".sqlite"));
    let out = wanted.out.clone().unwrap_or_else(|| default(""));
    // Before a session's journal is written.
    can_hold_a_report(&out)?;
    let (mut journal, scenario, resumed) = open_journal(&record, asked, wanted)?;
    let live = Live::new(&scenario).map_err(Failure::input)?;
    let writer = writer(&live, &out)?;
    let filters = live.subscriptions();
    let past = resumed.then(|| Journal::read(&record)).transpose().map_err(Failure::work)?;
    // A resumed session first replays its journal, without writing it a second time.
    let mut keeper = match past {
        None => Keeper::new(live, writer, Some(journal), voice(wanted)).map_err(Failure::work)?,
        Some(mut past) => {
            let mut keeper =
                Keeper::new(live, writer, None, voice(wanted)).map_err(Failure::work)?;
            session::replay(&mut past, &mut keeper).map_err(Failure::work)?;
            let at = keeper.live().now();
            journal
                .append(&[gridtwin_link::journal::Record::Mark {
                    at,
                    kind: "resumed",
                    content: &began.to_string(),
                }])
                .map_err(Failure::work)?;
            keeper.write_to(journal).map_err(Failure::work)?;
            keeper
        }
    };
    let stop = stop_on_signal()?;
    let quiet = wanted.quiet;
    let mut say = |text: &str| {
        if !quiet {
            // The session goes on if standard error is closed.
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    };
    let mut demo = wanted.demo.then(Demo::start).transpose().map_err(Failure::work)?;
    let client_id = format!("gridtwin-{name}");
    let mut options = match &demo {
        Some(demo) => Options::new(demo.address(), &client_id),
        None => connection(&wanted.connection, &client_id)?,
    };
    options.filters = filters;
    let topic = availability_topic(scenario.name.as_str());
    options.availability =
        Some(Availability { topic, online: ONLINE.into(), offline: OFFLINE.into() });
    options.patient = !wanted.demo;
    if let Some(warning) = options.warning() {
        say(&format!("warning: {warning}"));
    }
    let broker = Broker::connect(options).map_err(Failure::input)?;
    let clock = clock(wanted, &keeper, began);
    if let Some(demo) = &mut demo {
        let (seed, period) = (scenario.seed ^ OTHER_SEED, Span::from_secs(10));
        let meters = Meters::new(&scenario, seed, period, Vec::new());
        let mut meters = meters.map_err(Failure::input)?;
        meters.skip_to(keeper.live().now());
        demo.speak(meters, clock).map_err(Failure::work)?;
        let (address, speed) = (demo.address(), wanted.speed);
        say(&format!(
            "demonstration: built-in broker on {address}, simulated meters at {speed}x speed"
        ));
    }
    say(&format!(
        "{}: following {} meters from {}; Ctrl-C ends the session and writes its report",
        scenario.name,
        scenario.meters.len(),
        keeper.live().twin().catalog().local_time(keeper.live().now()).strftime("%F %R"),
    ));
    let until = wanted.hours.map(|hours| clock.now() + Span::from_secs_f64(hours * 3600.0));
    let done = session::run(&mut keeper, &broker, clock, until, &stop, &mut say);
    let counts = broker.counts();
    // An error on closing the connection loses nothing: everything is in the journal.
    let _ = broker.close();
    if let Some(demo) = demo {
        demo.end().map_err(Failure::work)?;
    }
    done.map_err(Failure::work)?;
    let end = keeper.live().now();
    let (live, writer) = keeper.end().map_err(Failure::work)?;
    let session =
        Session { dropped: counts.dropped, received: counts.received, record: Some(&record) };
    report(&live, writer, &scenario, &out, &began.to_string(), end, session, quiet)
}

/// Replays a journal.
fn replay(wanted: &LinkArguments, path: &Path) -> Result<(), Failure> {
    let began = now();
    let mut journal = Journal::read(path).map_err(Failure::input)?;
    let scenario = scenario_of(&journal.session().map_err(Failure::work)?, path)?;
    let out = wanted
        .out
        .clone()
        .unwrap_or_else(|| Path::new(SESSIONS).join(format!("{}-replay", scenario.name)));
    can_hold_a_report(&out)?;
    let live = Live::new(&scenario).map_err(Failure::input)?;
    let writer = writer(&live, &out)?;
    let mut keeper = Keeper::new(live, writer, None, voice(wanted)).map_err(Failure::work)?;
    session::replay(&mut journal, &mut keeper).map_err(Failure::work)?;
    let end = keeper.live().now();
    let (live, writer) = keeper.end().map_err(Failure::work)?;
    let session = Session { dropped: 0, received: live.counts().messages, record: None };
    report(&live, writer, &scenario, &out, &began.to_string(), end, session, wanted.quiet)
}

/// Figures of the session that the report prints beside the run's own.
struct Session<'a> {
    received: u64,
    dropped: u64,
    record: Option<&'a Path>,
}

#[expect(clippy::too_many_arguments, reason = "one call, at the end of everything")]
fn report(
    live: &Live,
    writer: Writer,
    scenario: &Scenario,
    out: &Path,
    began: &str,
    end: SimTime,
    session: Session,
    quiet: bool,
) -> Result<(), Failure> {
    if live.twin().now() == SimTime::ZERO {
        return Err(Failure::work(
            "the session ended before its first time step was complete, so no report is written",
        ));
    }
    let Counts { readings, used, unreadable, .. } = live.counts();
    let mut info = RunInfo {
        started: began.to_owned(),
        finished: now().to_string(),
        wall_s: end.as_secs_f64(),
        command: "gridtwin link --replay".to_owned(),
        ..RunInfo::of(scenario, env!("CARGO_PKG_VERSION"))
    };
    info.assumptions.insert(
        0,
        format!(
            "Live session: {} meters, {used} of {readings} readings used. A device with a meter follows \
             the readings of that meter. A device without a meter, or whose meter sends nothing or \
             implausible readings, is simulated by its model.",
            scenario.meters.len()
        ),
    );
    writer.finish(&scenario.to_ron(), &info)?;
    let page = out.join("report.html");
    if quiet {
        return output::print(&format!("{}\n", page.display()));
    }
    let rows = [
        output::row("messages", session.received as f64, ""),
        output::row("messages dropped", session.dropped as f64, ""),
        output::row("unreadable messages", unreadable as f64, ""),
        output::row("readings", readings as f64, ""),
        output::row("readings used", used as f64, ""),
    ];
    let mut text = format!(
        "{}: {} until {}\n{}",
        scenario.name,
        live.twin().catalog().local_time(SimTime::ZERO).strftime("%F %R"),
        live.twin().catalog().local_time(live.twin().now()).strftime("%F %R"),
        output::table(&rows),
    );
    if let Some(record) = session.record {
        text += &format!("journal: {}\n", record.display());
    }
    text += &format!("report: {}\n", page.display());
    output::print(&text)
}

fn voice(wanted: &LinkArguments) -> Voice {
    let timeout = Span::from_secs_f64(wanted.dead_man_s);
    let control = wanted.control.then(|| ControlOptions { timeout, ..ControlOptions::default() });
    Voice::new(VoiceOptions { control, ..VoiceOptions::default() })
}

fn writer(live: &Live, out: &Path) -> Result<Writer, Failure> {
    Ok(RunWriter::create(out, live.twin().catalog(), ReportOptions::default())?)
}

/// The scenario to run: from now on, or from its own start in a demonstration.
fn read(file: &Path, wanted: &LinkArguments, now: Timestamp) -> Result<Scenario, Failure> {
    let changes = &wanted.changes;
    let load = |set: &[Override]| {
        Scenario::load_with(file, set, changes.days, changes.seed).map_err(Failure::input)
    };
    let scenario = load(&changes.set)?;
    scenarios::warn(std::slice::from_ref(&scenario));
    let own_start = changes.set.iter().any(|set| set.path() == "start");
    if wanted.demo || own_start {
        return Ok(scenario);
    }
    let zone = scenario.site.zone().ok_or_else(|| Failure::input(NO_ZONE))?;
    let step_s = i64::from(scenario.step_s);
    let start = Timestamp::from_second(now.as_second() / step_s * step_s).map_err(Failure::work)?;
    let local = start.to_zoned(zone).datetime();
    let set: Override = format!("start=\"{local}\"").parse().map_err(Failure::input)?;
    load(&[changes.set.as_slice(), &[set]].concat())
}

/// The journal, the scenario stored in it, and whether it existed before.
fn open_journal(
    path: &Path,
    asked: Scenario,
    wanted: &LinkArguments,
) -> Result<(Journal, Scenario, bool), Failure> {
    if path.exists() {
        let journal = Journal::resume(path).map_err(Failure::input)?;
        let scenario = scenario_of(&journal.session().map_err(Failure::work)?, path)?;
        // As texts, in which files have their whole paths.
        let asked = Scenario { start: scenario.start, ..asked };
        if asked.to_ron() != scenario.to_ron() {
            return Err(Failure::input(format_args!(
                "{}: this journal was recorded with another scenario or other settings; choose \
                 another file with --record FILE, or move this journal away",
                path.display()
            )));
        }
        return Ok((journal, scenario, true));
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| {
            Failure::input(format_args!("{} cannot be created: {error}", folder.display()))
        })?;
    }
    let text = asked.to_ron();
    let session = [
        (SCENARIO.to_owned(), text),
        (VERSION.to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        (SPEED.to_owned(), wanted.speed.to_string()),
    ];
    let journal = Journal::create(path, &session).map_err(Failure::input)?;
    // Parsed from the text in the journal, exactly as a replay does.
    let scenario = scenario_of(&session, path)?;
    Ok((journal, scenario, false))
}

fn scenario_of(session: &[(String, String)], path: &Path) -> Result<Scenario, Failure> {
    let found = session.iter().find(|(key, _)| key == SCENARIO);
    let text = found.map(|(_, text)| text.as_str()).unwrap_or_default();
    Scenario::parse(text, &format!("{} (the scenario stored in it)", path.display()))
        .map_err(Failure::input)
}

/// The session's clock: the wall clock, or in a demonstration the wall clock times --speed.
fn clock<O: gridtwin_twin::record::Observer>(
    wanted: &LinkArguments,
    keeper: &Keeper<O>,
    began: Timestamp,
) -> Clock {
    let here = keeper.live().now();
    if wanted.demo {
        return Clock::new(instant_now(), here, wanted.speed);
    }
    let since = began.duration_since(keeper.live().twin().catalog().start);
    let at = SimTime(u64::try_from(since.as_nanos()).unwrap_or(0));
    Clock::new(instant_now(), at.max(here), 1.0)
}

/// The connection options for the broker.
pub(crate) fn connection(wanted: &Connection, client_id: &str) -> Result<Options, Failure> {
    let Some(address) = &wanted.broker else {
        return Err(Failure::input(
            "--broker is missing: give its address, as in --broker mqtt://host:1883",
        ));
    };
    // Parsed here and not by clap, whose errors repeat the text: it may contain a password.
    let address: Address =
        address.parse().map_err(|error| Failure::input(format_args!("--broker: {error}")))?;
    let mut options = Options::new(address, wanted.client_id.as_deref().unwrap_or(client_id));
    options.credentials = match &wanted.credentials {
        Some(file) => {
            let (credentials, warning) = Credentials::from_file(file).map_err(Failure::input)?;
            if let Some(warning) = warning {
                let _ = writeln!(std::io::stderr(), "warning: {warning}");
            }
            Some(credentials)
        }
        None => Credentials::from_environment().map_err(Failure::input)?,
    };
    options.tls = Tls { ca: wanted.ca.clone(), cert: wanted.cert.clone(), key: wanted.key.clone() };
    options.first_wait = Duration::from_secs(15);
    Ok(options)
}

/// A flag that is set by Ctrl-C or a request to terminate.
pub(crate) fn stop_on_signal() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)).map_err(Failure::work)?;
    Ok(stop)
}

#[expect(clippy::disallowed_methods, reason = "only the command knows the wall clock")]
pub(crate) fn instant_now() -> Instant {
    Instant::now()
}
