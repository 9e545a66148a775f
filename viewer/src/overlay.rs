//! What colour each thing has under an overlay: figures from the view, colours from the palette.
//! Putting them on is the kinds'.

use crate::scene::{Side, Stage, Wish};
use crate::tag::Look;
use bevy::prelude::*;
use gridtwin_kernel::SimTime;
use gridtwin_panels::{
    Overlay,
    palette::{self, Rgb, Role},
};
use gridtwin_player::Thing;
use gridtwin_twin::record::{Catalog, Place, ServerState};
use gridtwin_twin::scenario::{LoadProfile, Scenario};

/// Each thing's colour under the overlay, if it has one.
#[derive(Resource, Clone, Debug, Default)]
pub struct Colours {
    overlay: Overlay,
    sides: [Vec<Option<Rgb>>; 2],
    starts: [[usize; 10]; 2],
    latency: [Latencies; 2],
}

/// Mean latencies of the tasks that ended in the last minutes: by where they ran, and by the fleet
/// that they came from.
#[derive(Clone, Debug, Default)]
struct Latencies {
    of: Option<(usize, u64)>,
    servers: Vec<(f64, u32)>,
    cloud: (f64, u32),
    fleets: Vec<(f64, u32)>,
}

impl Colours {
    /// The colour of a thing.
    pub fn of(&self, side: usize, thing: Thing) -> Option<Rgb> {
        let (kind, i) = key(thing)?;
        self.sides[side].get(self.starts[side][kind] + i).copied().flatten()
    }

    /// What a thing looks like: its own look, or under an overlay the overlay's colour, or grey
    /// where the overlay has nothing to say of it.
    pub fn dress(&self, side: usize, thing: Thing, own: Look) -> Look {
        if self.overlay == Overlay::None {
            return own;
        }
        match self.of(side, thing) {
            Some(tint) => Look { tint, amount: 0.92, grey: 0.7, glow: 0.6, marked: own.marked },
            None => Look { grey: 0.9, amount: 0.0, glow: own.glow * 0.25, ..own },
        }
    }

    /// The overlay that they belong to.
    pub fn overlay(&self) -> Overlay {
        self.overlay
    }
}

fn key(thing: Thing) -> Option<(usize, usize)> {
    let (kind, i) = match thing {
        Thing::Pv(i) => (0, i),
        Thing::Battery(i) => (1, i),
        Thing::Genset(i) => (2, i),
        Thing::Grid => (3, 0),
        Thing::Load(i) => (4, i),
        Thing::Chargers(i) => (5, i),
        Thing::Fleet(i) => (6, i),
        Thing::Server(i) => (7, i),
        Thing::Switch(i) => (8, i),
        Thing::Cloud => (9, 0),
        Thing::Link(_) | Thing::Group(_) => return None,
    };
    Some((kind, usize::from(i)))
}

/// Reckons every thing's colour.
pub(crate) fn colour(stage: Res<Stage>, wish: Res<Wish>, mut colours: ResMut<Colours>) {
    let colours = &mut *colours;
    colours.overlay = wish.overlay;
    for (index, side) in stage.sides.iter().enumerate() {
        let s = &*side.scenario;
        let counts = [
            s.pv.len(),
            s.batteries.len(),
            s.gensets.len(),
            1,
            s.loads.len(),
            s.chargers.len(),
            s.devices.len(),
            s.edge_servers.len(),
            s.switches.len(),
            1,
        ];
        let mut total = 0;
        for (start, count) in colours.starts[index].iter_mut().zip(counts) {
            *start = total;
            total += count;
        }
        let starts = colours.starts[index];
        let out = &mut colours.sides[index];
        out.clear();
        out.resize(total, None);
        if wish.overlay == Overlay::None {
            continue;
        }
        let latency = &mut colours.latency[index];
        if wish.overlay == Overlay::Latency {
            latency.learn(side, &stage.catalog);
        }
        let kinds: [fn(u16) -> Thing; 10] = [
            Thing::Pv,
            Thing::Battery,
            Thing::Genset,
            |_| Thing::Grid,
            Thing::Load,
            Thing::Chargers,
            Thing::Fleet,
            Thing::Server,
            Thing::Switch,
            |_| Thing::Cloud,
        ];
        if wish.overlay == Overlay::Consensus {
            for i in 0..s.edge_servers.len() {
                out[starts[7] + i] = Some(Role::Outside.color());
            }
            roles(side, &stage.catalog, |server, role| {
                if let Some(slot) = out.get_mut(starts[7] + usize::from(server)) {
                    *slot = Some(role.color());
                }
            });
            continue;
        }
        for (kind, count) in counts.into_iter().enumerate() {
            for i in 0..count {
                let thing = kinds[kind](i as u16);
                out[starts[kind] + i] = match wish.overlay {
                    Overlay::Power => power(side, thing).map(palette::diverging),
                    Overlay::Charge => charge(side, thing).map(palette::cividis),
                    Overlay::Carbon => {
                        carbon_g_per_kwh(side, thing).map(|g| palette::cividis(g / 600.0))
                    }
                    Overlay::Load => load(side, thing).map(palette::cividis),
                    Overlay::Latency => {
                        latency.mean_ms(thing).map(|ms| palette::cividis(ms / 1000.0))
                    }
                    Overlay::None | Overlay::Consensus => None,
                };
            }
        }
    }
}

/// Tells every member's role in its group; who is in several groups is told of several times, and
/// what matters most comes last.
pub(crate) fn roles(side: &Side, catalog: &Catalog, mut tell: impl FnMut(u16, Role)) {
    for wanted in [Role::Member, Role::Behind, Role::Silent, Role::Leader] {
        for (group, info) in side.view.state.groups.iter().zip(&catalog.groups) {
            for (m, &server) in info.members.iter().enumerate() {
                let up = group.up.get(m).copied().unwrap_or(false);
                let role = if !up {
                    Role::Silent
                } else if group.leader == Some(m as u16) {
                    Role::Leader
                } else if group.views.get(m).is_some_and(|view| *view < group.view) {
                    Role::Behind
                } else {
                    Role::Member
                };
                if role == wanted {
                    tell(server, role);
                }
            }
        }
    }
}

/// Power at the bus in kW, positive where it flows into it.
pub(crate) fn power_kw(side: &Side, thing: Thing) -> Option<f64> {
    let sample = &side.view.sample;
    let flows = &sample.flows;
    match thing {
        Thing::Pv(i) => sample.pv_kw.get(usize::from(i)).map(|kw| {
            // What nobody could take never reached the bus.
            let taken =
                if flows.pv_kw > 0.0 { 1.0 - flows.curtailed_kw / flows.pv_kw } else { 1.0 };
            kw * taken
        }),
        Thing::Battery(i) => sample.batteries.get(usize::from(i)).map(|b| b.power_kw),
        Thing::Genset(i) => sample.gensets_kw.get(usize::from(i)).copied(),
        Thing::Grid => Some(flows.import_kw - flows.export_kw),
        Thing::Load(i) => {
            let on = consumer_on(side, thing);
            sample.loads_kw.get(usize::from(i)).map(|kw| if on { -kw } else { 0.0 })
        }
        Thing::Chargers(i) => sample.chargers_kw.get(usize::from(i)).map(|kw| -kw),
        Thing::Server(i) => sample.servers.get(usize::from(i)).map(|s| -s.power_w / 1000.0),
        Thing::Switch(i) => {
            let up = side.view.state.switches_up.get(usize::from(i)).copied().unwrap_or(false);
            let watts = side.scenario.switches.get(usize::from(i))?.power_w.get();
            Some(if up { -watts / 1000.0 } else { 0.0 })
        }
        _ => None,
    }
}

/// Whether a consumer has power: loads, chargers, fleets, servers, switches in the catalogue's
/// order, which is the scenario's, fleets with a cell of their own left out.
pub(crate) fn consumer_on(side: &Side, thing: Thing) -> bool {
    let s = &side.scenario;
    let on_site = |fleet: &gridtwin_twin::scenario::Devices| {
        fleet.supply == gridtwin_twin::scenario::Supply::Site
    };
    let fleets = || s.devices.iter().filter(|f| on_site(f)).count();
    let index = match thing {
        Thing::Load(i) => usize::from(i),
        Thing::Chargers(i) => s.loads.len() + usize::from(i),
        Thing::Fleet(i) => {
            let i = usize::from(i);
            if !s.devices.get(i).is_some_and(on_site) {
                return true;
            }
            s.loads.len() + s.chargers.len() + s.devices[..i].iter().filter(|f| on_site(f)).count()
        }
        Thing::Server(i) => s.loads.len() + s.chargers.len() + fleets() + usize::from(i),
        Thing::Switch(i) => {
            s.loads.len() + s.chargers.len() + fleets() + s.edge_servers.len() + usize::from(i)
        }
        _ => return true,
    };
    side.view.state.consumers_on.get(index).copied().unwrap_or(true)
}

/// Carbon intensity of what a thing gives, or of what it runs on.
pub(crate) fn carbon_g_per_kwh(side: &Side, thing: Thing) -> Option<f32> {
    let sample = &side.view.sample;
    let mix = sample.mix_g_per_kwh as f32;
    match thing {
        Thing::Pv(_) => Some(0.0),
        Thing::Battery(i) => {
            sample.batteries.get(usize::from(i)).map(|b| b.stored_g_per_kwh as f32)
        }
        Thing::Genset(i) => side.scenario.gensets.get(usize::from(i)).map(|g| {
            (1000.0
                * g.carbon_kg_per_l.get()
                * (g.fuel_l_per_kwh.get() + g.fuel_l_per_h_per_kw.get())) as f32
        }),
        Thing::Grid => Some(sample.grid_g_per_kwh as f32),
        Thing::Cloud | Thing::Link(_) | Thing::Group(_) => None,
        Thing::Fleet(i) => {
            let fleet = side.scenario.devices.get(usize::from(i))?;
            (fleet.supply == gridtwin_twin::scenario::Supply::Site).then_some(mix)
        }
        _ => consumer_on(side, thing).then_some(mix),
    }
}

/// Power against its rating, -1 (takes) to 1 (gives).
fn power(side: &Side, thing: Thing) -> Option<f32> {
    let kw = power_kw(side, thing)?;
    Some((kw / rating_kw(&side.scenario, thing)?.max(1e-3)) as f32)
}

fn rating_kw(s: &Scenario, thing: Thing) -> Option<f64> {
    Some(match thing {
        Thing::Pv(i) => {
            s.pv.get(usize::from(i))?.dc_kw.get() / s.pv[usize::from(i)].dc_ac_ratio.get()
        }
        Thing::Battery(i) => {
            let battery = s.batteries.get(usize::from(i))?;
            battery.discharge_kw.get().max(battery.charge_kw.get())
        }
        Thing::Genset(i) => s.gensets.get(usize::from(i))?.capacity_kw.get(),
        Thing::Grid => {
            let grid = s.grid.as_ref()?;
            grid.import_limit_kw.get().max(grid.export_limit_kw.get())
        }
        Thing::Load(i) => match &s.loads.get(usize::from(i))?.profile {
            LoadProfile::Constant { power_kw } => power_kw.get(),
            // A typical day's peak is about three times the year's mean.
            LoadProfile::Typical { annual_kwh, .. } => annual_kwh.get() / 8760.0 * 3.0,
            LoadProfile::Csv { .. } => 50.0,
        },
        Thing::Chargers(i) => {
            let group = s.chargers.get(usize::from(i))?;
            let all = f64::from(group.count) * group.power_kw.get();
            group.site_limit_kw.map_or(all, |limit| limit.get().min(all))
        }
        Thing::Server(i) => s.edge_servers.get(usize::from(i))?.busy_w.get() / 1000.0,
        Thing::Switch(i) => s.switches.get(usize::from(i))?.power_w.get() / 1000.0,
        _ => return None,
    })
}

/// State of charge, of batteries and of the cars at a group of chargers.
fn charge(side: &Side, thing: Thing) -> Option<f32> {
    match thing {
        Thing::Battery(i) => side.view.soc.get(usize::from(i)).map(|soc| *soc as f32),
        Thing::Chargers(i) => {
            let cars = side.view.state.cars.get(usize::from(i))?;
            let (got, asked) = cars
                .iter()
                .fold((0.0, 0.0), |(g, a), car| (g + car.delivered_kwh, a + car.asked_kwh));
            (asked > 0.0).then(|| (got / asked) as f32)
        }
        _ => None,
    }
}

/// How busy it is, 0 to 1.
fn load(side: &Side, thing: Thing) -> Option<f32> {
    match thing {
        Thing::Server(i) => {
            let i = usize::from(i);
            let running = side.view.state.servers.get(i) == Some(&ServerState::Running);
            let load = side.view.sample.servers.get(i).map_or(0.0, |s| s.load as f32);
            Some(if running { load } else { 0.0 })
        }
        Thing::Pv(_) | Thing::Battery(_) | Thing::Genset(_) | Thing::Grid | Thing::Chargers(_) => {
            power(side, thing).map(f32::abs)
        }
        _ => None,
    }
}

/// How far back tasks count: one interval alone has few of them.
const LATENCY_WINDOW_NS: u64 = 10 * 60 * 1_000_000_000;

impl Latencies {
    /// Reckons anew where another interval is shown.
    fn learn(&mut self, side: &Side, catalog: &Catalog) {
        let Some(detail) = side.detail.as_deref() else {
            *self = Self::default();
            return;
        };
        let sample = &side.view.sample;
        let of = Some((std::ptr::from_ref(detail) as usize, sample.at.0));
        if self.of == of {
            return;
        }
        self.of = of;
        let clear = |sums: &mut Vec<(f64, u32)>, count| {
            sums.clear();
            sums.resize(count, (0.0, 0));
        };
        clear(&mut self.servers, side.scenario.edge_servers.len());
        clear(&mut self.fleets, side.scenario.devices.len());
        self.cloud = (0.0, 0);
        let until = sample.at + sample.step;
        let from = SimTime(until.0.saturating_sub(LATENCY_WINDOW_NS));
        for task in &detail.tasks {
            if task.outcome.is_lost() || task.finished < from || task.finished >= until {
                continue;
            }
            let slot = match task.place {
                Place::Server(i) => self.servers.get_mut(usize::from(i)),
                Place::Cloud => Some(&mut self.cloud),
                Place::Local => None,
            };
            let fleet = catalog
                .streams
                .get(usize::from(task.stream))
                .and_then(|stream| self.fleets.get_mut(usize::from(stream.fleet)));
            for (sum_ms, count) in [slot, fleet].into_iter().flatten() {
                *sum_ms += task.latency_ms();
                *count += 1;
            }
        }
    }

    fn mean_ms(&self, thing: Thing) -> Option<f32> {
        let (sum_ms, count) = match thing {
            Thing::Server(i) => *self.servers.get(usize::from(i))?,
            Thing::Fleet(i) => *self.fleets.get(usize::from(i))?,
            Thing::Cloud => self.cloud,
            _ => return None,
        };
        (count > 0).then(|| (sum_ms / f64::from(count)) as f32)
    }
}
