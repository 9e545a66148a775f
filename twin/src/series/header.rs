//! Which column is meant: by its name, by the beginning of its name, by its number, or because it is
//! the only one of its kind. Not what it holds.

use super::table::{Look, Table};
use crate::energy::EnergyError;
use crate::scenario::Column;

impl Table {
    /// The index of a column: by its number, by its whole name, else by a beginning that only it has,
    /// up to a space or bracket (`Carbon Intensity` for `Carbon Intensity (direct)`).
    pub(crate) fn column(&self, wanted: &Column) -> Result<usize, EnergyError> {
        match wanted {
            Column::Number(number) => {
                let width = self.width();
                if *number as usize <= width {
                    return Ok(*number as usize - 1);
                }
                let found = format!("{width} columns");
                let expected = format!("at least {number}");
                let advice = format!("columns count from 1: give a number from 1 to {width}");
                Err(self.refused((self.header_line(), 1), found, expected, advice))
            }
            Column::Name(name) => self.named(name),
        }
    }

    /// The index of the column with this name.
    pub(crate) fn named(&self, wanted: &str) -> Result<usize, EnergyError> {
        let headers = self.names().unwrap_or_default();
        if let Some(i) = headers.iter().position(|h| h == wanted) {
            return Ok(i);
        }
        let begins = |h: &str| {
            h.strip_prefix(wanted)
                .and_then(|rest| rest.chars().next())
                .is_some_and(|c| !wanted.is_empty() && (c.is_whitespace() || "([,".contains(c)))
        };
        let mut beginning = headers.iter().enumerate().filter(|(_, h)| begins(h));
        if let (Some((i, _)), None) = (beginning.next(), beginning.next()) {
            return Ok(i);
        }
        let near = |h: &&String| strsim::jaro_winkler(&h.to_lowercase(), &wanted.to_lowercase());
        let nearest =
            headers.iter().filter(|h| near(h) > 0.6).max_by(|a, b| near(a).total_cmp(&near(b)));
        let names = list(headers);
        Err(EnergyError::UnknownColumn {
            file: self.file().to_owned(),
            line: self.header_line(),
            wanted: wanted.to_owned(),
            headers: if names.is_empty() {
                "a column's number, as in 2, because the file has no headers".to_owned()
            } else {
                format!("one of: {names}")
            },
            nearest: nearest.cloned(),
        })
    }

    /// The only column of numbers beside those of the time.
    pub(crate) fn only_numbers(&self, time: &[usize]) -> Result<usize, EnergyError> {
        let numbers: Vec<usize> =
            (0..self.width()).filter(|i| !time.contains(i) && self.holds_numbers(*i)).collect();
        match numbers[..] {
            [only] => Ok(only),
            [] => {
                let names = self.names().map(list).unwrap_or_default();
                let found = match names.as_str() {
                    "" => "no numeric column".to_owned(),
                    names => format!("no numeric column among {names}"),
                };
                let advice = "set `column` to the name or number of the column to use";
                Err(self.refused((self.line(0), 1), found, "a numeric column", advice))
            }
            _ => {
                let names: Vec<String> = numbers.iter().map(|&i| self.called(i)).collect();
                Err(self.refused(
                    (self.header_line(), 1),
                    format!("{} numeric columns: {}", numbers.len(), list(&names)),
                    "one",
                    "set `column` to the name or number of the column to use",
                ))
            }
        }
    }

    fn holds_numbers(&self, column: usize) -> bool {
        // A few odd fields among numbers are refused where they stand.
        let (mut numbers, mut others) = (0, 0);
        for row in self.sample() {
            match self.look(row, column) {
                Look::Number => numbers += 1,
                Look::Empty => {}
                Look::Stamp | Look::Text => others += 1,
            }
        }
        numbers > 4 * others
    }
}

fn list(names: &[String]) -> String {
    const SHOWN: usize = 20;
    const LONGEST: usize = 60;
    let shown = names.iter().take(SHOWN).map(|name| match name.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{:?}..", &name[..cut]),
        None => format!("{name:?}"),
    });
    let text = shown.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}
