//! The Sparkplug B nodes of the fleet, read by a protobuf reader of a few lines.

use crate::common::*;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_link::fleet::{FaultKind, Fleet, FleetOptions, Publication, Target, Truth};
use gridtwin_twin::scenario::{Meter, Payload, Quantity};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A field of a message: its number, and its bytes or its bits.
#[derive(Clone, Debug, PartialEq)]
enum Field {
    Bits(u64),
    Bytes(Vec<u8>),
}

fn varint(bytes: &[u8], at: &mut usize) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes[*at];
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return value;
        }
    }
}

fn fields(bytes: &[u8]) -> Vec<(u64, Field)> {
    let (mut at, mut out) = (0, Vec::new());
    while at < bytes.len() {
        let key = varint(bytes, &mut at);
        let field = match key & 7 {
            0 => Field::Bits(varint(bytes, &mut at)),
            1 => {
                at += 8;
                Field::Bits(u64::from_le_bytes(bytes[at - 8..at].try_into().unwrap()))
            }
            2 => {
                let length = varint(bytes, &mut at) as usize;
                at += length;
                Field::Bytes(bytes[at - length..at].to_vec())
            }
            5 => {
                at += 4;
                let bits = u32::from_le_bytes(bytes[at - 4..at].try_into().unwrap());
                Field::Bits(u64::from(bits))
            }
            other => panic!("wire type {other}"),
        };
        out.push((key >> 3, field));
    }
    out
}

#[derive(Clone, Debug, Default)]
struct Metric {
    name: Option<String>,
    alias: Option<u64>,
    datatype: Option<u64>,
    is_null: bool,
    /// By the number of its field.
    value: Option<(u64, u64)>,
}

impl Metric {
    fn number(&self) -> f64 {
        match self.value {
            Some((12, bits)) => f64::from(f32::from_bits(bits as u32)),
            Some((13, bits)) => f64::from_bits(bits),
            Some((11 | 14, bits)) => bits as f64,
            other => panic!("{other:?}"),
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Message {
    timestamp: Option<u64>,
    seq: Option<u64>,
    metrics: Vec<Metric>,
}

fn message(publication: &Publication) -> Message {
    let mut message = Message::default();
    for (number, field) in fields(&publication.payload) {
        match (number, field) {
            (1, Field::Bits(bits)) => message.timestamp = Some(bits),
            (3, Field::Bits(bits)) => message.seq = Some(bits),
            (2, Field::Bytes(bytes)) => {
                let mut metric = Metric::default();
                for (number, field) in fields(&bytes) {
                    match (number, field) {
                        (1, Field::Bytes(name)) => metric.name = String::from_utf8(name).ok(),
                        (2, Field::Bits(bits)) => metric.alias = Some(bits),
                        (3, Field::Bits(_)) => {}
                        (4, Field::Bits(bits)) => metric.datatype = Some(bits),
                        (7, Field::Bits(bits)) => metric.is_null = bits == 1,
                        (10.., Field::Bits(bits)) => metric.value = Some((number, bits)),
                        other => panic!("{other:?}"),
                    }
                }
                message.metrics.push(metric);
            }
            other => panic!("{other:?}"),
        }
    }
    message
}

fn metric(device: &str, quantity: Quantity, topic: &str, name: &str) -> Meter {
    meter(device, quantity, topic, Payload::Sparkplug { metric: name.into() })
}

fn plant() -> [Meter; 5] {
    [
        metric("grid", Quantity::Power, "spBv1.0/Plant/Edge", "Grid/Power"),
        metric("roof", Quantity::Power, "spBv1.0/Plant/Edge/Inverter", "P"),
        metric("roof", Quantity::Energy, "spBv1.0/Plant/Edge/Inverter", "E"),
        metric("bank", Quantity::Soc, "spBv1.0/Plant/Edge/Bank", "SOC"),
        metric("bank", Quantity::Voltage, "spBv1.0/Plant/Edge/Bank", "U"),
    ]
}

const TRUTH: [f64; 5] = [-3.25, 12.0, 12.0, 0.42, 403.0];

fn kind(publication: &Publication) -> &str {
    publication.topic.split('/').nth(2).unwrap()
}

#[test]
fn births_come_first_and_name_everything() {
    let out = run(&plant(), FleetOptions::default(), &TRUTH, 300);
    let topics: Vec<&str> = out.iter().take(3).map(|p| p.topic.as_str()).collect();
    assert_eq!(
        topics,
        [
            "spBv1.0/Plant/NBIRTH/Edge",
            "spBv1.0/Plant/DBIRTH/Edge/Inverter",
            "spBv1.0/Plant/DBIRTH/Edge/Bank"
        ]
    );
    assert!(out.iter().all(|p| !p.retain));
    let births: Vec<Message> = out.iter().take(3).map(message).collect();
    assert_eq!(births.iter().map(|m| m.seq).collect::<Vec<_>>(), [Some(0), Some(1), Some(2)]);
    let names: Vec<_> =
        births.iter().flat_map(|m| &m.metrics).map(|m| m.name.clone().unwrap()).collect();
    assert_eq!(names, ["bdSeq", "Node Control/Rebirth", "Grid/Power", "P", "E", "SOC", "U"]);
    for metric in births.iter().flat_map(|m| &m.metrics) {
        let datatype = metric.datatype.expect("a type");
        // Int64 long, Float float, Double double, Boolean boolean.
        let fitting = BTreeMap::from([(4, 11), (9, 12), (10, 13), (11, 14)]);
        assert_eq!(metric.value.unwrap().0, fitting[&datatype]);
    }
    let mut aliases: Vec<u64> =
        births.iter().flat_map(|m| &m.metrics).filter_map(|m| m.alias).collect();
    assert_eq!(aliases.len(), 5);
    aliases.sort_unstable();
    aliases.dedup();
    assert_eq!(aliases.len(), 5, "every alias is its own within the node");
}

#[test]
fn data_comes_by_alias_and_gives_the_truth_back() {
    let out = run(&plant(), FleetOptions::default(), &TRUTH, 900);
    let mut names = BTreeMap::new();
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for publication in &out {
        for metric in message(publication).metrics {
            if kind(publication).ends_with("DATA") {
                assert!(metric.name.is_none() && metric.datatype.is_none());
                let name: &String = &names[&metric.alias.unwrap()];
                values.entry(name.clone()).or_default().push(metric.number());
            } else if let (Some(name), Some(alias)) = (metric.name, metric.alias) {
                names.insert(alias, name);
            }
        }
    }
    mean_is(values["Grid/Power"].clone(), -3.25, 0.001);
    mean_is(values["P"].clone(), 12.0, 0.001);
    mean_is(values["SOC"].clone(), 42.0, 0.05);
    mean_is(values["U"].clone(), 403.0, 0.1);
    let counts = &values["E"];
    close(counts[counts.len() - 1] - counts[0], 12.0 * 880.0 / 3600.0, 0.02, 0.0);
}

#[test]
fn messages_are_counted_to_255_and_from_0_again() {
    let options = FleetOptions { period: Span::from_secs(1), ..FleetOptions::default() };
    let out = run(&plant(), options, &TRUTH, 300);
    assert!(out.len() > 600);
    for (i, publication) in out.iter().enumerate() {
        assert_eq!(message(publication).seq, Some(i as u64 % 256));
    }
}

#[test]
fn time_stamps_are_civil() {
    let start = "2024-06-17T00:00:00Z".parse().unwrap();
    let options = FleetOptions { start, ..FleetOptions::default() };
    let out = run(&plant(), options, &TRUTH, 60);
    for publication in &out {
        let ms = start.as_millisecond() as u64 + publication.at.0 / 1_000_000;
        assert_eq!(message(publication).timestamp, Some(ms));
    }
}

/// A command as a host writes it.
fn command(name: &str, value: u8) -> Vec<u8> {
    let mut metric = vec![0x0a, name.len() as u8];
    metric.extend(name.as_bytes());
    metric.extend([0x20, 11, 0x70, value]);
    let mut bytes = vec![0x08, 1, 0x12, metric.len() as u8];
    bytes.extend(metric);
    bytes
}

#[test]
fn a_rebirth_is_answered_at_once_with_all_births() {
    let mut fleet = Fleet::new(&plant(), 1, FleetOptions::default());
    let truth = Truth::constant(&TRUTH);
    let mut out = Vec::new();
    fleet.publish(SimTime::ZERO, seconds(60), &truth, &mut out);
    assert_eq!(fleet.subscriptions(), ["spBv1.0/Plant/NCMD/Edge"]);
    let topic = "spBv1.0/Plant/NCMD/Edge";
    assert!(!fleet.on_message(topic, &command("Node Control/Rebirth", 0)));
    assert!(!fleet.on_message(topic, &command("Node Control/Reboot", 1)));
    assert!(!fleet.on_message("spBv1.0/Plant/NCMD/Other", &command("Node Control/Rebirth", 1)));
    assert!(fleet.on_message(topic, &command("Node Control/Rebirth", 1)));
    out.clear();
    fleet.publish(seconds(60), seconds(120), &truth, &mut out);
    let kinds: Vec<&str> = out.iter().take(4).map(kind).collect();
    assert_eq!(kinds[..3], ["NBIRTH", "DBIRTH", "DBIRTH"]);
    assert!(kinds[3].ends_with("DATA"));
    assert_eq!(out[0].at, seconds(60));
    for (i, publication) in out.iter().enumerate() {
        assert_eq!(message(publication).seq, Some(i as u64), "the count begins again");
    }
    assert_eq!(out.iter().filter(|p| kind(p) == "NBIRTH").count(), 1);
}

fn session(publication: &Publication) -> f64 {
    let message = message(publication);
    message.metrics.iter().find(|m| m.name.as_deref() == Some("bdSeq")).unwrap().number()
}

#[test]
fn a_node_that_dies_leaves_its_will_and_is_born_again_in_a_new_session() {
    let target = Target::Topic("spBv1.0/Plant/Edge".into());
    let meters = &plant()[..1];
    let out = run(meters, with(target, 100, 200, FaultKind::Dies), &TRUTH[..1], 300);
    let life: Vec<&Publication> = out.iter().filter(|p| kind(p) != "NDATA").collect();
    assert_eq!(life.iter().map(|p| kind(p)).collect::<Vec<_>>(), ["NBIRTH", "NDEATH", "NBIRTH"]);
    assert_eq!(session(life[0]), session(life[1]));
    assert_eq!(session(life[2]), session(life[0]) + 1.0);
    assert_eq!(message(life[1]).seq, None);
    assert!(out.iter().all(|p| !(seconds(110)..seconds(200)).contains(&p.at)));
}

#[test]
fn a_device_that_dies_is_buried_by_its_node() {
    let target = Target::Device(gridtwin_twin::scenario::Id::new("roof").unwrap());
    let out = run(&plant(), with(target, 100, 200, FaultKind::Dies), &TRUTH, 300);
    let inverter = out.iter().filter(|p| p.topic.ends_with("Inverter"));
    let life: Vec<&str> = inverter.map(kind).filter(|kind| *kind != "DDATA").collect();
    assert_eq!(life, ["DBIRTH", "DDEATH", "DBIRTH"]);
    assert_eq!(out.iter().filter(|p| kind(p) == "NBIRTH").count(), 1);
    for (i, publication) in out.iter().enumerate() {
        assert_eq!(message(publication).seq, Some(i as u64 % 256));
    }
}

#[test]
fn what_there_is_not_is_told_as_null() {
    let mut truth = TRUTH;
    truth[3] = f64::NAN;
    let out = run(&plant(), FleetOptions::default(), &truth, 60);
    let bank: Vec<Message> =
        out.iter().filter(|p| p.topic.ends_with("Bank")).map(message).collect();
    assert!(bank.len() > 3);
    for message in bank {
        assert!(message.metrics[0].is_null && message.metrics[0].value.is_none());
        assert!(!message.metrics[1].is_null);
    }
}

#[test]
fn the_fleet_ends_with_its_nodes_deaths() {
    let mut fleet = Fleet::new(&plant(), 1, FleetOptions::default());
    let wills = fleet.wills(SimTime::ZERO);
    let mut out = Vec::new();
    fleet.publish(SimTime::ZERO, seconds(60), &Truth::constant(&TRUTH), &mut out);
    out.clear();
    fleet.stop(seconds(60), &mut out);
    assert_eq!(out.len(), 1);
    assert_eq!(out[0].topic, "spBv1.0/Plant/NDEATH/Edge");
    assert_eq!(out[0].payload, wills[0].payload);
}

proptest! {
    #[test]
    fn no_command_breaks_a_node(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut fleet = Fleet::new(&plant(), 1, FleetOptions::default());
        fleet.on_message("spBv1.0/Plant/NCMD/Edge", &bytes);
    }
}
