//! One form for places and values, whatever tool prints them.

use std::collections::{BTreeMap, BTreeSet};

use rvlitmus_core::arch::riscv::Reg;
use rvlitmus_core::litmus::CType;
use rvlitmus_core::program::Rendering;

use super::State;
use super::result::is_register;

/// `0:a0` is `0:x10`, `x` is `[x]`, `[x[1]]` is `x[1]`.
pub(super) fn normal_place(place: &str) -> String {
    let place = place.trim();
    if let Some((hart, register)) = place.split_once(':') {
        let register = register.trim();
        return match Reg::parse(register) {
            Some(reg) => format!("{}:{reg}", hart.trim()),
            None => format!("{}:{register}", hart.trim()),
        };
    }
    let inner = place.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(place);
    if inner.ends_with(']') { inner.to_owned() } else { format!("[{inner}]") }
}

/// Numbers as signed 64-bit decimals, symbols as they are.
pub(super) fn normal_value(value: &str) -> String {
    let value = value.trim();
    match bits(value) {
        Some(bits) => (bits as i64).to_string(),
        None => value.strip_prefix('&').unwrap_or(value).to_owned(),
    }
}

/// The 64 bits of a number in any base.
fn bits(value: &str) -> Option<u64> {
    let (negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    let prefixed = |prefix: &str| digits.strip_prefix(prefix);
    let number = if let Some(digits) = prefixed("0x").or(prefixed("0X")) {
        u64::from_str_radix(digits, 16)
    } else if let Some(digits) = prefixed("0b").or(prefixed("0B")) {
        u64::from_str_radix(digits, 2)
    } else {
        digits.parse()
    };
    number.ok().map(|bits| if negative { bits.wrapping_neg() } else { bits })
}

/// The states with every number cut to its place's type and extended as it says. Locations without a
/// type are read as our own reports print them.
pub(super) fn typed(states: &BTreeSet<State>, types: &BTreeMap<String, CType>) -> BTreeSet<State> {
    states.iter().map(|state| typed_state(state, types)).collect()
}

/// As [`typed`], of one state.
pub(super) fn typed_state(state: &State, types: &BTreeMap<String, CType>) -> State {
    let value = |place: &String, value: &String| {
        let rendering = match types.get(place) {
            Some(ctype) => Rendering::Typed(*ctype),
            None if is_register(place) => Rendering::Register,
            None => Rendering::Undeclared,
        };
        match bits(value) {
            Some(bits) => (rendering.normalize(bits) as i64).to_string(),
            None => value.clone(),
        }
    };
    state.iter().map(|(p, v)| (p.clone(), value(p, v))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_values_have_one_form() {
        for (place, normal) in [
            ("0:a0", "0:x10"),
            ("12:x31", "12:x31"),
            ("x", "[x]"),
            ("[x]", "[x]"),
            ("[x[1]]", "x[1]"),
            ("x[1]", "x[1]"),
        ] {
            assert_eq!(normal_place(place), normal);
        }
        for (value, normal) in [
            ("0x10", "16"),
            ("0b101", "5"),
            ("-1", "-1"),
            ("18446744073709551615", "-1"),
            ("0xffffffffffffffff", "-1"),
            ("x+4", "x+4"),
            ("&x", "x"),
            ("P1:L0", "P1:L0"),
            ("-9223372036854775808", "-9223372036854775808"),
        ] {
            assert_eq!(normal_value(value), normal);
        }
    }

    #[test]
    fn declared_types_decide_what_a_number_is() {
        let state = |pairs: &[(&str, &str)]| -> State {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        let types = BTreeMap::from([
            ("[b]".to_owned(), CType::Int8),
            ("[w]".to_owned(), CType::Uint32),
            ("0:x5".to_owned(), CType::Int16),
        ]);
        let printed = state(&[
            ("[b]", "255"),
            ("[w]", "-1"),
            ("[i]", "4294967295"),
            ("[p]", "x+4"),
            ("0:x5", "65535"),
            ("0:x6", "4294967295"),
        ]);
        let meant = state(&[
            ("[b]", "-1"),
            ("[w]", "4294967295"),
            ("[i]", "-1"),
            ("[p]", "x+4"),
            ("0:x5", "-1"),
            ("0:x6", "4294967295"),
        ]);
        assert_eq!(typed(&BTreeSet::from([printed]), &types), BTreeSet::from([meant]));
    }
}
