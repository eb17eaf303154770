//! Text that is no litmus test: whatever it is, the parser answers, and soon.

use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rvlitmus_core::litmus::{Colour, decode, parse, render, visible};

/// Tests that use much of the language, to be broken.
const SEEDS: [&str; 4] = [
    include_str!("../files/everything.litmus"),
    include_str!("../files/twelve-mistakes.litmus"),
    include_str!("../files/more-mistakes.litmus"),
    "RISCV MP\n\"Rfe PodRR\"\nOrig=Rfe\n{\n0:x5=1; 0:x6=x; 0:x7=y;\n1:x6=y; 1:x8=x;\n}\n \
     P0          | P1          ;\n sw x5,0(x6) | lw x5,0(x6) ;\n fence rw,rw | fence r,rw  ;\n \
     sw x5,0(x7) | lw x7,0(x8) ;\nexists (1:x5=1 /\\ 1:x7=0)\n",
];

/// What mutations insert: all that has a meaning somewhere.
const PIECES: [&str; 48] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "|",
    ";",
    ":",
    ",",
    "=",
    "&",
    "*",
    "+",
    "-",
    "~",
    "\"",
    "(*",
    "*)",
    "//",
    "/\\",
    "\\/",
    "=>",
    "<>",
    "!=",
    "\n",
    "\r\n",
    " ",
    "\t",
    "P0",
    "P1:",
    "0:",
    "0:x5",
    "x",
    "0x",
    "18446744073709551615",
    "exists",
    "not ",
    "forall",
    "filter",
    "locations [",
    "uint8_t ",
    "int ",
    "L0:",
    "lw.aq ",
    "fence ",
    "é",
    "\u{feff}",
];

/// One step away from a good text.
#[derive(Clone, Debug)]
enum Mutation {
    Insert(usize, usize),
    Delete(usize, usize),
    Copy(usize, usize, usize),
    Byte(usize, u8),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = 0..2000_usize;
    prop_oneof![
        3 => (place.clone(), 0..PIECES.len()).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        2 => (place.clone(), 1..20_usize).prop_map(|(at, length)| Mutation::Delete(at, length)),
        1 => (place.clone(), place.clone(), 1..60_usize)
            .prop_map(|(from, to, length)| Mutation::Copy(from, to, length)),
        1 => (place, any::<u8>()).prop_map(|(at, byte)| Mutation::Byte(at, byte)),
    ]
}

fn mutate(text: &mut Vec<u8>, mutation: &Mutation) {
    let size = text.len();
    let cut = |at: usize, length: usize| at % size..(at % size + length).min(size);
    if size == 0 {
        return;
    }
    match *mutation {
        Mutation::Insert(at, piece) => {
            let at = at % size;
            text.splice(at..at, PIECES[piece].bytes());
        }
        Mutation::Delete(at, length) => drop(text.drain(cut(at, length))),
        Mutation::Copy(from, to, length) => {
            let copied = text[cut(from, length)].to_vec();
            let to = to % size;
            text.splice(to..to, copied);
        }
        Mutation::Byte(at, byte) => text[at % size] = byte,
    }
}

/// Whatever the text: a test that prints and reads as itself, or mistakes with places in the text.
fn check(text: &str) {
    match parse(text) {
        Ok(test) => {
            let printed = test.to_string();
            assert_eq!(parse(&printed).as_ref(), Ok(&test), "of\n{text}\nprinted\n{printed}");
        }
        Err(diagnostics) => {
            assert!(!diagnostics.0.is_empty(), "{text}");
            for diagnostic in &diagnostics.0 {
                let place = diagnostic.span.start as usize..diagnostic.span.end as usize;
                assert!(text.get(place).is_some(), "{diagnostic:?} of\n{text}");
            }
            let starts: Vec<_> = diagnostics.0.iter().map(|d| d.span.start).collect();
            assert!(starts.is_sorted_by(|a, b| a < b), "{diagnostics:?} of\n{text}");
        }
    }
}

fn check_bytes(bytes: &[u8]) {
    match decode(bytes) {
        Ok(text) => check(&text),
        Err(_) => check(&String::from_utf8_lossy(bytes)),
    }
}

/// The same cases in every run.
fn cases(cases: u32) -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(0x6c69_746d_7573);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(cases(70_000))]
    #[test]
    fn mutated_files(seed in 0..SEEDS.len(), mutations in vec(mutation(), 1..6)) {
        let mut text = SEEDS[seed].as_bytes().to_vec();
        mutations.iter().for_each(|m| mutate(&mut text, m));
        check_bytes(&text);
    }
}

proptest! {
    #![proptest_config(cases(20_000))]
    #[test]
    fn random_bytes(bytes in vec(any::<u8>(), 0..120)) {
        check_bytes(&bytes);
        check_bytes(&[&b"RISCV t\n{"[..], &bytes].concat());
    }
}

proptest! {
    #![proptest_config(cases(20_000))]
    #[test]
    fn random_pieces(pieces in vec(prop::sample::select(&PIECES[..]), 0..40)) {
        let text = pieces.concat();
        check(&text);
        check(&format!("RISCV t\n{{{text}"));
        check(&format!("RISCV t\n{{}}\n P0 ;\n {text}"));
        check(&format!("RISCV t\n{{}}\n P0 ;\n nop ;\nexists {text}"));
    }
}

proptest! {
    #![proptest_config(cases(300))]
    #[test]
    fn mistakes_are_shown(seed in 0..SEEDS.len(), mutations in vec(mutation(), 1..6)) {
        let mut text = SEEDS[seed].as_bytes().to_vec();
        mutations.iter().for_each(|m| mutate(&mut text, m));
        let text = String::from_utf8_lossy(&text);
        if let Err(diagnostics) = parse(&text) {
            let shown = render("t.litmus", &text, &diagnostics, Colour::Never);
            prop_assert!(diagnostics.0.iter().all(|d| shown.contains(&*visible(&d.message))), "{}", shown);
        }
    }
}

#[test]
fn files_cut_anywhere() {
    for seed in SEEDS {
        for end in (0..seed.len()).filter(|end| seed.is_char_boundary(*end)) {
            check(&seed[..end]);
            check(&seed[end..]);
        }
    }
}

#[test]
fn nesting_does_not_overflow_the_stack() {
    for (open, close) in [("(", ")"), ("~", ""), ("not ", ""), ("x=1 => ", ""), ("(~", ")")] {
        let condition = format!("{}x=1{}", open.repeat(100_000), close.repeat(100_000));
        let text = format!("RISCV deep\n{{}}\n P0 ;\n nop ;\nexists {condition}\n");
        let mistakes = parse(&text).expect_err("too deep");
        let messages: Vec<_> = mistakes.0.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(messages, ["a proposition nested deeper than 100"], "{open}");
    }
    let comment = format!("{}{}", "(* ".repeat(100_000), "*) ".repeat(100_000));
    let text = format!("RISCV deep\n{{ {comment} }}\n P0 ;\n nop ;\nexists true\n");
    assert!(parse(&text).is_ok(), "nested comments are counted, not recursed into");
}

#[test]
fn no_mistake_takes_quadratic_time() {
    let start = "RISCV big\n{\n";
    let code = "RISCV big\n{\n}\n P0 | P1 ;\n";
    let condition = "RISCV big\n{\n}\n P0 ;\n nop ;\nexists ";
    let shapes = [
        ("", "\"a "),
        ("RISCV big\n", "Key\n"),
        (start, "0:x5=1 "),
        (start, "x=1; x=2; "),
        (start, "(* "),
        (start, "x (* "),
        (start, "int "),
        (start, "const "),
        (start, "0:x5=P0:L; "),
        (start, "int x[3]={"),
        ("RISCV big\n{}\n", "P0 | "),
        (code, "lw x5,0(x6) "),
        (code, "lwx x5,0(x6) | "),
        (code, "bne x5,x6,LC00 |;\n"),
        (code, "L0: "),
        (code, "| "),
        (code, "nop (* "),
        (code, "exist "),
        (condition, "x5=1 /\\ "),
        (condition, "(x=1 "),
        (condition, "(x=1 (* "),
        (condition, "x=1) "),
        (condition, "~ (* "),
        (condition, "exists "),
        (condition, "locations [x "),
    ];
    for (start, piece) in shapes {
        let text = start.to_string() + &piece.repeat(400_000 / piece.len());
        let begin = Instant::now();
        assert!(parse(&text).is_err(), "{piece}");
        let time = begin.elapsed();
        // Linear work takes well under a second, quadratic work a minute.
        assert!(time < Duration::from_secs(10), "400 kB of `{piece}` take {time:?}");
    }
}
