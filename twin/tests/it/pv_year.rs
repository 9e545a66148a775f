//! Promise: a year of photovoltaics agrees with pvlib 0.16.1 hour by hour, and with PVWatts v8
//! (PySAM 7.1.1) over the year.

use crate::common::{close, shared, table};
use gridtwin_twin::pv::{Array, PvOptions, PvYear, SkyModel, simulate};
use gridtwin_twin::weather::{self, Trace, Weather};

fn load(file: &str) -> Option<Weather> {
    let path = shared(&format!("data/weather/{file}"))?;
    Some(weather::read(&path).unwrap_or_else(|e| panic!("{e}")))
}

fn year(file: &str, sky: SkyModel) -> Option<PvYear> {
    let array = Array { sky, ..Array::default() };
    Some(simulate(&load(file)?, &array, PvOptions::default()))
}

fn annual(weather: &str, tool: &str, model: &str) -> (f64, f64, f64, f64) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/refs/annual_pv.csv");
    let rows = table(path);
    let row = rows
        .iter()
        .find(|r| r["weather"] == weather && r["tool"].starts_with(tool) && r["model"] == model)
        .expect("a row of the reference");
    let number = |name: &str| row[name].parse().unwrap_or(f64::NAN);
    (number("ghi_kwh"), number("poa_kwh"), number("dc_kwh"), number("ac_kwh"))
}

#[test]
fn totals_are_pvlibs_to_the_printed_digits() {
    for (file, weather) in
        [("greensboro_tmy3_723170.csv", "greensboro_tmy3"), ("pvgis_45N_8E.epw", "pvgis_45_8_epw")]
    {
        for (sky, model) in [
            (SkyModel::Isotropic, "isotropic"),
            (SkyModel::HayDavies, "haydavies"),
            (SkyModel::Perez, "perez"),
        ] {
            let Some(year) = year(file, sky) else {
                return;
            };
            let (ghi, poa, dc, ac) = annual(weather, "pvlib", model);
            close(year.ghi_kwh_m2, ghi, 1e-6, &model);
            close(year.poa_kwh_m2, poa, 1e-6, &model);
            close(year.dc_kwh, dc, 1e-6, &model);
            close(year.ac_kwh, ac, 1e-6, &model);
            assert_eq!(year.clipped_hours, 0.0);
            assert_eq!(year.steps.len(), 8760);
        }
    }
}

#[test]
fn every_hour_is_pvlibs_within_a_watt_and_a_thousandth() {
    for (file, hourly) in [
        ("greensboro_tmy3_723170.csv", "hourly_pvlib_perez_greensboro_tmy3.csv"),
        ("pvgis_45N_8E.epw", "hourly_pvlib_perez_pvgis_45_8_epw.csv"),
    ] {
        let Some(year) = year(file, SkyModel::Perez) else {
            return;
        };
        let Some(path) = shared(&format!("refs/{hourly}")) else {
            return;
        };
        let rows = table(path);
        assert_eq!(rows.len(), year.steps.len());
        let mut worst = 0.0_f64;
        for (step, row) in year.steps.iter().zip(&rows) {
            let near = |ours: f64, name: &str| {
                let theirs: f64 = row[name].parse().expect("a number");
                let off = (ours - theirs).abs();
                assert!(off <= 1.0 + 1e-3 * theirs.abs(), "{name}: {ours} in {row:?}");
                off
            };
            worst = worst.max(near(step.ac_kw * 1000.0, "ac_w"));
            near(step.dc_kw * 1000.0, "dc_w");
            near(step.poa_w_m2, "poa");
            near(step.cell_c, "tcell");
        }
        println!("{file}: the worst hour is {worst:.2e} W off");
    }
}

#[test]
fn years_are_within_one_percent_of_pvwatts() {
    for (file, weather) in [
        ("greensboro_tmy3_723170.csv", "greensboro_tmy3"),
        ("denver_nsrdb_psm3.csv", "denver_nsrdb"),
    ] {
        let Some(year) = year(file, SkyModel::Perez) else {
            return;
        };
        let (_, poa, dc, ac) = annual(weather, "PySAM", "open_rack");
        println!("{file}: AC {:+.3} % from PVWatts v8", (year.ac_kwh / ac - 1.0) * 100.0);
        close(year.poa_kwh_m2, poa, 0.01, &file);
        close(year.dc_kwh, dc, 0.01, &file);
        close(year.ac_kwh, ac, 0.01, &file);
    }
}

#[test]
fn an_undersized_inverter_clips() {
    let Some(weather) = load("greensboro_tmy3_723170.csv") else {
        return;
    };
    let array = Array { dc_ac_ratio: 2.0, ..Array::default() };
    let year = simulate(&weather, &array, PvOptions::default());
    let most = year.steps.iter().map(|step| step.ac_kw).fold(0.0, f64::max);
    assert_eq!(most, 2.0);
    assert!(year.clipped_hours > 500.0);
}

#[test]
fn one_year_in_two_formats_is_one_year() {
    let Some(epw) = year("pvgis_45N_8E.epw", SkyModel::Perez) else {
        return;
    };
    let Some(csv) = year("pvgis_45N_8E.csv", SkyModel::Perez) else {
        return;
    };
    println!("EPW {:.3} kWh, CSV {:.3} kWh", epw.ac_kwh, csv.ac_kwh);
    close(epw.ghi_kwh_m2, csv.ghi_kwh_m2, 1e-9, &"GHI");
    // Wind has one decimal in EPW and two in the CSV; the sun is the same.
    close(epw.ac_kwh, csv.ac_kwh, 1e-4, &"AC");
}

#[test]
fn the_sun_of_pvgis_stands_where_its_irradiance_says() {
    // GHI = DHI + DNI cos z holds only at the instant that the satellite saw.
    let closure = |weather: &Weather, later_s: i64| {
        let trace = Trace::of_weather(weather, later_s);
        let off = |i: usize| {
            let beam = trace.dni_w_m2[i] * trace.sun[i].direction.up.max(0.0);
            (trace.ghi_w_m2[i] - trace.dhi_w_m2[i] - beam).abs()
        };
        (0..trace.len()).map(off).sum::<f64>() / trace.len() as f64
    };
    for file in ["pvgis_45N_8E.epw", "pvgis_45N_8E.csv"] {
        let Some(weather) = load(file) else { return };
        let off = closure(&weather, 0);
        println!("{file}: GHI is {off:.3} W/m2 from DHI + DNI cos z");
        assert!(off < 0.195, "{file}: {off} W/m2");
        for later_s in [-3600, -1800, 1800, 3600] {
            assert!(closure(&weather, later_s) > 20.0 * off, "{file} at {later_s} s");
        }
    }
}
