//! The functions of the tables alone, without an engine.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use super::vectors::{Vector, vectors};
use rvlitmus_core::arch::riscv::{self, Base, Def, Format, Lookup, Operation, Suffix, Width};

/// Fewer executions than this show too little of an instruction.
const ENOUGH: usize = 8;

/// `memory` with its low `width` bytes those of `value`.
fn store(width: Width, memory: u64, value: u64) -> u64 {
    let kept = memory & !width.zero_extend(u64::MAX);
    kept | width.zero_extend(value)
}

/// The source registers of a two-source instruction whose vector may give only one of them.
fn sources(format: Format, inputs: &[u64]) -> Option<(u64, u64)> {
    match (format, inputs) {
        (Format::RdRs2 | Format::Rs2Label, [rs2]) => Some((0, *rs2)),
        (Format::RdRs1 | Format::Rs1Label, [rs1]) => Some((*rs1, 0)),
        // `bgt a,b` is `blt b,a`.
        (Format::Rs2Rs1Label, [first, second]) => Some((*second, *first)),
        (_, [rs1, rs2]) => Some((*rs1, *rs2)),
        _ => None,
    }
}

/// What the tables say that `def` gives for a vector's inputs; `None` if the inputs do not fit it or
/// it computes nothing.
fn evaluate(def: &Def, inputs: &[u64]) -> Option<Vec<u64>> {
    Some(match (def.operation, inputs) {
        (Operation::AluReg(f) | Operation::AluImm(f), _) => {
            let (a, b) = sources(def.format, inputs)?;
            vec![f.apply(a, b)]
        }
        (Operation::Branch(f), _) => {
            let (a, b) = sources(def.format, inputs)?;
            vec![u64::from(f(a, b))]
        }
        (Operation::Constant(f), [imm]) => vec![f(*imm as i64)],
        (Operation::Auipc(_), [imm]) => vec![Width::W.sign_extend(imm << 12)],
        (Operation::Jalr, [base, imm]) => vec![base.wrapping_add(*imm) & !1],
        (Operation::Load(width, extend), [memory]) => vec![extend.apply(width, *memory)],
        (Operation::LoadReserved(width), [memory]) => vec![width.sign_extend(*memory)],
        (Operation::Store(width), [memory, rs2]) => vec![store(width, *memory, *rs2)],
        (Operation::StoreConditional(width), [memory, rs2]) => vec![0, store(width, *memory, *rs2)],
        (Operation::Amo(width, f), [memory, rs2]) => {
            let old = width.sign_extend(*memory);
            vec![old, store(width, *memory, f.apply(old, width.sign_extend(*rs2)))]
        }
        (Operation::CompareAndSwapPair(Width::Q), [m0, m1, rd0, rd1, new0, new1]) => {
            let equal = (m0, m1) == (rd0, rd1);
            let (low, high) = if equal { (new0, new1) } else { (m0, m1) };
            vec![*m0, *m1, *low, *high]
        }
        (Operation::CompareAndSwap(width), [memory, rd, rs2]) => {
            let old = width.sign_extend(*memory);
            let equal = width.zero_extend(old) == width.zero_extend(*rd);
            vec![old, if equal { store(width, *memory, *rs2) } else { *memory }]
        }
        _ => return None,
    })
}

/// As vectors spell it: with the annotation that the encoding cannot do without.
fn spelling(def: &Def) -> String {
    let suffix = match def.suffix {
        Suffix::Never | Suffix::Optional => "",
        Suffix::Acquire => ".aq",
        Suffix::Release => ".rl",
    };
    format!("{}{suffix}", def.mnemonic)
}

/// Instructions that move control, order or hint, or whose value is an address of the test.
fn computes(def: &Def) -> bool {
    !matches!(
        def.operation,
        Operation::LoadAddress
            | Operation::Jal
            | Operation::Jalr
            | Operation::Fence
            | Operation::FenceTso
            | Operation::Hint
    )
}

/// What the tables say of every vector, beside what was recorded.
fn compare(base: Base, at_least: usize) {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for v in vectors(base) {
        let def = match riscv::lookup(&v.mnemonic) {
            Lookup::Found(def, _) => def.on(base).expect("the base has it"),
            other => panic!("{}:{}: {}: {other:?}", v.file, v.line, v.mnemonic),
        };
        let inputs: Vec<u64> = v.inputs.iter().map(|input| base.register(*input)).collect();
        let found = evaluate(def, &inputs)
            .unwrap_or_else(|| panic!("{}:{}: inputs do not fit {def:?}", v.file, v.line));
        let registers =
            |values: &[u64]| values.iter().map(|v| base.register(*v)).collect::<Vec<_>>();
        if registers(&found) != registers(&v.outputs) {
            wrong.push(format!(
                "{}:{}: {} {:x?}: recorded {:x?}, tables say {found:x?}",
                v.file, v.line, v.mnemonic, v.inputs, v.outputs
            ));
        }
        checked += 1;
    }
    assert!(wrong.is_empty(), "{} of {checked} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > at_least, "only {checked} vectors");
}

#[test]
fn every_vector_agrees_with_the_tables() {
    compare(Base::Rv64, 2000);
    compare(Base::Rv32, 1000);
}

/// What RV32 computes otherwise than RV64 has vectors of its own; the rest is the same function.
#[test]
fn every_meaning_that_is_rv32s_own_has_vectors() {
    let vectors = vectors(Base::Rv32);
    for def in riscv::all().filter(|def| computes(def)) {
        let Some(narrow) = def.on(Base::Rv32) else { continue };
        let same = match (def.operation, narrow.operation) {
            (Operation::AluReg(a), Operation::AluReg(b))
            | (Operation::AluImm(a), Operation::AluImm(b)) => a == b,
            (a, b) => format!("{a:?}") == format!("{b:?}"),
        };
        let pair = matches!(
            narrow.operation,
            Operation::CompareAndSwapPair(_) | Operation::LoadPair | Operation::StorePair
        );
        let own = vectors.iter().filter(|v| v.mnemonic == def.mnemonic).count();
        assert!(same || pair || own >= ENOUGH, "{}: {own} vectors", def.mnemonic);
    }
}

#[test]
fn every_instruction_that_computes_a_value_has_vectors() {
    let mut count: BTreeMap<String, BTreeSet<Vec<u64>>> = BTreeMap::new();
    for v in vectors(Base::Rv64) {
        count.entry(v.mnemonic).or_default().insert(v.inputs);
    }
    let missing: Vec<_> = riscv::all()
        .filter(|def| computes(def))
        .map(spelling)
        .map(|name| (count.get(&name).map_or(0, BTreeSet::len), name))
        .filter(|(vectors, _)| *vectors < ENOUGH)
        .collect();
    assert!(missing.is_empty(), "fewer than {ENOUGH} different vectors: {missing:?}");
}

/// Vectors on which another instruction gives the same answers would not notice the one mistaken
/// for the other. Instructions that agree on all inputs of all vectors are the same function under
/// two names (`sext.w`, and the compressed spellings).
#[test]
fn vectors_tell_instructions_apart() {
    let all = vectors(Base::Rv64);
    let defs: Vec<&Def> = riscv::all().filter(|def| computes(def)).collect();
    let mut confused = Vec::new();
    for a in &defs {
        let name = spelling(a);
        let own: Vec<&Vector> = all.iter().filter(|v| v.mnemonic == name).collect();
        let alike = |b: &Def| {
            discriminant(&a.operation) == discriminant(&b.operation)
                && own.iter().any(|v| evaluate(b, &v.inputs).is_some())
        };
        for b in defs.iter().filter(|b| !std::ptr::eq(*a, **b) && alike(b)) {
            let differ = |v: &&Vector| {
                let (x, y) = (evaluate(a, &v.inputs), evaluate(b, &v.inputs));
                x.is_some() && y.is_some() && x != y
            };
            if !own.iter().any(differ) && all.iter().any(|v| differ(&v)) {
                confused.push(format!("{name} and {}", spelling(b)));
            }
        }
    }
    assert!(confused.is_empty(), "not told apart by the first one's vectors: {confused:#?}");
}
