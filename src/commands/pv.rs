//! `gridtwin pv`: simulates one PV array with a weather file. What was understood of the file goes to
//! standard error.

use crate::arguments::PvArguments;
use crate::failure::Failure;
use crate::output::{self, row};
use gridtwin_twin::pv::{self, Array, PvOptions, PvYear};
use gridtwin_twin::weather;
use jiff::Timestamp;
use serde::Serialize;
use std::io::Write as _;
use std::path::Path;

/// Totals over the whole weather file.
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
        row("global horizontal irradiation", made.ghi_kwh_m2, "kWh/m2"),
        row("plane-of-array irradiation", made.poa_kwh_m2, "kWh/m2"),
        row("DC energy", made.dc_kwh, "kWh"),
        row("AC energy", made.ac_kwh, "kWh"),
        row("hours clipped at the inverter's limit", made.clipped_hours, "h"),
    ]))
}

fn simulate(wanted: &PvArguments) -> Result<Yield, Failure> {
    let weather = weather::read(&wanted.weather).map_err(Failure::input)?;
    for line in weather.understood().lines() {
        // Nothing hangs on it: where standard error is closed, the command goes on.
        let _ = writeln!(std::io::stderr(), "{}: {line}", wanted.weather.display());
    }
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
            Failure::input(format_args!("--out {}: {error}; choose another path", out.display()))
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

/// Writes every interval to a CSV file, complete or not at all. A typical year's time stamps carry
/// the year that its file is counted under.
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
