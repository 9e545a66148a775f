//! The link under load: 10,000 meters that make 5,000 readings a second. First a simulated hour of
//! them through journal and twin: what a reading costs, and whether memory stays flat. Then half a
//! minute through a real broker in real time: how long a reading is under way.
//!
//! `cargo bench -p gridtwin-link --bench load`

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![allow(missing_docs)]

use gridtwin_kernel::SimTime;
use gridtwin_link::broker::demo::DemoBroker;
use gridtwin_link::broker::{Broker, Options};
use gridtwin_link::journal::Journal;
use gridtwin_link::live::Live;
use gridtwin_link::session::{Arrived, Keeper, Voice, VoiceOptions};
use gridtwin_twin::Scenario;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const METERS: usize = 10_000;
const PER_SECOND: usize = 5_000;
const HOUR_S: usize = 3_600;
const REAL_S: u64 = 30;

fn scenario() -> Scenario {
    let mut text = String::from(
        "(name: \"load\", site: (latitude_deg: 49, longitude_deg: 8, time_zone: \"Europe/Berlin\"),
        start: \"2024-06-17\", days: 1, grid: (import_limit_kw: 100000, export_limit_kw: 100000,
        tariff: (currency: \"EUR\", price_per_kwh: 0.3)), loads: [",
    );
    for i in 0..METERS {
        let _ = writeln!(text, "(id: \"l{i}\", profile: Constant(power_kw: 1)),");
    }
    text += "], meters: [";
    for i in 0..METERS {
        let _ = writeln!(text, "(device: \"l{i}\", topic: \"m/{i}\", unit: W),");
    }
    text += "])";
    Scenario::parse(&text, "load.ron").expect("a scenario")
}

fn keeper(folder: &Path, name: &str) -> Keeper<()> {
    let live = Live::new(&scenario()).expect("a twin");
    let journal = Journal::create(&folder.join(name), &[]).expect("a journal");
    Keeper::new(live, (), Some(journal), Voice::new(VoiceOptions::default())).expect("a keeper")
}

/// Resident memory, MB; 0 where the system does not say.
fn memory_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}

/// A simulated hour, in batches of 50 ms as they come from a broker.
fn an_hour(folder: &Path) {
    let mut keeper = keeper(folder, "hour.sqlite");
    let topics: Vec<String> = (0..METERS).map(|i| format!("m/{i}")).collect();
    let batch = PER_SECOND / 20;
    let (mut next, mut payloads) = (0_usize, vec![String::new(); batch]);
    let (began, mut slowest) = (Instant::now(), Duration::ZERO);
    for second in 0..HOUR_S {
        if second % 600 == 0 {
            println!("  after {:>4} s: {:.0} MB", second, memory_mb());
        }
        for part in 0..20 {
            let at = SimTime((second * 1000 + part * 50) as u64 * 1_000_000);
            for (k, payload) in payloads.iter_mut().enumerate() {
                payload.clear();
                let _ = write!(payload, "{}.{}", 900 + (next + k) * 7919 % 200, second % 10);
            }
            let arrived: Vec<Arrived> = payloads
                .iter()
                .enumerate()
                .map(|(k, payload)| Arrived {
                    at,
                    topic: &topics[(next + k) % METERS],
                    payload: payload.as_bytes(),
                    retained: false,
                })
                .collect();
            let before = Instant::now();
            keeper.take(&arrived).expect("a journal that can be written");
            keeper.take_said();
            slowest = slowest.max(before.elapsed());
            next += batch;
        }
    }
    let readings = (HOUR_S * PER_SECOND) as f64;
    let passed_s = began.elapsed().as_secs_f64();
    println!("  after {HOUR_S} s: {:.0} MB", memory_mb());
    println!(
        "  {:.2} us a reading, {:.0} readings/s on one core; slowest batch {:.1} ms",
        passed_s / readings * 1e6,
        readings / passed_s,
        slowest.as_secs_f64() * 1e3
    );
    assert_eq!(keeper.live().counts().used as f64, readings, "every reading was used");
}

/// Half a minute in real time through a broker on this machine.
fn real_time(folder: &Path) {
    let demo = DemoBroker::start().expect("a broker");
    let mut options = Options::new(demo.address(), "load-twin");
    options.filters = vec!["m/#".to_owned()];
    let twin = Broker::connect(options).expect("a connection");
    let meters = Broker::connect(Options::new(demo.address(), "load-meters")).expect("another");
    let mut keeper = keeper(folder, "real.sqlite");
    let began = Instant::now();
    let done = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&done);
    let publisher = std::thread::spawn(move || {
        let mut sent = 0_usize;
        while began.elapsed() < Duration::from_secs(REAL_S) {
            let due = (began.elapsed().as_secs_f64() * PER_SECOND as f64) as usize;
            while sent < due {
                let us = began.elapsed().as_micros();
                // What is measured is the time itself, as so many thousandths of a watt.
                let text = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
                let topic = format!("m/{}", sent % METERS);
                meters.publish(&topic, text.as_bytes(), false).expect("a message that can be sent");
                sent += 1;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_secs(2));
        over.store(true, Ordering::Relaxed);
        let _ = meters.close();
        sent
    });
    let mut delays_ms: Vec<f64> = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let batch = twin.receive(Instant::now() + Duration::from_millis(50));
        let now = SimTime(began.elapsed().as_nanos() as u64).max(keeper.live().now());
        let arrived: Vec<Arrived> = batch
            .messages
            .iter()
            .map(|m| Arrived { at: now, topic: &m.topic, payload: &m.payload, retained: false })
            .collect();
        keeper.take(&arrived).expect("a journal that can be written");
        keeper.pass(now).expect("a journal that can be written");
        keeper.take_said();
        let passed_s = began.elapsed().as_secs_f64();
        delays_ms.extend(batch.messages.iter().filter_map(|m| {
            let sent_s: f64 = std::str::from_utf8(&m.payload).ok()?.parse().ok()?;
            Some((passed_s - sent_s) * 1e3)
        }));
        std::thread::sleep(Duration::from_millis(5));
    }
    let sent = publisher.join().expect("a publisher");
    delays_ms.sort_by(f64::total_cmp);
    let at = |share: f64| delays_ms[((delays_ms.len() - 1) as f64 * share) as usize];
    println!(
        "  {} of {sent} readings taken; from meter to twin {:.1} ms median, {:.1} ms at the 99th \
         percentile, {:.1} ms at most; {} dropped",
        delays_ms.len(),
        at(0.5),
        at(0.99),
        at(1.0),
        twin.counts().dropped
    );
    demo.stop();
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    println!("a simulated hour of {METERS} meters, {PER_SECOND} readings a second:");
    an_hour(folder.path());
    println!("{REAL_S} s in real time through the embedded broker:");
    real_time(folder.path());
}
