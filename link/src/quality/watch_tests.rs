use super::tests_support::meter;
use super::*;
use crate::quality::{LATE_AFTER, STEADY};
use gridtwin_kernel::Span;
use proptest::prelude::*;

fn at(seconds: u64) -> SimTime {
    SimTime(Span::from_secs(seconds).0)
}

fn watch() -> Watch {
    Watch::new(&meter(), Limits::rated(0.0, 100.0))
}

#[test]
fn a_plain_reading_is_good() {
    let mut watch = watch();
    assert_eq!(watch.judge(at(10), None, 5.0), Quality::Good);
    assert_eq!(watch.judge(at(20), Some(at(20)), 5.0), Quality::Good);
    assert_eq!(watch.taken_at(), at(20));
    assert_eq!(watch.count(Quality::Good), 2);
}

#[test]
fn what_is_no_number_or_beyond_the_device_is_absurd() {
    let mut watch = watch();
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 125.1, -125.1, 1e300] {
        assert_eq!(watch.judge(at(1), None, value), Quality::Absurd);
    }
    assert_eq!(watch.absurd_in_a_row(), 6);
    assert_eq!(watch.judge(at(2), None, 125.0), Quality::Good);
    assert_eq!(watch.absurd_in_a_row(), 0);
}

#[test]
fn a_state_of_charge_of_two_is_absurd_whatever_the_limits() {
    let soc = Meter { quantity: Quantity::Soc, ..meter() };
    let mut watch = Watch::new(&soc, Limits::NONE);
    assert_eq!(watch.judge(at(1), None, 2.0), Quality::Absurd);
    assert_eq!(watch.judge(at(1), None, 1.0), Quality::Good);
}

#[test]
fn only_a_stamp_that_comes_again_makes_a_repetition() {
    let mut watch = watch();
    assert_eq!(watch.judge(at(10), Some(at(10)), 5.0), Quality::Good);
    assert_eq!(watch.judge(at(11), Some(at(10)), 5.0), Quality::Repeated);
    // The same value anew is a value that stays.
    assert_eq!(watch.judge(at(20), Some(at(20)), 5.0), Quality::Good);
    // A stamp in whole seconds may occur on two messages.
    assert_eq!(watch.judge(at(20), Some(at(20)), 6.0), Quality::Good);
    assert_eq!(watch.runs().now.readings, 1);
    // Without a stamp nothing can be known.
    assert_eq!(watch.judge(at(30), None, 6.0), Quality::Good);
    assert_eq!(watch.judge(at(30), None, 6.0), Quality::Good);
}

#[test]
fn a_late_reading_is_used_at_the_instant_that_it_was_taken_at() {
    let mut watch = watch();
    watch.judge(at(100), Some(at(99)), 1.0);
    assert_eq!(watch.judge(at(170), Some(at(109)), 2.0), Quality::Late);
    let taken = watch.taken_at();
    assert!(taken >= at(109) && taken <= at(111), "{taken}");
    // The one that it overtook was sent before it and comes after it.
    assert_eq!(watch.judge(at(171), Some(at(108)), 3.0), Quality::OutOfOrder);
    assert_eq!(watch.judge(at(172), Some(at(171)), 3.0), Quality::Good);
    assert_eq!(watch.taken_at(), at(172));
}

#[test]
fn stamps_of_1970_and_2200_are_not_believed_but_the_reading_is() {
    let mut watch = watch();
    let start = 40 * 86_400;
    // Stamps before the start count as the start.
    assert_eq!(watch.judge(at(start), Some(SimTime::ZERO), 1.0), Quality::Good);
    assert_eq!(watch.judge(at(start + 10), Some(at(start + 5_500_000_000)), 1.0), Quality::Good);
    assert_eq!(watch.judge(at(start + 20), Some(at(86_400)), 1.0), Quality::Good);
    assert_eq!(watch.judge(at(start + 30), Some(SimTime::MAX), 1.0), Quality::Good);
    assert_eq!(watch.disbelieved_stamps(), 4);
    assert_eq!(watch.count(Quality::Good), 4);
}

#[test]
fn a_clock_two_hours_ahead_is_no_matter() {
    let mut watch = watch();
    for i in 0..100 {
        let now = 10_000 + 10 * i;
        assert_eq!(watch.judge(at(now), Some(at(now + 7200)), i as f64 / 2.0), Quality::Good);
    }
    assert_eq!(watch.judge(at(11_100), Some(at(11_000 + 7200)), 1.0), Quality::Late);
}

#[test]
fn a_clock_that_is_put_back_an_hour_is_believed_after_some_readings() {
    let mut watch = watch();
    for i in 0..50 {
        watch.judge(at(10_000 + 10 * i), Some(at(10_000 + 10 * i)), 1.0);
    }
    let after: Vec<Quality> =
        (0..20).map(|i| watch.judge(at(10_500 + 10 * i), Some(at(6_900 + 10 * i)), 1.0)).collect();
    let refused = after.iter().filter(|quality| !quality.is_used()).count();
    assert_eq!(refused as u32, STEADY - 1);
    assert!(after.iter().skip(STEADY as usize).all(|&quality| quality == Quality::Good));
    assert_eq!(watch.clock_set(), 1);
}

#[test]
fn what_was_kept_and_is_sent_at_once_is_late_to_its_end() {
    let mut watch = watch();
    watch.judge(at(1_000), Some(at(1_000)), 1.0);
    for i in 1..=60 {
        let stamp = 1_000 + 10 * i;
        let arrival = SimTime(at(2_000).0 + i * 1_000_000);
        assert_eq!(watch.judge(arrival, Some(at(stamp)), i as f64), Quality::Late, "{i}");
        assert!(watch.taken_at() <= at(stamp) + LATE_AFTER);
    }
    assert_eq!(watch.judge(at(2_010), Some(at(2_010)), 1.0), Quality::Good);
}

#[test]
fn a_frozen_value_is_only_counted_until_it_moves_and_teaches_nothing() {
    let mut watch = watch();
    for i in 0..500 {
        watch.judge(at(i * 10), None, 50.0);
    }
    watch.freeze(49.0);
    assert_eq!(watch.judge(at(5_000), None, 50.0), Quality::Good);
    watch.freeze(50.0);
    assert_eq!(watch.judge(at(5_005), None, 50.0), Quality::Frozen);
    assert_eq!(watch.runs().now.readings, 502);
    assert_eq!(watch.judge(at(5_010), None, 51.0), Quality::Good);
    assert_eq!(watch.runs().longest, 0);
    assert_eq!(watch.judge(at(5_020), None, 50.0), Quality::Good);
    assert_eq!(watch.judge(at(5_030), None, 50.0), Quality::Good);
    assert_eq!(watch.judge(at(5_040), None, 52.0), Quality::Good);
    assert_eq!(watch.runs().longest, 2);
    assert_eq!(watch.runs().finest, Some(1.0));
}

#[test]
fn a_night_of_zeros_is_no_long_run() {
    let mut watch = watch();
    for i in 0..4_000 {
        watch.judge(at(i * 10), None, 0.0);
    }
    watch.judge(at(50_000), None, 3.0);
    assert_eq!((watch.runs().longest, watch.runs().ended), (0, 0));
}

proptest! {
    #[test]
    fn every_reading_is_counted_once_and_time_never_goes_back(
        readings in prop::collection::vec((any::<u64>(), prop::option::of(any::<u64>()), any::<f64>()), 1..60),
        near in prop::collection::vec((0u64..100, 0u64..200, -2i32..2), 0..60),
    ) {
        let mut watch = watch();
        let mut before = SimTime::ZERO;
        let mut clock = 1_000_000u64;
        let near = near.into_iter().map(|(wait, stamp, value)| {
            clock += wait;
            (at(clock).0, Some(at(clock + 100 - stamp).0), f64::from(value))
        }).collect::<Vec<_>>();
        let all: Vec<_> = readings.into_iter().chain(near).collect();
        for &(when, stamp, value) in &all {
            watch.judge(SimTime(when), stamp.map(SimTime), value);
            prop_assert!(watch.taken_at() >= before);
            before = watch.taken_at();
        }
        let counted: u64 = Quality::ALL.iter().map(|&quality| watch.count(quality)).sum();
        prop_assert_eq!(counted, all.len() as u64);
    }
}
