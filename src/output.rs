//! Standard output: text, tables, JSON. Where it is closed early, the command ends without an error.

use crate::failure::Failure;
use std::io::{ErrorKind, Write};

/// One line of a table: a metric, its value, its unit.
pub(crate) type Row = (String, String, String);

/// One line of a table with a number.
pub(crate) fn row(name: &str, value: f64, unit: &str) -> Row {
    (name.to_owned(), number(value), unit.to_owned())
}

/// Prints a text as it stands.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::OutputClosed,
        _ => Failure::work(format_args!("standard output: {error}")),
    })
}

/// Prints a value as JSON.
pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::work)?;
    print(&(text + "\n"))
}

/// Rows as a table: names to the left, numbers to the right, units behind.
pub(crate) fn table(rows: &[Row]) -> String {
    let width = |of: fn(&Row) -> &String| rows.iter().map(|row| of(row).chars().count()).max();
    let names = width(|row| &row.0).unwrap_or(0);
    let values = width(|row| &row.1).unwrap_or(0);
    let mut text = String::new();
    for (name, value, unit) in rows {
        let line = format!("  {name:names$}  {value:>values$} {unit}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Lines of cells below each other: the first column to the left, and every other to the left too
/// unless all its cells below the first line are numbers.
pub(crate) fn columns(lines: &[Vec<String>]) -> String {
    let count = lines.first().map_or(0, Vec::len);
    let cell = |line: &[String], column: usize| line.get(column).cloned().unwrap_or_default();
    let widths: Vec<usize> = (0..count)
        .map(|column| {
            lines.iter().map(|line| cell(line, column).chars().count()).max().unwrap_or(0)
        })
        .collect();
    // A star marks a number that is explained below.
    let is_number = |text: &str| {
        let text = text.trim_end_matches('*');
        text == "-" || text.parse::<f64>().is_ok()
    };
    let numbers: Vec<bool> = (0..count)
        .map(|column| lines.iter().skip(1).all(|line| is_number(&cell(line, column))))
        .collect();
    let mut text = String::new();
    for line in lines {
        let mut row = String::new();
        for column in 0..count {
            let (width, cell) = (widths[column], cell(line, column));
            let gap = if column == 0 { "" } else { "  " };
            row += &match numbers[column] {
                true => format!("{gap}{cell:>width$}"),
                false => format!("{gap}{cell:width$}"),
            };
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

/// A text of this many characters at most: where it is longer, its middle is left out.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= most {
        return text.to_owned();
    }
    let (head, tail) = (most / 2, most - most / 2 - 2);
    let part = |of: &[char]| of.iter().collect::<String>();
    format!("{}..{}", part(&letters[..head]), part(&letters[letters.len() - tail..]))
}

/// A number with four significant digits, or all before the point.
pub(crate) fn number(value: f64) -> String {
    let digits = if value == 0.0 { 0.0 } else { value.abs().log10().floor() + 1.0 };
    let decimals = (4.0 - digits).clamp(0.0, 9.0) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_below_each_other() {
        let rows =
            [row("PV energy", 12345.678, "kWh"), row("share", 0.123456, ""), row("x", 0.0, "")];
        let text = "  PV energy   12346 kWh\n  share      0.1235\n  x               0\n";
        assert_eq!(table(&rows), text);
    }
}
