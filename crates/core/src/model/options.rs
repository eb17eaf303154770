//! Choices where the manual leaves one, each a named option that reports print.

use std::fmt;
use std::str::FromStr;

use strum::{EnumCount, VariantArray};

use super::{AccessKind, Rule, RuleSet};
use crate::arch::Architecture;

/// The memory model that a hart follows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[derive(strum::Display, EnumCount, strum::IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum BaseModel {
    /// The base architecture's weak memory ordering.
    Rvwmo,
    /// Total store ordering, extension Ztso.
    Ztso,
    /// Sequential consistency, which no extension promises: what programmers compare with.
    Sc,
    /// Total store ordering of x86, for x86's own instructions.
    X86Tso,
}

impl BaseModel {
    /// All of them: those of RISC-V, the weakest first, then the one of x86.
    pub const ALL: [BaseModel; BaseModel::COUNT] = *BaseModel::VARIANTS.first_chunk().unwrap();

    /// Can a hart of that architecture follow it?
    #[must_use]
    pub const fn is_of(self, architecture: Architecture) -> bool {
        match self {
            BaseModel::Rvwmo | BaseModel::Ztso => matches!(architecture, Architecture::Riscv),
            BaseModel::X86Tso => matches!(architecture, Architecture::X86),
            BaseModel::Sc => true,
        }
    }

    /// The rules that it has, in the manual's order.
    pub fn rules(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.into_iter().filter(move |rule| self.has(*rule))
    }

    /// Has it that rule?
    #[must_use]
    pub fn has(self, rule: Rule) -> bool {
        match rule {
            Rule::ZtsoLoadAcquire | Rule::ZtsoStoreRelease | Rule::ZtsoAmo => {
                self == BaseModel::Ztso
            }
            Rule::ScProgramOrder => self == BaseModel::Sc,
            Rule::TsoLoad | Rule::TsoStore | Rule::TsoLocked => self == BaseModel::X86Tso,
            rule => self != BaseModel::X86Tso || RuleSet::OF_X86.contains(rule),
        }
    }

    /// `rvwmo`, `ztso`, `sc` or `x86-tso`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// How the annotations of Zalasr's loads and stores are read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum ZalasrReading {
    /// RCsc, as ratified.
    #[default]
    Ratified,
    /// RCpc, as herd7's `riscv.cat` reads them: rule 7 then holds among AMO, LR and SC only.
    Rcpc,
}

/// When a paired SC may fail.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum ScFailure {
    /// Always.
    #[default]
    Spurious,
    /// Only when another hart stored to the reserved bytes after the store that LR read from.
    OnlyWhenForced,
}

/// Which addresses an SC may have to pair with its LR.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reservation {
    /// Within the bytes that LR read.
    Exact,
    /// Within the aligned block of this many bytes (a power of two) that LR's address lies in. A line that
    /// is narrower than what LR read is as wide as that.
    Line(u64),
    /// Anywhere.
    Any,
}

impl Reservation {
    /// The widest line: each location has lines of its own, and lies in pages of its own.
    pub const MOST_BYTES: u64 = 4096;
}

/// Lines of 64 bytes: Za64rs, which the RVA profiles require.
impl Default for Reservation {
    fn default() -> Self {
        Reservation::Line(64)
    }
}

/// Gives the values of an option their names, by which they are printed and read.
macro_rules! named {
    ($option:ident: $($value:ident = $name:literal),+) => {
        impl $option {
            /// Its values with their names.
            pub const NAMES: &[(&str, $option)] = &[$(($name, $option::$value)),+];
        }

        impl fmt::Display for $option {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $($option::$value => $name),+ })
            }
        }

        impl FromStr for $option {
            type Err = UnknownReading;

            fn from_str(text: &str) -> Result<Self, UnknownReading> {
                match text {
                    $($name => Ok($option::$value),)+
                    _ => Err(UnknownReading(concat!("expected one of ", $("`", $name, "` "),+))),
                }
            }
        }
    };
}

named!(ZalasrReading: Ratified = "ratified", Rcpc = "rcpc");
named!(ScFailure: Spurious = "spurious", OnlyWhenForced = "only-when-forced");
named!(FailedCas: Amo = "amo", Load = "load", AmoRl = "amo-rl");

/// A value that an option does not have; says which it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct UnknownReading(&'static str);

/// `exact`, `any` or `line=N`.
impl fmt::Display for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reservation::Exact => f.write_str("exact"),
            Reservation::Line(bytes) => write!(f, "line={bytes}"),
            Reservation::Any => f.write_str("any"),
        }
    }
}

/// `exact`, `any` or `line=N`.
impl FromStr for Reservation {
    type Err = UnknownReading;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "exact" => Ok(Reservation::Exact),
            "any" => Ok(Reservation::Any),
            line => match line.strip_prefix("line=").map(str::parse::<u64>) {
                Some(Ok(bytes)) if bytes.is_power_of_two() && bytes <= Reservation::MOST_BYTES => {
                    Ok(Reservation::Line(bytes))
                }
                Some(_) => Err(UnknownReading("the N of `line=N` is a power of two up to 4096")),
                None => Err(UnknownReading("expected `exact`, `line=N` or `any`")),
            },
        }
    }
}

/// What an `amocas` whose comparison fails is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum FailedCas {
    /// An AMO to every rule of preserved program order, but never a release (manual, chapter "Zacas").
    #[default]
    Amo,
    /// A load in every respect.
    Load,
    /// The same as [`FailedCas::Amo`], and under Ztso a release: the Ztso chapter to the letter.
    AmoRl,
}

impl FailedCas {
    /// What the rules take it for.
    #[must_use]
    pub const fn kind(self) -> AccessKind {
        match self {
            FailedCas::Load => AccessKind::FailedCas,
            FailedCas::Amo | FailedCas::AmoRl => AccessKind::FailedAmo,
        }
    }
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

impl Options {
    /// Can the blocks within which misaligned accesses are one operation have so many bytes?
    #[must_use]
    pub fn is_granule(bytes: u64) -> bool {
        bytes.is_power_of_two() && bytes <= 4096
    }
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
        for wrong in ["line=48", "line=0", "line=8192", "line=", "line", "64"] {
            assert!(wrong.parse::<Reservation>().is_err(), "{wrong}");
        }
    }
}
