//! The air that sunlight passes: its pressure, its mass along the ray, and what a cloudless sky
//! lets through.

/// Pressure at a height above sea level in the standard atmosphere, Pa:
/// `100 ((44331.514 - h) / 11880.516)^(1 / 0.1902632)`, up to 11 km (A Quick Derivation relating
/// altitude to air pressure, Portland State Aerospace Society, 2004).
pub fn pressure_at_altitude_pa(altitude_m: f64) -> f64 {
    100.0 * ((44_331.514 - altitude_m) / 11_880.516).max(0.0).powf(1.0 / 0.190_263_2)
}

/// Air mass relative to the vertical at an apparent zenith angle, nothing below the horizon:
/// F. Kasten and A. T. Young, "Revised optical air mass tables and approximation formula",
/// Applied Optics 28 (1989) 4735: `1 / (cos z + 0.50572 (96.07995 - z)^-1.6364)`, z in degrees.
pub fn relative_airmass(apparent_zenith_deg: f64) -> Option<f64> {
    (apparent_zenith_deg <= 90.0)
        .then(|| airmass_of(apparent_zenith_deg.to_radians().cos(), apparent_zenith_deg))
}

/// [`relative_airmass`] where the zenith's cosine is known already and the sun is up.
#[inline]
pub(crate) fn airmass_of(cos_zenith: f64, apparent_zenith_deg: f64) -> f64 {
    1.0 / (cos_zenith + 0.505_72 * (-1.636_4 * (96.079_95 - apparent_zenith_deg).ln()).exp())
}

/// Irradiance in its three components.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Irradiance {
    /// Global on the horizontal, W/m2.
    pub ghi_w_m2: f64,
    /// Beam, facing the sun, W/m2.
    pub dni_w_m2: f64,
    /// Diffuse on the horizontal, W/m2.
    pub dhi_w_m2: f64,
}

/// A cloudless sky at one height and turbidity.
///
/// P. Ineichen and R. Perez, "A new airmass independent formulation for the Linke turbidity
/// coefficient", Solar Energy 73 (2002) 151, with the diffuse share as in Ineichen's "A broadband
/// simplified version of the Solis clear sky model", Solar Energy 82 (2008) 758, section 2.
#[derive(Clone, Copy, Debug)]
pub struct ClearSky {
    /// Global: factor and extinction per absolute air mass.
    global: (f64, f64),
    /// Beam: factor and extinction per absolute air mass.
    beam: (f64, f64),
    /// Beam's limit as a share of horizontal global, before the cosine.
    beam_share: f64,
    /// Absolute over relative air mass.
    pressure_ratio: f64,
}

impl ClearSky {
    /// The clear sky at a height above sea level under a Linke turbidity at air mass 2 (2 is very
    /// clean, 3 clean and warm, 5 polluted).
    pub fn new(altitude_m: f64, pressure_pa: f64, linke_turbidity: f64) -> Self {
        let fh1 = (-altitude_m / 8000.0).exp();
        let fh2 = (-altitude_m / 1250.0).exp();
        let cg1 = 5.09e-5 * altitude_m + 0.868;
        let cg2 = 3.92e-5 * altitude_m + 0.0387;
        Self {
            global: (cg1, cg2 * (fh1 + fh2 * (linke_turbidity - 1.0))),
            beam: (0.664 + 0.163 / fh1, 0.09 * (linke_turbidity - 1.0)),
            beam_share: 1.0 - (0.1 - 0.2 * (-linke_turbidity).exp()) / (0.1 + 0.882 / fh1),
            pressure_ratio: pressure_pa / 101_325.0,
        }
    }

    /// What reaches the ground, with the sun at an apparent zenith of that cosine, through that
    /// relative air mass, from that radiation above the atmosphere. All zero below the horizon.
    #[inline]
    pub fn irradiance(
        &self,
        cos_zenith: f64,
        relative_airmass: f64,
        extraterrestrial_w_m2: f64,
    ) -> Irradiance {
        if cos_zenith <= 0.0 {
            return Irradiance::default();
        }
        let airmass = relative_airmass * self.pressure_ratio;
        let ghi_w_m2 =
            self.global.0 * extraterrestrial_w_m2 * cos_zenith * (-self.global.1 * airmass).exp();
        let beam = self.beam.0 * extraterrestrial_w_m2 * (-self.beam.1 * airmass).exp();
        let dni_w_m2 = beam.min(ghi_w_m2 * (self.beam_share / cos_zenith).max(0.0));
        Irradiance { ghi_w_m2, dni_w_m2, dhi_w_m2: ghi_w_m2 - dni_w_m2 * cos_zenith }
    }
}
