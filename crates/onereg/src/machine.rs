//! The harts of a test: vCPUs after all requests, and what became of the requests.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::edits::{EditError, HartEdits};
use super::{ConfigReg, Ext, Facts, Host, HostHart, IsaRegister, Policy, Refusal, RegId, RegKind};
use super::{Vcpu, Vm, hart};
use rvlitmus_core::arch::riscv::ExtensionSet;
use rvlitmus_core::model::BaseModel;
use rvlitmus_core::program::HartConfig;

/// vCPUs, one per hart of the test, not yet run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Machine {
    /// By hart. They need not share a host.
    pub vcpus: Vec<Vcpu>,
    /// What was asked of them, in order.
    pub requests: Vec<RequestOutcome>,
}

/// A SET request of the VMM and its answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestOutcome {
    /// Which vCPU.
    pub vcpu: usize,
    /// Which register.
    pub id: RegId,
    /// The value asked for.
    pub value: u64,
    /// The kernel's answer.
    pub result: Result<(), Refusal>,
    /// Extensions that the kernel left as they were although it said yes: the interface of MULTI_EN,
    /// MULTI_DIS and CONFIG `isa` tells nobody.
    pub not_done: Vec<IsaRegister>,
}

/// What was asked of one register of a vCPU, and the answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RequestRecord {
    /// Which vCPU, from 0.
    pub vcpu: usize,
    /// The register's name: `isa_ext.ztso`.
    pub register: String,
    /// The register's id, 16 hexadecimal digits: `0x8030000007000034`.
    pub id: String,
    /// The value asked for, hexadecimal.
    pub value: String,
    /// `ok`, or the name of the errno.
    pub answer: String,
    /// One sentence, if the request was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Extensions that the kernel silently left as they were although it said `ok`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_done: Vec<String>,
}

impl RequestOutcome {
    /// For reports.
    #[must_use]
    pub fn record(&self) -> RequestRecord {
        let (answer, why) = match &self.result {
            Ok(()) => ("ok".to_string(), None),
            Err(refusal) => (refusal.errno().to_string(), Some(refusal.reason.to_string())),
        };
        RequestRecord {
            vcpu: self.vcpu,
            register: self.id.name(),
            id: self.id.to_string(),
            value: format!("{:#x}", self.value),
            answer,
            why,
            not_done: self.not_done.iter().map(|r| r.extension().to_string()).collect(),
        }
    }
}

/// `vCPU 1: set isa_ext.ztso = 0x0: EINVAL: Linux has no way to ...`
impl std::fmt::Display for RequestOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "vCPU {}: set {} = {:#x}: ", self.vcpu, self.id.name(), self.value)?;
        match &self.result {
            Ok(()) => f.write_str("ok")?,
            Err(refusal) => write!(f, "{refusal}")?,
        }
        if self.not_done.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = self.not_done.iter().map(|r| r.extension().to_string()).collect();
        write!(f, ", but silently not done: {}", names.join(", "))
    }
}

impl Machine {
    /// A VM of fresh vCPUs.
    #[must_use]
    pub fn fresh(host: Host, harts: usize) -> Machine {
        Machine { vcpus: Vm::new(host, harts).vcpus, requests: Vec::new() }
    }

    /// One of the two VMs that `run` compares: Linux 7.2 on a host that has every instruction, and
    /// Ztso if `model` is that.
    #[must_use]
    pub fn standard(model: BaseModel, harts: usize) -> Machine {
        let mut named = everything();
        if model == BaseModel::Ztso {
            named.insert(Ext::named("ztso"));
        }
        Machine::fresh(host_with(named, Policy::default()), harts)
    }

    /// A machine whose harts are described one by one, as `--hart` and `Harts=` do.
    ///
    /// Each hart is a fresh vCPU on a host of its own: one hart with every instruction, without Ztso
    /// (and without Zama16b), changed as written; the kernel's policy is `documented`. No single
    /// Linux host gives such a mixture: it is a description of hardware.
    ///
    /// # Errors
    /// If the edits name a hart that the test does not have, or contradict one another.
    pub fn described(edits: &HartEdits, harts: usize) -> Result<Machine, EditError> {
        edits.check_harts(harts)?;
        let mut vcpus = Vec::with_capacity(harts);
        for hart in 0..harts {
            let named = edits.apply(hart, &everything())?;
            vcpus.extend(Vm::new(host_with(named, Policy::Documented), 1).vcpus);
        }
        Ok(Machine { vcpus, requests: Vec::new() })
    }

    /// Asks for a register of a vCPU to be set, and keeps the answer.
    ///
    /// # Panics
    /// If there is no such vCPU.
    pub fn request(&mut self, vcpu: usize, id: RegId, value: u64) {
        let target = &mut self.vcpus[vcpu];
        let result = target.set_one_reg(id, value);
        let not_done = match result {
            Ok(()) => not_done(target, id, value),
            Err(_) => Vec::new(),
        };
        self.requests.push(RequestOutcome { vcpu, id, value, result, not_done });
    }

    /// What the engines need, by hart.
    #[must_use]
    pub fn hart_configs(&self) -> Vec<HartConfig> {
        self.vcpus.iter().map(Vcpu::hart_config).collect()
    }
}

/// What a device tree names that has every instruction of litmus tests.
fn everything() -> super::ExtSet {
    let all = ExtensionSet::all_instructions();
    let mut named: super::ExtSet = all.iter().map(hart::row).collect();
    named.extend(["a", "c", "zicsr"].into_iter().filter_map(Ext::find));
    named
}

fn host_with(named: super::ExtSet, policy: Policy) -> Host {
    let hart = HostHart::from_device_tree(named);
    Host::new(vec![hart], policy, Facts::default()).expect("one hart")
}

/// Extensions that an accepted request asked to change, and that are not as asked.
fn not_done(vcpu: &Vcpu, id: RegId, value: u64) -> Vec<IsaRegister> {
    let asked = |register: &IsaRegister| match id.kind() {
        RegKind::IsaMultiEnable(word) => bit_of(word, value, *register).then_some(true),
        RegKind::IsaMultiDisable(word) => bit_of(word, value, *register).then_some(false),
        RegKind::Config(index) if index == ConfigReg::Isa as u64 => {
            register.letter_bit().map(|bit| value >> bit & 1 == 1)
        }
        _ => None,
    };
    IsaRegister::of_kernel(vcpu.host().policy())
        .filter(|r| asked(r).is_some_and(|on| on != vcpu.has(*r)))
        .collect()
}

fn bit_of(word: u64, value: u64, register: IsaRegister) -> bool {
    let index = u64::from(register.index());
    index / 64 == word && value >> (index % 64) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use rvlitmus_core::arch::riscv::Extension;

    #[test]
    fn standard_machines_are_the_two_models() {
        for model in [BaseModel::Rvwmo, BaseModel::Ztso] {
            let machine = Machine::standard(model, 3);
            let mut extensions = ExtensionSet::all_instructions();
            if model == BaseModel::Ztso {
                extensions.insert(Extension::Ztso);
            }
            let config = HartConfig { extensions, ..rvlitmus_core::program::full_hart(model) };
            assert_eq!(machine.hart_configs(), [config; 3]);
        }
    }

    #[test]
    fn a_mixed_machine() {
        let edits = "0:+ztso;1:-ztso,-zaamo".parse().unwrap();
        let harts = Machine::described(&edits, 3).unwrap().hart_configs();
        assert_eq!(harts[0].model, BaseModel::Ztso);
        assert_eq!(harts[1].model, BaseModel::Rvwmo);
        for gone in [Extension::Zaamo, Extension::Zacas, Extension::Zabha] {
            assert!(!harts[1].extensions.contains(gone), "{gone}");
        }
        assert!(harts[1].extensions.contains(Extension::Zalrsc));
        assert_eq!(harts[2].extensions, ExtensionSet::all_instructions());
    }

    #[test]
    fn silence_of_the_kernel_is_told() {
        let host = Host::from_isa_string("rv64gc_ztso", Policy::Linux7_2).unwrap();
        let mut machine = Machine::fresh(host, 2);
        machine.request(1, RegId::multi_disable(0), 1 << 52 | 1 << 2);
        machine.request(1, RegId::config(ConfigReg::Isa), 0);
        machine.request(0, RegId::isa_single(IsaRegister::ZTSO), 0);
        let lines: Vec<String> = machine.requests.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "vCPU 1: set isa_ext.multi_dis.0 = 0x10000000000004: ok, but silently not done: \
                 Ztso",
                "vCPU 1: set config.isa = 0x0: ok, but silently not done: A, C, I, M",
                "vCPU 0: set isa_ext.ztso = 0x0: EINVAL: Linux has no way to turn Ztso off; \
                 `--policy documented` models a host that can",
            ]
        );
        let record = machine.requests[2].record();
        assert_eq!((record.answer.as_str(), record.vcpu), ("EINVAL", 0));
        assert!(record.why.unwrap().starts_with("Linux has no way"));
    }
}
