//! A column of x86 instructions as code: each is lowered to as many steps as it comes to.

use super::link::Linker;
use super::{Hart, Instruction, Step};
use crate::arch::riscv::Base;
use crate::arch::x86::{self, Resolved};
use crate::arch::{Action, Architecture, Register};
use crate::litmus::HartId;

impl Linker<'_> {
    /// Resolves one column; the registers stay zero.
    pub(super) fn x86_hart(&mut self, number: usize) -> Hart {
        let test = self.names.test;
        let (id, column) = (HartId(number as u16), &test.harts[number]);
        let instrs = || column.cells.iter().filter_map(|cell| cell.instr.as_ref());
        let flags = instrs().any(|it| it.value.x86().is_some_and(x86::Instr::reads_flags));
        let mut address = self.names.layout.code_address(number);
        let (mut code, mut instructions) = (Vec::new(), Vec::new());
        for (place, cell) in column.cells.iter().enumerate() {
            let Some(located) = &cell.instr else { continue };
            let Some(instr) = located.value.x86() else { continue };
            let (target, symbol) =
                self.named(id, place, (instr.label(), instr.symbol()), located.span);
            let resolved = Resolved { target, symbol, flags };
            let instruction = instructions.len() as u32;
            let steps = instr.actions(resolved).into_iter();
            code.extend(steps.map(|action| Step { action, instruction }));
            let (assembly, at) = (located.value.clone(), located.span.start);
            instructions.push(Instruction { assembly, address, at });
            address += x86::BYTES;
        }
        let mut hart = Hart {
            architecture: Architecture::X86,
            base: Base::Rv64,
            granule: x86::GRANULE,
            code,
            instructions,
            registers: [0; Register::COUNT],
            end: address,
            indirect_targets: Vec::new(),
        };
        // Jumps go to instructions until all are known.
        let first: Vec<usize> =
            (0..=hart.instructions.len()).map(|number| hart.first_step(number)).collect();
        for Step { action, .. } in &mut hart.code {
            if let Action::Branch { target, .. } | Action::Jump { target, .. } = action {
                *target = first[*target];
            }
        }
        hart
    }
}
