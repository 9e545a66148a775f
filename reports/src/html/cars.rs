//! Electric cars: what they asked for and what they got.

use super::Context;
use super::markup::Table;
use super::plugged::Plugged;
use crate::Error;
use crate::number::{count, duration, human, percent};
use crate::tally::cars::Session;
use gridtwin_kernel::SimTime;

/// So many sessions are shown.
const SHOWN: usize = 60;

/// The sessions that the page shows: all, or those that fell shortest where there are too many.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    sessions: Vec<Session>,
    all: u64,
}

impl Shown {
    /// A session that is over.
    pub(crate) fn add(&mut self, session: Option<Session>) {
        let Some(session) = session else { return };
        self.all += 1;
        self.sessions.push(session);
        if self.sessions.len() >= 4 * SHOWN {
            self.shorten();
        }
    }

    fn shorten(&mut self) {
        // Stable: of two that lack the same, the earlier one stays.
        self.sessions.sort_by(|a, b| b.short_kwh().total_cmp(&a.short_kwh()));
        self.sessions.truncate(SHOWN);
    }
}

/// Charging over the day, tables by charger group and by session.
///
/// # Errors
/// A plot that could not be drawn.
pub(super) fn section(
    context: &Context<'_>,
    shown: &Shown,
    plugged: &Plugged,
) -> Result<String, Error> {
    let catalog = context.catalog;
    if catalog.chargers.is_empty() {
        return Ok("<p>None: this scenario has no chargers.</p>\n".to_owned());
    }
    let mut groups = Table::new(
        "Charging by charger group",
        &[
            "Group",
            "Chargers",
            "Cars that left",
            "Left with too little energy",
            "Requested kWh",
            "Delivered kWh",
            "Delivered",
            "Mean wait",
            "kg CO\u{2082}",
            "Still there",
        ],
    );
    for (i, ((name, chargers), s)) in
        catalog.chargers.iter().zip(context.tally.cars.served()).enumerate()
    {
        let there = context.tally.cars.open().filter(|c| usize::from(c.chargers) == i).count();
        let wait = if s.sessions > 0 {
            duration(s.waited_h / s.sessions as f64 * 3600.0)
        } else {
            "none".to_owned()
        };
        groups.row(&[
            name.clone(),
            count(u64::from(*chargers)),
            count(s.sessions),
            count(s.short),
            human(s.asked_kwh),
            human(s.delivered_kwh),
            percent(s.delivered_kwh / s.asked_kwh),
            wait,
            human(s.carbon_kg),
            count(there as u64),
        ]);
    }
    let mut short = shown.clone();
    if short.all as usize > SHOWN {
        short.shorten();
    }
    let left_at = |s: &Session| s.left_at().unwrap_or(SimTime::MAX);
    short.sessions.sort_by_key(|s| (left_at(s), s.chargers, s.number));
    let mut table = Table::new(
        "Sessions",
        &[
            "Group",
            "Car",
            "~Arrived",
            "~Left",
            "Requested kWh",
            "Delivered kWh",
            "Missing kWh",
            "Waited",
            "Stayed",
        ],
    );
    let when = |at: Option<SimTime>| {
        at.map_or(String::new(), |at| {
            let (day, time) = context.when(at);
            format!("{day} {}", &time[..5])
        })
    };
    let open: Vec<_> = context.tally.cars.open().take(SHOWN).copied().collect();
    for session in short.sessions.iter().chain(&open) {
        let class = if session.is_short() { "short" } else { "" };
        let group = catalog.chargers.get(usize::from(session.chargers));
        let mut row = vec![
            group.map_or(String::new(), |g| g.0.clone()),
            session.number.to_string(),
            when(session.arrived),
        ];
        match session.left {
            Some(left) => row.extend([
                match session.left_at() {
                    Some(at) => when(Some(at)),
                    None => "still there".to_owned(),
                },
                human(session.asked_kwh),
                human(left.delivered_kwh),
                if session.is_short() { human(session.short_kwh()) } else { String::new() },
                if left.waited_h > 0.0 { duration(left.waited_h * 3600.0) } else { String::new() },
                duration(left.stayed_h * 3600.0),
            ]),
            None => {
                row.extend(["still there".to_owned(), human(session.asked_kwh)]);
                row.extend(std::iter::repeat_n(String::new(), 4));
            }
        }
        table.row_of(class, &row);
    }
    let cut = if shown.all as usize > SHOWN {
        format!(
            "<p>Of {} finished sessions, the table shows the {SHOWN} that lacked the most energy; ev_sessions.csv lists all sessions.</p>\n",
            count(shown.all)
        )
    } else {
        String::new()
    };
    let note = "<p>Energy and CO\u{2082} include the cars that were still there when the run ended. \
                Waiting times are those of cars that left.</p>\n";
    Ok(plugged.by_hour()? + &groups.end() + note + &plugged.spread() + &cut + &table.end_folded())
}
