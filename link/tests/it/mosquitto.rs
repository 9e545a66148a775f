//! The connection against Debian's Mosquitto: plain, with passwords, with TLS, killed in the
//! middle. Not hostile brokers (see `hostile`) and not the embedded one (see `demo`).

#![allow(clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use crate::support::{Certificates, Mosquitto, PATIENCE, options, program, receive_until, until};
use gridtwin_link::broker::{
    Availability, Backoff, Batch, Broker, BrokerError, Credentials, News, Options, Tls, Trouble,
};

const OPEN: &str = "allow_anonymous true";

fn filters(all: &[&str]) -> Vec<String> {
    all.iter().map(|&filter| filter.to_owned()).collect()
}

fn got(batch: &Batch, topic: &str) -> Vec<String> {
    let those = batch.messages.iter().filter(|message| &*message.topic == topic);
    those.map(|message| String::from_utf8_lossy(&message.payload).into_owned()).collect()
}

fn trouble(options: Options) -> Trouble {
    match Broker::connect(options) {
        Err(BrokerError::Trouble(trouble)) => trouble,
        other => panic!("no trouble: {other:?}"),
    }
}

#[test]
fn retained_and_live_messages_come_with_their_flag_and_in_order() {
    let broker = Mosquitto::start(OPEN);
    let meter = Broker::connect(broker.options("meter")).unwrap();
    meter.publish("site/pv", b"kept", true).unwrap();
    until("acknowledged", || meter.sent().acknowledged == 1);
    let twin = Broker::connect(Options { filters: filters(&["site/#"]), ..broker.options("twin") })
        .unwrap();
    let first = receive_until(&twin, |all| !all.messages.is_empty());
    assert!(matches!(first.news[0], News::Connected { resumed: false, .. }), "{first:?}");
    assert!(first.messages[0].retained);
    assert_eq!(got(&first, "site/pv"), ["kept"]);
    for i in 0..500 {
        meter.publish(&format!("site/{}", i % 2), i.to_string().as_bytes(), false).unwrap();
        meter.publish("elsewhere", b"x", false).unwrap();
    }
    let rest = receive_until(&twin, |all| all.messages.len() >= 500);
    let numbers: Vec<usize> = rest
        .messages
        .iter()
        .map(|m| std::str::from_utf8(&m.payload).unwrap().parse().unwrap())
        .collect();
    assert_eq!(numbers, (0..500).collect::<Vec<_>>());
    assert!(rest.messages.iter().all(|m| !m.retained));
    assert!(rest.messages.windows(2).all(|pair| pair[0].at <= pair[1].at));
    assert_eq!(twin.counts().delivered, 501);
    meter.close().unwrap();
    twin.close().unwrap();
}

#[test]
fn the_right_password_comes_in_and_a_wrong_or_no_password_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passwords");
    let made = std::process::Command::new(program("mosquitto_passwd"))
        .args(["-b", "-c"])
        .arg(&file)
        .args(["twin", "right horse"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let lines = format!("allow_anonymous false\npassword_file {}", file.display());
    let broker = Mosquitto::start_in(folder, &lines);
    let with = |user: &str, password: &str| {
        let credentials = Credentials::new(user.to_owned(), password.to_owned()).unwrap();
        // Even a patient connection does not wait for a password to become right.
        let patient = true;
        Options { credentials: Some(credentials), patient, ..broker.options("twin") }
    };
    Broker::connect(with("twin", "right horse")).unwrap().close().unwrap();
    let wrong = trouble(with("twin", "wrong horse"));
    assert!(
        matches!(&wrong, Trouble::Denied { user: Some(user), .. } if user == "twin"),
        "{wrong}"
    );
    assert!(wrong.to_string().contains("rejects the user \"twin\" or its password"));
    assert!(!wrong.to_string().contains("horse"));
    let none = trouble(broker.options("twin")).to_string();
    assert!(none.contains("GRIDTWIN_MQTT_PASSWORD"), "{none}");
}

#[test]
fn tls_with_client_certificates_works_and_each_mistake_has_its_own_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Certificates::new(folder.path(), "ours");
    let theirs = Certificates::new(folder.path(), "theirs");
    let lines = format!("allow_anonymous true\nrequire_certificate true\n{}", ours.lines());
    let broker = Mosquitto::start_in(folder, &lines);
    let with = |host: &str, tls: Tls| {
        let address = format!("mqtts://{host}:{}", broker.port);
        Options { tls, patient: true, filters: filters(&["a"]), ..options(&address, "twin") }
    };
    let full = Tls {
        ca: Some(ours.ca.clone()),
        cert: Some(ours.client.clone()),
        key: Some(ours.client_key.clone()),
    };
    let twin = Broker::connect(with("localhost", full.clone())).unwrap();
    twin.publish("a", b"1", false).unwrap();
    assert_eq!(got(&receive_until(&twin, |all| !all.messages.is_empty()), "a"), ["1"]);
    twin.close().unwrap();

    let wrong_ca = Tls { ca: Some(theirs.ca.clone()), ..full.clone() };
    let error = trouble(with("localhost", wrong_ca));
    assert!(matches!(error, Trouble::Untrusted { .. }), "{error:?}");
    assert!(error.to_string().contains("--ca"), "{error}");

    let error = trouble(with("127.0.0.1", full.clone()));
    assert!(matches!(error, Trouble::OtherHost { .. }), "{error:?}");
    assert!(error.to_string().contains("is for localhost, not for 127.0.0.1"), "{error}");

    // The broker's alert can be lost with the connection, so an impatient one: both say what to do.
    let no_certificate = Tls { cert: None, key: None, ..full.clone() };
    let error = trouble(Options { patient: false, ..with("localhost", no_certificate) });
    assert!(error.to_string().contains("client certificate (--cert, --key)"), "{error}");

    let foreign =
        Tls { cert: Some(theirs.client.clone()), key: Some(theirs.client_key.clone()), ..full };
    let error = trouble(Options { patient: false, ..with("localhost", foreign) });
    assert!(error.to_string().contains("the client certificate"), "{error}");

    let plain = trouble(options(&format!("mqtt://localhost:{}", broker.port), "twin"));
    assert!(plain.to_string().contains("it may require mqtts://"), "{plain}");
}

#[test]
fn tls_to_a_broker_without_tls_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Certificates::new(folder.path(), "ours");
    let broker = Mosquitto::start(OPEN);
    let tls = Tls { ca: Some(ours.ca), ..Tls::default() };
    let address = format!("mqtts://localhost:{}", broker.port);
    let error = trouble(Options { tls, ..options(&address, "twin") });
    // Mosquitto says nothing to such a greeting; it hangs up.
    assert!(matches!(error, Trouble::NotTls(_) | Trouble::ClosedEarly(..)), "{error:?}");
}

#[test]
fn a_broker_that_is_killed_and_comes_back_has_our_subscriptions_again() {
    let mut mosquitto = Mosquitto::start(OPEN);
    let backoff = Backoff { first: Duration::from_millis(200), most: Duration::from_secs(1) };
    let twin = Broker::connect(Options {
        filters: (0..200).map(|i| format!("many/{i}")).chain(filters(&["site/+"])).collect(),
        backoff,
        availability: Some(Availability {
            topic: "twin/state".into(),
            online: b"online".into(),
            offline: b"offline".into(),
        }),
        ..mosquitto.options("twin")
    })
    .unwrap();
    let meter = Broker::connect(Options { backoff, ..mosquitto.options("meter") }).unwrap();
    receive_until(&twin, |all| {
        meter.publish("site/pv", b"before", false).unwrap();
        got(all, "site/pv").contains(&"before".to_owned())
    });

    mosquitto.kill();
    let since = Instant::now();
    let failed = |all: &Batch| {
        all.news.iter().filter(|news| matches!(news, News::Disconnected { .. })).count()
    };
    // States that change while the broker is away, and what must not be lost.
    for i in 0..1000 {
        meter.publish("site/state", i.to_string().as_bytes(), true).unwrap();
    }
    meter.publish("site/alarm", b"fire", false).unwrap();
    let away = receive_until(&twin, |all| failed(all) >= 5);
    // 0.2 + 0.4 + 0.8 + 1 s lie between five failures: nothing spins.
    assert!(since.elapsed() >= Duration::from_millis(2300), "{:?}", since.elapsed());
    let waits: Vec<u128> = away
        .news
        .iter()
        .filter_map(|news| match news {
            News::Disconnected { again_in, .. } => Some(again_in.as_millis()),
            _ => None,
        })
        .collect();
    assert!(got(&away, "site/state").is_empty());
    assert_eq!(waits[..5], [200, 400, 800, 1000, 1000]);
    let News::Disconnected { why, attempts: 0, .. } = &away.news[0] else {
        panic!("{:?}", away.news)
    };
    assert!(why.to_string().contains("closed the connection"), "{why}");
    let News::Disconnected { why, attempts: 1, .. } = &away.news[1] else {
        panic!("{:?}", away.news)
    };
    assert!(why.to_string().contains("refuses connections"), "{why}");
    assert!(!twin.is_connected());

    mosquitto.restart();
    let back = receive_until(&twin, |all| {
        all.news.iter().any(|news| matches!(news, News::Connected { .. }))
    });
    assert!(back.news.iter().any(|n| matches!(n, News::Connected { resumed: false, .. })));
    // The meter may have been back first, with nobody there to hear it; the state was kept.
    let state = receive_until(&twin, |all| got(all, "site/state").contains(&"999".to_owned()));
    assert_eq!(got(&state, "site/state").first().map(String::as_str), Some("999"));
    receive_until(&twin, |all| {
        meter.publish("site/pv", b"after", false).unwrap();
        meter.publish("many/199", b"too", false).unwrap();
        !got(all, "site/pv").is_empty() && !got(all, "many/199").is_empty()
    });
    let sent = meter.sent();
    assert!(sent.superseded >= 990 && sent.dropped == 0, "{sent:?}");
    until("all acknowledged", || {
        let sent = meter.sent();
        sent.acknowledged + sent.superseded == sent.published
    });
    // Online again, by a third who asks.
    let third =
        Broker::connect(Options { filters: filters(&["twin/#"]), ..mosquitto.options("third") })
            .unwrap();
    receive_until(&third, |all| got(all, "twin/state") == ["online"]);
    twin.close().unwrap();
    receive_until(&third, |all| got(all, "twin/state") == ["offline"]);
}

#[test]
fn the_broker_keeps_what_comes_at_qos_1_while_we_are_away_until_it_is_told_to_forget() {
    let broker = Mosquitto::start(OPEN);
    let meter = Broker::connect(broker.options("meter")).unwrap();
    let connect = || {
        let filters = filters(&["site/pv"]);
        let twin = Broker::connect(Options { filters, ..broker.options("twin") }).unwrap();
        // Its own message is the proof that it is subscribed.
        twin.publish("site/pv", b"here", false).unwrap();
        (receive_until(&twin, |all| got(all, "site/pv").contains(&"here".to_owned())), twin)
    };
    let away = |text: &str| {
        let before = meter.sent().acknowledged;
        meter.publish("site/pv", text.as_bytes(), false).unwrap();
        until("acknowledged", || meter.sent().acknowledged > before);
    };
    let resumed = |all: &Batch| {
        all.news.iter().any(|news| matches!(news, News::Connected { resumed: true, .. }))
    };
    let (all, twin) = connect();
    assert!(!resumed(&all));
    drop(twin);
    away("while we crashed");
    let (all, twin) = connect();
    assert!(resumed(&all));
    assert_eq!(got(&all, "site/pv"), ["while we crashed", "here"]);
    twin.close().unwrap();
    away("while we were closed");
    let (all, twin) = connect();
    assert_eq!(got(&all, "site/pv"), ["while we were closed", "here"]);
    twin.close_and_forget().unwrap();
    away("forgotten");
    let (all, _twin) = connect();
    assert!(!resumed(&all));
    assert_eq!(got(&all, "site/pv"), ["here"]);
}

#[test]
fn a_twin_that_is_lost_is_offline_by_its_last_will() {
    let broker = Mosquitto::start(OPEN);
    let availability = Some(Availability {
        topic: "twin/state".into(),
        online: b"online".into(),
        offline: b"offline".into(),
    });
    let watch =
        Broker::connect(Options { filters: filters(&["twin/#"]), ..broker.options("watch") });
    let watch = watch.unwrap();
    let twin = Broker::connect(Options { availability, ..broker.options("twin") }).unwrap();
    receive_until(&watch, |all| got(all, "twin/state") == ["online"]);
    drop(twin);
    receive_until(&watch, |all| got(all, "twin/state") == ["offline"]);
}

#[test]
fn a_set_point_that_waited_too_long_for_the_broker_is_never_sent() {
    let mut mosquitto = Mosquitto::start(OPEN);
    let twin =
        Broker::connect(Options { filters: filters(&["site/#"]), ..mosquitto.options("twin") })
            .unwrap();
    mosquitto.kill();
    until("away", || !twin.is_connected());
    let now = Instant::now();
    twin.publish_until("site/setpoint", b"stale", false, now + Duration::from_millis(1)).unwrap();
    twin.publish_until("site/setpoint", b"fresh", false, now + 2 * PATIENCE).unwrap();
    std::thread::sleep(Duration::from_millis(5));
    mosquitto.restart();
    let all = receive_until(&twin, |all| !all.messages.is_empty());
    assert_eq!(got(&all, "site/setpoint"), ["fresh"]);
    assert_eq!(twin.sent().expired, 1);
}

#[test]
fn an_owner_who_does_not_listen_loses_the_oldest_of_the_busy_topic_alone() {
    let broker = Mosquitto::start(OPEN);
    let mut few = Options { filters: filters(&["site/+"]), ..broker.options("twin") };
    few.limits.per_topic = 10;
    let twin = Broker::connect(few).unwrap();
    let meter = Broker::connect(broker.options("meter")).unwrap();
    twin.publish("site/ready", b"", false).unwrap();
    receive_until(&twin, |all| !all.messages.is_empty());
    meter.publish("site/quiet", b"q", false).unwrap();
    for i in 0..300 {
        meter.publish("site/busy", i.to_string().as_bytes(), false).unwrap();
    }
    until("all came", || twin.counts().received == 302);
    let all = twin.receive(Instant::now());
    let last: Vec<String> = (290..300).map(|i| i.to_string()).collect();
    assert_eq!(got(&all, "site/busy"), last);
    assert_eq!(got(&all, "site/quiet"), ["q"]);
    assert_eq!(twin.dropped_by_topic(), [("site/busy".into(), 290)]);
}
