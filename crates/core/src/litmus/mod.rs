//! The herd litmus language: grammar, the test as data, printer, diagnostics.
//!
//! [`parse`] reads one file's text and reports *every* mistake at once. A [`Test`] that comes out is
//! printed by its `Display`; parsing that text gives the same test again (spans aside).
//!
//! From the ground up: [`lexer`] has tokens, [`riscv`] and [`x86`] what is an architecture's own, [`Language`] what is
//! asked of it, [`mod@parse`] the sections that all of herd's languages share. [`herd_hash`](mod@herd_hash) is herd7's
//! digest of a test.
//!
//! Knows nothing of memory models, of KVM or of the file system.

mod ast;
mod decode;
mod diagnostic;
mod herd_hash;
mod language;
mod lexer;
mod lines;
mod list;
mod metadata;
mod parse;
mod print;
mod proposition;
mod render;
mod riscv;
pub mod suggest;
mod visible;
mod x86;

pub use ast::{
    CType, CodeCell, Condition, HartCode, HartId, InitEntry, Integer, Notes, ObservedPlace, Place,
    Quantifier, Span, Spanned, Test, Value, numeric_label,
};
pub use decode::decode;
pub use diagnostic::{Diagnostic, Diagnostics, Problem, shortened};
pub use herd_hash::{HerdHashes, herd_hashes};
pub use language::Language;
pub use lexer::comments;
pub use lines::LineIndex;
pub use list::{ListEntry, read_list};
pub use metadata::{Metadata, MetadataLine};
pub use parse::{parse, parse_proposition, parse_within};
pub use proposition::{Comparison, Connective, Part, Parts, Proposition, Relation, Term, TermId};
pub use render::{Colour, render};
pub use visible::{is_obeyed, visible, visible_lines};
