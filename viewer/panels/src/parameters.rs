//! A thing's values in words: what it does at the playhead beyond its one number, and what it is.
//! Not what can be changed about it.

use crate::model::FutureModel;
use crate::number::{self, percent, with_unit};
use gridtwin_player::Thing;
use gridtwin_twin::record::Catalog;
use gridtwin_twin::scenario::{LoadProfile, Scenario, Sessions};

type Rows = Vec<(String, String)>;

fn add(rows: &mut Rows, what: &str, value: impl Into<String>) {
    rows.push((what.to_owned(), value.into()));
}

/// What it does now.
pub(crate) fn live(thing: Thing, future: &FutureModel, catalog: &Catalog) -> Rows {
    let (sample, state) = (&future.view.sample, &future.view.state);
    let mut rows = Rows::new();
    match thing {
        Thing::Battery(i) => {
            let i = usize::from(i);
            if let Some(battery) = sample.batteries.get(i) {
                let what = if battery.power_kw < 0.0 { "Charges with" } else { "Discharges with" };
                add(&mut rows, what, number::power(battery.power_kw.abs()));
                add(
                    &mut rows,
                    "Carbon of stored energy",
                    with_unit(battery.stored_g_per_kwh, "g/kWh"),
                );
            }
            if let (Some(soc), Some(b)) = (future.view.soc.get(i), future.scenario.batteries.get(i))
            {
                add(&mut rows, "Stored energy", number::energy(soc * b.capacity_kwh.get()));
            }
        }
        Thing::Grid => {
            add(&mut rows, "Import", number::power(sample.flows.import_kw));
            add(&mut rows, "Export", number::power(sample.flows.export_kw));
            let unit = format!("{}/kWh", catalog.currency);
            add(&mut rows, "Price", with_unit(sample.money.price_per_kwh, &unit));
            add(&mut rows, "Carbon intensity", with_unit(sample.grid_g_per_kwh, "g/kWh"));
        }
        Thing::Chargers(i) => {
            let cars = state.cars.get(usize::from(i)).map_or(&[][..], Vec::as_slice);
            for car in cars.iter().take(12) {
                let doing =
                    if car.plugged { number::power(car.power_kw) } else { "waits".to_owned() };
                let got = format!(
                    "{doing}, {} of {}",
                    number::energy(car.delivered_kwh),
                    number::energy(car.asked_kwh)
                );
                add(&mut rows, &format!("Car {}", car.session), got);
            }
            if cars.len() > 12 {
                add(&mut rows, "", format!("and {} more", cars.len() - 12));
            }
        }
        Thing::Server(i) => {
            if let Some(server) = sample.servers.get(usize::from(i)) {
                add(&mut rows, "Power", number::power(server.power_w / 1000.0));
                add(&mut rows, "Tasks waiting or running", server.tasks.to_string());
            }
        }
        Thing::Group(i) => {
            let i = usize::from(i);
            if let Some(group) = sample.groups.get(i) {
                add(&mut rows, "Decisions in this interval", group.decided.to_string());
                add(&mut rows, "Messages in this interval", number::human(group.messages as f64));
                add(&mut rows, "View changes in this interval", group.view_changes.to_string());
                add(&mut rows, "Energy in this interval", with_unit(group.energy_j, "J"));
            }
            if let (Some(group), Some(info)) = (state.groups.get(i), catalog.groups.get(i)) {
                add(&mut rows, "View", group.view.to_string());
                for (m, server) in info.members.iter().enumerate() {
                    let name = catalog.servers.get(usize::from(*server)).map_or("", String::as_str);
                    add(&mut rows, name, role(group, m));
                }
            }
        }
        _ => {}
    }
    rows
}

fn role(group: &gridtwin_twin::record::GroupState, member: usize) -> String {
    let view = group.views.get(member).copied().unwrap_or(0);
    match () {
        () if !group.up.get(member).copied().unwrap_or(false) => "✖ down".to_owned(),
        () if group.leader.map(usize::from) == Some(member) => "★ leads".to_owned(),
        () if view < group.view => format!("⚠ in view {view}"),
        () => "✔ votes".to_owned(),
    }
}

/// What it is.
pub(crate) fn fixed(thing: Thing, s: &Scenario) -> Rows {
    let mut rows = Rows::new();
    let mut row = |what: &str, value: String| rows.push((what.to_owned(), value));
    match thing {
        Thing::Pv(i) => {
            if let Some(p) = s.pv.get(usize::from(i)) {
                row("Rated power, DC", number::power(p.dc_kw.get()));
                row("Rated power, AC", number::power(p.dc_kw.get() / p.dc_ac_ratio.get()));
                row("Tilt", with_unit(p.tilt_deg.get(), "°"));
                row(
                    "Azimuth",
                    format!(
                        "{} ({})",
                        with_unit(p.azimuth_deg.get(), "°"),
                        compass(p.azimuth_deg.get())
                    ),
                );
                row("Losses", percent(p.losses.get()));
                row("Mount", split(&format!("{:?}", p.mount)));
            }
        }
        Thing::Battery(i) => {
            if let Some(b) = s.batteries.get(usize::from(i)) {
                row("Capacity", number::energy(b.capacity_kwh.get()));
                row("Maximum charging", number::power(b.charge_kw.get()));
                row("Maximum discharging", number::power(b.discharge_kw.get()));
                row(
                    "Usable state of charge",
                    format!("{} to {}", percent(b.soc_min.get()), percent(b.soc_max.get())),
                );
                let round = b.charge_efficiency.get() * b.discharge_efficiency.get();
                row("Round-trip efficiency", percent(round));
                row("Grid-forming", yes(b.grid_forming));
            }
        }
        Thing::Genset(i) => {
            if let Some(g) = s.gensets.get(usize::from(i)) {
                row("Rated power", number::power(g.capacity_kw.get()));
                row("Minimum load", percent(g.minimum_load.get()));
                row("Starts below state of charge", percent(g.start_below_soc.get()));
                row("Stops above state of charge", percent(g.stop_above_soc.get()));
            }
        }
        Thing::Grid => {
            if let Some(g) = &s.grid {
                row("Import limit", number::power(g.import_limit_kw.get()));
                row("Export limit", number::power(g.export_limit_kw.get()));
                let t = &g.tariff;
                let unit = format!("{}/kWh", t.currency);
                row("Price", with_unit(t.price_per_kwh.get(), &unit));
                for p in &t.periods {
                    let what = format!(
                        "{}, {} to {}",
                        p.name,
                        p.from.strftime("%H:%M"),
                        p.until.strftime("%H:%M")
                    );
                    row(&what, with_unit(p.price_per_kwh.get(), &unit));
                }
                row("Export price", with_unit(t.export_price_per_kwh.get(), &unit));
                row(
                    "Monthly demand charge",
                    with_unit(t.demand_price_per_kw.get(), &format!("{}/kW", t.currency)),
                );
            }
        }
        Thing::Load(i) => {
            if let Some(l) = s.loads.get(usize::from(i)) {
                match &l.profile {
                    LoadProfile::Constant { power_kw } => {
                        row("Constant power", number::power(power_kw.get()))
                    }
                    LoadProfile::Typical { shape, annual_kwh, .. } => {
                        row("Load profile", split(&format!("{shape:?}")));
                        row("Energy per year", number::energy(annual_kwh.get()));
                    }
                    LoadProfile::Csv(file) => row("From file", file.path.display().to_string()),
                }
                row("Priority", l.shedding.priority.to_string());
                if let Some(soc) = l.shedding.below_soc {
                    row("Shed on island below charge", percent(soc.get()));
                }
            }
        }
        Thing::Chargers(i) => {
            if let Some(c) = s.chargers.get(usize::from(i)) {
                row("Chargers", format!("{} of {}", c.count, number::power(c.power_kw.get())));
                if let Some(limit) = c.site_limit_kw {
                    row("Total power limit", number::power(limit.get()));
                }
                row("Charging order", split(&format!("{:?}", c.strategy)));
                row(
                    "Cars",
                    match &c.sessions {
                        Sessions::Elaad { per_weekday, .. } => {
                            format!("{} per weekday", number::human(per_weekday.get()))
                        }
                        Sessions::Fleet { vehicles, .. } => format!("fleet of {vehicles}"),
                        Sessions::Csv { path, .. } => path.display().to_string(),
                    },
                );
            }
        }
        Thing::Fleet(i) => {
            if let Some(d) = s.devices.get(usize::from(i)) {
                row("Devices", d.count.to_string());
                row("Clock", with_unit(d.frequency_ghz.get(), "GHz"));
                row("Power supply", split(&format!("{:?}", d.supply)));
                row("Idle power", number::power(d.idle_w.get() / 1000.0));
            }
        }
        Thing::Server(i) => {
            if let Some(e) = s.edge_servers.get(usize::from(i)) {
                row("Cores", format!("{} of {}", e.cores, with_unit(e.frequency_ghz.get(), "GHz")));
                row("Idle power", number::power(e.idle_w.get() / 1000.0));
                row("Power at full load", number::power(e.busy_w.get() / 1000.0));
                row("Boot time", with_unit(e.boot_s.get(), "s"));
                row("Priority", e.shedding.priority.to_string());
            }
        }
        Thing::Switch(i) => {
            if let Some(w) = s.switches.get(usize::from(i)) {
                row("Power", number::power(w.power_w.get() / 1000.0));
                row("Priority", w.shedding.priority.to_string());
            }
        }
        Thing::Link(i) => {
            if let Some(l) = s.links.get(usize::from(i)) {
                row("Latency", with_unit(l.latency_ms.get(), "ms"));
                row("Jitter, up to", with_unit(l.jitter_ms.get(), "ms"));
                row("Rate", with_unit(l.rate_mbit_s.get(), "Mbit/s"));
                row("Energy per bit", with_unit(l.nj_per_bit.get(), "nJ"));
            }
        }
        Thing::Cloud => {
            if let Some(c) = &s.cloud {
                row("Clock", with_unit(c.frequency_ghz.get(), "GHz"));
                row("Power per busy core", number::power(c.core_w.get() / 1000.0));
                row("Power usage effectiveness", number::human(c.pue.get()));
            }
        }
        Thing::Group(i) => {
            if let Some(g) = s.consensus.get(usize::from(i)) {
                row("Protocol", format!("{:?}", g.protocol));
                row("Members", g.members.len().to_string());
                row("A block every", with_unit(g.block_s.get(), "s"));
            }
        }
    }
    rows
}

fn yes(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

fn compass(deg: f64) -> &'static str {
    const POINTS: [&str; 8] =
        ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];
    POINTS[((deg / 45.0).round() as usize) % 8]
}

/// "CloseMountGlassGlass" as "close mount glass glass".
fn split(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push(' ');
        }
        out.extend(c.to_lowercase());
    }
    out
}
