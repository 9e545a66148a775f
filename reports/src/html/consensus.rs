//! Consensus groups: a table, a timeline for each group, and the telling of what happened.

use super::Context;
use super::chart::{Chart, Mark, Points};
use super::ink::Ink;
use super::markup::{FOLDED_FROM, Key, Table, escape, figure, folded, legend};
use super::story::{Row, Story, Weight};
use super::votes::Votes;
use crate::Error;
use crate::files::member_name;
use crate::number::{count, duration, human, percent};
use crate::tally::groups::Group;
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::GroupInfo;
use std::collections::BTreeMap;

/// So many rows of the telling are shown.
const ROWS: usize = 400;

/// Latencies that differ by more than this are drawn by powers of ten.
const WIDE: f64 = 100.0;
/// The shortest latency that such a drawing shows.
const SHORTEST_MS: f64 = 0.1;

/// The table and the timelines.
pub(super) fn section(context: &Context<'_>, votes: &[Votes]) -> Result<String, Error> {
    if context.catalog.groups.is_empty() {
        return Ok("<p>None: this scenario has no consensus group.</p>\n".to_owned());
    }
    let mut table = Table::new(
        "Consensus groups",
        &[
            "Group",
            "~Protocol",
            "Members",
            "Decided",
            "p50",
            "p99",
            "Messages",
            "View changes",
            "Member failures",
            "kJ",
            "g CO\u{2082}",
            "Violations",
        ],
    );
    for (info, group) in context.catalog.groups.iter().zip(&context.tally.groups.0) {
        let after = |q| duration(group.latency_ms.quantile(q).map_or(f64::NAN, |ms| ms / 1000.0));
        let class = if group.violations > 0 { "alarm" } else { "" };
        table.row_of(
            class,
            &[
                info.name.clone(),
                info.protocol.clone(),
                count(info.members.len() as u64),
                count(group.decided),
                after(0.5),
                after(0.99),
                count(group.messages),
                count(group.view_changes),
                count(group.voters_down),
                human(group.energy_j / 1000.0),
                human(group.carbon_g),
                count(group.violations),
            ],
        );
    }
    let mut out = table.end();
    for (g, (info, votes)) in context.catalog.groups.iter().zip(votes).enumerate() {
        out += &format!("<h3>{}</h3>\n", escape(&info.name));
        let account = account(info, &context.tally.groups.0[g], votes);
        out += &format!("<p>{}</p>\n", escape(&account));
        let names =
            (0..info.members.len()).map(|m| member_name(context.catalog, g as u16, m as u16));
        let names: Vec<String> = names.collect();
        let longest = names.iter().map(|n| n.chars().count()).max().unwrap_or(0) as u32;
        // Both plots have the same margin, so that their times stand one above the other.
        let margin = (longest * 19 + 30).clamp(210, 480);
        out += &lanes(context, (&info.name, &account), &names, votes, margin)?;
        out += &latency(context, &info.name, votes, margin)?;
    }
    Ok(out)
}

/// How the protocol took what happened to its voters.
fn account(info: &GroupInfo, group: &Group, votes: &Votes) -> String {
    let too_few = votes.too_few(info.needed.into());
    let mut text = format!(
        "{} Decisions are guaranteed while at least {} members run",
        info.about, info.needed
    );
    text += &match too_few.is_zero() {
        true => ", which was always the case.".to_owned(),
        false => format!("; fewer ran for {} in total.", duration(too_few.as_secs_f64())),
    };
    if group.decided == 0 {
        return text + " The group decided no block.";
    }
    let (from, until) = votes.longest_gap;
    text += &format!(
        " The group decided {} blocks and had {}. The longest time without a decision was {}.",
        count(group.decided),
        match group.view_changes {
            0 => "no view change".to_owned(),
            1 => "1 view change".to_owned(),
            n => format!("{} view changes", count(n)),
        },
        duration((until - from).as_secs_f64())
    );
    text
}

/// A lane for each member, and one for views.
fn lanes(
    context: &Context<'_>,
    (name, account): (&str, &str),
    names: &[String],
    votes: &Votes,
    margin: u32,
) -> Result<String, Error> {
    let members = votes.silent.len();
    let y_of = |member: usize| (members - member) as f64;
    let end_h = context.end.as_hours_f64();
    let mut y_ticks = vec![(0.0, "View changes".to_owned())];
    let mut marks: Vec<Mark> = Vec::new();
    for (m, silent) in votes.silent.iter().enumerate() {
        let (low, high) = (y_of(m) - 0.3, y_of(m) + 0.3);
        y_ticks.push((y_of(m), names.get(m).cloned().unwrap_or_default()));
        let mut from = 0.0;
        for (down, up) in merged(silent, votes.slot.0) {
            // Short silences of long runs stay visible.
            let up = up.max(down + votes.slot * 2);
            let (down, up) = (down.as_hours_f64(), up.as_hours_f64().min(end_h));
            marks.push(Mark::Block(Ink::Up, (from, low), (down, high)));
            marks.push(Mark::Block(Ink::Down, (down, y_of(m) - 0.12), (up, y_of(m) + 0.12)));
            from = up;
        }
        marks.push(Mark::Block(Ink::Up, (from, low), (end_h, high)));
    }
    for slot in &votes.views {
        let at = SimTime((*slot).saturating_mul(votes.slot.0)).as_hours_f64().min(end_h);
        marks.push(Mark::Tick(Ink::View, at, -0.35, 0.35));
    }
    for at in &votes.violations {
        marks.push(Mark::Tick(Ink::Violation, at.as_hours_f64(), -0.5, members as f64 + 0.5));
    }
    let label = format!("{name}: running members and view changes over time");
    let base = context.over_time(&label, "", 0.0, 1.0);
    let chart = Chart {
        height: 100 + 56 * (members as u32 + 1),
        margin,
        y: (-0.6, members as f64 + 0.6),
        y_ticks,
        marks: base.marks.iter().cloned().chain(marks).collect(),
        ..base
    };
    let mut keys = vec![
        (Key::Area(Ink::Up), "Member runs".to_owned()),
        (Key::Area(Ink::Down), "Member down".to_owned()),
        (Key::Mark(Ink::View), "View change".to_owned()),
    ];
    if !votes.violations.is_empty() {
        keys.push((Key::Mark(Ink::Violation), "Violation".to_owned()));
    }
    keys.extend(context.outage_key());
    let reading =
        "Each member has one lane, which is thick while the member runs and thin while it is down.";
    Ok(figure(
        &format!("{name}: members and views"),
        reading,
        &legend(&keys),
        &chart.draw_as(account)?,
    ))
}

/// Silences that a reader could not tell apart, as one.
fn merged(silent: &[(SimTime, SimTime)], apart_ns: u64) -> Vec<(SimTime, SimTime)> {
    let mut out: Vec<(SimTime, SimTime)> = Vec::new();
    for (from, to) in silent {
        match out.last_mut() {
            Some(last) if from.0.saturating_sub(last.1.0) < apart_ns => last.1 = *to,
            _ => out.push((*from, *to)),
        }
    }
    out
}

fn latency(context: &Context<'_>, name: &str, votes: &Votes, margin: u32) -> Result<String, Error> {
    let high = votes.latency.iter().map(|(_, p)| p[1]).fold(0.0, f64::max);
    if high <= 0.0 {
        return Ok("<p>No block was decided.</p>\n".to_owned());
    }
    let block_h = votes.block.as_hours_f64();
    // Blocks without a decision break the line, unless decisions are always that rare.
    let span =
        votes.latency.last().map_or(0, |l| l.0) - votes.latency.first().map_or(0, |l| l.0) + 1;
    let rare = (span as f64 / votes.latency.len() as f64).ceil().max(1.0) as u64;
    let label = format!("{name}: latency of decisions over time");
    let low = votes.latency.iter().map(|(_, p)| p[0]).fold(high, f64::min);
    // A group that waits for power answers hours late: such a course is drawn by powers of ten.
    let wide = high > WIDE * low;
    let y_of = |ms: f64| if wide { ms.max(SHORTEST_MS).log10() } else { ms };
    let mut chart = context.over_time(&label, if wide { "" } else { "ms" }, 0.0, high);
    if wide {
        chart.log = true;
        (chart.y, chart.y_ticks) = decades(low, high);
    }
    (chart.height, chart.margin) = (if wide { 480 } else { 380 }, margin);
    for (i, ink) in [(1, Ink::P99), (0, Ink::P50)] {
        let mut pieces: Vec<Points> = vec![Vec::new()];
        let mut before: Option<u64> = None;
        for entry in &votes.latency {
            if before.is_some_and(|b| entry.0 - b > 2 * rare) {
                pieces.push(Vec::new());
            }
            before = Some(entry.0);
            let point = ((entry.0 as f64 + 0.5) * block_h, y_of(entry.1[i]));
            if let Some(piece) = pieces.last_mut() {
                piece.push(point);
            }
        }
        chart.marks.push(Mark::Line(ink, pieces));
    }
    let mut keys = vec![
        (Key::Line(Ink::P99), "99th percentile".to_owned()),
        (Key::Line(Ink::P50), "Median".to_owned()),
    ];
    keys.extend(context.outage_key());
    let block = duration(votes.block.as_secs_f64());
    let reading = format!(
        "Time from the proposal until the client knows that the decision is final. Each point covers the decisions within {block}; the line is interrupted where no block was decided."
    );
    Ok(figure(
        &format!("{name}: latency of decisions"),
        &reading,
        &legend(&keys),
        &chart.draw(&keys)?,
    ))
}

/// The axis of powers of ten that holds all from `low` to `high` ms, marked at times that readers
/// know.
fn decades(low: f64, high: f64) -> ((f64, f64), Vec<(f64, String)>) {
    const KNOWN_S: [f64; 11] =
        [1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0, 120.0, 1200.0, 10_800.0, 108_000.0, 1_036_800.0];
    let known_ms = KNOWN_S.map(|s| s * 1000.0);
    let below = known_ms.iter().rposition(|ms| *ms <= low).unwrap_or(0);
    let above = known_ms.iter().position(|ms| *ms >= high).unwrap_or(known_ms.len() - 1);
    let shown = &known_ms[below..=above.max(below + 1).min(known_ms.len() - 1)];
    let ticks = shown.iter().map(|ms| (ms.log10(), duration(ms / 1000.0))).collect();
    ((shown[0].log10(), shown[shown.len() - 1].log10()), ticks)
}

/// Rows that say the same of other times, more than a reader wants to read.
struct Alike(Vec<(String, usize)>);

impl Alike {
    /// Finds them.
    fn of(rows: &[Row]) -> Self {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for row in rows.iter().filter(|row| foldable(row)) {
            *kinds.entry(kind_of(row)).or_default() += 1;
        }
        Self(kinds.into_iter().filter(|(_, rows)| *rows > FOLDED_FROM).collect())
    }

    fn folds(&self, row: &Row) -> bool {
        foldable(row) && self.0.iter().any(|(kind, _)| *kind == kind_of(row))
    }

    /// One folded list of times for each kind.
    fn lists(&self, context: &Context<'_>, rows: &[Row]) -> String {
        let mut out = String::new();
        for (kind, number) in &self.0 {
            let of_kind = rows.iter().filter(|row| foldable(row) && kind_of(row) == *kind);
            let items = of_kind.map(|row| {
                let (date, time) = context.when(row.at);
                let until = row.until.map_or(String::new(), |until| {
                    let (until_date, until_time) = context.when(until);
                    match until_date == date {
                        true => format!(" to {until_time}"),
                        false => format!(" to {until_date} {until_time}"),
                    }
                });
                format!("<li>{date} {time}{until}: {}</li>\n", escape(&row.text()))
            });
            let body = format!("<ul>\n{}</ul>\n", items.collect::<String>());
            out += &folded(&format!("{kind}: {} times", count(*number as u64)), &body);
        }
        out
    }
}

/// Whether a row may be folded away with others like it: what matters most never is.
fn foldable(row: &Row) -> bool {
    matches!(row.weight, Weight::Effect | Weight::Plain | Weight::Routine)
}

/// What a row says but for its figures and names.
fn kind_of(row: &Row) -> String {
    let what = row.phrases.iter().map(|(what, _)| {
        let begins = what.split_once(',').map_or(what.as_str(), |(begins, _)| begins);
        begins.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect::<String>()
    });
    let mut text = what.collect::<Vec<_>>().join("; ");
    while text.contains("##") {
        text = text.replace("##", "#");
    }
    text.replace('#', "\u{2026}")
}

/// What happened to power and votes, in order.
pub(super) fn chronology(context: &Context<'_>, story: &Story) -> String {
    let (rows, all) = story.rows(ROWS);
    let mut heads = vec!["When", "~Until", "~Event"];
    let batteries = !context.catalog.batteries.is_empty();
    if batteries {
        heads.push("State of charge");
    }
    let alike = Alike::of(&rows);
    let mut table = Table::new("Power supply and consensus, event by event", &heads);
    let mut day = String::new();
    for row in rows.iter().filter(|row| !alike.folds(row)) {
        let (date, time) = context.when(row.at);
        // The day stands where it changes.
        let when = if date == day { time } else { format!("{date} {time}") };
        day.clone_from(&date);
        let until = row.until.map_or(String::new(), |until| {
            let (until_date, until_time) = context.when(until);
            if until_date == date { until_time } else { format!("{until_date} {until_time}") }
        });
        let class = match row.weight {
            Weight::Alarm => "alarm",
            Weight::Silence => "silence",
            Weight::Change => "change",
            Weight::Plain => "plain",
            Weight::Effect | Weight::Routine => "",
        };
        let mut cells = vec![when, until, row.text()];
        if batteries {
            cells.push(row.soc.map_or(String::new(), percent));
        }
        table.row_of(class, &cells);
    }
    let table = table.end() + &alike.lists(context, &rows);
    if table.is_empty() {
        return "<p>None: no power failed, and this scenario has no consensus group.</p>\n"
            .to_owned();
    }
    let cut = if all > rows.len() as u64 {
        format!(
            "<p>The {} most important of {} rows are shown; events.csv lists all events, and consensus_hourly.csv counts all decisions and view changes.</p>\n",
            count(rows.len() as u64),
            count(all)
        )
    } else {
        String::new()
    };
    format!(
        "<p>Times are local times of the site. Each period of normal operation is summarised in one row. \
         A period without a decision is listed if it lasted more than four times the 95th percentile of \
         the earlier times between decisions. The state of charge is that of all batteries together at \
         the start of the interval in which the event happened.</p>\n{cut}{table}"
    )
}
