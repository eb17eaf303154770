//! Results of two tools beside one another, wherever they come from: reports of this program, logs of
//! herd7, rmem and isla, histograms of litmus7 on hardware.
//!
//! Tests are matched by name, and by herd7's hash where both sides have one. Places are compared under
//! their numeric register names, values as 64 bits whatever base they are printed in, cut to the type that
//! the test declares where a side knows it.
//!
//! ```text
//! log (isla), reports -> result -> pair -> comparison
//! ```

mod canonical;
mod comparison;
mod isla;
mod log;
mod pair;
mod result;

pub use canonical::NamedState;
pub use comparison::{Comparison, compare};
pub use log::{Log, UnreadableLine, read_log};
pub use pair::{Finding, Pair};
pub use result::{Source, ToolAnswer, ToolResult, Witness, results_on};
