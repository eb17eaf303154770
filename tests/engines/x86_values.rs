//! What instructions of x86 compute, against what a processor was recorded to compute: values, widths and flags,
//! with both engines. `tests/vectors/x86/record.py` says what the columns are.

use rvlitmus_core::arch::x86::{FLAGS, Instr, Operation, Width, flags};
use rvlitmus_core::axiomatic;
use rvlitmus_core::litmus::{HartId, LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{self, Limits};
use rvlitmus_core::program::{Observed, ObservedFrom, Program, full_hart, link};

const VECTORS: &str = include_str!("../vectors/x86/vectors.txt");

/// An execution.
struct Vector {
    instr: &'static str,
    before: Vec<u64>,
    after: Vec<u64>,
}

fn vectors() -> impl Iterator<Item = Vector> {
    let numbers = |text: &str| {
        text.split_whitespace().map(|n| u64::from_str_radix(n, 16).expect("a number")).collect()
    };
    VECTORS.lines().filter(|line| !line.starts_with('#')).map(move |line| {
        let mut parts = line.split(" | ");
        let mut part = || parts.next().expect("three parts");
        Vector { instr: part(), before: numbers(part()), after: numbers(part()) }
    })
}

/// The instruction on a hart, its flags read by a jump that goes to the next.
fn program(vector: &Vector) -> (Program, Instr) {
    let [_, rax, rbx, rcx, rdx, low, high] = vector.before[..] else { panic!("seven numbers") };
    let text = format!(
        "X86_64 vector\n{{ 0:rax={rax}; 0:rbx={rbx}; 0:rcx={rcx}; 0:rdx={rdx}; \
         uint64_t m[2]={{{low},{high}}}; }}\n P0 ;\n {} ;\n jo L0 ;\n L0: ;\n\
         locations [0:rax; 0:rbx; 0:rcx; 0:rdx; m;]\nexists (true)\n",
        vector.instr
    );
    let test = parse(&text).unwrap_or_else(|mistakes| panic!("{text}{mistakes}"));
    let instr = test.harts[0].cells[0].instr.as_ref().expect("an instruction").value.x86();
    let instr = instr.expect("of x86").clone();
    let linked = link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::X86Tso));
    let mut program = linked.unwrap_or_else(|mistakes| panic!("{text}{mistakes}"));
    program.harts[0].registers[FLAGS.number()] = vector.before[0];
    // Behind the registers that have names.
    let observed = Observed {
        place: program.observed[3].place.clone(),
        from: ObservedFrom::Register(HartId(0), FLAGS),
        declared: program.observed[3].declared,
        printed: true,
    };
    program.observed.insert(4, observed);
    (program, instr)
}

/// The flags that the manuals leave undefined.
fn undefined(instr: &Instr, vector: &Vector) -> u64 {
    use flags::{CF, OF, PF, SF, ZF};
    let bits = 8 * instr.width.bytes();
    match instr.operation {
        Operation::Shl | Operation::Shr | Operation::Sar => {
            let by = match instr.operands.get(1) {
                None => 1,
                Some(_) => instr.immediate().map_or(vector.before[3], |count| count as u64),
            };
            let by = by & if instr.width == Width::D { 63 } else { 31 };
            let out = if by >= bits && instr.operation != Operation::Sar { CF } else { 0 };
            out | if by > 1 { OF } else { 0 }
        }
        Operation::Imul => SF | ZF | PF,
        Operation::Bt | Operation::Bts | Operation::Btr | Operation::Btc => OF | SF | PF,
        _ => 0,
    }
}

#[test]
fn values_and_flags_are_those_of_a_processor() {
    let (mut count, mut wrong) = (0, Vec::new());
    for vector in vectors() {
        let (program, instr) = program(&vector);
        let mask = !undefined(&instr, &vector);
        // Registers stand in the order of their encodings: rax, rcx, rdx, rbx.
        let mut expected = [1, 3, 4, 2].map(|column| vector.after[column]).to_vec();
        expected.push(vector.after[0] & mask);
        expected.extend(&vector.after[5..]);
        let (models, options) = ([BaseModel::X86Tso], Options::default());
        let never = || false;
        let limits = Limits { interrupted: &never, memory: usize::MAX, parallel: false };
        let machine = operational::explore(&program, &models, &options, limits);
        let axioms = axiomatic::outcomes(&program, &models, &options, limits);
        for (engine, outcomes) in [("machine", machine), ("axioms", axioms)] {
            let outcomes = outcomes.unwrap_or_else(|fault| panic!("{}: {fault}", vector.instr));
            let states: Vec<Vec<u64>> = outcomes
                .states
                .iter()
                .map(|state| {
                    let mut state: Vec<u64> = state.to_vec();
                    state[4] &= mask;
                    state
                })
                .collect();
            if states != [expected.clone()] {
                let shown = |values: &[u64]| format!("{values:x?}");
                let states: Vec<String> = states.iter().map(|state| shown(state)).collect();
                wrong.push(format!(
                    "{engine}: {} from {} is {}, not {}",
                    vector.instr,
                    shown(&vector.before),
                    states.join(" or "),
                    shown(&expected)
                ));
            }
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(count > 2000, "{count}");
}
