//! Whether a battery's state of charge and its power fit each other. Not the estimate itself, which
//! is [`SocFilter`].

use super::latch::{Evidence, Latch, Turn};
use crate::estimate::kalman::Innovation;
use crate::estimate::soc::{Battery, SocFilter};
use gridtwin_kernel::{SimTime, Span};

/// Readings of the state of charge beyond the filter's gate are flagged after this many intervals.
pub const WRONG_SOC_AFTER: u32 = 12;
/// A state of charge that moves in the wrong direction is flagged after the metered power has moved
/// it by 3 % of the capacity this many times.
pub const FLIPPED_SOC: u32 = 3;

const MOVE: f64 = 0.03;
/// From here on there is a hint of the way, enough not to think of something else.
const HINT: f64 = 0.01;
/// A stretch with so little energy that it takes longer than this gives no evidence.
const LONGEST: Span = Span::DAY;
/// The range of observed to expected change of the state of charge that determines its direction;
/// beyond the second, power was not the cause.
const CLEAR_WAY: (f64, f64) = (0.4, 2.5);
/// It counts as right again after this many stretches in which it moved in the right direction: one
/// that stands still agrees with the truth by chance now and then.
const FITS_AFTER: u32 = 3;
/// After this many intervals with a constant offset, the meter's value is adopted: it follows the
/// power, from another start.
const ADOPT_AFTER: u32 = 144;
/// By the same amount is within this.
const SAME: f64 = 0.02;

#[derive(Clone, Debug)]
pub(super) struct BatteryWatch {
    pub(super) filter: SocFilter,
    wrong: Latch,
    flipped: Latch,
    stretch: Option<Stretch>,
    last_way: Evidence,
    off: Option<(f64, u32)>,
}

/// From one reading of the state of charge to one some way on.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    since: SimTime,
    soc: f64,
    drawn_kwh: f64,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    pub(super) wrong: Option<Turn>,
    pub(super) innovation: Option<Innovation>,
    /// The state of charge moves in the wrong direction, since then; or in the right one again.
    pub(super) flipped: Option<Turn>,
}

impl BatteryWatch {
    pub(super) fn new(battery: Battery, start: Option<f64>) -> Self {
        Self {
            filter: SocFilter::new(battery, start),
            wrong: Latch::new(WRONG_SOC_AFTER, FITS_AFTER),
            flipped: Latch::new(FLIPPED_SOC, FLIPPED_SOC),
            stretch: None,
            last_way: Evidence::None,
            off: None,
        }
    }

    /// An interval that began at `at`; `soc` is what was read at its end.
    pub(super) fn look(
        &mut self,
        at: SimTime,
        span: Span,
        metered_kw: Option<f64>,
        soc: Option<f64>,
    ) -> Told {
        match metered_kw {
            Some(kw) => self.filter.power(kw, span),
            None => self.filter.unknown(span),
        }
        let flipped = self.follow(at, span, metered_kw, soc);
        let went_right = self.stretch.is_some_and(|stretch| stretch.since == at + span)
            && self.last_way == Evidence::Against;
        let innovation = soc.and_then(|soc| self.filter.metered(soc));
        // Two signs that do not fit explain it better, and what is counted then says nothing.
        let other_way = self.last_way == Evidence::For || self.flipped.is_raised();
        if let Some(soc) = soc.filter(|_| self.flipped.is_raised()) {
            self.filter.adopt(soc);
        }
        let evidence = match innovation {
            _ if other_way && !self.wrong.is_raised() => Evidence::Against,
            _ if other_way => Evidence::None,
            None => Evidence::None,
            Some(innovation) if innovation.taken && self.wrong.is_raised() && !went_right => {
                Evidence::None
            }
            Some(innovation) => Evidence::of(!innovation.taken),
        };
        if let (Some(soc), Some(innovation)) = (soc, innovation) {
            self.adopt_if_same(soc, innovation);
        }
        Told { wrong: self.wrong.look(at, evidence), innovation, flipped }
    }

    /// The direction of the state of charge compared with that of the power.
    fn follow(
        &mut self,
        at: SimTime,
        span: Span,
        metered_kw: Option<f64>,
        soc: Option<f64>,
    ) -> Option<Turn> {
        let battery = self.filter.battery();
        let capacity_kwh = battery.capacity_kwh;
        let (Some(kw), Some(mut stretch)) = (metered_kw, self.stretch) else {
            // Readings are a stretch's two ends: without power in between it begins anew.
            let end = at + span;
            self.last_way = Evidence::None;
            self.stretch = soc.map(|soc| Stretch { since: end, soc, drawn_kwh: 0.0 });
            return None;
        };
        let per_kw =
            if kw > 0.0 { 1.0 / battery.discharge_efficiency } else { battery.charge_efficiency };
        stretch.drawn_kwh += kw * per_kw * span.as_hours_f64();
        self.stretch = Some(stretch);
        let soc = soc?;
        let drawn = stretch.drawn_kwh.abs() / capacity_kwh;
        let moved = drawn >= MOVE;
        if drawn >= HINT {
            let way = (stretch.soc - soc) * capacity_kwh / stretch.drawn_kwh;
            let tells = (CLEAR_WAY.0..CLEAR_WAY.1).contains(&way.abs());
            self.last_way = if tells { Evidence::of(way < 0.0) } else { Evidence::None };
        }
        if moved || at.since(stretch.since) > LONGEST {
            self.stretch = Some(Stretch { since: at + span, soc, drawn_kwh: 0.0 });
        }
        if !moved {
            return None;
        }
        self.flipped.look(stretch.since, self.last_way)
    }

    /// A count that is off by the same amount for hours, while the battery works, only began
    /// elsewhere. One that stands still is not: its distance changes.
    fn adopt_if_same(&mut self, soc: f64, innovation: Innovation) {
        self.off = match self.off {
            _ if innovation.taken => None,
            Some((value, count)) if (value - innovation.value).abs() < SAME => {
                Some((value, count + 1))
            }
            _ => Some((innovation.value, 1)),
        };
        if self.off.is_some_and(|(_, count)| count >= ADOPT_AFTER) {
            self.filter.adopt(soc);
            self.off = None;
        }
    }
}
