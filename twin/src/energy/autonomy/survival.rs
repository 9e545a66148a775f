//! What outages from every hour of a run add up to.

use super::outage::{End, Outage};
use super::{Course, Site};
use gridtwin_kernel::Streams;

/// Where gensets fail at random, about so many outages are followed: a year's hours, each once, or
/// fewer hours several times.
const OUTAGES: usize = 8760;
/// The most outages from one start.
const MOST_DRAWS: usize = 100;

/// How long a site survives outages that begin at every hour of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survival {
    /// Hours at which an outage was begun.
    pub starts: usize,
    /// Outages followed: more than starts where gensets fail at random.
    pub outages: usize,
    /// Of the outages, those that the run's end cut short: how long they would have been survived is
    /// not known.
    pub censored: usize,
    /// How long an outage was followed at most, h.
    pub horizon_h: f64,
    /// The probability of surviving h hours or more, for h = 0, 1, 2, ..: as far as any outage was
    /// followed. Where some are cut short it is E. L. Kaplan and P. Meier's estimate,
    /// "Nonparametric estimation from incomplete observations", Journal of the American Statistical
    /// Association 53 (1958) 457.
    pub curve: Vec<f64>,
    /// Mean hours survived, what is beyond the end of the curve left out.
    pub mean_h: f64,
    /// Hours that half of the outages survive; none where more than half outlast the curve.
    pub median_h: Option<f64>,
    /// Hours survived from the worst start, where any outage was not survived to its end.
    pub shortest_h: Option<f64>,
    /// The step of that start; of several the first.
    pub worst_start: Option<usize>,
    /// Hours of the longest outage survived, as far as it was followed.
    pub longest_h: f64,
}

/// How long one outage is survived.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Survived {
    /// Hours in which demand was met, in whole steps.
    pub hours: f64,
    /// Whether demand was not met in the step that followed; else the outage was followed no further.
    pub fell_short: bool,
}

/// Follows one outage from a step of a course for at most `horizon_h`; none where the course has no
/// such step, or is none of this site.
pub fn survived(site: &Site, course: &Course, start: usize, horizon_h: f64) -> Option<Survived> {
    let whole = start < course.len() && course.is_of(site);
    let steps = steps_of(course, horizon_h).filter(|_| whole)?;
    let mut stream = Streams::new(site.seed).stream("autonomy/gensets");
    let (survived, end) = Outage::new(site, course).last(start, steps, &mut stream);
    Some(Survived { hours: survived as f64 * course.step_h, fell_short: end == End::Short })
}

/// Whole steps within a horizon, if there is anything to follow.
fn steps_of(course: &Course, horizon_h: f64) -> Option<usize> {
    let steps = (horizon_h / course.step_h + 1e-9) as usize;
    (course.step_h > 0.0 && steps > 0).then_some(steps)
}

/// Follows outages from every hour of a course for at most `horizon_h`.
///
/// Hours survived are whole steps: an outage that demand outruns within a step has survived up to
/// its beginning. None where there is nothing to follow, or where the course is none of this site.
pub fn survival(site: &Site, course: &Course, horizon_h: f64) -> Option<Survival> {
    let step_h = course.step_h;
    let whole = !course.is_empty() && course.is_of(site);
    let steps = steps_of(course, horizon_h).filter(|_| whole)?;
    let stride = ((1.0 / step_h).round() as usize).max(1);
    let starts = course.len().div_ceil(stride);
    let fails = site.gensets.iter().any(|genset| genset.failures.is_some())
        && course.fuel_l.iter().any(|&litres| litres > 0.0);
    let draws = if fails { (OUTAGES / starts).clamp(1, MOST_DRAWS) } else { 1 };

    let mut outage = Outage::new(site, course);
    let mut stream = Streams::new(site.seed).stream("autonomy/gensets");
    let mut all = Tally { short: vec![0; steps], followed: vec![0; steps + 1], ..Tally::default() };
    for start in (0..course.len()).step_by(stride) {
        for _ in 0..draws {
            let (survived, end) = outage.last(start, steps, &mut stream);
            all.add(start, survived, end);
        }
    }
    let outages = starts * draws;
    Some(all.survival(starts, outages, step_h, horizon_h))
}

/// Outages by how many steps they were survived.
#[derive(Default)]
struct Tally {
    /// How many fell short after so many steps.
    short: Vec<usize>,
    /// How many were followed for so many steps and no further, and survived.
    followed: Vec<usize>,
    censored: usize,
    worst: Option<(usize, usize)>,
    longest: usize,
}

impl Tally {
    fn add(&mut self, start: usize, survived: usize, end: End) {
        self.longest = self.longest.max(survived);
        match end {
            End::Short => {
                self.short[survived] += 1;
                if self.worst.is_none_or(|(least, _)| survived < least) {
                    self.worst = Some((survived, start));
                }
            }
            End::Followed | End::Unknown => {
                self.followed[survived] += 1;
                self.censored += usize::from(end == End::Unknown);
            }
        }
    }

    fn survival(self, starts: usize, outages: usize, step_h: f64, horizon_h: f64) -> Survival {
        let mut at_risk = outages;
        let (mut share, mut mean_h) = (1.0, 0.0);
        let mut median_h = None;
        let mut curve = vec![1.0];
        for (i, &short) in self.short.iter().enumerate() {
            at_risk -= self.followed[i];
            if at_risk == 0 {
                break;
            }
            share *= 1.0 - short as f64 / at_risk as f64;
            at_risk -= short;
            mean_h += share * step_h;
            if share <= 0.5 && median_h.is_none() {
                median_h = Some(i as f64 * step_h);
            }
            // Survival of h hours is that of the last whole step within them.
            let hours = ((i + 1) as f64 * step_h + 1e-9) as usize;
            while curve.len() <= hours {
                curve.push(share);
            }
            if at_risk == 0 {
                // Nobody is left: the rest of the curve is nil where all fell short.
                if share <= 0.0 {
                    curve.resize((horizon_h + 1e-9) as usize + 1, 0.0);
                }
                break;
            }
        }
        Survival {
            starts,
            outages,
            censored: self.censored,
            horizon_h,
            curve,
            mean_h,
            median_h,
            shortest_h: self.worst.map(|(least, _)| least as f64 * step_h),
            worst_start: self.worst.map(|(_, start)| start),
            longest_h: self.longest as f64 * step_h,
        }
    }
}
