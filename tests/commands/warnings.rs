//! Slips of a test's author are said, in every format.

use std::path::Path;

use crate::support::binary::{Ran, folder, run};

/// What is said of a test with this init section, these rows and this end.
fn warnings(init: &str, rows: &[&str], end: &str) -> Vec<String> {
    let harts = rows[0].matches('|').count() + 1;
    let head: Vec<String> = (0..harts).map(|hart| format!("P{hart}")).collect();
    let rows: String = rows.iter().map(|row| format!(" {row} ;\n")).collect();
    let text = format!("RISCV t\n{{ {init} }}\n {} ;\n{rows}{end}\n", head.join(" | "));
    let dir = folder(&[("t.litmus", &text)]);
    let ran = run(dir.path(), &["run", "-f", "jsonl", "t.litmus"]);
    let test: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let list = test["warnings"].as_array().cloned().unwrap_or_default();
    list.iter().map(|warning| warning.as_str().expect("text").to_owned()).collect()
}

#[test]
fn each_slip_has_its_words() {
    let mp = "0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x7=x;";
    let code = ["sw x5,0(x6) | lw x8,0(x6)", "sw x5,0(x7) | lw x9,0(x7)"];
    let good = "exists (1:x8=1 /\\ 1:x9=0)";
    assert!(warnings(mp, &code, good).is_empty());
    // -1 and 0xffffffff are one number to an int.
    assert!(warnings(mp, &code, "exists (1:x8=0xffffffff \\/ 1:x9=-1)").is_empty());
    for (init, rows, end, said) in [
        (
            mp,
            &code[..],
            "exists (1:x8=1 /\\ 1:x10=0)",
            "line 6: 1:x10 is never written by P1 and not set in the init section: it is always 0",
        ),
        (
            "0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x7=x; 1:x28=1;",
            &code,
            good,
            "line 2: 1:x28 is set in the init section, but P1 never reads it",
        ),
        (
            "0:x5=1; 0:x6=x; 0:x7=flag; 1:x6=Flag; 1:x7=x;",
            &code,
            good,
            "Flag is read and never written, flag is written and never read: is one of them misspelled?",
        ),
        (
            mp,
            &code,
            "exists (1:x8=1 /\\ 1:x8=0)",
            "the condition is always false, whatever the state",
        ),
        (
            mp,
            &code,
            "forall (1:x8=1 \\/ ~(1:x8=0x1))",
            "the condition is always true, whatever the state",
        ),
        (
            mp,
            &code,
            "locations [1:x8;]",
            "the test has no condition: its states are listed, and nothing is decided",
        ),
        (
            "0:x6=x;",
            &["lr.w.rl x5,(x6)", "sc.w x7,x5,(x6)"],
            "exists (0:x7=0)",
            "line 4: `lr.w.rl x5,(x6)`: `.rl` alone on a load-reserved orders nothing",
        ),
        (
            "0:x6=x;",
            &["lr.w x5,(x6)", "sc.w.aq x7,x5,(x6)"],
            "exists (0:x7=0)",
            "line 5: `sc.w.aq x7,x5,(x6)`: `.aq` alone on a store-conditional orders nothing",
        ),
        (
            "uint64_t x=0; 0:x6=x; 0:x5=1; 1:x6=x;",
            &["sw x5,4(x6) | ld x8,0(x6)"],
            "exists (1:x8=0)",
            "1:x8 has no type, so the 64 bits read into it are shown and compared as an int: declare it as \
             `uint64_t 1:x8;`",
        ),
        (
            "uint8_t y; 0:x6=y; 0:x5=300; 1:x6=x; 0:x7=x;",
            &["sb x5,0(x6) | lw x8,0(x6)", "sw x5,0(x7) |"],
            "exists (y=256)",
            "line 6: 256 does not fit in [y], a uint8_t: it is compared as 0",
        ),
        (
            mp,
            &code,
            "exists (1:x8=0x100000000)",
            "line 6: 4294967296 does not fit in 1:x8, which has no type and so is a int32_t: it is compared as 0",
        ),
        (
            mp,
            &code,
            "exists (1:x8=1 /\\ X=0)",
            "line 6: X stands neither in the init section nor in code: it is always 0",
        ),
        (
            "0:x5=1;",
            &["beq x5,x5,End", "sw x5,0(x6)", "End:"],
            "exists (0:x5=1)",
            "line 5: `sw x5,0(x6)` goes to address 0: P0 never sets x6",
        ),
    ] {
        assert_eq!(warnings(init, rows, end), [said]);
    }
}

#[test]
fn all_formats_say_them_and_ci_may_deny_them() {
    let text = "RISCV t\n{ 0:x6=x; 0:x5=1; }\n P0 ;\n sw x5,0(x6) ;\nexists (0:x7=0)\n";
    let dir = folder(&[("t.litmus", text)]);
    let ran = |arguments: &[&str]| run(dir.path(), &[&["run", "t.litmus"], arguments].concat());
    let said = "0:x7 is never written by P0";
    for format in ["table", "markdown", "csv", "junit", "json", "jsonl"] {
        let Ran { out, err, code, .. } = ran(&["-f", format]);
        assert!(code == 0 && out.contains(said) && !err.contains(said), "{format}: {out}{err}");
        let Ran { out, code, .. } = ran(&["-f", format, "--warnings", "deny"]);
        assert!(code == 2 && out.contains(said), "{format}: {out}");
        let Ran { out, code, .. } = ran(&["-f", format, "--warnings", "hide"]);
        assert!(code == 0 && !out.contains(said), "{format}: {out}");
    }
    for arguments in [&["-f", "herd", "--model", "rvwmo"][..], &["--brief"]] {
        let Ran { out, err, .. } = ran(arguments);
        assert!(!out.contains(said) && err.contains(said), "{arguments:?}: {out}{err}");
    }
    assert!(run(Path::new("."), &["run", "--help"]).out.contains("--warnings <WHAT>"));
}

/// What failed on every machine is not silent about why.
#[test]
fn a_test_that_fails_keeps_its_warnings() {
    let text = "RISCV t\n{ 0:x5=1; }\n P0 ;\n sw x5,0(x6) ;\nexists (0:x5=1)\n";
    let dir = folder(&[("t.litmus", text)]);
    for format in ["table", "markdown", "csv", "junit", "json", "jsonl"] {
        let Ran { out, code, .. } = run(dir.path(), &["run", "-f", format, "t.litmus"]);
        assert!(code == 2 && out.contains("P0 never sets x6"), "{format}: {out}");
    }
}
