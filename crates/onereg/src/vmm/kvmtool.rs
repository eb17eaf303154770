//! kvmtool, `riscv/`.
//!
//! Extensions are asked for one by one while the device tree is made; a refusal is a warning, and the
//! extension is left out of the device tree all the same.

use super::guest_isa::isa_line;
use super::start::{Startup, has_word};
use super::table::{Sends, Vmm};
use crate::isa::extension::IsaExt;
use crate::register::group::{Group, GroupedReg};
use crate::register::id::RegId;
use crate::register::isa_ext::IsaRegister;

pub(super) static KVMTOOL: Vmm = Vmm {
    name: "kvmtool",
    version: "b48735e",
    requests: "riscv/kvm-cpu.c kvm_cpu__arch_init",
    device_tree: "riscv/fdt.c generate_cpu_nodes",
    migration: None,
    not_sent: &[],
    sends: Sends::Nothing("kvmtool has no migration"),
    start,
    hide: |token| vec![format!("--disable-{token}")],
};

/// The extensions of `--disable-EXT`.
const EXTENSIONS: &str = "smstateen ssaia sscofpmf sstc svinval svnapot svpbmt zacas zba zbb zbc zbkb zbkc zbkx \
                          zbs zfa zfh zfhmin zicbom zicboz zicntr zicond zicsr zifencei zihintntl zihintpause \
                          zihpm zknd zkne zknh zkr zksed zksh zkt ztso zvbb zvbc zvfh zvfhmin zvkb zvkg zvkned \
                          zvknha zvknhb zvksed zvksh zvkt";

/// What its options disable: extensions by token, SBI extensions as a word of bits.
#[derive(Default)]
struct Disabled<'o> {
    extensions: Vec<&'o str>,
    sbi: u64,
}

fn disabled<'o>(run: &mut Startup, options: &'o [String]) -> Result<Disabled<'o>, String> {
    let sbi_register = |name: &str| {
        let name = if name == "legacy" { "v01" } else { name };
        GroupedReg::named(&format!("sbi_ext.{name}")).filter(|r| r.group == Group::SbiExt)
    };
    let mut found = Disabled::default();
    for option in options {
        let Some(name) = option.strip_prefix("--disable-") else {
            run.ignore(std::slice::from_ref(option));
            continue;
        };
        if has_word(EXTENSIONS, name) {
            if !found.extensions.contains(&name) {
                found.extensions.push(name);
            }
        } else if let Some(register) = name.strip_prefix("sbi-").and_then(sbi_register) {
            found.sbi |= 1 << register.index;
        } else {
            return Err(format!("kvmtool ends: it has no option `{option}`"));
        }
    }
    Ok(found)
}

fn start(run: &mut Startup, options: &[String]) -> Result<String, String> {
    let disabled = disabled(run, options)?;
    run.get("config.isa".parse().expect("a register"));
    if disabled.sbi != 0 {
        let id = GroupedReg::named("sbi_ext.multi_dis.0").expect("a register").id(16);
        run.set(id, disabled.sbi)
            .map_err(|_| "kvmtool ends: it cannot disable SBI extensions".to_owned())?;
    }
    let mut told = run.letters();
    for register in run.offered(EXTENSIONS) {
        let (ext, id) = (register.extension(), RegId::isa_single(register));
        let asked = disabled.extensions.contains(&ext.token());
        if ext == IsaExt::Ztso || asked {
            run.get(id);
        }
        if !run.vcpu.has(ext) {
            continue;
        }
        if !asked {
            told.insert(ext);
            continue;
        }
        let disabled = run.set(id, 0);
        run.react(match disabled {
            Ok(()) => "leaves it out of the device tree",
            Err(_) => {
                "warns that it could not disable the extension, and leaves it out of the device tree"
            }
        });
    }
    for token in disabled.extensions {
        let register = IsaExt::find(token).and_then(IsaRegister::of);
        if register.is_none_or(|r| !run.vcpu.host().offers(r)) {
            run.note(format!("the host has no register for {token}: nothing is asked"));
        }
    }
    Ok(isa_line(told))
}

#[cfg(test)]
mod tests {
    use crate::vmm::start::tests::started;

    #[test]
    fn only_what_the_host_has_is_asked_for() {
        let start = started("kvmtool", "--disable-ztso --disable-zicbom", "rv64gch_zicbom");
        assert!(start.notes[0].contains("no register for ztso"));
        assert_eq!(start.steps.last().unwrap().answer, "ok");
        assert!(!start.guest.unwrap().isa.line.contains("zicbom"));
        let sbi = started("kvmtool", "--disable-sbi-sta", "rv64gch");
        assert_eq!(sbi.steps[1].request, "SET sbi_ext.multi_dis.0 = 0x400");
    }

    #[test]
    fn a_wrong_option_ends_it_before_any_request() {
        for options in ["--disable-v", "--disable-ztso --disable-quux", "--disable-sbi-quux"] {
            let start = started("kvmtool", options, "rv64gch_ztso");
            assert!(start.guest.unwrap_err().contains("has no option"), "{options}");
            assert!(start.steps.is_empty(), "{options}");
        }
        assert_eq!(started("kvmtool", "-m 4G", "rv64gch").notes.len(), 1);
    }
}
