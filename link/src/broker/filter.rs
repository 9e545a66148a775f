//! Topics and topic filters: MQTT 3.1.1, section 4.7. Not what a topic means.

/// Whether `filter` may be subscribed to: 1 to 65535 bytes, no NUL, `+` alone in its level, `#`
/// alone in the last.
pub fn is_filter(filter: &str) -> bool {
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        let fits = match level {
            "#" => levels.peek().is_none(),
            "+" => true,
            _ => !level.contains(['+', '#', '\0']),
        };
        if !fits {
            return false;
        }
    }
    !filter.is_empty() && filter.len() <= 0xffff
}

/// Whether `topic` may be published to: 1 to 65535 bytes, no NUL, no wildcard.
pub fn is_topic(topic: &str) -> bool {
    !topic.is_empty() && topic.len() <= 0xffff && !topic.contains(['+', '#', '\0'])
}

/// Whether `filter` has a wildcard and so may match many topics.
pub fn has_wildcard(filter: &str) -> bool {
    filter.contains(['+', '#'])
}

/// Whether `topic` is one that `filter` asks for. A wildcard in the first level asks for no topic
/// that begins with `$` (section 4.7.2), and `a/#` asks for `a` too.
pub fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        if wanted == "#" {
            return true;
        }
        match levels.next() {
            Some(level) if wanted == "+" || wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn filters_match_as_the_standard_says() {
        let yes = [
            ("a/b", "a/b"),
            ("a/#", "a"),
            ("a/#", "a/b/c"),
            ("#", "a/b"),
            ("+/b", "a/b"),
            ("+", "é"),
            ("a/+", "a/"),
            ("/+", "/a"),
            ("$SYS/#", "$SYS/load"),
        ];
        for (filter, topic) in yes {
            assert!(matches(filter, topic), "{filter} asks for {topic}");
        }
        let no = [
            ("a/b", "a"),
            ("a", "a/b"),
            ("a/+", "a"),
            ("+", "/a"),
            ("a/+", "a/b/c"),
            ("#", "$SYS/load"),
            ("+/load", "$SYS/load"),
            ("A", "a"),
        ];
        for (filter, topic) in no {
            assert!(!matches(filter, topic), "{filter} does not ask for {topic}");
        }
    }

    #[test]
    fn a_wildcard_stands_alone_in_its_level_and_a_hash_last() {
        for good in ["#", "+", "a/+/b", "a/#", "/", "+/+/#", "a//b"] {
            assert!(is_filter(good), "{good}");
        }
        for bad in ["", "a#", "#/a", "a/+b", "a\0", "a/#/b"] {
            assert!(!is_filter(bad), "{bad:?}");
        }
        assert!(is_topic("a/b") && !is_topic("a/+") && !is_topic("") && !is_topic("a\0"));
    }

    proptest! {
        #[test]
        fn every_topic_matches_itself_and_nothing_panics(a in ".{0,20}", b in "[+#/a$é]{0,8}") {
            matches(&b, &a);
            matches(&a, &b);
            is_filter(&b);
            if is_topic(&a) {
                prop_assert!(is_filter(&a) && matches(&a, &a));
                prop_assert_eq!(matches("#", &a), !a.starts_with('$'));
            }
        }
    }
}
