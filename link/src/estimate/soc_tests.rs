use super::*;
use crate::estimate::ocv::Curve;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

fn battery() -> Battery {
    Battery {
        capacity_kwh: 100.0,
        rated_kw: 50.0,
        charge_efficiency: 0.95,
        discharge_efficiency: 0.95,
        self_discharge_per_day: 0.001,
        cells: Some(Cells { curve: Curve::nmc(), in_series: 100.0, resistance_ohm: 0.05 }),
    }
}

/// A battery that is cycled, minute by minute, and what its meters say.
struct Truth {
    soc: f64,
    kw: f64,
    capacity_kwh: f64,
    loss: f64,
    bias_kw: f64,
    minute: u32,
    random: ChaCha8Rng,
}

const MINUTE: Span = Span::from_secs(60);

impl Truth {
    fn new(soc: f64, seed: u64) -> Self {
        let random = ChaCha8Rng::seed_from_u64(seed);
        Self { soc, kw: 0.0, capacity_kwh: 100.0, loss: 0.0, bias_kw: 0.0, minute: 0, random }
    }

    fn noise(&mut self, deviation: f64) -> f64 {
        let z: f64 = StandardNormal.sample(&mut self.random);
        deviation * z
    }

    /// Advances by a minute: a day and a night of charging, rest and discharging.
    fn step(&mut self) {
        self.minute += 1;
        let hour = f64::from(self.minute % 1440) / 60.0;
        let wanted = if (9.0..15.0).contains(&hour) {
            -18.0
        } else if (17.0..22.0).contains(&hour) {
            19.0
        } else {
            0.0
        };
        let wobble = self.noise(3.0);
        self.kw = if wanted == 0.0 { 0.0 } else { wanted + wobble };
        if self.soc >= 0.95 {
            self.kw = self.kw.max(0.0);
        }
        if self.soc <= 0.1 {
            self.kw = self.kw.min(0.0);
        }
        let drawn = if self.kw > 0.0 { self.kw / 0.95 } else { self.kw * 0.95 };
        self.soc -= (drawn + self.loss * self.kw.abs()) / 60.0 / self.capacity_kwh;
    }

    fn read_kw(&mut self) -> f64 {
        self.kw + self.bias_kw + self.noise(0.005 * self.kw.abs() + 0.02)
    }

    /// As battery managers show it: to 1 %.
    fn read_soc(&mut self) -> f64 {
        ((self.soc + self.noise(0.004)) * 100.0).round() / 100.0
    }

    fn read_volts(&mut self) -> f64 {
        let rest = 100.0 * Curve::nmc().at(self.soc).0;
        let amperes = 1000.0 * self.kw / rest;
        rest - 0.05 * amperes + self.noise(0.3)
    }
}

#[test]
fn from_a_wrong_start_readings_of_the_state_of_charge_bring_it_right() {
    for seed in 0..20 {
        let mut truth = Truth::new(0.2 + 0.03 * seed as f64, seed);
        let start = [None, Some(0.5), Some(1.0 - truth.soc)][seed as usize % 3];
        let mut filter = SocFilter::new(battery(), start);
        let mut read = 0;
        for _ in 0..CONVERGED_BY_SOC {
            truth.step();
            let kw = truth.read_kw();
            filter.power(kw, MINUTE);
            let soc = truth.read_soc();
            read += u32::from(filter.metered(soc).unwrap().taken);
        }
        assert_eq!(read, CONVERGED_BY_SOC);
        assert!((filter.soc().value - truth.soc).abs() < 0.02, "{seed}");
    }
}

#[test]
fn from_a_wrong_start_the_voltage_alone_brings_it_right() {
    for seed in 0..20 {
        let mut truth = Truth::new(0.15 + 0.04 * seed as f64, seed);
        truth.minute = 60 * (seed as u32 % 24);
        let mut filter = SocFilter::new(battery(), Some(1.0 - truth.soc));
        for _ in 0..CONVERGED_BY_VOLTAGE {
            truth.step();
            let (kw, volts) = (truth.read_kw(), truth.read_volts());
            filter.power(kw, MINUTE);
            filter.voltage(volts, kw, MINUTE);
        }
        let error = filter.soc().value - truth.soc;
        assert!(error.abs() < 0.02, "{seed}: {error} at {}", truth.soc);
    }
}

#[test]
fn on_an_iron_cells_plateau_the_voltage_says_little_and_it_is_told() {
    let cells = Cells { curve: Curve::lfp(), in_series: 100.0, resistance_ohm: 0.05 };
    let mut filter = SocFilter::new(Battery { cells: Some(cells), ..battery() }, None);
    for _ in 0..10 {
        filter.power(0.0, MINUTE);
        filter.voltage(100.0 * Curve::lfp().at(0.7).0, 0.0, MINUTE);
    }
    assert!(filter.soc().deviation > 0.1, "{:?}", filter.soc());
}

#[test]
fn what_it_says_of_its_own_error_is_true() {
    let (mut squares, mut count) = (0.0, 0.0);
    for seed in 0..40 {
        let mut truth = Truth::new(0.5, seed);
        // Differences to the filter's assumptions: a biased meter, more loss, less capacity.
        truth.bias_kw = truth.noise(0.25);
        truth.loss = truth.noise(0.03);
        truth.capacity_kwh = 100.0 / (1.0 + truth.noise(0.1));
        let mut filter = SocFilter::new(battery(), Some(0.5));
        for _ in 0..2000 {
            truth.step();
            let kw = truth.read_kw();
            filter.power(kw, MINUTE);
        }
        let soc = filter.soc();
        squares += ((soc.value - truth.soc) / soc.deviation).powi(2);
        count += 1.0;
    }
    // Only power was read: the actual error equals the stated one, within the accuracy of 40 runs.
    let ratio = f64::sqrt(squares / count);
    assert!((0.5..1.3).contains(&ratio), "{ratio}");
}

#[test]
fn an_aged_battery_and_a_biased_meter_become_known() {
    let mut truth = Truth::new(0.5, 7);
    truth.capacity_kwh = 82.0;
    truth.bias_kw = 0.4;
    let mut filter = SocFilter::new(battery(), Some(0.5));
    assert_eq!((filter.capacity_kwh(), filter.bias_kw()), (None, None));
    for _ in 0..14 * 1440 {
        truth.step();
        let (kw, soc) = (truth.read_kw(), truth.read_soc());
        filter.power(kw, MINUTE);
        filter.metered(soc);
    }
    let capacity = filter.capacity_kwh().unwrap();
    assert!((capacity.value - 82.0).abs() < 3.0 * capacity.deviation.max(1.0), "{capacity:?}");
    let bias = filter.bias_kw().unwrap();
    assert!((bias.value - 0.4).abs() < 0.15, "{bias:?}");
    assert!((filter.soc().value - truth.soc).abs() < 0.02);
}

#[test]
fn a_reading_far_off_is_told_and_not_taken() {
    let mut filter = SocFilter::new(battery(), Some(0.5));
    for _ in 0..20 {
        filter.metered(0.5);
    }
    let innovation = filter.metered(0.8).unwrap();
    assert!(!innovation.taken && innovation.normalised() > 4.0);
    assert!((filter.soc().value - 0.5).abs() < 0.01);
    filter.adopt(0.8);
    assert_eq!(filter.soc().value, 0.8);
    assert_eq!(filter.metered(f64::NAN), None);
}

#[test]
fn nonsense_leaves_it_less_sure_and_able_to_learn() {
    let mut filter = SocFilter::new(battery(), Some(0.5));
    for kw in [f64::NAN, f64::INFINITY, 1e300, -1e300] {
        filter.power(kw, MINUTE);
        filter.voltage(kw, 1.0, MINUTE);
        filter.voltage(370.0, kw, MINUTE);
        filter.metered(kw);
        filter.adopt(f64::NAN);
    }
    for _ in 0..20 {
        filter.power(0.0, MINUTE);
        filter.metered(0.7);
    }
    assert!((filter.soc().value - 0.7).abs() < 0.01, "{:?}", filter.soc());
}

#[test]
fn where_the_power_was_not_read_it_is_less_sure() {
    let mut filter = SocFilter::new(battery(), Some(0.5));
    filter.unknown(Span::HOUR);
    assert!((filter.soc().deviation - (0.05f64.powi(2) + 0.25 / 3.0).sqrt()).abs() < 1e-9);
}
