//! Loads that the site's supply cannot carry at their peak. Not what is shed then.

use super::{Doubt, doubt};
use crate::energy::calendar::Calendar;
use crate::energy::load::course;
use crate::scenario::{LoadProfile, Scenario};
use gridtwin_kernel::Streams;

/// Loads from files and of constant power that need more at their peak than the grid connection and all
/// batteries give. Where a genset stands by, that is what it is for.
pub(super) fn peak(s: &Scenario) -> Vec<Doubt> {
    let Some(grid) = s.grid.as_ref().filter(|_| s.gensets.is_empty()) else { return Vec::new() };
    let limit_kw = grid.import_limit_kw.get();
    // A limit of 0 is told by a rule of its own.
    if limit_kw <= 0.0 || !limit_kw.is_finite() {
        return Vec::new();
    }
    let known = |profile: &LoadProfile| !matches!(profile, LoadProfile::Typical { .. });
    let loads: Vec<_> = s.loads.iter().filter(|load| known(&load.profile)).collect();
    // What is wrong with a file is told when the world is built.
    let Ok(calendar) = Calendar::of(s.start, &s.site.time_zone, s.days, s.step_s) else {
        return Vec::new();
    };
    let folder = s.source.resolve(std::path::Path::new(""));
    let streams = Streams::new(s.seed);
    let mut sum_kw = vec![0.0; calendar.intervals()];
    for load in loads {
        let read = || course(load, &s.site, &calendar, &streams, &folder).ok();
        let Some((kw, _)) = crate::files::within(s.source.files(), read) else { return Vec::new() };
        for (sum, kw) in sum_kw.iter_mut().zip(kw) {
            *sum += kw;
        }
    }
    let peak_kw = sum_kw.into_iter().fold(0.0, f64::max);
    let discharge_kw: f64 = s.batteries.iter().map(|battery| battery.discharge_kw.get()).sum();
    if peak_kw <= limit_kw + discharge_kw {
        return Vec::new();
    }
    let batteries = if discharge_kw > 0.0 {
        format!(" and batteries of {discharge_kw} kW")
    } else {
        String::new()
    };
    let message = format!(
        "found import_limit_kw {limit_kw}{batteries}, but the loads need up to {peak_kw:.1} kW: demand \
         beyond the supply is not served"
    );
    let remedy = "check the unit of the load's file, or raise import_limit_kw";
    vec![doubt("grid.import_limit_kw", message, remedy)]
}
