//! Pictures of executions: harts side by side, program order downward.
//!
//! What is drawn is a [`Figure`]; [`dot()`] and [`svg()`] write figures down. The SVG is complete, and needs
//! no other program to be looked at.

mod colour;
mod curve;
mod dot;
mod drawing;
mod escape;
mod figure;
mod geometry;
mod label;
mod layout;
mod routing;
mod svg;

pub use dot::dot;
pub use drawing::{Drawing, Element};
pub use figure::Figure;
pub use svg::svg;
