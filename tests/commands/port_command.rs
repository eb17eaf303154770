//! `rvlitmus run` on tests of x86, `rvlitmus lower` and `rvlitmus port` as people use them.

use std::fs;

use crate::support::binary::run;

const MP: &str = "X86_64 MP\n\"Message passing\"\n{ }\n P0 | P1 ;\n movl $1,(x) | movl (y),%eax ;\n \
    movl $1,(y) | movl (x),%ebx ;\n~exists (1:eax=1 /\\ 1:ebx=0)\n";
const SB: &str = "X86 SB\n{ }\n P0 | P1 ;\n MOV [x],$1 | MOV [y],$1 ;\n MOV EAX,[y] | MOV EAX,[x] ;\n\
    exists (0:EAX=0 /\\ 1:EAX=0)\n";
const RISCV: &str = "RISCV R\n{ 0:x6=x; }\n P0 ;\n lw x5,0(x6) ;\nexists (0:x5=0)\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    dir
}

#[test]
fn each_test_has_the_models_of_its_architecture() {
    let dir = folder(&[("SB.litmus", SB), ("R.litmus", RISCV)]);
    let ran = run(dir.path(), &["run", "."]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("SB: x86-tso Sometimes, sc Never"), "{}", ran.out);
    assert!(ran.out.contains("R: rvwmo Always, ztso Always"), "{}", ran.out);
    let ran = run(dir.path(), &["run", "--model", "rvwmo,x86-tso", "."]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("SB: Sometimes") || ran.out.contains("SB: x86-tso"), "{}", ran.out);
    let ran = run(dir.path(), &["run", "--model", "ztso", "SB.litmus"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("ztso is no model of x86"), "{}", ran.err);
    assert!(ran.err.contains("rvlitmus lower"), "{}", ran.err);
    let ran = run(dir.path(), &["run", "--model", "x86-tso", "R.litmus"]);
    assert!(ran.code == 2 && ran.err.contains("x86-tso is no model of RISC-V"), "{}", ran.err);
}

#[test]
fn instructions_that_are_not_read_are_refused_by_name() {
    for (instr, says, help) in [
        ("movnti %eax,(x)", "`movnti` is not supported", "non-temporal"),
        ("rep movsb", "`rep` is not supported", "string"),
        ("clflush (x)", "`clflush` is not supported", "caches"),
        ("movaps (x),%xmm0", "`movaps` is not supported", "vector"),
        ("movq %xmm0,%rax", "`%xmm0` is a vector register", "vector"),
        ("mvo $1,(x)", "unknown instruction `mvo`", "did you mean `mov`?"),
        ("movl $1,(x),%eax", "`mov` has two operands, not 3", ""),
        ("movl %rax,(x)", "`rax` has 64 bits, not 32", ""),
        (
            "mov $1,(x)",
            "nothing says how wide the operands of `mov` are",
            "write `movl` for 32 bits",
        ),
        ("lock movl $1,(x)", "`lock` cannot stand before `mov`", ""),
        ("lock addl $1,%eax", "`lock add` needs a destination in memory", ""),
        ("addl (x),(y)", "`add` has at most one operand in memory", ""),
        ("jne", "`jne` has one operand, not 0", ""),
        ("jmp *%rax", "an indirect jump", "jumps go to labels"),
        ("movl (%eax),%ebx", "holds no address", "64 bits"),
    ] {
        let text = format!("X86_64 t\n{{ }}\n P0 ;\n {instr} ;\nexists (x=0)\n");
        let dir = folder(&[("t.litmus", &text)]);
        let ran = run(dir.path(), &["run", "t.litmus"]);
        assert_eq!(ran.code, 2, "{instr}");
        assert!(ran.err.contains(says) && ran.err.contains(help), "{instr}: {}", ran.err);
    }
}

#[test]
fn a_test_is_lowered_with_its_lines_as_comments() {
    let dir = folder(&[("a/MP.litmus", MP), ("a/b/SB.litmus", SB)]);
    let ran = run(dir.path(), &["lower", "--map", "fences", "a/MP.litmus"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for part in [
        "RISCV MP\n\"Message passing\"\nSource=X86_64 MP Hash=",
        "Map=fences",
        "(* movl (y),%eax *)",
        "fence r,rw",
        "uint32_t 1:x5;",
        "~exists (1:x5=1 /\\ 1:x6=0)",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    fs::write(dir.path().join("lowered.litmus"), &ran.out).expect("written");
    let ran = run(dir.path(), &["run", "--model", "rvwmo", "lowered.litmus"]);
    assert!(ran.code == 0 && ran.out.contains("MP: rvwmo Never"), "{}{}", ran.out, ran.err);
    let ran = run(dir.path(), &["lower", "a", "-o", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(dir.path().join("out/b/SB.litmus").is_file());
    let again = run(dir.path(), &["lower", "a", "-o", "out"]);
    assert_eq!(again.code, 0, "what it wrote is its own: {}", again.err);
    let ran = run(dir.path(), &["lower", "--show", "ztso"]);
    assert!(ran.code == 0 && ran.out.contains("lock-op amo{op}"), "{}", ran.out);
}

#[test]
fn logs_of_herd7_are_compared_with() {
    let log = "Test SB Allowed\nStates 3\n0:EAX=0; 1:EAX=1;\n0:EAX=1; 1:EAX=0;\n0:EAX=1; 1:EAX=1;\n\
        No\nWitnesses\nPositive: 0 Negative: 3\nCondition exists (0:EAX=0 /\\ 1:EAX=0)\n\
        Observation SB Never 0 3\nHash=7dbd6b8e6dd4abc2ef3d48b0376fb2e3\n";
    let declared = SB.replace("{ }", "{ x=0; y=0; }");
    let dir = folder(&[("SB.litmus", &declared), ("herd.log", log)]);
    let ran = run(dir.path(), &["run", "--format", "json", "-o", "run.json", "SB.litmus"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for (model, code, says) in [("sc", 0, "1 equal"), ("x86-tso", 1, "0 equal, 1 different")] {
        let ran = run(dir.path(), &["compare", "run.json", "herd.log", "--model", model]);
        assert_eq!(ran.code, code, "{model}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(says), "{model}: {}", ran.out);
    }
}

#[test]
fn maps_are_judged() {
    let dir = folder(&[("MP.litmus", MP), ("SB.litmus", SB)]);
    let ran = run(dir.path(), &["port", ".", "--map", "ztso,fences"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("What Ztso saves"), "{}", ran.out);
    let ran = run(dir.path(), &["port", ".", "--map", "naive", "--model", "rvwmo"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    for part in ["UNSOUND", "MP.litmus", "1:eax=1 1:ebx=0", "tso-store P0 mov->mov; rf; tso-load"] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let ran = run(dir.path(), &["port", ".", "--map", "zalasr"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("stronger than x86-TSO on 1 test"), "{}", ran.out);
    let ran = run(dir.path(), &["port", "--all", "3", "--map", "ztso"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn mistakes_of_maps_have_line_and_caret() {
    let text = "# mine\nmodel rvwmo\nlaod lw {dest},{address}\nstore sx {source},{address}\n";
    let dir = folder(&[("mine.map", text), ("MP.litmus", MP)]);
    let ran = run(dir.path(), &["port", "MP.litmus", "--map", "mine.map"]);
    assert_eq!(ran.code, 2);
    for part in ["mine.map:3:1", "did you mean `load`?", "mine.map:4:7", "unknown instruction `sx`"]
    {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    let ran = run(dir.path(), &["port", "MP.litmus", "--map", "none.map"]);
    assert!(ran.code == 2 && ran.err.contains("neither a file nor one of the maps"), "{}", ran.err);
}

#[test]
fn what_cannot_be_lowered_is_said_with_its_line() {
    let text = "X86_64 t\n{ }\n P0 ;\n movl (x),%eax ;\n adcl $1,%eax ;\nexists (x=0)\n";
    let dir = folder(&[("t.litmus", text), ("R.litmus", RISCV)]);
    let ran = run(dir.path(), &["lower", "t.litmus"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("t.litmus:5:2") && ran.err.contains("is not lowered"), "{}", ran.err);
    let ran = run(dir.path(), &["port", "R.litmus"]);
    assert!(ran.code == 2 && ran.err.contains("no test of x86"), "{}", ran.err);
}
