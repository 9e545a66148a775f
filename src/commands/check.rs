//! `gridtwin check`: whether scenarios can be run, what was understood of them, and what in them is
//! improbable. Nothing is written.

mod understood;

use super::run::twin_of;
use crate::arguments::CheckArguments;
use crate::failure::Failure;
use crate::{output, scenarios};
use gridtwin_twin::scenario::{Arrivals, LoadProfile, Offload, Scenario, Sessions, Weather};

/// How wide a line may be.
const WIDTH: usize = 100;

/// Checks every file, and every file that it names, and says what is in it.
pub(crate) fn check(wanted: &CheckArguments) -> Result<(), Failure> {
    let scenarios = scenarios::read_all(&wanted.files, &wanted.changes)?;
    let mut text = String::new();
    for (i, scenario) in scenarios.iter().enumerate() {
        let twin = twin_of(scenario)?;
        if i > 0 {
            text.push('\n');
        }
        text += &describe(scenario);
        text += &understood::understood(twin.catalog());
        text += &verdict(scenario);
    }
    output::print(&text)
}

/// What the scenario is: a line for each kind of thing, with its totals.
fn describe(s: &Scenario) -> String {
    let mut text = wrapped("", &format!("{}: {}, {}", s.source.name(), s.name, length(s)));
    let site = &s.site;
    let place = format!("{}, {} in {}", site.latitude_deg, site.longitude_deg, site.time_zone);
    let mut rows = vec![("site", place), ("weather", weather(s))];
    rows.extend(plant(s));
    rows.extend(computing(s));
    for (name, row) in rows {
        text += &wrapped(&format!("  {name:<10} "), &row);
    }
    text
}

fn length(s: &Scenario) -> String {
    format!(
        "{} from {} in steps of {} s, seed {}",
        counted(s.days, "day"),
        s.start,
        s.step_s,
        s.seed
    )
}

fn weather(s: &Scenario) -> String {
    match &s.weather {
        Weather::Synthetic { .. } => "synthetic, generated from the random seed".to_owned(),
        Weather::File { path, .. } => path.display().to_string(),
    }
}

/// What makes, keeps and uses electricity.
fn plant(s: &Scenario) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    let mut add = |name: &'static str, count: usize, row: String| {
        if count > 0 {
            rows.push((name, row));
        }
    };
    let pv_kw: f64 = s.pv.iter().map(|array| array.dc_kw.get()).sum();
    let pv = format!("{}, {} kW", counted(s.pv.len(), "array"), output::number(pv_kw));
    add("PV", s.pv.len(), pv);
    let kwh: f64 = s.batteries.iter().map(|b| b.capacity_kwh.get()).sum();
    let usable =
        s.batteries.iter().map(|b| b.capacity_kwh.get() * (b.soc_max.get() - b.soc_min.get()));
    let discharge_kw: f64 = s.batteries.iter().map(|b| b.discharge_kw.get()).sum();
    let batteries = format!(
        "{}, {} kWh, of which {} kWh usable; discharge {} kW",
        counted(s.batteries.len(), "battery"),
        output::number(kwh),
        output::number(usable.sum()),
        output::number(discharge_kw)
    );
    add("batteries", s.batteries.len(), batteries);
    let genset_kw: f64 = s.gensets.iter().map(|genset| genset.capacity_kw.get()).sum();
    let gensets =
        format!("{}, {} kW", counted(s.gensets.len(), "genset"), output::number(genset_kw));
    add("gensets", s.gensets.len(), gensets);
    add("loads", s.loads.len(), loads(s));
    add("chargers", s.chargers.len(), chargers(s));
    rows.push(("grid", grid(s)));
    rows
}

fn loads(s: &Scenario) -> String {
    let mut known = 0.0;
    let mut from_files = 0;
    for load in &s.loads {
        match &load.profile {
            LoadProfile::Constant { power_kw } => known += power_kw.get() * 8760.0,
            LoadProfile::Typical { annual_kwh, .. } => known += annual_kwh.get(),
            LoadProfile::Csv { .. } => from_files += 1,
        }
    }
    let mut row = counted(s.loads.len(), "load");
    if from_files < s.loads.len() {
        row += &format!(", {} kWh per year", output::number(known));
    }
    if from_files > 0 {
        let some = if from_files < s.loads.len() {
            format!("{from_files} of them ")
        } else {
            String::new()
        };
        let files = if from_files == 1 { "a file" } else { "files" };
        row += &format!(", {some}read from {files}");
    }
    row
}

fn chargers(s: &Scenario) -> String {
    let count: u32 = s.chargers.iter().map(|group| group.count).sum();
    let kw = s.chargers.iter().map(|group| f64::from(group.count) * group.power_kw.get());
    let limited = s.chargers.iter().map(|group| {
        let all = f64::from(group.count) * group.power_kw.get();
        group.site_limit_kw.map_or(all, |limit| limit.get().min(all))
    });
    let mut row = format!(
        "{}, {} kW, limited to {} kW",
        counted(count, "charger"),
        output::number(kw.sum()),
        output::number(limited.sum())
    );
    for group in &s.chargers {
        row += &match &group.sessions {
            Sessions::Elaad { per_weekday, per_weekend_day, .. } => format!(
                "; {}: {per_weekday} cars on a weekday, {per_weekend_day} on a weekend day",
                group.id
            ),
            Sessions::Fleet { vehicles, energy_kwh, .. } => {
                format!("; {}: {vehicles} vehicles, {energy_kwh} kWh each", group.id)
            }
            Sessions::Csv { path, .. } => {
                format!("; {}: sessions from {}", group.id, path.display())
            }
        };
    }
    row
}

fn grid(s: &Scenario) -> String {
    let Some(grid) = &s.grid else { return "none: an island".to_owned() };
    let tariff = &grid.tariff;
    let price = match &tariff.import_series {
        Some(_) => "prices from a file".to_owned(),
        None => format!("{} {} per kWh", tariff.price_per_kwh, tariff.currency),
    };
    let mut row =
        format!("import {} kW, export {} kW, {price}", grid.import_limit_kw, grid.export_limit_kw);
    if !tariff.periods.is_empty() {
        row += &format!(" and {}", counted(tariff.periods.len(), "price period"));
    }
    if !grid.outages.is_empty() {
        row += &format!(", {}", counted(grid.outages.len(), "outage"));
    }
    row
}

/// What makes tasks, computes them and votes.
fn computing(s: &Scenario) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    let devices: u32 = s.devices.iter().map(|fleet| fleet.count).sum();
    let per_s: f64 = s
        .tasks
        .iter()
        .map(|stream| {
            let fleet = s.devices.iter().find(|fleet| fleet.id == stream.from);
            f64::from(fleet.map_or(0, |fleet| fleet.count))
                * match stream.arrivals {
                    Arrivals::Poisson { per_minute } => per_minute.get() / 60.0,
                    Arrivals::Periodic { every_s } => 1.0 / every_s.get(),
                }
        })
        .sum();
    if devices > 0 {
        let streams = counted(s.tasks.len(), "task stream");
        let rate = output::number(per_s);
        let unit = if rate == "1" { "task/s" } else { "tasks/s" };
        let tasks = format!("{streams}, {rate} {unit}");
        rows.push((
            "devices",
            format!(
                "{} in {}; {tasks}",
                counted(devices, "device"),
                counted(s.devices.len(), "fleet")
            ),
        ));
    }
    if !s.edge_servers.is_empty() {
        let cores: u32 = s.edge_servers.iter().map(|server| server.cores).sum();
        let idle: f64 = s.edge_servers.iter().map(|server| server.idle_w.get()).sum();
        let busy: f64 = s.edge_servers.iter().map(|server| server.busy_w.get()).sum();
        let policy = match s.policies.offload {
            Offload::Local => "tasks stay on their devices".to_owned(),
            policy => format!("offloading: {policy:?}"),
        };
        rows.push((
            "servers",
            format!(
                "{} with {}, {} W idle to {} W busy; {policy}",
                counted(s.edge_servers.len(), "server"),
                counted(cores, "core"),
                output::number(idle),
                output::number(busy)
            ),
        ));
    }
    for group in &s.consensus {
        let members = counted(group.members.len(), "member");
        rows.push((
            "consensus",
            format!(
                "{}: {}, {members}, a block every {} s",
                group.id, group.protocol, group.block_s
            ),
        ));
    }
    let planned =
        [(s.faults.len(), "fault"), (s.changes.len(), "change"), (s.meters.len(), "meter")];
    let planned: Vec<String> = planned
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| counted(*count, what))
        .collect();
    if !planned.is_empty() {
        rows.push(("also", planned.join(", ")));
    }
    rows
}

/// What is improbable, and that the scenario can be run.
fn verdict(s: &Scenario) -> String {
    let warnings = s.warnings();
    let mut text = String::new();
    for warning in &warnings {
        text += &wrapped("  warning: ", &format!("{}: {}", warning.place, warning.message));
        if !warning.remedy.is_empty() {
            text += &wrapped("           = ", &warning.remedy);
        }
    }
    text + &match warnings.len() {
        0 => "  ok\n".to_owned(),
        count => format!("  ok, with {}\n", counted(count, "warning")),
    }
}

/// As in "1 battery", "3 batteries".
fn counted(count: impl TryInto<u64>, what: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    // Day keeps its y.
    let stem = what.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o']));
    let what = match (count, stem) {
        (1, _) => what.to_owned(),
        (_, Some(stem)) => format!("{stem}ies"),
        (_, None) => format!("{what}s"),
    };
    format!("{count} {what}")
}

/// A text behind a heading, broken between words and indented below itself.
fn wrapped(heading: &str, text: &str) -> String {
    let indent = " ".repeat(heading.chars().count().max(2));
    let mut lines = vec![heading.to_owned()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("a line");
        let fresh = line.trim().is_empty() || line.as_str() == heading;
        if !fresh && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!("{indent}{word}"));
        } else {
            if !fresh {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_broken_between_words() {
        let text = wrapped("  loads      ", &"four words and more ".repeat(12));
        assert!(text.lines().count() > 2 && text.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(text.lines().skip(1).all(|line| line.starts_with("             f") || line.starts_with("             ")));
        assert_eq!(text.matches("more").count(), 12);
        assert_eq!(wrapped("", "a b"), "a b\n");
    }

    #[test]
    fn things_are_counted() {
        assert_eq!(counted(1_u32, "battery"), "1 battery");
        assert_eq!(counted(2_usize, "battery"), "2 batteries");
        assert_eq!(counted(0_u32, "day"), "0 days");
    }

    #[test]
    fn the_campus_is_told_on_a_screen() {
        let campus = scenarios::campus().unwrap_or_else(|error| panic!("{error:?}"));
        let text = describe(&campus) + &verdict(&campus);
        for part in [
            "7 days from 2024-06-17T00:00:00 in steps of 300 s, seed 1",
            "3 arrays, 250 kW",
            "1 battery, 500 kWh, of which 425 kWh usable",
            "3 loads, 379000 kWh per year",
            "12 chargers, 132 kW, limited to 90 kW",
            "60 devices in 2 fleets; 2 task streams, 1 task/s",
            "6 servers with 32 cores",
            "receipts: pbft, 4 members, a block every 60 s",
            "14 meters",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(text.ends_with("  ok\n"), "{text}");
        assert!(
            text.lines().count() < 20 && text.lines().all(|line| line.chars().count() <= WIDTH)
        );
    }
}
