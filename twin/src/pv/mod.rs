//! Photovoltaics: from irradiance to AC power.
