//! What each axis does to a metric, all others averaged over: the bars of a tornado chart, and the
//! share of the metric's variance that goes with the axis.
//!
//! Main effects only: what two axes do together shows in neither. Axes that were zipped change
//! together, and so each shows the effect of all of them.

use super::correlation::spearman;
use super::known;
use super::mean::Interval;
use super::rank::ranks;
use super::running::Running;
use serde::Serialize;

/// A drawn axis's share of variance is taken over groups of at least so many distinct values ..
const VALUES_A_GROUP: usize = 10;
/// .. and at most so many groups.
const MOST_GROUPS: usize = 10;

/// One axis as the points have it, one entry a point.
#[derive(Clone, Debug, PartialEq)]
pub enum Factor {
    /// An axis with few values, each at many points.
    Listed {
        /// What the axis is called.
        name: String,
        /// The values.
        labels: Vec<String>,
        /// Which of them each point has, counted from 0.
        levels: Vec<usize>,
    },
    /// An axis that was drawn, a number a point.
    Drawn {
        /// What the axis is called.
        name: String,
        /// What each point has.
        numbers: Vec<Option<f64>>,
    },
}

/// By what an axis's points are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Grouping {
    /// By value.
    Values,
    /// Into the lowest, middle and highest third of the drawn numbers.
    Thirds,
}

/// The points of an axis that have the same value, or lie in the same third.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// The value, or which third.
    pub label: String,
    /// The lowest and highest number of a third.
    pub range: Option<Interval>,
    /// At how many points the metric is known.
    pub count: usize,
    /// The metric's mean over them.
    pub mean: f64,
}

/// What one axis does to the metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// What the axis is called.
    pub name: String,
    /// What the groups are.
    pub grouping: Grouping,
    /// The groups in the axis's order; those in which the metric is never known are left out.
    pub groups: Vec<Group>,
    /// At how many points axis and metric are known.
    pub count: usize,
    /// At how many either is missing.
    pub missing: usize,
    /// Eta squared, the first-order share of variance, 0 to 1: the sum of squares between groups
    /// over the sum of all squares. `None` where the metric never changes.
    ///
    /// Of a listed axis over its values. Of a drawn axis over one group per ten distinct values,
    /// three to ten groups of equal size, so that the little that a group hides of a steady effect
    /// is about 1/groups² of it. Without any effect it is not 0 but about
    /// (groups − 1) / (count − 1) of independent points.
    pub share_of_variance: Option<f64>,
    /// Of a drawn axis: Spearman's rank correlation of axis and metric.
    pub rank_correlation: Option<f64>,
}

impl Effect {
    /// The group with the lowest mean, the first of equals.
    pub fn lowest(&self) -> Option<&Group> {
        self.groups.iter().min_by(|a, b| a.mean.total_cmp(&b.mean))
    }

    /// The group with the highest mean, the first of equals.
    pub fn highest(&self) -> Option<&Group> {
        self.groups.iter().rev().max_by(|a, b| a.mean.total_cmp(&b.mean))
    }

    /// How far the lowest and highest mean lie apart, in the metric's unit.
    pub fn swing(&self) -> Option<f64> {
        Some(self.highest()?.mean - self.lowest()?.mean)
    }
}

/// The effect of each axis on a metric, the largest swing first; `metric` has one entry a point.
/// Axes of equal swing keep their order, those without any known point come last.
pub fn effects(factors: &[Factor], metric: &[Option<f64>]) -> Vec<Effect> {
    let mut effects: Vec<Effect> = factors.iter().map(|factor| effect(factor, metric)).collect();
    let swing = |effect: &Effect| effect.swing().unwrap_or(-1.0);
    effects.sort_by(|a, b| swing(b).total_cmp(&swing(a)));
    effects
}

fn effect(factor: &Factor, metric: &[Option<f64>]) -> Effect {
    match factor {
        Factor::Listed { name, labels, levels } => listed(name, labels, levels, metric),
        Factor::Drawn { name, numbers } => drawn(name, numbers, metric),
    }
}

fn listed(name: &str, labels: &[String], levels: &[usize], metric: &[Option<f64>]) -> Effect {
    let mut groups = vec![Running::default(); labels.len()];
    let mut all = Running::default();
    for (&level, &entry) in levels.iter().zip(metric) {
        if let (Some(group), Some(number)) = (groups.get_mut(level), known(entry)) {
            group.push(number);
            all.push(number);
        }
    }
    let told = groups.iter().zip(labels).filter_map(|(group, label)| {
        let (count, mean) = (group.count(), group.mean()?);
        Some(Group { label: label.clone(), range: None, count, mean })
    });
    Effect {
        name: name.to_owned(),
        grouping: Grouping::Values,
        groups: told.collect(),
        count: all.count(),
        missing: levels.len().max(metric.len()) - all.count(),
        share_of_variance: share_between(&groups, &all),
        rank_correlation: None,
    }
}

fn drawn(name: &str, numbers: &[Option<f64>], metric: &[Option<f64>]) -> Effect {
    let correlation = spearman(numbers, metric);
    let (numbers, metric): (Vec<f64>, Vec<f64>) = super::pairs(numbers, metric).into_iter().unzip();
    let ranks = ranks(&numbers);
    let mut distinct = ranks.clone();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();

    let all: Running = metric.iter().copied().collect();
    let fine = (distinct.len() / VALUES_A_GROUP).clamp(3, MOST_GROUPS);
    let fine = grouped(&ranks, &metric, fine);
    let thirds = grouped(&ranks, &metric, 3);
    let labels = ["lowest third", "middle third", "highest third"];
    let told = thirds.iter().zip(labels).enumerate().filter_map(|(third, (group, label))| {
        let inside = ranks
            .iter()
            .zip(&numbers)
            .filter(|(rank, _)| group_of(**rank, ranks.len(), 3) == third);
        let nothing = Interval { low: f64::INFINITY, high: f64::NEG_INFINITY };
        let range = inside.fold(nothing, |range, (_, &number)| Interval {
            low: range.low.min(number),
            high: range.high.max(number),
        });
        let (count, mean) = (group.count(), group.mean()?);
        Some(Group { label: label.to_owned(), range: Some(range), count, mean })
    });
    Effect {
        name: name.to_owned(),
        grouping: Grouping::Thirds,
        groups: told.collect(),
        count: correlation.count,
        missing: correlation.missing,
        share_of_variance: share_between(&fine, &all),
        rank_correlation: correlation.coefficient,
    }
}

/// Which of so many equal groups a rank lies in; equal numbers have one rank and stay together.
fn group_of(rank: f64, count: usize, groups: usize) -> usize {
    let group = (rank - 0.5) * groups as f64 / count as f64;
    (group as usize).min(groups - 1)
}

fn grouped(ranks: &[f64], metric: &[f64], groups: usize) -> Vec<Running> {
    let mut running = vec![Running::default(); groups];
    for (&rank, &number) in ranks.iter().zip(metric) {
        if let Some(group) = running.get_mut(group_of(rank, ranks.len(), groups)) {
            group.push(number);
        }
    }
    running
}

/// Eta squared: what of the sum of squares lies between the groups and not inside them.
fn share_between(groups: &[Running], all: &Running) -> Option<f64> {
    let inside: f64 = groups.iter().map(Running::squares).sum();
    let share = 1.0 - inside / all.squares();
    (all.squares() > 0.0 && share.is_finite()).then(|| share.clamp(0.0, 1.0))
}
