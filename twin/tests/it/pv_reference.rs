//! Promise: every published model of the chain gives pvlib 0.16.1's numbers, row by row.

use crate::common::{close, reference};
use gridtwin_twin::pv::{
    Mount, Plane, SkyModel, SunOnPlane, faiman_c, noct_sam_c, pvsyst_cell_c, pvwatts_ac,
    pvwatts_dc, ross_c, sapm_cell_c,
};
use gridtwin_twin::weather::{
    ClearSky, Irradiance, erbs, pressure_at_altitude_pa, relative_airmass,
};

#[test]
fn transposition() {
    let rows = reference("transposition.csv");
    assert_eq!(rows.len(), 216);
    for row in rows {
        let plane = Plane::new(row["tilt"], row["surf_az"], 0.2);
        let airmass = relative_airmass(row["zenith"]);
        close(airmass.expect("the sun is up"), row["airmass_ky"], 1e-6, &row);
        let incidence = plane.incidence_deg(row["zenith"], row["sun_az"]);
        close(incidence, row["aoi"], 1e-6, &row);
        let sun = SunOnPlane {
            zenith_deg: row["zenith"],
            cos_zenith: row["zenith"].to_radians().cos(),
            cos_incidence: plane.cos_incidence(row["zenith"], row["sun_az"]),
            extraterrestrial_w_m2: row["dni_extra"],
            airmass,
        };
        let light = Irradiance { ghi_w_m2: row["ghi"], dni_w_m2: row["dni"], dhi_w_m2: row["dhi"] };
        for (model, name) in [
            (SkyModel::Isotropic, "isotropic"),
            (SkyModel::HayDavies, "haydavies"),
            (SkyModel::Reindl, "reindl"),
            (SkyModel::Klucher, "klucher"),
            (SkyModel::Perez, "perez"),
        ] {
            let sky = plane.sky_diffuse_w_m2(model, &light, &sun);
            close(sky, row[&format!("{name}_sky")], 1e-6, &(model, &row));
            let poa = plane.irradiance_w_m2(model, &light, &sun);
            close(poa, row[&format!("{name}_poa")], 1e-6, &(model, &row));
        }
    }
}

#[test]
fn cell_temperature() {
    for row in reference("cell_temperature.csv") {
        let (poa, air, wind) = (row["poa"], row["temp_air"], row["wind"]);
        for (mount, name) in [
            (Mount::OpenRackGlassGlass, "sapm_open_rack_glass_glass"),
            (Mount::CloseMountGlassGlass, "sapm_close_mount_glass_glass"),
            (Mount::OpenRackGlassPolymer, "sapm_open_rack_glass_polymer"),
            (Mount::InsulatedBackGlassPolymer, "sapm_insulated_back_glass_polymer"),
        ] {
            close(sapm_cell_c(poa, air, wind, mount), row[name], 1e-6, &row);
        }
        close(faiman_c(poa, air, wind, 25.0, 6.84), row["faiman"], 1e-6, &row);
        let pvsyst = pvsyst_cell_c(poa, air, wind, (29.0, 0.0), 0.9, 0.1);
        close(pvsyst, row["pvsyst_free"], 1e-6, &row);
        close(ross_c(poa, air, 45.0), row["ross_noct45"], 1e-6, &row);
        close(noct_sam_c(poa, air, wind, 45.0, 0.18), row["noct_sam"], 1e-6, &row);
    }
}

#[test]
fn pvwatts() {
    for row in reference("pvwatts_dc.csv") {
        let ours = pvwatts_dc(row["eff_irr"], row["t_cell"], 5000.0, -0.0047);
        close(ours, row["pvwatts_dc_pdc0_5000_gamma_m0047"], 1e-6, &row);
    }
    for row in reference("pvwatts_ac.csv") {
        let ours = pvwatts_ac(row["pdc"], 5000.0, 0.96);
        close(ours, row["pvwatts_ac_pdc0_5000_eta096"], 1e-6, &row);
    }
}

#[test]
fn clear_sky() {
    for row in reference("clearsky_ineichen.csv") {
        let pressure_pa = pressure_at_altitude_pa(row["alt_m"]);
        close(pressure_pa, row["pressure"], 1e-6, &row);
        let sky = ClearSky::new(row["alt_m"], pressure_pa, row["linke"]);
        let zenith = row["app_zenith"];
        let airmass = relative_airmass(zenith).expect("the sun is up");
        let ours = sky.irradiance(zenith.to_radians().cos(), airmass, row["dni_extra"]);
        close(ours.ghi_w_m2, row["ghi"], 1e-6, &row);
        close(ours.dni_w_m2, row["dni"], 1e-6, &row);
        close(ours.dhi_w_m2, row["dhi"], 1e-6, &row);
    }
}

#[test]
fn decomposition() {
    for row in reference("decomposition.csv") {
        let ours = erbs(row["ghi"], row["zenith"], row["dni_extra_spencer"]);
        close(ours.dni_w_m2, row["erbs_dni"], 1e-6, &row);
        close(ours.dhi_w_m2, row["erbs_dhi"], 1e-6, &row);
    }
}
