//! Each rule fires on its bad example, at its place; none fires on what comes with gridtwin.

use super::RULES;
use crate::scenario::{Override, Scenario};
use std::path::Path;

/// A site about which nothing is improbable.
const GOOD: &str = r#"(
    name: "site",
    site: (latitude_deg: 48.1, longitude_deg: 11.6, time_zone: "Europe/Berlin"),
    start: "2025-06-01",
    days: 7,
    pv: [(id: "roof", dc_kw: 10, tilt_deg: 30, azimuth_deg: 180)],
    batteries: [(id: "main", capacity_kwh: 12, charge_kw: 5, discharge_kw: 5)],
    gensets: [(id: "diesel", capacity_kw: 8)],
    loads: [(id: "house", profile: Typical(shape: Residential, annual_kwh: 4500), shedding: (below_soc: 0.3))],
    chargers: [(id: "carport", count: 1, power_kw: 11, sessions: Elaad(place: Home, per_weekday: 1))],
    grid: (
        import_limit_kw: 20,
        export_limit_kw: 7,
        tariff: (price_per_kwh: 0.3, periods: [
            (name: "night", price_per_kwh: 0.2, from: "22:00", until: "06:00"),
            (name: "peak", price_per_kwh: 0.4, from: "17:00", until: "21:00", days: Weekdays),
        ], export_price_per_kwh: 0.08),
        carbon: Constant(g_per_kwh: 380),
        outages: [(from: "2025-06-03T18:00", until: "2025-06-03T20:30")],
    ),
    devices: [(id: "cameras", count: 4)],
    edge_servers: [(id: "server", cores: 4, frequency_ghz: 2.4, idle_w: 15, busy_w: 60)],
    switches: [(id: "router", power_w: 8)],
    links: [
        (from: "cameras", to: "router", latency_ms: 3, rate_mbit_s: 50),
        (from: "server", to: "router", latency_ms: 0.3, rate_mbit_s: 1000),
    ],
    tasks: [(id: "frames", from: "cameras", arrivals: Poisson(per_minute: 6), input_kb: Constant(120), megacycles: Constant(400), deadline_s: 2)],
    policies: (dispatch: TimeOfUse(charge_below_price: 0.25, discharge_above_price: 0.35)),
    faults: [(what: Node("router"), from: "2025-06-02T10:00", until: "2025-06-02T11:00")],
    changes: [(at: "2025-06-04T12:00", change: Clouds(cover: 0.9, hours: 3))],
)
"#;

/// What is set, where the warning points, and what it says; at least one for each rule.
#[rustfmt::skip]
const CASES: &[(&str, &str, &str, &str)] = &[
    ("outage outside the run", "\"2025-06-03T18:00\", until: \"2025-06-03T20:30\"", "\"2025-07-03T18:00\", until: \"2025-07-03T20:30\"", "the outage at 2025-07-03T18:00:00 lies outside the run"),
    ("fault outside the run", "\"2025-06-02T10:00\", until: \"2025-06-02T11:00\"", "\"2025-05-02T10:00\", until: \"2025-05-02T11:00\"", "the fault at 2025-05-02T10:00:00 lies outside the run"),
    ("decimal point that may separate thousands", "annual_kwh: 4500", "annual_kwh: 210.000", "write 210000 if the point separates thousands"),
    ("array that faces away from the sun", "azimuth_deg: 180", "azimuth_deg: 0", "faces north, but the sun is in the south"),
    ("array that faces away from the sun", "azimuth_deg: 180", "azimuth_deg: 345", "180 is south"),
    ("array that faces away from the sun", "48.1, longitude_deg: 11.6, time_zone: \"Europe/Berlin\"", "-33.9, longitude_deg: 18.4, time_zone: \"Africa/Johannesburg\"", "0 is north"),
    ("longitude far from the time zone", "longitude_deg: 11.6", "longitude_deg: -79.9", "one of them belongs to a different place"),
    ("longitude far from the time zone", "longitude_deg: 11.6, time_zone: \"Europe/Berlin\"", "longitude_deg: 79.9, time_zone: \"America/New_York\"", "did you mean -79.9?"),
    ("longitude far from the time zone", "48.1, longitude_deg: 11.6, time_zone: \"Europe/Berlin\"", "-74, longitude_deg: 40.7, time_zone: \"America/New_York\"", "write latitude_deg: 40.7, longitude_deg: -74"),
    ("latitude and longitude swapped", "48.1, longitude_deg: 11.6,", "11.6, longitude_deg: 48.1,", "write latitude_deg: 48.1, longitude_deg: 11.6"),
    ("latitude and longitude swapped", "48.1, longitude_deg: 11.6, time_zone: \"Europe/Berlin\"", "24.9, longitude_deg: 60.2, time_zone: \"Europe/Helsinki\"", "write latitude_deg: 60.2, longitude_deg: 24.9"),
    ("time zone with an unexpected offset", "48.1, longitude_deg: 11.6, time_zone: \"Europe/Berlin\"", "40.7, longitude_deg: -74, time_zone: \"EST\"", "write \"America/New_York\" if the site has daylight saving time"),
    ("time zone with an unexpected offset", "Europe/Berlin", "Etc/GMT+1", "did you mean \"Etc/GMT-1\"?"),
    ("price thresholds in another unit", "discharge_above_price: 0.35", "discharge_above_price: 35", "write 0.35 if the threshold is in hundredths of EUR"),
    ("price thresholds in another unit", "charge_below_price: 0.25", "charge_below_price: 0.0025", "write 0.25 if the prices are in hundredths of EUR"),
    ("price period that starts and ends at the same time", "from: \"17:00\", until: \"21:00\"", "from: \"17:00\", until: \"17:00\"", "it lasts 24 hours, until 17:00 of the next day"),
    ("price period that starts and ends at the same time", "price_per_kwh: 0.3,", "price_per_kwh: 0.3, export_periods: [(name: \"x\", price_per_kwh: 0.1, from: \"08:30\", until: \"08:30\")],", "check `until`"),
    ("price factor below 0.1 or above 10", "price_per_kwh: 0.3,", "price_per_kwh: 0.3, price_factor: 30,", "1.3 makes them 30 % higher"),
    ("price factor below 0.1 or above 10", "price_per_kwh: 0.3,", "price_per_kwh: 0.3, price_factor: 0,", "all energy is then free"),
    ("loads above the import limit", "gensets: [(id: \"diesel\", capacity_kw: 8)],\n    loads: [(id: \"house\", profile: Typical(shape: Residential, annual_kwh: 4500)", "loads: [(id: \"house\", profile: Constant(power_kw: 26)", "batteries of 5 kW, but the loads need up to 26.0 kW"),
    ("price of carbon out of range", "price_per_kwh: 0.3,", "price_per_kwh: 0.3, carbon_price_per_t: 0.06,", "write 60 if yours is per kg"),
    ("price of carbon out of range", "price_per_kwh: 0.3,", "price_per_kwh: 0.3, carbon_price_per_t: 6000,", "a missing decimal point"),
    ("price below zero", "price_per_kwh: 0.3,", "price_per_kwh: -0.3,", "write 0.3"),
    ("price below zero", "price_per_kwh: 0.3,", "price_per_kwh: -30,", "is paid for every kWh"),
    ("unknown currency code", "price_per_kwh: 0.3,", "currency: \"eur\", price_per_kwh: 0.3,", "write \"EUR\""),
    ("unknown currency code", "price_per_kwh: 0.3,", "currency: \"Taler\", price_per_kwh: 0.3,", "a code of three letters"),
    ("exports without a price", ", export_price_per_kwh: 0.08", "", "exported energy earns nothing"),
    ("exports without a price", ", export_price_per_kwh: 0.08", "", "exported energy earns nothing"),
    ("power that no microgrid has", "power_kw: 11,", "power_kw: 11000,", "no charger has so much power"),
    ("price thresholds in another unit", "discharge_above_price: 0.35", "discharge_above_price: 350", "write 0.35 if the threshold is per MWh, in EUR"),
    ("time that the clock skips", "\"2025-06-03T18:00\", until: \"2025-06-03T20:30\"", "\"2025-03-30T02:30\", until: \"2025-06-03T20:30\"", "daylight-saving time begins"),
    ("power that no microgrid has", "power_kw: 11", "power_kw: 11000", "no charger has so much power"),
    ("price thresholds in another unit", "discharge_above_price: 0.35", "discharge_above_price: 350", "write 0.35 if the threshold is per MWh, in EUR"),
    ("time that the clock skips", "\"2025-06-03T18:00\", until: \"2025-06-03T20:30\"", "\"2025-03-30T02:30\", until: \"2025-06-03T20:30\"", "daylight-saving time begins"),
    ("power that no microgrid has", "power_kw: 11", "power_kw: 11000000", "write 11000 if yours is in W"),
    ("power that no microgrid has", "Typical(shape: Residential, annual_kwh: 4500)", "Constant(power_kw: 2000000)", "which is 2000 MW"),
    ("battery capacity that no microgrid has", "capacity_kwh: 12", "capacity_kwh: 500000000", "which is 500 GWh"),
    ("battery capacity that no microgrid has", "capacity_kwh: 12", "capacity_kwh: 12000", "write 12 if yours is in Wh"),
    ("load that no microgrid has", "annual_kwh: 4500", "annual_kwh: 4500000000", "a mean power of 514 MW"),
    ("load that no microgrid has", "loads: [", "loads: [(id: \"hall\", profile: Typical(shape: Office, annual_kwh: 210000000)), ", "46667 times that of all other loads"),
    ("clock rate that no processor has", "frequency_ghz: 2.4", "frequency_ghz: 2400", "write 2.4 if yours is in MHz"),
    ("clock rate that no processor has", "frequency_ghz: 2.4", "frequency_ghz: 19.2", "the clock rate of one core, not the sum of all cores"),
    ("price in cents", "price_per_kwh: 0.3,", "price_per_kwh: 30,", "write 0.3"),
    ("price in cents", "price_per_kwh: 0.4,", "price_per_kwh: 400,", "probably per MWh; prices are in EUR per kWh: write 0.4"),
    ("carbon intensity in another unit", "g_per_kwh: 380", "g_per_kwh: 0.38", "write 380 if yours is in kg"),
    ("carbon intensity in another unit", "g_per_kwh: 380", "g_per_kwh: 3800", "lb per MWh"),
    ("price period that never applies", "from: \"17:00\", until: \"21:00\"", "from: \"23:00\", until: \"05:00\"", "the period \"peak\" never applies"),
    ("price thresholds outside all prices", "charge_below_price: 0.25", "charge_below_price: 0.15", "below every price"),
    ("price thresholds outside all prices", "discharge_above_price: 0.35", "discharge_above_price: 0.45", "above every price: the batteries never discharge; in this run a kWh costs 0.2 to 0.4 EUR"),
    ("import limit of zero", "import_limit_kw: 20", "import_limit_kw: 0", "supplies nothing"),
    ("export limit of zero", "export_limit_kw: 7,", "", "export_limit_kw is missing, so it is 0"),
    ("PV far above the load", "dc_kw: 10", "dc_kw: 9500", "times the site's"),
    ("load of zero", "annual_kwh: 4500", "annual_kwh: 0", "never draws any power"),
    ("chargers without cars", "per_weekday: 1", "per_weekday: 0", "are never used"),
    ("battery with a high C-rate", "discharge_kw: 5", "discharge_kw: 500", "within 1.4 minutes"),
    ("genset thresholds outside the batteries' usable range", "capacity_kw: 8", "capacity_kw: 8, start_below_soc: 0.05", "never reached"),
    ("genset thresholds outside the batteries' usable range", "capacity_kw: 8", "capacity_kw: 8, stop_above_soc: 0.99", "the genset never stops"),
    ("shedding threshold outside the batteries' usable range", "below_soc: 0.3", "below_soc: 0.05", "never reached"),
    ("shedding threshold outside the batteries' usable range", "below_soc: 0.3", "below_soc: 0.96", "switched off all the time"),
    ("shedding threshold outside the batteries' usable range", "below_soc: 0.3", "below_soc: 0.9", "it stays off until the grid is back"),
    ("reserve outside the batteries' usable range", "TimeOfUse(charge_below_price: 0.25, discharge_above_price: 0.35)", "BackupReserve(reserve_soc: 0.99)", "never discharge"),
    ("reserve outside the batteries' usable range", "TimeOfUse(charge_below_price: 0.25, discharge_above_price: 0.35)", "BackupReserve(reserve_soc: 0.05)", "it reserves nothing"),
    ("charging target outside the batteries' usable range", "discharge_above_price: 0.35", "discharge_above_price: 0.35, target_soc: 0.1", "always above it"),
    ("offloading without a server or a cloud", "policies: (", "policies: (offload: LeastCarbon, ", "all tasks stay on their devices"),
    ("servers unused by the offload policy", "policies: (", "policies: (offload: Local, ", "the edge servers get no task"),
    ("server that nothing can reach", "edge_servers: [", "edge_servers: [(id: \"lone\", cores: 1, frequency_ghz: 1, idle_w: 1, busy_w: 2),", "the server lone has no link"),
    ("switch without links", "switches: [", "switches: [(id: \"lone\"),", "the switch lone has no link"),
    ("deadline shorter than transfer or computation", "rate_mbit_s: 50", "rate_mbit_s: 0.1", "takes 9.60 s"),
    ("deadline shorter than transfer or computation", "megacycles: Constant(400)", "megacycles: Constant(400000)", "takes 166.67 s on the fastest core (2.4 GHz)"),
    ("task stream without tasks", "per_minute: 6", "per_minute: 0", "never sends a task"),
];

fn doubts(name: &str, text: &str) -> Vec<String> {
    let scenario = Scenario::parse(text, "site.ron").unwrap_or_else(|error| panic!("{error}"));
    let rule = RULES.iter().find(|(known, _)| *known == name);
    let (_, rule) = rule.unwrap_or_else(|| panic!("there is no rule {name:?}"));
    rule(&scenario)
        .into_iter()
        .map(|d| format!("{}: {}; {}", d.path, d.message, d.remedy))
        .collect()
}

fn without(text: &str, line: &str) -> String {
    let start = text.find(&format!("    {line}")).unwrap_or_else(|| panic!("{line} is not there"));
    let end = start + text[start..].find('\n').expect("a line's end") + 1;
    format!("{}{}", &text[..start], &text[end..])
}

#[test]
fn each_rule_fires_on_its_bad_example_and_on_nothing_else() {
    for (rule, good, bad, hint) in CASES {
        assert!(GOOD.contains(good), "{good:?} is not in the good scenario");
        let mut text = GOOD.replacen(good, bad, 1);
        if *rule == "offloading without a server or a cloud" {
            // Its server and the link to it.
            text = without(&without(&text, "edge_servers:"), "    (from: \"server\"");
        }
        let found = doubts(rule, &text);
        assert!(found.len() == 1 && found[0].contains(hint), "{rule} on {bad}: {found:?}");
        assert!(doubts(rule, GOOD).is_empty(), "{rule}: {:?}", doubts(rule, GOOD));
    }
}

#[test]
fn policies_and_thresholds_of_batteries_that_are_not_there_are_told() {
    let no_battery = without(GOOD, "batteries:");
    assert_eq!(doubts("battery policy without a battery", &no_battery).len(), 1);
    let shed = doubts("shedding threshold outside the batteries' usable range", &no_battery);
    assert!(shed.len() == 1 && shed[0].contains("it has no effect"), "{shed:?}");
    let genset = no_battery.replace("capacity_kw: 8", "capacity_kw: 8, start_below_soc: 0.3");
    assert_eq!(doubts("genset thresholds outside the batteries' usable range", &genset).len(), 1);
    assert!(
        doubts("genset thresholds outside the batteries' usable range", &no_battery).is_empty()
    );
    let start = GOOD.find("    grid: (").expect("a grid");
    let end = GOOD.find("    devices:").expect("devices");
    let island = format!("{}{}", &GOOD[..start], &GOOD[end..]);
    assert_eq!(doubts("battery policy without a grid", &island).len(), 1);
}

#[test]
fn weather_of_another_year_is_told() {
    let mut csv =
        "# latitude_deg: 48.1\n# longitude_deg: 11.6\n# altitude_m: 500\n# utc_offset_h: 1\n\
                   time,ghi_w_m2,dni_w_m2,dhi_w_m2,temperature_c,wind_m_s\n"
            .to_owned();
    let start: jiff::civil::DateTime = "2019-01-01T00:00".parse().expect("a time");
    for hour in 0..8760_i64 {
        let at = start.checked_add(jiff::ToSpan::hours(hour)).expect("a time");
        csv += &format!("{},0,0,0,10,1\n", at.strftime("%Y-%m-%dT%H:%M"));
    }
    let path =
        std::env::temp_dir().join(format!("gridtwin-weather-year-{}.csv", std::process::id()));
    std::fs::write(&path, csv).expect("a file");
    let weather = format!("weather: File(path: {:?}),\n    pv: [", path.display().to_string());
    let text = GOOD.replacen("pv: [", &weather, 1);
    let found = doubts("weather of another year", &text);
    assert!(found.len() == 1 && found[0].contains("2019"), "{found:?}");
    let then = text.replace("2025-06", "2019-06");
    assert!(doubts("weather of another year", &then).is_empty());
    std::fs::remove_file(&path).expect("a file");
}

#[test]
fn prices_of_a_file_that_nobody_pays_are_told() {
    let folder = std::env::temp_dir().join(format!("gridtwin-prices-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("prices.csv");
    let told = |price: &str, more: &str| {
        let rows: String = (0..8760).map(|_| format!("{price}\n")).collect();
        std::fs::write(&path, format!("price (EUR/kWh)\n{rows}")).expect("a file");
        let start = GOOD.find("price_per_kwh: 0.3").expect("a price");
        let end = GOOD.find("carbon: Constant").expect("a carbon intensity");
        let series = format!("import_series: Csv(path: {:?}){more}),", path.display().to_string());
        let text = format!("{}{series}\n        {}", &GOOD[..start], &GOOD[end..]);
        doubts("price file above any real tariff", &text)
    };
    assert_eq!(told("0.2", ""), Vec::<String>::new());
    let high = told("80", "");
    assert!(high.len() == 1 && high[0].contains("check the file's unit"), "{high:?}");
    let factor = told("0.2", ", price_factor: 100");
    assert!(factor.len() == 1 && factor[0].contains("up to 20 EUR per kWh"), "{factor:?}");
    let fees = told("0.2", ", additions: (grid_fee_per_kwh: 9)");
    assert!(fees.len() == 1 && fees[0].contains("check `additions`"), "{fees:?}");
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[test]
fn charging_sessions_of_another_time_are_told() {
    let path = std::env::temp_dir().join(format!("gridtwin-idle-cars-{}.csv", std::process::id()));
    let sessions = format!("Csv(path: {:?})", path.display().to_string());
    let text = GOOD.replacen("Elaad(place: Home, per_weekday: 1)", &sessions, 1);
    let told = |rows: &str| {
        std::fs::write(&path, format!("arrival,departure,energy_kwh\n{rows}")).expect("a file");
        doubts("charging sessions outside the run", &text)
    };
    let found = told("2023-06-01 08:00,2023-06-01 17:00,12\n2023-06-02 08:00,2023-06-02 17:00,9\n");
    assert!(found.len() == 1 && found[0].starts_with("chargers[0].sessions.path: NO CAR COMES"));
    assert!(
        found[0].contains("2023-06-01 to 2023-06-02") && found[0].contains("start: "),
        "{found:?}"
    );
    // Before and after the run, and none in it.
    let around = "2025-05-01 08:00,2025-05-01 17:00,12\n2025-07-02 08:00,2025-07-02 17:00,9\n";
    assert_eq!(told(around).len(), 1);
    // One that goes on into the run, and a file of a whole year of another year.
    assert!(told("2025-05-31 20:00,2025-06-01 07:00,12\n").is_empty());
    let year = "2023-01-02 08:00,2023-01-02 17:00,12\n2023-06-05 08:00,2023-06-05 17:00,12\n\
                2023-12-29 08:00,2023-12-29 17:00,9\n";
    assert!(told(year).is_empty());
    let wh = "arrival,departure,energy_kwh\n2025-06-02 08:00,2025-06-02 17:00,12000\n";
    std::fs::write(&path, wh).expect("a file");
    let large = doubts("sessions that no car can charge", &text);
    assert!(large.len() == 1 && large[0].contains("write 12 if yours is in Wh"), "{large:?}");
    std::fs::write(&path, wh.replace("12000", "80")).expect("a file");
    assert!(doubts("sessions that no car can charge", &text).is_empty());
    std::fs::remove_file(&path).expect("a file");
}

/// The good scenario with another text at one place, and a file beside the others.
fn with_file(name: &str, content: &str, good: &str, made: impl Fn(&str) -> String) -> String {
    let folder = std::env::temp_dir().join(format!("gridtwin-files-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a file");
    let shown = format!("{:?}", path.display().to_string());
    assert!(GOOD.contains(good), "{good:?}");
    GOOD.replacen(good, &made(&shown), 1)
}

#[test]
fn what_a_load_file_leaves_open_is_told() {
    let typical = "Typical(shape: Residential, annual_kwh: 4500)";
    let rows = |header: &str, minutes: i64, kw: &dyn Fn(i64) -> f64| {
        let start: jiff::civil::DateTime = "2025-05-31T00:00".parse().expect("a time");
        let count = 30 * 1440 / minutes;
        let row = |k: i64| {
            let at = start.checked_add(jiff::ToSpan::minutes(k * minutes)).expect("a time");
            format!("{},{}\n", at.strftime("%Y-%m-%d %H:%M"), kw(k))
        };
        format!("time,{header}\n{}", (0..count).map(row).collect::<String>())
    };
    let told = |rule: &str, name: &str, content: &str, more: &str| {
        let made = |path: &str| format!("Csv(path: {path}{more})");
        let text = with_file(name, content, typical, made).replace("days: 7,", "days: 21,");
        doubts(rule, &text.replace("dc_kw: 10,", "dc_kw: 100,"))
    };
    let flat = |_: i64| 0.5;
    let rule = "load file without a unit";
    let open = told(rule, "quarter.csv", &rows("Afname", 15, &flat), "");
    assert!(open.len() == 1 && open[0].contains("kWh per 15 minutes"), "{open:?}");
    assert!(told(rule, "hour.csv", &rows("Afname", 60, &flat), "").is_empty(), "an hour is alike");
    assert!(told(rule, "kwh.csv", &rows("Afname [kWh]", 15, &flat), "").is_empty());
    assert!(told(rule, "set.csv", &rows("Afname", 15, &flat), ", unit: Kw").is_empty());
    let out = |k: i64| if (96 * 8..96 * 18).contains(&k) { 0.0 } else { 0.5 };
    let rule = "load file with weeks of zeros";
    let zeros = told(rule, "out.csv", &rows("x [kW]", 15, &out), "");
    assert!(zeros.len() == 1 && zeros[0].contains("found 10 days in a row"), "{zeros:?}");
    assert!(told(rule, "flat.csv", &rows("x [kW]", 15, &flat), "").is_empty());
    // A file counts as demand, too.
    let large = told("PV far above the load", "small.csv", &rows("x [kW]", 15, &|_| 0.1), "");
    assert!(large.len() == 1, "100 kW of PV beside 900 kWh and a car: {large:?}");
}

#[test]
fn thresholds_are_held_to_the_prices_of_a_file() {
    let start = GOOD.find("price_per_kwh: 0.3,").expect("a price");
    let end = GOOD.find(", export_price").expect("an end");
    let tariff = &GOOD[start..end];
    let rows = |price: &dyn Fn(i64) -> f64| {
        let rows = (0..8760).map(|hour| format!("{}\n", price(hour)));
        format!("price (EUR/MWh)\n{}", rows.collect::<String>())
    };
    let told = |rule: &str, content: &str, policy: (&str, &str)| {
        let made = |path: &str| format!("import_series: Csv(path: {path})");
        let text = with_file("prices.csv", content, tariff, made).replacen(policy.0, policy.1, 1);
        doubts(rule, &text.replace("days: 7,", "days: 21,"))
    };
    let market =
        rows(&|hour| if hour % 24 < 6 { -10.0 } else { 100.0 + (hour % 24) as f64 * 10.0 });
    let discharge = "discharge_above_price: 0.35";
    let both = "charge_below_price: 0.25, discharge_above_price: 0.35";
    let units = "price thresholds in another unit";
    let outside = "price thresholds outside all prices";
    let none = |rule: &str| told(rule, &market, (discharge, "discharge_above_price: 0.3"));
    assert!(none(units).is_empty() && none(outside).is_empty());
    let mwh = told(units, &market, (discharge, "discharge_above_price: 240"));
    assert!(mwh.len() == 1 && mwh[0].contains("write 0.24 if"), "{mwh:?}");
    let never = told(outside, &market, (discharge, "discharge_above_price: 0.9"));
    assert!(never.len() == 1 && never[0].contains("never discharge"), "{never:?}");
    let always =
        told(outside, &market, (both, "charge_below_price: 0.5, discharge_above_price: 0.9"));
    assert!(always.iter().any(|told| told.contains("at all times")), "{always:?}");
    let low = told("price file below any real market", &rows(&|_| 7.3), (both, both));
    assert!(low.len() == 1 && low[0].contains("0.0073"), "{low:?}");
}

#[test]
fn every_rule_has_an_example() {
    let elsewhere = [
        "change outside the run",
        "charging sessions outside the run",
        "weather of another year",
        "price file above any real tariff",
        "price file below any real market",
        "load file without a unit",
        "load file with weeks of zeros",
        "sessions that no car can charge",
        "battery policy without a battery",
        "battery policy without a grid",
    ];
    for (name, _) in RULES {
        let here = CASES.iter().any(|(rule, ..)| *rule == name);
        assert!(here || elsewhere.contains(&name), "{name}");
    }
}

#[test]
fn a_change_outside_a_shortened_run_is_told() {
    let days: Override = "days=2".parse().expect("an override");
    let s = Scenario::parse_with(GOOD, "site.ron", &[days], None, None).expect("a scenario");
    let told: Vec<String> = s.warnings().iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|told| told.contains("the change at 2025-06-04")), "{told:?}");
}

#[test]
fn nothing_is_improbable_about_what_comes_with_gridtwin() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files: Vec<_> = std::fs::read_dir(root.join("scenarios"))
        .expect("scenarios")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ron"))
        .collect();
    files.push(root.join("src/commands/new.ron"));
    files.sort();
    assert!(files.len() > 5, "{files:?}");
    for file in files {
        let scenario = Scenario::load(&file).unwrap_or_else(|error| {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let text = text.replace("\"NAME\"", "\"house\"");
            Scenario::parse(&text, "new.ron").unwrap_or_else(|_| panic!("{error}"))
        });
        let told: Vec<String> = scenario.warnings().iter().map(ToString::to_string).collect();
        assert!(told.is_empty(), "{}", told.join("\n"));
    }
    let good = Scenario::parse(GOOD, "site.ron").expect("a scenario").warnings();
    assert!(good.is_empty(), "{good:?}");
}
