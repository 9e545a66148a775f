//! What the data files of a scenario hold: loads without a unit, loads that are zero for weeks, prices
//! below any market's, sessions that no car can charge. Not how files are read: `series` refuses what it
//! cannot read.

use super::money::{LIKE_EURO, short};
use super::{Doubt, doubt};
use crate::energy::calendar::Calendar;
use crate::energy::load::course;
use crate::energy::tariff::{Prices, prices};
use crate::record::Input;
use crate::scenario::{Load, LoadProfile, Scenario};
use gridtwin_kernel::Streams;
use std::path::Path;

/// From this number of consecutive days of zeros on, the meter was probably out.
const DAYS_OF_ZEROS: f64 = 7.0;
/// No market's prices are below this on average, per kWh.
const LOWEST_MEAN_PRICE: f64 = 0.01;
/// Fewer days than these can have such a mean.
const DAYS_OF_PRICES: u32 = 14;
const DAY_S: f64 = 86_400.0;

/// What is computed from a scenario's files: nothing where the scenario or a file has a fault, which is
/// told when the world is built.
fn of_files<T>(s: &Scenario, read: impl Fn(&Calendar, &Path) -> Option<T>) -> Option<T> {
    let calendar = Calendar::of(s.start, &s.site.time_zone, s.days, s.step_s).ok()?;
    let folder = s.source.resolve(Path::new(""));
    crate::files::within(s.source.files(), || read(&calendar, &folder))
}

/// The prices of a run whose import prices come from a file.
pub(super) fn prices_of_file(s: &Scenario) -> Option<Prices> {
    let tariff = &s.grid.as_ref()?.tariff;
    tariff.import_series.as_ref()?;
    of_files(s, |calendar, folder| prices(tariff, calendar, folder).ok())
}

/// A load from a file over the run, in kW, and what was understood of the file.
pub(super) fn load_of_file(s: &Scenario, load: &Load) -> Option<(Vec<f64>, Input)> {
    let LoadProfile::Csv { .. } = load.profile else { return None };
    let streams = Streams::new(s.seed);
    let read =
        |calendar: &Calendar, folder: &Path| course(load, &s.site, calendar, &streams, folder).ok();
    let (kw, input) = of_files(s, read)?;
    Some((kw, input?))
}

/// Loads whose file names no unit, and has another step than an hour: kW and kWh of each step differ.
pub(super) fn no_unit(s: &Scenario) -> Vec<Doubt> {
    let loads = s.loads.iter().enumerate();
    let found = loads.filter_map(|(i, load)| {
        let (_, input) = load_of_file(s, load)?;
        if !input.unit_is_assumed() || input.step_s == 3600 {
            return None;
        }
        let minutes = f64::from(input.step_s) / 60.0;
        let message =
            format!("found no unit for the values of {}: they are taken as kW", input.file);
        let remedy = format!(
            "set `unit: Kwh` if they are kWh per {minutes} minutes, as meters record them, or \
             `unit: Kw` to confirm kW"
        );
        Some(doubt(format!("loads[{i}].profile.path"), message, remedy))
    });
    found.collect()
}

/// Loads from files that are exactly zero for a week or more, and not always.
pub(super) fn zeros(s: &Scenario) -> Vec<Doubt> {
    let loads = s.loads.iter().enumerate();
    let found = loads.filter_map(|(i, load)| {
        let (kw, input) = load_of_file(s, load)?;
        let runs = kw.chunk_by(|a, b| (*a == 0.0) == (*b == 0.0));
        let longest = runs.filter(|run| run[0] == 0.0).map(<[f64]>::len).max()?;
        let days = longest as f64 * f64::from(s.step_s) / DAY_S;
        if days < DAYS_OF_ZEROS || longest == kw.len() {
            return None;
        }
        let message = format!("found {days:.0} days in a row in which {} is exactly 0", input.file);
        let remedy = "if the meter was out, remove these lines and set `gaps`, as in \
                      `gaps: SameHourYesterday`";
        Some(doubt(format!("loads[{i}].profile.path"), message, remedy))
    });
    found.collect()
}

/// Prices from a file that are lower on average than any market's.
pub(super) fn low_prices(s: &Scenario) -> Vec<Doubt> {
    let Some(tariff) = s.grid.as_ref().map(|grid| &grid.tariff) else { return Vec::new() };
    if s.days < DAYS_OF_PRICES || !LIKE_EURO.contains(&tariff.currency.as_str()) {
        return Vec::new();
    }
    let Some(all) = prices_of_file(s) else { return Vec::new() };
    let mean = all.energy_per_kwh.iter().sum::<f64>() / all.energy_per_kwh.len().max(1) as f64;
    if !(0.0..LOWEST_MEAN_PRICE).contains(&mean) || mean == 0.0 {
        return Vec::new();
    }
    let message = format!(
        "found a mean price of {} {} per kWh in the file: below any real market",
        short(mean),
        tariff.currency
    );
    let remedy = "check the unit in the file's header (ct/kWh, EUR/MWh), or set `unit` or `scale`";
    vec![doubt("grid.tariff.import_series", message, remedy)]
}
