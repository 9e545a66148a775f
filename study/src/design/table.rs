//! The design: all points of a study in their order. Points are told by their number; what each
//! axis has there is looked up, not stored.

use super::axis::{Axis, Checked, Combine};
use super::distribution::Distribution;
use super::error::DesignError;
use super::sampling::{self, MAX_SOBOL_AXES, MAX_SOBOL_ROWS, Sampling};
use super::value::Value;
use crate::stats::Factor;
use std::collections::BTreeSet;

/// The most points that a design may have.
pub const MAX_POINTS: usize = 10_000_000;

/// One axis of a design with its values spelled out.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    path: String,
    name: String,
    values: Vec<Value>,
    drawn: bool,
    /// How many listed points go by before a listed axis takes its next value.
    stride: usize,
}

impl Column {
    /// Where it stands in the scenario.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What tables and figures call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its values: those listed, or those drawn, one a row.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Whether the values were drawn from a distribution.
    pub fn is_drawn(&self) -> bool {
        self.drawn
    }
}

/// All points of a study, in their order: the last listed axis runs faster than those before it,
/// and the drawn rows fastest of all.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    columns: Vec<Column>,
    /// Drawn rows; 1 where nothing is drawn.
    rows: usize,
    /// Points of the listed axes alone; 1 where nothing is listed.
    listed: usize,
}

impl Design {
    /// Makes the points of these axes. `samples` is how many rows are drawn for the axes that are
    /// distributions, 0 where there is none.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the axes, each by itself or together, and more than [`MAX_POINTS`].
    pub fn new(
        axes: &[Axis],
        combine: Combine,
        samples: usize,
        sampling: Sampling,
        seed: u64,
    ) -> Result<Self, DesignError> {
        check_names(axes)?;
        let listed = listed_points(axes, combine)?;
        let rows = drawn_rows(axes, samples, sampling)?;
        listed.checked_mul(rows).filter(|&n| n <= MAX_POINTS).ok_or(DesignError::TooManyPoints)?;

        let mut columns = Vec::with_capacity(axes.len());
        let mut dimension = 0;
        for axis in axes {
            let name = axis.name();
            let checked = axis.values.check().map_err(|m| DesignError::of_axis(name, m))?;
            let (values, drawn) = match checked {
                Checked::Listed(values) => {
                    check_different(name, &values, combine)?;
                    (values, false)
                }
                Checked::Drawn(distribution) => {
                    let shares = sampling::column(sampling, seed, name, dimension, rows);
                    dimension += 1;
                    (draw(&distribution, &shares), true)
                }
            };
            let path = axis.path.trim().to_owned();
            columns.push(Column { path, name: name.to_owned(), values, drawn, stride: 1 });
        }
        if combine == Combine::Crossed {
            let mut stride = 1;
            for column in columns.iter_mut().rev().filter(|column| !column.drawn) {
                column.stride = stride;
                stride *= column.values.len();
            }
        }
        Ok(Self { columns, rows, listed })
    }

    /// How many points there are, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a design is never empty")]
    pub fn len(&self) -> usize {
        self.listed * self.rows
    }

    /// How many rows were drawn for the axes that are distributions; 1 where there is none.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The axes in the order of the study file.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Which of its values an axis has at a point, both counted from 0.
    pub fn level(&self, point: usize, axis: usize) -> Option<usize> {
        let column = self.columns.get(axis)?;
        (point < self.len()).then(|| self.level_of(point, column))
    }

    /// Which of the drawn rows a point has; 0 where nothing is drawn.
    pub fn drawn_row(&self, point: usize) -> usize {
        point % self.rows
    }

    fn level_of(&self, point: usize, column: &Column) -> usize {
        if column.drawn {
            point % self.rows
        } else {
            point / self.rows / column.stride % column.values.len()
        }
    }

    /// The values at a point, one an axis; `None` beyond the last point.
    pub fn point(&self, point: usize) -> Option<Vec<&Value>> {
        if point >= self.len() {
            return None;
        }
        self.columns.iter().map(|column| column.values.get(self.level_of(point, column))).collect()
    }

    /// Path and value of each axis at a point, as `--set` takes them; `None` beyond the last point.
    pub fn settings(&self, point: usize) -> Option<Vec<(&str, &Value)>> {
        let values = self.point(point)?;
        Some(self.columns.iter().map(Column::path).zip(values).collect())
    }

    /// All points in their order.
    pub fn points(&self) -> impl Iterator<Item = Vec<&Value>> {
        (0..self.len()).map_while(|point| self.point(point))
    }

    /// The axes as the statistics take them, one entry a point.
    pub fn factors(&self) -> Vec<Factor> {
        let factor = |column: &Column| {
            let name = column.name.clone();
            let levels = (0..self.len()).map(|point| self.level_of(point, column));
            if column.drawn {
                let number = |level| column.values.get(level).and_then(Value::number);
                Factor::Drawn { name, numbers: levels.map(number).collect() }
            } else {
                let labels = column.values.iter().map(Value::to_string).collect();
                Factor::Listed { name, labels, levels: levels.collect() }
            }
        };
        self.columns.iter().map(factor).collect()
    }
}

fn draw(distribution: &Distribution, shares: &[f64]) -> Vec<Value> {
    shares.iter().map(|&share| Value::from(distribution.quantile(share))).collect()
}

fn check_names(axes: &[Axis]) -> Result<(), DesignError> {
    let (mut names, mut paths) = (BTreeSet::new(), BTreeSet::new());
    for (place, axis) in axes.iter().enumerate() {
        if let Some(problem) = axis.naming_problem() {
            let place = format!("number {}", place + 1);
            let called = [axis.name(), axis.path.trim(), &place];
            let called = called.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
            return Err(DesignError::of_axis(called, problem));
        }
        if !paths.insert(axis.path.trim()) {
            return Err(DesignError::SamePath(axis.path.trim().to_owned()));
        }
        if !names.insert(axis.name()) {
            return Err(DesignError::SameName(axis.name().to_owned()));
        }
    }
    Ok(())
}

/// Crossed axes with the same value twice would run the same point twice.
fn check_different(axis: &str, values: &[Value], combine: Combine) -> Result<(), DesignError> {
    let mut seen = BTreeSet::new();
    match values.iter().find(|value| !seen.insert(value.text())) {
        Some(twice) if combine == Combine::Crossed => {
            Err(DesignError::of_axis(axis, format!("`{twice}` is listed twice; remove one")))
        }
        _ => Ok(()),
    }
}

/// How many points the listed axes make, 1 where there is none.
fn listed_points(axes: &[Axis], combine: Combine) -> Result<usize, DesignError> {
    let counts = axes.iter().filter_map(|axis| Some((axis.name(), axis.values.listed_count()?)));
    let mut points: usize = 1;
    let mut first: Option<(&str, usize)> = None;
    for (name, count) in counts {
        if count > MAX_POINTS {
            return Err(DesignError::TooManyPoints);
        }
        match (combine, first) {
            // An axis without values is told later, by itself.
            (Combine::Crossed, _) => {
                points = points.checked_mul(count.max(1)).ok_or(DesignError::TooManyPoints)?;
            }
            (Combine::Zipped, None) => {
                points = count;
                first = Some((name, count));
            }
            (Combine::Zipped, Some((first, first_count))) if first_count != count => {
                let (first, second) = (first.to_owned(), name.to_owned());
                let second_count = count;
                return Err(DesignError::UnequalLengths {
                    first,
                    first_count,
                    second,
                    second_count,
                });
            }
            (Combine::Zipped, Some(_)) => {}
        }
    }
    Ok(points)
}

/// How many rows are drawn, 1 where nothing is.
fn drawn_rows(axes: &[Axis], samples: usize, sampling: Sampling) -> Result<usize, DesignError> {
    let drawn: Vec<&Axis> = axes.iter().filter(|axis| axis.values.is_drawn()).collect();
    match (drawn.first(), samples) {
        (None, 0) => Ok(1),
        (None, _) => Err(DesignError::NothingToSample(samples)),
        (Some(axis), 0) => Err(DesignError::NoSamples(axis.name().to_owned())),
        (Some(_), _) if sampling == Sampling::LatinHypercube => Ok(samples),
        (Some(_), _) if samples > MAX_SOBOL_ROWS => Err(DesignError::TooManySobolRows(samples)),
        (Some(_), _) if drawn.len() > MAX_SOBOL_AXES => {
            Err(DesignError::TooManySobolAxes(drawn.len()))
        }
        (Some(_), _) => Ok(samples),
    }
}
