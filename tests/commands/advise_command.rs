//! `rvlitmus advise` as people use it: what it says, what it writes, what it refuses.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::binary::run;

/// Message passing with fences that are stronger than it needs.
const MP: &str = "RISCV MP\n{ 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x7=x; }\n P0 | P1 ;\n \
    sw x5,0(x6) | lw x8,0(x6) ;\n fence rw,rw | fence r,r ;\n sw x5,0(x7) | lw x9,0(x7) ;\n\
    exists (1:x8=1 /\\ 1:x9=0)\n";
const BARE: &str = "RISCV bare\n{ 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x7=x; }\n P0 | P1 ;\n \
    sw x5,(x6) | lw x8,(x6) ;\n sw x5,(x7) | lw x9,(x7) ;\nexists (1:x8=1 /\\ 1:x9=0)\n";

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("MP.litmus"), MP).expect("a test");
    fs::write(dir.path().join("bare.litmus"), BARE).expect("a test");
    dir
}

fn advise(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    let ran = run(dir, &[&["advise"], arguments].concat());
    (ran.code, ran.out, ran.err)
}

#[test]
fn what_is_needed_is_told_from_what_is_not() {
    let dir = folder();
    let (code, out, err) = advise(dir.path(), &["MP.litmus"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let expected = "MP (MP.litmus)
  rvwmo
    line 5, P0: `fence rw,rw`: more than needed: `fence w,w` would do; without it `1:x8=1 1:x9=0`
      with it forbidden by r4 P0 sw->sw; rf; r4 P1 lw->lw; fr
    line 5, P1: `fence r,r`: needed: without it `1:x8=1 1:x9=0`
      with it forbidden by r4 P0 sw->sw; rf; r4 P1 lw->lw; fr
    all together can become, at cost 10:
      line 5, P0: `fence w,w` instead of `fence rw,rw`
    the condition's outcome is forbidden as it is
  ztso
    line 5, P0: `fence rw,rw`: does nothing here
    line 5, P1: `fence r,r`: does nothing here
    all together can become, at cost 0:
      line 5, P0: without `fence rw,rw`
      line 5, P1: without `fence r,r`
    the condition's outcome is forbidden as it is
";
    assert_eq!(out, expected);
    let (_, out, _) = advise(dir.path(), &["MP.litmus", "--keep", "5", "--model", "ztso"]);
    assert_eq!(out, "MP (MP.litmus)\n  ztso\n    the condition's outcome is forbidden as it is\n");
}

#[test]
fn every_way_to_forbid_is_found_and_written_as_a_test_that_confirms_it() {
    let dir = folder();
    let arguments = ["bare.litmus", "--model", "rvwmo", "--all", "--may", "fence,zalasr"];
    let (code, out, err) = advise(dir.path(), &arguments);
    assert_eq!((code, err.as_str()), (0, ""));
    // On each hart a fence, or an annotation.
    assert_eq!(out.matches("to forbid the outcome of `exists").count(), 4, "{out}");
    let (code, _, err) = advise(dir.path(), &["bare.litmus", "--write", "advised"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let ran = run(dir.path(), &["run", "--brief", "--model", "rvwmo", "advised"]);
    assert!(ran.code == 0 && ran.out.contains("bare"), "{}", ran.out);
    assert!(ran.out.contains("Never") && !ran.out.contains("Sometimes"), "{}", ran.out);
    // As any output, it is not written over what is not ours.
    let (code, _, err) = advise(dir.path(), &["bare.litmus", "--write", "."]);
    assert_eq!((code, err.as_str()), (0, ""));
    fs::write(dir.path().join("bare.rvwmo.litmus"), "mine\n").expect("a file");
    let (code, _, err) = advise(dir.path(), &["bare.litmus", "--write", "."]);
    assert!(code == 2 && err.contains("--force"), "{err}");
}

#[test]
fn another_outcome_another_cost_and_what_nothing_forbids() {
    let dir = folder();
    let forbid = ["bare.litmus", "--model", "rvwmo", "--forbid", "1:x8=1 /\\ 1:x9=1"];
    let (_, out, _) = advise(dir.path(), &forbid);
    assert!(out.ends_with("nothing that may be added forbids the condition's outcome\n"), "{out}");
    // Dear fences make annotations the cheapest.
    fs::write(dir.path().join("costs"), "fence 100 # a slow machine\naq 1\n").expect("a file");
    let both = ["bare.litmus", "--model", "rvwmo", "--may", "fence,zalasr"];
    let (_, out, _) = advise(dir.path(), &[&both[..], &["--cost", "costs"]].concat());
    assert!(out.contains("at cost 4:\n") && out.contains("`lw.aq x8,(x6)` instead"), "{out}");
    for (costs, said) in [
        (
            "fences 3",
            "line 1: `fences` has no cost: known are fence, r,r, r,w, w,r, w,w, aq, rl, dep",
        ),
        ("\naq none", "line 2: `none` is no number from 1 to 1000000"),
        ("aq", "line 1: `aq` is no cost: write a name and a number, as `aq 3`"),
    ] {
        fs::write(dir.path().join("costs"), costs).expect("a file");
        let (code, _, err) = advise(dir.path(), &["bare.litmus", "--cost", "costs"]);
        assert!(code == 2 && err.contains(said), "{err}");
    }
    let (code, _, err) = advise(dir.path(), &["bare.litmus", "--forbid", "1:x8=="]);
    assert!(code == 2 && err.contains("--forbid"), "{err}");
    let (code, _, err) = advise(dir.path(), &["bare.litmus", "--forbid", "z=1"]);
    assert!(code == 2 && err.contains("there is no location `z`"), "{err}");
    let (code, out, err) = advise(dir.path(), &["none.litmus", "MP.litmus"]);
    assert!(code == 2 && err.contains("none.litmus") && out.contains("MP"), "{err}");
}

#[test]
fn loops_that_were_cut_leave_it_undecided() {
    let dir = folder();
    let text = "RISCV loop\n{ 0:x6=x; }\n P0 ;\n L: lw x5,0(x6) ;\n addi x7,x7,1 ;\n fence r,r ;\n \
        sw x7,0(x6) ;\n bne x5,x7,L ;\nexists (0:x7=1)\n";
    fs::write(dir.path().join("loop.litmus"), text).expect("a test");
    let (code, out, _) = advise(dir.path(), &["loop.litmus"]);
    assert!(
        code == 2 && out.contains("not decided beyond loops that were cut, at line 8"),
        "{out}"
    );
}

#[test]
fn json_fits_the_published_schema_and_markdown_is_a_list() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/advice.schema.json");
    let published: Value =
        serde_json::from_str(&fs::read_to_string(path).expect("the schema")).expect("JSON");
    let how = "run `cargo run -- schema --advice > schema/advice.schema.json`";
    assert!(published == rvlitmus::report::advice_schema(), "{how}");
    let validator = jsonschema::validator_for(&published).expect("a schema");
    let dir = folder();
    let (code, out, _) = advise(dir.path(), &["MP.litmus", "bare.litmus", "--format", "json"]);
    let value: Value = serde_json::from_str(&out).expect("JSON");
    let wrong: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(code == 0 && wrong.is_empty(), "{wrong:?}");
    assert_eq!(value["tests"][0]["machines"][0]["present"][1]["use"], "needed");
    let (_, out, _) = advise(dir.path(), &["MP.litmus", "--format", "markdown"]);
    assert!(
        out.starts_with("## MP (MP.litmus)\n\n### rvwmo\n- line 5, P0: `fence rw,rw`:"),
        "{out}"
    );
}

/// A store between two fences, the second of which is marked with it.
const MARKED: &str = "RISCV marked\n{ 0:x5=1; 0:x6=x; 1:x6=x; }\n P0 | P1 ;\n fence w,w | (*{*) lw x5,0(x6) ;\n \
    sw x5,0(x6) | fence r,r ;\n (* | ; *) nop | (*}*) lw x7,0(x6) ;\nexists (true)\n";

#[test]
fn a_marked_sequence_is_put_into_every_context_and_the_first_that_needs_a_fence_is_a_test() {
    let dir = folder();
    fs::write(dir.path().join("marked.litmus"), MARKED).expect("a test");
    let three = ["marked.litmus", "--all-contexts", "3", "--model", "rvwmo"];
    let (code, out, err) = advise(dir.path(), &three);
    assert!(code == 0, "{err}");
    assert!(out.contains("contexts of at most 3 accesses\n"), "{out}");
    assert!(out.contains("line 5, P1: `fence r,r`: needed: without it"), "{out}");
    assert!(out.contains(" sw x5,0(x6) ;\n") && !out.contains("fence w,w"), "{out}");
    let (_, out, _) = advise(dir.path(), &[&three[..], &["--format", "json"]].concat());
    let value: Value = serde_json::from_str(&out).expect("JSON");
    let site = &value["tests"][0]["machines"][0]["present"][0];
    let context = site["context"].as_str().expect("a test");
    fs::write(dir.path().join("with.litmus"), context).expect("a test");
    fs::write(dir.path().join("without.litmus"), context.replacen("fence r,r", "nop", 1))
        .expect("a test");
    let ran =
        run(dir.path(), &["run", "--brief", "--model", "rvwmo", "with.litmus", "without.litmus"]);
    assert!(ran.out.contains("\nNever ") && ran.out.contains("\nSometimes "), "{}", ran.out);
    let (_, out, _) = advise(dir.path(), &["marked.litmus", "--all-contexts", "1"]);
    assert!(out.contains("`fence r,r`: does nothing in any of them"), "{out}");
    // Without marks every hart is a sequence.
    let (_, out, _) = advise(dir.path(), &["MP.litmus", "--all-contexts", "3", "--model", "ztso"]);
    assert!(out.contains("P0: `fence rw,rw`") && out.contains("P1: `fence r,r`"), "{out}");
}

#[test]
fn sequences_that_cannot_stand_in_contexts_are_mistakes() {
    let dir = folder();
    let marked = |cells: [&str; 3]| {
        let [a, b, c] = cells;
        format!(
            "RISCV m\n{{ 0:x6=x; }}\n P0 | P1 ;\n {a} | nop ;\n {b} | nop ;\n {c} | nop ;\nexists (true)\n"
        )
    };
    for (cells, expected) in [
        (["(*{*) fence", "nop", "nop"], "this mark is never closed"),
        (["fence (*}*)", "nop", "nop"], "this mark closes nothing"),
        (["(*{*) fence", "(*{*) nop", "nop (*}*)"], "a second mark of this kind"),
        (["(*{*) (*}*) fence", "nop", "nop"], "there is no instruction between the marks"),
        (["(*{*) fence", "nop | (*}*)", "nop"], "syntax"),
        (["(*{*) beqz x5,out", "fence (*}*)", "out: nop"], "this jumps out of the sequence"),
    ] {
        fs::write(dir.path().join("m.litmus"), marked(cells)).expect("a test");
        let (code, out, err) = advise(dir.path(), &["m.litmus", "--all-contexts", "2"]);
        assert!(code == 2 && out.is_empty(), "{cells:?}: {out}");
        assert!(expected == "syntax" || err.contains(expected), "{cells:?}: {err}");
    }
    let (code, _, err) = advise(dir.path(), &["MP.litmus", "--all-contexts", "40"]);
    assert!(code == 2 && err.contains("make more than 500000 contexts"), "{err}");
    let (code, _, err) = advise(dir.path(), &["MP.litmus", "--all-contexts", "2", "--may", "dep"]);
    assert!(code == 2 && err.contains("cannot be used with"), "{err}");
}

#[test]
fn dependencies_and_amos_are_means_that_may_be_added() {
    let dir = folder();
    let may = |means: &str| {
        let arguments =
            ["bare.litmus", "--may", means, "--all", "--model", "rvwmo", "--write", means];
        let (code, out, err) = advise(dir.path(), &arguments);
        assert!(code == 0, "{err}");
        out
    };
    let out = may("dep,zalasr");
    assert!(out.contains("`xor x31,x8,x8; add x31,x7,x31; lw x9,0(x31)` instead of"), "{out}");
    let out = may("amo");
    assert!(out.contains("`amoswap.w.rl x0,x5,(x7)` instead of `sw x5,0(x7)`"), "{out}");
    assert!(out.contains("`amoor.w.aq x8,x0,(x6)` instead of `lw x8,0(x6)`"), "{out}");
    for written in ["dep,zalasr", "amo"] {
        let ran = run(dir.path(), &["run", "--brief", "--model", "rvwmo", written]);
        assert!(ran.out.contains("\nNever "), "{}", ran.out);
    }
}

#[test]
fn contexts_that_fault_leave_it_undecided_and_a_limit_ends_the_search() {
    let dir = folder();
    let text = "RISCV fault\n{ 0:x5=1; 0:x6=x; 0:x7=3; }\n P0 ;\n (*{*) sw x5,0(x6) ;\n fence rw,rw ;\n \
        lw x9,0(x7) (*}*) ;\nexists (true)\n";
    fs::write(dir.path().join("fault.litmus"), text).expect("a test");
    let (code, out, _) = advise(dir.path(), &["fault.litmus", "--all-contexts", "3"]);
    assert!(code == 2 && out.contains("not decided") && !out.contains("become"), "{out}");
    let late = ["MP.litmus", "--all-contexts", "5", "--timeout", "0.2", "--jobs", "1"];
    let (code, out, err) = advise(dir.path(), &late);
    assert!(code == 2 && out.is_empty() && err.contains("time limit"), "{out}{err}");
}

#[test]
fn advised_tests_are_known_as_ours_and_no_two_have_one_file() {
    let dir = folder();
    for _ in 0..2 {
        let (code, _, err) = advise(dir.path(), &["bare.litmus", "--write", "advised"]);
        assert!(code == 0, "{err}");
    }
    fs::create_dir(dir.path().join("other")).expect("a folder");
    fs::copy(dir.path().join("bare.litmus"), dir.path().join("other/bare.litmus")).expect("a copy");
    let two = ["bare.litmus", "other/bare.litmus", "--write", "both"];
    let (code, _, err) = advise(dir.path(), &two);
    assert!(code == 2 && err.contains("are one file, and two outputs"), "{err}");
}
