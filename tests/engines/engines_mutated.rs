//! Both engines on this project's own tests with mistakes in them: instructions left out, doubled, in
//! another order or from elsewhere, other registers, other targets. So harts go into loops without end,
//! access what is no location and jump to what is no code, which generated programs seldom do.
//!
//! `RVLITMUS_GENERATED` sets how many programs are compared, `RVLITMUS_SEED` chooses others.

use std::cell::Cell;
use std::path::Path;

use crate::support::agree::{Verdict, compare, machine, options};
use crate::support::corpus::litmus_files;
use crate::support::runner::{cases, config};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestError, TestRunner};
use rvlitmus_core::arch::Assembly;
use rvlitmus_core::arch::riscv::Instr;
use rvlitmus_core::litmus::{LineIndex, Spanned, Test, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::program::{Completeness, Program, full_hart, link};

/// A mistake: where, and what from where else.
#[derive(Clone, Debug)]
struct Mistake {
    kind: Kind,
    hart: Index,
    cell: Index,
    other: Index,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    LeftOut,
    Doubled,
    Earlier,
    Replaced,
    OtherRegister,
    OtherTarget,
    OtherOffset,
}

fn mistakes() -> impl Strategy<Value = Vec<Mistake>> {
    let kind = prop_oneof![
        Just(Kind::LeftOut),
        Just(Kind::Doubled),
        Just(Kind::Earlier),
        Just(Kind::Replaced),
        Just(Kind::OtherRegister),
        Just(Kind::OtherTarget),
        Just(Kind::OtherOffset),
    ];
    let indices = (any::<Index>(), any::<Index>(), any::<Index>());
    let mistake =
        (kind, indices).prop_map(|(kind, (hart, cell, other))| Mistake { kind, hart, cell, other });
    prop::collection::vec(mistake, 1..4)
}

impl Mistake {
    /// Makes the mistake, if there is a place for it.
    fn make(&self, test: &mut Test) {
        let instrs: Vec<Spanned<Instr>> = test
            .harts
            .iter()
            .flat_map(|hart| &hart.cells)
            .filter_map(|cell| {
                let instr = cell.instr.as_ref()?;
                Some(Spanned { value: instr.value.riscv()?.clone(), span: instr.span })
            })
            .collect();
        let index = self.hart.index(test.harts.len());
        let hart = &mut test.harts[index];
        let labels: Vec<_> =
            hart.cells.iter().flat_map(|cell| &cell.labels).map(|l| l.value.clone()).collect();
        if hart.cells.is_empty() || instrs.is_empty() {
            return;
        }
        let at = self.cell.index(hart.cells.len());
        let other = &self.other.get(&instrs).value;
        match (self.kind, &mut hart.cells[at].instr) {
            (Kind::LeftOut, instr) => *instr = None,
            (Kind::Doubled, instr) => {
                let copy =
                    rvlitmus_core::litmus::CodeCell { labels: Vec::new(), instr: instr.clone() };
                hart.cells.insert(at, copy);
            }
            (Kind::Earlier, _) => {
                let cell = hart.cells.remove(at);
                hart.cells.insert(self.other.index(at + 1), cell);
            }
            (Kind::Replaced, Some(instr)) if other.operands.target.is_none() => {
                instr.value = other.clone().into();
            }
            (Kind::OtherRegister, Some(Spanned { value: Assembly::Riscv(instr), .. })) => {
                let operands = &mut instr.operands;
                match at % 3 {
                    0 => operands.rd = other.operands.rd,
                    1 => operands.rs1 = other.operands.rs1,
                    _ => operands.rs2 = other.operands.rs2,
                }
            }
            (Kind::OtherTarget, Some(Spanned { value: Assembly::Riscv(instr), .. }))
                if !labels.is_empty() =>
            {
                if let Some(target) = &mut instr.operands.target
                    && labels.contains(target)
                {
                    *target = self.other.get(&labels).clone();
                }
            }
            (Kind::OtherOffset, Some(Spanned { value: Assembly::Riscv(instr), .. })) => {
                let imm = instr.operands.imm + [1, 2, 4, 8][at % 4];
                if instr.def.check_immediate(imm.into()).is_ok() {
                    instr.operands.imm = imm;
                }
            }
            _ => {}
        }
        hart.cells.retain(|cell| cell.instr.is_some() || !cell.labels.is_empty());
    }
}

/// Own tests, whose loops are followed once.
fn tests() -> Vec<(String, Test)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus");
    let read = |path| {
        let text = std::fs::read_to_string(path).expect("readable");
        let test = parse(&text).ok()?;
        Some((text, test))
    };
    litmus_files(&folder).into_iter().filter_map(read).collect()
}

fn program(text: &str, test: &Test) -> Option<Program> {
    link(test, &LineIndex::new(text), |_| full_hart(BaseModel::Rvwmo)).ok()
}

#[test]
#[allow(clippy::print_stdout)] // the record of a run, shown with --nocapture
fn engines_agree_on_tests_with_mistakes() {
    let tests = tests();
    let config = config(cases(20_000));
    let rejects = config.cases;
    let mut runner = TestRunner::new(Config { max_global_rejects: rejects, ..config });
    let (faults, endless) = (Cell::new(0), Cell::new(0));
    let found = runner.run(&(any::<Index>(), mistakes(), options()), |(index, made, options)| {
        let (text, test) = index.get(&tests);
        let mut test = test.clone();
        made.iter().for_each(|mistake| mistake.make(&mut test));
        let Some(program) = program(text, &test) else {
            return Err(TestCaseError::reject("does not link"));
        };
        let options = Options { unroll: 1, ..options };
        for model in [BaseModel::Rvwmo, BaseModel::Ztso, BaseModel::Sc] {
            let models = vec![model; program.harts.len()];
            match compare(&program, &models, &options) {
                Verdict::Same => {}
                Verdict::TooLong => return Err(TestCaseError::reject("too long")),
                Verdict::Differ(how) => {
                    let how = format!("{how}\n{options:?}\n{made:?}\n{test}");
                    return Err(TestCaseError::fail(how));
                }
            }
            match machine(&program, &models, &options) {
                Err(_) => faults.set(faults.get() + 1),
                Ok(found) => {
                    let none =
                        found.completeness == Completeness::Complete && found.states.is_empty();
                    endless.set(endless.get() + u32::from(none));
                }
            }
        }
        Ok(())
    });
    if let Err(TestError::Fail(reason, _)) = found {
        panic!("the engines differ: {reason}");
    }
    found.expect("no other error");
    let (faults, endless) = (faults.get(), endless.get());
    println!("{faults} explorations met a fault, {endless} came to no end");
    assert!(faults > 200 && endless > 20, "{faults} {endless}");
}

/// What differed, or ended in a panic, once.
#[test]
fn engines_agree_on_what_mistakes_found() {
    let texts = [
        // A loop that cannot end, and nobody who waits for it.
        "RISCV endless\n{ 0:x10=x; }\n P0 ;\n loop: lw x9,0(x10) ;\n beqz x6,loop ;\n\
         lw x7,0(x10) ;\nexists (0:x7=0)\n",
        "RISCV still\n{ x=5; }\n P0 | P1 ;\n nop | see: j see ;\nexists (x=5)\n",
        // A store-conditional that has no way to succeed, at a misaligned address.
        "RISCV misaligned\n{ 0:x10=x; }\n P0 ;\n lr.w x6,(x10) ;\n addi x10,x10,2 ;\n\
         sc.w x7,x6,(x10) ;\nexists (0:x7=1)\n",
        // The same at an address that is loaded.
        "RISCV loaded\n{ int64_t y; 0:x10=x; 0:x11=y; y=2; }\n P0 ;\n lr.w x6,(x10) ;\n\
         ld x12,0(x11) ;\n sc.w x7,x6,(x12) ;\nexists (0:x7=1)\n",
        // A fault in front of a loop that is cut, and of a branch that is guessed.
        "RISCV cut\n{ 0:x10=x; 1:x10=x; 1:x11=y; }\n P0 | P1 ;\n li x6,1 | see: lw x6,0(x10) ;\n\
         sw x6,0(x10) | beqz x6,enter ;\n | lw x7,0(x0) ;\n | sw x6,0(x11) ;\n | j see ;\n\
         | enter: ;\nexists (y=1)\n",
        "RISCV guess\n{ 0:x10=x; 1:x10=x; 1:x11=y; }\n P0 | P1 ;\n li x6,1 | lw x6,0(x10) ;\n\
         sw x6,0(x10) | beqz x6,end ;\n | lw x7,0(x0) ;\n | beqz x7,end ;\n | lw x8,0(x11) ;\n\
         | end: ;\nexists (1:x6=1)\n",
        // A loop whose end depends on a compare-and-swap that cannot succeed.
        "RISCV swap\n{ 0:x10=x; 1:x10=x; 0:x11=y; 1:x11=y; }\n P0 | P1 ;\n\
         li x5,1 | on: amocas.w x7,x0,(x10) ;\n sw x5,0(x10) | li x7,5 ;\n\
         sw x5,0(x11) | lw x6,0(x11) ;\n | bnez x6,on ;\nexists (1:x6=1)\n",
    ];
    for text in texts {
        let test = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let program = program(text, &test).expect("links");
        for model in [BaseModel::Rvwmo, BaseModel::Ztso, BaseModel::Sc] {
            let models = vec![model; program.harts.len()];
            let options = Options { unroll: 1, ..Options::default() };
            if let Verdict::Differ(how) = compare(&program, &models, &options) {
                panic!("{how}\n{text}");
            }
        }
    }
}
