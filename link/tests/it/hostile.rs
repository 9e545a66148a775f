//! The connection against brokers that mean harm or are broken: no panic, a clear sentence, and no
//! storm of attempts. Not their cost in memory (see `memory`).

#![allow(clippy::disallowed_methods)]

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::fake::{Fake, pour, read_all, short, troubles, welcome};
use crate::support::{free_port, options, receive_until, until};
use gridtwin_link::broker::{Backoff, Broker, BrokerError, News, Options, Trouble};

#[test]
fn garbage_is_told_as_no_mqtt() {
    for garbage in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        &[0x20, 2, 0, 99],
        &[0x20, 1, 0],
        &[0x30, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x30, 3, 0, 1, b'a'],
        &[0xf0, 2, 0, 0],
        &[0, 0, 0, 0],
    ] {
        let fake = Fake::start(move |mut stream, _| {
            stream.write_all(garbage).unwrap();
            pour(&mut stream, garbage, 4096);
        });
        match Broker::connect(fake.options()) {
            Err(BrokerError::Trouble(Trouble::NotMqtt { place, why })) => {
                assert!(place.contains("127.0.0.1") && !why.is_empty());
            }
            // It hung up before what it said was read.
            Err(BrokerError::Trouble(Trouble::ClosedEarly(place, _))) => {
                assert!(place.contains("127.0.0.1"));
            }
            other => panic!("{garbage:?}: {other:?}"),
        }
    }
}

#[test]
fn random_bytes_after_the_greeting_never_break_anything() {
    // A small generator is enough: the same bytes in every run.
    let mut x = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x
    };
    let heads = [0x20, 0x30, 0x32, 0x34, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xc0, 0xd0, 0xe0];
    let scripts: Vec<Vec<u8>> = (0..300)
        .map(|_| {
            let mut bytes = Vec::new();
            for _ in 0..1 + random() % 6 {
                let length = random() % 12;
                bytes.push(heads[(random() % heads.len() as u64) as usize]);
                bytes.push(length as u8);
                // Small numbers, which are packet ids that mean something.
                bytes.extend((0..length).map(|_| (random() % 5) as u8));
            }
            bytes
        })
        .collect();
    let fake = Fake::start(move |mut stream, number| {
        welcome(&mut stream);
        if let Some(script) = scripts.get(number as usize) {
            // Let it publish something that can be acknowledged wrongly.
            let mut some = [0; 64];
            let _ = stream.read(&mut some);
            let _ = stream.write_all(script);
            let _ = stream.read(&mut some);
        }
    });
    let backoff = Backoff { first: Duration::from_millis(10), most: Duration::from_millis(10) };
    let twin = Broker::connect(Options { backoff, ..fake.options() }).unwrap();
    let mut seen = Vec::new();
    until("all scripts played", || {
        twin.publish("a", b"1", false).unwrap();
        let batch = twin.receive(Instant::now());
        seen.extend(troubles(&batch.news).into_iter().cloned());
        fake.accepted.load(Ordering::SeqCst) >= 301
    });
    // No script made the client's own code panic.
    let confused: Vec<_> =
        seen.iter().filter(|why| why.to_string().contains("violate the protocol")).collect();
    assert!(confused.is_empty(), "{confused:?}");
    assert!(seen.iter().any(|why| matches!(why, Trouble::NotMqtt { .. })));
}

#[test]
fn a_broker_that_lets_us_in_and_throws_us_out_is_not_asked_without_end() {
    let fake = Fake::start(|mut stream, _| welcome(&mut stream));
    let since = Instant::now();
    let twin = Broker::connect(Options { backoff: short(), ..fake.options() }).unwrap();
    receive_until(&twin, |all| troubles(&all.news).len() >= 5);
    let attempts = fake.accepted.load(Ordering::SeqCst);
    // n attempts take 50 ms * (2^(n-1) - 1) at least, however slow or fast the machine is.
    let least = Duration::from_millis(50 * ((1 << (attempts - 1)) - 1));
    assert!(since.elapsed() + Duration::from_millis(20) >= least, "{attempts} attempts");
}

#[test]
fn a_host_that_takes_the_call_and_says_nothing_is_told_in_time() {
    let hold = Arc::new(AtomicBool::new(true));
    let fake = Fake::start({
        let hold = Arc::clone(&hold);
        move |stream, _| {
            while hold.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(10));
            }
            drop(stream);
        }
    });
    let quick = Duration::from_secs(1);
    let impatient = Options { attempt_timeout: quick, ..fake.options() };
    match Broker::connect(impatient.clone()) {
        Err(BrokerError::Trouble(why @ Trouble::NoAnswer(_))) => {
            assert!(why.to_string().contains("did not answer in time"));
        }
        other => panic!("{other:?}"),
    }
    // A patient one waits for its first wait, and then goes on by itself.
    let patient = Options { patient: true, first_wait: Duration::ZERO, ..impatient };
    let twin = Broker::connect(patient).unwrap();
    let all = receive_until(&twin, |all| !all.news.is_empty());
    assert!(matches!(troubles(&all.news)[0], Trouble::NoAnswer(_)));
    hold.store(false, Ordering::SeqCst);
}

#[test]
fn a_port_where_nothing_listens_and_a_name_without_an_address_are_told() {
    let closed = options(&format!("mqtt://127.0.0.1:{}", free_port()), "twin");
    let why = Broker::connect(closed).unwrap_err().to_string();
    assert!(why.contains("refuses connections"), "{why}");
    // No name server is asked about a label of 64 characters: no name has one.
    let nobody = options(&format!("mqtt://{}", "x".repeat(64)), "twin");
    let why = Broker::connect(nobody).unwrap_err().to_string();
    assert!(why.contains("this name has no IP address"), "{why}");
}

#[test]
fn a_broker_that_stops_reading_is_noticed() {
    let hold = Arc::new(AtomicBool::new(true));
    let fake = Fake::start({
        let hold = Arc::clone(&hold);
        move |mut stream, number| {
            welcome(&mut stream);
            while number == 0 && hold.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    });
    let second = Duration::from_secs(1);
    let quick = Options { keep_alive: second, attempt_timeout: second, ..fake.options() };
    let twin = Broker::connect(Options { backoff: short(), ..quick }).unwrap();
    let all = receive_until(&twin, |all| !troubles(&all.news).is_empty());
    assert!(matches!(troubles(&all.news)[0], Trouble::Silent(_)), "{all:?}");
    hold.store(false, Ordering::SeqCst);
}

#[test]
fn a_topic_that_the_broker_does_not_let_us_read_is_told() {
    let done = Arc::new(AtomicBool::new(false));
    let fake = Fake::start({
        let done = Arc::clone(&done);
        move |mut stream, _| {
            welcome(&mut stream);
            // SUBSCRIBE is the first packet; its packet id stands behind a length of one byte.
            let mut head = [0; 4];
            read_all(&mut stream, &mut head);
            stream.write_all(&[0x90, 4, head[2], head[3], 1, 0x80]).unwrap();
            while !done.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    });
    let filters = vec!["site/pv".to_owned(), "secret/#".to_owned()];
    let twin = Broker::connect(Options { filters, ..fake.options() }).unwrap();
    let all = receive_until(&twin, |all| all.news.len() >= 2);
    assert!(matches!(&all.news[1], News::NotAllowed { filter, .. } if filter == "secret/#"));
    assert_eq!(all.news[1].to_string(), "the broker does not allow a subscription to secret/#");
    done.store(true, Ordering::SeqCst);
}
