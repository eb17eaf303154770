//! A description of all of a machine that a search looks at.
//!
//! Machines with the same description have the same outcomes. Descriptions take every struct apart, so that a
//! new field has to be thought of; what they leave out follows from the rest, or is a name that only
//! messages say. A machine that may have more to say than its outcomes (a fault, a loop that is cut) has no
//! description, and so none has one that computes an address, which may be a bad one.

use super::encode::{push, push_set};
use super::expr::LONGEST_DESCRIPTION;
use super::hart::CompiledHart;
use super::machine::{CompiledMachine, FinalValue};
use super::set::Set;

/// A machine's description, as it is made.
#[derive(Debug, Default)]
pub(crate) struct Description {
    text: Vec<u8>,
    /// Where the part ends that is the same under all models; `None` while there is no text.
    common: Option<usize>,
}

impl Description {
    /// Forgets the machine, keeps the allocation.
    pub(crate) fn clear(&mut self) {
        self.common = None;
    }

    /// The last description; `None` if the machine has none.
    pub(crate) fn last(&self) -> Option<&[u8]> {
        (self.common? > 0).then_some(&*self.text)
    }

    /// Describes the machine under the models that it follows now; `None` if it has no description. What
    /// was described since [`Description::clear`] has to be of the same machine.
    pub(crate) fn of<S: Set>(&mut self, machine: &CompiledMachine<'_, S>) -> Option<&[u8]> {
        let common = *self.common.get_or_insert_with(|| {
            self.text.clear();
            describe(machine, &mut self.text);
            self.text.len()
        });
        self.text.truncate(common);
        if common == 0 {
            return None;
        }
        let masks = machine.harts.iter().flat_map(|hart| &hart.predecessors);
        masks.for_each(|mask| push_set(&mut self.text, *mask));
        for group in &machine.equal_harts {
            push(&mut self.text, group.len() as u64);
            group.iter().for_each(|hart| push(&mut self.text, *hart as u64));
        }
        Some(&self.text)
    }
}

/// Writes what is the same of the machine under all models to `text`, or nothing if it has no description.
fn describe<S: Set>(machine: &CompiledMachine<'_, S>, text: &mut Vec<u8>) {
    let CompiledMachine {
        program,
        options: _,
        reductions: _,
        harts,
        cells,
        memory: _,
        observed_cells: _,
        unchanging: _,
        final_values,
        // A matter of models.
        equal_harts: _,
        representatives: _,
        // Where addresses are computed only.
        similar_harts: _,
        ending_badly,
        gathered: _,
        buffers: _,
    } = machine;
    let pieces: usize = harts.iter().map(|hart| hart.tree.nodes.len() + hart.tree.ops.len()).sum();
    let has_none = *ending_badly > 0 || program.filter.is_some() || S::WORDS > 1;
    if has_none || pieces > LONGEST_DESCRIPTION / 4 {
        return;
    }
    push(text, harts.len() as u64);
    harts.iter().for_each(|hart| describe_hart(hart, text));
    push(text, cells.list.len() as u64);
    let mut end = 0;
    for (cell, initial) in cells.list.iter().zip(cells.initial(program)) {
        push(text, cell.address - end);
        push(text, cell.bytes);
        push(text, initial);
        end = cell.address + cell.bytes;
    }
    push(text, final_values.len() as u64);
    for (value, ctype) in final_values {
        let (tag, words) = match *value {
            FinalValue::Word(word) => (0, [word as u64, 0]),
            FinalValue::Constant(value) => (1, [value, 0]),
            FinalValue::Register(hart, index) => (2, [hart as u64, index as u64]),
            FinalValue::Memory(span) => (3, [span.first.into(), span.count.into()]),
        };
        push(text, tag | (*ctype as u64) << 2);
        words.iter().for_each(|word| push(text, *word));
    }
    if text.len() > LONGEST_DESCRIPTION {
        text.clear();
    }
}

/// Writes one hart's part.
fn describe_hart<S: Set>(hart: &CompiledHart<S>, text: &mut Vec<u8>) {
    let CompiledHart {
        tree,
        facts: _,
        places: _,
        cell_users: _,
        // A matter of models.
        predecessors: _,
        below_predecessors: _,
        below_ranges: _,
        annotations: _,
        cells: _,
        spans,
        first_value: _,
        value_words: _,
        left_out: _,
        computes_addresses: _,
        may_fault: _,
        may_end_badly: _,
    } = hart;
    tree.describe(text);
    for span in spans.iter().flatten() {
        push(text, span.first.into());
        push(text, span.count.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::{LineIndex, parse};
    use crate::model::BaseModel;
    use crate::model::Options;
    use crate::operational::compile::machine::MachineBuffers;
    use crate::operational::compile::reductions::{Reductions, Refinement};
    use crate::operational::compile::set::WideSet;
    use crate::program::{Limits, Meter, full_hart, link};

    const BASE: &str = "RISCV base\n{ int x; int y=0; 0:x5=x; 0:x6=y; 1:x5=x; 1:x6=y; 0:x7=1; }\n \
        P0          | P1             ;\n sw x7,0(x5) | lw x8,0(x6)    ;\n fence w,w   | \
        xor x9,x8,x8   ;\n sw x7,0(x6) | lr.w x10,(x5)  ;\n             | sc.w x11,x7,(x5) ;\n             | \
        Done:            ;\nexists (1:x8=1 /\\ 1:x10=0 /\\ x=1)\n";

    fn described<S: Set>(text: &str, model: BaseModel) -> Vec<u8> {
        let test = parse(text).expect("parses");
        let program = link(&test, &LineIndex::new(text), |_| full_hart(model)).expect("links");
        let (options, reductions) = (Options::default(), Reductions::ALL);
        let (refinement, buffers) = (Refinement::default(), MachineBuffers::default());
        let meter = &mut Meter::new(Limits::default());
        let machine =
            CompiledMachine::<S>::new(&program, &options, reductions, &refinement, buffers, meter);
        let mut machine = machine.expect("small");
        machine.set_models(&vec![model; program.harts.len()], meter).expect("no limit");
        Description::default().of(&machine).map_or(Vec::new(), <[u8]>::to_vec)
    }

    /// [`BASE`] with `new` for `old`.
    fn changed(old: &str, new: &str) -> Vec<u8> {
        assert!(BASE.contains(old), "{old}");
        described::<u64>(&BASE.replace(old, new), BaseModel::Rvwmo)
    }

    #[test]
    fn what_matters_is_described() {
        let base = described::<u64>(BASE, BaseModel::Rvwmo);
        assert!(!base.is_empty());
        assert_ne!(base, described::<u64>(BASE, BaseModel::Ztso));
        for (old, new) in [
            ("int y=0", "int y=2"),
            ("int x;", "uint32_t x;"),
            ("int x;", "int64_t x;"),
            ("0:x7=1", "0:x7=2"),
            ("0:x6=y", "0:x6=x"),
            ("fence w,w", "fence r,r"),
            ("sw x7,0(x5)", "sh x7,0(x5)"),
            ("sw x7,0(x6)", "amoadd.w x0,x7,(x6)"),
            ("sw x7,0(x6)", "amoor.w x0,x7,(x6)"),
            ("lw x8,0(x6)", "lwu x8,0(x6)"),
            ("xor x9,x8,x8", "beq x8,x9,Done"),
            ("lr.w x10,(x5)", "lw x10,0(x5)"),
            ("sc.w x11,x7,(x5)", "sc.w.rl x11,x7,(x5)"),
            ("sc.w x11,x7,(x5)", "sc.w x11,x8,(x5)"),
            ("1:x10=0", "1:x11=0"),
            ("x=1)", "y=1)"),
        ] {
            assert_ne!(changed(old, new), base, "{old} {new}");
        }
    }

    #[test]
    fn what_does_not_matter_is_not() {
        let base = described::<u64>(BASE, BaseModel::Rvwmo);
        for (old, new) in [
            ("RISCV base", "RISCV other"),
            ("fence w,w", "fence rw,w"),
            ("xor x9,x8,x8", "sub x9,x8,x8"),
            ("exists", "~exists"),
        ] {
            assert_eq!(changed(old, new), base, "{old} {new}");
        }
        let registers = BASE.replace("x5", "x20").replace("x7", "x21");
        assert_eq!(described::<u64>(&registers, BaseModel::Rvwmo), base);
    }

    #[test]
    fn some_have_no_description() {
        let none = |old: &str, new: &str| assert!(changed(old, new).is_empty(), "{new}");
        none("sw x7,0(x6)", "sw x7,64(x6)");
        none("xor x9,x8,x8", "add x5,x5,x8");
        none("exists", "filter (x=1)\nexists");
        assert!(described::<WideSet<16>>(BASE, BaseModel::Rvwmo).is_empty());
    }
}
