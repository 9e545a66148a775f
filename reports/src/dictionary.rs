//! The data dictionary: every column of every file with its kind, unit and meaning. The files write
//! their headers from it, Parquet its schema, and `dictionary.csv` is it.

/// What kind of values a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An instant in UTC, as in `2024-06-21 10:00:00`: always in this form, cut to the second.
    Time,
    /// An instant on the site's clock, in the same form.
    LocalTime,
    /// A text.
    Text,
    /// A count.
    Whole,
    /// A whole number that names something and may be as great as 64 bits allow.
    Seed,
    /// A number.
    Number,
    /// 1 for yes, 0 for no.
    Flag,
}

impl Kind {
    /// Its name in the dictionary.
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::LocalTime => "local time",
            Self::Text => "text",
            Self::Whole | Self::Seed => "integer",
            Self::Number => "number",
            Self::Flag => "flag",
        }
    }
}

/// One column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in the header.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// The unit of its numbers; empty for counts, shares and texts.
    pub unit: String,
    /// What it means.
    pub meaning: String,
}

impl Field {
    /// A column whose unit stands at the end of its name.
    pub fn new(name: impl Into<String>, kind: Kind, meaning: impl Into<String>) -> Self {
        let name = name.into();
        let unit = match kind {
            Kind::Number => unit_of(&name).to_owned(),
            _ => String::new(),
        };
        Self { name, kind, unit, meaning: meaning.into() }
    }
}

/// Columns as a file's module lists them.
pub(crate) fn fields(list: &[(&str, Kind, &str)]) -> Vec<Field> {
    list.iter().map(|(name, kind, meaning)| Field::new(*name, *kind, *meaning)).collect()
}

/// The unit that stands at the end of a name, as in `energy_kwh`, or that is its only word, as in
/// `pv.roof.kw`; empty where there is none.
pub fn unit_of(name: &str) -> &'static str {
    // What was made of a quantity says nothing of its unit.
    const MADE: [&str; 7] = ["_p50", "_p95", "_p99", "_max", "_mean", "_sum", "_per_task"];
    const UNITS: [(&str, &str); 22] = [
        ("price_per_kwh", "/kWh"),
        ("price_per_kw", "/kW"),
        ("price_per_l", "/l"),
        ("g_per_kwh", "g/kWh"),
        ("kwh", "kWh"),
        ("kw", "kW"),
        ("w_m2", "W/m2"),
        ("w", "W"),
        ("m_s", "m/s"),
        ("mbit_s", "Mbit/s"),
        ("ms", "ms"),
        ("s", "s"),
        ("h", "h"),
        ("j", "J"),
        ("g", "g"),
        ("kg", "kg"),
        ("c", "C"),
        ("m", "m"),
        ("deg", "deg"),
        ("kb", "kB"),
        ("ghz", "GHz"),
        ("years", "a"),
    ];
    let name = MADE.iter().find_map(|made| name.strip_suffix(made)).unwrap_or(name);
    let ends = |unit: &str| {
        let before = name.strip_suffix(unit);
        before.is_some_and(|before| before.is_empty() || before.ends_with(['_', '.']))
    };
    let longest = UNITS.iter().filter(|(end, _)| ends(end)).max_by_key(|(end, _)| end.len());
    longest.map_or("", |(_, unit)| unit)
}

/// The text of `dictionary.csv`.
pub fn dictionary_csv<'a>(files: impl IntoIterator<Item = (&'a str, &'a [Field])>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(["file", "column", "type", "unit", "meaning"]);
    for (file, fields) in files {
        for field in fields {
            let kind = field.kind.name();
            let _ = writer.write_record([file, &field.name, kind, &field.unit, &field.meaning]);
        }
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_stand_at_the_end_of_names() {
        for (name, unit) in [
            ("import_kw", "kW"),
            ("pv.roof-1.kw", "kW"),
            ("latency_ms", "ms"),
            ("consensus.ledger.latency_ms_p99", "ms"),
            ("tasks.energy_j_per_task", "J"),
            ("mix_g_per_kwh", "g/kWh"),
            ("t_s", "s"),
            ("wind_m_s", "m/s"),
            ("temperature_c", "C"),
            ("ghi_w_m2", "W/m2"),
            ("grid.tariff.price_per_kwh", "/kWh"),
            ("soc", ""),
            ("tasks", ""),
            ("outcomes", ""),
        ] {
            assert_eq!(unit_of(name), unit, "{name}");
        }
    }
}
