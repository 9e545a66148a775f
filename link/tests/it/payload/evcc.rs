//! evcc's scalars.
use super::meter::{near, read};
use gridtwin_link::payload::{Reason, What};
use gridtwin_twin::scenario::{Payload, Quantity};

fn evcc(topic: &str, quantity: Quantity, text: &str) -> Result<Option<What>, Reason> {
    read(topic, Payload::Evcc, quantity, text)
}

#[test]
fn a_topic_holds_one_number() {
    near(evcc("evcc/site/pvPower", Quantity::Power, "3275.5"), 3.2755);
    near(evcc("evcc/site/grid/power", Quantity::Power, "-12"), -0.012);
    near(evcc("evcc/site/battery/soc", Quantity::Soc, "62"), 0.62);
    near(evcc("evcc/loadpoints/1/chargePower", Quantity::Power, "11040"), 11.04);
    near(evcc("evcc/site/grid/energy", Quantity::Energy, "1234.567"), 1234.567);
    near(evcc("evcc/site/pvPower", Quantity::Power, "-0"), 0.0);
}

#[test]
fn a_number_in_quotation_marks_is_read_too() {
    near(evcc("evcc/site/pvPower", Quantity::Power, "\"3275.5\""), 3.2755);
}

#[test]
fn an_emptied_topic_has_gone() {
    for text in ["", " ", "null", "\"\"", "<nil>"] {
        let read = evcc("evcc/site/pvPower", Quantity::Power, text);
        assert_eq!(read, Ok(Some(What::Gone)), "{text:?}");
    }
}

#[test]
fn what_is_no_number_is_refused() {
    for text in ["true", "Garage", "[]", "\"", "\"x\""] {
        let read = evcc("evcc/loadpoints/1/mode", Quantity::Power, text);
        assert_eq!(read, Err(Reason::NotNumber), "{text:?}");
    }
}
