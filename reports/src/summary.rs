//! The summary: a run in about a hundred numbers, each with a name and a unit. Not the place where
//! they are worked out, which is [`crate::tally`].

use crate::{Error, Field, Kind, meaning_of, number};

/// One number of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name, as in `energy.import_kwh` or `consensus.ledger.decided`.
    pub name: String,
    /// The number; `None` where there is nothing to measure, as a latency without a task.
    pub value: Option<f64>,
    /// Its unit; empty for counts and shares.
    pub unit: String,
}

/// All numbers of a run, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The numbers.
    pub metrics: Vec<Metric>,
}

impl Summary {
    /// The value of the metric of this name, if there is one and it was measured.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.metrics.iter().find(|m| m.name == name)?.value
    }

    /// The metrics as columns of a table: their units and meanings.
    pub fn fields(&self) -> Vec<Field> {
        let field = |metric: &Metric| Field {
            name: metric.name.clone(),
            kind: Kind::Number,
            unit: metric.unit.clone(),
            meaning: meaning_of(&metric.name),
        };
        self.metrics.iter().map(field).collect()
    }

    /// Reads the text of a `summary.csv`.
    ///
    /// # Errors
    /// A text that is none, with the line.
    pub fn from_csv(text: &str) -> Result<Self, Error> {
        let not = |line: u64, reason: String| Error::NotASummary { line, reason };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let heads = reader.headers().map_err(|e| not(1, e.to_string()))?;
        if heads.iter().ne(["metric", "value", "unit"]) {
            let found = heads.iter().collect::<Vec<_>>().join(",");
            return Err(not(1, format!("found the header {found:?}, expected metric,value,unit")));
        }
        let mut summary = Self::default();
        for row in reader.records() {
            let row =
                row.map_err(|e| not(e.position().map_or(0, csv::Position::line), e.to_string()))?;
            let line = row.position().map_or(0, csv::Position::line);
            let field = |i: usize| row.get(i).unwrap_or_default();
            let value = match field(1) {
                "" => None,
                text => match text.parse::<f64>() {
                    Ok(value) if value.is_finite() => Some(value),
                    _ => {
                        return Err(not(
                            line,
                            format!("found the value {text:?}, expected a number"),
                        ));
                    }
                },
            };
            summary.add(field(0), value, field(2));
        }
        Ok(summary)
    }

    /// The text of `summary.csv`.
    pub fn to_csv(&self) -> String {
        // A currency is any text, a comma, a quote or a line end in it included.
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut value = Vec::new();
        // Writing to memory cannot fail.
        let _ = writer.write_record(["metric", "value", "unit"]);
        for metric in &self.metrics {
            value.clear();
            number::shortest(&mut value, metric.value.unwrap_or(f64::NAN));
            let _ = writer.write_record([metric.name.as_bytes(), &value, metric.unit.as_bytes()]);
        }
        String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()).into_owned()
    }

    /// The text of `summary.json`: `{"metric": {"value": 1.5, "unit": "kWh"}, ..}`.
    pub fn to_json(&self) -> String {
        let entries = self.metrics.iter().map(|m| {
            let entry = serde_json::json!({ "value": m.value, "unit": m.unit });
            format!("  {}: {entry}", serde_json::json!(m.name))
        });
        format!("{{\n{}\n}}\n", entries.collect::<Vec<_>>().join(",\n"))
    }

    /// Adds a metric; what is not finite was not measured.
    pub(crate) fn add(
        &mut self,
        name: impl Into<String>,
        value: impl Into<Option<f64>>,
        unit: &str,
    ) {
        let value = value.into().filter(|v| v.is_finite());
        // An empty sum of negative zeros is zero.
        let value = value.map(|v| if v == 0.0 { 0.0 } else { v });
        self.metrics.push(Metric { name: name.into(), value, unit: unit.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_summary_is_refused_with_its_line() {
        for (text, line) in [
            ("", "line 1"),
            ("a,b\n", "line 1"),
            ("metric,value,unit\nenergy.pv_kwh,many,kWh\n", "line 2"),
            ("metric,value,unit\nenergy.pv_kwh,1,kWh\nx,NaN,\n", "line 3"),
            ("metric,value,unit\nenergy.pv_kwh,1\n", "line 2"),
        ] {
            let told = Summary::from_csv(text).unwrap_err().to_string();
            assert!(told.contains(line), "{text:?}: {told}");
        }
    }

    #[test]
    fn no_text_splits_a_row() {
        let mut summary = Summary::default();
        let unit = "a \"hard\" coin, of\nthe \r valley";
        summary.add("cost.total", 1.5, unit);
        summary.add("consensus.a,b.decided", None, "");
        let text = summary.to_csv();
        let rows: Vec<(String, Option<f64>, String)> =
            csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect();
        let expected = [
            ("cost.total".to_owned(), Some(1.5), unit.to_owned()),
            ("consensus.a,b.decided".to_owned(), None, String::new()),
        ];
        assert_eq!(rows, expected);
        assert_eq!(Summary::from_csv(&text).unwrap(), summary, "reads its own file back");
    }
}
