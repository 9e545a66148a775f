//! The assignment of meters to devices: each meter's device as an index, and each device's meters.
//! Not their readings.

use crate::quality::Limits;
use gridtwin_twin::Scenario;
use gridtwin_twin::scenario::{Id, Meter, Quantity};

/// What a meter is of, with its index among its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Device {
    /// A PV array.
    Pv(usize),
    /// A battery.
    Battery(usize),
    /// A load.
    Load(usize),
    /// A charger group.
    Chargers(usize),
    /// The grid connection.
    Grid,
}

/// A device and its meters, as indices among the scenario's meters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meters {
    /// Active power.
    pub power: Option<usize>,
    /// Energy in the direction in which power is positive.
    pub energy: Option<usize>,
    /// Energy in the other one.
    pub returned: Option<usize>,
    /// State of charge.
    pub soc: Option<usize>,
    /// Voltage.
    pub voltage: Option<usize>,
}

impl Meters {
    /// Whether any of them measures the device's power.
    pub fn tell_power(&self) -> bool {
        self.power.is_some() || self.energy.is_some()
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = usize> {
        [self.power, self.energy, self.returned, self.soc, self.voltage].into_iter().flatten()
    }
}

/// The site's devices and meters.
#[derive(Clone, Debug)]
pub struct Site {
    /// Each meter's device.
    pub devices: Vec<Device>,
    /// What each meter can read at all.
    pub limits: Vec<Limits>,
    /// Each array's meters,
    pub pv: Vec<Meters>,
    /// each battery's,
    pub batteries: Vec<Meters>,
    /// each load's,
    pub loads: Vec<Meters>,
    /// each charger group's,
    pub chargers: Vec<Meters>,
    /// and the grid connection's.
    pub grid: Meters,
}

/// A load may draw this many times its mean of the year, or of the busiest hour that its model has.
const LOAD_MARGIN: f64 = 10.0;

impl Site {
    /// The devices and meters of a scenario. `load_peaks_kw` is the most that each load's model
    /// draws.
    pub fn new(scenario: &Scenario, load_peaks_kw: &[f64]) -> Self {
        let mut site = Self {
            devices: Vec::with_capacity(scenario.meters.len()),
            limits: Vec::with_capacity(scenario.meters.len()),
            pv: vec![Meters::default(); scenario.pv.len()],
            batteries: vec![Meters::default(); scenario.batteries.len()],
            loads: vec![Meters::default(); scenario.loads.len()],
            chargers: vec![Meters::default(); scenario.chargers.len()],
            grid: Meters::default(),
        };
        for (index, meter) in scenario.meters.iter().enumerate() {
            let device = device_of(scenario, &meter.device);
            site.devices.push(device);
            site.limits.push(limits(scenario, meter, device, load_peaks_kw));
            let of = match device {
                Device::Pv(i) => &mut site.pv[i],
                Device::Battery(i) => &mut site.batteries[i],
                Device::Load(i) => &mut site.loads[i],
                Device::Chargers(i) => &mut site.chargers[i],
                Device::Grid => &mut site.grid,
            };
            let place = match meter.quantity {
                Quantity::Power => &mut of.power,
                Quantity::Energy => &mut of.energy,
                Quantity::EnergyReturned => &mut of.returned,
                Quantity::Soc => &mut of.soc,
                Quantity::Voltage => &mut of.voltage,
            };
            *place = Some(index);
        }
        site
    }

    /// A device's meters.
    pub fn meters_of(&self, device: Device) -> &Meters {
        match device {
            Device::Pv(i) => &self.pv[i],
            Device::Battery(i) => &self.batteries[i],
            Device::Load(i) => &self.loads[i],
            Device::Chargers(i) => &self.chargers[i],
            Device::Grid => &self.grid,
        }
    }
}

/// The device of that name. The scenario was checked: what is nothing else is the grid.
fn device_of(scenario: &Scenario, name: &Id) -> Device {
    let place = |found: Option<usize>, device: fn(usize) -> Device| found.map(device);
    place(scenario.pv.iter().position(|x| x.id == *name), Device::Pv)
        .or_else(|| place(scenario.loads.iter().position(|x| x.id == *name), Device::Load))
        .or_else(|| place(scenario.batteries.iter().position(|x| x.id == *name), Device::Battery))
        .or_else(|| place(scenario.chargers.iter().position(|x| x.id == *name), Device::Chargers))
        .unwrap_or(Device::Grid)
}

/// Between what a device can do.
fn rated_kw(scenario: &Scenario, device: Device, load_peaks_kw: &[f64]) -> (f64, f64) {
    match device {
        Device::Pv(i) => (0.0, scenario.pv[i].dc_kw.get()),
        Device::Battery(i) => {
            let battery = &scenario.batteries[i];
            (-battery.charge_kw.get(), battery.discharge_kw.get())
        }
        Device::Load(i) => (0.0, LOAD_MARGIN * load_peaks_kw.get(i).copied().unwrap_or(0.0)),
        Device::Chargers(i) => {
            let group = &scenario.chargers[i];
            (0.0, f64::from(group.count) * group.power_kw.get())
        }
        Device::Grid => scenario
            .grid
            .as_ref()
            .map_or((0.0, 0.0), |grid| (-grid.export_limit_kw.get(), grid.import_limit_kw.get())),
    }
}

fn limits(scenario: &Scenario, meter: &Meter, device: Device, load_peaks_kw: &[f64]) -> Limits {
    let (least_kw, most_kw) = rated_kw(scenario, device, load_peaks_kw);
    match meter.quantity {
        // The grid's fuses let more through for a while than the contract does.
        Quantity::Power if device == Device::Grid => Limits::rated(2.0 * least_kw, 2.0 * most_kw),
        Quantity::Power if most_kw > 0.0 || least_kw < 0.0 => Limits::rated(least_kw, most_kw),
        _ => Limits::NONE,
    }
}

/// The most that a device does, in size, kW: what an energy counter is held against.
pub(crate) fn most_kw(scenario: &Scenario, device: Device, load_peaks_kw: &[f64]) -> f64 {
    let (least_kw, most_kw) = rated_kw(scenario, device, load_peaks_kw);
    let most_kw = least_kw.abs().max(most_kw.abs());
    if most_kw > 0.0 { most_kw } else { f64::MAX }
}
