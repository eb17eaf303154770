//! 64-bit values as users write them.

use schemars::JsonSchema;
use serde::Deserialize;

/// Reads a 64-bit number: hexadecimal with `0x`, or decimal.
#[must_use]
pub fn parse_u64(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
            u64::from_str_radix(digits, 16).ok()
        }
        Some(_) => None,
        None if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
        None => None,
    }
}

/// A 64-bit value, in JSON a number or a string.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "NumberOrText")]
pub struct Value64(pub u64);

/// A 64-bit number: a number, or a string in decimal or hexadecimal.
#[derive(Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a number from 0 to 2^64-1, or a string with one, such as \"0x1\""
)]
enum NumberOrText {
    Number(u64),
    Text(#[schemars(regex(pattern = r"^([0-9]+|0[xX][0-9a-fA-F]+)$"))] String),
}

/// A text that is no 64-bit number.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is no number from 0 to 2^64-1, such as \"0x1\"")]
struct NotANumber(String);

impl TryFrom<NumberOrText> for Value64 {
    type Error = NotANumber;

    fn try_from(value: NumberOrText) -> Result<Value64, NotANumber> {
        match value {
            NumberOrText::Number(number) => Ok(Value64(number)),
            NumberOrText::Text(text) => parse_u64(&text).map(Value64).ok_or(NotANumber(text)),
        }
    }
}
