//! Optimisations as their users meet them: their tables, what each size comes to, and which candidates
//! failed and why.

use super::{ok, path, run, text};
use crate::common::{gridtwin, root, scratch};

#[test]
fn an_optimisation_leaves_its_tables_its_page_and_what_they_mean() {
    let dir = scratch("study-optimize");
    let base = root().join("scenarios/island.ron");
    let file = dir.join("o.ron");
    let battery = "path: \"batteries.battery.capacity_kwh\", name: \"battery_kwh\", \
                   values: List([500, 1500]), price: (per_unit: 350, life_years: 15)";
    let dispatch = "path: \"policies.dispatch\", name: \"dispatch\", \
                    values: List([\"SelfConsumption\", \"BackupReserve(reserve_soc: 0.6)\"])";
    let text_of = format!(
        "(name: \"o\", site: Twin((base: {base:?}, days: 1, choose: [({battery}), ({dispatch})])), \
         minimise: [NetPresentCost, Carbon], search: (polish: false))"
    );
    std::fs::write(&file, text_of).unwrap();
    let [one, two] = ["one", "two"].map(|name| dir.join(name));
    let said = ok(&["optimize", path(&file), "--out", path(&one)]);
    assert!(said.contains("4 candidates") && said.contains("battery_kwh"), "{said}");
    ok(&["optimize", path(&file), "--out", path(&two), "--jobs", "1"]);
    for name in ["candidates", "front"] {
        for file in [format!("{name}.csv"), format!("{name}.parquet")] {
            let [one, two] = [&one, &two].map(|folder| std::fs::read(folder.join(&file)).unwrap());
            assert!(one == two, "{file}");
        }
    }
    let rows = text(&one.join("candidates.csv"));
    assert_eq!(
        rows.lines().next(),
        Some(
            "battery_kwh,dispatch,net_present_cost,CO2_a_year,violation,investment,saving_a_year,\
             investment_per_saving,simple_payback,discounted_payback,levelised_cost,unserved_energy_a_year"
        )
    );
    assert_eq!(rows.lines().count(), 5, "{rows}");
    let meanings = text(&one.join("dictionary.csv"));
    for row in
        ["candidates,battery_kwh,number,kWh,", "front,dispatch,text,,", "CO2_a_year,number,kg,"]
    {
        assert!(meanings.contains(row), "{row}: {meanings}");
    }
    assert!(text(&one.join("report.html")).contains("SelfConsumption"));
}

#[test]
fn an_optimisation_tells_each_size_in_a_line_and_warns_of_what_has_no_price() {
    let dir = scratch("study-sizes");
    std::fs::copy(root().join("scenarios/island.ron"), dir.join("island.ron")).unwrap();
    let file = dir.join("o.ron");
    let optimize = |price: &str| {
        let text = format!(
            "(name: \"o\", site: Twin((base: \"island.ron\", days: 1, choose: [\
             (path: \"pv.field.dc_kw\", name: \"pv_kw\", values: List([0, 300, 600]){price})])), \
             minimise: [NetPresentCost], search: (polish: false))"
        );
        std::fs::write(&file, text).unwrap();
        let output = run(&["optimize", path(&file), "--out", path(&dir.join("out"))]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
            std::fs::read_to_string(dir.join("out/report.html")).unwrap(),
        )
    };
    let (said, warned, page) = optimize("");
    assert!(warned.contains("`pv_kw` is a size without a price"), "{warned}");
    assert!(page.contains("is a size without a price"));
    assert!(page.contains("1 day stands for a year"), "the page warns, too");
    assert!(!page.contains(path(&dir)), "no path of this machine");
    for line in ["base case", "winner", "payback, years", "  0 "] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(said.lines().all(|line| line.chars().count() <= 120), "{said}");
    let (said, warned, _) = optimize(", price: (per_unit: 900, life_years: 25)");
    assert!(!warned.contains("without a price"), "{warned}");
    assert!(said.contains("270000"), "300 kW for 900: {said}");
    // The cash flow ends with what the winner gains in all, and is worked out for it alone.
    let flow = text(&dir.join("out/cash_flow.csv"));
    assert_eq!(flow.lines().count(), 27, "the start and 25 years: {flow}");
    assert!(flow.starts_with("year,investment,energy,om,carbon,replacement,residual,net,"));
    let meanings = text(&dir.join("out/dictionary.csv"));
    assert!(meanings.contains("cash_flow,discounted_cumulative,number,EUR,"), "{meanings}");
    let out = dir.join("out");
    let again = ["optimize", path(&file), "--out", path(&out), "--resume"];
    assert!(ok(&again).contains("runs were already finished"));
}

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
