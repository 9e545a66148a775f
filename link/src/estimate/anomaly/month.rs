//! A simulated site with its own sky, faulty meters, and a twin whose model of it has typical
//! errors: for the tests. Not the twin itself.
//!
//! The true site is simulated in steps of ten seconds, in June; readings go through [`Watch`],
//! [`Silence`] and [`PowerMean`] to a [`Guard`] that checks every five minutes.

use super::{Change, Device, Expected, Guard, MeterState, Role, Seen};
use crate::estimate::soc::Battery;
use crate::quality::{Limits, PowerMean, Quality, Silence, Watch};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::scenario::{Id, Meter, Quantity};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

pub(super) const TICK_S: u64 = 10;
pub(super) const STEP: Span = Span::from_secs(300);
const TICKS_PER_DAY: u64 = 86_400 / TICK_S;

pub(super) const GRID: usize = 0;
pub(super) const SOUTH: usize = 1;
pub(super) const WEST: usize = 2;
pub(super) const BATTERY: usize = 3;
pub(super) const OFFICE: usize = 4;
pub(super) const LAMPS: usize = 5;
pub(super) const CARS: usize = 6;
const COUNT: usize = 7;
/// The battery's state of charge has its own meter, after those of power.
pub(super) const SOC: usize = 7;

const NAMES: [&str; COUNT] = ["grid", "south", "west", "battery", "office", "lamps", "cars"];
const RATED_KW: [f64; COUNT] = [300.0, 130.0, 50.0, 250.0, 80.0, 9.0, 132.0];
const CAPACITY_KWH: f64 = 500.0;

/// Beside a gain that is up to 1 % off: seconds between readings, noise as a share, resolution in
/// kW (or of 1), and whether the meter stamps its readings.
const METERS: [(u64, f64, f64, bool); COUNT + 1] = [
    (10, 0.005, 0.01, true),
    (10, 0.005, 0.01, false),
    (30, 0.01, 0.05, true),
    (20, 0.002, 0.5, true),
    (30, 0.01, 0.01, false),
    (60, 0.0005, 0.1, true),
    (60, 0.005, 0.1, false),
    (60, 0.003, 0.01, true),
];

/// What the meter of index `.0` does to a reading, or the site to itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// Nothing ails anything but what always does.
    None,
    /// No reading comes.
    Silent(usize),
    /// The last value is repeated.
    Stuck(usize),
    /// The other sign.
    Flipped(usize),
    /// Readings are multiplied.
    Scaled(usize, f64),
    /// Readings are shifted, in kW (or by a share).
    Shifted(usize, f64),
    /// An unmetered consumer draws this much, kW, upstream of all meters but the grid's.
    Theft(f64),
    /// An array loses this share of what it gave, from then on.
    Soil(usize, f64),
}

/// A run of the site.
#[derive(Clone, Copy, Debug)]
pub(super) struct Month {
    pub(super) seed: u64,
    pub(super) days: u64,
    pub(super) fault: Fault,
    /// The fault lasts from the one tick to the other.
    pub(super) from: u64,
    pub(super) until: u64,
    /// Whether the model has the clouds that are outside.
    pub(super) sky_is_known: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    pub(super) changes: Vec<Change>,
    /// The time at which each change was reported.
    pub(super) told: Vec<SimTime>,
    pub(super) readings: u64,
    pub(super) soc_error: f64,
}

pub(super) fn tick(day: u64, hour: u64) -> u64 {
    day * TICKS_PER_DAY + hour * 3600 / TICK_S
}

pub(super) fn instant(tick: u64) -> SimTime {
    SimTime(Span::from_secs(tick * TICK_S).0)
}

impl Month {
    pub(super) fn clean(seed: u64) -> Self {
        let (from, until) = (u64::MAX, u64::MAX);
        Self { seed, days: 30, fault: Fault::None, from, until, sky_is_known: false }
    }

    fn fault_at(&self, tick: u64) -> Fault {
        if (self.from..self.until).contains(&tick) { self.fault } else { Fault::None }
    }

    pub(super) fn live(&self) -> Outcome {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let mut sky = Sky::new(self.seed * 2 + 1);
        let mut other_sky = Sky::new(self.seed * 2 + 2);
        let mut site = Truth::new(&mut random);
        let mut meters: Vec<Metered> =
            (0..=COUNT).map(|index| Metered::new(index, &mut random)).collect();
        let mut guard = Guard::new(devices());
        let mut outcome = Outcome::default();
        let mut expected = [Sum::default(); COUNT];
        let mut model_error = 0.0;
        for tick in 0..self.days * TICKS_PER_DAY {
            let fault = self.fault_at(tick);
            let clouds = sky.step(tick);
            let other_clouds = other_sky.step(tick);
            let soil = self.soil(tick);
            site.step(tick, clouds, soil, fault, &mut random);
            model_error = 0.9998 * model_error + 0.0014 * normal(&mut random);
            let modelled = if self.sky_is_known { clouds } else { other_clouds };
            for (sum, now) in expected.iter_mut().zip(model(tick, modelled, model_error)) {
                sum.add(now, self.sky_is_known);
            }
            let now = instant(tick + 1);
            for (index, meter) in meters.iter_mut().enumerate() {
                let truth = site.powers.get(index).copied().unwrap_or(site.soc);
                meter.step(tick, now, truth, fault, &mut random);
            }
            if !(tick + 1).is_multiple_of(STEP.0 / Span::from_secs(TICK_S).0) {
                continue;
            }
            let from = SimTime(now.0 - STEP.0);
            let seen: Vec<Seen> = (0..COUNT)
                .map(|index| {
                    let soc = (index == BATTERY).then(|| meters[SOC].soc.take()).flatten();
                    let soc_meter = (index == BATTERY).then(|| meters[SOC].state(now));
                    Seen {
                        expected: expected[index].mean(index),
                        power: meters[index].mean.finish(now),
                        power_meter: Some(meters[index].state(now)),
                        soc,
                        soc_meter,
                        curtailed: false,
                    }
                })
                .collect();
            expected = [Sum::default(); COUNT];
            guard.look(from, STEP, &seen, &mut outcome.changes);
            outcome.told.resize(outcome.changes.len(), now);
            for (index, meter) in meters.iter_mut().enumerate().take(COUNT) {
                if let Some(kw) = guard.stuck_at(index) {
                    meter.watch.freeze(kw);
                }
            }
            let soc = guard.battery(BATTERY).map_or(0.0, |battery| battery.soc().value);
            outcome.soc_error = outcome.soc_error.max(if tick > tick_of_an_hour() {
                (soc - site.soc).abs()
            } else {
                0.0
            });
        }
        outcome.readings = meters.iter().map(|meter| meter.watch.count(Quality::Good)).sum();
        outcome
    }

    fn soil(&self, tick: u64) -> (usize, f64) {
        match self.fault_at(tick) {
            Fault::Soil(index, share) => (index, 1.0 - share),
            _ => (usize::MAX, 1.0),
        }
    }
}

fn tick_of_an_hour() -> u64 {
    tick(0, 1)
}

fn normal(random: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}

pub(super) fn devices() -> Vec<Device> {
    let role = |index| match index {
        GRID => Role::Grid,
        SOUTH | WEST => Role::Array,
        OFFICE | LAMPS => Role::Load,
        CARS => Role::Charger,
        _ => {
            let battery = Battery {
                capacity_kwh: CAPACITY_KWH,
                rated_kw: RATED_KW[BATTERY],
                charge_efficiency: 0.95,
                discharge_efficiency: 0.95,
                self_discharge_per_day: 0.001,
                cells: None,
            };
            Role::Battery { battery, start: Some(0.4) }
        }
    };
    (0..COUNT)
        .map(|index| Device {
            id: gridtwin_twin::scenario::Id::new(NAMES[index]).unwrap(),
            role: role(index),
            rated_kw: RATED_KW[index],
        })
        .collect()
}

fn hour(tick: u64) -> f64 {
    (tick % TICKS_PER_DAY) as f64 * TICK_S as f64 / 3600.0
}

fn works(tick: u64) -> bool {
    (tick / TICKS_PER_DAY) % 7 < 5
}

/// How much of the sun is behind clouds, 0 to 1, for two arrays near each other.
struct Sky {
    random: ChaCha8Rng,
    day: f64,
    slow: f64,
    fast: f64,
    last: f64,
}

impl Sky {
    fn new(seed: u64) -> Self {
        Self { random: ChaCha8Rng::seed_from_u64(seed), day: 0.0, slow: 0.0, fast: 0.0, last: 0.0 }
    }

    fn step(&mut self, tick: u64) -> [f64; 2] {
        if tick.is_multiple_of(TICKS_PER_DAY) {
            // Clear, broken or covered, and weather lasts.
            if tick == 0 || self.random.random_bool(0.5) {
                self.day = [-1.6, 0.0, 1.3][self.random.random_range(0..3)];
            }
        }
        self.slow = 0.9995 * self.slow + 0.025 * normal(&mut self.random);
        self.fast = 0.97 * self.fast + 0.2 * normal(&mut self.random);
        let cover = 1.0 / (1.0 + (-2.0 * (self.day + self.slow + self.fast)).exp());
        // The second array is slightly downwind.
        let then = self.last;
        self.last = cover;
        [cover, 0.5 * (cover + then)]
    }
}

/// What the arrays give under such clouds.
fn sun_kw(tick: u64, clouds: [f64; 2]) -> [f64; 2] {
    let hour = hour(tick);
    let height = ((hour - 5.0) / 16.0 * std::f64::consts::PI).sin().max(0.0);
    if height == 0.0 {
        return [-0.02, -0.01];
    }
    let to_west = (0.6 + 0.08 * (hour - 13.0)).clamp(0.1, 1.2);
    let give = |rated_kw: f64, faces: f64, cover: f64| {
        let diffuse = 0.12 + 0.2 * cover;
        rated_kw * 0.9 * height * (diffuse + 0.75 * faces * (1.0 - cover))
    };
    let south = give(RATED_KW[SOUTH], 1.0, clouds[0]);
    // Its inverter is small: at its limit it stands still for hours.
    let west = give(RATED_KW[WEST], to_west, clouds[1]).min(0.62 * RATED_KW[WEST]);
    [south, west]
}

fn office_kw(tick: u64) -> f64 {
    let hour = hour(tick);
    let rise = 1.0 / (1.0 + (-(hour - 7.5) * 3.0).exp());
    let fall = 1.0 / (1.0 + ((hour - 17.5) * 3.0).exp());
    12.0 + if works(tick) { 45.0 * rise * fall } else { 3.0 * rise * fall }
}

fn lamps_kw(hour: f64) -> f64 {
    if (5.0..21.5).contains(&hour) { 0.0 } else { 9.0 }
}

/// What the twin's model says of each, for this tick.
fn model(tick: u64, clouds: [f64; 2], error: f64) -> [f64; COUNT] {
    let [south, west] = sun_kw(tick, clouds).map(|kw| kw.max(0.0) * (1.0 + error));
    let office = 0.7 * office_kw(tick);
    let lamps = lamps_kw(hour(tick) + 0.33);
    let busy = works(tick) && (8.0..15.0).contains(&hour(tick));
    let cars = if busy { 40.0 } else { 3.0 };
    [office + lamps + cars - south - west, south, west, 0.0, office, lamps, cars]
}

#[derive(Clone, Copy, Default)]
struct Sum {
    kw: f64,
    count: f64,
    sky_is_known: bool,
}

impl Sum {
    fn add(&mut self, kw: f64, sky_is_known: bool) {
        self.kw += kw;
        self.count += 1.0;
        self.sky_is_known = sky_is_known;
    }

    fn mean(&self, index: usize) -> Expected {
        let mean_kw = self.kw / self.count.max(1.0);
        let deviation_kw = match index {
            SOUTH | WEST if self.sky_is_known => 0.12 * mean_kw,
            SOUTH | WEST => 0.6 * mean_kw,
            OFFICE => 0.3 * mean_kw,
            LAMPS => 1.0,
            CARS => 30.0,
            _ => 100.0,
        };
        Expected { mean_kw, deviation_kw }
    }
}

/// What really happens.
struct Truth {
    powers: [f64; COUNT],
    soc: f64,
    fast: f64,
    slow: f64,
    kettle_until: u64,
    /// Until when each of twelve cars charges.
    cars: [u64; 12],
    small: f64,
    at_night_kw: f64,
}

impl Truth {
    fn new(random: &mut ChaCha8Rng) -> Self {
        Self {
            powers: [0.0; COUNT],
            soc: random.random_range(0.3..0.6),
            fast: 0.0,
            slow: 0.0,
            kettle_until: 0,
            cars: [0; 12],
            small: 0.0,
            at_night_kw: 0.0,
        }
    }

    fn step(
        &mut self,
        tick: u64,
        clouds: [f64; 2],
        (soiled, left): (usize, f64),
        fault: Fault,
        random: &mut ChaCha8Rng,
    ) {
        let hour = hour(tick);
        let [mut south, mut west] = sun_kw(tick, clouds);
        if soiled == SOUTH && south > 0.0 {
            south *= left;
        }
        if soiled == WEST && west > 0.0 {
            west *= left;
        }
        self.fast = 0.9 * self.fast + 0.25 * normal(random);
        self.slow = 0.9995 * self.slow + 0.08 * normal(random);
        if random.random_bool(if (7.0..18.0).contains(&hour) { 0.01 } else { 0.0005 }) {
            self.kettle_until = tick + random.random_range(6..30);
        }
        let kettle = if tick < self.kettle_until { 2.2 } else { 0.0 };
        let office = (office_kw(tick) + self.fast + self.slow + kettle).max(2.0);
        let lamps = lamps_kw(hour);
        let busy = works(tick) && (7.0..10.0).contains(&hour);
        if random.random_bool(if busy { 0.018 } else { 0.0002 })
            && let Some(place) = self.cars.iter_mut().find(|until| **until <= tick)
        {
            *place = tick + random.random_range(180..1440);
        }
        let cars = 11.0 * self.cars.iter().filter(|until| **until > tick).count() as f64;
        self.small = 0.99 * self.small + 0.02 * normal(random);
        let small = (0.4 + self.small).max(0.1);
        let theft = if let Fault::Theft(kw) = fault { kw } else { 0.0 };
        let taken = office + lamps + cars + small + theft;
        let battery = self.battery_kw(tick, taken - south - west, random);
        let grid = taken - south - west - battery;
        self.powers = [grid, south, west, battery, office, lamps, cars];
    }

    /// By night some days a steady power; else what is left over.
    fn battery_kw(&mut self, tick: u64, wanted_kw: f64, random: &mut ChaCha8Rng) -> f64 {
        let hour = hour(tick);
        if tick.is_multiple_of(TICKS_PER_DAY) {
            self.at_night_kw = [0.0, 0.0, -40.0, -25.0][random.random_range(0..4)];
        }
        let mut kw = if (1.0..4.0).contains(&hour) { self.at_night_kw } else { wanted_kw };
        kw = kw.clamp(-120.0, 120.0);
        if (kw < 0.0 && self.soc > 0.95) || (kw > 0.0 && self.soc < 0.1) || kw.abs() < 0.3 {
            kw = 0.0;
        }
        let hours = TICK_S as f64 / 3600.0;
        let drawn = if kw > 0.0 { kw / 0.94 } else { kw * 0.96 };
        self.soc -= (drawn + 0.02) * hours / (0.93 * CAPACITY_KWH);
        kw
    }
}

/// One meter, its way to the twin, and what the twin makes of it.
struct Metered {
    index: usize,
    gain: f64,
    stuck: Option<f64>,
    watch: Watch,
    silence: Silence,
    mean: PowerMean,
    soc: Option<f64>,
    /// Readings under way: when they arrive, when they were taken, what they say.
    under_way: Vec<(u64, u64, f64)>,
}

impl Metered {
    fn new(index: usize, random: &mut ChaCha8Rng) -> Self {
        let device = Id::new(NAMES[index.min(COUNT - 1)]).unwrap();
        let quantity = if index == SOC { Quantity::Soc } else { Quantity::Power };
        let meter = Meter { quantity, ..Meter::new(device, "") };
        let limits = match RATED_KW.get(index) {
            Some(&rated_kw) => Limits::rated(-rated_kw, rated_kw),
            None => Limits::NONE,
        };
        let silence = Silence::new(&meter, SimTime::ZERO);
        Self {
            index,
            gain: if index == SOC { 1.0 } else { random.random_range(0.99..1.01) },
            stuck: None,
            watch: Watch::new(&meter, limits),
            mean: PowerMean::new(SimTime::ZERO, silence.limit()),
            silence,
            soc: None,
            under_way: Vec::new(),
        }
    }

    fn state(&self, now: SimTime) -> MeterState {
        MeterState::of(&self.watch, &self.silence, now)
    }

    fn step(&mut self, tick: u64, now: SimTime, truth: f64, fault: Fault, random: &mut ChaCha8Rng) {
        let (period_s, noise, resolution, _) = METERS[self.index];
        if (tick + self.index as u64).is_multiple_of(period_s / TICK_S) {
            let noise = if self.index == SOC { noise } else { noise * truth.abs() };
            let raw = self.gain * truth + noise * normal(random);
            let value = (raw / resolution).round() * resolution;
            let value = self.ail(value, fault);
            self.send(tick, value, random);
        }
        if !matches!(fault, Fault::Stuck(index) if index == self.index) {
            self.stuck = None;
        }
        let mut next = 0;
        while next < self.under_way.len() {
            if self.under_way[next].0 <= tick {
                let (_, stamp, value) = self.under_way.remove(next);
                self.arrive(now, instant(stamp + 1), value);
            } else {
                next += 1;
            }
        }
    }

    fn ail(&mut self, value: f64, fault: Fault) -> Option<f64> {
        match fault {
            Fault::Silent(index) if index == self.index => None,
            Fault::Stuck(index) if index == self.index => Some(*self.stuck.get_or_insert(value)),
            Fault::Flipped(index) if index == self.index => Some(-value),
            Fault::Scaled(index, factor) if index == self.index => Some(factor * value),
            Fault::Shifted(index, by) if index == self.index => Some(value + by),
            _ => Some(value),
        }
    }

    /// One in a hundred is lost, some come twice, some late.
    fn send(&mut self, tick: u64, value: Option<f64>, random: &mut ChaCha8Rng) {
        let Some(value) = value else { return };
        let chance: f64 = random.random();
        match chance {
            _ if chance < 0.01 => {}
            _ if chance < 0.015 => self.under_way.extend([(tick, tick, value); 2]),
            _ if chance < 0.02 => {
                self.under_way.push((tick + random.random_range(2..9), tick, value));
            }
            _ => self.under_way.push((tick, tick, value)),
        }
    }

    fn arrive(&mut self, now: SimTime, stamp: SimTime, value: f64) {
        let stamped = METERS[self.index].3.then_some(stamp);
        if !self.watch.judge(now, stamped, value).is_used() {
            return;
        }
        self.silence.hear(now);
        if self.index == SOC {
            self.soc = Some(value);
        } else {
            self.mean.push(self.watch.taken_at(), value);
        }
    }
}
