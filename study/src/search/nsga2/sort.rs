//! Fast nondominated sorting and crowding distance. Scores in, places in the list out.

use super::super::score::Score;
use std::cmp::Ordering;

/// The fronts, the best first: fast-non-dominated-sort, section III-A, page 184. No more of them
/// than hold `enough` members together.
pub(in super::super) fn fronts(scores: &[&Score], enough: usize) -> Vec<Vec<usize>> {
    // S_p, those that p dominates, and n_p, how many dominate it.
    let mut dominated: Vec<Vec<usize>> = vec![Vec::new(); scores.len()];
    let mut dominators = vec![0_usize; scores.len()];
    for (p, score) in scores.iter().enumerate() {
        for (q, other) in scores.iter().enumerate().skip(p + 1) {
            match relation(score, other) {
                Ordering::Less => {
                    dominated[p].push(q);
                    dominators[q] += 1;
                }
                Ordering::Greater => {
                    dominated[q].push(p);
                    dominators[p] += 1;
                }
                Ordering::Equal => {}
            }
        }
    }
    let mut fronts = Vec::new();
    let mut sorted = 0;
    let mut front: Vec<usize> = (0..scores.len()).filter(|&p| dominators[p] == 0).collect();
    while !front.is_empty() && sorted < enough {
        let mut next = Vec::new();
        for &p in &front {
            for &q in &dominated[p] {
                dominators[q] -= 1;
                if dominators[q] == 0 {
                    next.push(q);
                }
            }
        }
        sorted += front.len();
        fronts.push(std::mem::replace(&mut front, next));
    }
    fronts
}

/// Less where `a` constrained-dominates `b` (section VI-A, definition 1), greater where `b`
/// dominates `a`: [`Score::dominates`] both ways, in one pass.
fn relation(a: &Score, b: &Score) -> Ordering {
    if !(a.feasible() && b.feasible()) {
        return a.violation.total_cmp(&b.violation);
    }
    let (mut better, mut worse) = (false, false);
    for (a, b) in a.objectives.iter().zip(&b.objectives) {
        better |= a < b;
        worse |= a > b;
    }
    match (better, worse) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

/// How lonely each member of a front is: crowding-distance-assignment, section III-B, page 185.
/// Infinite at the ends of each objective.
pub(in super::super) fn crowding(scores: &[&Score], front: &[usize]) -> Vec<f64> {
    let mut distance = vec![0.0; front.len()];
    let objectives = front.first().map_or(0, |&place| scores[place].objectives.len());
    let mut order: Vec<usize> = (0..front.len()).collect();
    for objective in 0..objectives {
        let value = |&member: &usize| scores[front[member]].objectives[objective];
        order.sort_by(|a, b| value(a).total_cmp(&value(b)).then(a.cmp(b)));
        let (Some(first), Some(last)) = (order.first(), order.last()) else { continue };
        let range = value(last) - value(first);
        // An objective that is the same throughout tells nobody apart.
        if range > 0.0 {
            distance[*first] = f64::INFINITY;
            distance[*last] = f64::INFINITY;
            for three in order.windows(3) {
                distance[three[1]] += (value(&three[2]) - value(&three[0])) / range;
            }
        }
    }
    distance
}
