//! Broken files: every mistake is reported, each once, with its place and what to do about it.

use rvlitmus_core::litmus::{Colour, parse, render};

fn shown(name: &str, text: &str) -> (usize, String) {
    let diagnostics = parse(text).expect_err("the file is broken");
    (diagnostics.0.len(), render(name, text, &diagnostics, Colour::Never))
}

#[test]
fn twelve_different_mistakes_give_twelve_messages() {
    let text = include_str!("../files/twelve-mistakes.litmus");
    let (count, messages) = shown("twelve-mistakes.litmus", text);
    assert_eq!(count, 12);
    insta::assert_snapshot!(messages);
}

#[test]
fn more_mistakes() {
    let text = include_str!("../files/more-mistakes.litmus");
    insta::assert_snapshot!(shown("more-mistakes.litmus", text).1);
}

/// A name goes to terminals and into reports.
#[test]
fn a_name_holds_nothing_that_a_terminal_obeys() {
    let text = "RISCV M\u{1b}[31mP\n{ }\n P0 ;\n nop ;\nexists (true)\n";
    let (count, messages) = shown("red.litmus", text);
    assert_eq!(count, 1);
    let said = "expected the end of the line after the test's name, found `\\u{1b}`";
    assert!(messages.contains(said), "{messages}");
    assert!(!messages.contains('\u{1b}'), "{messages}");
}

/// Words of other languages and assemblers are answered with what they are here.
#[test]
fn what_others_write_is_answered_with_what_is_meant_here() {
    for (code, condition, at, help) in [
        ("nop", r"(0:x5=1 && 0:x6=0)", "&&", r"/\"),
        ("nop", "0:x5=1 and 0:x6=0", "and", r"/\"),
        ("nop", r"(0:x5=1 || 0:x6=0 /\ 0:x7=1)", "||", r"\/"),
        ("nop", r"(0:x5=1 \/ 0:x6=0 OR 0:x7=1)", "OR", r"\/"),
        ("fence.sc", "true", "fence.sc", "fence rw,rw"),
        ("wrs", "true", "wrs", "wrs.nto"),
        ("call on", "true", "call", "jal"),
        ("b on", "true", "b on", "j"),
    ] {
        let text = format!("RISCV t\n{{ }}\n P0 ;\n {code} ;\n on: nop ;\nexists {condition}\n");
        let diagnostics = parse(&text).expect_err("the file is broken");
        let [only] = &*diagnostics.0 else { panic!("{diagnostics}") };
        assert_eq!(only.span.start as usize, text.find(at).expect("it stands there"), "{at}");
        assert_eq!(only.help.as_deref(), Some(&*format!("did you mean `{help}`?")), "{at}");
    }
}
