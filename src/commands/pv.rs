//! `gridtwin pv`: one PV array under a weather file, alone.

use crate::arguments::PvArguments;
use crate::failure::Failure;
use crate::output::{self, row};
use gridtwin_twin::pv::{self, Array, PvOptions, PvYear};
use gridtwin_twin::weather;
use jiff::Timestamp;
use serde::Serialize;
use std::path::Path;

/// What an array makes under all of a weather file.
#[derive(Clone, Copy, Debug, Serialize)]
struct Yield {
    ghi_kwh_m2: f64,
    poa_kwh_m2: f64,
    dc_kwh: f64,
    ac_kwh: f64,
    clipped_hours: f64,
}

/// Simulates the array and prints its totals.
pub(crate) fn pv(wanted: &PvArguments) -> Result<(), Failure> {
    let made = simulate(wanted)?;
    if wanted.json {
        return output::print_json(&made);
    }
    output::print(&output::table(&[
        row("global irradiation on the horizontal", made.ghi_kwh_m2, "kWh/m2"),
        row("irradiation on the array", made.poa_kwh_m2, "kWh/m2"),
        row("direct current", made.dc_kwh, "kWh"),
        row("alternating current", made.ac_kwh, "kWh"),
        row("inverter at its limit", made.clipped_hours, "h"),
    ]))
}

fn simulate(wanted: &PvArguments) -> Result<Yield, Failure> {
    let weather = weather::read(&wanted.weather).map_err(Failure::input)?;
    let array = Array {
        rated_kw: wanted.kwdc,
        tilt_deg: wanted.tilt,
        azimuth_deg: wanted.azimuth,
        losses: wanted.losses_percent / 100.0,
        dc_ac_ratio: wanted.dc_ac,
        inverter_efficiency: wanted.inverter_efficiency,
        gamma_per_k: wanted.gamma_percent / 100.0,
        mount: wanted.mount,
        sky: wanted.model,
        albedo: wanted.albedo,
    };
    let options = PvOptions { sun_offset_s: wanted.sun_offset_minutes * 60 };
    let year = pv::simulate(&weather, &array, options);
    if let Some(out) = &wanted.out {
        write(out, &year).map_err(|error| {
            Failure::input(format_args!("--out {}: {error}; choose another place", out.display()))
        })?;
    }
    Ok(Yield {
        ghi_kwh_m2: year.ghi_kwh_m2,
        poa_kwh_m2: year.poa_kwh_m2,
        dc_kwh: year.dc_kwh,
        ac_kwh: year.ac_kwh,
        clipped_hours: year.clipped_hours,
    })
}

/// Every interval of the year, whole or not at all. A typical year's times stand in the year under
/// which its hours are counted.
fn write(out: &Path, year: &PvYear) -> anyhow::Result<()> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    let file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    let mut csv = csv::Writer::from_writer(&file);
    csv.write_record(["time_utc", "poa_w_m2", "cell_c", "dc_kw", "ac_kw"])?;
    for (i, step) in year.steps.iter().enumerate() {
        let unix_s = year.start_unix_s + i as i64 * i64::from(year.step_s);
        // As in all tables of gridtwin.
        let time = Timestamp::from_second(unix_s)?.strftime("%F %T").to_string();
        csv.serialize((time, step.poa_w_m2, step.cell_c, step.dc_kw, step.ac_kw))?;
    }
    csv.flush()?;
    drop(csv);
    file.persist(out)?;
    Ok(())
}
