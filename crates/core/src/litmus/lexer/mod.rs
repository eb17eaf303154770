//! What the grammars of this folder are built on: tokens, and the errors of the parsers over them.

mod error;
mod scan;
mod token;

pub(super) use error::{Parsed, Reason, SyntaxError, expected, invalid, unsupported};
pub use scan::comments;
pub(super) use scan::*;
pub(super) use token::{mark, name, number};
