//! The states of one test, in the form in which tools can be compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::{Column, Conclusion, TestReport};
use crate::isa::Reg;

/// A final state: value by place, both in normal form.
pub type State = BTreeMap<String, String>;

/// What sort of thing produced states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// A model, explored exhaustively: what is absent is forbidden.
    Model,
    /// A machine that was watched: what is absent was not seen.
    Hardware,
}

/// What one side knows of one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// The test's name.
    pub name: String,
    /// herd7's hash.
    pub hash: Option<String>,
    /// Model or machine.
    pub source: Source,
    /// All states; `None` when the test was not finished.
    pub states: Option<BTreeSet<State>>,
}

/// What our own reports say in the column `model`. Tests that were not run under it are left out.
#[must_use]
pub fn results_of(reports: &[TestReport], model: Column) -> Vec<Known> {
    let known = reports.iter().filter_map(|report| {
        let states = match &report.conclusion {
            Conclusion::Failed(_) => None,
            Conclusion::Answered(answer) => {
                let table = &answer.model(model)?.states;
                let states = table.iter().map(|(values, _)| {
                    let values = values.iter().map(|value| value.text(&answer.symbols));
                    let pairs = answer.places.iter().zip(values);
                    pairs.map(|(place, v)| (normal_place(place), normal_value(&v))).collect()
                });
                Some(states.collect())
            }
        };
        let (name, hash) = (report.name.clone(), report.hash.clone());
        Some(Known { name, hash, source: Source::Model, states })
    });
    known.collect()
}

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
    let (negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    let number = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16),
        None => digits.parse(),
    };
    match number {
        Ok(bits) if negative => (bits.wrapping_neg() as i64).to_string(),
        Ok(bits) => (bits as i64).to_string(),
        Err(_) => value.strip_prefix('&').unwrap_or(value).to_owned(),
    }
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
}
