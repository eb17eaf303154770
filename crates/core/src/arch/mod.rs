//! Architectures: what instructions are called, and the actions that they come to.
//!
//! An architecture has a folder here. It knows its instructions by mnemonic and operands, and *lowers* each
//! to [`Action`]s, which is all that the program, the models and both engines see: [`riscv`] has one action for
//! nearly every instruction, [`x86`] several for many. [`Assembly`] keeps what was written, for people.
//!
//! To add an architecture is to add its folder, its variant of [`Assembly`], and its road from a test to that.

mod action;
mod assembly;
mod functions;
mod name;
mod named;
mod order;
mod register;
pub mod riscv;
mod width;
pub mod x86;

pub use action::{Action, Cancels, Condition, Link, MemoryAccess, Operand, RegisterOrPair};
pub use assembly::Assembly;
pub use functions::Function;
pub use name::Name;
pub use named::{Architecture, Reg};
pub use order::{FencePairs, Order};
pub use register::Register;
pub use width::{Extend, Width};
