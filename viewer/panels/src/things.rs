//! What a thing is doing at the playhead, in a symbol, a number, a word and a colour: what the tree
//! and the inspector say of it. Not its parameters.

use crate::model::FutureModel;
use crate::number;
use crate::palette::{self, Rgb};
use gridtwin_player::Thing;
use gridtwin_twin::record::{Catalog, ServerState};
use gridtwin_twin::scenario::{Scenario, Supply};

/// A kind of thing: its heading in the tree, its symbol and its colour.
pub(crate) fn kind(thing: Thing) -> (&'static str, &'static str, Rgb) {
    match thing {
        Thing::Pv(_) => ("PV arrays", "☀", palette::YELLOW),
        Thing::Battery(_) => ("Batteries", "🔋", palette::GREEN),
        Thing::Genset(_) => ("Gensets", "⛽", palette::VERMILLION),
        Thing::Grid => ("Grid", "⚡", palette::SKY),
        Thing::Load(_) => ("Loads", "🏠", palette::BLUE),
        Thing::Chargers(_) => ("EV chargers", "🚗", palette::ORANGE),
        Thing::Fleet(_) => ("Devices", "📷", palette::PURPLE),
        Thing::Server(_) => ("Edge servers", "🖥", palette::PURPLE),
        Thing::Switch(_) => ("Switches", "🔀", palette::GREY),
        Thing::Link(_) => ("Links", "🔗", palette::GREY),
        Thing::Cloud => ("Cloud", "☁", palette::SKY),
        Thing::Group(_) => ("Consensus", "👥", palette::GREEN),
    }
}

/// How a thing fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// It does something.
    Active,
    /// It is in order and does nothing.
    Idle,
    /// Something is not as it should be.
    Warning,
    /// It has failed, or has no power.
    Down,
}

impl Health {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Active => "✔",
            Self::Idle => "○",
            Self::Warning => "⚠",
            Self::Down => "✖",
        }
    }

    pub(crate) fn color(self) -> Rgb {
        match self {
            Self::Active => palette::GREEN,
            Self::Idle => palette::GREY,
            Self::Warning => palette::ORANGE,
            Self::Down => palette::VERMILLION,
        }
    }
}

/// What a thing is doing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    /// Its most telling number with its unit; empty where it has none.
    pub(crate) value: String,
    /// Its state in a word or two.
    pub(crate) word: String,
    /// How it fares.
    pub(crate) health: Health,
}

/// What it is doing in a future at the playhead.
pub(crate) fn reading(thing: Thing, future: &FutureModel, catalog: &Catalog) -> Reading {
    let (sample, state) = (&future.view.sample, &future.view.state);
    let of = |value: String, word: &str, health| Reading { value, word: word.to_owned(), health };
    let powered = || {
        let consumer = thing.consumer(catalog);
        consumer.and_then(|i| state.consumers_on.get(i).copied()).unwrap_or(true)
    };
    let flag = |flags: &[bool], i: u16| flags.get(usize::from(i)).copied().unwrap_or(true);
    match thing {
        Thing::Pv(i) => {
            let kw = at(&sample.pv_kw, i);
            if !flag(&state.pv_in_order, i) {
                of(number::power(kw), "broken", Health::Down)
            } else if kw > 0.01 {
                of(number::power(kw), "generates", Health::Active)
            } else {
                of(number::power(kw), "no sun", Health::Idle)
            }
        }
        Thing::Battery(i) => battery(usize::from(i), future),
        Thing::Genset(i) => {
            let kw = at(&sample.gensets_kw, i);
            if state.gensets_running.get(usize::from(i)).copied().unwrap_or(false) {
                of(number::power(kw), "runs", Health::Active)
            } else {
                of(number::power(kw), "off", Health::Idle)
            }
        }
        Thing::Grid => {
            let kw = sample.flows.import_kw - sample.flows.export_kw;
            let value = number::power(kw.abs());
            match kw {
                _ if !state.grid_up => of(value, "failed", Health::Down),
                kw if kw > 0.01 => of(value, "imports", Health::Active),
                kw if kw < -0.01 => of(value, "exports", Health::Active),
                _ => of(value, "idle", Health::Idle),
            }
        }
        Thing::Load(i) => {
            let value = number::power(at(&sample.loads_kw, i));
            if powered() {
                of(value, "served", Health::Active)
            } else {
                of(value, "no power", Health::Down)
            }
        }
        Thing::Chargers(i) => {
            let value = number::power(at(&sample.chargers_kw, i));
            let cars = state.cars.get(usize::from(i)).map_or(&[][..], Vec::as_slice);
            let plugged = cars.iter().filter(|car| car.plugged).count();
            let waiting = cars.len() - plugged;
            let mut word = match plugged {
                1 => "1 car".to_owned(),
                n => format!("{n} cars"),
            };
            if waiting > 0 {
                word += &format!(", {waiting} wait");
            }
            match () {
                () if !powered() => of(value, "no power", Health::Down),
                () if waiting > 0 => of(value, &word, Health::Warning),
                () if plugged > 0 => of(value, &word, Health::Active),
                () => of(value, "no cars", Health::Idle),
            }
        }
        Thing::Fleet(i) => {
            let devices = future.scenario.devices.get(usize::from(i));
            let value = devices.map(|d| format!("{}×", d.count)).unwrap_or_default();
            if devices.is_some_and(|d| d.supply == Supply::Own) {
                of(value, "own supply", Health::Active)
            } else if powered() {
                of(value, "on", Health::Active)
            } else {
                of(value, "no power", Health::Down)
            }
        }
        Thing::Server(i) => {
            let load = sample.servers.get(usize::from(i)).map_or(0.0, |s| s.load);
            let value = number::percent(load);
            match state.servers.get(usize::from(i)).copied().unwrap_or_default() {
                ServerState::Dark => of(value, "no power", Health::Down),
                ServerState::Booting => of(value, "boots", Health::Warning),
                ServerState::Running if load > 0.9 => of(value, "overloaded", Health::Warning),
                ServerState::Running if load > 0.0005 => of(value, "computes", Health::Active),
                ServerState::Running => of(value, "idle", Health::Idle),
            }
        }
        Thing::Switch(i) if flag(&state.switches_up, i) => of(String::new(), "on", Health::Active),
        Thing::Switch(_) => of(String::new(), "no power", Health::Down),
        Thing::Link(i) => {
            let rate =
                future.scenario.links.get(usize::from(i)).map_or(0.0, |l| l.rate_mbit_s.get());
            let value = number::with_unit(rate, "Mbit/s");
            if flag(&state.links_up, i) {
                of(value, "up", Health::Active)
            } else {
                of(value, "down", Health::Down)
            }
        }
        Thing::Cloud => of(String::new(), "remote", Health::Active),
        Thing::Group(i) => group(usize::from(i), future, catalog),
    }
}

fn at(values: &[f64], index: u16) -> f64 {
    values.get(usize::from(index)).copied().unwrap_or(0.0)
}

fn battery(i: usize, future: &FutureModel) -> Reading {
    let view = future.view;
    let soc = view.soc.get(i).copied().unwrap_or(f64::NAN);
    let kw = view.sample.batteries.get(i).map_or(0.0, |b| b.power_kw);
    let limits =
        future.scenario.batteries.get(i).map_or((0.0, 1.0), |b| (b.soc_min.get(), b.soc_max.get()));
    let (word, health) = match () {
        () if !view.state.batteries_in_order.get(i).copied().unwrap_or(true) => {
            ("broken", Health::Down)
        }
        () if kw > 0.01 => ("discharges", Health::Active),
        () if kw < -0.01 => ("charges", Health::Active),
        () if soc <= limits.0 + 1e-6 => ("empty", Health::Warning),
        () if soc >= limits.1 - 1e-6 => ("full", Health::Idle),
        () => ("idle", Health::Idle),
    };
    Reading { value: number::percent(soc), word: word.to_owned(), health }
}

fn group(i: usize, future: &FutureModel, catalog: &Catalog) -> Reading {
    let (Some(group), Some(info)) = (future.view.state.groups.get(i), catalog.groups.get(i)) else {
        return Reading { value: String::new(), word: "unknown".to_owned(), health: Health::Idle };
    };
    let up = group.up.iter().filter(|up| **up).count();
    let all = info.members.len();
    let value = format!("{up}/{all}");
    let leader = group.leader.and_then(|l| info.members.get(usize::from(l)));
    let leader = leader.and_then(|l| catalog.servers.get(usize::from(*l)));
    match leader {
        _ if up < quorum(&info.protocol, all) => {
            Reading { value, word: "no quorum".to_owned(), health: Health::Down }
        }
        None => Reading { value, word: "no leader".to_owned(), health: Health::Warning },
        Some(name) if up < all => {
            Reading { value, word: format!("{name} leads"), health: Health::Warning }
        }
        Some(name) => Reading { value, word: format!("{name} leads"), health: Health::Active },
    }
}

/// How many members must run for a decision.
fn quorum(protocol: &str, members: usize) -> usize {
    if protocol.eq_ignore_ascii_case("pbft") {
        members - (members.saturating_sub(1)) / 3
    } else {
        members / 2 + 1
    }
}

/// Things in the order of the tree, kind by kind.
pub(crate) fn all(scenario: &Scenario) -> Vec<Thing> {
    Thing::all(scenario)
}
