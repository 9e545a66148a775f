//! Plain numbers, and numbers at a path of a JSON text; units, scale and sign; topics.
use super::meter::{meter, near, one, read};
use gridtwin_link::payload::{Fault, Intake, Reason, Said, Taken, What, check};
use gridtwin_twin::scenario::{Payload, Positive, Quantity, Sign, Unit};

fn json(path: &str) -> Payload {
    Payload::Json { path: path.into() }
}

#[test]
fn a_plain_number_is_in_the_base_unit_unless_the_meter_says_otherwise() {
    near(read("t", Payload::Plain, Quantity::Power, "1.25"), 1.25);
    near(read("t", Payload::Plain, Quantity::Soc, " 62.5\n"), 0.625);
    let mut watts = meter("t", Payload::Plain, Quantity::Power);
    (watts.unit, watts.scale, watts.sign) =
        (Some(Unit::W), Positive::new(10.0).unwrap(), Sign::Reversed);
    near(one(&mut Intake::new(&[watts]), "t", "2.5e1"), -0.25);
}

#[test]
fn what_is_no_plain_number_is_refused_with_its_reason() {
    for (text, reason) in [
        ("1,5", Reason::Comma),
        ("NaN", Reason::NotFinite),
        ("inf", Reason::NotFinite),
        ("1e400", Reason::NotFinite),
        ("unavailable", Reason::NotNumber),
        ("unknown", Reason::NotNumber),
        ("{\"power\":1}", Reason::NotNumber),
        (" ", Reason::NotNumber),
    ] {
        assert_eq!(read("t", Payload::Plain, Quantity::Power, text), Err(reason), "{text}");
    }
}

#[test]
fn a_number_that_its_scale_takes_beyond_a_double_is_not_finite() {
    let mut meter = meter("t", Payload::Plain, Quantity::Power);
    meter.scale = Positive::new(1e10).unwrap();
    assert_eq!(one(&mut Intake::new(&[meter]), "t", "1e300"), Err(Reason::NotFinite));
}

#[test]
fn an_erased_message_says_that_the_meter_has_gone() {
    assert_eq!(read("t", Payload::Plain, Quantity::Power, ""), Ok(Some(What::Gone)));
    assert_eq!(read("t", json("a"), Quantity::Power, ""), Ok(Some(What::Gone)));
}

#[test]
fn a_path_leads_through_names_and_places() {
    let text = r#"{"meters":[{"power":1.5,"soc":"81","on":true,"none":null}]}"#;
    near(read("t", json("meters.0.power"), Quantity::Power, text), 1.5);
    near(read("t", json("meters.0.soc"), Quantity::Soc, text), 0.81);
    near(read("t", json("0.1"), Quantity::Power, "[[4,5]]"), 5.0);
    near(read("t", json("0"), Quantity::Power, r#"{"0":6}"#), 6.0);
    assert_eq!(read("t", json("meters.0.none"), Quantity::Power, text), Ok(None));
    for (path, reason) in [
        ("meters.0.on", Reason::WrongShape),
        ("meters.0", Reason::WrongShape),
        ("meters.1.power", Reason::Missing),
        ("meters.power", Reason::Missing),
        ("meters.0.Power", Reason::Missing),
    ] {
        assert_eq!(read("t", json(path), Quantity::Power, text), Err(reason), "{path}");
    }
    let sick = r#"{"power":"unavailable"}"#;
    assert_eq!(read("t", json("power"), Quantity::Power, sick), Err(Reason::NotNumber));
    assert_eq!(read("t", json("power"), Quantity::Power, "12"), Err(Reason::Missing));
    assert_eq!(read("t", json("power"), Quantity::Power, "power"), Err(Reason::NotJson));
}

#[test]
fn several_meters_read_from_one_message() {
    let meters = [
        meter("t", json("p"), Quantity::Power),
        meter("t", json("e"), Quantity::Energy),
        meter("t", json("x"), Quantity::Soc),
        meter("other", json("p"), Quantity::Power),
    ];
    let mut intake = Intake::new(&meters);
    let mut out = Vec::new();
    let taken = intake.take("t", br#"{"p":1,"e":2}"#, &mut out);
    assert_eq!(taken, Taken::Partly { meter: 2, reason: Reason::Missing });
    let said = |meter, value| Said { meter, what: What::Value(value), stamped_ms: None };
    assert_eq!(out, [said(0, 1.0), said(1, 2.0)]);
    assert_eq!(intake.take("u", b"1", &mut out), Taken::Unknown);
    assert_eq!(out.len(), 2);
}

#[test]
fn each_topic_is_subscribed_to_once_and_in_order() {
    let meters = [
        meter("z", Payload::Plain, Quantity::Power),
        meter("a", json("p"), Quantity::Power),
        meter("a", json("e"), Quantity::Energy),
    ];
    assert_eq!(Intake::new(&meters).subscriptions(), ["a", "z"]);
    assert_eq!(Intake::new(&[]).subscriptions(), Vec::<String>::new());
}

#[test]
fn a_meter_that_can_never_be_read_is_refused_and_not_subscribed_to() {
    let shelly = || Payload::Shelly { phase: Default::default() };
    let sparkplug = || Payload::Sparkplug { metric: "p".into() };
    for (topic, payload, quantity, fault) in [
        ("", Payload::Plain, Quantity::Power, Fault::Topic),
        ("a/+/b", Payload::Plain, Quantity::Power, Fault::Topic),
        ("#", Payload::Plain, Quantity::Power, Fault::Topic),
        ("t", json(""), Quantity::Power, Fault::Path),
        ("t", json("a..b"), Quantity::Power, Fault::Path),
        ("shelly/status/temperature:0", shelly(), Quantity::Power, Fault::NotShelly),
        ("shelly/status/em", shelly(), Quantity::Power, Fault::NotShelly),
        ("shelly/status/em:0", shelly(), Quantity::Energy, Fault::NotMeasured),
        ("shelly/status/emdata:0", shelly(), Quantity::Power, Fault::NotMeasured),
        ("tele/t/SENSOR", Payload::Tasmota { channel: None }, Quantity::Soc, Fault::NotMeasured),
        ("spBv1.0/G/NDATA/N/D", sparkplug(), Quantity::Power, Fault::NotSparkplug),
        ("spBv1.0/G", sparkplug(), Quantity::Power, Fault::NotSparkplug),
    ] {
        let meter = meter(topic, payload, quantity);
        assert_eq!(check(&meter), Err(fault), "{topic}");
        assert_eq!(Intake::new(&[meter]).subscriptions(), Vec::<String>::new());
    }
}
