//! `rvlitmus emit`: what it writes, and, where a cross compiler and an emulator can be had, what that does.

use std::fs;
use std::path::Path;
use std::process::Command;

use rvlitmus_onereg::IsaExtSet;

use crate::support::binary::{Ran, folder, ran, run};

const SB: &str = "RISCV SB\n{ 0:x6=x; 0:x7=y; 1:x6=y; 1:x7=x; }\n P0 | P1 ;\n li x5,1 | li x5,1 ;\n \
    sw x5,0(x6) | sw x5,0(x6) ;\n lw x8,0(x7) | lw x8,0(x7) ;\nexists (0:x8=0 /\\ 1:x8=0)\n";
const MP: &str = "RISCV MP+fence.w.w+addr\n{ 0:x6=x; 0:x7=y; 1:x6=y; 1:x8=x; }\n P0 | P1 ;\n \
    li x5,1 | lw x9,0(x6) ;\n sw x5,0(x6) | xor x10,x9,x9 ;\n fence w,w | add x8,x8,x10 ;\n \
    sw x5,0(x7) | lw x11,0(x8) ;\n~exists (1:x9=1 /\\ 1:x11=0)\n";
const POINTERS: &str = "RISCV pointers\n{ uint64_t p=x; uint64_t q; 0:x6=p; 0:x7=q; int x=7; }\n P0 ;\n \
    ld x8,0(x6) ;\n sd x8,0(x7) ;\n lw x2,0(x8) ;\nforall (q=x /\\ 0:x2=7)\nlocations [0:x8;]\n";
const LOCK: &str = "RISCV lock\n{ 0:x6=l; 0:x7=c; 1:x6=l; 1:x7=c; }\n P0 | P1 ;\n li x5,1 | li x5,1 ;\n \
    spin: | spin: ;\n amoswap.w.aq x8,x5,(x6) | amoswap.w.aq x8,x5,(x6) ;\n bnez x8,spin | bnez x8,spin ;\n \
    lw x9,0(x7) | lw x9,0(x7) ;\n addi x9,x9,1 | addi x9,x9,1 ;\n sw x9,0(x7) | sw x9,0(x7) ;\n \
    amoswap.w.rl x0,x0,(x6) | amoswap.w.rl x0,x0,(x6) ;\nforall c=2\n";
const COUNT: &str = "RISCV count\n{ 0:x6=x; 1:x6=x; }\n P0 | P1 ;\n again: | li x5,1 ;\n addi x8,x8,1 | sw x5,0(x6) ;\n \
    lw x9,0(x6) | ;\n beqz x9,again | ;\nexists 0:x8=2\n";
const ZBB: &str = "RISCV zbb\n{ 0:x5=5; 0:x6=3; 0:x7=x; }\n P0 ;\n min x8,x5,x6 ;\n c.nop ;\n sw x8,0(x7) ;\nforall x=3\n";
const ZALASR: &str = "RISCV zalasr\n{ 0:x7=x; }\n P0 ;\n lw.aq x8,(x7) ;\nforall 0:x8=0\n";

const COMPILER: &str = "riscv64-linux-gnu-gcc";
const EMULATOR: &str = "qemu-riscv64";

/// Are they here? If not, says that a test is skipped.
fn has_tools() -> bool {
    let has = |tool: &&str| Command::new(tool).arg("--version").output().is_ok();
    let missing: Vec<&str> =
        [COMPILER, EMULATOR, "make"].into_iter().filter(|it| !has(it)).collect();
    if !missing.is_empty() {
        eprintln!("skipped: there is no {}", missing.join(", no "));
    }
    missing.is_empty()
}

/// Builds the program in a folder; no warning is passed over.
fn build(program: &Path) {
    let made = Command::new("make")
        .current_dir(program)
        .args([&format!("CC={COMPILER}"), "CFLAGS=-O1 -Werror"])
        .output()
        .expect("make runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn execute(program: &Path, arguments: &[&str]) -> Ran {
    let mut command = assert_cmd::Command::new(EMULATOR);
    ran(command.current_dir(program).arg("./rvlitmus").args(arguments))
}

#[test]
fn a_program_runs_and_its_log_is_as_the_models_say() {
    if !has_tools() {
        return;
    }
    let dir = folder(&[
        ("SB.litmus", SB),
        ("MP.litmus", MP),
        ("pointers.litmus", POINTERS),
        ("zbb.litmus", ZBB),
        ("zalasr.litmus", ZALASR),
    ]);
    let emitted = run(dir.path(), &["emit", ".", "-o", "program", "--time", "5"]);
    assert_eq!((emitted.code, &*emitted.out), (0, "5 tests in program\n"), "{}", emitted.err);
    let program = dir.path().join("program");
    build(&program);
    let seen = execute(&program, &["--model", "ztso", "--seed", "7"]);
    assert_eq!(seen.code, 0, "{}{}", seen.out, seen.err);
    for line in [
        "Test SB Allowed",
        "Test MP+fence.w.w+addr Forbidden",
        "Condition ~exists (1:x9=1 /\\ 1:x11=0) is validated",
        ">0:x2=7; 0:x8=x; [q]=x;",
        "Observation zbb Always ",
        "Skipped zalasr: harts lack zalasr",
    ] {
        assert!(seen.out.contains(line), "{line}\n{}", seen.out);
    }
    assert!(seen.err.contains("an emulator"), "{}", seen.err);
    fs::write(dir.path().join("qemu.log"), &seen.out).expect("written");
    run(dir.path(), &["run", ".", "-f", "jsonl", "-o", "report.jsonl"]);
    let compared = run(dir.path(), &["compare", "--model", "ztso", "qemu.log", "report.jsonl"]);
    assert_eq!(compared.code, 0, "{}{}", compared.out, compared.err);
    assert!(compared.out.contains("4 tests on both sides"), "{}", compared.out);

    // One setting repeats, each line is an object, and what is asked for wrongly is refused.
    let json =
        execute(&program, &["--json", "--time", "1", "--setting", "mode=free,batch=64", "SB"]);
    let lines: Vec<serde_json::Value> =
        json.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), &lines[0]["test"]), (1, &"SB".into()));
    assert_eq!(lines[0]["states"].as_array().expect("states").len(), 4);
    for wrong in [&["--model", "x86-tso"][..], &["--setting", "mode=no"], &["--no"], &["--time"]] {
        assert_eq!(execute(&program, wrong).code, 2, "{wrong:?}");
    }
    assert_eq!(execute(&program, &["no-such-test"]).code, 2, "nothing was run");
}

#[test]
fn a_wrong_model_in_a_program_is_caught_by_its_own_check() {
    if !has_tools() {
        return;
    }
    let dir = folder(&[("SB.litmus", SB)]);
    run(dir.path(), &["emit", ".", "-o", "program"]);
    let program = dir.path().join("program");
    let file = program.join("tests/0001-SB.c");
    let text = fs::read_to_string(&file).expect("there");
    // RVWMO and Ztso without the states that SB shows at once.
    let head = "static const uint64_t test0001_reached[] = {\n";
    let (before, after) = text.split_once(head).expect("a table");
    let (_, after) = after.split_once("};").expect("its end");
    fs::write(&file, format!("{before}{head}\t0, 0, 0, 3,\n}};{after}")).expect("written");
    build(&program);
    let seen = execute(&program, &["--time", "2"]);
    assert_eq!(seen.code, 1, "{}{}", seen.out, seen.err);
    assert!(seen.out.contains("Violation SB: 0:x8=0; 1:x8=1; seen "), "{}", seen.out);
    assert!(seen.out.contains("outside rvwmo, first with --setting mode="), "{}", seen.out);
    assert_eq!(execute(&program, &["--time", "1", "--model", "none"]).code, 0, "only looked at");
}

#[test]
fn what_is_left_out_or_not_checked_is_named_and_no_success() {
    let dir = folder(&[
        ("a.litmus", "RISCV a\nBase=rv32\n{ 0:x6=x; }\n P0 ;\n lw x5,0(x6) ;\nexists 0:x5=0\n"),
        ("b.litmus", "X86 b\n{ }\n P0 ;\n MOV EAX,[x] ;\nexists (0:EAX=0)\n"),
        ("c.litmus", "RISCV c\n{ }\n P0 ;\n jal x5,end ;\n end: ;\nexists 0:x6=0\n"),
        ("d.litmus", COUNT),
        ("e.litmus", "RISCV e\n{ }\n P0 | P1 | P2 ;\n nop | nop | nop ;\nexists 0:x6=0\n"),
        ("f.litmus", "RISCV f\n{ 0:sp=x; }\n P0 ;\n c.lwsp x5,0(sp) ;\nexists 0:x5=0\n"),
        (
            "g.litmus",
            "RISCV g\nReservation=exact\n{ 0:x6=x; }\n P0 ;\n lr.w x5,(x6) ;\nexists 0:x5=0\n",
        ),
    ]);
    let emitted = run(dir.path(), &["emit", ".", "-o", "program", "--harts", "2"]);
    assert_eq!((emitted.code, &*emitted.out), (2, "1 test in program\n"), "{}", emitted.err);
    for line in [
        "rvlitmus: a.litmus is left out: its harts are of RV32, and the program is for RV64",
        "rvlitmus: b.litmus is left out: its harts are of x86",
        "rvlitmus: c.litmus is left out: P0 has `jal x5,end`, and addresses of code are others",
        "rvlitmus: e.litmus is left out: it has 3 harts, and --harts says 2",
        "rvlitmus: f.litmus is left out: P0 needs x2 itself in `c.lwsp x5,0(x2)`",
        "rvlitmus: g.litmus is left out: it takes reservations for narrower than 64 bytes",
        "rvlitmus: count is not checked against rvwmo: ",
    ] {
        assert!(emitted.err.contains(line), "{line}\n{}", emitted.err);
    }
    let readme = fs::read_to_string(dir.path().join("program/README.md")).expect("there");
    assert!(readme.contains("- `b.litmus`: its harts are of x86"), "{readme}");
    assert!(readme.contains("- `count` against ztso: "), "{readme}");
    let test = fs::read_to_string(dir.path().join("program/tests/0001-count.c")).expect("there");
    assert!(test.contains(".values = NULL, .reached = NULL, .state_count = 0"), "{test}");
    let none = run(dir.path(), &["emit", "b.litmus", "-o", "none"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("there is no test that hardware can run"), "{}", none.err);
    assert!(!dir.path().join("none").exists());
}

#[test]
fn only_files_of_an_earlier_program_are_written_over() {
    let dir = folder(&[("SB.litmus", SB), ("program/main.c", "int main(void) { return 0; }\n")]);
    let refused = run(dir.path(), &["emit", "SB.litmus", "-o", "program"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("main.c is there, and no output of rvlitmus"), "{}", refused.err);
    let arguments = ["emit", "SB.litmus", "-o", "program", "--target", "kvm-guest"];
    assert_eq!(run(dir.path(), &[&arguments[..], &["--force"]].concat()).code, 0);
    let text = |name: &str| fs::read(dir.path().join("program").join(name)).expect("there");
    let before = ["tests/0001-SB.c", "tests.c", "Makefile", "guest.sh", "README.md"].map(text);
    assert_eq!(run(dir.path(), &arguments).code, 0, "its own files");
    let after = ["tests/0001-SB.c", "tests.c", "Makefile", "guest.sh", "README.md"].map(text);
    assert!(before == after, "the same tests, the same files");
}

#[test]
fn mutants_and_perpetual_forms_are_there_where_they_can_be() {
    let dir = folder(&[("MP.litmus", MP), ("lock.litmus", LOCK)]);
    assert_eq!(run(dir.path(), &["emit", ".", "-o", "program"]).code, 0);
    let text = |name: &str| {
        fs::read_to_string(dir.path().join("program/tests").join(name)).expect("there")
    };
    let mp = text("0001-MP-fence-w-w-addr.c");
    assert!(mp.contains(".mutation = \"P0's fence w,w\", .parent = &test0001,"), "{mp}");
    assert!(mp.contains(".perpetual = &test0001_perpetual,"), "{mp}");
    // The data of a store depends on its register still.
    assert!(mp.contains("\"\\tadd x31,x31,x5\\n\"\n\t\t\"\\tsw x31,0(x6)\\n\""), "{mp}");
    let lock = text("0002-lock.c");
    assert!(lock.contains(".mutation = \"P0's amoswap.w.aq x8,x5,(x6)\""), "{lock}");
    assert!(!lock.contains("perpetual = &"), "it has AMOs");
    let without = run(dir.path(), &["emit", ".", "-o", "program", "--mutants", "0"]);
    assert_eq!(without.code, 0);
    assert!(!text("0001-MP-fence-w-w-addr.c").contains("mutation = \""));
}

/// A file of the runtime.
fn runtime(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/harness/runtime");
    fs::read_to_string(folder.join(name)).expect(name)
}

#[test]
fn the_program_asks_for_the_bits_of_hwprobe() {
    let table = runtime("isa.c");
    let mut known = 0;
    for extension in IsaExtSet::all() {
        let Some((_, after)) = table.split_once(&format!("{{ \"{}\", ", extension.token())) else {
            continue;
        };
        let bit = extension.hwprobe().filter(|bit| bit.key == 0);
        let expected = bit.map_or_else(|| "-1".to_owned(), |bit| bit.bit.to_string());
        assert_eq!(after.split(',').next(), Some(&*expected), "{extension}");
        known += 1;
    }
    assert!(known >= 9, "{known}");
}

#[test]
fn every_option_of_the_page_exists() {
    let page = include_str!("../../docs/run-it-for-real.md");
    let mut known = runtime("main.c") + &runtime("guest.sh");
    for command in [&["emit"][..], &["run"], &["compare"], &["onereg", "vmm"]] {
        known += &run(Path::new("."), &[command, &["--help"]].concat()).out;
    }
    let options = page.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let options =
        options.filter(|word| word.starts_with("--") && word.len() > 4 && !word.ends_with('-'));
    let missing: Vec<&str> = options.filter(|option| !known.contains(option)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
