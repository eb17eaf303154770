//! The metadata lines of a test that change how it is run.

use crate::arch::Architecture;
use crate::arch::riscv::Base;
use crate::litmus::{Diagnostic, Diagnostics, MetadataLine, Problem, Test, suggest};
use crate::model::{Options, Reservation};

/// The base of the test's harts: a line `Base=rv32`, else that of the run. Registers of x86 are as wide as those
/// of RV64.
///
/// # Errors
/// The line names no base.
pub(super) fn base_for(test: &Test, base: Base) -> Result<Base, Diagnostics> {
    if test.language.architecture() == Architecture::X86 {
        return Ok(Base::Rv64);
    }
    let Some(line) = test.metadata.line("base") else { return Ok(base) };
    line.value.trim().parse().map_err(|_| {
        let help = nearest(line.value, ["rv32", "rv64"]);
        Diagnostics(vec![wrong(line, "`rv32` or `rv64`", help)])
    })
}

/// The options for one test: `Unroll=N` replaces the bound of the run, `Reservation=exact`, `any` or
/// `line=N` its reading of reservations.
///
/// `Variant=` names modes of herd7. `mixed` is always on here; what another asks for would change the
/// answer, so it is refused rather than ignored.
///
/// # Errors
/// What the test asks for and cannot have, line by line.
pub(super) fn options_for(test: &Test, options: &Options) -> Result<Options, Diagnostics> {
    let mut options = *options;
    let mut mistakes = Vec::new();
    for line in test.metadata.lines_of(&["unroll", "reservation", "granule", "variant"]) {
        let value = || line.value.trim();
        let mistake = if line.key.eq_ignore_ascii_case("unroll") {
            let help = "`Unroll=2` follows each jump backwards twice";
            value()
                .parse()
                .map(|bound| options.unroll = bound)
                .map_err(|_| wrong(line, "a number", Some(help.to_owned())))
        } else if line.key.eq_ignore_ascii_case("reservation") {
            let reservation: Result<Reservation, _> = value().parse();
            reservation.map(|reservation| options.reservation = reservation).map_err(|_| {
                let help = match value().strip_prefix("line=") {
                    Some(bytes) => powers_near(bytes, "line="),
                    None => nearest(value(), ["exact", "any", "line=64"]),
                };
                wrong(line, "`exact`, `any` or `line=N` with a power of two", help)
            })
        } else if line.key.eq_ignore_ascii_case("granule") {
            let bytes = value().parse().ok().filter(|bytes| Options::is_granule(*bytes));
            bytes.map(|bytes| options.misaligned_granule = bytes).ok_or_else(|| {
                wrong(line, "a power of two, at most 4096", powers_near(value(), ""))
            })
        } else {
            only_mixed(line)
        };
        mistakes.extend(mistake.err());
    }
    if mistakes.is_empty() { Ok(options) } else { Err(Diagnostics(mistakes)) }
}

/// A value that is something else than it should be.
fn wrong(line: MetadataLine<'_>, expected: &str, help: Option<String>) -> Diagnostic {
    let found = match line.value {
        "" => "empty".to_owned(),
        value => format!("`{value}`"),
    };
    Diagnostic {
        problem: Problem::Syntax,
        span: line.span(0..line.value.len()),
        message: format!("`{}` is {expected}, not {found}", line.key),
        help,
    }
}

fn nearest<const N: usize>(value: &str, known: [&str; N]) -> Option<String> {
    suggest::nearest(&value.to_ascii_lowercase(), known).map(suggest::did_you_mean)
}

/// The powers of two beside a number that is none.
fn powers_near(number: &str, before: &str) -> Option<String> {
    let number: u64 = number.trim().parse().ok()?;
    let above = number.checked_next_power_of_two().filter(|above| *above <= 1 << 12)?;
    Some(match above / 2 {
        0 => format!("did you mean `{before}1`?"),
        below => format!("did you mean `{before}{below}` or `{before}{above}`?"),
    })
}

/// # Errors
/// The first variant that is another.
fn only_mixed(line: MetadataLine<'_>) -> Result<(), Diagnostic> {
    let mut at = 0;
    for variant in line.value.split([',', ' ']) {
        if !variant.is_empty() && !variant.eq_ignore_ascii_case("mixed") {
            let only = || match variant {
                "self" => "code that changes is outside the memory model".to_owned(),
                "vm" => "page tables are outside the memory model".to_owned(),
                _ => "only `mixed`, which is always on, can stand here".to_owned(),
            };
            return Err(Diagnostic {
                problem: Problem::Unsupported,
                span: line.span(at..at + variant.len()),
                message: format!("the variant `{variant}` is not supported"),
                help: Some(nearest(variant, ["mixed"]).unwrap_or_else(only)),
            });
        }
        at += variant.len() + 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::{Notes, Span, Spanned};

    fn options(key: &str, value: &str) -> Result<Options, String> {
        let test = Test {
            language: crate::litmus::Language::Riscv,
            name: String::new(),
            description: None,
            metadata: [("Orig", "Rfe"), (key, value)].into_iter().collect(),
            init: Vec::new(),
            harts: Vec::new(),
            locations: Vec::new(),
            filter: None,
            condition: None,
            condition_at: Spanned { value: (), span: Span::default() },
            notes: Notes::default(),
        };
        options_for(&test, &Options::default()).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn unroll_is_honoured_and_unknown_variants_are_refused() {
        assert_eq!(options("Unroll", "7").map(|o| o.unroll), Ok(7));
        assert!(options("unroll", "many").is_err());
        assert_eq!(options("Variant", "mixed").map(|o| o.unroll), Ok(2));
        assert!(options("Variant", "mixed,fullscdepend").unwrap_err().contains("`fullscdepend`"));
        assert!(options("Variant", "vm").unwrap_err().contains("page tables are outside"));
        assert_eq!(options("Reservation", "any").map(|o| o.reservation), Ok(Reservation::Any));
        assert!(options("Reservation", "line=3").is_err());
        assert_eq!(options("Granule", "16").map(|o| o.misaligned_granule), Ok(16));
        assert!(options("Granule", "12").is_err());
        assert_eq!(options("Com", "Rf Fr"), Ok(Options::default()));
    }

    #[test]
    fn powers_of_two_are_suggested() {
        let near = |number| powers_near(number, "").unwrap_or_default();
        assert_eq!(near("0"), "did you mean `1`?");
        assert_eq!(near("3"), "did you mean `2` or `4`?");
        assert_eq!((near("x"), near("18446744073709551615")), (String::new(), String::new()));
    }
}
