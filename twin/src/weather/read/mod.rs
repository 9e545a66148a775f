//! Readers of weather files. A file's format is told by its content, never by its name, and a file
//! with anything wrong in it is refused whole.

mod columns;
mod epw;
mod nsrdb;
mod plain;
mod pvgis;
mod row;
mod steps;
mod tmy3;

use std::path::Path;

use super::{Weather, WeatherError};
use row::Source;

/// Reads a weather file: TMY3 (NREL's or SolarAnywhere's), EPW, PVGIS TMY CSV, NSRDB or SAM CSV, or
/// gridtwin's plain CSV.
///
/// # Errors
/// Every [`WeatherError`] but [`WeatherError::NotCovered`].
pub fn read(path: &Path) -> Result<Weather, WeatherError> {
    let bytes = crate::files::read(path)
        .map_err(|source| WeatherError::Io { file: path.to_path_buf(), source })?;
    parse(&bytes, &path.display().to_string())
}

/// [`read`] from memory; `name` is what errors call the file.
///
/// # Errors
/// As [`read`], but for [`WeatherError::Io`].
pub fn parse(bytes: &[u8], name: &str) -> Result<Weather, WeatherError> {
    let text = crate::series::lossy(bytes);
    let source = Source::new(name, text.trim_start_matches('\u{feff}'));
    let line = |index: usize| source.lines.get(index).copied().unwrap_or_default();
    if line(0).starts_with("LOCATION,") {
        epw::parse(&source)
    } else if tmy3::is_header(line(1)) {
        tmy3::parse(&source)
    } else if line(0).starts_with("Latitude (decimal degrees)") {
        pvgis::parse(&source)
    } else if nsrdb::is_header(line(0)) {
        nsrdb::parse(&source)
    } else if plain::header(&source).is_some() {
        plain::parse(&source)
    } else {
        let first: String = line(0).chars().take(60).collect();
        Err(WeatherError::Format(Box::new(source.fault(
            1,
            1,
            "format",
            &format!("`{first}`"),
            "the header of TMY3, EPW, PVGIS TMY CSV, NSRDB PSM3 or gridtwin's plain CSV \
             (`time,ghi_w_m2,dni_w_m2,dhi_w_m2,temperature_c,wind_m_s`)",
            "convert the file to one of these, or check that its first lines are not missing",
        ))))
    }
}
