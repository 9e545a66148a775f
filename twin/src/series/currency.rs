//! Currencies as headers write them: three letters, signs, and the hundredth part of each. Not the
//! scenario's currency.

const KNOWN: [&str; 20] = [
    "eur", "usd", "gbp", "chf", "sek", "nok", "dkk", "pln", "czk", "aud", "cad", "jpy", "inr",
    "cny", "brl", "nzd", "huf", "ron", "zar", "bgn",
];
const DOLLARS: [&str; 7] = ["usd", "aud", "cad", "nzd", "sgd", "hkd", "mxn"];
const CROWNS: [&str; 4] = ["sek", "nok", "dkk", "isk"];
/// Those with cents.
const CENTS: [&str; 8] = ["eur", "usd", "aud", "cad", "nzd", "sgd", "hkd", "zar"];

/// Whether a text in small letters is a currency's three letters.
pub(super) fn is_known(text: &str) -> bool {
    KNOWN.contains(&text)
}

/// Whether it may be one: three letters that are no sub-unit.
pub(super) fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_lowercase())
}

/// The currencies that a sign or name may mean.
pub(super) fn sign(text: &str) -> Option<&'static [&'static str]> {
    Some(match text {
        "$" | "dollar" | "dollars" => &DOLLARS,
        "us$" | "$us" => &["usd"],
        "a$" | "au$" => &["aud"],
        "c$" | "ca$" => &["cad"],
        "nz$" => &["nzd"],
        "r$" => &["brl"],
        "euro" | "euros" => &["eur"],
        "¥" | "yen" => &["jpy", "cny"],
        "kr" => &CROWNS,
        "kč" | "kc" => &["czk"],
        "zł" | "zl" => &["pln"],
        "fr" | "sfr" => &["chf"],
        "ft" => &["huf"],
        "₹" => &["inr"],
        "lei" => &["ron"],
        _ => return None,
    })
}

/// The currencies that have this for their hundredth part.
pub(super) fn sub_unit(text: &str) -> Option<&'static [&'static str]> {
    Some(match text {
        "ct" | "cts" | "cent" | "cents" | "c" | "¢" => &CENTS,
        "eurct" | "cteur" | "eurcent" | "eurcents" | "eurocent" | "eurocents" | "ceur" | "eurc" => {
            &["eur"]
        }
        "uscent" | "uscents" | "usdct" | "usct" => &["usd"],
        "p" | "pence" => &["gbp"],
        "rp" | "rappen" => &["chf"],
        "öre" | "øre" | "ore" => &CROWNS,
        "gr" | "groszy" => &["pln"],
        _ => return None,
    })
}
