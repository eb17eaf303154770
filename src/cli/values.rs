//! How single values of arguments are read.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::builder::{PathBufValueParser, PossibleValuesParser, TypedValueParser};
use rvlitmus_core::model::Options;

/// A parser for a file that cannot be standard output.
pub(super) fn file() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match path == Path::new("-") {
        true => Err("standard output is for the results: name a file (`./-` is one, too)"),
        false => Ok(path),
    })
}

/// A parser for one value that may hold commas.
pub(super) fn whole<
    T: FromStr<Err: std::error::Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
>() -> impl TypedValueParser<Value = T> {
    clap::builder::StringValueParser::new().try_map(|text: String| text.parse::<T>())
}

/// A parser for one of a few names.
pub(super) fn named<T: Copy + Send + Sync + 'static>(
    names: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(names.iter().map(|(name, _)| *name)).try_map(move |text| {
        let found = names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        found.ok_or_else(|| format!("`{text}` is not known"))
    })
}

/// A longer time is none.
const MOST_SECONDS: f64 = 1e9;

/// A number of seconds above 0.
pub(super) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= MOST_SECONDS => Ok(seconds),
        _ => Err(format!("expected a number of seconds above 0 and at most {MOST_SECONDS}")),
    }
}

/// A power of two of bytes.
pub(super) fn power_of_two(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(bytes) if Options::is_granule(bytes) => Ok(bytes),
        _ => Err("expected a power of two, at most 4096".to_owned()),
    }
}
