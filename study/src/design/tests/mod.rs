//! What a study file is promised. Here are only the helpers.

use super::*;
use proptest::prelude::*;
use ron::extensions::Extensions;
use serde::{Deserialize, Serialize};

mod draws;
mod points;
mod written;

/// The part of a study file that makes the design.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Study {
    axes: Vec<Axis>,
    #[serde(default)]
    combine: Combine,
    #[serde(default)]
    samples: usize,
    #[serde(default)]
    sampling: Sampling,
}

fn options() -> ron::Options {
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME)
        .with_default_extension(Extensions::UNWRAP_NEWTYPES)
}

fn read(text: &str) -> Result<Study, String> {
    options().from_str(text).map_err(|error| error.to_string())
}

fn design(text: &str) -> Result<Design, DesignError> {
    let study = read(text).expect("the text is a study");
    Design::new(&study.axes, study.combine, study.samples, study.sampling, 7)
}

fn texts(design: &Design) -> Vec<Vec<&str>> {
    design.points().map(|point| point.into_iter().map(Value::text).collect()).collect()
}

fn numbers(column: &Column) -> Vec<f64> {
    column.values().iter().map(|value| value.number().expect("a number")).collect()
}

/// The texts of one axis with these values.
fn listed(values: &str) -> String {
    let design = design(&format!("(axes: [(path: \"a\", values: {values})])")).expect("a design");
    texts(&design).concat().join(" ")
}

/// Why one axis with these values is refused, if it is.
fn refused(values: &str) -> Option<String> {
    let text = format!("(axes: [(path: \"a.b\", name: \"size\", values: {values})])");
    let study = read(&text).expect("the text is a study");
    let samples = if study.axes.iter().any(|axis| axis.values.is_drawn()) { 8 } else { 0 };
    let made = Design::new(&study.axes, study.combine, samples, study.sampling, 7);
    made.err().map(|error| error.to_string())
}

fn axis(name: &str, values: Values) -> Axis {
    Axis { path: name.to_owned(), name: None, values }
}

fn drawn(axes: &[Axis], samples: usize, sampling: Sampling) -> Design {
    Design::new(axes, Combine::Crossed, samples, sampling, 42).expect("a design")
}

fn unit(name: &str) -> Axis {
    axis(name, Values::Uniform { from: 0.0, to: 1.0 })
}
