//! Electricity: windows of state of charge, tariffs, chargers, files, and what holds up an island.

use super::Checker;
use crate::scenario::units::short;
use crate::scenario::{
    Carbon, Dispatch, Finite, LoadProfile, PriceSeries, Sessions, Shedding, Supply, Tariff, Weather,
};

/// How far from the site's origin a thing may stand.
const FARTHEST_M: f64 = 1e6;

pub(super) fn check(checker: &mut Checker) {
    batteries(checker);
    gensets(checker);
    files(checker);
    chargers(checker);
    sheddings(checker);
    positions(checker);
    if let Some(grid) = &checker.scenario.grid {
        months(checker, &grid.tariff);
        series(checker, &grid.tariff);
        currency(checker, &grid.tariff);
    }
    dispatch(checker);
    island(checker);
}

fn batteries(checker: &mut Checker) {
    for (i, battery) in checker.scenario.batteries.iter().enumerate() {
        let field = |name: &str| format!("batteries[{i}].{name}");
        let (min, max, start) = (battery.soc_min, battery.soc_max, battery.soc_start);
        if min >= max {
            checker.report_first(
                &[field("soc_min"), field("soc_max")],
                format!("found soc_min {min} and soc_max {max}, expected soc_min below soc_max"),
                "the battery only works between the two: check whether they are swapped",
            );
        } else if let Some(start) = start.share()
            && (start < min || start > max)
            && !checker.in_flight
        {
            checker.report_first(
                &[field("soc_start"), field("soc_min"), field("soc_max")],
                format!(
                    "found soc_start {start}, which must lie between soc_min {min} and soc_max {max}"
                ),
                "change soc_start, or leave it out",
            );
        }
    }
}

fn gensets(checker: &mut Checker) {
    for (i, genset) in checker.scenario.gensets.iter().enumerate() {
        let (start, stop) = (genset.start_below_soc, genset.stop_above_soc);
        if start >= stop {
            checker.report_first(
                &[format!("gensets[{i}].start_below_soc"), format!("gensets[{i}].stop_above_soc")],
                format!("found start_below_soc {start}, expected it below stop_above_soc {stop}"),
                "the genset would start and stop at the same time",
            );
        }
        if genset.refill_every_days.is_some() && genset.tank_l.is_none() {
            checker.report(
                &format!("gensets[{i}].refill_every_days"),
                "found refills of a fuel tank, but no tank size".to_owned(),
                "set `tank_l` to the size of the tank in litres, or remove the refills: fuel is then unlimited",
            );
        }
    }
}

fn files(checker: &mut Checker) {
    let s = checker.scenario;
    if let Weather::File { path } = &s.weather {
        checker.file("weather.path", path);
    }
    if let Some(tariff) = s.grid.as_ref().map(|grid| &grid.tariff) {
        let all =
            [(&tariff.import_series, "import_series"), (&tariff.export_series, "export_series")];
        for (series, place) in all {
            if let Some(PriceSeries::Csv(file)) = series {
                checker.file(&format!("grid.tariff.{place}.path"), &file.path);
            }
        }
    }
    for (i, load) in s.loads.iter().enumerate() {
        if let LoadProfile::Csv(file) = &load.profile {
            checker.file(&format!("loads[{i}].profile.path"), &file.path);
        }
    }
    for (i, group) in s.chargers.iter().enumerate() {
        if let Sessions::Csv { path, .. } = &group.sessions {
            checker.file(&format!("chargers[{i}].sessions.path"), path);
        }
    }
    let grid = s.grid.as_ref();
    let carbon = [
        ("grid.carbon", grid.map(|grid| &grid.carbon)),
        ("grid.marginal_carbon", grid.and_then(|grid| grid.marginal_carbon.as_ref())),
        ("cloud.carbon", s.cloud.as_ref().map(|cloud| &cloud.carbon)),
    ];
    for (place, carbon) in carbon {
        if let Some(Carbon::Csv(file)) = carbon {
            checker.file(&format!("{place}.path"), &file.path);
        }
    }
}

fn chargers(checker: &mut Checker) {
    for (i, group) in checker.scenario.chargers.iter().enumerate() {
        checker.count(&format!("chargers[{i}].count"), group.count);
        if let Sessions::Fleet { vehicles, .. } = group.sessions {
            checker.count(&format!("chargers[{i}].sessions.vehicles"), vehicles);
        }
    }
}

fn sheddings(checker: &mut Checker) {
    let s = checker.scenario;
    let mut all: Vec<(String, Shedding)> = Vec::new();
    let mut add = |list: &str, each: Vec<Shedding>| {
        let named = each.into_iter().enumerate();
        all.extend(named.map(|(i, shedding)| (format!("{list}[{i}].shedding"), shedding)));
    };
    add("loads", s.loads.iter().map(|x| x.shedding).collect());
    add("chargers", s.chargers.iter().map(|x| x.shedding).collect());
    add("devices", s.devices.iter().map(|x| x.shedding).collect());
    add("edge_servers", s.edge_servers.iter().map(|x| x.shedding).collect());
    add("switches", s.switches.iter().map(|x| x.shedding).collect());
    for (path, shedding) in all {
        let (Some(below), Some(above)) = (shedding.below_soc, shedding.restore_above_soc) else {
            continue;
        };
        if above <= below {
            checker.report(
                &format!("{path}.restore_above_soc"),
                format!("found {above}, expected more than below_soc {below}"),
                "this consumer would be switched off and on at the same time",
            );
        }
    }
}

/// The only numbers that are not refined.
fn positions(checker: &mut Checker) {
    let s = checker.scenario;
    let mut all = Vec::new();
    let mut add = |list: &str, each: Vec<Option<(f64, f64, f64)>>| {
        let named = each.into_iter().enumerate();
        all.extend(named.map(|(i, at)| (format!("{list}[{i}].position_m"), at)));
    };
    add("pv", s.pv.iter().map(|x| x.position_m).collect());
    add("batteries", s.batteries.iter().map(|x| x.position_m).collect());
    add("gensets", s.gensets.iter().map(|x| x.position_m).collect());
    add("loads", s.loads.iter().map(|x| x.position_m).collect());
    add("chargers", s.chargers.iter().map(|x| x.position_m).collect());
    add("devices", s.devices.iter().map(|x| x.position_m).collect());
    add("edge_servers", s.edge_servers.iter().map(|x| x.position_m).collect());
    add("switches", s.switches.iter().map(|x| x.position_m).collect());
    let grid = s.grid.as_ref().and_then(|grid| grid.position_m);
    all.push(("grid.position_m".to_owned(), grid));
    for (path, position) in all {
        let Some((east, north, up)) = position else {
            continue;
        };
        for (axis, metres) in [east, north, up].into_iter().enumerate() {
            let message = if !metres.is_finite() {
                format!("found {metres}, expected a finite number of metres")
            } else if metres.abs() > FARTHEST_M {
                let found = short(metres);
                format!("found {found} m, expected at most {FARTHEST_M} m from the site's origin")
            } else {
                continue;
            };
            checker.report(&format!("{path}[{axis}]"), message, "");
        }
    }
}

fn months(checker: &mut Checker, tariff: &Tariff) {
    let lists = [("periods", &tariff.periods), ("export_periods", &tariff.export_periods)];
    for (list, periods) in lists {
        for (i, period) in periods.iter().enumerate() {
            for (j, month) in period.months.iter().enumerate() {
                if !(1..=12).contains(month) {
                    checker.report(
                        &format!("grid.tariff.{list}[{i}].months[{j}]"),
                        format!("found the month {month}, expected 1 to 12"),
                        "1 is January",
                    );
                }
            }
        }
    }
}

/// A file of prices takes the place of a constant and its periods: both together say two things.
fn series(checker: &mut Checker, tariff: &Tariff) {
    let import = (&tariff.import_series, &tariff.periods, tariff.price_per_kwh);
    let export = (&tariff.export_series, &tariff.export_periods, tariff.export_price_per_kwh);
    let sides = [
        (import, "import_series", "periods", "price_per_kwh", Tariff::default().price_per_kwh),
        (export, "export_series", "export_periods", "export_price_per_kwh", Finite::default()),
    ];
    for ((series, list, price), file, periods, constant, default) in sides {
        if series.is_none() {
            continue;
        }
        let help = format!("remove one of the two: `{file}` replaces `{constant}` and `{periods}`");
        if !list.is_empty() {
            let message = format!("found both `{periods}` and `{file}`");
            checker.report(&format!("grid.tariff.{periods}"), message, &help);
        }
        // As resolved, every default stands in the file.
        if price != default {
            let message = format!("found both `{constant}` {price} and `{file}`");
            checker.report(&format!("grid.tariff.{constant}"), message, &help);
        }
    }
}

/// It stands in the columns' headers of CSV files.
fn currency(checker: &mut Checker, tariff: &Tariff) {
    let currency = &tariff.currency;
    let bad = |c: char| matches!(c, ',' | '"' | '\'') || c.is_control();
    if !(1..=8).contains(&currency.chars().count()) || currency.contains(bad) {
        checker.report(
            "grid.tariff.currency",
            format!("found {currency:?}, expected 1 to 8 characters without comma or quote"),
            "write a currency code, as in \"EUR\"",
        );
    }
}

fn dispatch(checker: &mut Checker) {
    let Dispatch::TimeOfUse { charge_below_price: low, discharge_above_price: high, .. } =
        checker.scenario.policies.dispatch
    else {
        return;
    };
    if low >= high {
        checker.report(
            "policies.dispatch.charge_below_price",
            format!("found {low}, expected less than discharge_above_price {high}"),
            "lower charge_below_price, or raise discharge_above_price: otherwise the batteries would charge and discharge at the same time",
        );
    }
}

/// Something must set voltage and frequency: the grid, a grid-forming battery or a genset.
fn island(checker: &mut Checker) {
    let s = checker.scenario;
    let formed = s.grid.is_some()
        || !s.gensets.is_empty()
        || s.batteries.iter().any(|battery| battery.grid_forming);
    let bus = !(s.pv.is_empty()
        && s.batteries.is_empty()
        && s.loads.is_empty()
        && s.chargers.is_empty()
        && s.edge_servers.is_empty()
        && s.switches.is_empty()
        && s.devices.iter().all(|fleet| fleet.supply == Supply::Own));
    if formed || !bus {
        return;
    }
    let help = "add a `grid`, a battery with `grid_forming: true` or a genset: without any of them, \
                the site has no power";
    let path = match s.batteries.first() {
        Some(_) => "batteries[0].grid_forming",
        None => "",
    };
    checker.report(
        path,
        "found no grid, no grid-forming battery and no genset: nothing sets voltage and frequency",
        help,
    );
}
