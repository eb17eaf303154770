//! The published schema of VM files, and the examples in the documentation.

use std::path::{Path, PathBuf};

use rvlitmus_core::arch::riscv::Extension;
use rvlitmus_core::model::BaseModel::{self, Rvwmo, Ztso};
use rvlitmus_onereg::{Recording, Vm, VmPlan, VmSpec, read_text, replay};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn machine(name: &str) -> Vm {
    let path = repository("docs/examples/vm").join(name);
    VmPlan::load(&path, None, &read_text)
        .unwrap_or_else(|e| panic!("{name}: {e}"))
        .machine(2)
        .unwrap()
}

fn models(machine: &Vm) -> Vec<BaseModel> {
    machine.hart_configs().iter().map(|hart| hart.model).collect()
}

fn answers(machine: &Vm) -> Vec<String> {
    machine.requests.iter().map(|request| request.record().answer).collect()
}

#[test]
fn the_schema_in_the_repository_is_the_generated_one() {
    let path = repository("schema/vm.schema.json");
    let committed = std::fs::read_to_string(&path).unwrap();
    let generated = VmSpec::schema();
    assert!(committed == generated, "run `rvlitmus schema --vm > schema/vm.schema.json`");
}

#[test]
fn the_schema_of_transcripts_is_the_generated_one() {
    let committed = std::fs::read_to_string(repository("schema/transcript.schema.json")).unwrap();
    let update = "run `rvlitmus schema --transcript > schema/transcript.schema.json`";
    assert!(committed == Recording::schema(), "{update}");
    let validator = jsonschema::validator_for(&serde_json::from_str(&committed).unwrap()).unwrap();
    let text = std::fs::read_to_string(repository("docs/examples/transcript.json")).unwrap();
    assert!(validator.is_valid(&serde_json::from_str(&text).unwrap()));
    let replayed = replay(&Recording::from_json(&text).unwrap(), None).unwrap();
    assert!(replayed.as_recorded(), "{replayed:?}");
}

#[test]
fn the_schema_accepts_what_is_read_and_nothing_else() {
    let schema: serde_json::Value = serde_json::from_str(&VmSpec::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(repository("docs/examples/vm")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(validator.is_valid(&serde_json::from_str(&text).unwrap()), "{text}");
        VmSpec::from_json(&text).unwrap();
        files += 1;
    }
    assert_eq!(files, 5);
    let host = r#""host": { "isa": ["rv64gc"] }"#;
    for (text, valid) in [
        (format!("{{ {host} }}"), true),
        (format!("{{ {host}, \"vcpus\": [{{}}], \"policy\": \"documented\" }}"), true),
        (
            format!(
                "{{ {host}, \"every_vcpu\": [{{ \"register\": \"v\", \"value\": \"0x1\" }}] }}"
            ),
            true,
        ),
        ("{}".to_string(), false),
        (r#"[null, null, { "isa": ["rv64gc"] }]"#.to_string(), false),
        (r#"{ "host": [["rv64gc"]] }"#.to_string(), false),
        (format!("{{ {host}, \"vcpus\": [[]] }}"), false),
        (format!("{{ {host}, \"every_vcpu\": [[\"v\", 1]] }}"), false),
        (format!("{{ {host}, \"vcpu\": [] }}"), false),
        (format!("{{ {host}, \"policy\": \"linux-9\" }}"), false),
        (format!("{{ {host}, \"every_vcpu\": [{{ \"register\": \"v\" }}] }}"), false),
        (
            format!("{{ {host}, \"every_vcpu\": [{{ \"register\": \"v\", \"value\": -1 }}] }}"),
            false,
        ),
        (
            format!("{{ {host}, \"every_vcpu\": [{{ \"register\": \"v\", \"value\": \"0y\" }}] }}"),
            false,
        ),
    ] {
        let json = serde_json::from_str(&text).unwrap();
        assert_eq!(validator.is_valid(&json), valid, "schema: {text}");
        assert_eq!(VmSpec::from_json(&text).is_ok(), valid, "reader: {text}");
    }
    for both in [r#"{ "host": {} }"#, r#"{ "host": { "isa": [], "device_tree": [] } }"#] {
        assert!(!validator.is_valid(&serde_json::from_str(both).unwrap()), "{both}");
        let spec = VmSpec::from_json(both).unwrap();
        assert!(VmPlan::new(&spec, Path::new("."), None, &read_text).is_err(), "{both}");
    }
}

#[test]
fn ztso_is_handed_to_the_guest() {
    let machine = machine("ztso-guest.json");
    assert_eq!(answers(&machine), ["ok", "ok"]);
    assert_eq!(models(&machine), [Ztso, Ztso]);
}

#[test]
fn linux_refuses_to_take_ztso_away() {
    let machine = machine("ztso-refused.json");
    assert_eq!(answers(&machine), ["EINVAL", "EINVAL"]);
    assert_eq!(models(&machine), [Ztso, Ztso]);
}

#[test]
fn a_switch_for_each_hart() {
    let machine = machine("ztso-mixed.json");
    assert_eq!(answers(&machine), ["ok"]);
    assert_eq!(models(&machine), [Ztso, Rvwmo]);
}

#[test]
fn a_test_for_rv32_has_no_hart_in_a_vm_file() {
    let vm = ["run", "--vm", "docs/examples/vm/ztso-guest.json", "litmus/rv32/rv32-MP.litmus"];
    let ran = crate::support::binary::run(Path::new(env!("CARGO_MANIFEST_DIR")), &vm);
    assert_eq!(ran.code, 2);
    let said = "unsupported: the test is for RV32, and the machine of `--vm` has RV64 harts";
    assert!(ran.err.contains(said), "{}", ran.err);
}

#[test]
fn one_hart_without_ztso_takes_the_register_away() {
    let machine = machine("ztso-on-one-hart.json");
    assert_eq!(answers(&machine), ["ENOENT", "ENOENT"]);
    assert_eq!(models(&machine), [Rvwmo, Rvwmo]);
    assert_eq!(
        machine.requests[0].to_string(),
        "vCPU 0: set isa_ext.ztso = 0x1: ENOENT: the host lacks Ztso: hart 1 of 2 does not have \
         it, and Linux offers what all harts have"
    );
}

#[test]
fn an_older_kernel() {
    let machine = machine("linux-6.12.json");
    assert_eq!(answers(&machine), ["ENOENT", "ok", "ENOENT", "ok"]);
    let hart = machine.hart_configs()[0];
    for extension in [Extension::Zaamo, Extension::Zalrsc, Extension::Zabha, Extension::Zacas] {
        assert!(hart.extensions.contains(extension), "{extension}");
    }
    let kept = &machine.requests[1].record().not_done;
    assert!(kept.contains(&"Ztso".to_string()) && !kept.contains(&"D".to_string()), "{kept:?}");
}

/// Constants and counts that no machine, or no VM, has: in the schema too, but for what depends on the harts.
#[test]
fn what_no_host_has_is_refused() {
    let schema: serde_json::Value = serde_json::from_str(&VmSpec::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (field, isa, good, bad) in [
        ("vlenb", "rv64gcv", &[16_u64, 8192][..], &[0, 8, 24, 16384][..]),
        ("vlenb", "rv64gcv_zvl256b", &[32, 64], &[16]),
        ("vlenb", "rv64gc_zve64x", &[8], &[4]),
        ("zicbom_block_size", "rv64gc_zicbom", &[0, 48, 64], &[1 << 32]),
        ("zicboz_block_size", "rv64gc", &[0], &[u64::MAX]),
        ("satp_mode", "rv64gc", &[8, 9, 10], &[0, 1, 7, 11]),
        ("timebase_frequency", "rv64gc", &[1, 10_000_000], &[0, 1 << 32]),
    ] {
        let plan = |value: u64| {
            let text = format!(r#"{{ "host": {{ "isa": ["{isa}"], "{field}": {value} }} }}"#);
            let valid = validator.is_valid(&serde_json::from_str(&text).unwrap());
            let spec = VmSpec::from_json(&text).unwrap();
            (valid, VmPlan::new(&spec, Path::new("."), None, &read_text))
        };
        for value in good {
            let (valid, plan) = plan(*value);
            assert!(valid && plan.is_ok(), "{field}: {value} on {isa}: {plan:?}");
        }
        for value in bad {
            let (valid, plan) = plan(*value);
            let error = plan.unwrap_err().to_string();
            assert!(error.starts_with(&format!("host: {field}: {value} is ")), "{error}");
            assert!(!valid || field == "vlenb", "{field}: {value}");
        }
    }
    let of_vcpus = |count: usize| {
        let vcpus = vec!["{}"; count].join(",");
        let text = format!(r#"{{ "host": {{ "isa": ["rv64gc"] }}, "vcpus": [{vcpus}] }}"#);
        VmPlan::new(&VmSpec::from_json(&text).unwrap(), Path::new("."), None, &read_text)
    };
    assert!(of_vcpus(1024).is_ok());
    let many = of_vcpus(10_000).unwrap_err().to_string();
    assert_eq!(many, "10000 vCPUs: KVM makes at most 1024");
}
