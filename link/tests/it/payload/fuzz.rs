//! The entry for fuzzing, exercised without a fuzzer: runs of real messages, mutated.
use super::protobuf::{alias, death, named, payload};
use gridtwin_link::payload::{fuzz_any, fuzz_topics};
use proptest::prelude::*;

const TEXTS: &[&str] = &[
    include_str!("../../fixtures/shelly_em.json"),
    include_str!("../../fixtures/shelly_em_one_phase.json"),
    include_str!("../../fixtures/shelly_emdata.json"),
    include_str!("../../fixtures/shelly_em1.json"),
    include_str!("../../fixtures/shelly_em1data.json"),
    include_str!("../../fixtures/shelly_switch.json"),
    include_str!("../../fixtures/shelly_switch_one_way.json"),
    include_str!("../../fixtures/shelly_pm1.json"),
    include_str!("../../fixtures/tasmota_plug.json"),
    include_str!("../../fixtures/tasmota_two_relays.json"),
    include_str!("../../fixtures/tasmota_three_phases.json"),
    include_str!("../../fixtures/tasmota_sml.json"),
    include_str!("../../fixtures/tasmota_sml_unnamed.json"),
    include_str!("../../fixtures/tasmota_sml_new_names.json"),
    include_str!("../../fixtures/zigbee2mqtt_plug.json"),
    include_str!("../../fixtures/zigbee2mqtt_battery.json"),
    "230.5",
    "\"12\"",
    "",
    "Offline",
    "false",
    r#"{"state":"offline"}"#,
    r#"{"a":{"b":[1.5]},"meters":[{"power":"3"}]}"#,
];

fn message(topic: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("a short message");
    [&[topic], &length.to_be_bytes()[..], payload].concat()
}

/// Every text to every topic.
fn texts() -> Vec<u8> {
    let topics = u8::try_from(fuzz_topics().len()).expect("few topics");
    let messages = (0..=topics).flat_map(|topic| TEXTS.iter().map(move |text| (topic, text)));
    messages.flat_map(|(topic, text)| message(topic, text.as_bytes())).collect()
}

/// The life of a node and its device.
fn life() -> Vec<u8> {
    let to = |topic: &str| {
        let at = fuzz_topics().iter().position(|other| other == topic);
        u8::try_from(at.expect("one of the topics")).expect("few topics")
    };
    let power = named("p").varint(2, 1).varint(3, 9).varint(4, 10).double(13, 1.5);
    let energy = named("e").varint(2, 2).varint(4, 4).varint(11, 700);
    let bd_seq = named("bdSeq").varint(4, 4).varint(11, 3);
    [
        message(to("spBv1.0/G/NDATA/N"), &payload(9, &[alias(1).double(13, 2.5)])),
        message(to("spBv1.0/G/NBIRTH/N"), &payload(0, &[bd_seq, power.clone()])),
        message(to("spBv1.0/G/DBIRTH/N/D"), &payload(1, &[power, energy])),
        message(to("spBv1.0/G/DDATA/N/E"), &payload(2, &[alias(7).varint(14, 1)])),
        message(to("spBv1.0/G/DDATA/N/D"), &payload(3, &[alias(2).varint(11, 701)])),
        message(to("spBv1.0/G/NDATA/N"), &payload(5, &[alias(1).float(12, 2.5)])),
        message(to("spBv1.0/G/DDEATH/N/D"), &payload(6, &[])),
        message(to("spBv1.0/G/NDEATH/N"), &death(2)),
        message(to("spBv1.0/G/NDEATH/N"), &death(3)),
    ]
    .concat()
}

#[derive(Clone, Debug)]
enum Change {
    Set(prop::sample::Index, u8),
    Flip(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Repeat(prop::sample::Index, usize),
    Cut(prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    let at = || any::<prop::sample::Index>();
    let strange = prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..12),
        proptest::sample::select(vec!["[[[[", "{\"a\":", "1e999", "null", "-", "\\u0000", "\""])
            .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (at(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (at(), 1..40_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (at(), strange).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at(), 1..200_usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        at().prop_map(Change::Cut),
    ]
}

fn mutate(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match change {
            Change::Set(at, byte) => bytes[at.index(length)] = *byte,
            Change::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Change::Remove(at, count) => {
                let at = at.index(length);
                bytes.drain(at..(at + count).min(length));
            }
            Change::Insert(at, new) => {
                let at = at.index(length);
                bytes.splice(at..at, new.iter().copied());
            }
            Change::Repeat(at, count) => {
                let at = at.index(length);
                let again = bytes[at..(at + count).min(length)].to_vec();
                bytes.splice(at..at, again);
            }
            Change::Cut(at) => bytes.truncate(at.index(length)),
        }
    }
    bytes
}

#[test]
fn the_messages_to_be_mutated_say_something_themselves() {
    // Each text by its own topic, and most by some others.
    assert!(fuzz_any(&texts()) >= TEXTS.len());
    // All but the data before any birth, that of an unknown device, and the death of another birth.
    assert_eq!(fuzz_any(&life()), 6);
    assert_eq!(fuzz_any(&[]), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// The life of a node, changed here and there, keeps every promise.
    #[test]
    fn a_mutated_life_of_a_node_keeps_the_promises(
        changes in proptest::collection::vec(change(), 1..6),
    ) {
        fuzz_any(&mutate(life(), &changes));
    }

    /// So does a text, changed, whichever topic it comes by.
    #[test]
    fn a_mutated_text_keeps_the_promises(
        text in proptest::sample::select(TEXTS),
        topic in 0..40_u8,
        changes in proptest::collection::vec(change(), 1..6),
    ) {
        let text = mutate(text.as_bytes().to_vec(), &changes);
        fuzz_any(&message(topic, &text));
    }

    /// And so do bytes that were never a message.
    #[test]
    fn any_bytes_keep_the_promises(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        fuzz_any(&bytes);
    }
}
