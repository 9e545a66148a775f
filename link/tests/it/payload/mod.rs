//! What each kind of meter writes, and what is read from it; and what happens to what is foreign.
mod evcc;
mod fuzz;
mod hostile;
mod meter;
mod plain;
mod protobuf;
mod shelly;
mod sparkplug;
mod tasmota;
mod zigbee2mqtt;
