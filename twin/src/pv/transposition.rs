//! From horizontal irradiance to a tilted plane: the classical models. Perez' is in `perez`.
//!
//! Every model gives the sky's diffuse part; beam and what the ground reflects are the same for
//! all.

use serde::{Deserialize, Serialize};

use super::perez::perez_w_m2;
use crate::weather::Irradiance;

/// Which model tells how much of the sky's diffuse light a tilted plane receives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SkyModel {
    /// The same from everywhere.
    Isotropic,
    /// Some of it from around the sun.
    HayDavies,
    /// Around the sun, and the horizon brighter under broken clouds.
    Reindl,
    /// Horizon and sun brighter by how clear it is.
    Klucher,
    /// Around the sun and at the horizon, from measured coefficients.
    #[default]
    Perez,
}

impl SkyModel {
    /// Every model under the name that the command line uses.
    pub const NAMES: [(&str, Self); 5] = [
        ("isotropic", Self::Isotropic),
        ("hay-davies", Self::HayDavies),
        ("reindl", Self::Reindl),
        ("klucher", Self::Klucher),
        ("perez", Self::Perez),
    ];
}

/// A plane that receives light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    sin_tilt: f64,
    cos_tilt: f64,
    sin_azimuth: f64,
    cos_azimuth: f64,
    albedo: f64,
}

/// The sun as seen from a plane, with all that the models ask of it.
#[derive(Clone, Copy, Debug)]
pub struct SunOnPlane {
    /// Apparent zenith, degrees.
    pub zenith_deg: f64,
    /// Its cosine.
    pub cos_zenith: f64,
    /// Cosine of the angle of incidence; negative behind the plane.
    pub cos_incidence: f64,
    /// Radiation above the atmosphere, W/m2.
    pub extraterrestrial_w_m2: f64,
    /// Relative air mass; none below the horizon.
    pub airmass: Option<f64>,
}

impl Plane {
    /// A plane tilted from the horizontal towards `azimuth_deg` (clockwise from north), before
    /// ground that reflects the share `albedo`.
    pub fn new(tilt_deg: f64, azimuth_deg: f64, albedo: f64) -> Self {
        let (sin_tilt, cos_tilt) = tilt_deg.to_radians().sin_cos();
        let (sin_azimuth, cos_azimuth) = azimuth_deg.to_radians().sin_cos();
        Self { sin_tilt, cos_tilt, sin_azimuth, cos_azimuth, albedo }
    }

    /// Cosine of the angle between the sun and the plane's normal:
    /// `cos b cos z + sin b sin z cos(a_sun - a)`.
    pub fn cos_incidence(&self, zenith_deg: f64, azimuth_deg: f64) -> f64 {
        let (sin_zenith, cos_zenith) = zenith_deg.to_radians().sin_cos();
        let (sin_sun, cos_sun) = azimuth_deg.to_radians().sin_cos();
        self.cos_incidence_of([sin_zenith * sin_sun, sin_zenith * cos_sun, cos_zenith])
    }

    /// [`Plane::cos_incidence`] of a sun that stands east, north and up of here by these parts.
    #[inline]
    pub(crate) fn cos_incidence_of(&self, [east, north, up]: [f64; 3]) -> f64 {
        let towards = east * self.sin_azimuth + north * self.cos_azimuth;
        (self.cos_tilt * up + self.sin_tilt * towards).clamp(-1.0, 1.0)
    }

    /// The angle of incidence, degrees: 0 is straight on, above 90 is behind.
    pub fn incidence_deg(&self, zenith_deg: f64, azimuth_deg: f64) -> f64 {
        self.cos_incidence(zenith_deg, azimuth_deg).acos().to_degrees()
    }

    /// The sky's diffuse part on the plane, W/m2.
    #[inline]
    pub fn sky_diffuse_w_m2(&self, model: SkyModel, light: &Irradiance, sun: &SunOnPlane) -> f64 {
        match model {
            SkyModel::Isotropic => light.dhi_w_m2 * self.sky_view(),
            SkyModel::HayDavies => self.hay_davies_w_m2(light, sun),
            SkyModel::Reindl => self.reindl_w_m2(light, sun),
            SkyModel::Klucher => self.klucher_w_m2(light, sun),
            SkyModel::Perez => perez_w_m2(self.sky_view(), self.sin_tilt, light, sun),
        }
    }

    /// All that the plane receives, W/m2: beam, sky and ground; never below zero.
    #[inline]
    pub fn irradiance_w_m2(&self, model: SkyModel, light: &Irradiance, sun: &SunOnPlane) -> f64 {
        let beam = (light.dni_w_m2 * sun.cos_incidence).max(0.0);
        let ground = light.ghi_w_m2 * self.albedo * (0.5 - 0.5 * self.cos_tilt);
        (beam + self.sky_diffuse_w_m2(model, light, sun) + ground).max(0.0)
    }

    /// Share of the sky's dome that the plane faces.
    #[inline]
    fn sky_view(&self) -> f64 {
        0.5 + 0.5 * self.cos_tilt
    }

    /// `sin^3(b / 2)`.
    fn half_tilt_sine_cubed(&self) -> f64 {
        (0.5 - 0.5 * self.cos_tilt).max(0.0).powf(1.5)
    }

    /// Anisotropy index and beam on the plane over beam on the horizontal.
    #[inline]
    fn anisotropy(light: &Irradiance, sun: &SunOnPlane) -> (f64, f64) {
        // Below one degree over the horizon the ratio is held.
        let ratio = sun.cos_incidence.max(0.0) / sun.cos_zenith.max(0.017_45);
        (light.dni_w_m2 / sun.extraterrestrial_w_m2, ratio)
    }

    /// J. E. Hay and J. A. Davies, "Calculations of the solar radiation incident on an inclined
    /// surface", First Canadian Solar Radiation Data Workshop, 1980, 59:
    /// `DHI (A Rb + (1 - A) (1 + cos b) / 2)`.
    #[inline]
    fn hay_davies_w_m2(&self, light: &Irradiance, sun: &SunOnPlane) -> f64 {
        let (anisotropy, ratio) = Self::anisotropy(light, sun);
        let isotropic = (light.dhi_w_m2 * (1.0 - anisotropy) * self.sky_view()).max(0.0);
        isotropic + (light.dhi_w_m2 * anisotropy * ratio).max(0.0)
    }

    /// D. T. Reindl, W. A. Beckman and J. A. Duffie, "Evaluation of hourly tilted surface radiation
    /// models", Solar Energy 45 (1990) 9: Hay and Davies with a bright horizon,
    /// `1 + sqrt(beam / GHI) sin^3(b / 2)`.
    fn reindl_w_m2(&self, light: &Irradiance, sun: &SunOnPlane) -> f64 {
        let (anisotropy, ratio) = Self::anisotropy(light, sun);
        let beam = (light.dni_w_m2 * sun.cos_zenith.max(0.017_45)).max(0.0);
        let share = if light.ghi_w_m2 > 0.0 { beam / light.ghi_w_m2 } else { 0.0 };
        let horizon = 1.0 + share.sqrt() * self.half_tilt_sine_cubed();
        let sky = anisotropy * ratio + (1.0 - anisotropy) * self.sky_view() * horizon;
        (light.dhi_w_m2 * sky).max(0.0)
    }

    /// T. M. Klucher, "Evaluation of models to predict insolation on tilted surfaces", Solar Energy
    /// 23 (1979) 111: `DHI (1 + cos b) / 2 (1 + F sin^3(b / 2)) (1 + F cos^2(i) sin^3(z))` with
    /// `F = 1 - (DHI / GHI)^2`.
    fn klucher_w_m2(&self, light: &Irradiance, sun: &SunOnPlane) -> f64 {
        let share = if light.ghi_w_m2 > 0.0 { light.dhi_w_m2 / light.ghi_w_m2 } else { 1.0 };
        let f = 1.0 - share * share;
        let facing = sun.cos_incidence.max(0.0);
        let sin_zenith = (1.0 - sun.cos_zenith * sun.cos_zenith).max(0.0).sqrt();
        let horizon = 1.0 + f * self.half_tilt_sine_cubed();
        let circumsolar = 1.0 + f * facing * facing * sin_zenith.powi(3);
        light.dhi_w_m2 * self.sky_view() * horizon * circumsolar
    }
}
