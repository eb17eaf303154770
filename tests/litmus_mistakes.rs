//! Broken files: every mistake is reported, each once, with its place and what to do about it.

use rvlitmus::litmus::{Colour, parse, render};

fn shown(name: &str, text: &str) -> (usize, String) {
    let diagnostics = parse(text).expect_err("the file is broken");
    (diagnostics.0.len(), render(name, text, &diagnostics, Colour::Never))
}

#[test]
fn twelve_different_mistakes_give_twelve_messages() {
    let text = include_str!("files/twelve-mistakes.litmus");
    let (count, messages) = shown("twelve-mistakes.litmus", text);
    assert_eq!(count, 12);
    insta::assert_snapshot!(messages);
}

#[test]
fn more_mistakes() {
    let text = include_str!("files/more-mistakes.litmus");
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
