//! Courses laid out on the run's intervals: weather, PV, loads, prices, carbon. They are built before
//! the run, and those that a change is about anew from its instant on. Not what follows from them.

use super::TwinError;
use super::build::array_of;
use super::fixed::Traces;
use crate::energy::calendar::Calendar;
use crate::energy::tariff::Prices;
use crate::energy::{carbon, load, tariff};
use crate::pv;
use crate::record::Input;
use crate::scenario::{self, Scenario};
use crate::weather::{self, Trace, erbs};
use gridtwin_kernel::{SimTime, Span, Streams};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A course that twins share until a change replaces it.
pub(crate) type Course = Arc<[f64]>;

/// Clouds that came up in flight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Overcast {
    from: SimTime,
    until: SimTime,
    /// The share of global irradiance that they let through.
    passes: f64,
}

impl Overcast {
    /// Clouds over a share of the sky. F. Kasten and G. Czeplak, "Solar and terrestrial radiation
    /// dependent on the amount and type of cloud", Solar Energy 24 (1980) 177, Eq. 3: global
    /// irradiance under N eighths of clouds is 1 - 0.75 (N/8)^3.4 of the cloudless one.
    pub(super) fn new(from: SimTime, lasts: Span, cover: f64) -> Self {
        Self { from, until: from + lasts, passes: 1.0 - 0.75 * cover.powf(3.4) }
    }

    /// Whether they are gone.
    pub(super) fn is_over(&self, now: SimTime) -> bool {
        self.until <= now
    }

    /// The share of an interval's global irradiance that they let through.
    fn passes_in(&self, from: SimTime, step: Span) -> f64 {
        let covered = self.until.min(from + step).since(self.from.max(from));
        1.0 - covered.as_secs_f64() / step.as_secs_f64() * (1.0 - self.passes)
    }

    /// The intervals that they are over, of a run of `count`.
    pub(super) fn intervals(&self, step: Span, count: usize) -> Range<usize> {
        let last = self.until.0.div_ceil(step.0).min(count as u64) as usize;
        ((self.from.0 / step.0) as usize).min(last)..last
    }
}

/// What was understood of the files that courses are made from, each under its use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inputs(Vec<Input>);

impl Inputs {
    /// What is used for `what` from now on; none where that is no file.
    pub(super) fn set(&mut self, what: &str, input: Option<Input>) {
        match (self.0.iter().position(|input| input.what == what), input) {
            (Some(at), Some(input)) => self.0[at] = input,
            (Some(at), None) => {
                self.0.remove(at);
            }
            (None, input) => self.0.extend(input),
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Input] {
        &self.0
    }
}

/// What courses are made from.
pub(super) struct Sources<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) calendar: &'a Calendar,
    base: PathBuf,
    streams: Streams,
}

impl<'a> Sources<'a> {
    pub(super) fn new(scenario: &'a Scenario, calendar: &'a Calendar) -> Self {
        let base = scenario.source.resolve("".as_ref());
        Self { scenario, calendar, base, streams: Streams::new(scenario.seed) }
    }

    /// All courses of a run.
    pub(super) fn all(&self) -> Result<Traces, TwinError> {
        let s = self.scenario;
        let n = self.calendar.intervals();
        let mut inputs = Inputs::default();
        let sky = self.sky(&mut inputs)?;
        let pv = s.pv.iter().map(|array| pv_over(&sky, 0..n, &[], array).into()).collect();
        let loads = s.loads.iter().map(|load| Ok(self.load(load, &mut inputs)?.into()));
        let loads_kw = loads.collect::<Result<_, TwinError>>()?;
        let prices = self.prices(&mut inputs)?;
        let price_per_kwh: Course = prices.import_per_kwh.into();
        Ok(Traces {
            pv_kw: pv,
            loads_kw,
            energy_price_per_kwh: prices.energy_per_kwh.into(),
            unscaled_price_per_kwh: match prices.unscaled_per_kwh {
                Some(prices) => prices.into(),
                None => Arc::clone(&price_per_kwh),
            },
            price_per_kwh,
            export_price_per_kwh: prices.export_per_kwh.into(),
            grid_g_per_kwh: self.grid_carbon(&mut inputs)?.into(),
            marginal_g_per_kwh: self.marginal_carbon(&mut inputs)?,
            cloud_g_per_kwh: self.cloud_carbon(&mut inputs)?.into(),
            inputs,
            ghi_w_m2: sky.ghi_w_m2.as_slice().into(),
            temperature_c: sky.temperature_c.as_slice().into(),
            sky: Arc::new(sky),
            overcasts: Vec::new(),
        })
    }

    /// The courses after a change from another scenario to this one: what differs is built anew
    /// from the interval `now` on, and what is past stays.
    pub(super) fn following(
        &self,
        old: &Scenario,
        traces: &Traces,
        now: usize,
    ) -> Result<Traces, TwinError> {
        let s = self.scenario;
        let mut new = traces.clone();
        if s.weather != old.weather {
            let sky = self.sky(&mut new.inputs)?;
            new.temperature_c = after(&traces.temperature_c, now, &sky.temperature_c[now..]);
            new.sky = Arc::new(sky);
            new.shine(s, now..self.calendar.intervals());
        } else {
            for (i, (array, old)) in s.pv.iter().zip(&old.pv).enumerate() {
                if array != old {
                    new.shine_on(i, array, now..self.calendar.intervals());
                }
            }
        }
        for (i, (load, old)) in s.loads.iter().zip(&old.loads).enumerate() {
            if load.profile != old.profile {
                let kw = self.load(load, &mut new.inputs)?;
                new.loads_kw[i] = after(&traces.loads_kw[i], now, &kw[now..]);
            }
        }
        let tariff = |s: &Scenario| s.grid.as_ref().map(|grid| grid.tariff.clone());
        if tariff(s) != tariff(old) {
            let prices = self.prices(&mut new.inputs)?;
            let then = |old: &Course, all: &[f64]| after(old, now, &all[now..]);
            new.energy_price_per_kwh = then(&traces.energy_price_per_kwh, &prices.energy_per_kwh);
            new.price_per_kwh = then(&traces.price_per_kwh, &prices.import_per_kwh);
            let unscaled = prices.unscaled_per_kwh.as_ref().unwrap_or(&prices.import_per_kwh);
            new.unscaled_price_per_kwh = then(&traces.unscaled_price_per_kwh, unscaled);
            new.export_price_per_kwh = then(&traces.export_price_per_kwh, &prices.export_per_kwh);
        }
        let carbon = |s: &Scenario| s.grid.as_ref().map(|grid| grid.carbon.clone());
        if carbon(s) != carbon(old) {
            let g_per_kwh = self.grid_carbon(&mut new.inputs)?;
            new.grid_g_per_kwh = after(&traces.grid_g_per_kwh, now, &g_per_kwh[now..]);
        }
        let marginal = |s: &Scenario| s.grid.as_ref().map(|grid| grid.marginal_carbon.clone());
        if marginal(s) != marginal(old) {
            let course = self.marginal_carbon(&mut new.inputs)?;
            new.marginal_g_per_kwh = match (&traces.marginal_g_per_kwh, course) {
                (Some(before), Some(course)) => Some(after(before, now, &course[now..])),
                (_, course) => course,
            };
        }
        let carbon = |s: &Scenario| s.cloud.as_ref().map(|cloud| cloud.carbon.clone());
        if carbon(s) != carbon(old) {
            let g_per_kwh = self.cloud_carbon(&mut new.inputs)?;
            new.cloud_g_per_kwh = after(&traces.cloud_g_per_kwh, now, &g_per_kwh[now..]);
        }
        Ok(new)
    }

    fn load(&self, load: &scenario::Load, inputs: &mut Inputs) -> Result<Vec<f64>, TwinError> {
        let site = &self.scenario.site;
        let (kw, input) = load::course(load, site, self.calendar, &self.streams, &self.base)?;
        inputs.set(&format!("load {}", load.id), input);
        Ok(kw)
    }

    fn prices(&self, inputs: &mut Inputs) -> Result<Prices, TwinError> {
        let Some(grid) = &self.scenario.grid else {
            return Ok(Prices::none(self.calendar.intervals()));
        };
        let mut prices = tariff::prices(&grid.tariff, self.calendar, &self.base)?;
        inputs.set(tariff::IMPORT, prices.import_input.take());
        inputs.set(tariff::EXPORT, prices.export_input.take());
        Ok(prices)
    }

    fn grid_carbon(&self, inputs: &mut Inputs) -> Result<Vec<f64>, TwinError> {
        let carbon = self.scenario.grid.as_ref().map(|grid| &grid.carbon);
        self.carbon(carbon, "average carbon intensity of the grid", inputs)
    }

    /// The marginal rate of the grid, where the scenario names one.
    fn marginal_carbon(&self, inputs: &mut Inputs) -> Result<Option<Course>, TwinError> {
        let carbon = self.scenario.grid.as_ref().and_then(|grid| grid.marginal_carbon.as_ref());
        let course = self.carbon(carbon, "marginal carbon intensity of the grid", inputs)?;
        Ok(carbon.map(|_| course.into()))
    }

    fn cloud_carbon(&self, inputs: &mut Inputs) -> Result<Vec<f64>, TwinError> {
        let carbon = self.scenario.cloud.as_ref().map(|cloud| &cloud.carbon);
        self.carbon(carbon, "carbon intensity of the cloud's grid", inputs)
    }

    fn carbon(
        &self,
        carbon: Option<&scenario::Carbon>,
        what: &str,
        inputs: &mut Inputs,
    ) -> Result<Vec<f64>, TwinError> {
        let Some(carbon) = carbon else {
            inputs.set(what, None);
            return Ok(vec![0.0; self.calendar.intervals()]);
        };
        let (g_per_kwh, input) = carbon::course(carbon, what, self.calendar, &self.base)?;
        inputs.set(what, input);
        Ok(g_per_kwh)
    }

    /// The sky without clouds that came up in flight.
    fn sky(&self, inputs: &mut Inputs) -> Result<Trace, TwinError> {
        let scenario = self.scenario;
        let n = self.calendar.intervals();
        let start_s = self.calendar.start().as_second();
        let location = weather::Location {
            latitude_deg: scenario.site.latitude_deg.get(),
            longitude_deg: scenario.site.longitude_deg.get(),
            altitude_m: scenario.site.altitude_m.map_or(0.0, |m| m.get()),
            utc_offset_s: self.calendar.standard_offset_s() as i32,
        };
        match &scenario.weather {
            scenario::Weather::File { path } => {
                let weather = weather::read(&self.base.join(path))?;
                of_this_place(scenario, &weather.location)?;
                let trace = Trace::from_weather(&weather, start_s, scenario.step_s, n)?;
                inputs.set("weather", Some(weather.input(path, &trace)));
                Ok(trace)
            }
            scenario::Weather::Synthetic {
                linke_turbidity,
                clearness,
                mean_temperature_c,
                seasonal_swing_c,
                daily_swing_c,
                spells_c,
                mean_wind_m_s,
            } => {
                let climate = weather::Climate {
                    linke_turbidity: linke_turbidity.map(|t| t.get()),
                    clearness: clearness.get(),
                    temperature_mean_c: mean_temperature_c.get(),
                    temperature_yearly_k: seasonal_swing_c.get(),
                    temperature_daily_k: daily_swing_c.get(),
                    temperature_spell_k: spells_c.get(),
                    wind_mean_m_s: mean_wind_m_s.get(),
                };
                inputs.set("weather", None);
                let stream = self.streams.stream("weather/sky");
                Ok(climate.trace(&location, start_s, scenario.step_s, n, stream))
            }
        }
    }
}

/// A file of another place's weather, as after a slip of a sign, would give a sun that rises at
/// night.
fn of_this_place(scenario: &Scenario, weather: &weather::Location) -> Result<(), TwinError> {
    const MOST_LATITUDE_DEG: f64 = 3.0;
    const MOST_LONGITUDE_DEG: f64 = 5.0;
    let (latitude, longitude) =
        (scenario.site.latitude_deg.get(), scenario.site.longitude_deg.get());
    let east = (weather.longitude_deg - longitude).rem_euclid(360.0);
    if (weather.latitude_deg - latitude).abs() <= MOST_LATITUDE_DEG
        && east.min(360.0 - east) <= MOST_LONGITUDE_DEG
    {
        return Ok(());
    }
    let message = format!(
        "found weather for latitude {}, longitude {}, expected weather for the site at latitude \
         {latitude}, longitude {longitude}",
        weather.latitude_deg, weather.longitude_deg
    );
    let help = format!(
        "set the site's latitude and longitude to those of the weather file (north and east are \
         positive), or use a file from within {MOST_LATITUDE_DEG} degrees of latitude and \
         {MOST_LONGITUDE_DEG} degrees of longitude of the site"
    );
    Err(scenario.source.error_at("weather.path", &message, &help).into())
}

impl Traces {
    /// PV and irradiance of some intervals anew, from the sky and the clouds before it.
    pub(super) fn shine(&mut self, scenario: &Scenario, intervals: Range<usize>) {
        let seen = under(&self.sky, intervals.clone(), &self.overcasts);
        self.ghi_w_m2 = within(&self.ghi_w_m2, intervals.start, &seen.ghi_w_m2);
        for (i, array) in scenario.pv.iter().enumerate() {
            self.shine_on(i, array, intervals.clone());
        }
    }

    fn shine_on(&mut self, i: usize, array: &scenario::PvArray, intervals: Range<usize>) {
        let start = intervals.start;
        let kw = pv_over(&self.sky, intervals, &self.overcasts, array);
        self.pv_kw[i] = within(&self.pv_kw[i], start, &kw);
    }
}

/// What an array could give in some intervals, kW.
fn pv_over(
    sky: &Trace,
    intervals: Range<usize>,
    overcasts: &[Overcast],
    array: &scenario::PvArray,
) -> Vec<f64> {
    let array = array_of(array);
    if overcasts.is_empty() && intervals == (0..sky.len()) {
        return pv::power_trace(sky, &array);
    }
    pv::power_trace(&under(sky, intervals, overcasts), &array)
}

/// The sky over some intervals, with clouds before it. They take from the beam at least what they
/// take from the whole: beam and diffuse come from the project's own decomposition, and the beam is
/// never more than it was.
fn under(sky: &Trace, intervals: Range<usize>, overcasts: &[Overcast]) -> Trace {
    let cut = |column: &[f64]| column[intervals.clone()].to_vec();
    let step_s = i64::from(sky.step_s);
    let mut seen = Trace {
        start_unix_s: sky.start_unix_s + intervals.start as i64 * step_s,
        ghi_w_m2: cut(&sky.ghi_w_m2),
        dni_w_m2: cut(&sky.dni_w_m2),
        dhi_w_m2: cut(&sky.dhi_w_m2),
        temperature_c: cut(&sky.temperature_c),
        wind_m_s: cut(&sky.wind_m_s),
        sun: sky.sun[intervals.clone()].to_vec(),
        ..*sky
    };
    let step = Span::from_secs(u64::from(sky.step_s));
    for (i, k) in intervals.enumerate() {
        let from = SimTime::ZERO + step * k as u64;
        let passes: f64 = overcasts.iter().map(|clouds| clouds.passes_in(from, step)).product();
        if passes == 1.0 || seen.ghi_w_m2[i] <= 0.0 {
            continue;
        }
        let sun = &seen.sun[i];
        let ghi_w_m2 = seen.ghi_w_m2[i] * passes;
        let zenith_deg = sun.direction.zenith_deg();
        let light = erbs(ghi_w_m2, zenith_deg, sun.extraterrestrial_w_m2);
        let dni_w_m2 = light.dni_w_m2.min(seen.dni_w_m2[i]);
        seen.dhi_w_m2[i] = (ghi_w_m2 - dni_w_m2 * sun.direction.up.max(0.0)).max(0.0);
        seen.dni_w_m2[i] = dni_w_m2;
        seen.ghi_w_m2[i] = ghi_w_m2;
    }
    seen
}

/// A course with another end, from the interval `now` on.
fn after(course: &[f64], now: usize, end: &[f64]) -> Course {
    course[..now].iter().chain(end).copied().collect()
}

/// A course with another piece, from the interval `start` on.
fn within(course: &[f64], start: usize, piece: &[f64]) -> Course {
    let rest = &course[start + piece.len()..];
    course[..start].iter().chain(piece).chain(rest).copied().collect()
}
