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
    let old = rvlitmus(&["onereg", "list", "--host", "rv64gc", "--policy", "linux-6.6"]).out;
    let words = old.lines().find(|line| line.contains("sbi_ext.multi_en.0")).unwrap();
    assert!(words.ends_with(" 0x1ff"), "bits: {words}");
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
        "vCPU 0: set isa_ext.ztso = 0x0: EINVAL: Linux has no way to turn Ztso off;\n    `--policy \
         documented` models a host that can\nvCPU 0: the guest's hart follows ztso\n"
    );
    let ran = call(&["set", "ztso=0", "--policy", "documented"]);
    assert_eq!(
        (ran.code, ran.out.lines().last()),
        (0, Some("vCPU 0: the guest's hart follows rvwmo"))
    );
    let silent = call(&["set", "multi_dis.0=0x10000000000000"]);
    assert_eq!(silent.code, 1, "{}", silent.out);
    assert!(silent.out.contains("ok, but silently not done:\n    Ztso\n"));
    assert_eq!(call(&["set", "multi_dis.0=4"]).code, 0);
    let old =
        rvlitmus(&["onereg", "set", "ssaia=0", "--host", "rv64gc_ssaia", "--policy", "linux-6.6"]);
    assert!(old.out.contains("EINVAL: Linux has no way to turn Ssaia off\n"), "{}", old.out);
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
        (&["onereg", "get", "ztso", "--host", "rv64gc__ztso"], "between underscores"),
        (&["onereg", "get", "ztso", "--host", "rv64gc", "--policy", "linux-7"], "linux-7.2"),
        (&["onereg", "get", "ztso"], "--host"),
        (&["onereg", "ids", "nosuch"], "no register has `nosuch` in its name"),
        (&["onereg", "list", "--host", "rv64gc", "--vcpu", "1024"], "1024"),
        (&["migrate", "--from", "rv64gc", "--to", "rv64g_z z"], "`z z` is no extension"),
        (
            &["migrate", "--from", "rv64gc", "--to", "rv64gc", "--vmm", "quemu"],
            "did you mean `qemu`?",
        ),
        (&["onereg", "trace", "--host", "rv64gc", "--enable", "isa"], "`isa` is no extension"),
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
    let unwrapped = ran.out.replace("\n    ", " ");
    let expected = "ZTSO, step 2: set isa_ext.ztso (0x8030000007000034) = 0x0: recorded ok, \
                    modelled EINVAL";
    assert!(unwrapped.contains(expected), "{}", ran.out);
    assert!(ran.out.ends_with("3 of 4 steps as recorded\n"));
    let ran = rvlitmus(&["onereg", "replay", &bad, "--policy", "documented"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let missing = rvlitmus(&["onereg", "replay", &good, "no-such-file", &bad]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.starts_with("rvlitmus: no-such-file: "), "{}", missing.err);
    assert!(missing.out.ends_with("3 of 4 steps as recorded\n"), "the others are replayed");
    let empty =
        file("empty.json", recording("EINVAL").replace("\"steps\":[", "\"steps\":[],\"x\":["));
    let ran = rvlitmus(&["onereg", "replay", &empty]);
    assert!(ran.code == 2 && ran.err.ends_with("it has no step to replay\n"), "{}", ran.err);
    let nonsense = file("nonsense.json", recording("EINVAL").replace("\"0x1\"", "\"ok\""));
    let ran = rvlitmus(&["onereg", "replay", &nonsense]);
    assert!(ran.err.contains("a get is answered by a number or an errno"), "{}", ran.err);
    let marked = file("marked.json", format!("\u{feff}{}", recording("EINVAL")));
    assert_eq!(rvlitmus(&["onereg", "replay", &marked]).code, 0);
}

/// A file with the test MP, in a folder that lives as long as the answer.
fn mp() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mp.litmus");
    let text = "RISCV MP\n{ 0:a0=x; 0:a1=y; 1:a0=x; 1:a1=y; }\n P0 | P1 ;\n li t0,1 | lw t0,0(a1) \
                ;\n sw t0,0(a0) | lw t1,0(a0) ;\n sw t0,0(a1) | ;\n~exists (1:t0=1 /\\ 1:t1=0)\n";
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn migration_by_qemu_is_silent_and_shows_new_outcomes() {
    let (_folder, mp) = mp();
    let down = ["migrate", "--from", "rv64gc_ztso", "--to", "rv64gc", "--vmm", "qemu", &mp];
    let mut ran = rvlitmus(&down);
    ran.out = ran.out.replace(&mp, "MP.litmus");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        lines,
        [
            "qemu 10.0.13: silent: no register is refused, and yet the guest loses something",
            "  vCPU 0: in silence: isa_ext.ztso: 0x1 here, ENOENT there",
            "  vCPU 0: the memory model becomes weaker: ztso here, rvwmo there",
            "  stays behind: core.mode, csr.scounteren, csr.senvcfg, fcsr, vector.vcsr, the",
            "      CSRs of AIA and Smstateen, SBI_STATE",
            "  and back: restored: the target takes every register that is sent, and its",
            "      harts promise more",
            "    vCPU 0: the memory model becomes stronger: rvwmo here, ztso there",
            "not modelled: memory, devices, interrupt controllers (AIA, IMSIC), and whatever",
            "    else is no register",
            "",
            "1 test, moved by qemu 10.0.13: 1 with new outcomes, 1 whose claim holds no",
            "    longer",
            "MP.litmus (MP): its claim holds no longer",
            "  new: 1:x5=1; 1:x6=0;",
        ]
    );
    let excluded = rvlitmus(&[&down[..], &["--exclude", "MP"]].concat());
    assert!(!excluded.out.contains("tests, moved") && excluded.code == 2);
    let markdown = rvlitmus(&[&down[..], &["--format", "markdown"]].concat());
    assert!(
        markdown.out.contains("\n  - vCPU 0: in silence:")
            && markdown.out.contains("\n  - new: `1:x5=1; 1:x6=0;`\n")
    );
}

#[test]
fn the_way_to_ztso_shows_fewer_outcomes_and_no_way_back() {
    let (_folder, mp) = mp();
    let ran = rvlitmus(&["migrate", "--from", "rv64gc", "--to", "rv64gc_ztso", &mp]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.starts_with("qemu 10.0.13: restored:"), "{}", ran.out);
    assert!(
        ran.out.contains("    vCPU 0: the memory model becomes weaker: ztso here, rvwmo there")
    );
    assert!(ran.out.contains("isa_ext.ztso = 0x1: ENOENT"), "cloud-hypervisor, back");
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80 || line.contains(&mp)));
    assert!(ran.out.contains("kvmtool b48735e: kvmtool has no migration\n"));
    assert!(ran.out.contains("\n  gone: 1:x5=1; 1:x6=0;\n"));
    let json = ["migrate", "--from", "rv64gc", "--to", "rv64gc_ztso", "--format", "json", &mp];
    let json: serde_json::Value = serde_json::from_str(&rvlitmus(&json).out).unwrap();
    assert_eq!(json["programs"][0]["verdict"], "stronger");
    assert_eq!(json["programs"][0]["back"], "silently-weaker");
    assert_eq!(json["programs"][1]["refused"][0]["register"], "timer.state");
    assert_eq!(json["tests"]["changed"][0]["gone"][0], "1:x5=1; 1:x6=0;");
}

#[test]
fn the_whole_list_names_what_it_refuses() {
    let vm = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/vm/ztso-mixed.json");
    let to = ["--to", "rv64gch_zacas_zabha_ztso", "--vmm", "cloud-hypervisor"];
    let ran = rvlitmus(&[&["migrate", "--vm", vm], &to[..]].concat());
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("vCPU 1: refused: isa_ext.ztso = 0x0: EINVAL"), "{}", ran.out);
    let long = ["migrate", "--from", "rv64gcv_zvl256b", "--to", "rv64gcv", "--vmm", "qemu"];
    let ran = rvlitmus(&long);
    assert!(ran.out.contains("in silence: vector.vlenb: 0x20 here, 0x10 there"), "{}", ran.out);
    let ran = rvlitmus(&[&long[..6], &["cloud-hypervisor"]].concat());
    assert!(ran.out.contains("cloud-hypervisor reads registers into 8 bytes"), "{}", ran.out);
}

#[test]
fn programs_tell_their_guests_less_than_harts_do() {
    for (options, reaction) in [
        (&["kvmtool", "--host", "rv64gch_ztso", "--disable-ztso"][..], "-> kvmtool: warns"),
        (&["--host", "rv64gch_ztso", "qemu", "-cpu", "host,ztso=off"], "-> qemu: warns"),
    ] {
        let ran = rvlitmus(&[&["onereg", "vmm"], options].concat());
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        assert!(
            ran.out.contains("SET isa_ext.ztso = 0x0: EINVAL: Linux has no way"),
            "{}",
            ran.out
        );
        assert!(ran.out.contains(reaction), "{}", ran.out);
        assert!(ran.out.contains("\n  hwprobe: the bit of Ztso is not set\n"));
        let table = "\nSB    (0:x6=0 /\\ 1:x6=0)    possible        possible\n\
                     MP    (1:x6=1 /\\ 1:x7=0)    possible        impossible\n\
                     LB    (0:x5=1 /\\ 1:x5=1)    possible        impossible\n";
        assert!(ran.out.contains(table), "{}", ran.out);
    }
    let told = rvlitmus(&["onereg", "vmm", "--host", "rv64gch_ztso", "cloud-hypervisor"]);
    assert_eq!(told.code, 0);
    assert!(told.out.contains("hwprobe: IMA_EXT_0 bit 33 (Ztso) is set"), "{}", told.out);
    let ends = rvlitmus(&["onereg", "vmm", "--host", "rv64gch_ztso", "qemu", "-cpu", "host,c=off"]);
    assert!(ends.out.ends_with("QEMU ends: it cannot set the register of c (EINVAL)\n"));
}

#[test]
fn one_trace_from_device_tree_to_memory_model() {
    let host = "rv64gch_ztso,rv64gch";
    let ran = rvlitmus(&["onereg", "trace", "--host", host, "--enable", "ztso"]);
    assert_eq!(ran.code, 1, "what the kernel refuses is no success: {}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "Ztso on linux-7.2, started by qemu 10.0.13");
    let after = |what: &str| {
        let at = lines.iter().position(|line| line.ends_with(what)).unwrap();
        lines[at + 1].trim().to_string()
    };
    assert_eq!(after("1 device tree"), "1 of 2 harts' nodes name ztso");
    assert!(after("3 host bitmap").starts_with("not set, bit 72: hart 1 of 2 does not have it"));
    assert!(after("7 SET").starts_with("1: ENOENT: the host lacks Ztso"));
    assert_eq!(after("12 memory model"), "the guest is told rvwmo, and its hart follows rvwmo");
}

#[test]
fn a_trace_ends_with_what_came_of_it() {
    let trace = |host: &str, words: &[&str]| {
        rvlitmus(&[&["onereg", "trace", "--host", host], words].concat())
    };
    assert_eq!(trace("rv64gch_ztso", &["--enable", "ztso"]).code, 0);
    assert_eq!(trace("rv64gch_ztso", &["--disable", "ztso"]).code, 1, "hidden, not gone");
    assert_eq!(trace("rv64gch_zicbom", &["--disable", "zicbom"]).code, 0);
    let ends = trace("rv64gch", &["--disable", "c"]);
    assert_eq!(ends.code, 1);
    assert!(ends.out.ends_with("QEMU ends: it cannot set the register of c (EINVAL)\n"));
    assert!(ends.out.contains(" 7 SET\n") && !ends.out.contains("first run"), "{}", ends.out);
}

#[test]
fn options_are_read_as_qemu_reads_them() {
    let qemu = |words: &[&str]| {
        rvlitmus(&[&["onereg", "vmm", "qemu", "--host", "rv64gch_ztso"], words].concat())
    };
    let ran = qemu(&["-m", "4G", "-cpu", "host,ztso=off"]);
    assert!(ran.out.contains("memory model: rvwmo\n"), "{}{}", ran.out, ran.err);
    for (words, said) in [
        (&["-cpu", "host,ztso=maybe"][..], "`ztso` is `on` or `off`, not `maybe`"),
        (&["-cpu", "host,ztso="], "`ztso` is `on` or `off`, not ``"),
        (&["-cpu", "host,ztso"], "it expects NAME=VALUE after the CPU, found `ztso`"),
        (&["-m", "4G", "-cpu"], "`-cpu` requires an argument"),
        (&["-cpu", "host,h=on"], "`h` is not on in KVM's register `isa`"),
        (&["-cpu", "host,ztso=off,quux=on"], "no property `quux`"),
    ] {
        let ran = qemu(words);
        assert_eq!(ran.code, 1, "{words:?}");
        assert!(ran.out.contains(said) && !ran.out.contains("SET"), "{words:?}: {}", ran.out);
    }
}

#[test]
fn a_program_that_moves_nothing_compares_nothing() {
    let (_folder, mp) = mp();
    let migrate = ["migrate", "--from", "rv64gc_ztso", "--to", "rv64gc", "--vmm", "kvmtool"];
    let ran = rvlitmus(&[&migrate[..], &[&mp]].concat());
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("kvmtool b48735e: kvmtool has no migration\n"), "{}", ran.out);
    assert!(!ran.out.contains("moved by") && !ran.out.contains("in silence"), "{}", ran.out);
    assert_eq!(ran.err, "rvlitmus: no test was compared: kvmtool b48735e moves no such guest\n");
}

#[test]
fn tests_that_run_on_one_host_or_none_are_counted() {
    let text = |name: &str, code: &str| format!("RISCV {name}\n{{ 0:x6=x; }}\n P0 ;\n {code} ;\n");
    let cas = text("CAS", "amocas.w x5,x7,(x6)");
    let dir = crate::support::binary::folder(&[
        ("a.litmus", &cas),
        ("b.litmus", &text("CAS2", "amocas.w x5,x7,(x6)")),
        ("c.litmus", "RISCV C\nBase=rv32\n{ }\n P0 ;\n nop ;\n"),
    ]);
    let path = dir.path().to_str().unwrap();
    let migrate = |from: &str, to: &str| {
        rvlitmus(&["migrate", "--from", from, "--to", to, "--vmm", "qemu", path])
    };
    let neither = migrate("rv64gc", "rv64gc");
    assert_eq!((neither.code, neither.err.as_str()), (2, ""), "{}", neither.out);
    let said = "\n3 tests, moved by qemu 10.0.13: 3 that run on neither host\non neither host: for example ";
    assert!(neither.out.contains(said), "{}", neither.out);
    let there = migrate("rv64gc", "rv64gc_zacas");
    assert!(
        there.out.contains(": 2 that run on the target only, 1 that run on\n    neither host\n"),
        "{}",
        there.out
    );
    let here = migrate("rv64gc_zacas", "rv64gc");
    assert!(here.out.contains("2 that would not run on the target"), "{}", here.out);
    // What the source refuses comes after the summary.
    let vm = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/vm/ztso-refused.json");
    let ran = rvlitmus(&["migrate", "--vm", vm, "--to", "rv64gc", "--vmm", "qemu"]);
    assert!(ran.out.starts_with("qemu 10.0.13: silent"), "{}", ran.out);
    assert!(
        ran.out.contains("\non the source: vCPU 0: set isa_ext.ztso = 0x0: EINVAL: "),
        "{}",
        ran.out
    );
}

#[cfg(unix)]
#[test]
fn hosts_may_come_through_pipes() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let vm = r#"{ "host": { "isa": ["rv64gc_ztso"] } }"#;
    let name = pipe.to_str().unwrap().to_owned();
    let (_folder, mp) = mp();
    for arguments in [
        vec!["onereg", "get", "ztso", "--host", &name],
        vec!["onereg", "get", "ztso", "--vm", &name],
        vec!["run", &mp, "--vm", &name, "--brief"],
        vec!["migrate", "--from", &name, "--to", "rv64gc_ztso"],
    ] {
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::write(pipe, vm)
        });
        let ran = rvlitmus(&arguments);
        assert!(ran.code <= 1 && ran.err.is_empty(), "{arguments:?}: {}{}", ran.out, ran.err);
        writer.join().unwrap().unwrap();
    }
    let late = rvlitmus(&["run", &mp, "--vm", &name, "--timeout", "0.2"]);
    assert_eq!(late.code, 2);
    assert!(late.err.contains("its end did not come within the time limit"), "{}", late.err);
}

#[test]
fn help_says_what_exit_codes_mean() {
    for words in [
        &["onereg"][..],
        &["onereg", "set"],
        &["onereg", "trace"],
        &["onereg", "replay"],
        &["migrate"],
    ] {
        let help = rvlitmus(&[words, &["--help"]].concat());
        assert!(help.code == 0 && help.out.contains("\nExit code:"), "{words:?}");
    }
}

#[test]
fn the_schemas_of_records_are_the_generated_ones() {
    let validator = |option: &str, file: &str| {
        let generated = rvlitmus(&["schema", option]).out;
        let path = format!("{}/schema/{file}", env!("CARGO_MANIFEST_DIR"));
        let committed = std::fs::read_to_string(path).unwrap();
        assert!(committed == generated, "run `rvlitmus schema {option} > schema/{file}`");
        jsonschema::validator_for(&serde_json::from_str(&generated).unwrap()).unwrap()
    };
    let json = |words: &[&str]| serde_json::from_str(&rvlitmus(words).out).unwrap();
    let migration = validator("--migration", "migration.schema.json");
    let (_folder, mp) = mp();
    for from in ["rv64gc", "rva23s64_ztso"] {
        let words = ["migrate", "--from", from, "--to", "rv64gc_ztso", "-f", "json", &mp];
        assert!(migration.is_valid(&json(&words)), "{from}");
    }
    let registers = validator("--registers", "registers.schema.json");
    for words in [
        &["onereg", "ids", "--json"][..],
        &["onereg", "list", "--json", "--all", "--host", "rv64gcv_ztso"],
    ] {
        assert!(registers.is_valid(&json(words)), "{words:?}");
    }
}

#[test]
fn ids_and_releases_need_no_host() {
    let ran = rvlitmus(&["onereg", "ids", "ztso"]);
    let line = "0x8030000007000034  isa_ext.ztso   6.9  hwcap 72   IMA_EXT_0 bit 33  6.8\n";
    assert!(ran.code == 0 && ran.out.starts_with(line), "{}", ran.out);
    assert!(rvlitmus(&["onereg", "ids"]).out.lines().all(|line| line.chars().count() <= 80));
    let all = rvlitmus(&["onereg", "ids", "--json"]);
    let all: serde_json::Value = serde_json::from_str(&all.out).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 8 + 80 + 4 + 193);
    let releases = rvlitmus(&["onereg", "releases"]);
    assert!(releases.out.starts_with("linux-6.6: read in its source, 23 extensions\n"));
    assert!(releases.out.lines().all(|line| line.chars().count() <= 80));
    assert!(
        releases
            .out
            .contains("\n  6.9\n    registers: isa_ext.ztso isa_ext.zacas\n    - Ztso has a")
    );
}

#[test]
fn names_that_linux_does_not_know_are_noted() {
    let ran = rvlitmus(&["onereg", "get", "ztso", "--host", "rv64gc_sdtrig_ztos"]);
    assert_eq!(ran.code, 1);
    let note = "rvlitmus: note: rv64gc_sdtrig_ztos: hart 0: `ztos` is ignored, as Linux ignores names that \
                it does not know; did you mean `ztso`?";
    assert!(ran.err.contains(note) && ran.err.contains("`sdtrig` is ignored"), "{}", ran.err);
    let list = rvlitmus(&["onereg", "list", "--host", "rv64gc_zfh"]);
    assert!(!list.out.contains("isa_ext.zfhmin"), "zfh brings zfhmin from 7.3 on");
    let list = rvlitmus(&["onereg", "list", "--host", "rv64gc_zfh", "--policy", "linux-7.3"]);
    assert!(list.out.contains("isa_ext.zfhmin"));
}

#[test]
fn the_requests_of_a_vm_file_come_before_those_of_a_program() {
    // vCPU 1 leaves Ztso on hardware that can.
    let vm = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/vm/ztso-mixed.json");
    for (vcpu, model) in [("0", "ztso"), ("1", "rvwmo")] {
        let of = ["--vm", vm, "--vcpu", vcpu];
        let ran = rvlitmus(&[&["onereg", "vmm"], &of[..], &["kvmtool"]].concat());
        let does = ran.out.split("what its harts do\n").nth(1).expect("what they do");
        assert!(does.starts_with(&format!("  memory model: {model}\n")), "{}", ran.out);
        let trace = [&["onereg", "trace"], &of[..], &["--enable", "zacas"]].concat();
        assert!(rvlitmus(&trace).out.contains(&format!("its hart follows {model}")));
    }
    let ran = rvlitmus(&["onereg", "get", "ztso", "--vm", "/no/such.json"]);
    assert!(ran.code == 2 && !ran.err.contains("host.transcript"), "{}", ran.err);
}

#[test]
fn a_selection_of_nothing_is_no_success() {
    let (_dir, mp) = mp();
    for command in [
        &["migrate", "--from", "rv64gch", "--to", "rv64gch", "--vmm", "qemu"][..],
        &["advise"],
        &["explain"],
        &["rules"],
    ] {
        let ran = rvlitmus(&[command, &["--include", "nosuch", &mp]].concat());
        assert_eq!(ran.code, 2, "{command:?}");
        assert!(ran.err.ends_with("rvlitmus: no test was selected\n"), "{}", ran.err);
    }
}
