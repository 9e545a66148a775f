//! `events.csv`: everything discrete but tasks, decisions and views, which have files of their own.

use super::consensus::member_name;
use super::table::Table;
use crate::Error;
use crate::dictionary::Kind::{LocalTime, Number, Text, Time};
use crate::dictionary::{self, Field};
use crate::number::human;
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::{Catalog, Event, EventKind, PowerCause};

/// Its columns.
pub(super) fn fields() -> Vec<Field> {
    dictionary::fields(&[
        ("time_utc", Time, "Time of the event in UTC, truncated to the second"),
        ("time_local", LocalTime, "Time of the event in the site's local time"),
        ("t_s", Number, "Exact time of the event, counted from the start of the run"),
        ("event", Text, "Kind of event"),
        ("subject", Text, "Device, server, group or fault that the event concerns"),
        ("details", Text, "Further details"),
    ])
}

/// The file being written.
#[derive(Debug)]
pub(crate) struct Events {
    table: Table,
}

impl Events {
    /// Nothing written but the header.
    pub(crate) fn new(table: Table) -> Self {
        Self { table }
    }

    /// Writes a row.
    pub(crate) fn event(&mut self, at: SimTime, event: &Event, catalog: &Catalog) {
        use EventKind::{Decided, LeaderSuspected, ViewChanged};
        if matches!(event.kind, Decided { .. } | LeaderSuspected { .. } | ViewChanged { .. }) {
            return;
        }
        let (subject, details) = describe(&event.kind, catalog);
        let table = &mut self.table;
        table.time(at);
        table.fixed(at.as_secs_f64(), 9);
        table.texts(&[event.kind.name(), &subject, &details]);
        table.end();
    }

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.table.finish()
    }
}

/// Who an event is about, and what more there is to say of it.
pub(crate) fn describe(kind: &EventKind, catalog: &Catalog) -> (String, String) {
    fn name<T>(list: &[T], index: u16, of: impl Fn(&T) -> &String) -> String {
        list.get(usize::from(index)).map(of).cloned().unwrap_or_default()
    }
    let voter = |group: u16, member: u16| {
        let group_name = name(&catalog.groups, group, |g| &g.name);
        (member_name(catalog, group, member), format!("group {group_name}"))
    };
    let alone = |subject: String| (subject, String::new());
    match kind {
        EventKind::GridDown | EventKind::GridUp => alone("grid".to_owned()),
        EventKind::BatteryEmpty { battery } | EventKind::BatteryFull { battery } => {
            alone(name(&catalog.batteries, *battery, |b| &b.0))
        }
        EventKind::GensetStarted { genset }
        | EventKind::GensetStopped { genset }
        | EventKind::GensetFailed { genset }
        | EventKind::GensetMended { genset }
        | EventKind::TankEmpty { genset }
        | EventKind::TankFilled { genset } => alone(name(&catalog.gensets, *genset, |g| &g.0)),
        EventKind::LoadReduced { load, missing_kw } => {
            let details = format!("{} kW of demand not served", human(*missing_kw));
            (name(&catalog.loads, *load, |l| l), details)
        }
        EventKind::LoadServed { load } => alone(name(&catalog.loads, *load, |l| l)),
        EventKind::PowerLost { consumer, cause } => {
            let cause = match cause {
                PowerCause::LowCharge => "state of charge under the limit below_soc",
                PowerCause::Shortage => "supply below demand",
                PowerCause::Dark => "no grid-forming source",
                PowerCause::Fault => "fault",
            };
            (name(&catalog.consumers, *consumer, |c| &c.name), cause.to_owned())
        }
        EventKind::PowerRestored { consumer } => {
            alone(name(&catalog.consumers, *consumer, |c| &c.name))
        }
        EventKind::ServerDown { server, lost, migrated } => {
            let details = format!("{lost} tasks lost, {migrated} moved elsewhere");
            (name(&catalog.servers, *server, |s| s), details)
        }
        EventKind::ServerUp { server } => alone(name(&catalog.servers, *server, |s| s)),
        EventKind::FaultBegan { fault } | EventKind::FaultEnded { fault } => {
            alone(name(&catalog.faults, *fault, |f| f))
        }
        EventKind::CarArrived { chargers, session, asked_kwh } => {
            let details = format!("car {session} asks for {} kWh", human(*asked_kwh));
            (name(&catalog.chargers, *chargers, |c| &c.0), details)
        }
        EventKind::CarLeft { chargers, session, asked_kwh, delivered_kwh, still_there, .. } => {
            let (got, asked) = (human(*delivered_kwh), human(*asked_kwh));
            let there = if *still_there { " and is still there" } else { "" };
            let details = format!("car {session} got {got} of {asked} kWh{there}");
            (name(&catalog.chargers, *chargers, |c| &c.0), details)
        }
        EventKind::Decided { group, block, .. } => {
            (name(&catalog.groups, *group, |g| &g.name), format!("block {block}"))
        }
        EventKind::LeaderSuspected { group, member, view }
        | EventKind::ViewChanged { group, member, view, .. } => {
            let (member, group) = voter(*group, *member);
            (member, format!("{group}, view {view}"))
        }
        EventKind::VoterDown { group, member }
        | EventKind::VoterUp { group, member }
        | EventKind::CaughtUp { group, member } => voter(*group, *member),
        EventKind::Violation { group, text } => {
            (name(&catalog.groups, *group, |g| &g.name), text.clone())
        }
        EventKind::Changed { text } | EventKind::Assumed { text } => {
            ("scenario".to_owned(), text.clone())
        }
        EventKind::Noted { text } => ("meters".to_owned(), text.clone()),
    }
}
