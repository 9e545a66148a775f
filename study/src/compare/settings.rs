//! What was set in the runs that are compared, and what of it differs.

use super::Group;
use gridtwin_reports::pages::Setting;
use gridtwin_twin::Scenario;
use std::collections::BTreeMap;

/// What is not set alike everywhere.
pub(super) fn different(groups: &[Group]) -> Vec<Setting> {
    let mut paths: Vec<&String> = groups.iter().flat_map(|group| group.settings.keys()).collect();
    paths.sort();
    paths.dedup();
    let setting = |path: &String| {
        let values: Vec<Option<String>> =
            groups.iter().map(|group| group.settings.get(path).cloned()).collect();
        let alike = values.iter().all(|value| *value == values[0]);
        (!alike).then(|| Setting { path: path.clone(), values })
    };
    paths.into_iter().filter_map(setting).collect()
}

/// All that a scenario sets, by path; things in lists by their id.
pub(super) fn settings(scenario: &Scenario) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    // All that a scenario is made of has a form in JSON.
    if let Ok(value) = serde_json::to_value(scenario) {
        flatten(&value, String::new(), &mut all);
    }
    all
}

fn flatten(value: &serde_json::Value, path: String, all: &mut BTreeMap<String, String>) {
    use serde_json::Value::{Array, Null, Object, String as Text};
    let under = |name: &str| match path.as_str() {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match value {
        Null => {}
        Object(fields) => {
            fields.iter().for_each(|(name, value)| flatten(value, under(name), all));
        }
        Array(items) => {
            for (i, item) in items.iter().enumerate() {
                let id = item.get("id").and_then(|id| id.as_str());
                let path = id.map_or_else(|| format!("{path}[{i}]"), under);
                flatten(item, path, all);
            }
        }
        Text(text) => {
            all.insert(path, text.clone());
        }
        other => {
            all.insert(path, other.to_string());
        }
    }
}
