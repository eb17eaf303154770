//! What ends a test without an outcome, and the names of the addresses that it is about.

use super::layout::PAGE;
use super::{Completeness, Program};
use crate::arch::Architecture;
use crate::litmus::HartId;

/// Why an execution that really happens cannot be given an outcome. Ends the whole test.
///
/// Its text knows addresses as numbers only: [`Program::describe`] names them.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", self.text(&format!("address {:#x}", self.address())))]
pub enum Fault {
    /// An access outside every location.
    BadAddress {
        /// Which hart.
        hart: HartId,
        /// Which step of its code.
        step: usize,
        /// The instruction's text.
        instr: String,
        /// First byte of the access.
        address: u64,
    },
    /// A misaligned LR, SC or AMO.
    Misaligned {
        /// Which hart.
        hart: HartId,
        /// Which step of its code.
        step: usize,
        /// The instruction's text.
        instr: String,
        /// First byte of the access.
        address: u64,
    },
    /// An indirect jump to something that is no code address of the hart.
    BadJump {
        /// Which hart.
        hart: HartId,
        /// Which step of its code.
        step: usize,
        /// The instruction's text.
        instr: String,
        /// Where it would go.
        address: u64,
    },
    /// The program is larger than an engine's representation.
    TooLarge {
        /// What there is too much of.
        what: String,
        /// How much fits.
        limit: usize,
    },
    /// A limit of the run ended the work before anything was found.
    RanOut(Completeness),
}

impl Fault {
    fn address(&self) -> u64 {
        match self {
            Fault::BadAddress { address, .. }
            | Fault::Misaligned { address, .. }
            | Fault::BadJump { address, .. } => *address,
            Fault::TooLarge { .. } | Fault::RanOut(_) => 0,
        }
    }

    /// The fault with a name for its address.
    fn text(&self, address: &str) -> String {
        match self {
            Fault::BadAddress { hart, instr, .. } => {
                format!(
                    "{instr} of {hart} accesses {address}, which lies in no location of the test"
                )
            }
            Fault::Misaligned { hart, instr, .. } => {
                format!(
                    "{instr} of {hart} accesses {address}, which is misaligned and raises an exception"
                )
            }
            Fault::BadJump { hart, instr, .. } => {
                format!(
                    "{instr} of {hart} jumps to {address}, which is no code address of that hart"
                )
            }
            Fault::TooLarge { what, limit } => {
                format!("the test has {what}, more than the {limit} that this engine holds")
            }
            Fault::RanOut(Completeness::MemoryLimit) => {
                "the test's memory limit ran out".to_owned()
            }
            Fault::RanOut(_) => "the test's time limit ran out".to_owned(),
        }
    }
}

impl Program {
    /// The fault in the test's own names: `x+8` for an address in the page of a location, the nearest
    /// label before it for one in the code.
    #[must_use]
    pub fn describe(&self, fault: &Fault) -> String {
        let address = fault.address();
        let named = self.near_location(address).or_else(|| self.in_code(address));
        let named = named.unwrap_or_else(|| format!("address {address:#x}"));
        match fault {
            Fault::Misaligned { hart, instr, .. }
                if self.harts[hart.index()].architecture == Architecture::X86 =>
            {
                format!(
                    "{instr} of {hart} locks {named} across two quadwords: split locks are not supported"
                )
            }
            fault => fault.text(&named),
        }
    }

    /// `x`, `x+8`, `x-4`: within a page of a location.
    fn near_location(&self, address: u64) -> Option<String> {
        let after = self.locations.partition_point(|l| l.address <= address);
        let before = after.checked_sub(1).map(|index| &self.locations[index]);
        if let Some(location) = before.filter(|l| address - l.address < PAGE) {
            return Some(plus(&location.name, address - location.address));
        }
        let next = self.locations.get(after).filter(|l| l.address - address < PAGE)?;
        Some(format!("{}-{}", next.name, next.address - address))
    }

    /// `P1:loop+4`, or `line 7 of P1`.
    fn in_code(&self, address: u64) -> Option<String> {
        for (number, hart) in (0u16..).zip(&self.harts) {
            // Behind the last step there may still be half of an instruction.
            if address > hart.end + 4 {
                continue;
            }
            let after = hart.instructions.partition_point(|it| it.address <= address);
            let instruction = match after.checked_sub(1) {
                Some(last) if address < hart.end => last,
                None if address < hart.end => continue,
                _ => after,
            };
            let step = hart.first_step(instruction);
            let id = HartId(number);
            let labels = self.labels.iter().filter(|label| label.hart == id && label.step <= step);
            if let Some(label) = labels.max_by_key(|label| label.step) {
                let past = address - hart.address(label.step);
                return Some(plus(&format!("{id}:{}", label.name), past));
            }
            return Some(match self.line_column(id, step) {
                Some((line, _)) => format!("line {line} of {id}"),
                None => format!("the end of {id}"),
            });
        }
        None
    }
}

fn plus(name: &str, offset: u64) -> String {
    if offset == 0 { name.to_owned() } else { format!("{name}+{offset}") }
}
