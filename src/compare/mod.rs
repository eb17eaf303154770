//! Outcome sets side by side.
