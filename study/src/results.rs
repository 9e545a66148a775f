//! The results as a table: a row for each run, parameters first, metrics after, and why a run failed
//! at the end. The same table whatever the order in which runs ended.

use crate::design::Value;
use crate::run::Row;
use crate::spec::Plan;
use gridtwin_reports::{Field, Kind, Sheet, meaning_of, unit_of};
use std::collections::BTreeMap;

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name in the header.
    pub name: String,
    /// The unit of its numbers; empty for counts, shares and texts.
    pub unit: String,
    /// What kind of values it holds.
    pub kind: Kind,
    /// What they mean.
    pub meaning: String,
    /// Its cells, one for each run.
    pub cells: Cells,
}

/// The cells of a column; `None` where there is nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Counts.
    Whole(Vec<Option<u64>>),
    /// Numbers.
    Number(Vec<Option<f64>>),
    /// Texts.
    Text(Vec<Option<String>>),
}

/// The whole table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// All columns, equally long.
    pub columns: Vec<Column>,
    /// How many of them say which run it is, before the axes.
    pub keys: usize,
    /// How many of them are axes, before the metrics.
    pub axes: usize,
    /// How many runs there are.
    pub rows: usize,
    /// How many of them failed.
    pub failed: usize,
}

impl Table {
    /// The table of these runs, which are in order.
    pub fn new(plan: &Plan, rows: &[Row]) -> Self {
        let mut columns = Vec::new();
        let runs: Vec<_> = rows.iter().map(|row| plan.run(row.run)).collect();
        let mut whole = |name: &str, meaning: &str, cells: Vec<u64>| {
            let cells = Cells::Whole(cells.into_iter().map(Some).collect());
            columns.push(Column::new(name, "", meaning, cells));
        };
        whole("run", "Number of the run, from 0", runs.iter().map(|r| r.run).collect());
        whole(
            "point",
            "Number of the point (combination of settings), from 0",
            runs.iter().map(|r| r.point).collect(),
        );
        whole(
            "replicate",
            "Number of the repetition at this point, each with another random seed, from 0",
            runs.iter().map(|r| r.replicate.into()).collect(),
        );
        whole("seed", "Random seed of the run", runs.iter().map(|r| r.seed).collect());
        columns.iter_mut().filter(|c| c.name == "seed").for_each(|c| c.kind = Kind::Seed);
        let ids = rows.iter().map(|row| Some(row.id.clone()).filter(|id| !id.is_empty())).collect();
        let meaning =
            "Hash of the version, the scenario and the data files: equal ids mean equal results";
        columns.push(Column::new("id", "", meaning, Cells::Text(ids)));
        let keys = columns.len();
        for (i, axis) in plan.study.axes.iter().enumerate() {
            let values = || runs.iter().map(|r| plan.value(r.point, i));
            let numbers: Option<Vec<_>> = values().map(|value| value?.number().map(Some)).collect();
            let text = |value: Option<&Value>| value.map(|value| value.text().to_owned());
            let cells =
                numbers.map_or_else(|| Cells::Text(values().map(text).collect()), Cells::Number);
            let meaning = format!("Value of {}", axis.path);
            columns.push(Column::new(axis.name(), unit_of(&axis.path), &meaning, cells));
        }
        let axes = plan.study.axes.len();
        columns.extend(metrics(plan, rows));
        let errors = rows.iter().map(|row| row.outcome.as_ref().err().cloned()).collect();
        let meaning = "Why the run failed; empty if it succeeded";
        columns.push(Column::new("error", "", meaning, Cells::Text(errors)));
        let failed = rows.iter().filter(|row| row.outcome.is_err()).count();
        Self { columns, keys, axes, rows: rows.len(), failed }
    }

    /// The columns of the axes.
    pub fn axes(&self) -> &[Column] {
        &self.columns[self.keys..self.keys + self.axes]
    }

    /// The columns of the metrics.
    pub fn metrics(&self) -> &[Column] {
        &self.columns[self.keys + self.axes..self.columns.len() - 1]
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns as the data dictionary has them.
    pub fn fields(&self) -> Vec<Field> {
        let field = |column: &Column| Field {
            name: column.name.clone(),
            kind: column.kind,
            unit: column.unit.clone(),
            meaning: column.meaning.clone(),
        };
        self.columns.iter().map(field).collect()
    }

    /// The table in the form of its files.
    pub(crate) fn sheet<'a>(
        &'a self,
        fields: &'a [Field],
    ) -> Sheet<'a, impl Fn(usize, usize, &mut Vec<u8>)> {
        let cell = |row: usize, column: usize, out: &mut Vec<u8>| {
            self.columns[column].cells.write(row, out);
        };
        Sheet { name: "results", fields, rows: self.rows, cell }
    }
}

impl Column {
    fn new(name: &str, unit: &str, meaning: &str, cells: Cells) -> Self {
        let [name, unit, meaning] = [name, unit, meaning].map(str::to_owned);
        Self { name, unit, kind: cells.kind(), meaning, cells }
    }

    /// Its numbers; nothing for texts.
    pub fn numbers(&self) -> Option<&[Option<f64>]> {
        match &self.cells {
            Cells::Number(cells) => Some(cells),
            Cells::Whole(_) | Cells::Text(_) => None,
        }
    }
}

impl Cells {
    /// What kind of values they are.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Whole(_) => Kind::Whole,
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
        }
    }

    /// A cell as text; nothing where there is nothing.
    pub fn text(&self, row: usize) -> String {
        let mut out = Vec::new();
        self.write(row, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn write(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::Whole(cells) => {
                if let Some(value) = cells[row] {
                    out.extend_from_slice(value.to_string().as_bytes());
                }
            }
            Self::Number(cells) => {
                if let Some(value) = cells[row] {
                    gridtwin_reports::shortest(out, value);
                }
            }
            Self::Text(cells) => {
                if let Some(text) = &cells[row] {
                    out.extend_from_slice(text.as_bytes());
                }
            }
        }
    }
}

/// The columns of the metrics that are kept: in the order in which they are asked for, or in which
/// runs tell them.
fn metrics(plan: &Plan, rows: &[Row]) -> Vec<Column> {
    let mut order: Vec<(String, String)> = Vec::new();
    let mut place: BTreeMap<String, usize> = BTreeMap::new();
    let mut cells: Vec<Vec<Option<f64>>> = Vec::new();
    for (row, told) in rows.iter().enumerate() {
        for metric in told.outcome.iter().flatten() {
            let at = *place.entry(metric.name.clone()).or_insert_with(|| {
                order.push((metric.name.clone(), metric.unit.clone()));
                cells.push(vec![None; rows.len()]);
                cells.len() - 1
            });
            cells[at][row] = metric.value;
        }
    }
    let all: Vec<usize> = (0..order.len()).collect();
    let kept: Vec<usize> = match plan.study.metrics.as_slice() {
        [] => all,
        wanted => {
            let mut kept = Vec::new();
            for name in wanted {
                let fits = |at: &&usize| match name.strip_suffix('*') {
                    Some(stem) => order[**at].0.starts_with(stem),
                    None => order[**at].0 == *name,
                };
                let new: Vec<usize> =
                    all.iter().filter(fits).filter(|at| !kept.contains(*at)).copied().collect();
                kept.extend(new);
            }
            kept
        }
    };
    let column = |at: usize| {
        let (name, unit) = &order[at];
        let meaning = meaning_of(name);
        Column::new(name, unit, &meaning, Cells::Number(std::mem::take(&mut cells[at])))
    };
    kept.into_iter().map(column).collect()
}
