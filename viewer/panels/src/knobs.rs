//! What can be changed about a thing while the site lives: sizes, prices, protocols, policies; the
//! change that each makes, and changes in words. Not the widgets.

use crate::number;
use gridtwin_player::Thing;
use gridtwin_twin::scenario::{Change, Dispatch, FaultKind, Id, Scenario};

/// Something that can be set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Knob {
    /// What it is.
    pub(crate) label: String,
    /// Its place in the scenario.
    pub(crate) path: String,
    /// Its value now.
    pub(crate) value: Value,
}

/// What a knob can be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// A number in a unit, within bounds.
    Number { now: f64, unit: String, from: f64, to: f64, whole: bool },
    /// One of some words.
    Choice { now: String, options: &'static [(&'static str, &'static str)] },
}

const OFFLOAD: &[(&str, &str)] = &[
    ("Local", "on the device itself"),
    ("Nearest", "nearest server"),
    ("LeastLoaded", "least loaded server"),
    ("LeastCarbon", "least carbon"),
    ("Cloud", "in the cloud"),
];
const BROWN_OUT: &[(&str, &str)] = &[("Migrate", "sent again"), ("Lose", "lost")];
const PROTOCOL: &[(&str, &str)] = &[("Raft", "Raft"), ("Pbft", "PBFT")];
const STRATEGY: &[(&str, &str)] = &[
    ("Immediate", "first come, first served"),
    ("EarliestDeadlineFirst", "earliest departure first"),
];
const SHARE: (f64, f64) = (0.0, 1.0);

/// What can be changed about a thing.
pub(crate) fn of(thing: Thing, s: &Scenario, currency: &str) -> Vec<Knob> {
    let number = |path: String, label: &str, now: f64, unit: &str, from: f64, to: f64| Knob {
        label: label.to_owned(),
        path,
        value: Value::Number { now, unit: unit.to_owned(), from, to, whole: false },
    };
    let size =
        |path: String, label: &str, now: f64, unit: &str| number(path, label, now, unit, 0.0, 1e7);
    let price = |path: &str, label: &str, now: f64| {
        number(format!("grid.tariff.{path}"), label, now, &format!("{currency}/kWh"), -100.0, 100.0)
    };
    match thing {
        Thing::Pv(i) => s.pv.get(usize::from(i)).map_or(Vec::new(), |p| {
            let at = |field: &str| format!("pv.{}.{field}", p.id);
            vec![
                size(at("dc_kw"), "Rated power", p.dc_kw.get(), "kW"),
                number(at("tilt_deg"), "Tilt", p.tilt_deg.get(), "°", 0.0, 90.0),
                number(at("azimuth_deg"), "Azimuth", p.azimuth_deg.get(), "°", 0.0, 360.0),
            ]
        }),
        Thing::Battery(i) => s.batteries.get(usize::from(i)).map_or(Vec::new(), |b| {
            let at = |field: &str| format!("batteries.{}.{field}", b.id);
            vec![
                size(at("capacity_kwh"), "Capacity", b.capacity_kwh.get(), "kWh"),
                size(at("charge_kw"), "Charging power", b.charge_kw.get(), "kW"),
                size(at("discharge_kw"), "Discharging power", b.discharge_kw.get(), "kW"),
            ]
        }),
        Thing::Genset(i) => s.gensets.get(usize::from(i)).map_or(Vec::new(), |g| {
            let at = |field: &str| format!("gensets.{}.{field}", g.id);
            vec![
                size(at("capacity_kw"), "Rated power", g.capacity_kw.get(), "kW"),
                number(
                    at("start_below_soc"),
                    "Starts below state of charge",
                    g.start_below_soc.get(),
                    "",
                    SHARE.0,
                    SHARE.1,
                ),
                number(
                    at("stop_above_soc"),
                    "Stops above state of charge",
                    g.stop_above_soc.get(),
                    "",
                    SHARE.0,
                    SHARE.1,
                ),
            ]
        }),
        Thing::Grid => s.grid.as_ref().map_or(Vec::new(), |g| {
            let mut knobs = vec![
                size(
                    "grid.import_limit_kw".to_owned(),
                    "Import limit",
                    g.import_limit_kw.get(),
                    "kW",
                ),
                size(
                    "grid.export_limit_kw".to_owned(),
                    "Export limit",
                    g.export_limit_kw.get(),
                    "kW",
                ),
                price("price_per_kwh", "Price", g.tariff.price_per_kwh.get()),
                price("export_price_per_kwh", "Export price", g.tariff.export_price_per_kwh.get()),
            ];
            for (i, period) in g.tariff.periods.iter().enumerate() {
                let label = format!("Price, {}", period.name);
                let path = format!("periods[{i}].price_per_kwh");
                knobs.push(price(&path, &label, period.price_per_kwh.get()));
            }
            knobs
        }),
        Thing::Chargers(i) => s.chargers.get(usize::from(i)).map_or(Vec::new(), |c| {
            let at = |field: &str| format!("chargers.{}.{field}", c.id);
            let all_kw = f64::from(c.count) * c.power_kw.get();
            vec![
                Knob {
                    label: "Chargers".to_owned(),
                    path: at("count"),
                    value: Value::Number {
                        now: f64::from(c.count),
                        unit: String::new(),
                        from: 1.0,
                        to: 10_000.0,
                        whole: true,
                    },
                },
                size(at("power_kw"), "Power per charger", c.power_kw.get(), "kW"),
                size(
                    at("site_limit_kw"),
                    "Total power limit",
                    c.site_limit_kw.map_or(all_kw, |l| l.get()),
                    "kW",
                ),
                choice(at("strategy"), "Charging order", format!("{:?}", c.strategy), STRATEGY),
            ]
        }),
        Thing::Group(i) => s.consensus.get(usize::from(i)).map_or(Vec::new(), |g| {
            let at = |field: &str| format!("consensus.{}.{field}", g.id);
            vec![
                choice(at("protocol"), "Protocol", format!("{:?}", g.protocol), PROTOCOL),
                number(at("block_s"), "A block every", g.block_s.get(), "s", 0.01, 86_400.0),
            ]
        }),
        Thing::Load(_)
        | Thing::Fleet(_)
        | Thing::Server(_)
        | Thing::Switch(_)
        | Thing::Link(_)
        | Thing::Cloud => Vec::new(),
    }
}

fn choice(
    path: String,
    label: &str,
    now: String,
    options: &'static [(&'static str, &'static str)],
) -> Knob {
    Knob { label: label.to_owned(), path, value: Value::Choice { now, options } }
}

/// The policies that are one word.
pub(crate) fn policies(s: &Scenario) -> Vec<Knob> {
    vec![
        choice(
            "policies.offload".to_owned(),
            "Tasks run",
            format!("{:?}", s.policies.offload),
            OFFLOAD,
        ),
        choice(
            "policies.brown_out".to_owned(),
            "On power loss, tasks are",
            format!("{:?}", s.policies.brown_out),
            BROWN_OUT,
        ),
    ]
}

/// A dispatch policy in words.
pub(crate) fn dispatch_words(dispatch: &Dispatch) -> String {
    match dispatch {
        Dispatch::SelfConsumption => "self-consumption".to_owned(),
        Dispatch::TimeOfUse { charge_below_price, discharge_above_price, .. } => format!(
            "time of use: charge below {}, discharge above {}",
            number::human(charge_below_price.get()),
            number::human(discharge_above_price.get())
        ),
        Dispatch::BackupReserve { reserve_soc, .. } => {
            format!("backup reserve of {}", number::percent(reserve_soc.get()))
        }
    }
}

/// What breaks with a thing, if it can break.
pub(crate) fn fault(thing: Thing, s: &Scenario) -> Option<FaultKind> {
    Some(match thing {
        Thing::Pv(i) => FaultKind::Pv(s.pv.get(usize::from(i))?.id.clone()),
        Thing::Battery(i) => FaultKind::Battery(s.batteries.get(usize::from(i))?.id.clone()),
        Thing::Server(i) => FaultKind::Node(s.edge_servers.get(usize::from(i))?.id.clone()),
        Thing::Switch(i) => FaultKind::Node(s.switches.get(usize::from(i))?.id.clone()),
        Thing::Link(i) => {
            let link = s.links.get(usize::from(i))?;
            FaultKind::Link(link.from.clone(), link.to.clone())
        }
        _ => return None,
    })
}

/// A change in words.
pub(crate) fn words(change: &Change) -> String {
    let part = |what: &FaultKind| match what {
        FaultKind::Node(id)
        | FaultKind::Pv(id)
        | FaultKind::Battery(id)
        | FaultKind::Genset(id) => id.to_string(),
        FaultKind::Link(a, b) => format!("the link from {a} to {b}"),
    };
    let name = |id: &Id| id.to_string();
    match change {
        Change::Set { path, value } => set_words(path, value),
        Change::Grid { up: true } => "The grid comes back".to_owned(),
        Change::Grid { up: false } => "The grid fails".to_owned(),
        Change::Break { what } => format!("{} breaks", part(what)),
        Change::Mend { what } => format!("{} is repaired", part(what)),
        Change::Clouds { cover, hours } => format!(
            "Clouds cover {} of the sky for {}",
            number::percent(cover.get()),
            number::with_unit(hours.get(), "h")
        ),
        Change::Cars { chargers, count, asked_kwh, stay_h } => format!(
            "{count} cars arrive at {} for {} each and stay {}",
            name(chargers),
            number::energy(asked_kwh.get()),
            number::with_unit(stay_h.get(), "h")
        ),
        Change::StateOfCharge { battery, soc } => {
            format!("{}: state of charge set to {}", name(battery), number::percent(soc.get()))
        }
        Change::Metered(_) => "Meter readings".to_owned(),
        Change::Note { text } => text.clone(),
    }
}

/// As in "container: capacity 1000 kWh".
fn set_words(path: &str, value: &str) -> String {
    const UNITS: [(&str, &str); 6] = [
        ("_per_kwh", " per kWh"),
        ("_kwh", " kWh"),
        ("_kw", " kW"),
        ("_deg", "°"),
        ("_soc", ""),
        ("_s", " s"),
    ];
    let (what, field) = path.rsplit_once('.').unwrap_or(("", path));
    let what = what.rsplit('.').next().unwrap_or(what);
    let unit = UNITS.into_iter().find(|(suffix, _)| field.ends_with(suffix));
    let name = unit.map_or(field, |(suffix, _)| field.trim_end_matches(suffix)).replace('_', " ");
    let value = match value.parse::<f64>() {
        Ok(number) => format!("{}{}", number::human(number), unit.map_or("", |(_, unit)| unit)),
        Err(_) => value.replace('_', " "),
    };
    format!("{what}: {name} {value}")
}

/// A number as a scenario would say it.
pub(crate) fn plain(value: f64, whole: bool) -> String {
    if whole { format!("{value:.0}") } else { format!("{}", (value * 1e6).round() / 1e6) }
}
