//! The exhaustive executor.
