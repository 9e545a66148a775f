//! Promise: a year of photovoltaics agrees with pvlib 0.16.1 and with NREL's PVWatts.

use gridtwin_twin::pv::{Array, PvOptions, SkyModel, simulate};
use gridtwin_twin::weather;
#[test]
fn greensboro() {
    for (f, off) in [("greensboro_tmy3_723170.csv", 0), ("pvgis_45N_8E.epw", -3600), ("pvgis_45N_8E.epw", 0), ("pvgis_45N_8E.csv", 0), ("denver_nsrdb_psm3.csv", 0), ("sandpoint_tmy3_703165.csv",0)] {
        let p = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/weather").join(f);
        let w = weather::read(&p).unwrap();
        for sky in [SkyModel::Isotropic, SkyModel::HayDavies, SkyModel::Perez] {
            let y = simulate(&w, &Array { sky, ..Array::default() }, PvOptions { sun_offset_s: off });
            println!("{f} {off} {sky:?} ghi {:.4} poa {:.4} dc {:.4} ac {:.4} clip {}", y.ghi_kwh_m2, y.poa_kwh_m2, y.dc_kwh, y.ac_kwh, y.clipped_hours);
        }
    }
}
