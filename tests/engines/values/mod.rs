//! What every instruction computes, against the recorded answers of an emulator.
//!
//! Nothing here runs an emulator.

mod engines;
mod tables;
mod vectors;
