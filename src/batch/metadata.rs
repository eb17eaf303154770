//! The metadata lines of a test that change how it is run.

use crate::isa::Base;
use crate::litmus::Test;
use crate::model::{Options, Reservation};

/// The base of the test's harts: a line `Base=rv32`, else that of the run.
///
/// # Errors
/// The line names no base.
pub(super) fn base_for(test: &Test, base: Base) -> Result<Base, String> {
    match test.metadata.iter().find(|(key, _)| key.eq_ignore_ascii_case("base")) {
        Some((key, value)) => {
            value.trim().parse().map_err(|what| format!("`{key}={value}`: {what}"))
        }
        None => Ok(base),
    }
}

/// The options for one test: `Unroll=N` replaces the bound of the run, `Reservation=exact`, `any` or
/// `line=N` its reading of reservations.
///
/// `Variant=` names modes of herd7. `mixed` is always on here; what another asks for would change the
/// answer, so it is refused rather than ignored.
///
/// # Errors
/// In words: what the test asks for and cannot have.
pub(super) fn options_for(test: &Test, options: &Options) -> Result<Options, String> {
    let mut options = *options;
    for (key, value) in test.metadata.iter() {
        if key.eq_ignore_ascii_case("unroll") {
            options.unroll = value
                .trim()
                .parse()
                .map_err(|_| format!("`{key}={value}`: the bound of loops is a number"))?;
        } else if key.eq_ignore_ascii_case("reservation") {
            let reservation: Result<Reservation, _> = value.trim().parse();
            options.reservation = reservation.map_err(|what| format!("`{key}={value}`: {what}"))?;
        } else if key.eq_ignore_ascii_case("granule") {
            let bytes = value.trim().parse().ok().filter(|bytes: &u64| bytes.is_power_of_two());
            options.misaligned_granule =
                bytes.ok_or_else(|| format!("`{key}={value}`: the granule is a power of two"))?;
        } else if key.eq_ignore_ascii_case("variant") {
            let mut variants = value.split([',', ' ']).filter(|variant| !variant.is_empty());
            if let Some(other) = variants.find(|variant| !variant.eq_ignore_ascii_case("mixed")) {
                return Err(format!("`{key}={value}`: the variant `{other}` is not supported"));
            }
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(key: &str, value: &str) -> Result<Options, String> {
        let test = Test {
            name: String::new(),
            description: None,
            metadata: [("Orig", "Rfe"), (key, value)].into_iter().collect(),
            init: Vec::new(),
            harts: Vec::new(),
            locations: Vec::new(),
            filter: None,
            condition: None,
        };
        options_for(&test, &Options::default())
    }

    #[test]
    fn unroll_is_honoured_and_unknown_variants_are_refused() {
        assert_eq!(options("Unroll", "7").map(|o| o.unroll), Ok(7));
        assert!(options("unroll", "many").is_err());
        assert_eq!(options("Variant", "mixed").map(|o| o.unroll), Ok(2));
        assert!(options("Variant", "mixed,fullscdepend").unwrap_err().contains("`fullscdepend`"));
        assert_eq!(options("Reservation", "any").map(|o| o.reservation), Ok(Reservation::Any));
        assert!(options("Reservation", "line=3").is_err());
        assert_eq!(options("Granule", "16").map(|o| o.misaligned_granule), Ok(16));
        assert!(options("Granule", "12").is_err());
        assert_eq!(options("Com", "Rf Fr"), Ok(Options::default()));
    }
}
