//! What a hostile broker may send: too long, too deep, too many, and not what it seems.
use super::protobuf::{Bytes, named};
use gridtwin_link::payload::{
    Intake, PAYLOAD_MAX, Reason, Taken, VALUES_MAX, What, fuzz_meters, fuzz_topics,
};
use proptest::prelude::*;

fn intake() -> Intake {
    Intake::new(&fuzz_meters())
}

#[test]
fn what_is_too_long_is_not_looked_at() {
    let mut intake = intake();
    let mut out = Vec::new();
    let long = vec![b'1'; 100_000_000];
    for topic in fuzz_topics() {
        let taken = intake.take(&topic, &long, &mut out);
        assert_eq!(taken, Taken::Unreadable(Reason::TooLong));
    }
    let at_the_limit = [b" ".repeat(PAYLOAD_MAX - 1), b"1".to_vec()].concat();
    assert_eq!(intake.take("plain", &at_the_limit, &mut out), Taken::Said);
    let beyond = [b" ".repeat(PAYLOAD_MAX), b"1".to_vec()].concat();
    assert_eq!(intake.take("plain", &beyond, &mut out), Taken::Unreadable(Reason::TooLong));
}

#[test]
fn brackets_without_end_are_too_deep() {
    let mut intake = intake();
    let mut out = Vec::new();
    for text in ["[".repeat(100_000), r#"{"a":"#.repeat(100_000)] {
        for topic in ["json", "s/status/em:0", "tele/t/SENSOR", "zigbee2mqtt/plug"] {
            let taken = intake.take(topic, text.as_bytes(), &mut out);
            assert_eq!(taken, Taken::Unreadable(Reason::TooDeep), "{topic}");
        }
    }
    assert_eq!(out, []);
}

#[test]
fn bytes_that_are_no_text_and_numbers_that_are_none_are_refused() {
    let mut intake = intake();
    let mut out = Vec::new();
    for (topic, payload, reason) in [
        ("plain", &b"\xff\xfe"[..], Reason::NotText),
        ("json", b"{\"a\":\"\xc3\x28\"}", Reason::NotText),
        ("plain", b"NaN", Reason::NotFinite),
        ("plain", b"1e400", Reason::NotFinite),
        ("evcc/site/pvPower", b"-1e400", Reason::NotFinite),
        ("json", b"{\"a\":1e400}", Reason::NotFinite),
        ("json", b"{\"a\":NaN}", Reason::NotJson),
        ("json", b"\0", Reason::NotJson),
    ] {
        let taken = intake.take(topic, payload, &mut out);
        assert_eq!(taken, Taken::Unreadable(reason), "{topic} {payload:?}");
    }
    assert_eq!(out, []);
}

#[test]
fn lengths_that_lie_are_refused() {
    let mut intake = intake();
    let mut out = Vec::new();
    let bombs: [&[u8]; 5] = [
        &[0x12, 0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        // A metric with a name longer than the metric.
        &[0x12, 0x03, 0x0a, 0xff, 0x01],
        // A number without end.
        &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        // Groups within groups.
        &[0x0b; 10_000],
    ];
    for bomb in bombs {
        let taken = intake.take("spBv1.0/G/NBIRTH/N", bomb, &mut out);
        assert_eq!(taken, Taken::Unreadable(Reason::NotProtobuf));
    }
}

#[test]
fn metrics_without_end_are_too_many() {
    let mut intake = intake();
    let mut out = Vec::new();
    let many = [0x12, 0x00].repeat(VALUES_MAX);
    assert_eq!(intake.take("spBv1.0/G/NBIRTH/N", &many, &mut out), Taken::Nothing);
    let more = [0x12, 0x00].repeat(VALUES_MAX + 1);
    let taken = intake.take("spBv1.0/G/NBIRTH/N", &more, &mut out);
    assert_eq!(taken, Taken::Unreadable(Reason::TooMany));
}

#[test]
fn a_hundred_thousand_topics_leave_nothing_behind() {
    let mut intake = intake();
    let before = intake.held();
    let mut out = Vec::new();
    for n in 0..100_000 {
        for topic in [
            format!("flood/{n}"),
            format!("spBv1.0/G{n}/NBIRTH/N"),
            format!("spBv1.0/G/NBIRTH/N{n}"),
        ] {
            assert_eq!(intake.take(&topic, b"1", &mut out), Taken::Unknown);
        }
    }
    assert_eq!(intake.held(), before);
    assert_eq!(out.capacity(), 0);
}

#[test]
fn a_hundred_thousand_devices_and_aliases_of_a_node_leave_nothing_behind() {
    let mut intake = intake();
    let mut out = Vec::new();
    let birth = |alias: u64| {
        let metrics = (0..100).map(|n| named("p").varint(2, alias + n));
        let others = (0..100).map(|n| named(&format!("m{n}")).varint(2, alias + n));
        let metrics = metrics.chain(others);
        metrics.fold(Bytes::default(), |bytes, metric| bytes.bytes(2, &metric.0)).0
    };
    intake.take("spBv1.0/G/NBIRTH/N", &birth(0), &mut out);
    intake.take("spBv1.0/G/DBIRTH/N/D", &birth(1), &mut out);
    let before = intake.held();
    assert_eq!(before.aliases, 2);
    for n in 0..100_000 {
        let device = format!("spBv1.0/G/DBIRTH/N/D{n}");
        assert_eq!(intake.take(&device, b"\x18\x01", &mut out), Taken::Nothing);
    }
    for n in 0..500 {
        intake.take("spBv1.0/G/DBIRTH/N/D", &birth(n * 100), &mut out);
    }
    let after = intake.held();
    assert_eq!((after.aliases, after.metrics), (before.aliases, before.metrics));
    assert!(after.asks <= 1);
}

proptest! {
    /// Whatever arrives by whatever topic: nothing panics, and what is said is a finite number of
    /// a meter that there is.
    #[test]
    fn any_bytes_are_taken(
        topic in prop_oneof![
            4 => proptest::sample::select(fuzz_topics()),
            1 => ".{0,40}",
            1 => "spBv1.0/[GN/DA-Z]{0,20}",
        ],
        payload in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..400),
            "[-+0-9.,eE aNif\"]{0,20}".prop_map(String::into_bytes),
            "[\\[\\]{}:,\"ab0-9.]{0,60}".prop_map(String::into_bytes),
        ],
    ) {
        let meters = fuzz_meters();
        let mut intake = Intake::new(&meters);
        let mut out = Vec::new();
        let taken = intake.take(&topic, &payload, &mut out);
        let said = matches!(taken, Taken::Said | Taken::Partly { .. });
        prop_assert_eq!(said, !out.is_empty());
        for said in &out {
            prop_assert!((said.meter as usize) < meters.len());
            prop_assert!(!matches!(said.what, What::Value(value) if !value.is_finite()));
        }
        if !fuzz_topics().contains(&topic) && !topic.starts_with("spBv1.0/G/") {
            prop_assert_eq!(taken, Taken::Unknown);
        }
    }

    /// A number that Rust writes is read as the same number.
    #[test]
    fn a_number_is_read_as_it_was_written(value in any::<f64>().prop_filter("", |x| x.is_finite())) {
        for text in [format!("{value}"), format!("{value:e}")] {
            let mut out = Vec::new();
            let meter = super::meter::meter(
                "t",
                gridtwin_twin::scenario::Payload::Plain,
                gridtwin_twin::scenario::Quantity::Power,
            );
            Intake::new(&[meter]).take("t", text.as_bytes(), &mut out);
            prop_assert_eq!(out.first().map(|said| said.what), Some(What::Value(value)));
        }
    }
}
