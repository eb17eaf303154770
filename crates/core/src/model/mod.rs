//! RVWMO, Ztso and x86-TSO: the preserved program order rules, what annotates an operation, the options.
//!
//! Source: the RISC-V unprivileged manual, chapters "RVWMO Memory Consistency Model", "Ztso",
//! "Zaamo", "Zalrsc", "Zacas", "Zalasr", and its formal appendix. Not modelled: I/O regions,
//! instruction fetch, page-table walks, vector and CSR accesses.

mod annotation;
mod options;
mod rule;
mod value;

pub use annotation::{AccessKind, Acquire, Annotation, Release, annotate, fence_orders};
pub use options::{
    BaseModel, FailedCas, Options, Reservation, ScFailure, UnknownReading, ZalasrReading,
};
pub use rule::{Rule, RuleSet};
pub use value::{Model, ModelError, Reading};
