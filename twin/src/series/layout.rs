//! How a table is laid out where that is not one column of values with its unit in the header: a column
//! for each time of day is refused, a column of units is read. Not the values.

use super::table::Table;
use super::unit;
use crate::energy::EnergyError;

/// Refuses a table that has a line for each day and a column for each time of day.
pub(super) fn check(table: &Table) -> Result<(), EnergyError> {
    let Some(first) = clock_columns(table) else { return Ok(()) };
    let found = format!("a column for each time of day, starting with {:?}", table.called(first));
    let advice = "rearrange the table: one line for each time step, with its date, time and value";
    Err(table.refused((table.header_line(), 1), found, "one column of values", advice))
}

/// The first of the columns that are each a time of day, where a file has a line for each day.
fn clock_columns(table: &Table) -> Option<usize> {
    let is_clock = |name: &String| {
        let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        let (hour, minute) = name.trim().get(..5).and_then(|text| text.split_once(':'))?;
        (digits(hour) && digits(minute)).then_some(())
    };
    let names = table.names()?;
    let clocks = names.iter().filter(|name| is_clock(name).is_some()).count();
    if clocks < 20 { None } else { names.iter().position(|name| is_clock(name).is_some()) }
}

/// The unit that stands in a column of its own, on every line the same.
pub(super) fn unit_column(table: &Table) -> Result<Option<unit::Header>, EnergyError> {
    let is_unit = |name: &String| {
        let name = name.trim().to_lowercase();
        ["unit", "units", "uom", "einheit", "einheiten"].contains(&name.as_str())
    };
    let Some(column) = table.names().and_then(|names| names.iter().position(is_unit)) else {
        return Ok(None);
    };
    let first = table.text(0, column);
    if let Some(row) = (1..table.len()).find(|&row| table.text(row, column) != first) {
        let field = table.field(row, column);
        let found = format!("{:?}, but the first line has {first:?}", field.text);
        let advice = "convert all values to one unit";
        return Err(table.refused(field.place(), found, "one unit in the whole column", advice));
    }
    Ok(Some(unit::Header::of_unit(Some(first))))
}

/// The unit of the header and of the column of units, where they do not contradict each other.
pub(super) fn agreed(
    table: &Table,
    header: unit::Header,
    column: unit::Header,
) -> Result<unit::Header, EnergyError> {
    match (&header.read, &column.read) {
        (Some(one), Some(other)) if one.unit != other.unit => {
            let found =
                format!("{:?} in the header and {:?} in the unit column", one.text, other.text);
            let place = (table.header_line(), 1);
            Err(table.refused(place, found, "one unit", "correct one of the two"))
        }
        (Some(_), _) => Ok(header),
        _ => Ok(column),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{YEAR, berlin, read, told};

    #[test]
    fn a_column_for_each_time_of_day_is_refused_even_where_one_of_them_is_named() {
        let clocks: Vec<String> = (0..24).map(|hour| format!("{hour:02}:00")).collect();
        for (separator, row) in [(";", "5,1"), (",", "5.1")] {
            let values = vec![row; 24].join(separator);
            let head = clocks.join(separator);
            let text = format!("Datum{separator}{head}\n01.01.2025{separator}{values}\n");
            for more in ["", "column: \"00:00\""] {
                let why = told(read(&text, more, &berlin(YEAR, 1)));
                assert!(why.contains("f.csv:1") && why.contains("each time of day"), "{why}");
            }
        }
    }

    #[test]
    fn a_unit_may_have_a_column_of_its_own() {
        let rows = |unit: &str, last: &str| -> String {
            let row = |i: usize| {
                let unit = if i == 95 { last } else { unit };
                format!("2025-01-01 {:02}:{:02};2;{unit}\n", i / 4, i % 4 * 15)
            };
            format!("Zeit;Wert;Einheit\n{}", (0..96).map(row).collect::<String>())
        };
        let series = read(&rows("kWh", "kWh"), "", &berlin(YEAR, 1)).unwrap();
        assert!((series.values[0] - 8.0).abs() < 1e-12, "{:?}", &series.values[..2]);
        let series = read(&rows("W", "W"), "", &berlin(YEAR, 1)).unwrap();
        assert!((series.values[0] - 0.002).abs() < 1e-12, "{:?}", &series.values[..2]);
        let why = told(read(&rows("kWh", "kW"), "", &berlin(YEAR, 1)));
        assert!(why.contains("f.csv:97:20") && why.contains("one unit"), "{why}");
        let both = rows("Wh", "Wh").replace("Wert", "Wert [kWh]");
        let why = told(read(&both, "", &berlin(YEAR, 1)));
        assert!(why.contains("expected one unit"), "{why}");
        let why = told(read(&rows("bananas", "bananas"), "", &berlin(YEAR, 1)));
        assert!(why.contains("bananas"), "{why}");
    }

    #[test]
    fn values_of_a_day_are_told_and_of_a_month_refused() {
        let days: String = (1..=31).map(|day| format!("{day:02}.01.2025;24\n")).collect();
        let series = read(&format!("Datum;kWh\n{days}"), "", &berlin(YEAR, 2)).unwrap();
        assert!(series.notes.iter().any(|note| note.contains("one value a day")));
        let months: String = (1..=12).map(|month| format!("2025-{month:02}-01;700\n")).collect();
        let why = told(read(&format!("Datum;kWh\n{months}"), "", &berlin(YEAR, 2)));
        assert!(why.contains("a month after") && why.contains("Typical"), "{why}");
    }
}
