//! A sequence in a context as the text of a test.

use super::enumerate::{Context, ContextAccess, Kinds};
use super::sequence::Sequence;
use crate::assemble::{Assembler, Results};
use crate::generated_test::{GeneratedTest, Hart, conjunction};
use crate::program::{Access, AmoOp, Bytes, Fence, Op, Set, Width, location_name};

/// More locations of their own than contexts can have.
const MOST_NEW: usize = 16;

/// A sequence in a context.
pub(super) struct Written {
    /// The text of the test. The hart of the sequence is the first.
    pub(super) text: String,
    /// In which cell of its hart the sequence begins.
    pub(super) first: usize,
}

/// Writes a sequence in a context; `None` if a hart has too few registers. `state` is what the condition asks
/// for.
pub(super) fn write(
    sequence: &Sequence,
    kinds: &Kinds,
    context: &Context,
    state: &[String],
) -> Option<Written> {
    let names = names(sequence);
    let mut writer = Writer::new(sequence, &names);
    let mut own = Assembler::new(sequence.free.clone(), &names);
    for access in &context.before {
        own.access(&writer.values.access(&kinds.own, access, &writer.widths));
    }
    let first = own.code.len();
    own.code.extend(sequence.code.iter().cloned());
    for context_access in &context.after {
        let access = writer.values.access(&kinds.own, context_access, &writer.widths);
        match context_access.behind {
            0 => own.access(&access),
            register => own.access_behind(register, &access),
        }
    }
    let (mut hart, results) = own.finish()?;
    for (register, value) in &sequence.registers {
        hart = hart.register(*register, value);
    }
    let widths = context.before.iter().chain(&context.after);
    writer.observe(0, &results, widths);
    for register in &sequence.written {
        writer.observed.push(format!("int64_t 0:x{register}"));
    }
    let mut harts = vec![hart];
    for other in &context.others {
        let (hart, results) = writer.other(kinds, other)?;
        writer.observe(harts.len(), &results, other.iter());
        harts.push(hart);
    }
    let named = context.before.iter().chain(&context.after).map(|access| access.location);
    let mut fresh: Vec<u8> = named.filter(|it| usize::from(*it) >= sequence.places.len()).collect();
    fresh.sort_unstable();
    fresh.dedup();
    let fresh = fresh.iter().map(|location| writer.names[usize::from(*location)].clone());
    writer.observed.extend(fresh.chain(sequence.observed.iter().cloned()));
    let condition = match state {
        [] => "true".to_owned(),
        state => conjunction(state.iter().cloned()),
    };
    let test = GeneratedTest {
        name: sequence.name.clone(),
        about: "a sequence in a context".to_owned(),
        metadata: sequence.unroll.iter().map(|unroll| ("Unroll", unroll.clone())).collect(),
        memory: sequence.memory.clone(),
        harts,
        locations: writer.observed,
        condition: format!("exists ({condition})"),
    };
    Some(Written { text: test.to_string(), first })
}

/// What locations are called: those of the sequence, then others.
fn names(sequence: &Sequence) -> Vec<String> {
    let places = || sequence.places.iter().map(|(name, _)| name);
    let is_new =
        |name: &String| !sequence.observed.contains(name) && !places().any(|own| own == name);
    places().cloned().chain((0..).map(location_name).filter(is_new).take(MOST_NEW)).collect()
}

struct Writer<'n> {
    names: &'n [String],
    widths: Vec<Width>,
    values: Values,
    observed: Vec<String>,
}

impl<'n> Writer<'n> {
    fn new(sequence: &Sequence, names: &'n [String]) -> Writer<'n> {
        let mut widths: Vec<Width> = sequence.places.iter().map(|(_, width)| *width).collect();
        widths.resize(names.len(), Width::default());
        Writer { names, widths, values: Values(sequence.above), observed: Vec::new() }
    }

    /// Another hart: its accesses with a fence of all pairs between them.
    fn other(&mut self, kinds: &Kinds, accesses: &[ContextAccess]) -> Option<(Hart, Vec<Results>)> {
        let mut hart = Assembler::new((5..32).collect(), self.names);
        for (index, access) in accesses.iter().enumerate() {
            if index > 0 {
                hart.code.push(Fence::Sets(Set::RW, Set::RW).to_string());
            }
            hart.access(&self.values.access(&kinds.other, access, &self.widths));
        }
        hart.finish()
    }

    /// What the accesses of a hart leave in registers is observed.
    fn observe<'a>(
        &mut self,
        hart: usize,
        results: &[Results],
        accesses: impl Iterator<Item = &'a ContextAccess>,
    ) {
        for (result, access) in results.iter().zip(accesses) {
            let wide = self.widths[usize::from(access.location)] == Width::Double;
            let ctype = if wide { "int64_t " } else { "" };
            let registers = [result.value, result.failed].into_iter().flatten();
            self.observed.extend(registers.map(|register| format!("{ctype}{hart}:x{register}")));
        }
    }
}

/// The values that are stored: each another one, and none that the sequence computes with.
struct Values(i64);

impl Values {
    fn access(&mut self, kinds: &[Access], access: &ContextAccess, widths: &[Width]) -> Access {
        let kind = &kinds[usize::from(access.kind)];
        let location = usize::from(access.location);
        let bytes = match kind.bytes == Bytes::default() {
            true => Bytes { width: widths[location], offset: 0 },
            false => kind.bytes,
        };
        let expected = match kind.op {
            // A location holds 0 at the beginning, and nobody stores -1.
            Op::Amo(AmoOp::Cas, _) => 0,
            _ => -1,
        };
        self.0 += 1;
        Access { location, bytes, value: self.0 - 1, expected, ..kind.clone() }
    }
}
