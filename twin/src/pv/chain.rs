//! The chain from weather to power: sun, plane, cell, modules, inverter. Curtailment is not here:
//! this is what could be had.

use super::pvwatts::{pvwatts_ac, pvwatts_dc};
use super::temperature::sapm_cell_c;
use super::{Array, Plane, SunOnPlane};
use crate::weather::{Irradiance, Trace, Weather};

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
    simulate_trace(&Trace::of_weather(weather, options.sun_offset_s), array)
}

/// An array under every step of a trace.
pub fn simulate_trace(trace: &Trace, array: &Array) -> PvYear {
    let steps: Vec<_> = chain(trace, array).collect();
    let hours = f64::from(trace.step_s) / 3600.0;
    let total = |of: fn(&PvStep) -> f64| hours * steps.iter().map(of).sum::<f64>();
    let limit_kw = array.ac_limit_kw() * (1.0 - 1e-9);
    PvYear {
        start_unix_s: trace.start_unix_s,
        step_s: trace.step_s,
        ghi_kwh_m2: hours * trace.ghi_w_m2.iter().sum::<f64>() / 1000.0,
        poa_kwh_m2: total(|step| step.poa_w_m2) / 1000.0,
        dc_kwh: total(|step| step.dc_kw),
        ac_kwh: total(|step| step.ac_kw),
        clipped_hours: hours * steps.iter().filter(|step| step.ac_kw >= limit_kw).count() as f64,
        steps,
    }
}

/// What an array could give in every step of a run, kW of alternating current.
pub fn power_trace(trace: &Trace, array: &Array) -> Vec<f64> {
    chain(trace, array).map(|step| step.ac_kw).collect()
}

/// The steps of an array under weather, one by one.
pub fn chain<'a>(trace: &'a Trace, array: &Array) -> impl Iterator<Item = PvStep> + use<'a> {
    let array = *array;
    let plane = Plane::new(array.tilt_deg, array.azimuth_deg, array.albedo);
    let rated_kw = array.rated_kw * (1.0 - array.losses);
    let dc_limit_kw = array.ac_limit_kw() / array.inverter_efficiency;
    (0..trace.len()).map(move |i| {
        let light = Irradiance {
            ghi_w_m2: trace.ghi_w_m2[i],
            dni_w_m2: trace.dni_w_m2[i],
            dhi_w_m2: trace.dhi_w_m2[i],
        };
        let air_c = trace.temperature_c[i];
        if light == Irradiance::default() {
            return PvStep {
                cell_c: air_c,
                ..PvStep::default()
            };
        }
        let at = &trace.sun[i];
        let direction = [at.direction.east, at.direction.north, at.direction.up];
        let sun = SunOnPlane {
            zenith_deg: at.direction.zenith_near_deg(),
            cos_zenith: at.direction.up,
            cos_incidence: plane.cos_incidence_of(direction),
            extraterrestrial_w_m2: at.extraterrestrial_w_m2,
            airmass: (!at.airmass.is_nan()).then_some(at.airmass),
        };
        let poa_w_m2 = plane.irradiance_w_m2(array.sky, &light, &sun);
        let cell_c = sapm_cell_c(poa_w_m2, air_c, trace.wind_m_s[i], array.mount);
        let dc_kw = pvwatts_dc(poa_w_m2, cell_c, rated_kw, array.gamma_per_k);
        let ac_kw = pvwatts_ac(dc_kw, dc_limit_kw, array.inverter_efficiency);
        PvStep {
            poa_w_m2,
            cell_c,
            dc_kw,
            ac_kw,
        }
    })
}
