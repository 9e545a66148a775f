//! The connection against the embedded broker, and that broker's start and stop.

#![allow(clippy::disallowed_methods)]

use std::net::TcpStream;
use std::time::Duration;

use crate::support::{options, receive_until, until};
use gridtwin_link::broker::demo::DemoBroker;
use gridtwin_link::broker::{Availability, Broker, Incoming, News, Options};

#[test]
fn the_embedded_broker_does_all_that_a_demo_needs() {
    let demo = DemoBroker::start().unwrap();
    let address = demo.address().to_string();
    let availability = Some(Availability {
        topic: "gridtwin/demo/online".into(),
        online: b"online".into(),
        offline: b"offline".into(),
    });
    let meter = Broker::connect(Options { availability, ..options(&address, "meter") }).unwrap();
    meter.publish("site/state", b"kept", true).unwrap();
    until("acknowledged", || meter.sent().acknowledged == 2);
    let filters = vec!["site/#".to_owned(), "gridtwin/+/online".to_owned()];
    let twin = Broker::connect(Options { filters, ..options(&address, "twin") }).unwrap();
    let first = receive_until(&twin, |all| all.messages.len() >= 2);
    assert!(first.messages.iter().all(|message| message.retained), "{first:?}");
    // No more at once than wait for their owner: what is beyond that is dropped, oldest first.
    for first in (0..2000u32).step_by(200) {
        for i in first..first + 200 {
            meter.publish("site/pv", &i.to_be_bytes(), false).unwrap();
        }
        let rest = receive_until(&twin, |all| all.messages.len() >= 200);
        let number = |m: &Incoming| u32::from_be_bytes(m.payload[..].try_into().unwrap());
        let numbers: Vec<u32> = rest.messages.iter().map(number).collect();
        assert_eq!(numbers, (first..first + 200).collect::<Vec<_>>());
    }
    meter.close().unwrap();
    let last = receive_until(&twin, |all| !all.messages.is_empty());
    assert_eq!(last.messages[0].payload, b"offline");

    let port = demo.port();
    demo.stop();
    assert!(
        TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), Duration::from_secs(5)).is_err()
    );
    let away = receive_until(&twin, |all| !all.news.is_empty());
    assert!(away.news.iter().any(|news| matches!(news, News::Disconnected { .. })), "{away:?}");
}

#[test]
fn two_demos_run_side_by_side_and_ten_one_after_the_other() {
    let (one, two) = (DemoBroker::start().unwrap(), DemoBroker::start().unwrap());
    assert_ne!(one.port(), two.port());
    for _ in 0..10 {
        let demo = DemoBroker::start().unwrap();
        let twin = Broker::connect(options(&demo.address().to_string(), "twin")).unwrap();
        twin.close().unwrap();
    }
}
