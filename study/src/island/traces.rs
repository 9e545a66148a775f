//! A year of load, sun and wind, checked once so that the year's loop need not check again.
//!
//! Three plain columns side by side: the loop reads each of them once, in order. Reading files is
//! `reader`'s business.

use super::error::{Error, require};

/// No power of an island comes near this, in kW; sums of smaller ones stay finite.
const MOST: f64 = 1e12;

/// Load and renewable potential, step by step; finite, not negative, equally long, not empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Traces {
    load_kw: Vec<f64>,
    pv_per_kw: Vec<f64>,
    wind_per_kw: Vec<f64>,
    step_h: f64,
    load_kwh: f64,
    pv_kwh_per_kw: f64,
    wind_kwh_per_kw: f64,
}

impl Traces {
    /// Traces from three columns: load in kW, PV in kW for each kWp, wind in kW for each rated kW; a
    /// step lasts `step_h` hours.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Lengths`], [`Error::Row`] naming the trace and the row (from 1), or
    /// [`Error::Parameter`] for a step that is not a positive number of hours.
    pub fn new(
        load_kw: Vec<f64>,
        pv_per_kw: Vec<f64>,
        wind_per_kw: Vec<f64>,
        step_h: f64,
    ) -> Result<Self, Error> {
        require(
            step_h > 0.0 && step_h <= 8760.0,
            "step_h",
            step_h,
            "more than 0 and at most 8760 hours",
        )?;
        if load_kw.len() != pv_per_kw.len() || load_kw.len() != wind_per_kw.len() {
            return Err(Error::Lengths {
                load: load_kw.len(),
                pv: pv_per_kw.len(),
                wind: wind_per_kw.len(),
            });
        }
        if load_kw.is_empty() {
            return Err(Error::Empty);
        }
        let sum = |trace, column: &[f64]| -> Result<f64, Error> {
            match column.iter().position(|value| !is_power(*value)) {
                Some(at) => Err(Error::Row { trace, row: at + 1, value: column[at] }),
                None => Ok(column.iter().sum::<f64>() * step_h),
            }
        };
        Ok(Self {
            load_kwh: sum("load_kw", &load_kw)?,
            pv_kwh_per_kw: sum("pv_per_kw", &pv_per_kw)?,
            wind_kwh_per_kw: sum("wind_per_kw", &wind_per_kw)?,
            load_kw,
            pv_per_kw,
            wind_per_kw,
            step_h,
        })
    }

    /// Number of steps, at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.load_kw.len()
    }

    /// Length of a step, in h.
    #[must_use]
    pub fn step_h(&self) -> f64 {
        self.step_h
    }

    /// Length of all steps together, in h.
    #[must_use]
    pub fn duration_h(&self) -> f64 {
        self.len() as f64 * self.step_h
    }

    /// Load of each step, in kW.
    #[must_use]
    pub fn load_kw(&self) -> &[f64] {
        &self.load_kw
    }

    /// PV potential of each step, in kW for each kWp.
    #[must_use]
    pub fn pv_per_kw(&self) -> &[f64] {
        &self.pv_per_kw
    }

    /// Wind potential of each step, in kW for each rated kW.
    #[must_use]
    pub fn wind_per_kw(&self) -> &[f64] {
        &self.wind_per_kw
    }

    /// Energy the load asks for, in kWh.
    #[must_use]
    pub fn load_kwh(&self) -> f64 {
        self.load_kwh
    }

    /// Energy a kWp of PV could give, in kWh/kW.
    #[must_use]
    pub fn pv_kwh_per_kw(&self) -> f64 {
        self.pv_kwh_per_kw
    }

    /// Energy a rated kW of wind could give, in kWh/kW.
    #[must_use]
    pub fn wind_kwh_per_kw(&self) -> f64 {
        self.wind_kwh_per_kw
    }
}

/// Whether a value can be a power: a finite number from 0 to 1e12.
pub(super) fn is_power(value: f64) -> bool {
    (0.0..=MOST).contains(&value)
}
