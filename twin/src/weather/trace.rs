//! Weather and sun laid out on the steps of a run, shared by all arrays, so that the sun is
//! computed once. The place for files is `Weather`; this is what a run consumes.

use super::calendar::{DAY_S, day_of_year};
use super::resample;
use super::{Location, Weather, WeatherError, airmass_of};
use crate::sun::{self, Direction, SunPath};

/// Columns of equal steps; a sample at t describes [t, t + step), the sun stands as in the step's
/// middle.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Where it is.
    pub location: Location,
    /// Where the first step begins, seconds since 1970 in UTC.
    pub start_unix_s: i64,
    /// A step's length, s.
    pub step_s: u32,
    /// Global horizontal irradiance, W/m2.
    pub ghi_w_m2: Vec<f64>,
    /// Beam irradiance facing the sun, W/m2.
    pub dni_w_m2: Vec<f64>,
    /// Diffuse horizontal irradiance, W/m2.
    pub dhi_w_m2: Vec<f64>,
    /// Air temperature, degrees Celsius.
    pub temperature_c: Vec<f64>,
    /// Wind speed at 10 m, m/s.
    pub wind_m_s: Vec<f64>,
    /// The sun.
    pub sun: Vec<SunStep>,
}

/// The sun in the middle of a step.
#[derive(Clone, Copy, Debug)]
pub struct SunStep {
    /// Where it is seen.
    pub direction: Direction,
    /// Relative air mass; NaN while the sun is down.
    pub airmass: f64,
    /// Radiation above the atmosphere, W/m2.
    pub extraterrestrial_w_m2: f64,
}

impl Trace {
    /// `count` steps of `step_s` seconds from `start_unix_s`.
    ///
    /// Weather in longer steps is interpolated by its clear-sky index, and every interval keeps its
    /// energy; weather in shorter steps is averaged.
    ///
    /// # Errors
    /// [`WeatherError::NotCovered`] where the weather is shorter than the run.
    ///
    /// # Panics
    /// Where `step_s` is zero.
    pub fn from_weather(
        weather: &Weather,
        start_unix_s: i64,
        step_s: u32,
        count: usize,
    ) -> Result<Self, WeatherError> {
        assert!(step_s > 0, "a step is longer than 0 s");
        let [ghi_w_m2, dni_w_m2, dhi_w_m2, temperature_c, wind_m_s] =
            resample::columns(weather, start_unix_s, step_s, count)?;
        let sun = sun_steps(&weather.location, start_unix_s, step_s, count, 0);
        let location = weather.location;
        Ok(Self {
            location,
            start_unix_s,
            step_s,
            ghi_w_m2,
            dni_w_m2,
            dhi_w_m2,
            temperature_c,
            wind_m_s,
            sun,
        })
    }

    /// The weather's own samples, with the sun `sun_offset_s` later than in each one's middle.
    pub fn of_weather(weather: &Weather, sun_offset_s: i64) -> Self {
        let Weather { location, start_unix_s, step_s, .. } = *weather;
        Self {
            location,
            start_unix_s,
            step_s,
            ghi_w_m2: weather.ghi_w_m2.clone(),
            dni_w_m2: weather.dni_w_m2.clone(),
            dhi_w_m2: weather.dhi_w_m2.clone(),
            temperature_c: weather.temperature_c.clone(),
            wind_m_s: weather.wind_m_s.clone(),
            sun: sun_steps(&location, start_unix_s, step_s, weather.len(), sun_offset_s),
        }
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.sun.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sun.is_empty()
    }

    /// The sun's apparent zenith in the middle of a step, degrees.
    pub fn zenith_deg(&self, step: usize) -> f64 {
        self.sun[step].direction.zenith_deg()
    }

    /// The sun's azimuth in the middle of a step, degrees clockwise from north.
    pub fn azimuth_deg(&self, step: usize) -> f64 {
        self.sun[step].direction.azimuth_deg()
    }
}

/// The sun in the middle of every step, or that much later.
pub(super) fn sun_steps(
    location: &Location,
    start_unix_s: i64,
    step_s: u32,
    count: usize,
    later_s: i64,
) -> Vec<SunStep> {
    let mut steps = Vec::with_capacity(count);
    each_sun_step(location, start_unix_s + later_s, step_s, count, |_, step| steps.push(step));
    steps
}

/// Shows `see` the sun in the middle of every step, without keeping it.
pub(crate) fn each_sun_step(
    location: &Location,
    first: i64,
    step_s: u32,
    count: usize,
    mut see: impl FnMut(usize, SunStep),
) {
    let whole_step_s = i64::from(step_s);
    let step_s = f64::from(step_s);
    let path = SunPath::new(&location.observer(), first, first + (count as i64 + 1) * whole_step_s);
    let mut tomorrow_s = i64::MIN;
    let mut extraterrestrial_w_m2 = 0.0;
    let directions = path.directions(first as f64 + step_s / 2.0, step_s, count);
    for (i, direction) in directions.enumerate() {
        let middle_s = first + i as i64 * whole_step_s + whole_step_s / 2;
        if middle_s >= tomorrow_s {
            tomorrow_s = (middle_s.div_euclid(DAY_S) + 1) * DAY_S;
            extraterrestrial_w_m2 = sun::extraterrestrial_w_m2(day_of_year(middle_s));
        }
        let airmass = if direction.up >= 0.0 {
            airmass_of(direction.up, direction.zenith_near_deg())
        } else {
            f64::NAN
        };
        see(i, SunStep { direction, airmass, extraterrestrial_w_m2 });
    }
}
