//! QEMU, `target/riscv/kvm/kvm-cpu.c`.
//!
//! `-cpu host,ztso=off`: the words are read first (`cpu_common_parse_features` in `hw/core/cpu-common.c`), then
//! a scratch vCPU, then each word is a property of the CPU in turn; what differs from the host then is set on
//! each vCPU.

use super::guest_isa::isa_line;
use super::start::{Startup, has_word};
use super::table::{Sends, Vmm};
use crate::isa::extension::{IsaExt, IsaExtSet};
use crate::register::group::{Group, GroupedReg};
use crate::register::id::RegId;
use crate::register::isa_ext::IsaRegister;
use crate::vcpu::refusal::Errno;
use crate::vcpu::state::Vcpu;

pub(super) static QEMU: Vmm = Vmm {
    name: "qemu",
    version: "10.0.13",
    requests: "target/riscv/kvm/kvm-cpu.c kvm_riscv_update_cpu_cfg_isa_ext",
    device_tree: "hw/riscv/virt.c create_fdt_socket_cpus",
    migration: Some("target/riscv/kvm/kvm-cpu.c kvm_arch_put_registers"),
    not_sent: &[
        "core.mode",
        "csr.scounteren",
        "csr.senvcfg",
        "fcsr",
        "vector.vcsr",
        "the CSRs of AIA and Smstateen",
        "SBI_STATE",
    ],
    sends: Sends::Chosen(sent),
    start,
    hide: |token| vec!["-cpu".to_owned(), format!("host,{token}=off")],
};

/// `kvm_multi_ext_cfgs`, in its order.
const EXTENSIONS: &str = "zicbom zicboz zicntr zicond zicsr zifencei zihintntl zihintpause zihpm zimop zcmop zabha \
                          zacas zawrs zfa zfh zfhmin zba zbb zbc zbkb zbkc zbkx zbs zca zcb zcd zcf zknd zkne zknh \
                          zkr zksed zksh zkt ztso zvbb zvbc zvfh zvfhmin zvkb zvkg zvkned zvknha zvknhb zvksed \
                          zvksh zvkt smnpm smstateen ssaia sscofpmf ssnpm sstc svade svadu svinval svnapot svpbmt \
                          svvptc";

/// Properties of its CPUs that are no extensions.
const OTHER_PROPERTIES: &str = "cbom_blocksize cbop_blocksize cboz_blocksize elen kvm-timer marchid mimpid mmu \
                                mvendorid pmp pmu-mask priv_spec resetvec short-isa-string vext_spec vlen";

/// The CPU as properties change it.
struct Cpu {
    /// What the guest is told.
    told: IsaExtSet,
    /// The letters that are turned off: whoever has asked for that cannot take it back.
    letters_off: Vec<IsaRegister>,
    /// The other extensions whose value was given.
    given: Vec<IsaRegister>,
}

fn start(run: &mut Startup, options: &[String]) -> Result<String, String> {
    let words = words(run, options)?;
    run.get("config.isa".parse().expect("a register"));
    let count = run.vcpu.reg_list(usize::MAX).map_or(0, |list| list.len());
    run.step("KVM_GET_REG_LIST".to_owned(), format!("{count} registers"));
    let offered = run.offered(EXTENSIONS);
    if offered.contains(&IsaRegister::ZTSO) {
        run.get(RegId::isa_single(IsaRegister::ZTSO));
    }
    let on = offered.iter().map(|r| r.extension()).filter(|ext| run.vcpu.has(*ext));
    let told = on.collect::<IsaExtSet>() | run.letters();
    let mut cpu = Cpu { told, letters_off: Vec::new(), given: Vec::new() };
    for (name, value) in words {
        cpu.property(run, &offered, name, value)?;
    }
    cpu.set(run, &offered)?;
    Ok(isa_line(cpu.told))
}

/// The words after the CPU's name, in the last `-cpu`.
fn words<'o>(run: &mut Startup, options: &'o [String]) -> Result<Vec<(&'o str, &'o str)>, String> {
    let mut cpu = None;
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        match option.strip_prefix("--").or_else(|| option.strip_prefix('-')) {
            Some("cpu") => {
                cpu = Some(rest.next().ok_or("QEMU ends: `-cpu` requires an argument")?);
            }
            Some(name) if name.starts_with("cpu=") => {
                return Err(format!("QEMU ends: it has no option `{option}`; write `-cpu host`"));
            }
            Some(_) => {
                run.ignore(std::slice::from_ref(option));
                if rest.as_slice().first().is_some_and(|value| !value.starts_with('-')) {
                    rest.next();
                }
            }
            None => run.note(format!(
                "`{option}` is a disk image to QEMU: what describes the CPU follows `-cpu`"
            )),
        }
    }
    let Some(cpu) = cpu else {
        run.note("without `-cpu`, what follows is that of `-cpu host`");
        return Ok(Vec::new());
    };
    let (model, words) = cpu.split_once(',').unwrap_or((cpu, ""));
    match model {
        "host" | "max" => {}
        "" => return Err("QEMU ends: `-cpu` cannot be empty".to_owned()),
        other => {
            return Err(format!(
                "QEMU runs the CPU `{other}` with KVM not at all, or not as modelled: use `-cpu host`"
            ));
        }
    }
    let word = |word: &'o str| {
        word.split_once('=').ok_or_else(|| {
            format!("QEMU ends: it expects NAME=VALUE after the CPU, found `{word}`")
        })
    };
    words.split(',').filter(|word| !word.is_empty()).map(word).collect()
}

impl Cpu {
    /// One `name=value`.
    fn property(
        &mut self,
        run: &mut Startup,
        offered: &[IsaRegister],
        name: &str,
        value: &str,
    ) -> Result<(), String> {
        if has_word(OTHER_PROPERTIES, name) {
            run.note(format!("`{name}` bears on no register that is modelled here"));
            return Ok(());
        }
        let is_profile = name.starts_with("rva") || name.starts_with("rvi");
        let ext = IsaExt::find(name);
        if ext.is_none() && !is_profile {
            return Err(format!("QEMU ends: the CPU has no property `{name}`"));
        }
        let wanted = match value {
            "on" | "true" | "yes" | "y" => true,
            "off" | "false" | "no" | "n" => false,
            _ => return Err(format!("QEMU ends: `{name}` is `on` or `off`, not `{value}`")),
        };
        let Some(ext) = ext else {
            return match wanted {
                true => Err(format!("QEMU ends: the profile `{name}` is not available with KVM")),
                false => Ok(()),
            };
        };
        match IsaRegister::of(ext) {
            Some(register) if register.letter_bit().is_some() => {
                if wanted && !self.told.contains(ext) {
                    return Err(format!(
                        "QEMU ends: `{name}` is not on in KVM's register `isa`, which it takes for the \
                         host's letters, so it lets nobody turn it on"
                    ));
                }
                if !wanted && self.told.contains(ext) && !self.letters_off.contains(&register) {
                    self.letters_off.push(register);
                }
            }
            Some(register) if offered.contains(&register) => {
                if wanted != self.told.contains(ext) && !self.given.contains(&register) {
                    self.given.push(register);
                }
                if wanted {
                    self.told.insert(ext);
                } else {
                    self.told.remove(ext);
                }
            }
            _ if !wanted => {}
            Some(_) if has_word(EXTENSIONS, name) => {
                return Err(format!(
                    "QEMU ends: KVM does not have `{name}` here; its message speaks of disabling"
                ));
            }
            _ => return Err(format!("QEMU ends: `{name}` is not available with KVM")),
        }
        Ok(())
    }

    /// Sets what was given on a vCPU: letters, then the others in the order of QEMU's table.
    fn set(&mut self, run: &mut Startup, offered: &[IsaRegister]) -> Result<(), String> {
        let ends = |run: &mut Startup, register: IsaRegister, errno: Errno| {
            run.react("ends");
            let token = register.extension().token();
            Err(format!("QEMU ends: it cannot set the register of {token} ({errno})"))
        };
        self.letters_off.sort();
        for register in &self.letters_off {
            if let Err(errno) = run.set(RegId::isa_single(*register), 0) {
                return ends(run, *register, errno);
            }
            self.told.remove(register.extension());
        }
        for register in offered.iter().filter(|register| self.given.contains(register)) {
            let wanted = self.told.contains(register.extension());
            match run.set(RegId::isa_single(*register), u64::from(wanted)) {
                Ok(()) => {}
                Err(Errno::EINVAL) if !wanted => run.react(
                    "warns that KVM cannot disable it, goes on, and leaves it out of the device tree",
                ),
                Err(errno) => return ends(run, *register, errno),
            }
        }
        Ok(())
    }
}

/// What it sends. The stream has what `misa` was, and the vectors, but not how long they are.
fn sent(from: &Vcpu, to: &Vcpu) -> Vec<RegId> {
    let float = match (from.has(IsaExt::D), from.has(IsaExt::F)) {
        (true, _) => Some(Group::FpD),
        (false, true) => Some(Group::FpF),
        (false, false) => None,
    };
    let timer_is_on = GroupedReg::named("timer.state")
        .is_some_and(|state| from.get_one_reg(state.id(16)) == Ok(1));
    // It learns from the list whether there are vectors to set.
    let vectors = to.host().policy().lists_vectors();
    let wanted = |register: &&GroupedReg| match (register.group, register.index) {
        (Group::Core, index) => index < 32,
        (Group::CsrGeneral, index) => index < 9,
        (Group::Vector, index) => from.has(IsaExt::V) && (index < 3 || index > 5 && vectors),
        (Group::Timer, index) => matches!(index, 1 | 2) || index == 3 && timer_is_on,
        (group, index) => Some(group) == float && index < 32,
    };
    GroupedReg::all().filter(wanted).map(|register| register.id(to.host().vlenb())).collect()
}

#[cfg(test)]
mod tests {
    use crate::vmm::start::tests::started;

    fn exit(options: &str) -> String {
        let start = started("qemu", &format!("-cpu {options}"), "rv64gch_ztso_zicbom");
        let sets = start.steps.iter().filter(|step| step.request.starts_with("SET")).count();
        assert!(sets <= 1, "{options}: {:?}", start.steps);
        start.guest.expect_err(options)
    }

    #[test]
    fn what_ends_it() {
        assert_eq!(exit("host,c=off"), "QEMU ends: it cannot set the register of c (EINVAL)");
        assert!(exit("host,zacas=on").contains("speaks of disabling"));
        assert!(exit("host,zalasr=on").ends_with("is not available with KVM"));
        assert!(exit("host,rva23u64=on").contains("profile"));
        assert!(exit("host,quux=on").contains("no property"));
        assert!(exit("host,h=on").contains("`h` is not on in KVM's register `isa`"));
        assert!(exit("host,ztso=maybe").ends_with("`ztso` is `on` or `off`, not `maybe`"));
        assert!(exit("host,ztso=").ends_with("not ``"));
        assert!(exit("host,ztso").ends_with("expects NAME=VALUE after the CPU, found `ztso`"));
        assert!(exit("").contains("requires an argument"));
        assert!(exit("rv64").contains("use `-cpu host`"));
        for fine in ["host,d=off,zicbom=off", "max,,ztso=off", "host,zalasr=off", "host,vlen=128"] {
            let start = started("qemu", &format!("-cpu {fine}"), "rv64gch_ztso_zicbom");
            assert!(start.guest.is_ok(), "{fine}: {:?}", start.guest);
        }
        assert!(started("qemu", "-cpu host,ztso=off", "rv64gch").guest.is_ok(), "nothing to do");
    }

    #[test]
    fn nothing_is_set_before_all_words_are_read() {
        for options in ["-cpu host,ztso=off,quux=on", "-cpu host,zicbom=off,ztso=maybe"] {
            let start = started("qemu", options, "rv64gch_ztso_zicbom");
            assert!(start.guest.is_err());
            assert!(start.steps.iter().all(|step| !step.request.starts_with("SET")), "{options}");
        }
        let words = started("qemu", "-cpu host,ztso=off,quux", "rv64gch_ztso");
        assert!(words.steps.is_empty(), "KVM was not asked yet");
    }

    #[test]
    fn other_options_are_no_cpu() {
        let options = "-M virt -m 4G -smp 2 -nographic -cpu max -cpu host,ztso=off disk.img";
        let start = started("qemu", options, "rv64gch_ztso");
        assert!(!start.guest.unwrap().isa.line.contains("ztso"));
        assert_eq!(start.notes.len(), 5, "{:?}", start.notes);
        assert!(start.notes[4].contains("`disk.img` is a disk image"));
    }

    #[test]
    fn of_two_words_about_one_extension_the_later_holds() {
        let sets = |options: &str| {
            let start = started("qemu", options, "rv64gch_ztso");
            let steps = start.steps.iter().filter(|step| step.request.starts_with("SET"));
            steps.map(|step| step.request.clone()).collect::<Vec<_>>()
        };
        assert_eq!(sets("-cpu host,ztso=off,ztso=on"), ["SET isa_ext.ztso = 0x1"]);
        assert_eq!(sets("-cpu host,d=off,d=on"), ["SET isa_ext.d = 0x0"], "a letter stays off");
    }
}
