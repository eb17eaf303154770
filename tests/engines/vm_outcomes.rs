//! From registers to outcomes: what the guest of a VM can observe.

use rvlitmus_core::arch::riscv::{Lookup, lookup};
use rvlitmus_core::litmus::{Diagnostics, LineIndex, Problem, parse};
use rvlitmus_core::model::Options;
use rvlitmus_core::operational::{Limits, explore};
use rvlitmus_core::program::{HartConfig, link};
use rvlitmus_onereg::{
    Errno, Host, IsaRegister, Migration, MigrationVerdict, Policy, RegId, Vm, VmPlan, Vmm, migrate,
};

const SB: &str = r#"RISCV SB
{ 0:a0=x; 0:a1=y; 1:a0=y; 1:a1=x; }
 P0          | P1          ;
 li t0,1     | li t0,1     ;
 sw t0,0(a0) | sw t0,0(a0) ;
 lw t1,0(a1) | lw t1,0(a1) ;
exists (0:t1=0 /\ 1:t1=0)
"#;

const MP: &str = r#"RISCV MP
{ 0:a0=x; 0:a1=y; 1:a0=x; 1:a1=y; }
 P0          | P1          ;
 li t0,1     | lw t0,0(a1) ;
 sw t0,0(a0) | lw t1,0(a0) ;
 sw t0,0(a1) |             ;
exists (1:t0=1 /\ 1:t1=0)
"#;

const LB: &str = r#"RISCV LB
{ 0:a0=x; 0:a1=y; 1:a0=y; 1:a1=x; }
 P0          | P1          ;
 lw t1,0(a0) | lw t1,0(a0) ;
 li t0,1     | li t0,1     ;
 sw t0,0(a1) | sw t0,0(a1) ;
exists (0:t1=1 /\ 1:t1=1)
"#;

const IRIW: &str = r#"RISCV IRIW
{ 0:a0=x; 1:a0=y; 2:a0=x; 2:a1=y; 3:a0=y; 3:a1=x; }
 P0          | P1          | P2          | P3          ;
 li t0,1     | li t0,1     | lw t0,0(a0) | lw t0,0(a0) ;
 sw t0,0(a0) | sw t0,0(a0) | lw t1,0(a1) | lw t1,0(a1) ;
exists (2:t0=1 /\ 2:t1=0 /\ 3:t0=1 /\ 3:t1=0)
"#;

/// The writer is ordered by a fence, the reader by its hart alone.
const MP_FENCED_WRITER: &str = r#"RISCV MP+fence.w.w+po
{ 0:a0=x; 0:a1=y; 1:a0=x; 1:a1=y; }
 P0          | P1          ;
 li t0,1     | lw t0,0(a1) ;
 sw t0,0(a0) | lw t1,0(a0) ;
 fence w,w   |             ;
 sw t0,0(a1) |             ;
exists (1:t0=1 /\ 1:t1=0)
"#;

/// A test whose second hart executes `instruction` on x.
fn with_instruction(instruction: &str) -> String {
    format!(
        "RISCV one\n{{ 0:a0=x; 1:a0=x; }}\n P0 | P1 ;\n li t0,1 | li t0,1 ;\n sw t0,0(a0) | \
         {instruction} ;\nexists (x=1)\n"
    )
}

/// Can the proposition of the test's condition hold?
fn reachable(text: &str, harts: &[HartConfig]) -> Result<bool, Diagnostics> {
    let test = parse(text)?;
    let program = link(&test, &LineIndex::new(text), |id| harts[id.index()])?;
    let models: Vec<_> = harts[..program.harts.len()].iter().map(|h| h.model).collect();
    let outcomes = explore(&program, &models, &Options::default(), Limits::default()).unwrap();
    let condition = program.condition.as_ref().unwrap();
    Ok(outcomes.states.iter().any(|state| condition.holds(&state)))
}

fn guest(policy: Policy) -> Vm {
    let host = Host::from_isa_string("rv64gc_ztso", policy).unwrap();
    let mut machine = Vm::new(host, 4);
    for vcpu in 0..4 {
        machine.request(vcpu, RegId::isa_single(IsaRegister::ZTSO), 0);
    }
    machine
}

/// Turning Ztso off is EINVAL on Linux (ENOENT before 6.9) and changes nothing. Where it works, MP, LB and IRIW get the
/// outcome that Ztso forbids; SB always had it.
#[test]
fn turning_ztso_off_changes_outcomes_where_it_works() {
    let tests = [("SB", SB, true), ("MP", MP, false), ("LB", LB, false), ("IRIW", IRIW, false)];
    for policy in Policy::ALL {
        let machine = guest(policy);
        for request in &machine.requests {
            match policy {
                Policy::Documented => assert_eq!(request.result, Ok(())),
                Policy::Linux6_6 => {
                    assert_eq!(request.result.as_ref().unwrap_err().errno(), Errno::ENOENT);
                }
                _ => assert_eq!(request.result.as_ref().unwrap_err().errno(), Errno::EINVAL),
            }
        }
        for (name, text, under_ztso) in tests {
            let expected = under_ztso || policy == Policy::Documented;
            let found = reachable(text, &machine.hart_configs()).unwrap();
            assert_eq!(found, expected, "{name} under {policy}");
        }
    }
}

#[test]
fn a_mixed_machine_forbids_one_way_round() {
    let harts = |text: &str| Vm::described(&text.parse().unwrap(), 2).unwrap().hart_configs();
    let reader_is_tso = harts("0:-ztso;1:+ztso");
    let writer_is_tso = harts("0:+ztso;1:-ztso");
    assert_eq!(reachable(MP_FENCED_WRITER, &reader_is_tso), Ok(false));
    assert_eq!(reachable(MP_FENCED_WRITER, &writer_is_tso), Ok(true));
    assert_eq!(reachable(MP, &reader_is_tso), Ok(true));
    assert_eq!(reachable(MP, &writer_is_tso), Ok(true));
    assert_eq!(reachable(MP, &harts("*:+ztso")), Ok(false));
}

/// Every hart that lacks the instruction is told, whatever took it away; no other hart is.
fn illegal_without(instruction: &str, extension: &str, kernels: &[Policy]) {
    let text = with_instruction(instruction);
    let token = extension.to_lowercase();
    let illegal = |harts: &[HartConfig]| {
        let diagnostics = reachable(&text, harts).unwrap_err();
        assert_eq!(diagnostics.problem(), Problem::IllegalInstruction, "{diagnostics}");
        let message = diagnostics.to_string();
        assert!(message.contains("P1") && message.contains(extension), "{message}");
    };
    let described =
        |edits: String| Vm::described(&edits.parse().unwrap(), 2).unwrap().hart_configs();
    illegal(&described(format!("1:-{token}")));
    assert_eq!(reachable(&text, &described(format!("0:-{token}"))), Ok(true), "{instruction}");
    for policy in kernels {
        let host = |isa: &str| Host::from_isa_string(isa, *policy).unwrap();
        illegal(&Vm::new(host("rv64im"), 2).hart_configs());
        let with = Vm::new(host(&format!("rv64ima_{token}")), 2).hart_configs();
        assert_eq!(reachable(&text, &with), Ok(true), "{instruction} under {policy}");
    }
}

#[test]
fn an_instruction_that_the_hart_lacks_is_illegal() {
    illegal_without("amoadd.b t1,t0,(a0)", "Zabha", &Policy::ALL);
    illegal_without("amoor.w t1,x0,(a0)", "Zaamo", &Policy::ALL);
    illegal_without("lr.w t1,(a0)", "Zalrsc", &Policy::ALL);
    illegal_without("lw.aq t1,(a0)", "Zalasr", &Policy::ALL);
}

#[test]
fn amocas_on_a_hart_without_zacas() {
    if let Lookup::Unsupported(why) = lookup("amocas.w") {
        println!("skipped: {why}");
        return;
    }
    illegal_without("amocas.w t1,t0,(a0)", "Zacas", &Policy::ALL);
}

fn outcomes_added(migration: &Migration, text: &str) -> bool {
    let before = reachable(text, &migration.source.hart_configs()).unwrap();
    let after = reachable(text, &migration.target.hart_configs()).unwrap();
    after && !before
}

#[test]
fn migration_from_ztso_to_rvwmo_adds_outcomes_in_silence_or_is_refused() {
    let host = |isa| Host::from_isa_string(isa, Policy::Linux7_2).unwrap();
    let (tso, weak) = (host("rv64gc_ztso"), host("rv64gc"));
    let move_by = |vmm: &str, from: &Host, to| {
        migrate(Vmm::named(vmm).unwrap(), &VmPlan::of_host(from.clone()), to, 4).unwrap()
    };
    let refused = move_by("cloud-hypervisor", &tso, &weak);
    assert_eq!(refused.verdict(), MigrationVerdict::Refused);
    let down = move_by("qemu", &tso, &weak);
    assert_eq!(down.verdict(), MigrationVerdict::SilentlyWeaker);
    let added = [SB, MP, LB, IRIW].map(|text| outcomes_added(&down, text));
    assert_eq!(added, [false, true, true, true]);
    let up = move_by("qemu", &weak, &tso);
    assert_eq!(up.verdict(), MigrationVerdict::Stronger);
    assert_eq!([SB, MP, LB, IRIW].map(|text| outcomes_added(&up, text)), [false; 4]);
}
