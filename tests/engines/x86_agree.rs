//! The engines on generated programs of x86: two harts, instructions of every kind, overlapping and misaligned.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rvlitmus_core::answer::{Reached, Status};
use rvlitmus_core::session::{Engine, Session, Settings, Unwatched};

use crate::support::runner::{cases, runner};

/// What programs are made of; `L` is the hart's last label.
const INSTRUCTIONS: [&str; 30] = [
    "movl $1,(x)",
    "movl %eax,(y)",
    "movl (x),%ebx",
    "movl (y),%ecx",
    "movq (x),%rdx",
    "movq %rcx,(y)",
    "movb $2,x+1",
    "movw $3,x+3",
    "movl x+2,%eax",
    "movl $-1,x+6",
    "movl x+6,%ebx",
    "movzbl x+1,%ecx",
    "xchgl %eax,(x)",
    "xchgb %bl,x+3",
    "lock xaddl %ebx,(y)",
    "xaddl %ebx,(y)",
    "lock cmpxchgl %ecx,(x)",
    "cmpxchgl %ecx,(y)",
    "lock cmpxchg8b (x)",
    "incl (x)",
    "lock decl (y)",
    "lock btsl $3,(y)",
    "addl (x),%eax",
    "adcl $0,(x)",
    "mfence",
    "lfence",
    "cmpl $0,%eax ; je L",
    "testl %ebx,%ebx ; jne L",
    "cmovel (y),%ebx",
    "setne (y)",
];

fn text(harts: &[Vec<&str>]) -> String {
    let mut columns: Vec<Vec<String>> = Vec::new();
    for (hart, instrs) in harts.iter().enumerate() {
        let own = instrs.iter().flat_map(|instr| instr.split(" ; "));
        let own = own.map(|instr| instr.replace(" L", &format!(" L{hart}")));
        let last = std::iter::once(format!("L{hart}:"));
        columns.push(own.chain(last).collect());
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |column: &Vec<String>, row: usize| column.get(row).cloned().unwrap_or_default();
    let rows: String = (0..rows)
        .map(|row| {
            let cells: Vec<String> = columns.iter().map(|column| cell(column, row)).collect();
            format!(" {} ;\n", cells.join(" | "))
        })
        .collect();
    format!(
        "X86_64 t\n{{ int x[4]={{0,0,0,0}}; int y[4]={{0,0,0,0}}; 0:rax=1; 1:rax=2; 0:rcx=5; }}\n \
         P0 | P1 ;\n{rows}locations [0:rax; 0:rbx; 0:rcx; 0:rdx; 1:rax; 1:rbx; 1:rcx; 1:rdx; x; y;]\n\
         exists (true)\n"
    )
}

#[test]
fn engines_agree_and_sc_is_within_tso() {
    let hart = || vec(select(&INSTRUCTIONS[..]), 1..4);
    let tried = runner(cases(400)).run(&(hart(), hart()), |(one, other)| {
        let text = text(&[one, other]);
        let session = Session::new(Settings { engine: Engine::Both, ..Settings::default() });
        let test = session.read(&text).unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"));
        let machines = session.machines(&test).expect("it asks for nothing");
        let answer = session.answer(&test, &machines, &Unwatched).expect("it links");
        for machine in &answer.machines {
            prop_assert_ne!(machine.extent.status(), Status::InternalError, "{}", text);
        }
        if let (Reached::All(_), Reached::All(_)) = (answer.reached(0), answer.reached(1)) {
            prop_assert_eq!(answer.states.lacked(1, 0).count(), 0, "{}", text);
        }
        Ok(())
    });
    tried.unwrap_or_else(|error| panic!("{error}"));
}
