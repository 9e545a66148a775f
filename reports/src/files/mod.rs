//! The tables of a run's directory, each written while the run goes on, as CSV, Parquet or both, its
//! rows in order of time. What goes wrong is kept and reported at the end, because an observer of the
//! run cannot answer.

mod carbon;
mod consensus;
mod consensus_hourly;
mod ev;
mod events;
mod table;
mod tasks;
mod tasks_hourly;
mod timeseries;

pub(crate) use consensus::member_name;
pub(crate) use events::describe;
pub(crate) use tasks_hourly::places;

use crate::clock::Clock;
use crate::dictionary::Field;
use crate::directory::Directory;
use crate::tally::{cars::Session, tasks::Hour};
use crate::{Error, Options};
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::{Catalog, Event, Sample, TaskRecord};

/// The tables by name, each with its columns; single tasks only where they are asked for.
pub(crate) fn schema(catalog: &Catalog, tasks: bool) -> Vec<(&'static str, Vec<Field>)> {
    let mut all = vec![
        ("timeseries", timeseries::fields(catalog)),
        ("carbon", carbon::fields()),
        ("tasks_hourly", tasks_hourly::fields()),
        ("consensus", consensus::fields()),
        ("consensus_hourly", consensus_hourly::fields()),
        ("events", events::fields()),
        ("ev_sessions", ev::fields()),
    ];
    if tasks {
        all.insert(2, ("tasks", tasks::fields()));
    }
    all
}

/// All tables of a run.
#[derive(Debug)]
pub(crate) struct Tables {
    timeseries: timeseries::TimeSeries,
    carbon: carbon::Carbon,
    tasks: Option<tasks::Tasks>,
    hourly: tasks_hourly::TasksHourly,
    consensus: consensus::Consensus,
    consensus_hourly: consensus_hourly::ConsensusHourly,
    events: events::Events,
    ev: ev::Ev,
}

impl Tables {
    /// Begins all tables.
    pub(crate) fn create(
        dir: &Directory,
        catalog: &Catalog,
        options: &Options,
    ) -> Result<Self, Error> {
        let schema = schema(catalog, options.tasks_limit > 0);
        let table = |name: &str| {
            let fields = schema.iter().find(|(table, _)| *table == name);
            let fields = fields.map_or(&[][..], |(_, fields)| fields);
            table::Table::create(dir, name, Clock::new(catalog), fields, &options.formats)
        };
        Ok(Self {
            timeseries: timeseries::TimeSeries::new(table("timeseries")?, catalog),
            carbon: carbon::Carbon::new(table("carbon")?, catalog),
            tasks: match options.tasks_limit {
                0 => None,
                limit => Some(tasks::Tasks::new(table("tasks")?, limit)),
            },
            hourly: tasks_hourly::TasksHourly::new(table("tasks_hourly")?, catalog),
            consensus: consensus::Consensus::new(table("consensus")?, options.decisions_limit),
            consensus_hourly: consensus_hourly::ConsensusHourly::new(
                table("consensus_hourly")?,
                catalog,
            ),
            events: events::Events::new(table("events")?),
            ev: ev::Ev::new(table("ev_sessions")?),
        })
    }

    /// One interval, and the hours of tasks that are over with it.
    pub(crate) fn sample(&mut self, sample: &Sample, over: &[Hour], catalog: &Catalog) {
        if let Some(tasks) = &mut self.tasks {
            tasks.interval(catalog);
        }
        self.timeseries.sample(sample);
        self.carbon.sample(sample);
        self.consensus_hourly.sample(sample);
        over.iter().for_each(|hour| self.hourly.hour(hour));
    }

    /// One event, and the EV session that it ends.
    pub(crate) fn event(
        &mut self,
        at: SimTime,
        event: &Event,
        catalog: &Catalog,
        over: Option<Session>,
    ) {
        self.events.event(at, event, catalog);
        self.consensus.event(at, event, catalog);
        self.consensus_hourly.event(at, &event.kind);
        if let Some(session) = over {
            self.ev.session(&session);
        }
    }

    /// One task.
    pub(crate) fn task(&mut self, task: &TaskRecord) {
        if let Some(tasks) = &mut self.tasks {
            tasks.task(task);
        }
    }

    /// Tasks and decisions that have a row.
    pub(crate) fn listed(&self) -> (u64, u64) {
        (self.tasks.as_ref().map_or(0, tasks::Tasks::listed), self.consensus.listed())
    }

    /// Whether a table could not be written.
    pub(crate) fn have_failed(&self) -> bool {
        self.timeseries.has_failed()
    }

    /// Ends all tables with what is still open.
    pub(crate) fn finish<'a>(
        mut self,
        over: &[Hour],
        still_there: impl Iterator<Item = &'a Session>,
        catalog: &Catalog,
    ) -> Result<(), Error> {
        over.iter().for_each(|hour| self.hourly.hour(hour));
        still_there.for_each(|session| self.ev.session(session));
        self.timeseries.finish()?;
        self.carbon.finish()?;
        self.tasks.map_or(Ok(()), |tasks| tasks.finish(catalog))?;
        self.hourly.finish()?;
        self.consensus.finish()?;
        self.consensus_hourly.finish()?;
        self.events.finish()?;
        self.ev.finish(catalog)
    }
}
