//! What descriptions ask of instructions: their text, and how they extend what they load.

use crate::arch::riscv::{Extend, Kind};
use crate::program::Step as CodeStep;

/// Returns the instruction as the test writes it: `lw.aq x5,0(x6)`.
pub(super) fn text(code: &CodeStep) -> String {
    code.instr.to_string()
}

/// Returns the instruction's name and its ordering suffix: `amoadd.w`, `.aq`.
pub(super) fn mnemonic(code: &CodeStep) -> [&'static str; 2] {
    [code.instr.def.mnemonic, code.instr.order.suffix()]
}

/// Is it a load that extends what it loads with zeros?
pub(super) fn zero_extends(code: &CodeStep) -> bool {
    matches!(code.instr.def.kind, Kind::Load(_, Extend::Zero))
}
