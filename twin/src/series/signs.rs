//! Whether the point or comma in a column of numbers stands before decimals or between thousands. Not
//! the numbers themselves.

use super::table::Table;
use crate::energy::EnergyError;

/// What the numbers of a column show of their sign.
#[derive(Default)]
pub(crate) struct Signs {
    /// The first row with a point or comma.
    first: Option<usize>,
    /// Whether a number can only have decimals: `0.125`, `12.5`, or a whole `1250` that would need a
    /// separator of thousands.
    decimals: bool,
    /// Whether there are whole numbers without a sign.
    whole: bool,
}

impl Signs {
    /// Takes one number into account.
    pub(crate) fn add(&mut self, row: usize, text: &str, value: f64) {
        if self.decimals {
            return;
        }
        let digits = text.trim_start_matches(['+', '-', '\u{2212}']);
        match digits.split_once(['.', ',']) {
            Some((before, behind)) => {
                let grouped = before.len() <= 3
                    && before.starts_with(|c: char| ('1'..='9').contains(&c))
                    && behind.len() == 3
                    && behind.bytes().all(|b| b.is_ascii_digit());
                self.decimals = !grouped;
                self.first = self.first.or(Some(row));
            }
            None => {
                self.decimals = value.abs() >= 1000.0;
                self.whole = true;
            }
        }
    }

    /// A note where every number has three digits behind its sign.
    ///
    /// # Errors
    /// Where whole numbers stand beside `1.068`: that may be a thousand and sixty-eight.
    pub(crate) fn note(&self, table: &Table, column: usize) -> Result<Option<String>, EnergyError> {
        let Some(row) = self.first.filter(|_| !self.decimals) else { return Ok(None) };
        let field = table.field(row, column);
        let sign = if field.text.contains(',') { "comma" } else { "point" };
        if !self.whole {
            return Ok(Some(format!(
                "every value has three digits after its {sign}, which is read as the decimal sign: \
                 {} means {}, not {}",
                field.text,
                field.text.replace(',', "."),
                field.text.replace([',', '.'], "")
            )));
        }
        let plain: String = field.text.chars().filter(|c| !matches!(c, '.' | ',')).collect();
        Err(field.refused(
            &format!(
                "an unambiguous number: since the column also has whole numbers, the {sign} may be \
                 a separator of thousands or the decimal sign"
            ),
            &format!(
                "write {plain} without the separator, or, if the {sign} is the decimal sign, {}0",
                field.text
            ),
        ))
    }
}
