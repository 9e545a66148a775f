//! Any bytes as messages to meters of every kind.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    gridtwin_link::payload::fuzz_any(bytes);
});
