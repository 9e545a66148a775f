//! Sparkplug's topics: `spBv1.0/GROUP/KIND/NODE` and, of a node's devices,
//! `spBv1.0/GROUP/KIND/NODE/DEVICE`. Not the commands, which only go out, nor a host's `STATE`.
//!
//! Source: Eclipse Sparkplug 3.0, chapter 4.

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Birth,
    Data,
    Death,
}

/// A topic, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Topic<'a> {
    pub(super) group: &'a str,
    pub(super) kind: Kind,
    pub(super) node: &'a str,
    /// None for a message of the node itself.
    pub(super) device: Option<&'a str>,
}

impl<'a> Topic<'a> {
    /// None for what is not a birth, data or a death.
    pub(super) fn read(topic: &'a str) -> Option<Self> {
        let mut parts = topic.strip_prefix("spBv1.0/")?.split('/');
        let (group, kind, node) = (parts.next()?, parts.next()?, parts.next()?);
        let device = parts.next();
        if parts.next().is_some() {
            return None;
        }
        let kind = match (kind, device) {
            ("NBIRTH", None) | ("DBIRTH", Some(_)) => Kind::Birth,
            ("NDATA", None) | ("DDATA", Some(_)) => Kind::Data,
            ("NDEATH", None) | ("DDEATH", Some(_)) => Kind::Death,
            _ => return None,
        };
        Some(Self { group, kind, node, device })
    }
}

/// The group, the node and perhaps the device that a meter's topic names:
/// `spBv1.0/GROUP/NODE` or `spBv1.0/GROUP/NODE/DEVICE`.
pub(in super::super) fn place_of(topic: &str) -> Option<(&str, &str, Option<&str>)> {
    let mut parts = topic.strip_prefix("spBv1.0/")?.split('/');
    let (group, node, device) = (parts.next()?, parts.next()?, parts.next());
    let is_named = !group.is_empty() && !node.is_empty() && device != Some("");
    (is_named && parts.next().is_none()).then_some((group, node, device))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_births_data_and_deaths_are_topics_of_a_meter() {
        let topic = Topic::read("spBv1.0/G/DDATA/N/D");
        let read = Topic { group: "G", kind: Kind::Data, node: "N", device: Some("D") };
        assert_eq!(topic, Some(read));
        for strange in [
            "spBv1.0/G/DDATA/N",
            "spBv1.0/G/NDATA/N/D",
            "spBv1.0/G/NCMD/N",
            "spBv1.0/STATE/host",
            "spBv1.0/G/DDATA/N/D/E",
            "spAv1.0/G/NDATA/N",
            "spBv1.0/",
            "",
        ] {
            assert_eq!(Topic::read(strange), None, "{strange}");
        }
    }

    #[test]
    fn a_meters_topic_names_a_node_or_a_device() {
        assert_eq!(place_of("spBv1.0/G/N"), Some(("G", "N", None)));
        assert_eq!(place_of("spBv1.0/G/N/D"), Some(("G", "N", Some("D"))));
        for strange in ["spBv1.0/G", "spBv1.0//N", "spBv1.0/G/N/", "spBv1.0/G/N/D/E", "G/N"] {
            assert_eq!(place_of(strange), None, "{strange}");
        }
    }
}
