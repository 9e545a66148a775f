//! An array that yields less than before. Not the performance ratio itself, which is
//! [`Performance`].
//!
//! The model's clouds are not the real ones, unless the sky is measured. But the arrays of a site
//! are under the same sky: the neighbours' ratios of output to model give the available light. So
//! an array has two ratios, to its model and to its model under its neighbours' sky, and either may
//! show a loss.

use super::Expected;
use super::latch::{Evidence, Latch, Turn};
use crate::estimate::pv::Performance;
use crate::estimate::soc::Estimate;
use gridtwin_kernel::{SimTime, Span};

/// An array that loses 30 % under a sky known to 12 % is flagged within this many days, if it was
/// observed for as many before.
pub const SOILED_DAYS: u32 = 14;
/// An array that loses half is flagged within this many days if the sky is unknown but there is a
/// neighbour, if it was observed for as many before. Smaller losses may be found later.
pub const SOILED_DAYS_BESIDE: u32 = 28;

/// The difference of one array's light from its neighbours', which have other orientations.
const NEIGHBOURS_SHARE: f64 = 0.25;
/// Above this share of the best ratio nothing is reported.
const LOSS: f64 = 0.9;
/// Above this share of the best all is well again.
const BACK: f64 = 0.95;
/// The best is forgotten at this rate: the sun's way through the year is not the model's either.
const FORGET_PER_DAY: f64 = 0.001;
/// How sure both ends of the comparison must be, in standard deviations.
const SURE: f64 = 2.0;
const DAYLIGHT_INTERVALS: u32 = 36;

#[derive(Clone, Debug)]
pub(super) struct Soiled {
    pub(super) to_model: Compared,
    to_neighbours: Compared,
    latch: Latch,
}

/// A performance ratio and the best that it surely was.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    pub(super) performance: Performance,
    best: f64,
}

impl Compared {
    fn look(&mut self, kw: Option<f64>, expected: Expected, curtailed: bool, span: Span) -> bool {
        let learned = self.performance.look(kw, expected, curtailed, span);
        let Estimate { value, deviation } = self.performance.ratio();
        self.best -= FORGET_PER_DAY * span.as_hours_f64() / 24.0;
        self.best = self.best.max(value - SURE * deviation);
        learned
    }

    fn has_fallen(&self) -> bool {
        let Estimate { value, deviation } = self.performance.ratio();
        value + SURE * deviation < LOSS * self.best
    }

    fn is_back(&self) -> bool {
        self.performance.ratio().value > BACK * self.best
    }
}

impl Soiled {
    pub(super) fn new(rated_kw: f64) -> Self {
        let compared = Compared { performance: Performance::new(rated_kw), best: 0.0 };
        Self {
            to_model: compared.clone(),
            to_neighbours: compared,
            latch: Latch::new(DAYLIGHT_INTERVALS, DAYLIGHT_INTERVALS),
        }
    }

    pub(super) fn is_raised(&self) -> bool {
        self.latch.is_raised()
    }

    /// `sky` is the neighbours' ratio of output to model, if there are any.
    pub(super) fn look(
        &mut self,
        at: SimTime,
        span: Span,
        metered_kw: Option<f64>,
        (expected, sky): (Expected, Option<f64>),
        curtailed: bool,
    ) -> Option<Turn> {
        let mut learned = self.to_model.look(metered_kw, expected, curtailed, span);
        let under_sky = sky.map(|sky| sky * expected.mean_kw);
        let beside = Expected {
            mean_kw: under_sky.unwrap_or(0.0),
            deviation_kw: NEIGHBOURS_SHARE * under_sky.unwrap_or(0.0),
        };
        learned |= self.to_neighbours.look(metered_kw, beside, curtailed, span);
        if !learned {
            return None;
        }
        let both = [&self.to_model, &self.to_neighbours];
        let evidence = if both.iter().any(|compared| compared.has_fallen()) {
            Evidence::For
        } else if both.iter().all(|compared| compared.is_back()) {
            Evidence::Against
        } else {
            Evidence::None
        };
        self.latch.look(at, evidence)
    }

    pub(super) fn evidence(&self) -> String {
        let (compared, with) = if self.to_neighbours.has_fallen() {
            (&self.to_neighbours, "what its model expects at the irradiance of neighbouring arrays")
        } else {
            (&self.to_model, "what its model expects")
        };
        let Estimate { value, deviation } = compared.performance.ratio();
        let drift = compared.performance.drift_per_day().value;
        format!(
            "It yields {:.0} +- {:.0} % of {with}. Before, it reached at least {:.0} %. The trend \
             is {:.1} % per day.",
            100.0 * value,
            100.0 * deviation,
            100.0 * compared.best,
            100.0 * drift
        )
    }
}
