//! `run --github`: annotations in a CI log.

use crate::support::binary::{folder, run};

const TEST: &str = "RISCV a\n{ 0:x6=x; }\n P0 ;\n li x5,1 ;\n sw x5,0(x6) ;\nexists (x=1)\n";

#[test]
fn annotations_have_file_line_and_column() {
    let claim = TEST.replace("exists (x=1)", "\n  forall (x=2)");
    let dir = folder(&[
        ("t/claim.litmus", &claim),
        ("t/good.litmus", TEST),
        ("t/mistake.litmus", &TEST.replace("sw x5", "sv x5")),
    ]);
    let annotations = |options: &[&str]| -> (i32, Vec<String>) {
        let ran = run(dir.path(), &[&["run", "--github", "-f", "csv", "t"][..], options].concat());
        let lines = ran.err.lines().filter(|line| line.starts_with("::"));
        (ran.code, lines.map(str::to_owned).collect())
    };
    let (code, lines) = annotations(&[]);
    assert_eq!((code, lines.len()), (2, 2), "{lines:?}");
    assert_eq!(
        lines[0],
        "::warning file=t/claim.litmus,line=7,col=3,title=claim does not hold::does not hold under \
         rvwmo, ztso: forall ([x]=2)"
    );
    let mistake =
        "::error file=t/mistake.litmus,line=5,col=2,title=parse-error::unknown instruction `sv`";
    assert!(lines[1].starts_with(mistake), "{lines:?}");
    let (code, lines) = annotations(&["--strict", "--exclude", "mistake"]);
    assert_eq!(code, 1);
    assert!(lines[0].starts_with("::error file=t/claim.litmus,line=7,col=3,"), "{lines:?}");
}
