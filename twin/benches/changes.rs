//! What a fork costs, in time and memory, and what it costs to change one: the campus at noon of its
//! second day.

use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::scenario::{Change, Fraction, Positive};
use gridtwin_twin::{Scenario, Twin};
use std::path::Path;

#[global_allocator]
static MEMORY: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

fn campus() -> Twin {
    let campus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/campus.ron");
    let campus = Scenario::load(&campus).expect("it is bundled");
    let mut twin = Twin::new(&campus).expect("it can be built");
    twin.advance(SimTime::ZERO + Span::HOUR * 36, &mut ());
    twin
}

#[divan::bench]
fn fork(bencher: divan::Bencher) {
    let twin = campus();
    bencher.bench_local(|| twin.clone());
}

fn change(bencher: divan::Bencher, change: &Change) {
    let twin = campus();
    bencher.with_inputs(|| twin.clone()).bench_local_values(|mut twin| {
        twin.apply(change).expect("it can be changed");
        twin
    });
}

#[divan::bench]
fn set_a_battery(bencher: divan::Bencher) {
    change(bencher, &Change::set("batteries.container.capacity_kwh", "800"));
}

#[divan::bench]
fn set_an_array(bencher: divan::Bencher) {
    change(bencher, &Change::set("pv.carport.dc_kw", "90"));
}

#[divan::bench]
fn set_the_weather(bencher: divan::Bencher) {
    change(bencher, &Change::set("weather.clearness", "-0.4"));
}

#[divan::bench]
fn set_a_protocol(bencher: divan::Bencher) {
    change(bencher, &Change::set("consensus.receipts.protocol", "Raft"));
}

#[divan::bench]
fn cloud_the_sky(bencher: divan::Bencher) {
    let cover = Fraction::new(0.9).expect("a share");
    let hours = Positive::new(3.0).expect("some time");
    change(bencher, &Change::Clouds { cover, hours });
}
