//! What each kind of meter writes, read back by parsers that know nothing of the writers.

use crate::common::*;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_link::fleet::{Course, Fleet, FleetOptions, Truth};
use gridtwin_twin::scenario::{Meter, Payload, Phase, Positive, Quantity, Sign, Unit};
use proptest::prelude::*;
use serde_json::Value;

const POWER: Quantity = Quantity::Power;

#[test]
fn a_plain_number_is_the_power_in_kilowatts() {
    let meters = [meter("roof", POWER, "pv/power", Payload::Plain)];
    let out = run(&meters, FleetOptions::default(), &[42.0], 600);
    assert_eq!(out.len(), 60);
    mean_is(out.iter().map(number), 42.0, 0.001);
    assert!(out.iter().all(|p| !p.retain && p.topic == "pv/power"));
}

#[test]
fn noise_is_half_a_per_cent() {
    let meters = [meter("roof", POWER, "pv/power", Payload::Plain)];
    let out = run(&meters, FleetOptions::default(), &[100.0], 20_000);
    let n = out.len() as f64;
    let mean = out.iter().map(number).sum::<f64>() / n;
    let variance = out.iter().map(|p| (number(p) - mean).powi(2)).sum::<f64>() / n;
    close(variance.sqrt(), 0.5, 0.1, 0.0);
}

#[test]
fn json_has_numbers_where_their_paths_say_and_one_document_a_topic() {
    let at_path = |path: &str| Payload::Json { path: path.into() };
    let meters = [
        meter("bank", POWER, "plc/values", at_path("bank.power")),
        meter("bank", Quantity::Soc, "plc/values", at_path("bank.cells.1.soc")),
        meter("bank", Quantity::Voltage, "plc/values", at_path("bank.voltage")),
    ];
    let out = run(&meters, FleetOptions::default(), &[-12.5, 0.437, 402.0], 600);
    assert_eq!(out.len(), 60, "one document a reading");
    mean_is(out.iter().map(|p| at(p, "/bank/power")), -12.5, 0.001);
    mean_is(out.iter().map(|p| at(p, "/bank/cells/1/soc")), 43.7, 0.05);
    mean_is(out.iter().map(|p| at(p, "/bank/voltage")), 402.0, 0.1);
}

#[test]
fn a_three_phase_shelly_has_all_phases_and_their_sum() {
    let topic = "shellypro3em-1/status/em:0";
    let meters = [meter("grid", POWER, topic, shelly(Phase::All))];
    let out = run(&meters, FleetOptions::default(), &[9.0], 600);
    mean_is(out.iter().map(|p| at(p, "/total_act_power")), 9000.0, 0.1);
    for publication in &out {
        let sum: f64 =
            ["a", "b", "c"].map(|x| at(publication, &format!("/{x}_act_power"))).iter().sum();
        close(sum, at(publication, "/total_act_power"), 0.0, 0.2);
        let document = json(publication);
        for phase in ["a", "b", "c"] {
            for key in ["current", "voltage", "aprt_power", "pf", "freq"] {
                assert!(document[format!("{phase}_{key}")].is_number(), "{phase}_{key}");
            }
        }
        assert_eq!(document["id"], 0);
        assert!(document["n_current"].is_null());
        for key in ["total_current", "total_aprt_power"] {
            assert!(document[key].is_number());
        }
        // To a tenth of a watt.
        let tenths = at(publication, "/total_act_power") * 10.0;
        assert!((tenths - tenths.round()).abs() < 1e-6);
    }
}

#[test]
fn each_phase_of_a_shelly_may_be_a_meter_of_its_own() {
    let topic = "em/status/em:0";
    let meters = [
        meter("a", POWER, topic, shelly(Phase::A)),
        meter("b", POWER, topic, shelly(Phase::B)),
        meter("c", POWER, topic, shelly(Phase::C)),
    ];
    let out = run(&meters, FleetOptions::default(), &[1.0, -2.0, 3.5], 600);
    for (letter, truth) in [("a", 1000.0), ("b", -2000.0), ("c", 3500.0)] {
        mean_is(out.iter().map(|p| at(p, &format!("/{letter}_act_power"))), truth, 0.1);
    }
    mean_is(out.iter().map(|p| at(p, "/total_act_power")), 2500.0, 15.0);
}

/// What a counter shows at the first and the last of some messages, and the hours between.
fn gained(values: &[f64], hours: f64) -> f64 {
    assert!(values.is_sorted());
    (values[values.len() - 1] - values[0]) / hours
}

#[test]
fn shelly_counts_import_and_return_in_watt_hours() {
    let topic = "em/status/emdata:0";
    let meters = [
        meter("grid", Quantity::Energy, topic, shelly(Phase::All)),
        meter("grid", Quantity::EnergyReturned, topic, shelly(Phase::All)),
    ];
    for (power, import, export) in [(6.0, 6000.0, 0.0), (-4.5, 0.0, 4500.0)] {
        let out = run(&meters, FleetOptions::default(), &[power, power], 3610);
        let hours = (out[out.len() - 1].at - out[0].at).as_hours_f64();
        let of = |key: &str| out.iter().map(|p| at(p, key)).collect::<Vec<_>>();
        close(gained(&of("/total_act"), hours), import, 1e-5, 0.1);
        close(gained(&of("/total_act_ret"), hours), export, 1e-5, 0.1);
        close(gained(&of("/a_total_act_energy"), hours), import / 3.0, 1e-5, 0.1);
        close(gained(&of("/c_total_act_ret_energy"), hours), export / 3.0, 1e-5, 0.1);
    }
}

#[test]
fn a_shelly_switch_counts_what_it_returned_in_its_total_as_well() {
    let topic = "shellyplus1pm-1/status/switch:0";
    let meters = [
        meter("plug", POWER, topic, shelly(Phase::All)),
        meter("plug", Quantity::Energy, topic, shelly(Phase::All)),
        meter("plug", Quantity::EnergyReturned, topic, shelly(Phase::All)),
        meter("plug", Quantity::Voltage, topic, shelly(Phase::All)),
    ];
    let out = run(&meters, FleetOptions::default(), &[-0.6, -0.6, -0.6, 231.0], 3610);
    let hours = (out[out.len() - 1].at - out[0].at).as_hours_f64();
    let of = |key: &str| out.iter().map(|p| at(p, key)).collect::<Vec<_>>();
    mean_is(of("/apower"), -600.0, 0.1);
    mean_is(of("/voltage"), 231.0, 0.1);
    close(gained(&of("/aenergy/total"), hours), 600.0, 1e-4, 0.01);
    close(gained(&of("/ret_aenergy/total"), hours), 600.0, 1e-4, 0.01);
    let import = |p| at(p, "/aenergy/total") - at(p, "/ret_aenergy/total");
    let imports: Vec<f64> = out.iter().map(import).collect();
    close(imports[0], imports[imports.len() - 1], 0.0, 0.01);
    // Ten watt-hours a minute, in thousandths.
    let last = json(&out[out.len() - 1]);
    close(last["ret_aenergy"]["by_minute"][0].as_f64().unwrap(), 10_000.0, 0.2, 0.0);
    assert_eq!(last["ret_aenergy"]["minute_ts"], 3600);
    assert_eq!(last["output"], true);
}

#[test]
fn one_phase_shellies_name_their_fields_otherwise() {
    let meters = [
        meter("x", POWER, "em1/status/em1:1", shelly(Phase::All)),
        meter("x", Quantity::Energy, "em1/status/em1data:1", shelly(Phase::All)),
        meter("y", POWER, "pm/status/pm1:0", shelly(Phase::All)),
    ];
    let out = run(&meters, FleetOptions::default(), &[0.5, 0.5, 0.25], 600);
    let of =
        |topic: &str| out.iter().filter(|p| p.topic.ends_with(topic)).cloned().collect::<Vec<_>>();
    mean_is(of("em1:1").iter().map(|p| at(p, "/act_power")), 500.0, 0.1);
    assert!(of("em1data:1").iter().all(|p| at(p, "/total_act_energy") > 0.0 && json(p)["id"] == 1));
    mean_is(of("pm1:0").iter().map(|p| at(p, "/apower")), 250.0, 0.1);
    assert!(of("pm1:0").iter().all(|p| json(p).get("output").is_none()));
}

#[test]
fn tasmota_tells_whole_watts_and_counts_by_days() {
    let topic = "tele/washer/SENSOR";
    let tasmota = || Payload::Tasmota { channel: None };
    let meters = [
        meter("washer", POWER, topic, tasmota()),
        meter("washer", Quantity::Energy, topic, tasmota()),
        meter("washer", Quantity::Voltage, topic, tasmota()),
    ];
    let options = FleetOptions {
        start: "2024-06-17T21:00:00Z".parse().unwrap(),
        utc_offset_s: 7200,
        period: Span::from_secs(300),
        ..FleetOptions::default()
    };
    let out = run(&meters, options, &[1.234, 1.234, 232.0], 4 * 3600);
    mean_is(out.iter().map(|p| at(p, "/ENERGY/Power")), 1234.0, 0.5);
    let day_of = |p| json(p)["Time"].as_str().unwrap()[..10].to_owned();
    let hour_of = |p| json(p)["Time"].as_str().unwrap()[11..13].to_owned();
    assert_eq!(day_of(&out[0]), "2024-06-17");
    assert_eq!(hour_of(&out[0]), "23");
    for publication in &out {
        assert!(json(publication)["ENERGY"]["Power"].is_u64(), "whole watts");
        assert_eq!(json(publication)["ENERGY"]["TotalStartTime"], "2024-06-17T23:00:00");
        close(at(publication, "/ENERGY/Voltage"), 232.0, 0.005, 1.0);
    }
    let next = out.iter().find(|p| day_of(p) == "2024-06-18").unwrap();
    close(at(next, "/ENERGY/Yesterday"), 1.234, 0.15, 0.0);
    assert_eq!(at(next, "/ENERGY/Today"), 0.0);
    let last = &out[out.len() - 1];
    let sum = at(last, "/ENERGY/Today") + at(last, "/ENERGY/Yesterday");
    close(at(last, "/ENERGY/Total") - at(&out[0], "/ENERGY/Total"), sum, 0.0, 0.002);
    close(at(last, "/ENERGY/Period"), 1234.0 / 12.0, 0.0, 2.0);
}

#[test]
fn tasmota_with_several_channels_writes_arrays() {
    let topic = "tele/dual/SENSOR";
    let channel = |c| Payload::Tasmota { channel: Some(c) };
    let meters = [
        meter("left", POWER, topic, channel(0)),
        meter("right", POWER, topic, channel(1)),
        meter("right", Quantity::Energy, topic, channel(1)),
        meter("right", Quantity::EnergyReturned, topic, channel(1)),
    ];
    let out = run(&meters, FleetOptions::default(), &[0.8, 1.6, 1.6, 1.6], 3610);
    mean_is(out.iter().map(|p| at(p, "/ENERGY/Power/0")), 800.0, 1.0);
    mean_is(out.iter().map(|p| at(p, "/ENERGY/Power/1")), 1600.0, 1.0);
    let totals: Vec<f64> = out.iter().map(|p| at(p, "/ENERGY/Total/1")).collect();
    let hours = (out[out.len() - 1].at - out[0].at).as_hours_f64();
    close(gained(&totals, hours), 1.6, 1e-3, 0.002);
    let energy = json(&out[0])["ENERGY"].clone();
    assert!(energy["Voltage"].is_number(), "one voltage for both");
    assert_eq!(energy["Current"].as_array().map(Vec::len), Some(2));
    assert_eq!(energy["ExportActive"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_channels_of_a_tasmota_add_up_to_its_sum() {
    let topic = "tele/dual/SENSOR";
    let meters = [
        meter("all", POWER, topic, Payload::Tasmota { channel: None }),
        meter("right", POWER, topic, Payload::Tasmota { channel: Some(1) }),
    ];
    let out = run(&meters, FleetOptions::default(), &[2.0, 0.5], 600);
    mean_is(out.iter().map(|p| at(p, "/ENERGY/Power/0") + at(p, "/ENERGY/Power/1")), 2000.0, 1.0);
    mean_is(out.iter().map(|p| at(p, "/ENERGY/Power/1")), 500.0, 1.0);
}

#[test]
fn a_smart_meter_reader_has_an_object_of_its_own() {
    let topic = "tele/smartmeter/SENSOR";
    let sml = |object: Option<&str>| Payload::TasmotaSml { object: object.map(str::to_owned) };
    let meters = [
        meter("grid", POWER, topic, sml(Some("MT175"))),
        meter("grid", Quantity::Energy, topic, sml(Some("MT175"))),
        meter("grid", Quantity::EnergyReturned, topic, sml(Some("MT175"))),
        meter("heat", POWER, topic, sml(None)),
    ];
    let out = run(&meters, FleetOptions::default(), &[-3.0, -3.0, -3.0, 0.7], 3610);
    mean_is(out.iter().map(|p| at(p, "/MT175/power_curr")), -3000.0, 0.5);
    mean_is(out.iter().map(|p| at(p, "/SML/power_curr")), 700.0, 0.5);
    let hours = (out[out.len() - 1].at - out[0].at).as_hours_f64();
    let of = |key: &str| out.iter().map(|p| at(p, key)).collect::<Vec<_>>();
    close(gained(&of("/MT175/total_out"), hours), 3.0, 1e-3, 0.002);
    assert_eq!(gained(&of("/MT175/total_in"), hours), 0.0);
    assert!(json(&out[0])["Time"].is_string());
}

#[test]
fn zigbee2mqtt_is_flat() {
    let topic = "zigbee2mqtt/plug";
    let meters = [
        meter("plug", POWER, topic, Payload::Zigbee2mqtt),
        meter("plug", Quantity::Energy, topic, Payload::Zigbee2mqtt),
        meter("cell", Quantity::Soc, "zigbee2mqtt/cell", Payload::Zigbee2mqtt),
        Meter {
            unit: Some(Unit::Mv),
            ..meter("cell", Quantity::Voltage, "zigbee2mqtt/cell", Payload::Zigbee2mqtt)
        },
    ];
    let out = run(&meters, FleetOptions::default(), &[0.3, 0.3, 0.873, 3.005], 600);
    let (plugs, cells): (Vec<_>, Vec<_>) = out.iter().partition(|p| p.topic == topic);
    mean_is(plugs.iter().map(|p| at(p, "/power")), 300.0, 0.1);
    assert!(plugs.iter().all(|p| json(p)["state"] == "ON" && json(p)["linkquality"].is_u64()));
    close(at(plugs[0], "/current"), 300.0 / 230.0, 0.05, 0.01);
    assert!(plugs.iter().map(|p| at(p, "/energy")).is_sorted());
    mean_is(cells.iter().map(|p| at(p, "/battery")), 87.3, 0.25);
    mean_is(cells.iter().map(|p| at(p, "/voltage")), 3005.0, 1.0);
    assert!(json(cells[0]).get("power").is_none());
}

#[test]
fn evcc_retains_scalars_and_erases_what_there_is_not() {
    let meters = [
        meter("roof", POWER, "evcc/site/pvPower", Payload::Evcc),
        meter("bank", Quantity::Soc, "evcc/site/batterySoc", Payload::Evcc),
        meter("car", POWER, "evcc/loadpoints/1/chargePower", Payload::Evcc),
    ];
    let out = run(&meters, FleetOptions::default(), &[150.0, 0.5, f64::NAN], 600);
    let of =
        |topic: &str| out.iter().filter(|p| p.topic.ends_with(topic)).cloned().collect::<Vec<_>>();
    mean_is(of("pvPower").iter().map(number), 150_000.0, 1.0);
    assert_eq!(text(&of("batterySoc")[0]), "50");
    assert!(of("chargePower").iter().all(|p| p.payload.is_empty()));
    assert!(out.iter().all(|p| p.retain));
}

#[test]
fn counters_add_up_the_power_even_across_zero() {
    let meters = [
        meter("grid", Quantity::Energy, "in", Payload::Plain),
        meter("grid", Quantity::EnergyReturned, "out", Payload::Plain),
    ];
    // From 8 kW in to 4 kW out within an hour, and back: 8/3 kWh in, 2/3 kWh out.
    for course in [Course::line(8.0, -4.0), Course::line(-4.0, 8.0)] {
        // One reading of each at the start, one at the end, and none between.
        let period = Span::from_secs(3600);
        let mut fleet = Fleet::new(&meters, 1, FleetOptions { period, ..FleetOptions::default() });
        let mut out = Vec::new();
        let still = Truth::constant(&[0.0, 0.0]);
        fleet.publish(SimTime::ZERO, seconds(3600), &still, &mut out);
        let truth = Truth { courses: vec![course, course] };
        fleet.publish(seconds(3600), seconds(7200), &truth, &mut out);
        fleet.publish(seconds(7200), seconds(10_800), &still, &mut out);
        for (topic, kwh) in [("in", 8.0 / 3.0), ("out", 2.0 / 3.0)] {
            let counts: Vec<f64> = out.iter().filter(|p| p.topic == topic).map(number).collect();
            assert_eq!(counts.len(), 3);
            close(gained(&counts, 1.0), kwh, 0.0, 0.0011);
        }
    }
}

#[test]
fn a_counter_rolls_over_where_it_ends() {
    let mut counter = meter("x", Quantity::Energy, "x", Payload::Plain);
    counter.rolls_over_at = Some(Positive::new(1.0).unwrap());
    let out = run(&[counter], FleetOptions::default(), &[6.0], 3600);
    let counts: Vec<f64> = out.iter().map(number).collect();
    assert!(counts.iter().all(|&count| (0.0..1.0).contains(&count)));
    let falls: Vec<&[f64]> = counts.windows(2).filter(|pair| pair[1] < pair[0]).collect();
    assert!((5..=6).contains(&falls.len()), "{} times", falls.len());
    for pair in falls {
        close(pair[1] + 1.0 - pair[0], 6.0 / 360.0, 0.0, 0.0011);
    }
}

fn every_kind() -> (Vec<Meter>, Vec<f64>) {
    let tasmota = |channel| Payload::Tasmota { channel };
    let metric = |metric: &str| Payload::Sparkplug { metric: metric.into() };
    let meters = vec![
        meter("roof", POWER, "a", Payload::Plain),
        meter("grid", POWER, "em/status/em:0", shelly(Phase::All)),
        meter("grid", Quantity::Energy, "em/status/emdata:0", shelly(Phase::All)),
        meter("plug", POWER, "plug/status/switch:0", shelly(Phase::All)),
        meter("washer", POWER, "tele/w/SENSOR", tasmota(None)),
        meter("dual", Quantity::Energy, "tele/d/SENSOR", tasmota(Some(1))),
        meter("sm", Quantity::Energy, "tele/s/SENSOR", Payload::TasmotaSml { object: None }),
        meter("z", POWER, "zigbee2mqtt/z", Payload::Zigbee2mqtt),
        meter("e", POWER, "evcc/site/homePower", Payload::Evcc),
        meter("j", POWER, "j", Payload::Json { path: "x.y".into() }),
        meter("s", POWER, "spBv1.0/G/N/D", metric("p")),
    ];
    let truth = vec![5.0; meters.len()];
    (meters, truth)
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_others() {
    let (meters, truth) = every_kind();
    let truth = Truth::constant(&truth);
    let all = |seed| {
        let mut out = Vec::new();
        let mut fleet = Fleet::new(&meters, seed, FleetOptions::default());
        fleet.publish(SimTime::ZERO, seconds(300), &truth, &mut out);
        out
    };
    assert_eq!(all(1), all(1));
    assert_ne!(all(1), all(2));
}

#[test]
fn another_meter_changes_no_others_messages() {
    let (meters, truth) = every_kind();
    let before = run(&meters, FleetOptions::default(), &truth, 600);
    let mut more = meters.clone();
    more.insert(0, meter("new", POWER, "brand/new", Payload::Plain));
    let mut with_it = vec![1.0];
    with_it.extend(&truth);
    let mut after = run(&more, FleetOptions::default(), &with_it, 600);
    after.retain(|publication| publication.topic != "brand/new");
    assert_eq!(before, after);
}

#[test]
fn how_long_the_spans_are_changes_nothing_that_stands_still() {
    let (meters, truth) = every_kind();
    let truth = Truth::constant(&truth);
    let all = |step: u64| {
        let mut out = Vec::new();
        let mut fleet = Fleet::new(&meters, 1, FleetOptions::default());
        for from in (0..600).step_by(step as usize) {
            fleet.publish(seconds(from), seconds(from + step), &truth, &mut out);
        }
        out
    };
    // Counters add the same up in other pieces: all but their last digit.
    let (fine, coarse) = (all(1), all(600));
    assert_eq!(fine.len(), coarse.len());
    for (a, b) in fine.iter().zip(&coarse) {
        assert_eq!((a.at, &a.topic), (b.at, &b.topic));
        let counts = ["emdata", "switch", "tele", "zigbee"].iter().any(|x| a.topic.contains(x));
        assert!(counts || a.payload == b.payload, "{}", a.topic);
    }
}

#[test]
fn meters_do_not_all_publish_at_once() {
    let meters: Vec<Meter> =
        (0..100).map(|i| meter("x", POWER, &format!("m/{i}"), Payload::Plain)).collect();
    let out = run(&meters, FleetOptions::default(), &[1.0; 100], 10);
    assert_eq!(out.len(), 100);
    for second in 0..10 {
        let here = out.iter().filter(|p| p.at.0 / 1_000_000_000 == second).count();
        assert!((1..=25).contains(&here), "{here} in second {second}");
    }
}

#[test]
fn a_topic_may_have_its_own_pace() {
    let meters =
        [meter("x", POWER, "fast", Payload::Plain), meter("x", POWER, "slow", Payload::Plain)];
    let mut options = FleetOptions::default();
    options.periods.insert("fast".into(), Span::from_secs(1));
    let out = run(&meters, options, &[1.0, 1.0], 100);
    assert_eq!(out.iter().filter(|p| p.topic == "fast").count(), 100);
    assert_eq!(out.iter().filter(|p| p.topic == "slow").count(), 10);
}

#[test]
fn what_a_kind_cannot_say_is_named_and_left_out() {
    let meters = [
        meter("bank", Quantity::Soc, "x/status/switch:0", shelly(Phase::All)),
        meter("x", POWER, "same", Payload::Plain),
        meter("x", Quantity::Energy, "same", Payload::Plain),
        meter("x", POWER, "a/#", Payload::Plain),
        meter("x", POWER, "spBv1.0/only-a-group", Payload::Sparkplug { metric: "p".into() }),
    ];
    let mut fleet = Fleet::new(&meters, 1, FleetOptions::default());
    assert_eq!(fleet.unwritten(), [0, 2, 3, 4]);
    let mut out = Vec::new();
    fleet.publish(SimTime::ZERO, seconds(10), &Truth::constant(&[1.0; 5]), &mut out);
    assert_eq!(out.len(), 1);
}

#[test]
fn ten_thousand_meters_have_their_say_in_ten_seconds() {
    let meters: Vec<Meter> = (0..10_000)
        .map(|i| meter("x", POWER, &format!("m/{i}/status/em:0"), shelly(Phase::All)))
        .collect();
    let truth = Truth::constant(&vec![1.0; meters.len()]);
    let mut fleet = Fleet::new(&meters, 1, FleetOptions::default());
    let mut out = Vec::new();
    for second in 0..10 {
        fleet.publish(seconds(second), seconds(second + 1), &truth, &mut out);
    }
    assert_eq!(out.len(), 10_000);
}

/// Every number in a JSON document with the way to it.
fn numbers(value: &Value, path: &str, out: &mut Vec<(String, f64)>) {
    match value {
        Value::Number(number) => out.push((path.to_owned(), number.as_f64().unwrap())),
        Value::Array(array) => {
            for (i, value) in array.iter().enumerate() {
                numbers(value, &format!("{path}/{i}"), out);
            }
        }
        Value::Object(object) => {
            for (key, value) in object {
                numbers(value, &format!("{path}/{key}"), out);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_reader_gets_the_truth_back_whatever_unit_scale_and_sign(
        truth in -1e4..1e4f64,
        scale in 1e-3..1e3f64,
        unit in prop::sample::select(vec![None, Some(Unit::W), Some(Unit::Kw), Some(Unit::Mw)]),
        reversed in any::<bool>(),
    ) {
        let meter = Meter {
            unit,
            scale: Positive::new(scale).unwrap(),
            sign: if reversed { Sign::Reversed } else { Sign::Same },
            ..meter("x", POWER, "x", Payload::Plain)
        };
        let options = FleetOptions { noise_share: 0.0, ..FleetOptions::default() };
        let out = run(std::slice::from_ref(&meter), options, &[truth], 60);
        for publication in out {
            // A watt before the scale, halved.
            close(number(&publication) * meter.factor(), truth, 1e-9, 0.000_51 * scale.max(1.0));
        }
    }

    #[test]
    fn counters_never_fall_without_a_fault(powers in prop::collection::vec(-50.0..50.0f64, 20)) {
        let mut meters = Vec::new();
        for quantity in [Quantity::Energy, Quantity::EnergyReturned] {
            meters.push(meter("x", quantity, "e/status/emdata:0", shelly(Phase::All)));
            meters.push(meter("x", quantity, "e/status/emdata:1", shelly(Phase::B)));
            meters.push(meter("x", quantity, "e/status/switch:0", shelly(Phase::All)));
            meters.push(meter("x", quantity, "tele/x/SENSOR", Payload::Tasmota { channel: None }));
            meters.push(meter("x", quantity, "tele/y/SENSOR", Payload::TasmotaSml { object: None }));
            meters.push(meter("x", quantity, "z", Payload::Zigbee2mqtt));
            meters.push(meter("x", quantity, "j", Payload::Json { path: quantity.name().into() }));
        }
        let mut fleet = Fleet::new(&meters, 3, FleetOptions::default());
        let mut out = Vec::new();
        for (i, pair) in powers.windows(2).enumerate() {
            let courses = vec![Course::line(pair[0], pair[1]); meters.len()];
            let from = i as u64 * 30;
            fleet.publish(seconds(from), seconds(from + 30), &Truth { courses }, &mut out);
        }
        let mut last = std::collections::BTreeMap::new();
        let mut counters = 0;
        for publication in &out {
            let mut found = Vec::new();
            numbers(&json(publication), "", &mut found);
            for (path, value) in found {
                let counts = ["total", "Total", "Export", "energy"].iter().any(|x| path.contains(x));
                let rates = ["by_minute", "minute_ts", "Power", "act_power", "Current"];
                if !counts || rates.iter().any(|x| path.contains(x)) {
                    continue;
                }
                counters += 1;
                let before = last.insert((publication.topic.clone(), path.clone()), value);
                prop_assert!(before.is_none_or(|before| before <= value), "{} {path}", publication.topic);
            }
        }
        prop_assert!(counters > 500);
    }

    #[test]
    fn no_truth_however_absurd_breaks_the_fleet(values in prop::collection::vec(any::<f64>(), 11)) {
        let (meters, _) = every_kind();
        let out = run(&meters, FleetOptions::default(), &values, 60);
        for publication in out {
            let binary = publication.topic.starts_with("spBv1.0");
            let scalar = ["a", "evcc/site/homePower"].contains(&publication.topic.as_str());
            prop_assert!(binary || scalar || json(&publication).is_object());
        }
    }
}
