//! The start of a guest: what a program asks of KVM, and what it does with the answers.
//!
//! The requests that bear on what a hart is; those for registers of the boot protocol are left out.

use rvlitmus_core::model::BaseModel;

use super::guest_isa::GuestIsa;
use super::table::Vmm;
use crate::isa::extension::{IsaExt, IsaExtSet};
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
    pub vmm: &'static Vmm,
    /// Its requests, in order.
    pub steps: Vec<VmmStep>,
    /// What is to be known besides.
    pub notes: Vec<String>,
    /// The guest, or why the program ends before it runs.
    pub guest: Result<StartedGuest, String>,
}

/// A guest that runs: what it is told, and what its hart is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StartedGuest {
    /// What it is told.
    pub isa: GuestIsa,
    /// A vCPU as it gets it.
    pub vcpu: Vcpu,
}

impl StartedGuest {
    /// The model that the guest's harts follow, whatever it is told.
    #[must_use]
    pub fn hart_model(&self) -> BaseModel {
        self.vcpu.hart_config().model
    }
}

/// Starts a program with its own options, which finds the vCPU so: fresh, unless requests were made before.
#[must_use]
pub fn start(vmm: &'static Vmm, options: &[String], vcpu: Vcpu) -> VmmStart {
    let mut startup = Startup { vcpu, steps: Vec::new(), notes: Vec::new() };
    let line = (vmm.start)(&mut startup, options);
    let Startup { vcpu, steps, notes } = startup;
    let host = vcpu.host();
    let isa = line.map(|line| GuestIsa::new(line, host.policy(), &host.constants().blocks));
    VmmStart { vmm, steps, notes, guest: isa.map(|isa| StartedGuest { isa, vcpu }) }
}

/// A program that is starting.
pub(super) struct Startup {
    /// The vCPU, as far as requests have changed it.
    pub(super) vcpu: Vcpu,
    steps: Vec<VmmStep>,
    notes: Vec<String>,
}

impl Startup {
    /// Notes a request that is neither GET nor SET.
    pub(super) fn step(&mut self, request: String, answer: String) {
        self.steps.push(VmmStep { request, answer, reaction: None });
    }

    /// Notes what the program does after the last step.
    pub(super) fn react(&mut self, reaction: &str) {
        if let Some(step) = self.steps.last_mut() {
            step.reaction = Some(reaction.to_owned());
        }
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    pub(super) fn get(&mut self, id: RegId) {
        let answer = match self.vcpu.get_one_reg(id) {
            Ok(value) => format!("{value:#x}"),
            Err(refusal) => refusal.to_string(),
        };
        self.step(format!("GET {}", id.name()), answer);
    }

    pub(super) fn set(&mut self, id: RegId, value: u64) -> Result<(), Errno> {
        let result = self.vcpu.set_one_reg(id, value);
        let answer = match &result {
            Ok(()) => "ok".to_owned(),
            Err(refusal) => refusal.to_string(),
        };
        self.step(format!("SET {} = {value:#x}", id.name()), answer);
        result.map_err(|refusal| refusal.errno())
    }

    /// Says of options, but for their values, that they are not looked at.
    pub(super) fn ignore(&mut self, options: &[String]) {
        for option in options.iter().filter(|option| option.starts_with('-')) {
            self.note(format!("`{option}` bears on no register that is modelled here"));
        }
    }

    /// The letters that are on: CONFIG `isa`.
    pub(super) fn letters(&self) -> IsaExtSet {
        let on = |register: &IsaRegister| {
            register.letter_bit().is_some() && self.vcpu.has(register.extension())
        };
        IsaRegister::all().filter(on).map(IsaRegister::extension).collect()
    }

    /// The registers of a program's own table of extensions, in its order, that the host offers.
    pub(super) fn offered(&self, table: &str) -> Vec<IsaRegister> {
        let host = self.vcpu.host();
        let register = |token| IsaExt::find(token).and_then(IsaRegister::of);
        table.split_whitespace().filter_map(register).filter(|r| host.offers(*r)).collect()
    }
}

/// Has the table of a program the extension with that token?
pub(super) fn has_word(table: &str, token: &str) -> bool {
    table.split_whitespace().any(|word| word == token)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::host::description::Host;
    use crate::kernel::release::Policy;

    /// A start on a host of that ISA under Linux 7.2.
    pub(crate) fn started(name: &str, options: &str, isa: &str) -> VmmStart {
        let host = Host::from_isa_string(isa, Policy::Linux7_2).unwrap();
        let options: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
        start(Vmm::named(name).unwrap(), &options, Vcpu::new(host))
    }

    fn models(start: &VmmStart) -> (BaseModel, BaseModel) {
        let guest = start.guest.as_ref().unwrap();
        (guest.isa.model(), guest.hart_model())
    }

    const BOTH: (BaseModel, BaseModel) = (BaseModel::Ztso, BaseModel::Ztso);
    const HIDDEN: (BaseModel, BaseModel) = (BaseModel::Rvwmo, BaseModel::Ztso);

    #[test]
    fn without_options_a_guest_is_told_what_it_gets() {
        assert_eq!(models(&started("kvmtool", "", "rv64gch_ztso")), BOTH);
        assert_eq!(models(&started("qemu", "-cpu host", "rv64gch_ztso")), BOTH);
        assert_eq!(models(&started("cloud-hypervisor", "", "rv64gch_ztso")), BOTH);
        assert_eq!(models(&started("crosvm", "", "rv64gch_ztso")), HIDDEN, "one line for all");
    }

    #[test]
    fn a_disabled_ztso_is_hidden_and_not_gone() {
        for name in ["kvmtool", "qemu"] {
            let options = Vmm::named(name).unwrap().options_that_hide("ztso").join(" ");
            let start = started(name, &options, "rv64gch_ztso");
            assert_eq!(models(&start), HIDDEN, "{name}");
            let step = start.steps.last().unwrap();
            assert!(step.answer.starts_with("EINVAL: Linux has no way"), "{step:?}");
            assert!(step.reaction.as_ref().unwrap().starts_with("warns"), "{step:?}");
            assert!(!start.guest.unwrap().isa.line.contains("ztso"));
        }
    }
}
