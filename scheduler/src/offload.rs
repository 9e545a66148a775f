//! Offloading.
