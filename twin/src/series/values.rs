//! The values of a column as they stand: numbers of the unit that was chosen, or a refusal with the
//! place. Not where in time they belong.

use super::signs::Signs;
use super::split::is_missing;
use super::table::Table;
use super::unit::Family;
use super::{Kind, NumberProblem};
use crate::energy::EnergyError;
use crate::scenario::SeriesUnit;

/// No grid emits more (lignite: about 1,200 g/kWh): what is beyond it has another unit.
const HIGHEST_G_PER_KWH: f64 = 5000.0;

/// The values of a column as they stand, and what had to be assumed of their decimal sign; a missing
/// one is NaN.
pub(super) fn values(
    table: &Table,
    column: usize,
    unit: SeriesUnit,
    kind: Kind<'_>,
) -> Result<(Vec<f64>, Option<String>), EnergyError> {
    let highest = HIGHEST_G_PER_KWH / unit.factor();
    let expected = || match (kind, unit.family()) {
        (Kind::Power, Family::Energy) => {
            format!("an energy in {} of zero or above", unit.symbol())
        }
        (Kind::Power, _) => format!("a power in {} of zero or above", unit.symbol()),
        (Kind::Price { .. }, _) => "a price".to_owned(),
        (Kind::Carbon, _) => {
            format!("a carbon intensity of at most {} {}", highest.floor(), unit.symbol())
        }
    };
    let (mut points, mut commas) = (false, false);
    let mut signs = Signs::default();
    let mut values = Vec::with_capacity(table.len());
    for row in 0..table.len() {
        let text = table.text(row, column);
        if is_missing(text) {
            values.push(f64::NAN);
            continue;
        }
        let value = match table.dialect.number(text) {
            Ok(value) => value,
            Err(why) => return Err(table.field(row, column).refused(&expected(), why.advice())),
        };
        signs.add(row, text, value);
        // Only one of the two can be the decimal sign of a column.
        points |= text.contains('.');
        commas |= text.contains(',');
        let advice = if points && commas {
            NumberProblem::Thousands.advice()
        } else if kind == Kind::Power && value < 0.0 {
            "correct the value: it cannot be below zero"
        } else if kind == Kind::Carbon && value.abs() > highest {
            "set `unit` to the file's unit"
        } else {
            values.push(value);
            continue;
        };
        return Err(table.field(row, column).refused(&expected(), advice));
    }
    let note = signs.note(table, column)?;
    Ok((values, note))
}
