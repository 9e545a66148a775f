//! Checks of name, time zone, start, length and step, and of everything with a beginning and an end.

use super::Checker;
use crate::scenario::Scenario;
use crate::scenario::zone;
use jiff::civil::DateTime;

/// The longest run: a century.
const MAX_DAYS: u32 = Scenario::MOST_DAYS;
/// The most intervals of a run: six years of seconds.
const MAX_INTERVALS: u64 = 200_000_000;

pub(super) fn check(checker: &mut Checker) {
    name(checker);
    time_zone(checker);
    length(checker);
    outages(checker);
    random_outages(checker);
    faults(checker);
}

/// The run's directory is called by it.
fn name(checker: &mut Checker) {
    let name = &checker.scenario.name;
    if !name.as_str().starts_with(char::is_alphanumeric) {
        let message = format!("found `{name}`, expected a name that begins with a letter or digit");
        checker.report(
            "name",
            message,
            "the directory of the run's results is named after the scenario",
        );
    }
}

fn time_zone(checker: &mut Checker) {
    let site = &checker.scenario.site;
    if site.zone().is_some() {
        return;
    }
    let wrong = &site.time_zone;
    let help = zone::instead_of(wrong);
    let message = format!("found `{wrong}`, expected the name of an IANA time zone");
    checker.report("site.time_zone", message, help);
}

fn length(checker: &mut Checker) {
    let s = checker.scenario;
    if !(1900..2200).contains(&s.start.year()) {
        let message = format!("found the year {}, expected 1900 to 2199", s.start.year());
        checker.report("start", message, "");
    }
    if s.start.subsec_nanosecond() != 0 {
        let message = format!("found {}, expected a whole second", s.start);
        checker.report("start", message, "remove the fraction of the second");
    }
    if s.days == 0 {
        checker.report(
            "days",
            "found 0 days, expected at least 1",
            "write 1 for one day, which is the shortest run",
        );
    } else if s.days > MAX_DAYS {
        let message = format!("found {} days, expected {MAX_DAYS} at most", s.days);
        checker.report("days", message, "the longest run is a century");
    }
    if s.step_s == 0 || 3600 % s.step_s != 0 {
        let near = nearest_divisor(s.step_s);
        let message = format!("found a step of {} s, expected a divisor of 3600", s.step_s);
        checker.report(
            "step_s",
            message,
            format!("a step must divide an hour (3600 s) evenly: the nearest is {near} s"),
        );
    } else if u64::from(s.days.min(MAX_DAYS)) * 86_400 / u64::from(s.step_s) > MAX_INTERVALS {
        let message = format!(
            "found a step of {} s over {} days, which is too many time steps",
            s.step_s, s.days
        );
        let help = format!(
            "use a longer step or fewer days: a run has {MAX_INTERVALS} time steps at most"
        );
        checker.report("step_s", message, help);
    }
}

/// The last of all years has instants that lie beyond the calendar in some zones.
fn year(checker: &mut Checker, path: &str, time: DateTime) {
    let year = time.year();
    if !(0..9999).contains(&year) {
        let message = format!("found the year {year}, expected 0 to 9998");
        checker.report(path, message, "");
    }
}

fn nearest_divisor(step: u32) -> u32 {
    let divisors = (1..=3600_u32).filter(|divisor| 3600 % divisor == 0);
    divisors.min_by_key(|divisor| divisor.abs_diff(step)).unwrap_or(3600)
}

/// What to do about an end that is not after its beginning.
fn later(from: DateTime, until: DateTime) -> &'static str {
    match from == until {
        true => "make `until` later than `from`",
        false => "check whether `from` and `until` are swapped",
    }
}

fn outages(checker: &mut Checker) {
    let outages = checker.scenario.grid.iter().flat_map(|grid| &grid.outages);
    for (i, outage) in outages.enumerate() {
        year(checker, &format!("grid.outages[{i}].from"), outage.from);
        year(checker, &format!("grid.outages[{i}].until"), outage.until);
        if outage.until <= outage.from {
            let message = format!(
                "found an outage that ends at {}, expected an end after its beginning at {}",
                outage.until, outage.from
            );
            checker.report(
                &format!("grid.outages[{i}].until"),
                message,
                later(outage.from, outage.until),
            );
        }
    }
}

/// Between them the grid must be there for some time.
fn random_outages(checker: &mut Checker) {
    const HOURS_PER_YEAR: f64 = 8760.0;
    let Some(random) = checker.scenario.grid.as_ref().and_then(|grid| grid.random_outages) else {
        return;
    };
    let hours = random.per_year.get() * random.mean_hours.get();
    if hours >= HOURS_PER_YEAR {
        let message = format!(
            "found {} outages per year of {} hours each, expected less than the year's {HOURS_PER_YEAR} hours in total",
            random.per_year, random.mean_hours
        );
        let help = "lower per_year or mean_hours; for a site without a grid, remove `grid`";
        checker.report("grid.random_outages.per_year", message, help);
    }
}

fn faults(checker: &mut Checker) {
    for (i, fault) in checker.scenario.faults.iter().enumerate() {
        year(checker, &format!("faults[{i}].from"), fault.from);
        year(checker, &format!("faults[{i}].until"), fault.until.unwrap_or(fault.from));
        if let Some(until) = fault.until.filter(|until| *until <= fault.from) {
            let message = format!(
                "found a fault that ends at {until}, expected an end after its beginning at {}",
                fault.from
            );
            checker.report(&format!("faults[{i}].until"), message, later(fault.from, until));
        }
    }
}
