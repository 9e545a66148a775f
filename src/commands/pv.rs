//! `gridtwin pv`: one PV array under a weather file, alone.

use crate::arguments::PvArguments;
use crate::failure::Failure;
use crate::output::{self, row};
use gridtwin_twin::pv::{self, Array, PvOptions};
use gridtwin_twin::weather;
use serde::Serialize;

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
        row(
            "global irradiation on the horizontal",
            made.ghi_kwh_m2,
            "kWh/m2",
        ),
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
        losses: wanted.losses,
        dc_ac_ratio: wanted.dc_ac,
        inverter_efficiency: wanted.inverter_efficiency,
        gamma_per_k: wanted.gamma,
        mount: wanted.mount,
        sky: wanted.model,
        albedo: wanted.albedo,
    };
    let year = pv::simulate(&weather, &array, PvOptions::default());
    Ok(Yield {
        ghi_kwh_m2: year.ghi_kwh_m2,
        poa_kwh_m2: year.poa_kwh_m2,
        dc_kwh: year.dc_kwh,
        ac_kwh: year.ac_kwh,
        clipped_hours: year.clipped_hours,
    })
}
