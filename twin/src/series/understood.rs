//! What was understood of a file, in words and figures. Not what the run makes of it.

use super::lay::Laid;
use super::read::Series;
use super::{Kind, fill};
use crate::record::Input;
use crate::scenario::SeriesFile;
use jiff::Timestamp;

/// What was understood of a file.
pub(super) fn input(
    series: &Series,
    laid: &Laid,
    file: &SeriesFile,
    kind: Kind<'_>,
    what: &str,
) -> Input {
    let count = series.values.len();
    let sum: f64 = series.values.iter().sum();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let length_s = series.step_s * count as i64;
    let span = series.start_s.and_then(|start_s| {
        let at = |s| Timestamp::from_second(s).ok();
        Some((at(start_s)?, at(start_s + length_s)?))
    });
    Input {
        what: what.to_owned(),
        file: file.path.display().to_string(),
        column: series.column.clone(),
        unit: series.unit.clone(),
        span,
        step_s: u32::try_from(series.step_s).unwrap_or(u32::MAX),
        zone: series.zone.clone(),
        count,
        filled: series.filled as f64 / count.max(1) as f64,
        fill: if series.filled > 0 { fill::name(file.gaps).to_owned() } else { String::new() },
        value_unit: kind.unit(),
        minimum: series.values.iter().copied().fold(f64::INFINITY, f64::min),
        maximum: series.values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        sum_kwh: (kind == Kind::Power).then(|| sum * series.step_s as f64 / 3600.0),
        mean: mean(&series.values),
        run_mean: mean(&laid.values),
        laid: laid.words.clone(),
        notes: series.notes.clone(),
    }
}
