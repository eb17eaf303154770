//! Which loops were cut.

use std::fmt;

use crate::arch::Name;
use crate::litmus::HartId;
use crate::program::Program;

/// A loop that some execution takes further than the bound.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CutLoop {
    /// Line of the jump back, from 1.
    pub line: u32,
    /// Its column in characters, from 1.
    pub column: u32,
    /// Whose code it is; `None` in a report that does not say it.
    pub hart: Option<HartId>,
    /// The label of the loop's head; `None` where a jump through a register leads back.
    pub label: Option<Name>,
}

impl CutLoop {
    /// The loop that the jump at `step` closes.
    pub(super) fn at(program: &Program, hart: HartId, step: usize) -> CutLoop {
        let (line, column) = program.line_column(hart, step).unwrap_or((1, 1));
        let jump = program.harts.get(hart.index()).and_then(|hart| hart.instruction(step));
        let label = jump.and_then(|jump| jump.assembly.label().cloned());
        CutLoop { line, column, hart: Some(hart), label }
    }
}

/// `P1's loop to spin (line 9)`, `P0's loop at line 7`, `the loop at line 7`.
impl fmt::Display for CutLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hart {
            Some(hart) => write!(f, "{hart}'s loop")?,
            None => f.write_str("the loop")?,
        }
        match &self.label {
            Some(label) => write!(f, " to {label} (line {})", self.line),
            None => write!(f, " at line {}", self.line),
        }
    }
}

/// `bounded: P0's loop to spin (line 9) and P1's loop to spin (line 9) were cut`.
#[must_use]
pub fn cut_text(loops: &[CutLoop]) -> String {
    let names: Vec<String> = loops.iter().map(ToString::to_string).collect();
    match &names[..] {
        [one] => format!("bounded: {one} was cut"),
        [first @ .., last] => format!("bounded: {} and {last} were cut", first.join(", ")),
        [] => String::new(),
    }
}
