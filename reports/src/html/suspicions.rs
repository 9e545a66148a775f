//! A group's members that suspect their leader, told once for each view they ask for, or in one row
//! where they ask again and again. Not the views that come of it.

use super::deciding::Stretch;
use super::story::Weight;
use crate::number::count;
use gridtwin_kernel::SimTime;
use std::collections::BTreeSet;

/// So many views are told one by one.
const ASKED_TOLD: usize = 3;

/// Views that members ask for and that are not told yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Suspicions {
    asked: Vec<(SimTime, u64, BTreeSet<String>)>,
    /// Who asked last, where there are too many views to keep all.
    last: SimTime,
    more: u64,
    highest: Option<u64>,
}

impl Suspicions {
    /// A member asks for a view. Whoever joins in later for a view that was told already adds
    /// nothing.
    pub(crate) fn add(&mut self, at: SimTime, view: u64, member: &str) {
        if let Some((.., members)) = self.asked.iter_mut().find(|(_, v, _)| *v == view) {
            members.insert(member.to_owned());
        } else if self.highest.is_none_or(|highest| view > highest) {
            self.highest = Some(view);
            if self.asked.len() > ASKED_TOLD {
                // The first ones stay, for when it began; the others add to the last one.
                self.more += 1;
                if let Some((_, v, members)) = self.asked.last_mut() {
                    *v = view;
                    members.insert(member.to_owned());
                }
            } else {
                self.asked.push((at, view, BTreeSet::from([member.to_owned()])));
            }
        } else {
            return;
        }
        self.last = at;
    }

    /// Whether a view is at least as high as any that was asked for.
    pub(crate) fn reach(&self, view: u64) -> bool {
        self.highest.is_none_or(|highest| view >= highest)
    }

    /// Tells of the views asked for, one by one; where there are too many, they wait for
    /// [`Suspicions::end`], so that they are told in one row whatever else happens meanwhile.
    pub(crate) fn pause(&mut self, group: &str) -> Vec<Stretch> {
        if self.asked.len() > ASKED_TOLD {
            return Vec::new();
        }
        let tell = |(at, view, members): (SimTime, u64, BTreeSet<String>)| {
            let one = members.len() == 1;
            let (suspect, ask) =
                if one { ("suspects its", "asks") } else { ("suspect their", "ask") };
            let who = some_of(&members);
            let text = format!("{group}: {who} {suspect} leader and {ask} for view {view}");
            Stretch { at, until: None, weight: Weight::Effect, text }
        };
        std::mem::take(&mut self.asked).into_iter().map(tell).collect()
    }

    /// Tells in one row of views that were too many to be told one by one.
    pub(crate) fn end(&mut self, group: &str) -> Option<Stretch> {
        if self.asked.len() <= ASKED_TOLD {
            return None;
        }
        let asked = std::mem::take(&mut self.asked);
        let views = asked.len() as u64 + std::mem::take(&mut self.more);
        let members: BTreeSet<String> =
            asked.iter().flat_map(|(.., m)| m.iter().cloned()).collect();
        let one = members.len() == 1;
        let (suspect, ask) = if one { ("suspects its", "asks") } else { ("suspect their", "ask") };
        let (first, last) = (asked.first()?, asked.last()?.1);
        let text = format!(
            "{group}: {} repeatedly {suspect} leader and {ask} for {} view changes, to views {} to {last}",
            some_of(&members),
            count(views),
            first.1,
        );
        Some(Stretch { at: first.0, until: Some(self.last), weight: Weight::Effect, text })
    }
}

/// Two names at most, and how many others.
fn some_of(members: &BTreeSet<String>) -> String {
    let names: Vec<&str> = members.iter().map(String::as_str).collect();
    match names.as_slice() {
        [] => "nobody".to_owned(),
        [one] => (*one).to_owned(),
        [one, other] => format!("{one} and {other}"),
        [one, rest @ ..] => format!("{one} and {} others", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(s: u64) -> SimTime {
        SimTime(s * 1_000_000_000)
    }

    #[test]
    fn a_view_is_told_once_with_all_who_ask_for_it() {
        let mut suspicions = Suspicions::default();
        for (s, member) in ["edge-2", "edge-3", "edge-4", "edge-2"].iter().enumerate() {
            suspicions.add(second(s as u64), 3, member);
        }
        let told = suspicions.pause("receipts");
        assert_eq!(told.len(), 1);
        let text = "receipts: edge-2 and 2 others suspect their leader and ask for view 3";
        assert_eq!((told[0].at, told[0].text.as_str()), (second(0), text));
        suspicions.add(second(9), 3, "edge-5");
        assert!(suspicions.pause("receipts").is_empty(), "view 3 is told twice");
    }

    #[test]
    fn a_candidate_that_nobody_hears_takes_one_row() {
        let mut suspicions = Suspicions::default();
        for k in 0..5000 {
            suspicions.add(second(k), k + 2, "edge-5");
            // Something else is told now and then.
            if k % 100 == 99 {
                assert!(suspicions.pause("receipts").is_empty());
            }
        }
        assert!(!suspicions.reach(5000) && suspicions.reach(5001));
        let told = suspicions.end("receipts").unwrap();
        assert_eq!((told.at, told.until), (second(0), Some(second(4999))));
        let text = "receipts: edge-5 repeatedly suspects its leader and asks for 5000 view changes, \
                    to views 2 to 5001";
        assert_eq!(told.text, text);
        assert!(suspicions.end("receipts").is_none());
    }
}
