//! What a photovoltaic array is. Not how it is simulated: see `chain`.

use super::{Mount, SkyModel};

/// A fixed array with its inverter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Array {
    /// Rating under standard test conditions, kW of direct current.
    pub rated_kw: f64,
    /// Tilt from the horizontal, degrees.
    pub tilt_deg: f64,
    /// Where it faces, degrees clockwise from north.
    pub azimuth_deg: f64,
    /// Share of direct current lost to soiling, shading, mismatch, wiring and the like, 0 to 1.
    pub losses: f64,
    /// Rating of the modules over that of the inverter's output.
    pub dc_ac_ratio: f64,
    /// The inverter's nominal efficiency, 0 to 1.
    pub inverter_efficiency: f64,
    /// Change of power with the cell's temperature, per kelvin.
    pub gamma_per_k: f64,
    /// How the modules are mounted.
    pub mount: Mount,
    /// Model of the sky's diffuse light.
    pub sky: SkyModel,
    /// Share of light that the ground before it reflects.
    pub albedo: f64,
}

impl Default for Array {
    /// PVWatts' own defaults: 4 kW to the south at 20 degrees, 14.08 % lost, inverter 96 % and 1.2
    /// times smaller than the modules.
    fn default() -> Self {
        Self {
            rated_kw: 4.0,
            tilt_deg: 20.0,
            azimuth_deg: 180.0,
            losses: 0.1408,
            dc_ac_ratio: 1.2,
            inverter_efficiency: 0.96,
            gamma_per_k: -0.0047,
            mount: Mount::default(),
            sky: SkyModel::default(),
            albedo: 0.2,
        }
    }
}

impl Array {
    /// The most that the inverter gives, kW.
    pub fn ac_limit_kw(&self) -> f64 {
        self.rated_kw / self.dc_ac_ratio
    }
}
