//! The page's top: what was run, and the figures that sum it up.

use super::Context;
use super::markup::escape;
use crate::number::{count, duration, human, money, percent};

/// A part of a figure that is larger than this stands in its tile.
const WORTH_SAYING: f64 = 0.01;
/// Number of groups whose stalls a tile names, the longest first.
const STALLS: usize = 3;

/// Name, description, span of time.
pub(super) fn header(context: &Context<'_>) -> String {
    let catalog = context.catalog;
    let from = context.clock.zoned(gridtwin_kernel::SimTime::ZERO);
    let to = context.clock.zoned(context.end);
    let days = context.tally.energy.covered.as_hours_f64() / 24.0;
    let zone = catalog.time_zone.iana_name().unwrap_or("at the UTC offset of the site");
    let description = match catalog.description.trim() {
        "" => String::new(),
        text => format!("<p class=\"lead\">{}</p>\n", escape(text)),
    };
    format!(
        "<header>\n<p class=\"kicker\">gridtwin run report</p>\n<h1>{}</h1>\n{description}\
         <p class=\"span\">{} to {}, {} {}, {}</p>\n</header>\n",
        escape(&catalog.name),
        from.strftime("%-d %B %Y %H:%M"),
        to.strftime("%-d %B %Y %H:%M"),
        human(days),
        if days == 1.0 { "day" } else { "days" },
        escape(zone),
    )
}

/// The figures, each with its unit and a line on what it means.
pub(super) fn figures(context: &Context<'_>) -> String {
    let (tally, catalog) = (context.tally, context.catalog);
    let get = |name: &str| context.summary.get(name).unwrap_or(f64::NAN);
    let mut tiles = String::from("<section aria-label=\"Headline figures\" class=\"tiles\">\n");
    let mut tile = |name: &str, metric: &str, value: String, unit: &str, note: String| {
        let unit = if value == "none" { "" } else { unit };
        tiles += &format!(
            "<div class=\"tile\"><p class=\"name\">{}</p><p class=\"value\">{} <span>{}</span></p>\
             <p class=\"note\">{}</p>{}</div>\n",
            escape(name),
            escape(&value),
            escape(unit),
            escape(&note),
            match metric {
                "tasks.completed" => super::base::tasks_line(context),
                _ => super::base::line(context, metric),
            },
        );
    };
    let mut sufficiency = "of consumption came from the site\u{2019}s own renewables".to_owned();
    let fuel = get("energy.consumed_from_genset_kwh");
    if fuel > 0.0 {
        sufficiency += &format!(", {} from fuel", percent(fuel / get("energy.consumed_kwh")));
    }
    let unserved = get("energy.unserved_kwh");
    if unserved > 0.0 {
        let of_demand = percent(get("energy.self_sufficiency_of_demand"));
        let share = percent(unserved / get("energy.load_kwh"));
        sufficiency +=
            &format!("; {of_demand} of all demand, because {share} of demand was not served");
    }
    let consumed = tally.energy.consumed_kwh();
    tile(
        "Self-sufficiency",
        "energy.self_sufficiency",
        percent(tally.energy.self_sufficiency().unwrap_or(f64::NAN)),
        "",
        sufficiency,
    );
    let unserved = if unserved > 0.0 {
        format!("{} kWh were not served", human(unserved))
    } else {
        "all demand was served".to_owned()
    };
    tile("Consumed", "energy.consumed_kwh", human(consumed), "kWh", unserved);
    let mut embodied =
        format!("operational; {} kg embodied in addition", human(get("carbon.embodied_kg")));
    let (stored, emitted) = (get("carbon.stored_kg"), get("carbon.operational_kg"));
    if stored.abs() > WORTH_SAYING * emitted.abs() {
        let less = if stored < 0.0 { "less" } else { "more" };
        embodied += &format!(
            "; the stored energy carries {} kg {less} than at the start",
            human(stored.abs())
        );
    }
    tile(
        "Carbon",
        "carbon.operational_kg",
        human(get("carbon.operational_kg")),
        "kg CO\u{2082}",
        embodied,
    );
    let intensity = "of CO\u{2082} per kWh consumed, directly or through the batteries".to_owned();
    tile(
        "Carbon intensity",
        "carbon.intensity_g_per_kwh",
        human(get("carbon.intensity_g_per_kwh")),
        "g/kWh",
        intensity,
    );
    let mut parts = Vec::new();
    let lost_load = get("cost.lost_load") / (get("cost.total") + get("cost.export"));
    if lost_load > 0.5 {
        parts.push(format!("{} of this is the cost of lost load", percent(lost_load)));
    }
    if get("cost.export") != 0.0 {
        parts.push(format!("{} of income from exports is deducted", money(get("cost.export"))));
    }
    parts.extend(tally.billing_note());
    let change = get("cost.stored_change");
    if change.abs() > WORTH_SAYING * get("cost.total").abs() {
        let kwh = get("energy.stored_change_kwh");
        let less = if kwh < 0.0 { "less" } else { "more" };
        let kwh = human(kwh.abs());
        parts.push(format!(
            "includes {} because {kwh} kWh {less} are stored at the end than at the start",
            money(change)
        ));
    }
    tile("Cost", "cost.total", money(get("cost.total")), &catalog.currency, parts.join("; "));
    let (arrived, in_time) = (get("tasks.arrived"), get("tasks.completed"));
    let of = format!("of {} tasks were completed before their deadline", count(arrived as u64));
    let of = if arrived > 0.0 { of } else { "no task arrived".to_owned() };
    tile("Tasks on time", "tasks.completed", percent(in_time / arrived), "", of);
    let p50 = get("tasks.latency_ms_p50");
    let p50 = if p50.is_finite() {
        format!("median {} ms", human(p50))
    } else {
        "no task was completed".to_owned()
    };
    tile("Latency p95", "tasks.latency_ms_p95", human(get("tasks.latency_ms_p95")), "ms", p50);
    let decided: u64 = tally.groups.0.iter().map(|g| g.decided).sum();
    let broken: u64 = tally.groups.0.iter().map(|g| g.violations).sum();
    let (value, note) = match (catalog.groups.len(), broken) {
        (0, _) => ("none".to_owned(), "no consensus group".to_owned()),
        (n, 0) => {
            let s = if n == 1 { "" } else { "s" };
            (
                count(decided),
                format!("by {n} consensus group{s}, no safety violation{}", stalls(context)),
            )
        }
        (_, v) => {
            let s = if v == 1 { "" } else { "S" };
            (count(decided), format!("{} VIOLATION{s}{}", count(v), stalls(context)))
        }
    };
    tile("Decisions", "", value, "", note);
    tiles + "</section>\n"
}

/// The longest time that each group was without a decision, longest first.
fn stalls(context: &Context<'_>) -> String {
    let groups = context.catalog.groups.iter().zip(&context.tally.groups.0);
    let mut all: Vec<(f64, &str)> = groups
        .map(|(info, group)| (group.longest_gap(context.end).as_secs_f64(), info.name.as_str()))
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let told: Vec<String> = all
        .iter()
        .take(STALLS)
        .map(|(seconds, name)| match all.len() {
            1 => duration(*seconds),
            _ => format!("{name} {}", duration(*seconds)),
        })
        .collect();
    format!("; longest time without a decision: {}", told.join(", "))
}
