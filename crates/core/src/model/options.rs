//! Choices where the manual leaves one, each a named option that reports print.

use std::fmt;
use std::str::FromStr;

use super::RuleSet;

/// The memory model that a hart follows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BaseModel {
    /// The base architecture's weak memory ordering.
    Rvwmo,
    /// Total store ordering, extension Ztso.
    Ztso,
    /// Sequential consistency, which no RISC-V extension promises: what programmers compare with.
    Sc,
}

impl BaseModel {
    /// `rvwmo`, `ztso` or `sc`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            BaseModel::Rvwmo => "rvwmo",
            BaseModel::Ztso => "ztso",
            BaseModel::Sc => "sc",
        }
    }
}

impl fmt::Display for BaseModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How the annotations of Zalasr's loads and stores are read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ZalasrReading {
    /// RCsc, as ratified.
    #[default]
    Ratified,
    /// RCpc, as herd7's `riscv.cat` reads them: rule 7 then holds among AMO, LR and SC only.
    Rcpc,
}

/// When a paired SC may fail.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ScFailure {
    /// Always.
    #[default]
    Spurious,
    /// Only when another hart stored to the reserved bytes after the store that LR read from.
    OnlyWhenForced,
}

/// Which addresses an SC may have to pair with its LR.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Reservation {
    /// Within the bytes that LR read.
    #[default]
    Exact,
    /// Within the aligned block of this many bytes (a power of two) that LR's address lies in.
    Line(u64),
    /// Anywhere.
    Any,
}

/// `exact`, `any`, `line=N`.
impl FromStr for Reservation {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "exact" => Ok(Reservation::Exact),
            "any" => Ok(Reservation::Any),
            line => match line.strip_prefix("line=").map(str::parse::<u64>) {
                Some(Ok(bytes)) if bytes.is_power_of_two() => Ok(Reservation::Line(bytes)),
                Some(_) => Err("the N of `line=N` is a power of two"),
                None => Err("expected `exact`, `line=N` or `any`"),
            },
        }
    }
}

/// What a failed `amocas` is under Ztso.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum FailedCas {
    /// A load: never a release (psABI practice).
    #[default]
    Load,
    /// Still annotated as an AMO, acquire and release.
    Amo,
}

/// Everything that bends the model, the architecture's defaults first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Options {
    /// Reading of Zalasr.
    pub zalasr: ZalasrReading,
    /// Failure of SC.
    pub sc_failure: ScFailure,
    /// Size of a reservation.
    pub reservation: Reservation,
    /// Failed `amocas`.
    pub failed_cas: FailedCas,
    /// Every backward jump is taken at most this often by a hart; what goes further is cut, and said.
    pub unroll: u32,
    /// Within an aligned block of so many bytes, a power of two, a misaligned load, store or AMO is one
    /// operation: the misaligned atomicity granule. 1: nowhere, unless a hart has Zama16b.
    pub misaligned_granule: u64,
    /// Rules in force.
    pub rules: RuleSet,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            zalasr: ZalasrReading::default(),
            sc_failure: ScFailure::default(),
            reservation: Reservation::default(),
            failed_cas: FailedCas::default(),
            unroll: 2,
            misaligned_granule: 1,
            rules: RuleSet::ALL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reservations_are_read() {
        assert_eq!("exact".parse(), Ok(Reservation::Exact));
        assert_eq!("any".parse(), Ok(Reservation::Any));
        assert_eq!("line=64".parse(), Ok(Reservation::Line(64)));
        for wrong in ["line=48", "line=0", "line=", "line", "64"] {
            assert!(wrong.parse::<Reservation>().is_err(), "{wrong}");
        }
    }
}
