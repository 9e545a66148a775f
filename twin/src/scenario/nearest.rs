//! The nearest right name for a wrong one.

/// The candidate that is most like `wrong`, if any is at all.
pub(crate) fn nearest<'a>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let like = |name: &str| strsim::jaro_winkler(&wrong, &name.to_lowercase());
    let mut best: Option<(f64, &str)> = None;
    for name in candidates {
        let score = like(name);
        if score > best.map_or(0.75, |(score, _)| score) {
            best = Some((score, name));
        }
    }
    best.map(|(_, name)| name)
}

/// `did you mean ..?`, or what there is to choose from.
pub fn suggest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(wrong, candidates.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("expected {}", list(candidates)),
    }
}

/// `did you mean ..?` and all `what` there are to choose from, if there is more than that one.
pub(crate) fn choices<'a>(
    what: &str,
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    let all = shown(candidates.clone());
    let there_are = match all.len() {
        0 => return format!("there are no {what} here"),
        1 => format!("there is only {}", all[0]),
        _ => format!("the {what} are {}", all.join(", ")),
    };
    match nearest(wrong, candidates) {
        Some(name) if all.len() == 1 => format!("did you mean `{name}`?"),
        Some(name) => format!("did you mean `{name}`? {}", sentence(&there_are)),
        None => there_are,
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or(String::new(), |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// The names in quotes; of many the first ones, and how many more there are.
fn shown<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    const SHOWN: usize = 16;
    let names: Vec<&str> = names.into_iter().collect();
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    if names.len() > SHOWN {
        shown.push(format!("and {} more", names.len() - SHOWN));
    }
    shown
}

/// The names as a list that fits on a line or two.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<String> = names.iter().take(16).map(|n| format!("`{n}`")).collect();
    let more = names.len() - shown.len();
    match (shown.len(), more) {
        (0, _) => "no name: there is none to choose from".to_owned(),
        (1, _) => shown[0].clone(),
        (_, 0) => format!("one of {}", shown.join(", ")),
        _ => format!("one of {} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_suggested_and_what_is_far_is_not() {
        let fields = ["id", "capacity_kwh", "charge_kw"];
        assert_eq!(nearest("capacity_mwh", fields), Some("capacity_kwh"));
        assert_eq!(nearest("CapacityKwh", fields), Some("capacity_kwh"));
        assert_eq!(nearest("colour", fields), None);
        assert_eq!(suggest("zzz", ["a", "b"]), "expected one of `a`, `b`");
        assert_eq!(choices("items", "zzz", ["wall"]), "there is only `wall`");
        assert_eq!(choices("items", "wal", ["wall"]), "did you mean `wall`?");
        assert_eq!(choices("items", "zzz", ["a", "b"]), "the items are `a`, `b`");
    }
}
