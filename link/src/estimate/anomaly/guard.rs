//! All detectors of one site, interval after interval. Not the detectors themselves.

use super::balance::{Balance, Part, Residual, UNEXPLAINED_AFTER, Unexplained};
use super::battery::BatteryWatch;
use super::dead::Dead;
use super::flipped::Flipped;
use super::jump::{ABSURD_RUN, Jump};
use super::latch::{Evidence, Latch, tell};
use super::soiled::Soiled;
use super::stuck::{Sight, Stuck};
use super::{Change, Expected, Kind, jump, stuck};
use crate::estimate::pv::Performance;
use crate::estimate::soc::{Battery, SocFilter};
use crate::quality::{Mean, Presence, Runs, Silence, Watch};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::scenario::{Id, Quantity};

/// Less of an interval than this covered by readings is not enough to go by.
const COVERED: f64 = 0.5;
const BALANCED_AFTER: u32 = 12;
/// Below this share of their rated power the neighbouring arrays give no information about the sky.
const LIGHT_SHARE: f64 = 0.05;

/// What a device is to its site.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// A PV array: supplies.
    Array,
    /// A load: takes, as it pleases.
    Load,
    /// Chargers: consume, as ordered.
    Charger,
    /// A genset: generates, as ordered.
    Genset,
    /// A battery: discharges (and charges, below zero), as ordered.
    Battery {
        /// Its parameters.
        battery: Battery,
        /// Its state of charge at the start, if known.
        start: Option<f64>,
    },
    /// The grid: supplies (and takes, below zero) the remainder.
    Grid,
}

impl Role {
    /// Whether its power counts as supply; otherwise it counts as demand.
    pub fn gives(&self) -> bool {
        !matches!(self, Self::Load | Self::Charger)
    }

    /// Whether it compensates the others: the grid by nature, a battery and a genset on command.
    /// When a consumer draws power, its power really changes.
    pub fn balances(&self) -> bool {
        matches!(self, Self::Grid | Self::Battery { .. } | Self::Genset)
    }
}

/// A device of the site, metered or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Its name.
    pub id: Id,
    /// What it is.
    pub role: Role,
    /// The greatest power that it is rated for, kW.
    pub rated_kw: f64,
}

/// How a meter is doing at the end of an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeterState {
    /// Whether it is there.
    pub presence: Presence,
    /// The lengths of its constant runs.
    pub runs: Runs,
    /// How many of its last readings, in a row, were absurd.
    pub absurd_in_a_row: u32,
}

impl MeterState {
    /// As of `now`.
    pub fn of(watch: &Watch, silence: &Silence, now: SimTime) -> Self {
        Self {
            presence: silence.presence(now),
            runs: *watch.runs(),
            absurd_in_a_row: watch.absurd_in_a_row(),
        }
    }
}

/// What was seen of a device in an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// The model's power: for an array, the model's output without curtailment, before
    /// [`Performance::correct`].
    pub expected: Expected,
    /// Its metered mean power.
    pub power: Option<Mean>,
    /// Its power's meter, if it has one.
    pub power_meter: Option<MeterState>,
    /// The last reading of its state of charge in the interval.
    pub soc: Option<f64>,
    /// Its state of charge's meter, if it has one.
    pub soc_meter: Option<MeterState>,
    /// It was curtailed.
    pub curtailed: bool,
}

impl Seen {
    fn metered_kw(&self) -> Option<f64> {
        self.power.filter(|mean| mean.covered >= COVERED && mean.kw.is_finite()).map(|mean| mean.kw)
    }
}

/// All that is watched of one site.
#[derive(Clone, Debug)]
pub struct Guard {
    watched: Vec<Watched>,
    parts: Vec<Part>,
    balance: Balance,
    unexplained: Unexplained,
    jump: Jump,
    residual: Option<Residual>,
    /// For how many intervals one meter has been under suspicion.
    waited: u32,
}

#[derive(Clone, Debug)]
struct Watched {
    device: Device,
    power_dead: Dead,
    soc_dead: Dead,
    stuck: Stuck,
    flipped: Flipped,
    /// The lengths of its meter's constant runs, while it is present.
    runs: Option<Runs>,
    jumped: Latch,
    absurd: Latch,
    battery: Option<BatteryWatch>,
    soiled: Option<Soiled>,
}

impl Watched {
    fn new(device: Device) -> Self {
        let battery = match &device.role {
            Role::Battery { battery, start } => Some(BatteryWatch::new(battery.clone(), *start)),
            _ => None,
        };
        let soiled = (device.role == Role::Array).then(|| Soiled::new(device.rated_kw));
        Self {
            power_dead: Dead::new(device.id.clone(), Quantity::Power),
            soc_dead: Dead::new(device.id.clone(), Quantity::Soc),
            stuck: Stuck::new(),
            flipped: Flipped::new(),
            runs: None,
            jumped: Latch::new(1, BALANCED_AFTER),
            absurd: Latch::new(1, 1),
            battery,
            soiled,
            device,
        }
    }

    /// Its meter's power is known to be wrong.
    fn is_broken(&self) -> bool {
        self.stuck.is_raised() || self.flipped.is_raised() || self.jumped.is_raised()
    }
}

impl Guard {
    /// Watches a site's devices, the grid among them where it has one.
    pub fn new(devices: Vec<Device>) -> Self {
        let greatest_kw = devices.iter().map(|device| device.rated_kw.abs()).fold(0.0, f64::max);
        let count = devices.len();
        Self {
            watched: devices.into_iter().map(Watched::new).collect(),
            parts: Vec::with_capacity(count),
            balance: Balance::new(greatest_kw),
            unexplained: Unexplained::default(),
            jump: Jump::new(count),
            residual: None,
            waited: 0,
        }
    }

    /// Checks the interval of length `span` that began at `from` and is over. `seen` has one entry
    /// per device; a device without an entry counts as unseen. New and cleared anomalies are
    /// appended to `changes`.
    pub fn look(&mut self, from: SimTime, span: Span, seen: &[Seen], changes: &mut Vec<Change>) {
        let at = from + span;
        self.parts.clear();
        for (index, watched) in self.watched.iter().enumerate() {
            let seen = seen.get(index).copied().unwrap_or_default();
            let gives = watched.device.role.gives();
            let part = Part { gives, metered_kw: seen.metered_kw(), expected: seen.expected };
            self.parts.push(part);
        }
        let grid_is_metered =
            self.watched.iter().zip(&self.parts).any(|(watched, part)| {
                watched.device.role == Role::Grid && part.metered_kw.is_some()
            });
        self.residual = if grid_is_metered {
            self.balance.look(&self.parts)
        } else {
            self.balance.skip();
            None
        };
        for index in 0..self.watched.len() {
            let seen = seen.get(index).copied().unwrap_or_default();
            let sky = self.sky_beside(index);
            if let (Some(watched), Some(part)) =
                (self.watched.get_mut(index), self.parts.get(index))
            {
                watched.look_at_meters(at, &seen, changes);
                watched.look_at_power(at, &seen, part, self.residual, changes);
                watched.look_at_battery(from, span, &seen, changes);
                watched.look_at_array(at, span, &seen, sky, changes);
            }
        }
        self.look_at_site(at, changes);
    }

    /// The residual of the last interval, once the balance can be formed.
    pub fn residual(&self) -> Option<Residual> {
        self.residual
    }

    /// The performance ratio of an array, by its place among the devices.
    pub fn performance(&self, index: usize) -> Option<&Performance> {
        Some(&self.watched.get(index)?.soiled.as_ref()?.to_model.performance)
    }

    /// The state of charge of a battery, by its place among the devices.
    pub fn battery(&self, index: usize) -> Option<&SocFilter> {
        Some(&self.watched.get(index)?.battery.as_ref()?.filter)
    }

    /// The same, for readings of the voltage.
    pub fn battery_mut(&mut self, index: usize) -> Option<&mut SocFilter> {
        Some(&mut self.watched.get_mut(index)?.battery.as_mut()?.filter)
    }

    /// Whether a device's power meter is known to be wrong now, so that the device is better
    /// simulated by its model.
    pub fn is_broken(&self, index: usize) -> bool {
        self.watched.get(index).is_some_and(Watched::is_broken)
    }

    /// The value at which a device's power meter is stuck, kW: to be passed to its watch
    /// ([`Watch::freeze`]).
    pub fn stuck_at(&self, index: usize) -> Option<f64> {
        self.watched.get(index)?.stuck.value()
    }

    /// The ratio of the other arrays' output to their models, for working and uncurtailed arrays.
    fn sky_beside(&self, index: usize) -> Option<f64> {
        let (mut metered_kw, mut expected_kw, mut rated_kw) = (0.0, 0.0, 0.0);
        for (other, (watched, part)) in self.watched.iter().zip(&self.parts).enumerate() {
            let Some(soiled) = &watched.soiled else { continue };
            let Some(kw) = part.metered_kw else { continue };
            if other != index && !watched.is_broken() && !soiled.is_raised() {
                metered_kw += kw.max(0.0);
                expected_kw += part.expected.mean_kw;
                rated_kw += watched.device.rated_kw;
            }
        }
        let light = expected_kw > LIGHT_SHARE * rated_kw && rated_kw > 0.0;
        light.then(|| metered_kw / expected_kw)
    }

    /// Which meter is wrong if the balance does not hold, and whether it holds again.
    fn look_at_site(&mut self, at: SimTime, changes: &mut Vec<Change>) {
        let broken = self.watched.iter().any(Watched::is_broken);
        let watched = &self.watched;
        let stands_still = |found: &jump::Found| {
            watched.iter().enumerate().any(|(index, watched)| {
                let runs = watched.runs.filter(|_| index != found.device);
                runs.is_some_and(|runs| stuck::may_stand_still(&runs, found.since))
            })
        };
        let balances =
            |index: usize| watched.get(index).is_some_and(|watched| watched.device.role.balances());
        let site =
            jump::Site { parts: &self.parts, balances: &balances, stands_still: &stands_still };
        if let Some(found) = self.jump.look(at, &site, self.residual, broken)
            && let Some(watched) = self.watched.get_mut(found.device)
        {
            let turn = watched.jumped.raise(found.since);
            tell(changes, turn, at, (&watched.device.id, Quantity::Power, Kind::Jump), || {
                format!(
                    "Within two intervals, an error of {:.2} kW appeared in the site's power \
                     balance, and only this meter changed by as much.",
                    found.shift_kw
                )
            });
        }
        let Some(residual) = self.residual else { return };
        self.blame_a_sign(at, residual, changes);
        for (watched, part) in self.watched.iter_mut().zip(&self.parts) {
            if watched.jumped.is_raised() {
                let turn = watched.jumped.look(at, Evidence::of(!residual.holds()));
                let about = (&watched.device.id, Quantity::Power, Kind::Jump);
                tell(changes, turn, at, about, String::new);
            }
            let turn = watched.flipped.look_again(at, part, residual);
            let about = (&watched.device.id, Quantity::Power, Kind::FlippedSign);
            tell(changes, turn, at, about, String::new);
        }
        let explained = self.watched.iter().any(Watched::is_broken);
        // While one meter is under suspicion, the imbalance is not attributed to the whole site.
        self.waited = if !explained && self.is_pending() { self.waited + 1 } else { 0 };
        if (1..=UNEXPLAINED_AFTER).contains(&self.waited) {
            return;
        }
        let turn = self.unexplained.look(at, residual, explained);
        let grid = self.watched.iter().find(|watched| watched.device.role == Role::Grid);
        let Some(grid) = grid else { return };
        tell(changes, turn, at, (&grid.device.id, Quantity::Power, Kind::Unexplained), || {
            let way = if residual.kw > 0.0 {
                "more power has flowed in"
            } else {
                "more power has been consumed"
            };
            format!(
                "For {UNEXPLAINED_AFTER} intervals, {way} than the meters and models explain: now \
                 {:.2} kW more, where up to {:.2} kW is within the uncertainty.",
                residual.kw.abs(),
                residual.deviation_kw
            )
        });
    }

    /// Flipping one sign, and only that one, makes the balance hold.
    fn blame_a_sign(&mut self, at: SimTime, residual: Residual, changes: &mut Vec<Change>) {
        if self.watched.iter().any(Watched::is_broken) {
            self.watched.iter_mut().for_each(|watched| watched.flipped.forget());
            return;
        }
        let mut best: Option<(usize, f64)> = None;
        let mut alone = true;
        for (index, (watched, part)) in self.watched.iter_mut().zip(&self.parts).enumerate() {
            if !watched.flipped.weigh(at, part, residual) {
                continue;
            }
            let error_kw = watched.flipped.error_kw();
            match best {
                Some((_, least_kw)) => {
                    // Two candidates are distinguished only if one fits far better.
                    alone = error_kw.max(least_kw) > 2.0 * error_kw.min(least_kw);
                    if error_kw < least_kw {
                        best = Some((index, error_kw));
                    }
                }
                None => best = Some((index, error_kw)),
            }
        }
        let Some((index, error_kw)) = best.filter(|_| alone) else { return };
        let Some(watched) = self.watched.get_mut(index) else { return };
        let turn = watched.flipped.raise(None);
        tell(changes, turn, at, (&watched.device.id, Quantity::Power, Kind::FlippedSign), || {
            format!(
                "The site's power balance is off by {:.2} kW. With this meter's sign reversed, it \
                 would be off by at most {error_kw:.2} kW, even while the meter's power varies.",
                residual.kw
            )
        });
    }

    fn is_pending(&self) -> bool {
        let meters = self
            .watched
            .iter()
            .any(|watched| watched.stuck.is_pending() || watched.flipped.is_pending());
        meters || self.jump.is_pending()
    }
}

impl Watched {
    fn look_at_meters(&mut self, at: SimTime, seen: &Seen, changes: &mut Vec<Change>) {
        if let Some(meter) = &seen.power_meter {
            // A stuck or absurd meter is not used and so not received, but it is not dead.
            let talks = meter.absurd_in_a_row >= ABSURD_RUN || self.stuck.is_raised();
            if !talks {
                self.power_dead.look(at, meter.presence, changes);
            }
            let evidence = match self.jumped.is_raised() {
                true => Evidence::None,
                false => Evidence::of(meter.absurd_in_a_row >= ABSURD_RUN),
            };
            let turn = self.absurd.look(at, evidence);
            tell(changes, turn, at, (&self.device.id, Quantity::Power, Kind::Jump), || {
                format!(
                    "Its last {} readings exceed what a device rated at {:.2} kW can reach.",
                    meter.absurd_in_a_row, self.device.rated_kw
                )
            });
        }
        if let Some(meter) = &seen.soc_meter {
            self.soc_dead.look(at, meter.presence, changes);
        }
    }

    fn look_at_power(
        &mut self,
        at: SimTime,
        seen: &Seen,
        part: &Part,
        residual: Option<Residual>,
        changes: &mut Vec<Change>,
    ) {
        self.runs = seen.power_meter.filter(|meter| !meter.presence.is_absent()).map(|m| m.runs);
        let Some(meter) = &seen.power_meter else { return };
        let Device { id, role, rated_kw } = &self.device;
        // What is wrong with it already explains a balance that is off.
        let explained = self.jumped.is_raised() || self.flipped.is_raised();
        if !(meter.presence.is_absent() || explained) || self.stuck.is_raised() {
            let Seen { expected, curtailed, .. } = *seen;
            let sight = Sight { runs: &meter.runs, expected, curtailed, residual };
            let turn = self.stuck.look(at, role, *rated_kw, &sight);
            let stuck = &self.stuck;
            tell(changes, turn, at, (id, Quantity::Power, Kind::Stuck), || {
                stuck.evidence(at, &sight)
            });
        }
        if let Some(kw) = part.metered_kw {
            let turn = self.flipped.look(at, role, *rated_kw, kw, seen.expected);
            tell(changes, turn, at, (id, Quantity::Power, Kind::FlippedSign), || match role {
                Role::Array => {
                    format!("A PV array generates by day, but this meter reads {kw:.2} kW.")
                }
                _ => format!("Its power cannot be negative, but this meter reads {kw:.2} kW."),
            });
        }
    }

    fn look_at_battery(
        &mut self,
        from: SimTime,
        span: Span,
        seen: &Seen,
        changes: &mut Vec<Change>,
    ) {
        let Some(battery) = &mut self.battery else { return };
        let broken = self.stuck.is_raised();
        let power = if broken { None } else { seen.metered_kw() };
        let told = battery.look(from, span, power, seen.soc);
        let (at, id) = (from + span, &self.device.id);
        let filter = &battery.filter;
        tell(changes, told.wrong, at, (id, Quantity::Soc, Kind::WrongSoc), || {
            let off = told.innovation.map_or(0.0, |innovation| innovation.value);
            let soc = filter.soc();
            format!(
                "The meter reads a state of charge of {:.1} %, but the metered power gives \
                 {:.1} +- {:.1} %.",
                100.0 * (soc.value + off),
                100.0 * soc.value,
                100.0 * soc.deviation
            )
        });
        let turn = match told.flipped {
            Some(super::latch::Turn::Raised { since }) => self.flipped.raise(Some(since)),
            Some(super::latch::Turn::Cleared) => self.flipped.clear(),
            None => None,
        };
        tell(changes, turn, at, (id, Quantity::Power, Kind::FlippedSign), || {
            "Its state of charge rises while its power meter shows discharging, and falls while it \
             shows charging."
                .to_owned()
        });
    }

    fn look_at_array(
        &mut self,
        at: SimTime,
        span: Span,
        seen: &Seen,
        sky: Option<f64>,
        changes: &mut Vec<Change>,
    ) {
        let broken = self.is_broken();
        let Some(soiled) = &mut self.soiled else { return };
        let power = if broken { None } else { seen.metered_kw() };
        let turn = soiled.look(at, span, power, (seen.expected, sky), seen.curtailed);
        let about = (&self.device.id, Quantity::Power, Kind::Soiled);
        tell(changes, turn, at, about, || soiled.evidence());
    }
}
