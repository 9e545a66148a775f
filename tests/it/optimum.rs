//! An optimisation as its users meet it: which candidates could not be evaluated, and why.

use crate::common::{gridtwin, root, scratch};

#[test]
fn candidates_that_fail_are_listed_with_their_reason_and_exit_1() {
    let dir = scratch("optimum-failed");
    let base = root().join("scenarios/island.ron");
    let battery = "path: \"batteries.battery.capacity_kwh\", name: \"battery_kwh\", \
                   values: List([500, 1500]), price: (per_unit: 350, life_years: 15)";
    let dispatch = "path: \"policies.dispatch\", name: \"dispatch\", \
                    values: List([\"SelfConsumption\", \"BackupReserve(reserve_soc: 1.6)\"])";
    let study = format!(
        "(name: \"o\", site: Twin((base: {base:?}, days: 1, choose: [({battery}), ({dispatch})])), \
         minimise: [NetPresentCost], search: (polish: false))"
    );
    let (file, out) = (dir.join("o.ron"), dir.join("out"));
    std::fs::write(&file, study).unwrap();
    let output = gridtwin().arg("optimize").arg(&file).arg("--out").arg(&out).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("2 of 4 candidates failed"), "{told}");
    assert!(told.contains("failed.csv"), "{told}");
    let failed = std::fs::read_to_string(out.join("failed.csv")).unwrap();
    let mut rows = failed.lines();
    assert_eq!(rows.next(), Some("battery_kwh,dispatch,error"));
    let rows: Vec<&str> = rows.collect();
    assert_eq!(rows.len(), 2, "{failed}");
    for (row, size) in rows.iter().zip(["500,", "1500,"]) {
        assert!(row.starts_with(size) && row.contains("reserve_soc"), "{row}");
    }
    // The others have their results.
    let evaluated = std::fs::read_to_string(out.join("candidates.csv")).unwrap();
    assert_eq!(evaluated.lines().count(), 3, "{evaluated}");
}
