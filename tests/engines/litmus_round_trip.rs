//! Parse, print, parse: the same test, for generated tests that use every part of the language.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rvlitmus_core::arch::riscv::{
    self, Class, Def, FenceSet, Format, Immediate, Instr, Limits, Name, Operands, Order, Reg,
    Suffix,
};
use rvlitmus_core::litmus::{
    CType, CodeCell, Condition, Connective, HartCode, HartId, InitEntry, Integer, Language, Notes,
    ObservedPlace, Place, Proposition, Quantifier, Relation, Span, Spanned, Term, Test, Value,
    parse,
};

const SYMBOLS: [&str; 6] = ["x", "y", "_lock", "a.b", "int3", "P"];
const LABELS: [&str; 4] = ["L0", "L1", ".Lretry", "exists_not"];
/// Elements of the one location that is an array in every test that declares it.
const ELEMENTS: u64 = 3;
const ARRAY: &str = "array";

fn at<T>(value: T) -> Spanned<T> {
    Spanned { value, span: Span::default() }
}

fn reg() -> impl Strategy<Value = Reg> {
    (0..32_u8).prop_map(Reg::new)
}

fn symbol() -> impl Strategy<Value = Name> {
    prop::sample::select(&SYMBOLS[..]).prop_map(Into::into)
}

fn ctype() -> impl Strategy<Value = CType> {
    use CType::{Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64};
    prop::sample::select(vec![Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64])
}

fn integer() -> impl Strategy<Value = u64> {
    prop_oneof![0..3_u64, any::<u64>(), any::<i8>().prop_map(|v| v as u64)]
}

fn offset() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), -8..8_i64, any::<i64>()]
}

/// A number or an address, of an array's element too.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        integer().prop_map(|v| Value::Integer(Integer(v))),
        (symbol(), offset()).prop_map(|(symbol, offset)| Value::Address {
            symbol,
            index: None,
            offset
        }),
        (0..ELEMENTS, offset()).prop_map(|(index, offset)| Value::Address {
            symbol: ARRAY.into(),
            index: Some(index),
            offset
        }),
    ]
}

/// A value that every type of at least 32 bits holds, or that fits in 8 bits.
fn small(ctype: Option<CType>, value: Value) -> Value {
    match (ctype.map(CType::bytes), value) {
        (Some(1 | 2), Value::Address { .. }) => Value::Integer(Integer(1)),
        (Some(bytes @ 1..8), Value::Integer(Integer(bits))) => {
            let shift = 64 - 8 * bytes;
            Value::Integer(Integer(((bits << shift) as i64 >> shift) as u64))
        }
        (_, value) => value,
    }
}

fn order(suffix: Suffix) -> impl Strategy<Value = Order> {
    prop::sample::select(match suffix {
        Suffix::Never => vec![Order::None],
        Suffix::Optional => vec![Order::None, Order::Aq, Order::Rl, Order::AqRl],
        Suffix::Acquire => vec![Order::Aq, Order::AqRl],
        Suffix::Release => vec![Order::Rl, Order::AqRl],
    })
}

fn fence_set() -> impl Strategy<Value = FenceSet> {
    any::<[bool; 4]>().prop_map(|[i, o, r, w]| FenceSet { i, o, r, w })
}

/// Any row of any table with operands as the parser makes them.
fn instr() -> impl Strategy<Value = Instr> {
    let defs: Vec<&'static Def> = riscv::all().collect();
    let operands = (reg(), reg(), reg(), any::<i64>(), fence_set(), fence_set());
    (prop::sample::select(defs), operands, 0..12_usize).prop_flat_map(|(def, operands, pick)| {
        let operands = fit(def, operands, pick);
        order(def.suffix).prop_map(move |order| Instr { def, order, operands: operands.clone() })
    })
}

/// The register of `class` that is reached from `reg`.
fn of_class(class: Class, reg: Reg) -> Reg {
    (reg.number()..reg.number() + 32)
        .map(|number| Reg::new(number as u8 % 32))
        .find(|reg| class.contains(*reg))
        .expect("no class is empty")
}

/// The immediate of `def` that `bits` picks.
fn immediate(def: &Def, bits: i64) -> i64 {
    let takes = def.immediate().unwrap_or(Immediate::ZERO);
    let (least, greatest) = takes.ranges[bits as usize % takes.ranges.len()];
    let value = least + i128::from(bits as u64) % (greatest - least + 1);
    let step = takes.multiple_of;
    let down = value - value.rem_euclid(step);
    (if down < least { down + step } else { down }) as i64
}

/// Keeps the operands that the format has, in the limits of the encoding.
fn fit(
    def: &Def,
    (rd, rs1, rs2, imm, pred, succ): (Reg, Reg, Reg, i64, FenceSet, FenceSet),
    pick: usize,
) -> Operands {
    let base = def.implied();
    let label = Some(LABELS[pick % LABELS.len()].into());
    let symbol = Some(SYMBOLS[pick % SYMBOLS.len()].into());
    let imm = immediate(def, imm);
    let Limits { rd: rd_class, rs1: rs1_class, rs2: rs2_class, .. } = def.limits;
    let (rd, rs1, rs2) =
        (of_class(rd_class, rd), of_class(rs1_class, rs1), of_class(rs2_class, rs2));
    match def.format {
        Format::None => base,
        Format::RdRs1Rs2 | Format::RdRs2Base => Operands { rd, rs1, rs2, ..base },
        Format::RdRs1Imm12
        | Format::RdRs1Shamt6
        | Format::RdRs1Shamt5
        | Format::RdMem
        | Format::Jalr => Operands { rd, rs1, imm, ..base },
        Format::RdRs1 | Format::RdBase => Operands { rd, rs1, ..base },
        Format::RdRs2 => Operands { rd, rs2, ..base },
        Format::RdImm20 | Format::RdImm64 => Operands { rd, imm, ..base },
        Format::RdSymbol => Operands { rd, target: symbol, ..base },
        Format::Rs2Mem => Operands { rs1, rs2, imm, ..base },
        Format::Rs2Base => Operands { rs1, rs2, ..base },
        Format::Rs1Rs2Label | Format::Rs2Rs1Label => Operands { rs1, rs2, target: label, ..base },
        Format::Rs1Label => Operands { rs1, target: label, ..base },
        Format::Rs2Label => Operands { rs2, target: label, ..base },
        Format::Label => Operands { target: label, ..base },
        Format::RdLabel => Operands { rd, target: label, ..base },
        Format::Rs1 | Format::Rs1Link => Operands { rs1, ..base },
        Format::Fence => Operands { pred, succ, ..base },
        Format::Mem => Operands { rs1, imm, ..base },
        Format::TiedRs2 => Operands { rd, rs1: rd, rs2, ..base },
        Format::TiedImm => Operands { rd, rs1: rd, imm, ..base },
    }
}

/// A column that defines all labels, some of them together, some before an instruction.
fn hart() -> impl Strategy<Value = HartCode> {
    (vec(instr(), 0..7), any::<[bool; 4]>()).prop_map(|(instrs, before)| {
        let mut cells: Vec<CodeCell> = Vec::new();
        let mut labels = Vec::new();
        let mut left = LABELS.iter().zip(before);
        for instr in instrs {
            if let Some((label, before)) = left.next() {
                labels.push(at((*label).into()));
                if !before {
                    cells.push(CodeCell { labels: std::mem::take(&mut labels), instr: None });
                }
            }
            cells.push(CodeCell {
                labels: std::mem::take(&mut labels),
                instr: Some(at(instr.into())),
            });
        }
        labels.extend(left.map(|(label, _)| at((*label).into())));
        if !labels.is_empty() {
            cells.push(CodeCell { labels, instr: None });
        }
        HartCode { cells }
    })
}

/// Declarations of registers of `harts` harts, of locations, and of the array.
fn init(harts: usize) -> impl Strategy<Value = Vec<Spanned<InitEntry>>> {
    let said = || (option::of(ctype()), option::of(value()));
    let registers = btree_map((0..harts as u16, 1..32_u8), said(), 0..6);
    let code = option::of((0..harts as u16, prop::sample::select(&LABELS[..])));
    let locations = btree_map(symbol(), said(), 0..5);
    let array = (option::of(ctype()), vec(value(), 1..=ELEMENTS as usize));
    (registers, code, locations, array).prop_map(move |(registers, code, locations, array)| {
        let entry = |place, (ctype, value): (_, Option<Value>)| {
            let value = value.map(|value| small(ctype, value));
            at(InitEntry { ctype, place, array: None, value })
        };
        let mut entries = Vec::new();
        for ((hart, number), said) in registers {
            entries.push(entry(Place::Register(HartId(hart), Reg::new(number).into()), said));
        }
        if let Some((hart, label)) = code {
            let value = Value::Code { hart: HartId(hart), label: label.into() };
            let symbol = "jump".into();
            entries.push(entry(Place::Memory { symbol, index: None }, (None, Some(value))));
        }
        for (symbol, said) in locations {
            entries.push(entry(Place::Memory { symbol, index: None }, said));
        }
        let (ctype, values) = array;
        let values = values.into_iter().map(|value| small(ctype, value)).collect();
        entries.push(at(InitEntry {
            ctype,
            place: Place::Memory { symbol: ARRAY.into(), index: None },
            array: Some(ELEMENTS),
            value: Some(Value::Array(values)),
        }));
        entries
    })
}

fn place(harts: usize) -> impl Strategy<Value = Place> {
    prop_oneof![
        (0..harts as u16, reg()).prop_map(|(hart, reg)| Place::Register(HartId(hart), reg.into())),
        symbol().prop_map(|symbol| Place::Memory { symbol, index: None }),
        (0..ELEMENTS).prop_map(|index| Place::Memory { symbol: ARRAY.into(), index: Some(index) }),
    ]
}

fn term(harts: usize) -> impl Strategy<Value = Term> {
    let code = (0..harts as u16, prop::sample::select(&LABELS[..]))
        .prop_map(|(hart, label)| Value::Code { hart: HartId(hart), label: label.into() });
    prop_oneof![
        3 => place(harts).prop_map(Term::Place),
        2 => value().prop_map(Term::Value),
        1 => code.prop_map(Term::Value),
    ]
}

fn proposition(harts: usize) -> impl Strategy<Value = Proposition> {
    let relation = prop::sample::select(&[Relation::Equal, Relation::NotEqual][..]);
    let leaf = prop_oneof![
        1 => Just(Proposition::constant(true)),
        1 => Just(Proposition::constant(false)),
        8 => (term(harts), relation.clone(), term(harts))
            .prop_map(|(left, relation, right)| {
                Proposition::compare(at(left), relation, at(right))
            }),
        1 => (relation, vec(value(), ELEMENTS as usize)).prop_map(|(relation, values)| {
            let array = Place::Memory { symbol: ARRAY.into(), index: None };
            let values = Term::Value(Value::Array(values));
            Proposition::compare(at(Term::Place(array)), relation, at(values))
        }),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|p| Proposition::join(Connective::Not, vec![p])),
            vec(inner.clone(), 2..4).prop_map(|all| Proposition::join(Connective::And, all)),
            vec(inner.clone(), 2..4).prop_map(|any| Proposition::join(Connective::Or, any)),
            vec(inner, 2).prop_map(|both| Proposition::join(Connective::Implies, both)),
        ]
    })
}

fn test() -> impl Strategy<Value = Test> {
    (1..5_usize).prop_flat_map(|harts| {
        let quantifier = prop::sample::select(
            &[Quantifier::Exists, Quantifier::NotExists, Quantifier::Forall][..],
        );
        let observed = (option::of(ctype()), place(harts))
            .prop_map(|(ctype, place)| at(ObservedPlace { ctype, place }));
        let head = (
            "[A-Za-z0-9][A-Za-z0-9+._\\[\\]-]{0,20}",
            option::of("[^\"]{0,40}"),
            vec(("[A-Z][A-Za-z_]{0,8}", "([!-~é]([ -~]{0,20}[!-~])?)?"), 0..4),
        );
        let tail = (
            vec(observed, 0..4),
            option::of(proposition(harts)),
            option::of((quantifier, proposition(harts))),
        );
        (head, init(harts), vec(hart(), harts), tail).prop_map(|(head, init, harts, tail)| Test {
            language: Language::Riscv,
            name: head.0,
            description: head.1,
            metadata: head.2.into_iter().collect(),
            init,
            harts,
            locations: tail.0,
            filter: tail.1,
            condition: tail
                .2
                .map(|(quantifier, proposition)| Condition { quantifier, proposition }),
            condition_at: Spanned { value: (), span: Span::default() },
            notes: Notes::default(),
        })
    })
}

/// The same tests in every run.
fn config() -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(0x6c69_746d_7573);
    ProptestConfig { cases: 2000, rng_seed, failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_printed_test_reads_as_the_same_test(test in test()) {
        let printed = test.to_string();
        let read = parse(&printed);
        prop_assert_eq!(read.as_ref(), Ok(&test), "printed:\n{}", printed);
    }
}

/// Every mnemonic in every annotation, so that the property does not depend on luck.
#[test]
fn every_instruction_is_read_as_it_is_printed() {
    let mut spellings = 0;
    for def in riscv::all() {
        let orders: &[Order] = match def.suffix {
            Suffix::Never => &[Order::None],
            Suffix::Optional => &[Order::None, Order::Aq, Order::Rl, Order::AqRl],
            Suffix::Acquire => &[Order::Aq, Order::AqRl],
            Suffix::Release => &[Order::Rl, Order::AqRl],
        };
        let registers = (Reg::new(5), Reg::new(6), Reg::new(7));
        let all = (registers.0, registers.1, registers.2, 32, FenceSet::IORW, FenceSet::default());
        for order in orders {
            let instr = Instr { def, order: *order, operands: fit(def, all, 0) };
            let text = format!("RISCV one\n{{}}\n P0 ;\n L0: {instr} ;\n");
            let test = parse(&text).unwrap_or_else(|mistakes| panic!("{text}{mistakes}"));
            let read =
                test.harts[0].cells[0].instr.as_ref().and_then(|located| located.value.riscv());
            assert_eq!(read, Some(&instr), "{text}");
            spellings += 1;
        }
    }
    assert!(spellings > 150, "{spellings}");
}
