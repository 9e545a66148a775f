//! Weather for any place without a file: a clear sky behind random clouds, temperature and wind
//! with the day, the year and a memory. A plausible year, never a forecast or a record.

use std::f64::consts::TAU;

use gridtwin_kernel::Stream;

use super::calendar::{DAY_S, date_of, day_of_365, day_of_year};
use super::clouds::{Clouds, Drift};
use super::trace::sun_steps;
use super::{ClearSky, Location, Trace, decompose, pressure_at_altitude_pa};

/// What a place's weather is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Climate {
    /// Linke turbidity of every month, January first: 2 is very clean air, 5 polluted.
    pub linke_turbidity: [f64; 12],
    /// How clear the sky tends to be: 0 as in North Carolina, 0.5 a desert's edge, -0.6 the
    /// Aleutians.
    pub clearness: f64,
    /// Yearly mean temperature, degrees Celsius.
    pub temperature_mean_c: f64,
    /// How far the warmest time of the year is above the mean, K.
    pub temperature_yearly_k: f64,
    /// How far the afternoon is above the day's mean, K.
    pub temperature_daily_k: f64,
    /// Standard deviation of the weather's own warm and cold spells, K.
    pub temperature_spell_k: f64,
    /// Yearly mean wind speed at 10 m, m/s.
    pub wind_mean_m_s: f64,
}

impl Climate {
    /// A first guess from latitude and height alone: the zonal mean of temperature falls by about
    /// half a kelvin per degree beyond the tropics and by 6.5 K per km, its yearly swing grows with
    /// latitude, and the air is hazier in summer.
    pub fn typical(location: &Location) -> Self {
        let away = location.latitude_deg.abs();
        let mut linke_turbidity = [2.6, 2.7, 3.0, 3.2, 3.4, 3.6, 3.7, 3.6, 3.3, 3.0, 2.7, 2.6];
        if location.latitude_deg < 0.0 {
            linke_turbidity.rotate_left(6);
        }
        Self {
            linke_turbidity,
            clearness: 0.0,
            temperature_mean_c: 27.0
                - 0.55 * (away - 15.0).max(0.0)
                - 0.0065 * location.altitude_m.max(0.0),
            temperature_yearly_k: 1.0 + 0.28 * away,
            temperature_daily_k: 5.0,
            temperature_spell_k: 1.5 + 0.05 * away,
            wind_mean_m_s: 3.5,
        }
    }

    /// `count` steps of `step_s` seconds of this weather from `start_unix_s`.
    ///
    /// The sky lives in minutes, and longer steps are means of them: whole minutes of step length
    /// see the same weather, whatever the length.
    ///
    /// # Panics
    /// Where `step_s` is zero.
    pub fn trace(
        &self,
        location: &Location,
        start_unix_s: i64,
        step_s: u32,
        count: usize,
        mut stream: Stream,
    ) -> Trace {
        assert!(step_s > 0, "a step is longer than 0 s");
        let fine_s = if step_s.is_multiple_of(60) { 60 } else { step_s };
        let parts = (step_s / fine_s) as usize;
        let stream = &mut stream;
        let memory = |memory_h, stream: &mut _| Drift::new(memory_h, f64::from(fine_s), stream);
        let mut clouds = Clouds::new(self.clearness, f64::from(fine_s), stream);
        let mut spell = memory(60.0, stream);
        let mut gusts = [memory(8.0, stream), memory(8.0, stream)];

        let pressure_pa = pressure_at_altitude_pa(location.altitude_m);
        let skies = self
            .linke_turbidity
            .map(|turbidity| ClearSky::new(location.altitude_m, pressure_pa, turbidity));
        let mut columns: [Vec<f64>; 5] = std::array::from_fn(|_| Vec::with_capacity(count));
        let mut means = [0.0; 5];
        let mut day = Day::default();
        let fine = sun_steps(location, start_unix_s, fine_s, count * parts, 0);
        for (i, sun) in fine.iter().enumerate() {
            let middle_s = start_unix_s + i as i64 * i64::from(fine_s) + i64::from(fine_s / 2);
            let local_s = middle_s + i64::from(location.utc_offset_s);
            day = day.at(local_s, location.latitude_deg);
            let hour = local_s.rem_euclid(DAY_S) as f64 / 3600.0;
            let afternoon = (TAU * (hour - 15.0) / 24.0).cos();

            let index = clouds.step(stream);
            if sun.direction.up > 0.0 && !sun.airmass.is_nan() {
                let extraterrestrial = sun.extraterrestrial_w_m2;
                let clear =
                    skies[day.month].irradiance(sun.direction.up, sun.airmass, extraterrestrial);
                let zenith_deg = sun.direction.zenith_deg();
                let light = decompose::erbs(index * clear.ghi_w_m2, zenith_deg, extraterrestrial);
                means[0] += light.ghi_w_m2;
                means[1] += light.dni_w_m2;
                means[2] += light.dhi_w_m2;
            }
            means[3] += self.temperature_mean_c
                + self.temperature_yearly_k * day.warmth
                + self.temperature_daily_k * afternoon
                + self.temperature_spell_k * spell.step(stream);
            // Two independent winds at right angles: their speed has Rayleigh's distribution.
            let [east, north] = [gusts[0].step(stream), gusts[1].step(stream)];
            let season = (1.0 - 0.15 * day.warmth) * (1.0 + 0.2 * afternoon);
            let speed = (east * east + north * north).sqrt() / (TAU / 4.0).sqrt();
            means[4] += self.wind_mean_m_s * season * speed;

            if (i + 1) % parts == 0 {
                for (column, mean) in columns.iter_mut().zip(&mut means) {
                    column.push(std::mem::take(mean) / parts as f64);
                }
            }
        }
        let [ghi_w_m2, dni_w_m2, dhi_w_m2, temperature_c, wind_m_s] = columns;
        let sun =
            if parts == 1 { fine } else { sun_steps(location, start_unix_s, step_s, count, 0) };
        let location = *location;
        Trace {
            location,
            start_unix_s,
            step_s,
            ghi_w_m2,
            dni_w_m2,
            dhi_w_m2,
            temperature_c,
            wind_m_s,
            sun,
        }
    }
}

/// What changes once a day.
#[derive(Clone, Copy, Debug, Default)]
struct Day {
    number: Option<i64>,
    /// Month, from 0.
    month: usize,
    /// From -1 in the middle of winter to 1 in the middle of summer, some weeks after the solstice.
    warmth: f64,
}

impl Day {
    fn at(self, local_s: i64, latitude_deg: f64) -> Self {
        let number = local_s.div_euclid(DAY_S);
        if self.number == Some(number) {
            return self;
        }
        let date = date_of(number);
        let warmest = f64::from(day_of_365(7, 22));
        let phase = TAU * (f64::from(day_of_year(local_s)) - 1.0 - warmest) / 365.25;
        let warmth = if latitude_deg < 0.0 { -phase.cos() } else { phase.cos() };
        Self { number: Some(number), month: usize::from(date.month) - 1, warmth }
    }
}
