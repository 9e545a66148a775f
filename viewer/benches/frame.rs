//! A frame of ten thousand things: what our systems take of it, without a renderer.

use bevy::mesh::Mesh3d;
use bevy::prelude::*;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_player::View;
use gridtwin_twin::record::{BatterySample, ServerSample, ServerState};
use gridtwin_twin::{Scenario, Twin};
use gridtwin_viewer::material::TintMaterial;
use gridtwin_viewer::scene::{ScenePlugin, SkyKind, Stage};
use std::collections::BTreeSet;
use std::fmt::Write;

fn main() {
    println!("{}", census(&mut site()));
    divan::main();
}

/// 2,000 servers, 7,000 devices, 500 chargers, 450 arrays, 50 batteries.
fn scenario() -> Scenario {
    let mut text = String::from(
        "(name: \"large\", site: (latitude_deg: 49, longitude_deg: 8, time_zone: \"Europe/Berlin\"), \
         start: \"2024-06-17\", days: 1, \
         grid: (import_limit_kw: 9000, export_limit_kw: 9000),",
    );
    let mut list = |name: &str, count: usize, item: &dyn Fn(usize) -> String| {
        let _ = write!(text, "{name}: [");
        for i in 0..count {
            let _ = write!(text, "{},", item(i));
        }
        text.push_str("],");
    };
    list("pv", 450, &|i| format!("(id: \"pv-{i}\", dc_kw: 4, tilt_deg: 30, azimuth_deg: 180)"));
    list("batteries", 50, &|i| {
        format!("(id: \"battery-{i}\", capacity_kwh: 100, charge_kw: 50, discharge_kw: 50)")
    });
    list("loads", 20, &|i| {
        format!("(id: \"load-{i}\", profile: Typical(shape: Office, annual_kwh: 90000))")
    });
    list("chargers", 50, &|i| {
        format!(
            "(id: \"chargers-{i}\", count: 10, power_kw: 11, \
             sessions: Elaad(place: Workplace, per_weekday: 10))"
        )
    });
    list("devices", 7, &|i| format!("(id: \"fleet-{i}\", count: 1000)"));
    list("edge_servers", 2000, &|i| {
        format!("(id: \"server-{i}\", cores: 4, frequency_ghz: 3, idle_w: 20, busy_w: 90)")
    });
    text.push(')');
    Scenario::parse(&text, "large").unwrap_or_else(|error| panic!("{error}"))
}

fn site() -> App {
    let scenario = scenario();
    let twin = Twin::new(&scenario).unwrap_or_else(|error| panic!("{error}"));
    let mut app = App::new();
    app.add_plugins(MinimalPlugins);
    app.add_plugins(ScenePlugin { drawn: false, sky: SkyKind::Gradient });
    let mut stage = Stage::new(&scenario, twin.catalog());
    stage.show(0, &View { state: twin.state(), ..View::default() }, None);
    app.insert_resource(stage);
    app.update();
    app.update();
    app
}

/// How many entities there are, and how few meshes and materials they share.
fn census(app: &mut App) -> String {
    let world = app.world_mut();
    let mut query = world.query::<(&Mesh3d, &MeshMaterial3d<TintMaterial>)>();
    let mut kinds = BTreeSet::new();
    let mut entities = 0;
    for (mesh, material) in query.iter(world) {
        entities += 1;
        kinds.insert((format!("{:?}", mesh.0.id()), format!("{:?}", material.0.id())));
    }
    format!("{entities} entities in {} pairs of mesh and material", kinds.len())
}

/// A view that is another in every frame.
fn view(frame: u64, view: &mut View) {
    let wave = |i: usize| ((frame as usize * 7 + i * 13) % 100) as f64 / 100.0;
    view.at = SimTime::ZERO + Span(frame * 5_000_000_000);
    view.soc.clear();
    view.soc.extend((0..50).map(wave));
    let sample = &mut view.sample;
    sample.pv_kw.clear();
    sample.pv_kw.extend((0..450).map(|i| 4.0 * wave(i)));
    sample.batteries.clear();
    sample.batteries.extend((0..50).map(|i| BatterySample {
        soc: wave(i),
        power_kw: wave(i) * 80.0 - 40.0,
        stored_g_per_kwh: 200.0,
        deliverable_kwh: 100.0,
    }));
    sample.servers.clear();
    sample.servers.extend((0..2000).map(|i| ServerSample {
        up: true,
        power_w: 40.0,
        load: wave(i),
        tasks: 1,
    }));
    view.state.servers.clear();
    view.state.servers.extend(
        (0..2000).map(|i| if wave(i) < 0.05 { ServerState::Dark } else { ServerState::Running }),
    );
}

#[divan::bench(sample_count = 200)]
fn ten_thousand_things(bencher: divan::Bencher) {
    let mut app = site();
    let mut shown = View::default();
    let mut frame = 0;
    bencher.bench_local(move || {
        frame += 1;
        view(frame, &mut shown);
        app.world_mut().resource_mut::<Stage>().show(0, &shown, None);
        app.update();
    });
}
