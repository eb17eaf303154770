//! vCPUs after the requests of a VMM, and what became of the requests.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::host::description::Host;
use crate::register::config::ConfigReg;
use crate::register::id::{RegId, RegKind};
use crate::register::isa_ext::IsaRegister;
use crate::vcpu::refusal::Refusal;
use crate::vcpu::state::Vcpu;

/// A virtual machine: its vCPUs, and the SET requests that a VMM made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vm {
    /// By number. They need not share a host.
    pub vcpus: Vec<Vcpu>,
    /// What was asked of them, in order.
    pub requests: Vec<RequestOutcome>,
}

/// A SET request of the VMM and its answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestOutcome {
    /// The vCPU's number.
    pub vcpu: usize,
    /// The register.
    pub id: RegId,
    /// The value asked for.
    pub value: u64,
    /// The kernel's answer.
    pub result: Result<(), Refusal>,
    /// Extensions that the kernel left as they were although it said yes: the interface of MULTI_EN,
    /// MULTI_DIS and CONFIG `isa` tells nobody.
    pub ignored: Vec<IsaRegister>,
}

impl RequestOutcome {
    /// The request as reports write it.
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
            not_done: self.ignored.iter().map(|r| r.extension().to_string()).collect(),
        }
    }
}

/// `vCPU 1: set isa_ext.ztso = 0x0: EINVAL: Linux has no way to ...`
impl fmt::Display for RequestOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vCPU {}: set {} = {:#x}: ", self.vcpu, self.id.name(), self.value)?;
        match &self.result {
            Ok(()) => f.write_str("ok")?,
            Err(refusal) => write!(f, "{refusal}")?,
        }
        if self.ignored.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = self.ignored.iter().map(|r| r.extension().to_string()).collect();
        write!(f, ", but silently not done: {}", names.join(", "))
    }
}

/// A SET request and the kernel's answer, as reports write it.
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

impl Vm {
    /// vCPUs that KVM makes for one VM at most: `KVM_MAX_VCPUS` in `arch/riscv/include/asm/kvm_host.h`.
    pub const MAX_VCPUS: usize = 1024;

    /// A VM of that many fresh vCPUs on one host.
    #[must_use]
    pub fn new(host: impl Into<Arc<Host>>, vcpus: usize) -> Vm {
        let host = host.into();
        Vm { vcpus: (0..vcpus).map(|_| Vcpu::new(host.clone())).collect(), requests: Vec::new() }
    }

    /// Asks for a register of a vCPU to be set, and keeps the answer.
    ///
    /// # Panics
    /// If there is no such vCPU.
    pub fn request(&mut self, vcpu: usize, id: RegId, value: u64) {
        let target = &mut self.vcpus[vcpu];
        let result = target.set_one_reg(id, value);
        let ignored = match result {
            Ok(()) => ignored(target, id, value),
            Err(_) => Vec::new(),
        };
        self.requests.push(RequestOutcome { vcpu, id, value, result, ignored });
    }
}

/// Extensions that an accepted request asked to change, and that are not as asked.
fn ignored(vcpu: &Vcpu, id: RegId, value: u64) -> Vec<IsaRegister> {
    let asked = |register: &IsaRegister| match id.kind() {
        RegKind::IsaMultiEnable(word) => bit_of(word, value, *register).then_some(true),
        RegKind::IsaMultiDisable(word) => bit_of(word, value, *register).then_some(false),
        RegKind::Config(index) if index == ConfigReg::Isa as u64 => {
            register.letter_bit().map(|bit| value >> bit & 1 == 1)
        }
        _ => None,
    };
    IsaRegister::of_kernel(vcpu.host().policy())
        .filter(|r| asked(r).is_some_and(|on| on != vcpu.has(r.extension())))
        .collect()
}

fn bit_of(word: u64, value: u64, register: IsaRegister) -> bool {
    let index = u64::from(register.index());
    index / 64 == word && value >> (index % 64) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::release::Policy;

    #[test]
    fn silence_of_the_kernel_is_told() {
        let host = Host::from_isa_string("rv64gc_ztso", Policy::Linux7_2).unwrap();
        let mut vm = Vm::new(host, 2);
        vm.request(1, RegId::multi_disable(0), 1 << 52 | 1 << 2);
        vm.request(1, RegId::config(ConfigReg::Isa), 0);
        vm.request(0, RegId::isa_single(IsaRegister::ZTSO), 0);
        let lines: Vec<String> = vm.requests.iter().map(ToString::to_string).collect();
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
        let record = vm.requests[2].record();
        assert_eq!((record.answer.as_str(), record.vcpu), ("EINVAL", 0));
        assert!(record.why.unwrap().starts_with("Linux has no way"));
    }
}
