//! A battery's state of charge from its power, and from readings of the state of charge or the
//! voltage where there are any. Not whether those readings are wrong, which is
//! [`super::anomaly`].
//!
//! State `x = (soc, bias, loss, gain)`: the state of charge, what the power meter reads too much
//! (kW), which share of what flows is lost beyond the efficiencies given, and how much more the
//! state of charge moves than the capacity given would make it (a battery that has aged to 80 % has
//! a gain of 0.25). With `p` the power at the terminals, discharge positive:
//!
//! ```text
//! p* = p - bias
//! e  = p* / eta_discharge  where p* > 0,  else  p* eta_charge      energy out of the cells per hour
//! dsoc/dt = -(1 + gain) (e + loss |p*|) / capacity - self_discharge soc
//! ```
//!
//! Energy is counted and corrected by an extended Kalman filter whose state includes the meter's
//! bias (Plett, *Battery Management Systems, Volume II: Equivalent-Circuit Methods*, Artech House
//! 2016, chapter 3). A reading of the state of charge is `soc` with noise. A reading of the voltage
//! is `n OCV(soc) - i R` with the current `i = 1000 p / u`, linearised at the present state. Bias,
//! loss and gain are observable only if something other than power is metered.

use super::kalman::{Innovation, Kalman};
use super::ocv::Cells;
use gridtwin_kernel::Span;
use nalgebra::{SMatrix, SVector};

/// From any wrong start, this many readings of the state of charge bring the estimate to within 2
/// %, whatever the battery does.
pub const CONVERGED_BY_SOC: u32 = 10;
/// From any wrong start, this many readings of the voltage, one a minute, bring the estimate of a
/// cycled battery with NMC cells to within 2 %, if its curve is right.
pub const CONVERGED_BY_VOLTAGE: u32 = 360;

/// The deviation of a cell's voltage from its curve by hysteresis, temperature and age, V.
pub const VOLTAGE_DEVIATION_V: f64 = 0.02;
/// Voltage readings err together (hysteresis and temperature last for hours), so that each counts
/// only for its share of this time.
const VOLTAGE_MEMORY_H: f64 = 0.5;
/// How well a reading of the state of charge is trusted; battery managers count too.
const SOC_DEVIATION: f64 = 0.01;
/// How well the start is known where it is not given.
const START_DEVIATION: f64 = 0.3;
/// How well it is known where it is given.
const GIVEN_DEVIATION: f64 = 0.05;
/// Bias of a power meter, as a share of the rated power.
const BIAS_SHARE: f64 = 0.005;
/// Loss beyond the efficiencies given.
const LOSS_DEVIATION: f64 = 0.03;
/// Capacity, relative to the one given.
const GAIN_DEVIATION: f64 = 0.1;
/// The time constant of changes of bias, loss and gain, h: they may change by their deviations
/// above in this time.
const MEMORY_H: f64 = 2000.0;
/// Noise of a power reading, as a share of the rated power, over an hour.
const POWER_SHARE: f64 = 0.002;
/// A power beyond this multiple of the rated power counts as missing.
const ABSURD: f64 = 10.0;
/// A reading of the state of charge beyond this normalised innovation squared is not taken: 4
/// standard deviations, one in 16,000.
const GATE: f64 = 16.0;

/// The parameters of a battery.
#[derive(Clone, Debug, PartialEq)]
pub struct Battery {
    /// Energy between empty and full, kWh.
    pub capacity_kwh: f64,
    /// The greater of what it can be charged and discharged with, kW.
    pub rated_kw: f64,
    /// What arrives in the cells of what is charged, 0 to 1.
    pub charge_efficiency: f64,
    /// What arrives at the terminals of what leaves the cells, 0 to 1.
    pub discharge_efficiency: f64,
    /// Share of the stored energy that is lost in a day of rest.
    pub self_discharge_per_day: f64,
    /// The cells, if the voltage is to be used.
    pub cells: Option<Cells>,
}

/// A value and its standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard deviation.
    pub deviation: f64,
}

/// The filter of one battery.
#[derive(Clone, Debug)]
pub struct SocFilter {
    battery: Battery,
    filter: Kalman<4>,
    /// Whether a reading of the state of charge was received.
    metered: bool,
}

const SOC: usize = 0;
const BIAS: usize = 1;
const LOSS: usize = 2;
const GAIN: usize = 3;

impl SocFilter {
    /// Begins at a state of charge, if one is known.
    pub fn new(battery: Battery, start: Option<f64>) -> Self {
        let battery = Battery {
            capacity_kwh: battery.capacity_kwh.max(1e-9),
            charge_efficiency: battery.charge_efficiency.clamp(0.01, 1.0),
            discharge_efficiency: battery.discharge_efficiency.clamp(0.01, 1.0),
            ..battery
        };
        let start = start.filter(|soc| soc.is_finite());
        let soc_deviation = if start.is_some() { GIVEN_DEVIATION } else { START_DEVIATION };
        let state = SVector::from([start.unwrap_or(0.5).clamp(0.0, 1.0), 0.0, 0.0, 0.0]);
        let deviation = SVector::from([
            soc_deviation,
            BIAS_SHARE * battery.rated_kw,
            LOSS_DEVIATION,
            GAIN_DEVIATION,
        ]);
        Self { filter: Kalman::new(state, deviation), battery, metered: false }
    }

    /// The battery's mean power was `kw` (charging is negative) for `span`. A value that is not a
    /// number, or more than ten times its rating, counts as unknown.
    pub fn power(&mut self, kw: f64, span: Span) {
        let hours = span.as_hours_f64();
        if hours <= 0.0 {
            return;
        }
        // An impossible power would corrupt the estimate permanently.
        if !self.is_possible(kw) {
            return self.unknown(span);
        }
        let battery = &self.battery;
        let x = *self.filter.state();
        let p = kw - x[BIAS];
        let (per_kw, sign) = if p > 0.0 {
            (1.0 / battery.discharge_efficiency, 1.0)
        } else {
            (battery.charge_efficiency, -1.0)
        };
        let share = hours / battery.capacity_kwh;
        let drawn = p * per_kw + x[LOSS] * p.abs();
        let kept = (1.0 - battery.self_discharge_per_day.clamp(0.0, 1.0)).powf(hours / 24.0);
        let mut next = x;
        next[SOC] = x[SOC] * kept - (1.0 + x[GAIN]) * drawn * share;
        let mut f = SMatrix::<f64, 4, 4>::identity();
        f[(SOC, SOC)] = kept;
        f[(SOC, BIAS)] = (1.0 + x[GAIN]) * (per_kw + sign * x[LOSS]) * share;
        f[(SOC, LOSS)] = -(1.0 + x[GAIN]) * p.abs() * share;
        f[(SOC, GAIN)] = -drawn * share;
        // Noise that is new every hour adds up with the root of the time.
        let noise = POWER_SHARE * battery.rated_kw / battery.capacity_kwh;
        let walk = hours / MEMORY_H;
        let q = SVector::from([
            noise * noise * hours,
            (BIAS_SHARE * battery.rated_kw).powi(2) * walk,
            LOSS_DEVIATION.powi(2) * walk,
            GAIN_DEVIATION.powi(2) * walk,
        ]);
        self.filter.predict(next, &f, &q);
        self.settle();
    }

    /// The power was not read for `span`: the battery may have done anything that it can.
    pub fn unknown(&mut self, span: Span) {
        let most = self.battery.rated_kw * span.as_hours_f64() / self.battery.capacity_kwh;
        // Evenly spread over everything between charging and discharging throughout.
        let q = SVector::from([most.min(1.0).powi(2) / 3.0, 0.0, 0.0, 0.0]);
        self.filter.widen(&q);
    }

    /// A reading of the state of charge, 0 to 1. Beyond the gate the innovation is returned but not
    /// used, except for the first reading, which is more reliable than any initial value;
    /// impossible values are ignored.
    pub fn metered(&mut self, soc: f64) -> Option<Innovation> {
        if !(-0.05..=1.05).contains(&soc) {
            return None;
        }
        let h = SVector::from([1.0, 0.0, 0.0, 0.0]);
        let mut innovation = self.filter.update(&h, soc, SOC_DEVIATION.powi(2), Some(GATE))?;
        if !innovation.taken && !self.metered {
            self.adopt(soc);
            innovation.taken = true;
        }
        self.metered = true;
        self.settle();
        Some(innovation)
    }

    /// Replaces the estimate by a reading of the state of charge.
    pub fn adopt(&mut self, soc: f64) {
        if soc.is_finite() {
            self.filter.reset(SOC, soc.clamp(0.0, 1.0), SOC_DEVIATION);
        }
    }

    /// A reading of the terminals' voltage while the battery gave `kw`, `since` the last such
    /// reading. Nothing where the cells are not known, or cannot show such a voltage.
    pub fn voltage(&mut self, volts: f64, kw: f64, since: Span) -> Option<Innovation> {
        let cells = self.battery.cells.as_ref()?;
        if !(volts > 0.0 && self.is_possible(kw) && cells.in_series > 0.0) {
            return None;
        }
        let amperes = 1000.0 * kw / volts;
        let rest_volts = (volts + amperes * cells.resistance_ohm) / cells.in_series;
        if !cells.curve.may_show(rest_volts) {
            return None;
        }
        let (expected, slope) = cells.curve.at(self.filter.state()[SOC]);
        // At a bend of the curve, the slope here does not hold beyond it. This is the deviation
        // over the range of the present uncertainty.
        let (_, deviation) = self.filter.part(SOC);
        let bend = cells.curve.bend(self.filter.state()[SOC], deviation);
        let share = (since.as_hours_f64() / VOLTAGE_MEMORY_H).clamp(1e-3, 1.0);
        let r = VOLTAGE_DEVIATION_V.powi(2) / share + bend * bend;
        let innovation = self.filter.correct(
            &SVector::from([slope, 0.0, 0.0, 0.0]),
            rest_volts - expected,
            r,
            None,
        );
        self.settle();
        innovation
    }

    /// The state of charge, 0 to 1.
    pub fn soc(&self) -> Estimate {
        self.estimate(SOC)
    }

    /// The power meter's bias, kW, once the readings determine it.
    pub fn bias_kw(&self) -> Option<Estimate> {
        self.learned(BIAS, BIAS_SHARE * self.battery.rated_kw)
    }

    /// The share of energy lost beyond the given efficiencies, once the readings determine it.
    pub fn loss(&self) -> Option<Estimate> {
        self.learned(LOSS, LOSS_DEVIATION)
    }

    /// The battery's observed capacity, kWh, once the readings determine it.
    pub fn capacity_kwh(&self) -> Option<Estimate> {
        self.learned(GAIN, GAIN_DEVIATION).map(|gain| {
            let value = self.battery.capacity_kwh / (1.0 + gain.value);
            Estimate { value, deviation: value * gain.deviation / (1.0 + gain.value) }
        })
    }

    /// The battery's parameters.
    pub fn battery(&self) -> &Battery {
        &self.battery
    }

    fn estimate(&self, index: usize) -> Estimate {
        let (value, deviation) = self.filter.part(index);
        Estimate { value, deviation }
    }

    /// A number counts as learned once its deviation is half of the initial one.
    fn learned(&self, index: usize, before: f64) -> Option<Estimate> {
        let estimate = self.estimate(index);
        (estimate.deviation < before / 2.0).then_some(estimate)
    }

    fn is_possible(&self, kw: f64) -> bool {
        kw.abs() <= ABSURD * self.battery.rated_kw
    }

    fn settle(&mut self) {
        self.filter.hold_within(SOC, 0.0, 1.0);
        self.filter.hold_within(LOSS, -0.2, 0.5);
        self.filter.hold_within(GAIN, -0.3, 1.5);
    }
}

#[cfg(test)]
#[path = "soc_tests.rs"]
mod tests;
