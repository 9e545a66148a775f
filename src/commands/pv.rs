//! `gridtwin pv`: one PV array under a weather file, alone.

use crate::arguments::PvArguments;
use crate::failure::Failure;
use crate::output;
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
    if !wanted.weather.is_file() {
        return Err(Failure::input(format_args!(
            "{}: there is no such file; --weather takes a TMY3, EPW or CSV file",
            wanted.weather.display()
        )));
    }
    let made = simulate(wanted)?;
    if wanted.json {
        return output::print_json(&made);
    }
    let row =
        |name: &str, value: f64, unit: &str| (name.into(), output::number(value), unit.into());
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

/// The one call: `weather::read` (its errors are input errors), then `pv::simulate`.
fn simulate(_wanted: &PvArguments) -> Result<Yield, Failure> {
    Err(Failure::work("pv: the twin's PV chain is not linked"))
}
