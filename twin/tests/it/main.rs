//! What the twin promises. One program, since each one links all of it.

mod autonomy;
mod common;
mod cyclic_start;
mod edge_conservation;
mod edge_oracle;
mod edge_outages;
mod edge_support;
mod edge_workload;
mod energy_bad_input;
mod energy_real_files;
mod energy_typical_loads;
mod engine_gensets;
mod fuel;
mod limits;
mod metered;
mod overlapping_sessions;
mod pv_reference;
mod pv_year;
mod sacrifice;
mod series_cases;
mod session_files;
mod sun_reference;
mod weather_dialects;
mod weather_read;
mod weather_synthetic;
mod weather_trace;
