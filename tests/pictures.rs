//! `rvlitmus explain --svg`: what is wrong is drawn and named, and every text can be read.

use std::fs;

use assert_cmd::Command;

/// The pictures of a test, one below the other, as SVG.
fn svg(test: &str, arguments: &[&str]) -> String {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("drawn.svg");
    let mut program = Command::cargo_bin("rvlitmus").expect("the binary is built");
    program.args(["explain", "-", "--svg"]).arg(&path).args(arguments);
    program.write_stdin(test).assert().success();
    fs::read_to_string(path).expect("a picture")
}

const RED: &str = "#cf222e";

/// The texts that are red.
fn red_texts(svg: &str) -> Vec<&str> {
    let texts = svg.lines().filter(|line| line.starts_with("<text") && line.contains(RED));
    texts.filter_map(|line| line.split_once('>')?.1.split_once('<').map(|(text, _)| text)).collect()
}

fn red_paths(svg: &str) -> usize {
    svg.lines().filter(|line| line.starts_with("<path") && line.contains(RED)).count()
}

#[test]
fn a_load_that_misses_its_own_hart_s_store_is_red() {
    let test = "RISCV lv\n{ 0:x10=x; 1:x10=x; }\n P0 | P1 ;\n li x5,1 | li x5,2 ;\n \
        sw x5,0(x10) | sw x5,0(x10) ;\n lw x6,0(x10) | ;\nexists (0:x6=0)\n";
    let drawn = svg(test, &["--model", "rvwmo"]);
    assert_eq!(red_texts(&drawn), ["load-value:", "reads the initial value"]);
    assert_eq!(red_paths(&drawn), 1, "from the store to the load");
}

#[test]
fn an_sc_that_fails_unforced_has_a_red_box() {
    let test = "RISCV at\n{ 0:x10=x; }\n P0 ;\n li x5,1 ;\n lr.w x6,(x10) ;\n \
        sc.w x7,x5,(x10) ;\n sw x5,4(x10) ;\nexists (0:x7=1)\n";
    let drawn = svg(test, &["--model", "rvwmo", "--sc-failure", "only-when-forced"]);
    assert!(drawn.contains(">6 sc.w x7,x5,(x10)</text>"), "{drawn}");
    let said = ["fails: sc-failure", "sc-failure:", "no store in between"];
    assert_eq!(red_texts(&drawn), said);
    assert_eq!(red_paths(&drawn), 1, "from the LR to the SC");
}

#[test]
fn an_sc_that_succeeds_without_an_lr_has_a_red_box() {
    let test = "RISCV sc\n{ 0:x10=x; }\n P0 ;\n li x5,1 ;\n sc.w x7,x5,(x10) ;\n\
        exists (0:x7=0)\n";
    let drawn = svg(test, &["--model", "rvwmo"]);
    assert_eq!(red_texts(&drawn), ["not paired, succeeds: sc-failure"]);
}

/// A store that follows what it is seen to read: both are said where one arrow shows both.
#[test]
fn an_amo_that_reads_the_store_before_it_has_rf_and_co() {
    let test = fs::read_to_string("litmus/2+2w/2+2W+amo+amo.litmus").expect("a test");
    let drawn = svg(&test, &["--model", "rvwmo"]);
    assert_eq!(drawn.matches(">rf, co</text>").count(), 2, "{drawn}");
}
