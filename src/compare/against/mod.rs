//! Two sets of results beside one another, wherever they come from: our own reports, logs of herd7, rmem
//! and isla, histograms of litmus7 on hardware.
//!
//! Tests are matched by name, and by herd7's hash where both sides have one. Places are compared under
//! their numeric register names, values as 64 bits
//! whatever base they are printed in, cut to the type that the test declares where a side knows it.

mod isla;
mod judge;
mod log;
mod matching;
mod normal;
mod result;

pub use judge::{Finding, Pair};
pub use log::{ReadLogError, read_log};
pub use matching::{Comparison, compare};
pub use result::{Content, Known, Source, State, Witness, results_of};
