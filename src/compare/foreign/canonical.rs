//! One spelling of places and values, whatever tool prints them.

use std::collections::{BTreeMap, BTreeSet};

use rvlitmus_core::arch::riscv::Reg;
use rvlitmus_core::litmus::CType;

/// A final state: value by place, both in canonical spelling.
pub type NamedState = BTreeMap<String, String>;

/// Spells a place as reports do: `0:a0` becomes `0:x10`, `x` becomes `[x]`, `[x[1]]` becomes `x[1]`.
pub(super) fn canonical_place(place: &str) -> String {
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

/// Spells a number as a decimal; what is none of 64 bits, such as a symbol, stays as it is.
pub(super) fn canonical_value(value: &str) -> String {
    let value = value.trim();
    match number(value) {
        Some(number) => number.to_string(),
        None => value.strip_prefix('&').unwrap_or(value).to_owned(),
    }
}

/// A number in any base that 64 bits hold, with a sign or without.
fn number(value: &str) -> Option<i128> {
    let (negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    let prefixed = |prefix: &str| digits.strip_prefix(prefix);
    let magnitude = if let Some(digits) = prefixed("0x").or(prefixed("0X")) {
        u64::from_str_radix(digits, 16)
    } else if let Some(digits) = prefixed("0b").or(prefixed("0B")) {
        u64::from_str_radix(digits, 2)
    } else {
        digits.parse()
    };
    let magnitude = i128::from(magnitude.ok()?);
    let number = if negative { -magnitude } else { magnitude };
    (number >= i128::from(i64::MIN)).then_some(number)
}

/// Does a value, spelled canonically, fit neither an `int` nor an `unsigned`?
pub(super) fn needs_64_bits(value: &str) -> bool {
    number(value)
        .is_some_and(|number| i32::try_from(number).is_err() && u32::try_from(number).is_err())
}

/// Cuts every number of the states to its place's type and extends it as that says. A place without
/// a type is an `int`.
pub(super) fn as_declared(
    states: &BTreeSet<NamedState>,
    types: &BTreeMap<String, CType>,
) -> BTreeSet<NamedState> {
    states.iter().map(|state| state_as_declared(state, types)).collect()
}

/// Does the same as [`as_declared`] to one state.
pub(super) fn state_as_declared(state: &NamedState, types: &BTreeMap<String, CType>) -> NamedState {
    let value = |place: &String, value: &String| {
        let ctype = types.get(place).copied().unwrap_or(CType::Int32);
        match number(value) {
            Some(number) => match ctype.normalize(number as u64) {
                unsigned if ctype == CType::Uint64 => unsigned.to_string(),
                signed => (signed as i64).to_string(),
            },
            None => value.clone(),
        }
    };
    state.iter().map(|(p, v)| (p.clone(), value(p, v))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_values_have_one_spelling() {
        for (place, canonical) in [
            ("0:a0", "0:x10"),
            ("12:x31", "12:x31"),
            ("x", "[x]"),
            ("[x]", "[x]"),
            ("[x[1]]", "x[1]"),
            ("x[1]", "x[1]"),
        ] {
            assert_eq!(canonical_place(place), canonical);
        }
        for (value, canonical) in [
            ("0x10", "16"),
            ("0b101", "5"),
            ("-1", "-1"),
            ("18446744073709551615", "18446744073709551615"),
            ("0xffffffffffffffff", "18446744073709551615"),
            ("18446744073709551616", "18446744073709551616"),
            ("-0x8000000000000001", "-0x8000000000000001"),
            ("x+4", "x+4"),
            ("&x", "x"),
            ("P1:L0", "P1:L0"),
            ("-9223372036854775808", "-9223372036854775808"),
        ] {
            assert_eq!(canonical_value(value), canonical);
        }
    }

    #[test]
    fn no_int_has_a_number_of_64_bits() {
        for (value, wide) in [
            ("4294967295", false),
            ("-2147483648", false),
            ("4294967296", true),
            ("-2147483649", true),
            ("18446744073709551615", true),
            ("x", false),
        ] {
            assert_eq!(needs_64_bits(value), wide, "{value}");
        }
    }

    #[test]
    fn declared_types_decide_what_a_number_is() {
        let state = |pairs: &[(&str, &str)]| -> NamedState {
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
            ("0:x6", "-1"),
        ]);
        assert_eq!(as_declared(&BTreeSet::from([printed]), &types), BTreeSet::from([meant]));
    }
}
