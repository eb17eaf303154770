//! From a test as written to a program: names become addresses and indices.

use rustc_hash::FxHashMap;

use super::layout::{self, Layout};
use super::names::{Names, labels};
use super::{Hart, HartConfig, Instruction, Program, Step, resolve};
use crate::arch::riscv::{Base, Def, Extension, Instr, Operands, Reg, Relocation, Resolved};
use crate::arch::{Action, Architecture, Assembly, Link, Name, Register};
use crate::litmus::{
    Diagnostic, Diagnostics, HartId, InitEntry, LineIndex, Place, Problem, Span, Spanned, Test,
    Value, suggest,
};

/// Makes `test` ready to run on harts that `config` describes.
///
/// `lines` are those of the text that the test was parsed from.
///
/// # Errors
/// Every name that does not resolve, every instruction that its hart does not have, and what does
/// not fit the layout of memory, all at once.
pub fn link(
    test: &Test,
    lines: &LineIndex,
    config: impl Fn(HartId) -> HartConfig,
) -> Result<Program, Diagnostics> {
    let layout = Layout::of(test).map_err(|d| Diagnostics(vec![d]))?;
    let mut linker = Linker { names: Names::new(test, layout), diagnostics: Vec::new() };
    linker.check_size();
    if !linker.diagnostics.is_empty() {
        return Err(Diagnostics(linker.diagnostics));
    }
    let mut harts: Vec<Hart> =
        (0..test.harts.len()).map(|hart| linker.hart(hart, &config)).collect();
    linker.initial_state(&mut harts);
    let observed = resolve::observed(&linker.names, &harts);
    let compile = |proposition| resolve::compile(proposition, &observed, &linker.names);
    let filter = test.filter.as_ref().map(compile);
    let condition = test.condition.as_ref().map(|condition| compile(&condition.proposition));
    let Linker { names, mut diagnostics } = linker;
    if diagnostics.is_empty() {
        let (labels, lines) = (labels(test, &harts), lines.clone());
        let locations = names.layout.locations;
        return Ok(Program { harts, locations, observed, filter, condition, labels, lines });
    }
    diagnostics.sort_by_key(|d| d.span.start);
    Err(Diagnostics(diagnostics))
}

pub(super) struct Linker<'t> {
    pub(super) names: Names<'t>,
    diagnostics: Vec<Diagnostic>,
}

impl Linker<'_> {
    fn report(&mut self, problem: Problem, span: Span, message: String, help: Option<String>) {
        self.diagnostics.push(Diagnostic { problem, span, message, help });
    }

    fn check_size(&mut self) {
        let harts = self.names.test.harts.len();
        if harts > layout::MAX_HARTS {
            let message =
                format!("{harts} harts are more than the {} supported", layout::MAX_HARTS);
            self.report(Problem::Unsupported, Span::default(), message, None);
        }
        let most = layout::code_bytes(harts);
        // Of the longest instruction, a `li`, there are 32 bytes.
        let (most_steps, surely_fit) = (most as usize / 4 - 1, most as usize / 32 - 1);
        for (number, hart) in self.names.test.harts.iter().enumerate() {
            if hart.cells.len() > most_steps {
                let message =
                    format!("P{number} has more than the {most_steps} instructions supported");
                self.report(Problem::Unsupported, Span::default(), message, None);
            } else if hart.cells.len() > surely_fit {
                let instrs = hart.cells.iter().filter_map(|cell| cell.instr.as_ref());
                let bytes: u64 = instrs.map(|instr| instr.value.bytes()).sum();
                if bytes >= most {
                    let message =
                        format!("P{number} has {bytes} bytes of code, not less than {most}");
                    self.report(Problem::Unsupported, Span::default(), message, None);
                }
            }
        }
    }

    /// Resolves one column; the registers stay zero.
    fn hart(&mut self, number: usize, config: &impl Fn(HartId) -> HartConfig) -> Hart {
        let column = &self.names.test.harts[number];
        if self.names.test.language.architecture() == Architecture::X86 {
            return self.x86_hart(number);
        }
        let id = HartId(number as u16);
        let HartConfig { base, extensions, .. } = config(id);
        let mut code = Vec::with_capacity(column.cells.len());
        let mut instructions = Vec::with_capacity(column.cells.len());
        let mut address = self.names.layout.code_address(number);
        let mut indirect_targets = Vec::new();
        // Instructions of two steps. Jumps go to instructions until all are known.
        let mut pairs = Vec::new();
        for (place, cell) in column.cells.iter().enumerate() {
            let Some(located) = &cell.instr else { continue };
            let Assembly::Riscv(instr) = &located.value else { continue };
            let def = self.on(base, id, instr, located.span);
            if let Some(missing) = def.requires().find(|e| !extensions.contains(*e)) {
                let message =
                    format!("{id} has no {missing}: `{instr}` is an illegal instruction there");
                self.report(Problem::IllegalInstruction, located.span, message, None);
            }
            let instr = Instr { def, ..instr.clone() };
            let (target, symbol) =
                self.named(id, place, (instr.label(), instr.symbol()), located.span);
            let resolved = Resolved { address, target, symbol };
            let number = instructions.len();
            if instr.steps() > 1 {
                pairs.push(number);
            }
            let relocated = self.relocated(id, place, &instr, resolved, located.span);
            for action in relocated.as_ref().unwrap_or(&instr).actions(resolved) {
                code.push(Step { action, instruction: number as u32 });
                if let Action::Jump { link, .. } | Action::JumpRegister { link, .. } = action
                    && link.register != Register::ZERO
                {
                    indirect_targets.push(code.len());
                }
            }
            let bytes = instr.bytes();
            let assembly = Assembly::Riscv(instr);
            instructions.push(Instruction { assembly, address, at: located.span.start });
            address += bytes;
        }
        if !pairs.is_empty() {
            for Step { action, .. } in &mut code {
                if let Action::Branch { target, .. } | Action::Jump { target, .. } = action {
                    *target += pairs.partition_point(|pair| pair < target);
                }
            }
        }
        let granule = if extensions.contains(Extension::Zama16b) { 16 } else { 1 };
        let registers = [0; Register::COUNT];
        let architecture = Architecture::Riscv;
        let end = address;
        Hart { architecture, base, granule, code, instructions, registers, end, indirect_targets }
    }

    /// The instruction with the immediate that its relocation comes to; `None` if it has none.
    fn relocated(
        &mut self,
        hart: HartId,
        place: usize,
        instr: &Instr,
        resolved: Resolved,
        span: Span,
    ) -> Option<Instr> {
        let relocation = instr.operands.relocation?;
        let symbol = resolved.symbol.wrapping_add_signed(instr.operands.imm);
        let address = match relocation {
            Relocation::PcrelLo => self.distance_at(hart, place, instr).unwrap_or_else(|| {
                let label = instr.operands.target.as_deref().unwrap_or_default();
                let message = format!("label `{label}` is not that of an `auipc` with `%pcrel_hi`");
                let help = "`%pcrel_lo(.L0)` is the lower part of what `.L0: auipc a0,%pcrel_hi(x)` begins";
                self.report(Problem::Syntax, span, message, Some(help.into()));
                0
            }),
            Relocation::PcrelHi => symbol.wrapping_sub(resolved.address),
            Relocation::Hi | Relocation::Lo => symbol,
        };
        let operands = Operands { imm: relocation.of(address), ..instr.operands.clone() };
        Some(Instr { operands, ..instr.clone() })
    }

    /// The distance whose upper part the `auipc` has that an instruction names.
    fn distance_at(&self, hart: HartId, place: usize, instr: &Instr) -> Option<u64> {
        let column = self.names.column(hart)?;
        let number = column.target(place, instr.operands.target.as_deref()?)?;
        let upper = column.instruction(number)?.value.riscv()?;
        if upper.operands.relocation != Some(Relocation::PcrelHi) {
            return None;
        }
        let first = self.names.layout.code_address(hart.index());
        let address = first + column.bytes_before(number);
        let symbol = self.names.address_of(upper.symbol()?, None);
        Some(symbol.wrapping_add_signed(upper.operands.imm).wrapping_sub(address))
    }

    /// The row of the instruction on a hart of that base.
    fn on(&mut self, base: Base, id: HartId, instr: &Instr, span: Span) -> &'static Def {
        match instr.def.on(base) {
            Some(def) if std::ptr::eq(def, instr.def) => def,
            Some(def) => {
                if let Err(error) = def.check(&instr.operands) {
                    self.report(Problem::Syntax, span, format!("{error} on {base}"), None);
                }
                def
            }
            None => {
                let message = format!("{id} is {base}, which has no `{}`", instr.def.mnemonic);
                self.report(Problem::IllegalInstruction, span, message, None);
                instr.def
            }
        }
    }

    /// What an instruction names: the instruction of its label, and the address of its symbol.
    pub(super) fn named(
        &mut self,
        hart: HartId,
        place: usize,
        (label, symbol): (Option<&Name>, Option<&Name>),
        span: Span,
    ) -> (usize, u64) {
        let Some(label) = label else {
            return (0, symbol.map_or(0, |name| self.names.address_of(name, None)));
        };
        let target = self.names.column(hart).and_then(|column| column.target(place, label));
        if target.is_none() {
            self.unknown_label(hart, label, span);
        }
        (target.unwrap_or_default(), 0)
    }

    fn unknown_label(&mut self, hart: HartId, label: &str, span: Span) {
        let cells = &self.names.test.harts[hart.index()].cells;
        let names = cells.iter().flat_map(|c| &c.labels).map(|l| &*l.value);
        let help = suggest::nearest(label, names).map(suggest::did_you_mean);
        self.report(Problem::Syntax, span, format!("{hart} has no label `{label}`"), help);
    }

    /// Fills registers and memory from the init section.
    fn initial_state(&mut self, harts: &mut [Hart]) {
        let test = self.names.test;
        // Which registers of x86 have a value, by whichever of their names.
        let mut named: FxHashMap<(HartId, usize), &Place> = FxHashMap::default();
        for entry in &test.init {
            let Spanned { value: InitEntry { place, value, .. }, span } = entry;
            let Some(value) = value else { continue };
            match place {
                Place::Register(hart, reg) => {
                    let bits = self.value(value, *span, harts);
                    if !reg.holds(bits) {
                        let message = format!("{bits:#x} does not fit {place}");
                        self.report(Problem::Syntax, *span, message, None);
                    }
                    if test.language.architecture() == Architecture::X86
                        && let Some(other) = named.insert((*hart, reg.number()), place)
                        && other != place
                    {
                        let message =
                            format!("{place} is part of the register {other}, which has a value");
                        self.report(Problem::Syntax, *span, message, None);
                    }
                    let Some(hart) = harts.get_mut(hart.index()).filter(|_| !reg.is_zero()) else {
                        continue;
                    };
                    let register = &mut hart.registers[reg.number()];
                    *register = reg.filled(*register, hart.base.register(bits));
                    if !hart.base.holds(bits) {
                        let message =
                            format!("{bits:#x} does not fit {place}: the hart is {}", hart.base);
                        self.report(Problem::Syntax, *span, message, None);
                    }
                }
                Place::Memory { symbol, index } => self.fill(symbol, *index, value, *span, harts),
            }
        }
        let mut given = vec![false; harts.len()];
        for InitEntry { place, value, .. } in test.init.iter().map(|entry| &entry.value) {
            if let Place::Register(hart, reg) = place
                && *reg == Reg::RA
                && let Some(given) = given.get_mut(hart.index())
            {
                *given |= value.is_some();
            }
        }
        for (hart, given) in harts.iter_mut().zip(given) {
            let riscv = hart.architecture == Architecture::Riscv;
            if !given && riscv && hart.code.iter().any(|step| returns(&step.action)) {
                // Whoever called the hart's code is what follows it.
                hart.registers[Register::from(Reg::RA).number()] = hart.end;
                hart.indirect_targets.push(hart.code.len());
            }
            hart.indirect_targets.sort_unstable();
            hart.indirect_targets.dedup();
        }
    }

    fn fill(
        &mut self,
        symbol: &Name,
        index: Option<u64>,
        value: &Value,
        span: Span,
        harts: &mut [Hart],
    ) {
        if let Value::Array(values) = value {
            for (element, value) in (0..).zip(values) {
                self.fill(symbol, Some(index.unwrap_or(0) + element), value, span, harts);
            }
            return;
        }
        let bits = self.value(value, span, harts);
        let Some(number) = self.names.location_number(symbol) else { return };
        let location = &mut self.names.layout.locations[number];
        let width = location.element_bytes();
        let start = index.unwrap_or(0).saturating_mul(width);
        let cell = usize::try_from(start)
            .ok()
            .and_then(|start| location.initial.get_mut(start..)?.get_mut(..width as usize));
        match cell {
            Some(bytes) => bytes.copy_from_slice(&bits.to_le_bytes()[..width as usize]),
            None => {
                let message = format!("`{symbol}` has no element {}", index.unwrap_or(0));
                self.report(Problem::Syntax, span, message, None);
            }
        }
    }

    /// The bits of a constant. A code address becomes a target of indirect jumps.
    #[inline]
    fn value(&mut self, value: &Value, span: Span, harts: &mut [Hart]) -> u64 {
        match value {
            Value::Code { hart, label } => {
                let column = self.names.column(*hart);
                let instruction = column.and_then(|column| column.labelled(label));
                match (instruction, harts.get_mut(hart.index())) {
                    (Some(instruction), Some(hart)) => {
                        let step = hart.first_step(instruction);
                        hart.indirect_targets.push(step);
                        hart.address(step)
                    }
                    (None, Some(_)) => {
                        self.unknown_label(*hart, label, span);
                        0
                    }
                    (_, None) => {
                        self.report(Problem::Syntax, span, format!("the test has no {hart}"), None);
                        0
                    }
                }
            }
            other => self.names.constant(other),
        }
    }
}

/// Is it a `ret`?
fn returns(action: &Action) -> bool {
    matches!(action, Action::JumpRegister { base, offset: 0, link: Link::NONE } if *base == Reg::RA.into())
}

/// The configuration of a hart that has every instruction.
#[must_use]
pub fn full_hart(model: crate::model::BaseModel) -> HartConfig {
    let mut extensions = Extension::with_instructions();
    if model == crate::model::BaseModel::Ztso {
        extensions.insert(Extension::Ztso);
    }
    HartConfig { base: Base::Rv64, extensions, model }
}
