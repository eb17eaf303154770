//! What a program asks of KVM when it starts a guest, and what it does with the answers.
//!
//! The requests that bear on what a hart is; those for registers of the boot protocol are left out.

use rvlitmus_core::model::BaseModel;

use super::table::{CROSVM_LINE, Vmm};
use super::told::{Told, isa_line};
use crate::isa::extension::{IsaExt, IsaExtSet};
use crate::register::group::{Group, StateReg};
use crate::register::id::RegId;
use crate::register::isa_ext::IsaRegister;
use crate::vcpu::refusal::Errno;
use crate::vcpu::state::Vcpu;

/// One request, the kernel's answer, and what the program does with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VmmStep {
    /// `SET isa_ext.ztso = 0`
    pub request: String,
    /// `ok`, a value, or errno and reason.
    pub answer: String,
    /// What follows, if something does.
    pub reaction: Option<String>,
}

/// A program's start on a host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VmmStart {
    /// Which program.
    pub vmm: Vmm,
    /// Its requests, in order.
    pub steps: Vec<VmmStep>,
    /// What is to be known besides.
    pub notes: Vec<String>,
    /// Why it ends before the guest runs, if it does.
    pub exit: Option<String>,
    /// A vCPU as the guest gets it.
    pub vcpu: Vcpu,
    /// What the guest is told.
    pub told: Told,
}

impl VmmStart {
    /// The model that the guest's harts follow, whatever it is told.
    #[must_use]
    pub fn runs(&self) -> BaseModel {
        self.vcpu.hart_config().model
    }
}

/// Starts a program with its own options, which finds the vCPU so: fresh, unless requests were made before.
#[must_use]
pub fn start(vmm: Vmm, options: &[String], vcpu: Vcpu) -> VmmStart {
    let mut run = Run { vmm, vcpu, steps: Vec::new(), notes: Vec::new(), exit: None };
    let line = match vmm {
        Vmm::Kvmtool => run.kvmtool(options),
        Vmm::Qemu => run.qemu(options),
        Vmm::CloudHypervisor => run.cloud_hypervisor(options),
        Vmm::Crosvm => run.crosvm(options),
    };
    let Run { vcpu, steps, notes, exit, .. } = run;
    let told = Told::new(line, vcpu.host().policy(), &vcpu.host().constants().blocks);
    VmmStart { vmm, steps, notes, exit, vcpu, told }
}

struct Run {
    vmm: Vmm,
    vcpu: Vcpu,
    steps: Vec<VmmStep>,
    notes: Vec<String>,
    exit: Option<String>,
}

impl Run {
    fn step(&mut self, request: String, answer: String) {
        self.steps.push(VmmStep { request, answer, reaction: None });
    }

    /// What the program does after the last step.
    fn react(&mut self, reaction: impl Into<String>) {
        if let Some(step) = self.steps.last_mut() {
            step.reaction = Some(reaction.into());
        }
    }

    fn get(&mut self, id: RegId) -> Option<u64> {
        let result = self.vcpu.get_one_reg(id);
        let answer = match &result {
            Ok(value) => format!("{value:#x}"),
            Err(refusal) => refusal.to_string(),
        };
        self.step(format!("GET {}", id.name()), answer);
        result.ok()
    }

    fn set(&mut self, id: RegId, value: u64) -> Result<(), Errno> {
        let result = self.vcpu.set_one_reg(id, value);
        let answer = match &result {
            Ok(()) => "ok".to_owned(),
            Err(refusal) => refusal.to_string(),
        };
        self.step(format!("SET {} = {value:#x}", id.name()), answer);
        result.map_err(|refusal| refusal.errno())
    }

    fn ends(&mut self, why: String) {
        self.exit.get_or_insert(why);
    }

    fn ignored(&mut self, option: &str) {
        self.notes.push(format!("`{option}` bears on no register that is modelled here"));
    }

    /// The letters that the guest is told of: CONFIG `isa` as it is now.
    fn letters(&self) -> IsaExtSet {
        let on = |register: &IsaRegister| {
            register.letter_bit().is_some() && self.vcpu.has(register.extension())
        };
        IsaRegister::all().filter(on).map(IsaRegister::extension).collect()
    }

    /// Registers of the program's own table of extensions that this host offers.
    fn offered(&self) -> Vec<IsaRegister> {
        let host = self.vcpu.host();
        let known = |r: &IsaRegister| self.vmm.switches(r.extension().token()) && host.offers(*r);
        IsaRegister::all().filter(known).collect()
    }

    /// `--disable-ztso` and the like. Extensions are asked for one by one while the device tree is made;
    /// a refusal is a warning, and the extension is left out of the device tree all the same.
    fn kvmtool(&mut self, options: &[String]) -> String {
        let mut disabled: Vec<&str> = Vec::new();
        let mut sbi = 0;
        for option in options {
            let name = option.strip_prefix("--disable-");
            let register = |name: &str| {
                let name = if name == "legacy" { "v01" } else { name };
                StateReg::named(&format!("sbi_ext.{name}")).filter(|r| r.group == Group::SbiExt)
            };
            match name {
                Some(name) if self.vmm.switches(name) => disabled.push(name),
                Some(name) if name.strip_prefix("sbi-").is_some_and(|n| register(n).is_some()) => {
                    let named = name.strip_prefix("sbi-").and_then(register);
                    sbi |= named.map_or(0, |register| 1 << register.index);
                }
                Some(_) => self.ends(format!("kvmtool has no option `{option}`")),
                None => self.ignored(option),
            }
        }
        self.get("config.isa".parse().expect("a register"));
        if sbi != 0 {
            let id = StateReg::named("sbi_ext.multi_dis.0").expect("a register").id(16);
            if self.set(id, sbi).is_err() {
                self.ends("kvmtool ends: it cannot disable SBI extensions".to_owned());
            }
        }
        let letters = self.letters();
        let mut told = letters;
        for register in self.offered() {
            let (ext, id) = (register.extension(), RegId::isa_single(register));
            let asked = disabled.contains(&ext.token());
            if ext == IsaExt::Ztso || asked {
                self.get(id);
            }
            if !self.vcpu.has(ext) {
                continue;
            }
            if !asked {
                told.insert(ext);
                continue;
            }
            if self.set(id, 0).is_err() {
                self.react("warns that it could not disable the extension, and leaves it out of the device tree");
            } else {
                self.react("leaves it out of the device tree");
            }
        }
        for token in disabled {
            let register = IsaExt::find(token).and_then(IsaRegister::of);
            if register.is_none_or(|r| !self.vcpu.host().offers(r)) {
                self.notes.push(format!("the host has no register for {token}: nothing is asked"));
            }
        }
        isa_line(told)
    }

    /// `-cpu host,ztso=off`. A scratch vCPU is read first; what options change is set on each vCPU.
    fn qemu(&mut self, options: &[String]) -> String {
        let mut words: Vec<&str> = Vec::new();
        for option in options {
            match option.split_once(',').map_or(option.as_str(), |(cpu, _)| cpu) {
                "-cpu" => {}
                "host" | "max" => words.extend(option.split(',').skip(1)),
                other if other.starts_with('-') => self.ignored(option),
                other if other.contains('=') => words.extend(option.split(',')),
                other => self.ends(format!(
                    "QEMU runs the CPU `{other}` with KVM not at all, or not as modelled: use `-cpu host`"
                )),
            }
        }
        self.get("config.isa".parse().expect("a register"));
        let count = self.vcpu.reg_list(usize::MAX).map_or(0, |list| list.len());
        self.step("KVM_GET_REG_LIST".to_owned(), format!("{count} registers"));
        let offered = self.offered();
        if offered.contains(&IsaRegister::ZTSO) {
            self.get(RegId::isa_single(IsaRegister::ZTSO));
        }
        let on = |run: &Run, r: &IsaRegister| run.vcpu.has(r.extension());
        let mut told: IsaExtSet = self.letters();
        told.extend(offered.iter().filter(|r| on(self, r)).map(|r| r.extension()));
        let mut asked: Vec<(IsaRegister, bool)> = Vec::new();
        for word in words {
            self.qemu_option(word, &offered, &mut told, &mut asked);
        }
        asked.sort_by_key(|(register, _)| (register.letter_bit().is_none(), *register));
        for (register, wanted) in asked {
            let token = register.extension().token();
            match (self.set(RegId::isa_single(register), u64::from(wanted)), wanted) {
                (Ok(()), _) => {}
                (Err(Errno::EINVAL), false) if register.letter_bit().is_none() => {
                    self.react("warns that KVM cannot disable it, goes on, and leaves it out of the device tree");
                }
                (Err(errno), _) => {
                    self.react("ends");
                    self.ends(format!(
                        "QEMU ends: it cannot set the register of {token} ({errno})"
                    ));
                }
            }
        }
        isa_line(told)
    }

    /// One `name=on` or `name=off` of `-cpu host`.
    fn qemu_option(
        &mut self,
        word: &str,
        offered: &[IsaRegister],
        told: &mut IsaExtSet,
        asked: &mut Vec<(IsaRegister, bool)>,
    ) {
        let (name, value) = word.split_once('=').unwrap_or((word, "on"));
        let wanted = match value {
            "on" | "true" | "yes" | "y" => true,
            "off" | "false" | "no" | "n" => false,
            _ => return self.ignored(word),
        };
        let is_profile = name.starts_with("rva") || name.starts_with("rvi");
        let Some(ext) = IsaExt::find(name) else {
            match (is_profile, wanted) {
                (true, true) => {
                    self.ends(format!("QEMU ends: the profile `{name}` is not available with KVM"));
                }
                (true, false) => {}
                (false, _) => self.ends(format!("QEMU ends: the CPU has no property `{name}`")),
            }
            return;
        };
        let letter = name.len() == 1;
        let register = IsaRegister::of(ext);
        let has = told.contains(ext);
        let known = letter && register.is_some() || register.is_some_and(|r| offered.contains(&r));
        match (known, wanted == has) {
            (_, true) => {}
            (true, false) if letter && wanted => {
                self.ends(format!("QEMU ends: the host does not have `{name}`"));
            }
            (true, false) => {
                told.remove(ext);
                if wanted {
                    told.insert(ext);
                }
                asked.extend(register.map(|r| (r, wanted)));
            }
            (false, false) if wanted && self.vmm.switches(name) => self.ends(format!(
                "QEMU ends: KVM does not have `{name}` here; its message speaks of disabling"
            )),
            (false, false) => self.ends(format!("QEMU ends: `{name}` is not available with KVM")),
        }
    }

    /// It asks for nothing, and takes the host's line of `/proc/cpuinfo` without `h`.
    fn cloud_hypervisor(&mut self, options: &[String]) -> String {
        options.iter().for_each(|option| self.ignored(option));
        self.notes.push(
            "cloud-hypervisor asks for no extension: it copies the host's line of /proc/cpuinfo less `h`, \
             with whatever KVM does not give the guest"
                .to_owned(),
        );
        isa_line(self.vcpu.host().common() - IsaExt::H)
    }

    /// It asks for nothing, and has one line for all.
    fn crosvm(&mut self, options: &[String]) -> String {
        options.iter().for_each(|option| self.ignored(option));
        self.get(StateReg::named("timer.frequency").expect("a register").id(16));
        self.notes
            .push("crosvm asks for no extension: its line is the same on every host".to_owned());
        CROSVM_LINE.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::description::Host;
    use crate::kernel::release::Policy;

    fn started(vmm: Vmm, options: &str, isa: &str) -> VmmStart {
        let host = Host::from_isa_string(isa, Policy::Linux7_2).unwrap();
        let options: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
        start(vmm, &options, Vcpu::new(host))
    }

    fn models(start: &VmmStart) -> (BaseModel, BaseModel) {
        (start.told.model(), start.runs())
    }

    const BOTH: (BaseModel, BaseModel) = (BaseModel::Ztso, BaseModel::Ztso);
    const HIDDEN: (BaseModel, BaseModel) = (BaseModel::Rvwmo, BaseModel::Ztso);

    #[test]
    fn without_options_a_guest_is_told_what_it_gets() {
        assert_eq!(models(&started(Vmm::Kvmtool, "", "rv64gch_ztso")), BOTH);
        assert_eq!(models(&started(Vmm::Qemu, "-cpu host", "rv64gch_ztso")), BOTH);
        assert_eq!(models(&started(Vmm::CloudHypervisor, "", "rv64gch_ztso")), BOTH);
        assert_eq!(models(&started(Vmm::Crosvm, "", "rv64gch_ztso")), HIDDEN, "one line for all");
    }

    #[test]
    fn a_disabled_ztso_is_hidden_and_not_gone() {
        for (vmm, options) in [(Vmm::Kvmtool, "--disable-ztso"), (Vmm::Qemu, "-cpu host,ztso=off")]
        {
            let start = started(vmm, options, "rv64gch_ztso");
            assert_eq!(models(&start), HIDDEN, "{vmm}");
            assert_eq!(start.exit, None);
            let step = start.steps.last().unwrap();
            assert!(step.answer.starts_with("EINVAL: Linux has no way"), "{step:?}");
            assert!(step.reaction.as_ref().unwrap().starts_with("warns"), "{step:?}");
            assert!(!start.told.isa_line.contains("ztso"));
        }
    }

    #[test]
    fn what_ends_qemu() {
        let exit = |options| started(Vmm::Qemu, options, "rv64gch_ztso").exit.unwrap();
        assert_eq!(exit("host,c=off"), "QEMU ends: it cannot set the register of c (EINVAL)");
        assert!(exit("host,zacas=on").contains("speaks of disabling"));
        assert!(exit("host,zalasr=on").ends_with("is not available with KVM"));
        assert!(exit("host,rva23u64=on").contains("profile"));
        assert!(exit("host,quux=on").contains("no property"));
        assert!(exit("host,v=on").contains("does not have `v`"));
        assert_eq!(started(Vmm::Qemu, "host,d=off,zicbom=off", "rv64gch_zicbom").exit, None);
        assert_eq!(started(Vmm::Qemu, "host,ztso=off", "rv64gch").exit, None, "nothing to do");
    }

    #[test]
    fn kvmtool_asks_only_for_what_the_host_has() {
        let start = started(Vmm::Kvmtool, "--disable-ztso --disable-zicbom", "rv64gch_zicbom");
        assert!(start.notes[0].contains("no register for ztso"));
        assert_eq!(start.steps.last().unwrap().answer, "ok");
        assert!(!start.told.isa_line.contains("zicbom"));
        assert!(started(Vmm::Kvmtool, "--disable-v", "rv64gch").exit.is_some());
        let sbi = started(Vmm::Kvmtool, "--disable-sbi-sta", "rv64gch");
        assert_eq!(sbi.steps[1].request, "SET sbi_ext.multi_dis.0 = 0x400");
    }
}
