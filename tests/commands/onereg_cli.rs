//! The commands `onereg` and `migrate`, as a user calls them.

use assert_cmd::Command;

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn rvlitmus(arguments: &[&str]) -> Ran {
    let mut command = Command::cargo_bin("rvlitmus").unwrap();
    let output = command.args(arguments).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn list_says_what_can_change() {
    let ran = rvlitmus(&["onereg", "list", "--host", "rv64gch_ztso"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let line = |name: &str| ran.out.lines().find(|l| l.contains(name)).unwrap().to_string();
    assert!(line("isa_ext.ztso").starts_with("0x8030000007000034  isa_ext.ztso"));
    assert!(line("isa_ext.ztso").ends_with(" 1"));
    assert!(line("EINVAL: Linux has no way to turn Ztso off;").starts_with("          "));
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80));
    assert!(line("isa_ext.d ").ends_with(" 1  can change"));
    assert!(line("isa_ext.h ").ends_with(" 0"), "{}", ran.out);
    assert!(!ran.out.contains("isa_ext.zacas"));
    let all = rvlitmus(&["onereg", "list", "--all", "--host", "rv64gch_ztso"]);
    assert!(all.out.contains("isa_ext.zacas") && all.out.contains("ENOENT: the host lacks Zacas"));
    let json = rvlitmus(&["onereg", "list", "--json", "--host", "rv64gch_ztso"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let registers = ran.out.lines().filter(|line| line.starts_with("0x")).count();
    assert_eq!(json.as_array().unwrap().len(), registers);
}

#[test]
fn get_and_set_tell_errno_and_reason() {
    let host = ["--host", "rv64gc_ztso"];
    let call = |words: &[&str]| rvlitmus(&[&["onereg"], words, &host].concat());
    let ran = call(&["get", "ztso", "0x8030000007000034"]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.out, "isa_ext.ztso (0x8030000007000034) = 1\n".repeat(2));
    let ran = call(&["get", "zacas"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("ENOENT: the host lacks Zacas"));
    let ran = call(&["set", "ztso=0"]);
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.out,
        "vCPU 0: set isa_ext.ztso = 0x0: EINVAL: Linux has no way to turn Ztso off; `--policy \
         documented` models a host that can\nvCPU 0: the guest's hart follows ztso\n"
    );
    let ran = call(&["set", "ztso=0", "--policy", "documented"]);
    assert_eq!(
        (ran.code, ran.out.lines().last()),
        (0, Some("vCPU 0: the guest's hart follows rvwmo"))
    );
    let ran = call(&["set", "d=0", "--after-run"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("EBUSY: the vCPU has run"));
}

#[test]
fn wrong_arguments_end_with_2() {
    for (arguments, expected) in [
        (&["onereg", "get", "ztos", "--host", "rv64gc"][..], "did you mean `ztso`?"),
        (&["onereg", "set", "ztso", "--host", "rv64gc"], "expected REGISTER=VALUE"),
        (&["onereg", "set", "ztso=x", "--host", "rv64gc"], "`x` is no 64-bit number"),
        (&["onereg", "get", "ztso", "--host", "rv64gc_ztos"], "did you mean `ztso`?"),
        (&["onereg", "get", "ztso", "--host", "rv64gc", "--policy", "linux-7"], "linux-7.2"),
        (&["onereg", "get", "ztso"], "--host"),
        (&["onereg", "replay", "no-such-file"], "no-such-file"),
        (&["migrate", "--from", "rv64gc", "--to", "rv64g_zz"], "unknown extension `zz`"),
    ] {
        let ran = rvlitmus(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}

#[test]
fn replay_counts_and_shows_differences() {
    let folder = tempfile::tempdir().unwrap();
    let recording = |ztso_off: &str| {
        format!(
            r#"{{"kernel":"7.2.13","host":"h","isa_line":"rv64ima_zaamo_zalrsc_ztso","transcripts":
               [{{"name":"ZTSO","steps":[{{"get":"0x8030000007000034","answer":"0x1"}},
               {{"set":"0x8030000007000034","value":"0x0","answer":"{ztso_off}"}}]}}]}}"#
        )
    };
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    };
    let (good, bad) = (file("good.json", recording("EINVAL")), file("bad.json", recording("ok")));
    let ran = rvlitmus(&["onereg", "replay", &good]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "2 of 2 steps as recorded\n"));
    let ran = rvlitmus(&["onereg", "replay", &good, &bad]);
    assert_eq!(ran.code, 1);
    let expected = "ZTSO, step 2: set isa_ext.ztso (0x8030000007000034) = 0x0: recorded ok, \
                    modelled EINVAL";
    assert!(ran.out.contains(expected), "{}", ran.out);
    assert!(ran.out.ends_with("3 of 4 steps as recorded\n"));
    let ran = rvlitmus(&["onereg", "replay", &bad, "--policy", "documented"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn migration_shows_new_outcomes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mp.litmus");
    let text = "RISCV MP\n{ 0:a0=x; 0:a1=y; 1:a0=x; 1:a1=y; }\n P0 | P1 ;\n li t0,1 | lw t0,0(a1) \
                ;\n sw t0,0(a0) | lw t1,0(a0) ;\n sw t0,0(a1) | ;\nexists (1:t0=1 /\\ 1:t1=0)\n";
    std::fs::write(&path, text).unwrap();
    let mp = path.to_str().unwrap();
    let ran = rvlitmus(&["migrate", "--from", "rv64gc_ztso", "--to", "rv64gc", mp]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "refused: the target does not restore every register, so the VMM stops");
    assert!(lines[1].contains("isa_ext.ztso = 0x1: ENOENT"));
    assert!(lines[2].contains("the memory model would become weaker: ztso here, rvwmo there"));
    assert_eq!(lines[3..], ["MP: 1 new outcome", "  1:x5=1; 1:x6=0;"]);
    let ran = rvlitmus(&["migrate", "--from", "rv64gc", "--to", "rv64gc_ztso", mp]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.out.starts_with("safe:") && ran.out.ends_with("MP: no new outcome\n"),
        "{}",
        ran.out
    );
    let vm = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/vm/ztso-mixed.json");
    let ran = rvlitmus(&["migrate", "--vm", vm, "--to", "rv64gch_zacas_zabha_ztso"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("vCPU 1: isa_ext.ztso = 0x0: EINVAL"), "{}", ran.out);
}
