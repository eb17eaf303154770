//! How the cost of an answer grows with a test's size: families run for growing numbers.

mod growth;
mod plot;
pub mod table;

pub use growth::{Budget, Curve, End, Point, measure};
pub use plot::svg;
