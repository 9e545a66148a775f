//! Sparkplug B: births, aliases, data, the order of messages, deaths and requests to be born again.
use super::meter::meter;
use super::protobuf::{AT, Bytes, alias, death, named, payload};
use gridtwin_link::payload::{Ask, Intake, Reason, Said, Taken, What};
use gridtwin_twin::scenario::{Meter, Payload, Quantity, Unit};

const NODE: &str = "spBv1.0/Plant/Gateway";
const NBIRTH: &str = "spBv1.0/Plant/NBIRTH/Gateway";
const NDATA: &str = "spBv1.0/Plant/NDATA/Gateway";
const NDEATH: &str = "spBv1.0/Plant/NDEATH/Gateway";
const DBIRTH: &str = "spBv1.0/Plant/DBIRTH/Gateway/PV";
const DDATA: &str = "spBv1.0/Plant/DDATA/Gateway/PV";
const DDEATH: &str = "spBv1.0/Plant/DDEATH/Gateway/PV";

fn metric(topic: &str, name: &str, quantity: Quantity) -> Meter {
    meter(topic, Payload::Sparkplug { metric: name.into() }, quantity)
}

/// Meter 0 is a metric of the node, meter 1 one of its device.
fn intake() -> Intake {
    let device = format!("{NODE}/PV");
    Intake::new(&[
        metric(NODE, "Grid/Power", Quantity::Power),
        metric(&device, "Power", Quantity::Power),
    ])
}

fn node_birth(seq: u64) -> Vec<u8> {
    let bd_seq = named("bdSeq").varint(4, 4).varint(11, 3);
    let rebirth = named("Node Control/Rebirth").varint(4, 11).varint(14, 0);
    let power = named("Grid/Power").varint(2, 1).varint(3, AT + 5).varint(4, 10).double(13, 7.5);
    payload(seq, &[bd_seq, rebirth, power])
}

fn device_birth(seq: u64) -> Vec<u8> {
    let power = named("Power").varint(2, 2).varint(4, 10).double(13, 1.5);
    let other = named("Irradiance").varint(2, 3).varint(4, 9).float(12, 800.0);
    payload(seq, &[power, other])
}

fn data(seq: u64, which: u64, value: f64) -> Vec<u8> {
    payload(seq, &[alias(which).varint(3, AT + 9).double(13, value)])
}

fn born() -> Intake {
    let mut intake = intake();
    let mut out = Vec::new();
    assert_eq!(intake.take(NBIRTH, &node_birth(0), &mut out), Taken::Said);
    assert_eq!(intake.take(DBIRTH, &device_birth(1), &mut out), Taken::Said);
    assert_eq!(intake.asks(0), []);
    intake
}

fn take(intake: &mut Intake, topic: &str, payload: &[u8]) -> (Taken, Vec<Said>) {
    let mut out = Vec::new();
    let taken = intake.take(topic, payload, &mut out);
    (taken, out)
}

fn value(meter: u32, value: f64, stamp: u64) -> Said {
    Said { meter, what: What::Value(value), stamped_ms: Some(stamp as i64) }
}

fn gone(meter: u32) -> Said {
    Said { meter, what: What::Gone, stamped_ms: None }
}

#[test]
fn a_birth_gives_values_and_their_time() {
    let mut intake = intake();
    let read = take(&mut intake, NBIRTH, &node_birth(0));
    assert_eq!(read, (Taken::Said, vec![value(0, 7.5, AT + 5)]));
    // Without a time of its own a metric has that of its message.
    let read = take(&mut intake, DBIRTH, &device_birth(1));
    assert_eq!(read, (Taken::Said, vec![value(1, 1.5, AT)]));
}

#[test]
fn data_is_read_by_the_aliases_of_its_birth() {
    let mut intake = born();
    assert_eq!(take(&mut intake, NDATA, &data(2, 1, 8.0)).1, [value(0, 8.0, AT + 9)]);
    assert_eq!(take(&mut intake, DDATA, &data(3, 2, 2.0)).1, [value(1, 2.0, AT + 9)]);
    // What nobody asked for, and an alias of the other place.
    assert_eq!(take(&mut intake, DDATA, &data(4, 3, 2.0)), (Taken::Nothing, vec![]));
    assert_eq!(take(&mut intake, DDATA, &data(5, 1, 2.0)), (Taken::Nothing, vec![]));
    assert_eq!(intake.asks(0), []);
}

#[test]
fn data_may_come_by_name() {
    let mut intake = born();
    let by_name = payload(2, &[named("Grid/Power").double(13, 9.0)]);
    assert_eq!(take(&mut intake, NDATA, &by_name).1, [value(0, 9.0, AT)]);
}

#[test]
fn a_birth_gives_aliases_anew() {
    let mut intake = born();
    let power = named("Grid/Power").varint(2, 40).varint(4, 10).double(13, 1.0);
    take(&mut intake, NBIRTH, &payload(0, &[power]));
    assert_eq!(take(&mut intake, NDATA, &data(1, 1, 8.0)).0, Taken::Nothing);
    assert_eq!(take(&mut intake, NDATA, &data(2, 40, 8.0)).1, [value(0, 8.0, AT + 9)]);
    // With its node a device has to be born again.
    assert_eq!(
        take(&mut intake, DDATA, &data(3, 2, 8.0)),
        (Taken::Unreadable(Reason::NotBorn), vec![])
    );
}

#[test]
fn several_meters_read_one_metric_each_in_its_unit() {
    let mut watts = metric(NODE, "Grid/Power", Quantity::Power);
    watts.unit = Some(Unit::W);
    let mut intake = Intake::new(&[metric(NODE, "Grid/Power", Quantity::Power), watts]);
    let read = take(&mut intake, NBIRTH, &node_birth(0)).1;
    assert_eq!(read, [value(0, 7.5, AT + 5), value(1, 0.0075, AT + 5)]);
    assert_eq!(take(&mut intake, NDEATH, &death(3)).1, [gone(0), gone(1)]);
}

#[test]
fn numbers_of_every_datatype_are_read() {
    let minus_five = -5_i64 as u64;
    for (datatype, written, read) in [
        (1, Bytes::default().varint(10, 251), -5.0),
        (1, Bytes::default().varint(10, 0xffff_fffb), -5.0),
        (2, Bytes::default().varint(10, 65_531), -5.0),
        (3, Bytes::default().varint(10, 0xffff_fffb), -5.0),
        (3, Bytes::default().varint(10, minus_five), -5.0),
        (3, Bytes::default().varint(11, minus_five), -5.0),
        (4, Bytes::default().varint(11, minus_five), -5.0),
        (5, Bytes::default().varint(10, 251), 251.0),
        (6, Bytes::default().varint(10, 65_531), 65_531.0),
        (7, Bytes::default().varint(10, 0xffff_fffb), 4_294_967_291.0),
        (7, Bytes::default().varint(11, 0xffff_fffb), 4_294_967_291.0),
        (8, Bytes::default().varint(11, 1 << 40), 1_099_511_627_776.0),
        (9, Bytes::default().float(12, 0.5), 0.5),
        (10, Bytes::default().double(13, -0.1), -0.1),
        (11, Bytes::default().varint(14, 1), 1.0),
        (11, Bytes::default().varint(14, 0), 0.0),
    ] {
        let mut metric = named("Grid/Power").varint(2, 1).varint(4, datatype);
        metric.0.extend(&written.0);
        let mut intake = intake();
        let said = take(&mut intake, NBIRTH, &payload(0, &[metric])).1;
        assert_eq!(said, [value(0, read, AT)], "datatype {datatype}");
        // Data leaves the datatype to the birth.
        let mut metric = alias(1);
        metric.0.extend(&written.0);
        let said = take(&mut intake, NDATA, &payload(1, &[metric])).1;
        assert_eq!(said, [value(0, read, AT)], "datatype {datatype}");
    }
}

#[test]
fn what_is_no_number_is_refused() {
    for (metric, reason) in [
        (alias(1).bytes(15, b"12"), Reason::WrongShape),
        (alias(1).bytes(16, b"12"), Reason::WrongShape),
        (alias(1).varint(4, 13).varint(11, AT), Reason::WrongShape),
        (alias(1).double(13, f64::NAN), Reason::NotFinite),
        (alias(1).float(12, f32::INFINITY), Reason::NotFinite),
    ] {
        let read = take(&mut born(), NDATA, &payload(2, &[metric]));
        assert_eq!(read, (Taken::Unreadable(reason), vec![]));
    }
}

#[test]
fn null_what_has_no_value_and_history_say_nothing() {
    for metric in
        [alias(1).varint(7, 1), alias(1), alias(1).varint(5, 1).double(13, 4.0), Bytes::default()]
    {
        assert_eq!(take(&mut born(), NDATA, &payload(2, &[metric])), (Taken::Nothing, vec![]));
    }
}

#[test]
fn a_value_that_its_node_calls_bad_or_stale_has_gone() {
    for (quality, said) in [(192, value(0, 4.0, AT)), (500, gone(0)), (0, gone(0))] {
        let other = Bytes::default().varint(1, 3).varint(3, 1);
        let code = Bytes::default().varint(1, 3).varint(3, quality);
        let properties = Bytes::default()
            .bytes(1, b"Unit")
            .bytes(1, b"Quality")
            .bytes(2, &other.0)
            .bytes(2, &code.0);
        let metric = alias(1).bytes(9, &properties.0).double(13, 4.0);
        let said_now = take(&mut born(), NDATA, &payload(2, &[metric])).1;
        let whats: Vec<_> = said_now.iter().map(|said| said.what).collect();
        assert_eq!(whats, [said.what], "quality {quality}");
    }
}

#[test]
fn data_before_a_birth_says_nothing_and_asks_for_one() {
    let mut intake = intake();
    let read = take(&mut intake, NDATA, &data(7, 1, 8.0));
    assert_eq!(read, (Taken::Unreadable(Reason::NotBorn), vec![]));
    let metric = named("Node Control/Rebirth").varint(3, 1234).varint(4, 11).varint(14, 1);
    let payload = Bytes::default().varint(1, 1234).bytes(2, &metric.0).0;
    let ask = Ask { topic: "spBv1.0/Plant/NCMD/Gateway".into(), payload };
    assert_eq!(intake.asks(1234), [ask]);
    assert_eq!(intake.asks(1234), []);
}

#[test]
fn data_of_a_device_before_its_birth_asks_its_node() {
    let mut intake = intake();
    take(&mut intake, NBIRTH, &node_birth(0));
    let read = take(&mut intake, DDATA, &data(1, 2, 8.0));
    assert_eq!(read.0, Taken::Unreadable(Reason::NotBorn));
    assert_eq!(intake.asks(0).len(), 1);
}

#[test]
fn the_sequence_wraps_after_255() {
    let mut intake = born();
    for seq in 2..600_u64 {
        assert_eq!(take(&mut intake, NDATA, &data(seq % 256, 1, 8.0)).0, Taken::Said);
    }
    assert_eq!(intake.asks(0), []);
}

#[test]
fn a_gap_asks_for_a_birth_and_what_came_is_used() {
    let mut intake = born();
    assert_eq!(take(&mut intake, NDATA, &data(4, 1, 8.0)).0, Taken::Said);
    assert_eq!(intake.asks(0).len(), 1);
    assert_eq!(take(&mut intake, NDATA, &data(5, 1, 8.0)).0, Taken::Said);
    assert_eq!(intake.asks(0), []);
}

#[test]
fn devices_that_nobody_asked_for_count_in_the_sequence_all_the_same() {
    let mut intake = born();
    let other = "spBv1.0/Plant/DDATA/Gateway/Pump";
    assert!(intake.subscriptions().contains(&"spBv1.0/Plant/DDATA/Gateway/+".to_owned()));
    assert_eq!(take(&mut intake, other, &data(2, 77, 1.0)), (Taken::Nothing, vec![]));
    assert_eq!(take(&mut intake, NDATA, &data(3, 1, 8.0)).0, Taken::Said);
    assert_eq!(intake.asks(0), []);
}

#[test]
fn a_node_that_stays_broken_is_not_asked_with_every_message() {
    let mut intake = intake();
    let mut asks = 0;
    for _ in 0..10_000 {
        take(&mut intake, NDATA, &data(7, 1, 8.0));
        asks += intake.asks(0).len();
    }
    assert!((5..=15).contains(&asks), "{asks}");
}

#[test]
fn a_node_whose_births_are_always_followed_by_a_gap_is_not_asked_with_every_birth() {
    let mut intake = intake();
    let mut asks = 0;
    for _ in 0..10_000 {
        take(&mut intake, NBIRTH, &node_birth(0));
        take(&mut intake, NDATA, &data(7, 1, 8.0));
        asks += intake.asks(0).len();
    }
    assert!((5..=20).contains(&asks), "{asks}");
}

#[test]
fn a_nodes_death_is_that_of_its_devices_too() {
    let mut intake = born();
    assert_eq!(take(&mut intake, NDEATH, &death(3)), (Taken::Said, vec![gone(0), gone(1)]));
    // The will of the same connection, after it has said goodbye itself.
    assert_eq!(take(&mut intake, NDEATH, &death(3)), (Taken::Nothing, vec![]));
    let read = take(&mut intake, DDATA, &data(2, 2, 8.0));
    assert_eq!(read.0, Taken::Unreadable(Reason::NotBorn));
}

#[test]
fn the_death_of_an_earlier_birth_comes_too_late() {
    let mut intake = born();
    assert_eq!(take(&mut intake, NDEATH, &death(2)), (Taken::Nothing, vec![]));
    let unnumbered = Bytes::default().varint(1, AT).0;
    assert_eq!(take(&mut intake, NDEATH, &unnumbered), (Taken::Nothing, vec![]));
    assert_eq!(take(&mut intake, NDATA, &data(2, 1, 8.0)).0, Taken::Said);
}

#[test]
fn a_devices_death_is_its_own() {
    let mut intake = born();
    assert_eq!(take(&mut intake, DDEATH, &payload(2, &[])), (Taken::Said, vec![gone(1)]));
    assert_eq!(take(&mut intake, NDATA, &data(3, 1, 8.0)).0, Taken::Said);
    assert_eq!(intake.asks(0), []);
    assert_eq!(take(&mut intake, DBIRTH, &device_birth(4)).1, [value(1, 1.5, AT)]);
    assert_eq!(take(&mut intake, DDATA, &data(5, 2, 2.5)).1, [value(1, 2.5, AT + 9)]);
}

#[test]
fn only_configured_nodes_are_followed_and_only_their_topics_asked_for() {
    let mut intake = intake();
    let filters: Vec<String> = ["BIRTH", "DATA", "DEATH"]
        .iter()
        .map(|kind| format!("spBv1.0/Plant/D{kind}/Gateway/+"))
        .chain(["BIRTH", "DATA", "DEATH"].map(|kind| format!("spBv1.0/Plant/N{kind}/Gateway")))
        .collect();
    assert_eq!(intake.subscriptions(), filters);
    for topic in [
        "spBv1.0/Plant/NBIRTH/Other",
        "spBv1.0/Else/NBIRTH/Gateway",
        "spBv1.0/Plant/NCMD/Gateway",
        "spBv1.0/STATE/host",
    ] {
        assert_eq!(take(&mut intake, topic, &node_birth(0)), (Taken::Unknown, vec![]), "{topic}");
    }
}

#[test]
fn a_message_that_is_cut_short_changes_nothing() {
    let birth = node_birth(0);
    for end in 1..birth.len() {
        let mut intake = born();
        let (taken, out) = take(&mut intake, NBIRTH, &birth[..end]);
        if taken == Taken::Unreadable(Reason::NotProtobuf) {
            assert_eq!(out, []);
            assert_eq!(take(&mut intake, NDATA, &data(2, 1, 8.0)).0, Taken::Said);
        }
    }
    let mut intake = born();
    let text = take(&mut intake, NDATA, br#"{"metrics":[]}"#);
    assert_eq!(text, (Taken::Unreadable(Reason::NotProtobuf), vec![]));
}
