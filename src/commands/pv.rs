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
    if let Some(out) = wanted.out.as_ref().filter(|out| same_file(out, &wanted.weather)) {
        return Err(Failure::input(format_args!(
            "--out {}: this is the weather file itself, which would be lost; choose another path",
            out.display()
        )));
    }
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
        let bytes = table(&year).map_err(Failure::work)?;
        write(out, &bytes).map_err(|error| {
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

/// Every interval as CSV. A typical year's time stamps carry the year that its file is counted under.
fn table(year: &PvYear) -> anyhow::Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["time_utc", "poa_w_m2", "cell_c", "dc_kw", "ac_kw"])?;
    for (i, step) in year.steps.iter().enumerate() {
        let unix_s = year.start_unix_s + i as i64 * i64::from(year.step_s);
        // As in all tables of gridtwin.
        let time = Timestamp::from_second(unix_s)?.strftime("%F %T").to_string();
        csv.serialize((time, step.poa_w_m2, step.cell_c, step.dc_kw, step.ac_kw))?;
    }
    Ok(csv.into_inner()?)
}

/// Writes a file complete or not at all, with the rights that a new file has, or that the one in its
/// place had. Devices and pipes are written to; behind a symbolic link it is the file it leads to.
fn write(out: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if ["/dev/stdout", "/dev/fd/1"].iter().any(|name| out == Path::new(name)) {
        // As a file it would be written from its start, and what is printed later over it.
        let mut stdout = std::io::stdout().lock();
        return stdout.write_all(bytes).and_then(|()| stdout.flush());
    }
    let there = std::fs::metadata(out).ok();
    // What lies under /dev, as standard output does, is never replaced, whatever it leads to.
    let plain = there.as_ref().map_or(!out.is_symlink(), std::fs::Metadata::is_file);
    if !plain || out.starts_with("/dev") || out.starts_with("/proc") {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(out)?;
        return file.write_all(bytes);
    }
    let target = if there.is_some() { out.canonicalize()? } else { out.to_owned() };
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut new = tempfile::Builder::new();
    #[cfg(unix)]
    new.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = new.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    if let Some(there) = there {
        file.as_file().set_permissions(there.permissions())?;
    }
    file.persist(&target)?;
    Ok(())
}

/// Whether two paths lead to the same file.
fn same_file(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    if let (Ok(one), Ok(other)) = (std::fs::metadata(one), std::fs::metadata(other)) {
        use std::os::unix::fs::MetadataExt;
        return (one.dev(), one.ino()) == (other.dev(), other.ino());
    }
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}
