//! How long it takes to see any instant of a week from its nearest keyframe, and to go on from
//! there: `cargo bench -p gridtwin-player`.

use divan::Bencher;
use gridtwin_kernel::SimTime;
use gridtwin_player::Player;
use gridtwin_twin::Scenario;
use std::path::Path;
use std::time::Duration;

fn main() {
    divan::main();
}

fn player(name: &str, days: u32) -> Player {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name);
    let scenario = Scenario::load_with(&path, &[], Some(days), None).expect("a good scenario");
    let mut player = Player::new(&scenario).expect("a good scenario");
    player.finish();
    player
}

/// A leap to somewhere that was not looked at before, until it is shown in every detail.
#[divan::bench(args = ["campus.ron", "island.ron", "depot.ron", "blackout.ron"])]
fn scrub_a_week(bencher: Bencher, name: &str) {
    let mut player = player(name, 5);
    let mut at = 0;
    bencher.bench_local(|| {
        at = (at + 61 * 3600 + 1234) % (5 * 86_400);
        player.seek(SimTime::from_secs_f64(at as f64));
        player.settle();
    });
}

/// The same in a year, whose keyframes lie farther apart.
#[divan::bench(sample_count = 20)]
fn scrub_a_year(bencher: Bencher) {
    let mut player = player("campus.ron", 365);
    let mut at = 0;
    bencher.bench_local(|| {
        at = (at + 61 * 86_400 + 12_345) % (365 * 86_400);
        player.seek(SimTime::from_secs_f64(at as f64));
        player.settle();
    });
}

/// A frame of a playing window, what has been lived through already apart.
#[divan::bench]
fn frame(bencher: Bencher) {
    let mut player = player("campus.ron", 7);
    player.set_speed(3600.0);
    player.play();
    bencher.bench_local(|| player.tick(Duration::from_millis(16)));
}
