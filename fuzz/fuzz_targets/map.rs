#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rvlitmus_fuzz::map(bytes));
