//! The chain from weather to power: sun, plane, cell, modules, inverter. Curtailment is not here:
//! this is what could be had.

use super::pvwatts::{pvwatts_ac, pvwatts_dc};
use super::temperature::sapm_cell_c;
use super::{Array, Plane, SunOnPlane};
use crate::weather::{Irradiance, SunStep, Trace, Weather, each_sun_step};

/// How a year is simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PvOptions {
    /// How much later than each sample's middle the sun is looked at, s: for files whose time
    /// stamps are known to be wrong.
    pub sun_offset_s: i64,
}

/// One step of an array's life.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PvStep {
    /// Irradiance on the plane of the array, W/m2.
    pub poa_w_m2: f64,
    /// The cells' temperature, degrees Celsius.
    pub cell_c: f64,
    /// Direct current after losses, kW.
    pub dc_kw: f64,
    /// Alternating current, kW.
    pub ac_kw: f64,
}

/// What an array does under all of a weather file.
#[derive(Clone, Debug, PartialEq)]
pub struct PvYear {
    /// Where the first step begins, seconds since 1970 in UTC.
    pub start_unix_s: i64,
    /// A step's length, s.
    pub step_s: u32,
    /// Every step.
    pub steps: Vec<PvStep>,
    /// Global irradiation on the horizontal, kWh/m2.
    pub ghi_kwh_m2: f64,
    /// Irradiation on the array, kWh/m2.
    pub poa_kwh_m2: f64,
    /// Direct current after losses, kWh.
    pub dc_kwh: f64,
    /// Alternating current, kWh.
    pub ac_kwh: f64,
    /// Hours in which the inverter was at its limit.
    pub clipped_hours: f64,
}

/// An array under every sample of a weather file, with the sun as it stands in each one's middle.
pub fn simulate(weather: &Weather, array: &Array, options: PvOptions) -> PvYear {
    let prepared = Prepared::new(array);
    let mut steps = Vec::with_capacity(weather.len());
    let first_s = weather.start_unix_s + options.sun_offset_s;
    each_sun_step(&weather.location, first_s, weather.step_s, weather.len(), |i, sun| {
        let light = Irradiance {
            ghi_w_m2: weather.ghi_w_m2[i],
            dni_w_m2: weather.dni_w_m2[i],
            dhi_w_m2: weather.dhi_w_m2[i],
        };
        steps.push(prepared.step(&light, weather.temperature_c[i], weather.wind_m_s[i], &sun));
    });
    total(steps, weather.start_unix_s, weather.step_s, &weather.ghi_w_m2, array)
}

/// An array under every step of a trace.
pub fn simulate_trace(trace: &Trace, array: &Array) -> PvYear {
    let steps = chain(trace, array).collect();
    total(steps, trace.start_unix_s, trace.step_s, &trace.ghi_w_m2, array)
}

/// What an array could give in every step of a run, kW of alternating current.
pub fn power_trace(trace: &Trace, array: &Array) -> Vec<f64> {
    chain(trace, array).map(|step| step.ac_kw).collect()
}

/// The steps of an array under weather, one by one.
pub fn chain<'a>(trace: &'a Trace, array: &Array) -> impl Iterator<Item = PvStep> + use<'a> {
    let prepared = Prepared::new(array);
    (0..trace.len()).map(move |i| {
        let light = Irradiance {
            ghi_w_m2: trace.ghi_w_m2[i],
            dni_w_m2: trace.dni_w_m2[i],
            dhi_w_m2: trace.dhi_w_m2[i],
        };
        prepared.step(&light, trace.temperature_c[i], trace.wind_m_s[i], &trace.sun[i])
    })
}

/// An array with what does not change from step to step.
struct Prepared {
    array: Array,
    plane: Plane,
    /// Rating after losses.
    rated_kw: f64,
    dc_limit_kw: f64,
}

impl Prepared {
    fn new(array: &Array) -> Self {
        Self {
            array: *array,
            plane: Plane::new(array.tilt_deg, array.azimuth_deg, array.albedo),
            rated_kw: array.rated_kw * (1.0 - array.losses),
            dc_limit_kw: array.ac_limit_kw() / array.inverter_efficiency,
        }
    }

    #[inline]
    fn step(&self, light: &Irradiance, air_c: f64, wind_m_s: f64, at: &SunStep) -> PvStep {
        if *light == Irradiance::default() {
            return PvStep { cell_c: air_c, ..PvStep::default() };
        }
        let direction = [at.direction.east, at.direction.north, at.direction.up];
        let sun = SunOnPlane {
            zenith_deg: at.direction.zenith_near_deg(),
            cos_zenith: at.direction.up,
            cos_incidence: self.plane.cos_incidence_of(direction),
            extraterrestrial_w_m2: at.extraterrestrial_w_m2,
            airmass: (!at.airmass.is_nan()).then_some(at.airmass),
        };
        let poa_w_m2 = self.plane.irradiance_w_m2(self.array.sky, light, &sun);
        let cell_c = sapm_cell_c(poa_w_m2, air_c, wind_m_s, self.array.mount);
        let dc_kw = pvwatts_dc(poa_w_m2, cell_c, self.rated_kw, self.array.gamma_per_k);
        let ac_kw = pvwatts_ac(dc_kw, self.dc_limit_kw, self.array.inverter_efficiency);
        PvStep { poa_w_m2, cell_c, dc_kw, ac_kw }
    }
}

fn total(
    steps: Vec<PvStep>,
    start_unix_s: i64,
    step_s: u32,
    ghi_w_m2: &[f64],
    array: &Array,
) -> PvYear {
    let hours = f64::from(step_s) / 3600.0;
    let limit_kw = array.ac_limit_kw() * (1.0 - 1e-9);
    let mut sums = [0.0; 4];
    for step in &steps {
        let clipped = f64::from(u8::from(step.ac_kw >= limit_kw));
        for (sum, value) in sums.iter_mut().zip([step.poa_w_m2, step.dc_kw, step.ac_kw, clipped]) {
            *sum += value;
        }
    }
    let [poa_w_m2, dc_kw, ac_kw, clipped] = sums;
    PvYear {
        start_unix_s,
        step_s,
        ghi_kwh_m2: hours * ghi_w_m2.iter().sum::<f64>() / 1000.0,
        poa_kwh_m2: hours * poa_w_m2 / 1000.0,
        dc_kwh: hours * dc_kw,
        ac_kwh: hours * ac_kw,
        clipped_hours: hours * clipped,
        steps,
    }
}
