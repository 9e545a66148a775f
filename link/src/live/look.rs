//! A live twin's view of its devices now: the last reading of a working meter, the twin's last
//! interval otherwise. Not what is published of it by MQTT.

use super::Live;
use super::track::Track;
use crate::estimate::Estimate;
use crate::site::{Device, Meters};
use gridtwin_kernel::SimTime;
use gridtwin_twin::scenario::Metered;

/// One device at this moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Now {
    /// The device.
    pub device: Device,
    /// Its power by the sign of its kind, kW: an array's output, a load's or charger's draw, a
    /// battery's discharge, the grid's import.
    pub power_kw: f64,
    /// A battery's state of charge.
    pub soc: Option<Estimate>,
    /// The state of its meter of power; `None` where it has none.
    pub meter: Option<MeterNow>,
}

/// A meter at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeterNow {
    /// It is sending, and its readings are used.
    Good,
    /// It is sending, but its last readings were not used.
    Poor,
    /// It is silent, or was reported offline.
    Silent,
}

impl Live {
    /// All devices that have a power meter, or that represent all of their kind.
    pub fn devices(&self) -> impl Iterator<Item = Now> + '_ {
        let sample = self.twin.last_sample();
        let at = |list: &[f64], i: usize| list.get(i).copied().unwrap_or(0.0);
        let pv =
            self.site.pv.iter().enumerate().map(move |(i, meters)| {
                self.device(Device::Pv(i), meters, at(&sample.pv_kw, i), None)
            });
        let batteries = self.site.batteries.iter().enumerate().map(move |(i, meters)| {
            let lived = sample.batteries.get(i);
            let model = lived.map_or_else(|| self.twin.state_of_charge(i), |battery| battery.soc);
            let modelled = Estimate { value: model, deviation: 0.0 };
            let soc = self.estimates.soc(&self.site, i).unwrap_or(modelled);
            let power_kw = lived.map_or(0.0, |battery| battery.power_kw);
            self.device(Device::Battery(i), meters, power_kw, Some(soc))
        });
        let loads = self.site.loads.iter().enumerate().map(move |(i, meters)| {
            self.device(Device::Load(i), meters, at(&sample.loads_kw, i), None)
        });
        let chargers = self.site.chargers.iter().enumerate().map(move |(i, meters)| {
            self.device(Device::Chargers(i), meters, at(&sample.chargers_kw, i), None)
        });
        let flows = sample.flows;
        let grid = self.twin.catalog().has_grid.then(move || {
            let import_kw = flows.import_kw - flows.export_kw;
            self.device(Device::Grid, &self.site.grid, import_kw, None)
        });
        pv.chain(batteries).chain(loads).chain(chargers).chain(grid)
    }

    fn device(&self, device: Device, meters: &Meters, lived_kw: f64, soc: Option<Estimate>) -> Now {
        let read = meters.power.map(|meter| &self.tracks[meter]);
        let power_kw = read.and_then(|track| track.fresh(self.now)).unwrap_or(lived_kw);
        let meter = read.or(meters.energy.map(|meter| &self.tracks[meter]));
        Now { device, power_kw, soc, meter: meter.map(|track| self.meter(track)) }
    }

    fn meter(&self, track: &Track) -> MeterNow {
        if track.presence(self.now).is_absent() {
            MeterNow::Silent
        } else if track.watch.absurd_in_a_row() > 0 {
            MeterNow::Poor
        } else {
            MeterNow::Good
        }
    }

    /// How many meters are good, poor and silent.
    pub fn meters(&self) -> [u32; 3] {
        let mut counts = [0; 3];
        for track in &self.tracks {
            counts[match self.meter(track) {
                MeterNow::Good => 0,
                MeterNow::Poor => 1,
                MeterNow::Silent => 2,
            }] += 1;
        }
        counts
    }

    /// When a device's meter of power, or of its counter, was last believed.
    pub fn last_reading(&self, device: Device) -> Option<SimTime> {
        let meters = self.site.meters_of(device);
        let read = |meter: Option<usize>| meter.and_then(|meter| self.tracks[meter].last);
        read(meters.power).or(read(meters.energy)).map(|(at, _)| at)
    }

    /// The name of a device, as the scenario has it.
    pub fn name_of(&self, device: Device) -> &str {
        let catalog = self.twin.catalog();
        match device {
            Device::Pv(i) => &catalog.pv[i].0,
            Device::Battery(i) => &catalog.batteries[i].0,
            Device::Load(i) => &catalog.loads[i],
            Device::Chargers(i) => &catalog.chargers[i].0,
            Device::Grid => "grid",
        }
    }

    /// The expected power over coming intervals: arrays and loads by what was learned about them,
    /// with one standard deviation, kW.
    pub fn outlook(&self, intervals: usize) -> Vec<Outlook> {
        let step = self.twin.catalog().step;
        let first = (self.twin.now().0 / step.0) as usize;
        let count = self.twin.price_course_per_kwh().len().saturating_sub(first).min(intervals);
        let mut all: Vec<Outlook> = (first..first + count)
            .map(|k| Outlook {
                at: SimTime::ZERO + step * k as u64,
                pv_kw: [0.0; 2],
                load_kw: [0.0; 2],
                price_per_kwh: self.twin.price_course_per_kwh()[k],
                grid_g_per_kwh: self.twin.grid_course_g_per_kwh()[k],
            })
            .collect();
        // Devices are taken to miss their forecasts together: their deviations add up.
        let add = |to: &mut [f64; 2], mean_kw: f64, deviation_kw: f64| {
            to[0] += mean_kw;
            to[1] += deviation_kw;
        };
        for array in 0..self.site.pv.len() {
            for (k, outlook) in all.iter_mut().enumerate() {
                let seen = self.estimates.pv(&self.twin, array, first + k);
                add(&mut outlook.pv_kw, seen.mean_kw, seen.deviation_kw);
            }
        }
        for load in 0..self.site.loads.len() {
            let foreseen = self.estimates.load(&self.twin, load, count);
            for (outlook, seen) in all.iter_mut().zip(foreseen) {
                add(&mut outlook.load_kw, seen.mean_kw, seen.deviation_kw);
            }
        }
        all
    }

    /// The expected powers of the coming interval, before its readings.
    pub fn expected(&self) -> Metered {
        let k = (self.twin.now().0 / self.twin.catalog().step.0) as usize;
        if self.is_over() {
            return Metered::default();
        }
        let arrays = 0..self.site.pv.len();
        let loads = 0..self.site.loads.len();
        let load = |i| self.estimates.load(&self.twin, i, 1).first().map(|seen| seen.mean_kw);
        Metered {
            pv_kw: arrays.map(|i| Some(self.estimates.pv(&self.twin, i, k).mean_kw)).collect(),
            loads_kw: loads.map(load).collect(),
            ..Metered::default()
        }
    }

    /// The ratio of an array's output to its model.
    pub fn performance(&self, array: usize) -> Option<Estimate> {
        self.estimates.performance(array).map(|learned| learned.ratio())
    }
}

/// What is expected of an interval: means with one standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// When it begins.
    pub at: SimTime,
    /// All arrays, kW.
    pub pv_kw: [f64; 2],
    /// All loads, kW.
    pub load_kw: [f64; 2],
    /// Price of what is imported.
    pub price_per_kwh: f64,
    /// Intensity of what is imported.
    pub grid_g_per_kwh: f64,
}
