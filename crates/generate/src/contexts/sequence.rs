//! The sequence of instructions that is put into contexts, cut out of a test.

use std::ops::Range;

use rvlitmus_core::advise::{Site, present};
use rvlitmus_core::arch::Reg;
use rvlitmus_core::arch::riscv::Instr;
use rvlitmus_core::litmus::{
    CType, CodeCell, Diagnostic, Diagnostics, HartId, Place, Problem, Span, Test, Value, comments,
    numeric_label,
};
use rvlitmus_core::session::ReadTest;

use crate::program::Width;

/// What stands before a marked sequence, and behind it.
const MARKS: [&str; 2] = ["(*{*)", "(*}*)"];

/// Most elements of an array that are observed one by one.
const MOST_OBSERVED: u64 = 8;

/// Instructions of a hart with what they start from.
pub(super) struct Sequence {
    /// The name of its test.
    pub(super) name: String,
    /// Whose code it is in its test.
    pub(super) hart: HartId,
    /// Its means of ordering, in its test.
    pub(super) sites: Vec<Site>,
    /// What registers hold at the beginning.
    pub(super) registers: Vec<(u8, String)>,
    /// Declarations of memory.
    pub(super) memory: Vec<String>,
    /// Instructions and labels.
    pub(super) code: Vec<String>,
    /// The cell of its hart that it begins with.
    pub(super) first: usize,
    /// Where each of its cells stands in the text of its test: line and column, from 1.
    pub(super) lines: Vec<(u32, u32)>,
    /// Where it may access memory.
    pub(super) places: Vec<(String, Width)>,
    /// Registers that it does not use.
    pub(super) free: Vec<u8>,
    /// Registers that it writes.
    pub(super) written: Vec<u8>,
    /// Parts of memory that can be observed.
    pub(super) observed: Vec<String>,
    /// A number larger than all that it computes with.
    pub(super) above: i64,
    /// `Unroll=2`: what the test says of loops.
    pub(super) unroll: Option<String>,
}

/// The marked sequence of a test, or each hart that has means of ordering.
///
/// # Errors
/// Marks that mark nothing, and sequences that cannot stand by themselves.
pub(super) fn sequences(text: &str, read: &ReadTest) -> Result<Vec<Sequence>, Diagnostics> {
    let test = &read.test;
    let parts = match marked(text, test)? {
        Some(part) => vec![part],
        None => {
            let harts = (0..).map(HartId).zip(&test.harts);
            harts.map(|(hart, code)| (hart, 0..code.cells.len())).collect()
        }
    };
    let sequences = parts.into_iter().map(|(hart, cells)| sequence(read, hart, cells));
    let mut sequences = sequences.collect::<Result<Vec<_>, _>>()?;
    sequences.retain(|sequence| !sequence.sites.is_empty());
    Ok(sequences)
}

fn mistake(span: Span, message: &str, help: &str) -> Diagnostics {
    let (message, help) = (message.to_owned(), Some(help.to_owned()));
    Diagnostics(vec![Diagnostic { problem: Problem::Syntax, span, message, help }])
}

/// The hart and the cells between the marks.
fn marked(text: &str, test: &Test) -> Result<Option<(HartId, Range<usize>)>, Diagnostics> {
    let span = |at: &Range<usize>| Span { start: at.start as u32, end: at.end as u32 };
    let comments = comments(text);
    let of = |mark: &str| {
        let here = |at: &&Range<usize>| text[(*at).clone()] == *mark;
        comments.iter().filter(here).collect::<Vec<_>>()
    };
    let [opening, closing] = MARKS.map(of);
    let help = "one sequence stands between `(*{*)` and `(*}*)`, in the code of one hart";
    let (open, close) = match (opening.as_slice(), closing.as_slice()) {
        ([], []) => return Ok(None),
        ([open], [close]) if open.end <= close.start => (*open, *close),
        ([open], []) => return Err(mistake(span(open), "this mark is never closed", help)),
        ([], [close, ..]) => return Err(mistake(span(close), "this mark closes nothing", help)),
        ([_, second, ..], _) | (_, [_, second, ..]) => {
            return Err(mistake(span(second), "a second mark of this kind", help));
        }
        ([_], [close]) => return Err(mistake(span(close), "this mark closes nothing", help)),
    };
    // Which column a mark is in, its row being all since the row above ended.
    let column = |mark: &Range<usize>| {
        let in_comment = |at: usize| comments.iter().any(|comment| comment.contains(&at));
        let before = text[..mark.start].char_indices().rev().filter(|(at, _)| !in_comment(*at));
        let row = before.map(|(_, c)| c).take_while(|c| *c != ';');
        row.filter(|c| *c == '|').count()
    };
    let hart = column(open);
    if hart != column(close) {
        return Err(mistake(span(close), "this mark is in the code of another hart", help));
    }
    let empty = || mistake(span(open), "there is no instruction between the marks", help);
    let code = test.harts.get(hart).ok_or_else(empty)?;
    let starts = |cell: &CodeCell| {
        let label = cell.labels.first().map(|label| label.span);
        label.or(cell.instr.as_ref().map(|instr| instr.span))
    };
    let inside = |cell: &CodeCell| {
        starts(cell).is_some_and(|span| (open.end..close.start).contains(&(span.start as usize)))
    };
    let first = code.cells.iter().position(inside).ok_or_else(empty)?;
    let count = code.cells[first..].iter().take_while(|cell| inside(cell)).count();
    Ok(Some((HartId(hart as u16), first..first + count)))
}

fn sequence(read: &ReadTest, hart: HartId, range: Range<usize>) -> Result<Sequence, Diagnostics> {
    let test = &read.test;
    let cells = &test.harts[hart.index()].cells[range.clone()];
    let instrs: Vec<(Span, &Instr)> = cells
        .iter()
        .filter_map(|cell| cell.instr.as_ref())
        .filter_map(|instr| Some((instr.span, instr.value.riscv()?)))
        .collect();
    for (span, instr) in &instrs {
        let Some(target) = instr.label() else { continue };
        let name = numeric_label(target).map_or(&**target, |(number, _)| number);
        let mut labels = cells.iter().flat_map(|cell| &cell.labels);
        if !labels.any(|label| &*label.value == name) {
            let help = "a sequence can stand in other programs only with all that it jumps to";
            return Err(mistake(*span, "this jumps out of the sequence", help));
        }
    }
    let mut sequence = Sequence {
        name: test.name.clone(),
        hart,
        sites: present(test),
        registers: Vec::new(),
        memory: Vec::new(),
        code: Vec::new(),
        first: range.start,
        lines: Vec::new(),
        places: Vec::new(),
        free: Vec::new(),
        written: Vec::new(),
        observed: Vec::new(),
        above: 1,
        unroll: test.metadata.line("unroll").map(|line| line.value.to_owned()),
    };
    sequence.sites.retain(|site| site.hart == hart && range.contains(&site.cell));
    for cell in cells {
        let labels = cell.labels.iter().map(|label| format!("{}:", label.value));
        let instr = cell.instr.iter().map(|instr| instr.value.to_string());
        // The cells of contexts are those of the test.
        sequence.code.push(labels.chain(instr).collect::<Vec<_>>().join(" "));
        let start = cell.instr.as_ref().map_or(0, |instr| instr.span.start);
        sequence.lines.push(read.lines.line_column(start));
    }
    sequence.registers(&instrs);
    sequence.initial(test)?;
    for (_, instr) in &instrs {
        if let Some(symbol) = instr.symbol() {
            sequence.place(test, symbol, (**symbol).to_owned());
        }
        sequence.number(instr.operands.imm);
    }
    Ok(sequence)
}

impl Sequence {
    /// Which registers it uses and writes.
    fn registers(&mut self, instrs: &[(Span, &Instr)]) {
        let mut used = Vec::new();
        for (_, instr) in instrs {
            let operands = &instr.operands;
            for register in [operands.rd, operands.rs1, operands.rs2] {
                used.extend([register.number(), register.pair().number()]);
            }
            self.written.extend([operands.rd.number() as u8]);
        }
        self.written.sort_unstable();
        self.written.dedup();
        self.written.retain(|register| *register != 0);
        self.free = (5..32).filter(|register| !used.contains(&usize::from(*register))).collect();
    }

    /// What is in registers and memory at the beginning.
    fn initial(&mut self, test: &Test) -> Result<(), Diagnostics> {
        for entry in &test.init {
            let spanned = entry.span;
            let entry = &entry.value;
            match (&entry.place, &entry.value) {
                (Place::Register(hart, _), _) if *hart != self.hart => continue,
                (_, Some(Value::Code { .. })) => {
                    let help =
                        "contexts have other code: leave it out, or advise on the test by itself";
                    return Err(mistake(spanned, "the address of code", help));
                }
                (Place::Register(_, Reg::Riscv(register)), Some(value)) => {
                    let register = register.number() as u8;
                    self.free.retain(|free| *free != register);
                    let text = entry.to_string();
                    let text = text.split_once('=').map_or("0", |(_, value)| value);
                    self.registers.push((register, text.to_owned()));
                    self.value(test, value);
                }
                (Place::Register(..), _) => {}
                (Place::Memory { symbol, .. }, value) => {
                    self.memory.push(entry.to_string());
                    if let Some(value) = value {
                        self.value(test, value);
                    }
                    match entry.array {
                        Some(length) => {
                            let elements = 0..length.min(MOST_OBSERVED);
                            let elements = elements.map(|index| format!("{symbol}[{index}]"));
                            self.observed.extend(elements);
                        }
                        None => self.observed.push((**symbol).to_owned()),
                    }
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, test: &Test, value: &Value) {
        match value {
            Value::Integer(integer) => self.number(integer.0 as i64),
            Value::Address { symbol, index, offset } => {
                let index = index.map_or_else(String::new, |index| format!("[{index}]"));
                let and = if index.is_empty() { "" } else { "&" };
                let offset = if *offset == 0 { String::new() } else { format!("{offset:+}") };
                self.place(test, symbol, format!("{and}{symbol}{index}{offset}"));
            }
            Value::Array(values) => values.iter().for_each(|value| self.value(test, value)),
            Value::Code { .. } => {}
        }
    }

    /// It may access memory there.
    fn place(&mut self, test: &Test, symbol: &str, address: String) {
        if self.places.iter().any(|(known, _)| *known == address) {
            return;
        }
        let declares =
            |place: &Place| matches!(place, Place::Memory { symbol: own, .. } if **own == *symbol);
        let entry = test.init.iter().find(|entry| declares(&entry.value.place));
        let ctype = entry.and_then(|entry| entry.value.ctype).unwrap_or(CType::Int32);
        let widths = Width::ALL.into_iter();
        let width = widths.rev().find(|width| u64::from(width.bytes()) == ctype.bytes());
        self.places.push((address, width.unwrap_or_default()));
        if entry.is_none() && !self.observed.iter().any(|known| *known == *symbol) {
            self.observed.push(symbol.to_owned());
        }
    }

    /// It computes with this number.
    fn number(&mut self, number: i64) {
        if (0..1000).contains(&number) {
            self.above = self.above.max(number + 1);
        }
    }
}
