//! What a hostile broker and a long replay cost in memory. One test at a time, because it is the
//! whole process that is measured.

#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods)]

#[path = "it/support/mod.rs"]
mod support;

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gridtwin_kernel::SimTime;
use gridtwin_link::broker::{Broker, Options, Trouble};
use gridtwin_link::journal::{Journal, Reader, Record};
use support::fake::{Fake, pour, publish, short, troubles, welcome};
use support::{Memory, receive_until, until};

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn message<'a>(at: u64, topic: &'a str, payload: &'a [u8]) -> Record<'a> {
    Record::Message { at: SimTime(at), topic, payload, retained: false }
}

#[test]
fn a_packet_of_100_megabytes_is_not_read_is_told_and_is_no_reason_to_storm() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let poured = Arc::new(AtomicU32::new(0));
    let fake = Fake::start({
        let poured = Arc::clone(&poured);
        move |mut stream, _| {
            welcome(&mut stream);
            // PUBLISH with a remaining length of 100 MiB, and that many bytes.
            stream.write_all(&[0x30, 0x80, 0x80, 0x80, 0x32, 0, 1, b'a']).unwrap();
            let bytes = pour(&mut stream, &[0x55; 65536], 100 << 20);
            poured.fetch_max(bytes as u32, Ordering::SeqCst);
        }
    });
    let memory = Memory::watch();
    let twin = Broker::connect(Options { backoff: short(), ..fake.options() }).unwrap();
    let since = Instant::now();
    let all = receive_until(&twin, |all| troubles(&all.news).len() >= 5);
    // 50 + 100 + 200 + 400 ms lie between five of them, although each let us in.
    assert!(since.elapsed() >= Duration::from_millis(740), "{:?}", since.elapsed());
    for why in troubles(&all.news) {
        assert!(matches!(why, Trouble::TooLarge { bytes: 104_857_600, .. }), "{why:?}");
        assert!(why.to_string().contains("sent a packet of 104857600 bytes"), "{why}");
    }
    assert!(memory.most_more() < 32 << 20, "{} bytes more", memory.most_more());
    assert!(all.messages.is_empty());
    drop(twin);
    drop(fake);
    assert!(poured.load(Ordering::SeqCst) < 64 << 20);
}

#[test]
fn a_flood_of_large_messages_on_ever_new_topics_costs_bounded_memory() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let done = Arc::new(AtomicBool::new(false));
    let fake = Fake::start({
        let done = Arc::clone(&done);
        move |mut stream, number| {
            welcome(&mut stream);
            if number > 0 {
                return;
            }
            for i in 0..400 {
                let packet = publish(&format!("flood/{i}"), &vec![0x20; 512 << 10]);
                if stream.write_all(&packet).is_err() {
                    break;
                }
            }
            for i in 0..50_000 {
                if stream.write_all(&publish(&format!("more/{i}"), b"x")).is_err() {
                    break;
                }
            }
            stream.write_all(&publish("last", b"")).unwrap();
            while !done.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    });
    let mut options = fake.options();
    options.filters.push("last".to_owned());
    options.limits.bytes = 16 << 20;
    let memory = Memory::watch();
    let twin = Broker::connect(options).unwrap();
    until("all came", || twin.counts().received == 50_401);
    assert!(memory.most_more() < 64 << 20, "{} bytes more", memory.most_more());
    let counts = twin.counts();
    assert!(counts.dropped >= 300, "{counts:?}");
    assert!(counts.too_many_topics >= 30_000, "{counts:?}");
    let all = receive_until(&twin, |all| all.messages.iter().any(|m| &*m.topic == "last"));
    assert!(all.messages.len() <= 20_002);
    done.store(true, Ordering::SeqCst);
}

#[test]
fn a_million_messages_are_replayed_in_little_memory() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day.sqlite");
    let mut journal = Journal::create(&path, &[]).unwrap();
    let topics: Vec<String> = (0..1000).map(|i| format!("site/meter/{i}/power")).collect();
    for batch in 0..200u64 {
        let records: Vec<_> = (0..5000u64)
            .map(|i| {
                let number = batch * 5000 + i;
                message(
                    number,
                    &topics[number as usize % 1000],
                    b"{\"power_kw\": 12.345, \"energy_kwh\": 1.5}",
                )
            })
            .collect();
        journal.append(&records).unwrap();
    }
    journal.close().unwrap();
    let memory = Memory::watch();
    let mut reader = Reader::open(&path).unwrap();
    let (mut count, mut bytes) = (0u64, 0u64);
    for message in reader.messages(0) {
        let message = message.unwrap();
        assert_eq!(message.at.0, count);
        count += 1;
        bytes += message.payload.len() as u64;
    }
    assert_eq!((count, bytes), (1_000_000, 39_000_000));
    let more = memory.most_more();
    assert!(more < 32 << 20, "{more} bytes more");
}
