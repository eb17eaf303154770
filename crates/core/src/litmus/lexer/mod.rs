//! What every grammar of this folder is built on: tokens, and the errors of the parsers over them.

mod error;
mod token;

pub(super) use error::{Parsed, Reason, SyntaxError, expected, invalid, unsupported};
pub(super) use token::*;
