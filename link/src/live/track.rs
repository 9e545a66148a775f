//! One meter's readings, up to their mean over an interval. Not the site's use of it.

use crate::payload::What;
use crate::quality::{
    Counter, EnergyMean, Limits, Mean, PowerMean, Presence, Quality, Silence, Watch,
};
use gridtwin_kernel::SimTime;
use gridtwin_twin::scenario::{Meter, Quantity};

/// An interval of which less than this share is covered by readings follows the model.
const COVERED: f64 = 0.5;

/// The state of a meter.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    pub(crate) watch: Watch,
    pub(crate) silence: Silence,
    sums: Sums,
    /// The last reading that was used,
    pub(crate) last: Option<(SimTime, f64)>,
    /// the last of the interval that is not closed yet or of those before,
    pub(crate) settled: Option<(SimTime, f64)>,
    /// and early readings of a later one.
    ahead: Vec<(SimTime, f64)>,
    /// How its readings made the interval that ended last.
    pub(crate) mean: Option<Mean>,
    /// Whether it was absent when last asked.
    pub(crate) absent: bool,
}

/// What is added up over an interval.
#[derive(Clone, Debug)]
enum Sums {
    Power(PowerMean),
    Energy(Counter, EnergyMean),
    /// States are not added up.
    State,
}

impl Track {
    pub(crate) fn new(meter: &Meter, limits: Limits, most_kw: f64) -> Self {
        let silence = Silence::new(meter, SimTime::ZERO);
        let sums = match meter.quantity {
            Quantity::Power => Sums::Power(PowerMean::new(SimTime::ZERO, silence.limit())),
            Quantity::Energy | Quantity::EnergyReturned => {
                Sums::Energy(Counter::new(meter, most_kw), EnergyMean::new(SimTime::ZERO))
            }
            Quantity::Soc | Quantity::Voltage => Sums::State,
        };
        let watch = Watch::new(meter, limits);
        let (last, settled, ahead) = (None, None, Vec::new());
        Self { watch, silence, sums, last, settled, ahead, mean: None, absent: false }
    }

    /// Takes a reading. The interval that is closed next ends at `end`.
    pub(crate) fn take(
        &mut self,
        at: SimTime,
        stamped: Option<SimTime>,
        what: What,
        end: SimTime,
    ) -> Quality {
        let value = match what {
            What::Value(value) => value,
            What::Gone => {
                self.silence.gone(at);
                return Quality::Good;
            }
        };
        let quality = self.watch.judge(at, stamped, value);
        if !quality.is_used() {
            return quality;
        }
        let taken_at = self.watch.taken_at();
        self.silence.hear(taken_at);
        self.last = Some((taken_at, value));
        if taken_at < end {
            self.settle(taken_at, value);
        } else {
            self.ahead.push((taken_at, value));
        }
        quality
    }

    fn settle(&mut self, at: SimTime, value: f64) {
        self.settled = Some((at, value));
        match &mut self.sums {
            Sums::Power(mean) => mean.push(at, value),
            Sums::Energy(counter, mean) => mean.push(&counter.read(at, value)),
            Sums::State => {}
        }
    }

    /// Ends an interval, and returns the mean power over it if its readings cover enough of it. A
    /// counter's reading after the end covers the time before it, too.
    pub(crate) fn close(&mut self, end: SimTime) -> Option<f64> {
        if let Sums::Energy(..) = self.sums
            && !self.ahead.is_empty()
        {
            let (at, value) = self.ahead.remove(0);
            self.settle(at, value);
        }
        let mean = match &mut self.sums {
            Sums::Power(mean) => mean.finish(end),
            Sums::Energy(_, mean) => mean.finish(end).mean(),
            Sums::State => None,
        };
        self.mean = mean.filter(|mean| mean.covered >= COVERED);
        self.mean.map(|mean| mean.kw)
    }

    /// An interval has been closed, and the next ends at `end`: takes early readings into it.
    pub(crate) fn go_on(&mut self, end: SimTime) {
        let count = self.ahead.iter().take_while(|(at, _)| *at < end).count();
        for (at, value) in self.ahead.drain(..count).collect::<Vec<_>>() {
            self.settle(at, value);
        }
    }

    pub(crate) fn presence(&self, now: SimTime) -> Presence {
        self.silence.presence(now)
    }

    /// The last reading before the interval's end, where it was taken after `from`.
    pub(crate) fn last_in(&self, from: SimTime, until: SimTime) -> Option<f64> {
        self.settled.filter(|&(at, _)| from < at && at <= until).map(|(_, value)| value)
    }

    /// The last reading, unless the meter is absent.
    pub(crate) fn fresh(&self, now: SimTime) -> Option<f64> {
        self.last.filter(|_| !self.presence(now).is_absent()).map(|(_, value)| value)
    }
}
