//! What is known of machines that were explored before.
//!
//! Corpora are generated: many of their tests differ in names, registers, fences and dependencies, and are one
//! and the same to the machine. Under Ztso most ways of asking for order come to the same. So what was
//! found is kept, under a *description* of all that a search looks at: a machine with the same description
//! has the same outcomes. All threads of the process share what is known.
//!
//! Descriptions are compared in full, not by a hash. They take every struct apart, so that a new field has
//! to be thought of; what they leave out follows from the rest, or is a name that only messages say. A
//! machine that may have more to say than its outcomes (a fault, a loop that is cut) has no description,
//! and so none has one that computes an address, which may be a bad one.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::Reductions;
use super::key::{push, push_set};
use super::machine::{HartMachine, Machine, Seen};
use super::set::Set;
use super::table::hash;
use crate::model::Options;
use crate::program::{Completeness, Outcomes, Rendering};

/// Parts of what is known, each with a lock of its own.
const PARTS: usize = 64;
/// Bytes that a part keeps at most.
const MOST_BYTES: usize = 256 << 10;
/// Bytes of the longest description,
pub(super) const MOST_LETTERS: usize = 4096;
/// and states of the largest answer that are kept.
const MOST_STATES: usize = 4096;

type ByDescription = FxHashMap<Box<[u8]>, Outcomes>;

/// Outcomes, by what they were found under and by description.
#[derive(Default)]
struct Known {
    found: FxHashMap<(Options, Reductions), ByDescription>,
    bytes: usize,
}

static MEMO: LazyLock<[Mutex<Known>; PARTS]> =
    LazyLock::new(|| std::array::from_fn(|_| Mutex::default()));

/// The part that a description belongs to.
fn part(text: &[u8]) -> MutexGuard<'static, Known> {
    let end = &text[text.len().saturating_sub(16)..];
    lock(&MEMO[hash(end) as usize % PARTS])
}

fn lock(part: &Mutex<Known>) -> MutexGuard<'_, Known> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forgets what was found so far, so that a measurement begins as a process does.
pub fn forget() {
    MEMO.iter().for_each(|part| *lock(part) = Known::default());
}

/// What was found of a machine with this description.
pub(super) fn recall<S: Set>(machine: &Machine<'_, S>, text: &[u8]) -> Option<Outcomes> {
    if text.is_empty() {
        return None;
    }
    let under = (machine.options, machine.reductions);
    part(text).found.get(&under)?.get(text).cloned()
}

/// Keeps what was found of a machine with this description.
pub(super) fn keep<S: Set>(machine: &Machine<'_, S>, text: &[u8], found: &Outcomes) {
    let complete = found.completeness == Completeness::Complete;
    if text.is_empty() || !complete || found.states.len() > MOST_STATES {
        return;
    }
    let bytes = size_of::<Outcomes>() + text.len() + found.states.memory();
    let mut known = part(text);
    if known.bytes + bytes > MOST_BYTES {
        *known = Known::default();
    }
    known.bytes += bytes;
    let under = (machine.options, machine.reductions);
    known.found.entry(under).or_default().insert(text.into(), found.clone());
}

/// A machine's description, as it is made.
#[derive(Debug, Default)]
pub(super) struct Description {
    text: Vec<u8>,
    /// Where the part ends that is the same under all models; `None` while there is no text.
    common: Option<usize>,
}

impl Description {
    /// Forgets the machine, keeps the allocation.
    pub(super) fn clear(&mut self) {
        self.common = None;
    }

    /// Describes the machine under the models that it follows now. Empty if it has no description. What
    /// was described since [`Description::clear`] has to be of the same machine.
    pub(super) fn of<S: Set>(&mut self, machine: &Machine<'_, S>) -> &[u8] {
        let common = *self.common.get_or_insert_with(|| {
            self.text.clear();
            describe(machine, &mut self.text);
            self.text.len()
        });
        self.text.truncate(common);
        if common > 0 {
            let before = machine.harts.iter().flat_map(|hart| &hart.before);
            before.for_each(|before| push_set(&mut self.text, *before));
            for group in &machine.alike {
                push(&mut self.text, group.len() as u64);
                group.iter().for_each(|hart| push(&mut self.text, *hart as u64));
            }
        }
        &self.text
    }
}

/// Writes what is the same of the machine under all models to `text`, or nothing if it has no description.
fn describe<S: Set>(machine: &Machine<'_, S>, text: &mut Vec<u8>) {
    let Machine {
        program,
        options: _,
        reductions,
        harts,
        cells,
        memory: _,
        observed_cells: _,
        seen,
        // A matter of models.
        alike: _,
        shared: _,
        may_end_badly,
        stuck: _,
        gathered: _,
        accesses: _,
        room: _,
    } = machine;
    let pieces: usize = harts.iter().map(|hart| hart.tree.nodes.len() + hart.tree.ops.len()).sum();
    let has_none = *may_end_badly || program.filter.is_some() || S::WORDS > 1;
    if !reductions.memo || has_none || pieces > MOST_LETTERS / 4 {
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
    push(text, seen.len() as u64);
    for (place, rendering) in seen {
        let (tag, words) = match *place {
            Seen::Word(word) => (0, [word as u64, 0]),
            Seen::Constant(value) => (1, [value, 0]),
            Seen::Register(hart, index) => (2, [hart as u64, index as u64]),
            Seen::Memory(span) => (3, [span.first.into(), span.count.into()]),
        };
        let rendering = match rendering {
            Rendering::Register => 0,
            Rendering::Undeclared => 1,
            Rendering::Typed(ctype) => 2 + *ctype as u64,
        };
        push(text, tag | rendering << 2);
        words.iter().for_each(|word| push(text, *word));
    }
    if text.len() > MOST_LETTERS {
        text.clear();
    }
}

/// Writes one hart's part.
fn describe_hart<S: Set>(hart: &HartMachine<S>, text: &mut Vec<u8>) {
    let HartMachine {
        tree,
        facts: _,
        places: _,
        users: _,
        // A matter of models.
        before: _,
        before_below: _,
        below: _,
        annotations: _,
        cells: _,
        spans,
        base: _,
        unseen: _,
        computes: _,
        may_fault: _,
        values: _,
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
    use crate::operational::set::Wide;
    use crate::operational::{Compiled, Refined, Spare};
    use crate::program::{full_hart, link};

    const BASE: &str = "RISCV base\n{ int x; int y=0; 0:x5=x; 0:x6=y; 1:x5=x; 1:x6=y; 0:x7=1; }\n \
        P0          | P1             ;\n sw x7,0(x5) | lw x8,0(x6)    ;\n fence w,w   | \
        xor x9,x8,x8   ;\n sw x7,0(x6) | lr.w x10,(x5)  ;\n             | sc.w x11,x7,(x5) ;\n             | \
        Done:            ;\nexists (1:x8=1 /\\ 1:x10=0 /\\ x=1)\n";

    fn described<S: Set>(text: &str, model: BaseModel) -> Vec<u8> {
        let test = parse(text).expect("parses");
        let program = link(&test, &LineIndex::new(text), |_| full_hart(model)).expect("links");
        let (options, reductions) = (Options::default(), Reductions::ALL);
        let mut compiled: Compiled<'_, S> =
            Compiled::new(&program, &options, reductions, Refined::default(), Spare::default())
                .expect("small");
        compiled.machine.follow(&vec![model; program.harts.len()]);
        Description::default().of(&compiled.machine).to_vec()
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
        assert!(described::<Wide<16>>(BASE, BaseModel::Rvwmo).is_empty());
    }
}
