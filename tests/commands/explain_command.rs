//! `rvlitmus explain` from outside: verdicts, evidence, mistakes in the state, formats, pictures.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn explain(arguments: &[&str]) -> Ran {
    explain_input("", arguments)
}

fn explain_input(input: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::cargo_bin("rvlitmus").expect("the binary is built");
    let output = command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("explain")
        .args(arguments)
        .write_stdin(input)
        .output()
        .expect("it runs");
    Ran {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

const MP: &str = "litmus/mp/MP.litmus";

fn json(arguments: &[&str]) -> Value {
    let ran = explain(&[arguments, &["--format", "json"]].concat());
    // 2: loops were cut in one of the tests.
    assert!(matches!(ran.code, 0 | 2), "{}: {}", ran.code, ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

#[test]
fn what_only_ztso_forbids_names_the_edges_that_do_it() {
    let ran = explain(&[MP]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(
        ran.out,
        r"MP                                                           litmus/mp/MP.litmus
    exists (1:x6=1 /\ 1:x7=0)

1:x6=1; 1:x7=0: allowed under rvwmo, forbidden under ztso

  rvwmo: allowed, by this global memory order
    1  P0:10  sw x5,0(x11)  [y]=1
    2  P1:8   lw x6,0(x11)  [y] is 1, from 1
    3  P1:9   lw x7,0(x10)  [x] is 0, from the initial state
    4  P0:9   sw x5,0(x10)  [x]=1
       rf: 1 -> 2

  ztso: forbidden; the one execution that would end so is a contradiction
       P0:9   sw x5,0(x10)  [x]=1
         before, by ztso-store-release
       P0:10  sw x5,0(x11)  [y]=1
         before, by rf
       P1:8   lw x6,0(x11)  [y] is 1
         before, by ztso-load-acquire
       P1:9   lw x7,0(x10)  [x] is 0
         before, by fr
       P0:9  again: a cycle
     where P1:8 reads from P0:10; P1:9 reads from the initial state
    what Ztso adds to RVWMO; without any single one of these the state would be
      allowed:
       P0:9 sw x5,0(x10) -> P0:10 sw x5,0(x11)  by ztso-store-release
       P1:8 lw x6,0(x11) -> P1:9 lw x7,0(x10)  by ztso-load-acquire

"
    );
}

/// As it is copied from a test.
#[test]
fn a_state_may_be_a_whole_condition() {
    let plain = explain(&[MP, "--state", "1:x6=1 /\\ 1:x7=0"]);
    let copied = explain(&[MP, "--state", "exists (1:x6=1 /\\ 1:x7=0)"]);
    assert_eq!((copied.code, copied.out), (0, plain.out), "{}", copied.err);
}

#[test]
fn a_state_of_its_own_and_one_model() {
    let ran = explain(&[MP, "--state", "1:x6=1", "--model", "ztso"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("1:x6=1: allowed under ztso\n"), "{}", ran.out);
    let ran = explain(&[MP, "-s", "1:x6=1; 1:x7=0", "--model", "sc"]);
    assert!(ran.out.contains("forbidden under sc\n"), "{}", ran.out);
    assert!(ran.out.contains("by sc-program-order"), "{}", ran.out);
}

#[test]
fn a_value_that_nobody_writes_is_impossible_not_forbidden() {
    let ran = explain(&[MP, "--state", "1:x6=7; 1:x7=0"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("impossible under rvwmo, impossible under ztso"), "{}", ran.out);
    assert!(
        ran.out.contains("1:x6, 1:x7 can only be: 1:x6=0 1:x7=0; 1:x6=0 1:x7=1;"),
        "{}",
        ran.out
    );
}

#[test]
fn mistakes_in_the_state_say_what_there_is() {
    for (state, message, help) in [
        ("q=1", "there is no location `q`", "the locations are `x`, `y`"),
        ("1:x6=1; 5:x1=0", "there is no hart P5", "the harts are P0 to P1"),
        ("1:x6", "expected `=` or `!=`, found the end", ""),
        ("x6=1", "there is no location `x6`", "a register is written with its hart: `0:x6`"),
        ("x[1]=0", "`x[1]` does not exist", "`x` is not declared as an array"),
        ("1:x6=P1:there", "label `there` is not defined in P1", "P1 has no labels"),
        ("P7:x6=1", "there is no hart P7", "the harts are P0 to P1"),
        ("1:x6=1 1:x7=0", "what follows is not understood", "joined by `;`"),
        ("1:x6=abc", "there is no location `abc`", "1 | 1:x6=abc\n  |      ^^^\n"),
        ("forall (1:x6=1)", "a state has no quantifier", "leave `forall` out"),
    ] {
        let ran = explain(&[MP, "--state", state]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{state}");
        assert!(ran.err.contains(message), "{state}: {}", ran.err);
        assert!(ran.err.contains(help), "{state}: {}", ran.err);
        assert!(ran.err.contains("--state:1:"), "{state}: {}", ran.err);
    }
}

#[test]
fn standard_input_folders_and_files_that_are_missing() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(MP)).expect("a test");
    let ran = explain_input(&text, &["-", "--model", "rvwmo"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("allowed under rvwmo"), "{}", ran.out);
    let ran = explain(&["litmus/mp/none.litmus", MP, "--model", "rvwmo"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("none.litmus"), "{}", ran.err);
    assert!(ran.out.contains("allowed under rvwmo"), "{}", ran.out);
}

#[test]
fn json_fits_the_published_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/explanation.schema.json");
    let published: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON");
    let how = "run `cargo run -- schema --explanation > schema/explanation.schema.json`";
    assert!(published == rvlitmus::report::explanation_schema(), "{how}");
    let validator = jsonschema::validator_for(&published).expect("a schema");
    let check = |value: &Value| {
        let wrong: Vec<String> = validator.iter_errors(value).map(|e| e.to_string()).collect();
        assert_eq!(wrong, Vec::<String>::new());
    };
    check(&json(&["litmus/rules", "--model", "rvwmo,ztso,sc", "--most", "2"]));
    check(&json(&["litmus/zacas", "litmus/mixed-harts", "--most", "1"]));
    check(&json(&[MP, "--state", "1:x6=7"]));
    let failed = explain(&[MP, "--state", "q=1", "--format", "json"]);
    assert_eq!(failed.code, 2);
    check(&serde_json::from_str(&failed.out).expect("JSON"));
    let record = json(&[MP]);
    let models = &record["tests"][0]["states"][0]["models"];
    assert_eq!(models[0]["verdict"], "allowed");
    assert_eq!(models[1]["verdict"], "forbidden");
    assert_eq!(models[1]["added"][0]["needed"], true);
    assert_eq!(models[1]["reasons"][0]["ztso"], serde_json::json!([0, 2]));
}

#[test]
fn pictures_are_files_of_their_own() {
    let dir = tempfile::tempdir().expect("a folder");
    let (svg, dot) = (dir.path().join("mp.svg"), dir.path().join("mp.dot"));
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let ran = explain(&[MP, "--svg", &path(&svg), "--dot", &path(&dot)]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let svg = std::fs::read_to_string(svg).expect("a picture");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<svg ").count(), 1, "one picture above the other");
    let dot = std::fs::read_to_string(dot).expect("a graph");
    assert_eq!(dot.matches("digraph").count(), 2, "one for each model");
    let names: Vec<&str> =
        dot.lines().filter_map(|line| line.trim().split_once(" [")).map(|(name, _)| name).collect();
    for (from, to) in names.iter().filter_map(|name| name.split_once(" -> ")) {
        assert!(names.contains(&from) && names.contains(&to), "{from} and {to} are boxes");
    }
    let placed = dot.lines().filter(|line| line.contains("pos=\"")).count();
    assert_eq!(placed, 2 * (2 + 4), "each hart's name and each operation has its place");
    assert!(dot.contains("label=\"ztso-store-release\", color=\"#cf222e\""), "the cycle is red");
}

/// A store that falls into two operations on the standard harts and is one on those of the machine.
#[test]
fn a_machine_that_takes_misaligned_accesses_whole_is_explained_by_its_own_operations() {
    let test = "RISCV torn\nHarts=0:+zama16b\n{ uint64_t x=0; 0:x10=x; 1:x10=x; }\n P0 | P1 ;\n \
        li x5,-1 | lb x6,4(x10) ;\n sh x5,3(x10) | fence r,r ;\n | lb x7,3(x10) ;\n\
        exists (1:x6=-1 /\\ 1:x7=0)\n";
    let ran = explain_input(test, &["-", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let record: Value = serde_json::from_str(&ran.out).expect("JSON");
    let models = record["tests"][0]["states"][0]["models"].as_array().expect("models");
    let effects = |events: &Value| -> Vec<String> {
        let events = events.as_array().expect("events").iter();
        events.map(|event| event["effect"].as_str().expect("an effect").to_owned()).collect()
    };
    for standard in &models[..2] {
        assert_eq!(standard["verdict"], "allowed");
        let order = ["[x+4, 1 byte]=-1", "[x+4] is -1", "[x+3] is 0", "[x+3, 1 byte]=-1"];
        assert_eq!(effects(&standard["gmo"]), order);
    }
    let machine = &models[2];
    assert_eq!(
        (machine["model"].as_str(), machine["verdict"].as_str()),
        (Some("vm"), Some("forbidden"))
    );
    let reasons = machine["reasons"].as_array().expect("reasons");
    assert_eq!(reasons.len(), 1, "one execution is left");
    assert_eq!(effects(&reasons[0]["cycle"]), ["[x+4] is -1", "[x+3] is 0", "[x+3]=-1"]);
    assert_eq!(reasons[0]["rules"], serde_json::json!([["r4 fence r,r"], ["fr"], ["rf"]]));
}

#[test]
fn loads_that_zero_extend_have_unsigned_values() {
    let test = "RISCV unsigned\n{ uint64_t x=0; 0:x10=x; 1:x10=x; }\n P0 | P1 ;\n \
        li x5,-1 | lbu x6,0(x10) ;\n sd x5,0(x10) | lhu x7,0(x10) ;\n | lwu x8,0(x10) ;\n \
        | lw x9,0(x10) ;\nexists (1:x6=255 /\\ 1:x7=65535 /\\ 1:x8=4294967295 /\\ 1:x9=-1)\n";
    let ran = explain_input(test, &["-", "--model", "rvwmo"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for said in ["[x] is 255,", "[x] is 65535,", "[x] is 4294967295,", "[x] is -1,", "[x]=-1"] {
        assert!(ran.out.contains(said), "{said}: {}", ran.out);
    }
}

#[test]
fn a_register_may_be_written_with_the_name_of_its_hart() {
    let test = std::fs::read_to_string(MP).expect("a test");
    let named = test.replace("1:x6=1 /", "P1:x6=1 /");
    assert_ne!(test, named);
    assert_eq!(explain_input(&named, &["-"]).out, explain_input(&test, &["-"]).out);
    let state = |state| explain(&[MP, "--state", state]).out;
    assert_eq!(state("P1:x6=1; 1:x7=0"), state("1:x6=1; P1:x7=0"));
}

/// The explanations of every test of this project, by test, state and model.
fn own_explanations() -> Vec<(String, Value)> {
    let record = json(&["litmus", "--model", "rvwmo,ztso,sc", "--most", "60"]);
    let tests = record["tests"].as_array().expect("tests").clone();
    let states = tests.iter().flat_map(|test| {
        let states = test["states"].as_array().expect("states").iter();
        states.map(|state| (format!("{} {}", test["path"], state["values"]), state.clone()))
    });
    states.collect()
}

#[test]
fn what_ztso_alone_forbids_always_names_what_does_it_and_no_two_reasons_look_the_same() {
    let explanations = own_explanations();
    let (mut edges, mut annotations) = (0, 0);
    for (name, state) in &explanations {
        let models = state["models"].as_array().expect("models");
        for model in models {
            let reasons = model["reasons"].as_array().into_iter().flatten();
            let mut shorts: Vec<&str> = reasons.filter_map(|r| r["short"].as_str()).collect();
            let count = shorts.len();
            shorts.sort_unstable();
            shorts.dedup();
            assert_eq!(shorts.len(), count, "{name}: two reasons on the same line");
        }
        let stronger = models
            .windows(2)
            .find(|pair| pair[0]["verdict"] == "allowed" && pair[1]["verdict"] == "forbidden");
        let Some([_, forbidden]) = stronger else { continue };
        let added = forbidden["added"].as_array().expect("edges");
        if added.iter().any(|edge| edge["needed"] == true) {
            edges += 1;
            assert!(forbidden["decided_by"].is_null(), "{name}: an edge says it");
        } else {
            annotations += 1;
            let decided_by = &forbidden["decided_by"]["instructions"];
            assert!(decided_by.as_array().is_some_and(|all| !all.is_empty()), "{name}");
        }
    }
    assert!(edges > 100 && annotations > 20, "{edges} by edges, {annotations} by annotations");
}

/// The LR and SC between stand in for one another: both annotations have to go.
#[test]
fn annotations_that_stand_in_for_one_another_are_named_together() {
    let test = "RISCV LB+ctrl+popx\n{ 0:x6=x; 0:x8=y; 1:x6=y; 1:x7=x; }\n P0 | P1 ;\n \
        lw x5,0(x6) | lw x5,0(x6) ;\n bne x5,x0,go | lr.w x9,(x7) ;\n go: | ori x8,x0,1 ;\n \
        ori x7,x0,1 | sc.w x10,x8,(x7) ;\n sw x7,0(x8) | ;\n\
        exists (0:x5=1 /\\ 1:x5=1 /\\ 1:x10=0)\n";
    let ran = explain_input(test, &["-"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let expected = "    without what Ztso adds to these instructions, all together, the state would
      be allowed; any one of them that is left forbids it:
       P1:4 lw x5,0(x6)  ztso-load-acquire
       P1:7 sc.w x10,x8,(x7)  ztso-store-release
";
    assert!(ran.out.contains(expected), "{}", ran.out);
}

#[test]
fn parts_of_a_misaligned_access_have_their_address_and_size() {
    let test = "RISCV parts\n{ uint64_t x=0; 0:x10=x; 1:x10=x; }\n P0 | P1 ;\n \
        li x5,-1 | lhu x6,6(x10) ;\n sw x5,3(x10) | lhu x7,4(x10) ;\n\
        exists (1:x6=255 /\\ 1:x7=0)\n";
    let ran = explain_input(test, &["-", "--model", "sc"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("sw x5,3(x10)   [x+6, 1 byte]=-1"), "{}", ran.out);
    let ran = explain_input(test, &["-", "--model", "ztso", "--state", "1:x6=0; 1:x7=65535"]);
    assert!(ran.out.contains("P0:5  sw x5,3(x10)   [x+4, 1 byte]=-1"), "{}", ran.out);
}

#[test]
fn faults_name_addresses_as_the_test_does() {
    for (code, init, said) in [
        ("lw x7,8(x10)", "x", "accesses x+8, which lies in no location"),
        ("lw x7,-4(x10)", "x", "accesses x-4, which lies in no location"),
        ("lw x7,0(x0)", "x", "accesses address 0x0, which lies in no location"),
        ("amoadd.w x7,x5,(x10)", "x+2", "accesses x+2, which is misaligned"),
        ("jr x10", "x", "jumps to x, which is no code address"),
        ("lw x7,0(x10)", "P1:there", "accesses P1:there, which lies in no location"),
        ("lw x7,4(x10)", "P1:there", "accesses P1:there+4, which lies in no location"),
    ] {
        let test = format!(
            "RISCV fault\n{{ 0:x10={init}; }}\n P0 | P1 ;\n {code} | nop ;\n | there: nop ;\n | nop ;\n\
            exists (x=1)\n"
        );
        let ran = explain_input(&test, &["-"]);
        assert_eq!(ran.code, 2, "{code}: {}", ran.out);
        assert!(ran.err.contains(said), "{code}: {}", ran.err);
    }
}

/// A test of a family: `ticket 6`.
fn family(name: &str, size: &str) -> String {
    let mut command = Command::cargo_bin("rvlitmus").expect("the binary is built");
    let output = command.args(["family", name, size]).output().expect("it runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_lock_with_too_many_executions_is_explained_by_one() {
    for (name, size, lost, steps) in [
        ("ticket", "4", "[c]=3", ["r4 fence rw,w", "rf", "r4 fence r,rw", "fr"]),
        ("ticket", "6", "[c]=1", ["r4 fence rw,w", "rf", "r4 fence r,rw", "fr"]),
        ("spin-swap", "6", "[c]=5", ["r6 release", "rf", "r5 acquire", "fr"]),
    ] {
        let ran = explain_input(&family(name, size), &["-", "--model", "rvwmo"]);
        assert_eq!(ran.code, 0, "{name} {size}: {}", ran.err);
        let head =
            format!("{lost}: forbidden under rvwmo\n\n  rvwmo: forbidden, by the exploration; one");
        let (_, reason) = ran.out.split_once(&head).expect(&ran.out);
        let reason = reason.split("again: a cycle").next().expect("a cycle");
        let by: Vec<&str> =
            reason.lines().filter_map(|line| line.trim().strip_prefix("before, by ")).collect();
        let fits = |(by, step): (&&str, &str)| by.contains(step);
        assert!(by.len() == 4 && by.iter().zip(steps).all(fits), "{name} {size}: {}", ran.out);
    }
}

#[test]
fn reasons_of_one_execution_are_not_exhaustive() {
    let text = family("ticket", "4");
    let ran =
        explain_input(&text, &["-", "--model", "rvwmo", "--state", "c=3", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let record: Value = serde_json::from_str(&ran.out).expect("JSON");
    let model = &record["tests"][0]["states"][0]["models"][0];
    assert_eq!((&model["verdict"], &model["exhaustive"]), (&"forbidden".into(), &false.into()));
    assert_eq!(model["reasons"].as_array().map(Vec::len), Some(1));
}

/// `x=2` is reached by both models, `x=1` by RVWMO alone, `x=3` by none.
#[test]
fn what_violates_a_forall_everywhere_comes_first_and_what_cannot_be_last() {
    let test = "RISCV order\n{ 0:x6=x; 0:x7=y; 1:x6=y; 1:x7=x; }\n P0 | P1 ;\n \
        li x5,1 | lw x8,0(x6) ;\n sw x5,0(x6) | lw x9,0(x7) ;\n sw x5,0(x7) | slli x8,x8,1 ;\n \
        | add x8,x8,x9 ;\n\
        forall (1:x8=3)\n";
    let ran = explain_input(test, &["-"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let heads: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("1:x8=")).collect();
    let both = "allowed under rvwmo, allowed under ztso";
    assert_eq!(
        heads,
        [
            &format!("1:x8=0: {both}"),
            &format!("1:x8=1: {both}"),
            "1:x8=2: allowed under rvwmo, forbidden under ztso"
        ]
    );
    let test = "RISCV last\n{ 0:x6=x; 1:x6=x; }\n P0 | P1 ;\n li x5,1 | li x5,1 ;\n \
        amoadd.w x0,x5,(x6) | amoadd.w x0,x5,(x6) ;\nforall (x=2)\n";
    let ran = explain_input(test, &["-", "--model", "rvwmo"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("[x]=1: forbidden under rvwmo\n"), "{}", ran.out);
    assert!(!ran.out.contains("each part"), "{}", ran.out);
    let ran = explain_input(test, &["-", "--model", "rvwmo", "--state", "x=0"]);
    assert!(ran.out.contains("[x] can only be 1, 2"), "{}", ran.out);
}

#[test]
fn a_state_that_the_filter_excludes_is_said_to_be() {
    let test = "RISCV filtered\n{ 0:x6=x; }\n P0 ;\n lw x5,0(x6) ;\n\
        filter (0:x5=1)\nexists (0:x5=0)\n";
    let ran = explain_input(test, &["-"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(
        ran.out.contains("No state that the test's filter accepts satisfies it."),
        "{}",
        ran.out
    );
}

#[test]
fn what_is_forbidden_as_far_as_loops_were_followed_is_said_to_be() {
    let test = "RISCV counted\n{ 0:x6=x; }\n P0 ;\n li x5,99 ;\n L: addi x7,x7,1 ;\n \
        sw x7,0(x6) ;\n bne x7,x5,L ;\nexists (x=99)\n";
    let ran = explain_input(test, &["-", "--model", "rvwmo"]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.out.contains("bounded: the loop at line"), "{}", ran.out);
    for line in
        ran.out.lines().filter(|line| line.contains("forbidden") || line.contains("impossible"))
    {
        let head = line.contains("is forbidden is so as far");
        assert!(head || line.contains("as far as loops were followed"), "{}", ran.out);
    }
}

#[test]
fn a_machine_that_cannot_run_the_test_leaves_the_others_explained() {
    let test = "RISCV lacks\nHarts=0:-zacas\n{ 0:x6=x; }\n P0 ;\n li x5,1 ;\n \
        amocas.w x0,x5,(x6) ;\nexists (x=1)\n";
    let ran = explain_input(test, &["-"]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.out.contains("    vm: illegal-instruction: line"), "{}", ran.out);
    assert!(ran.out.contains("[x]=1: allowed under rvwmo, allowed under ztso\n"), "{}", ran.out);
}

#[test]
fn what_was_found_in_time_is_kept() {
    let ran = explain_input(&family("ticket", "6"), &["-", "--timeout", "0.000001"]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    // The exploration alone may have taken as long.
    let said = [&ran.out, &ran.err].map(|text| text.contains("time limit ran out"));
    assert!(said.contains(&true), "{} {}", ran.out, ran.err);
}
