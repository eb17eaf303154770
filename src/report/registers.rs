//! Registers of the ONE_REG interface, for programs: those of a vCPU, and those of all kernels.

use rvlitmus_onereg::{
    ConfigReg, GroupedReg, HwprobeBit, IsaRegister, ListedRegister, RegId, Release, Vcpu,
};
use schemars::JsonSchema;
use serde::Serialize;

/// The name and version of the format.
pub const REGISTERS_SCHEMA: &str = "rvlitmus/registers/1";

/// A register of a vCPU, or one that it lacks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct VcpuRegisterRecord {
    /// Its id, 16 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its value, hexadecimal; absent for a register that the vCPU lacks.
    pub value: Option<String>,
    /// What setting another value does; or the errno of a register that the vCPU lacks, and why.
    pub change: String,
}

impl VcpuRegisterRecord {
    /// Of these registers, and if `all` of the ISA registers that the vCPU lacks.
    #[must_use]
    pub fn list(vcpu: &Vcpu, rows: &[ListedRegister], all: bool) -> Vec<VcpuRegisterRecord> {
        let present = rows.iter().map(|row| VcpuRegisterRecord {
            id: row.id.to_string(),
            name: row.id.name(),
            value: Some(format!("{:#x}", row.value)),
            change: row.writability.to_string(),
        });
        let absent = if all { vcpu.absent_registers() } else { Vec::new() };
        let absent = absent.iter().map(|row| {
            let id = RegId::isa_single(row.register);
            let change = format!("{}: {}", row.reason.errno(), row.reason);
            VcpuRegisterRecord { id: id.to_string(), name: id.name(), value: None, change }
        });
        present.chain(absent).collect()
    }
}

/// A register of some kernel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct KernelRegisterRecord {
    /// Its id, 16 hexadecimal digits; of vector registers on a host whose vectors have 16 bytes.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The first kernel that has it.
    pub since: String,
    /// Of an extension its number in the host's bitmap.
    pub hwcap: Option<u8>,
    /// Of an extension its name in ISA strings.
    pub isa: Option<&'static str>,
    /// Of an extension its bit of `riscv_hwprobe`, if it has one: `IMA_EXT_0 bit 33`.
    pub hwprobe: Option<String>,
    /// The first kernel that has this bit.
    pub hwprobe_since: Option<String>,
}

impl KernelRegisterRecord {
    /// Every register of every modelled kernel.
    pub fn all() -> impl Iterator<Item = KernelRegisterRecord> {
        let config = ConfigReg::all().map(|r| plain(RegId::config(r), r.since()));
        let words = IsaRegister::words().flat_map(|(word, since)| {
            [RegId::multi_enable(word), RegId::multi_disable(word)].map(|id| plain(id, since))
        });
        let grouped = GroupedReg::all().map(|register| plain(register.id(16), register.since));
        config.chain(IsaRegister::all().map(extension)).chain(words).chain(grouped)
    }
}

fn plain(id: RegId, since: Release) -> KernelRegisterRecord {
    KernelRegisterRecord {
        id: id.to_string(),
        name: id.name(),
        since: since.to_string(),
        hwcap: None,
        isa: None,
        hwprobe: None,
        hwprobe_since: None,
    }
}

fn extension(register: IsaRegister) -> KernelRegisterRecord {
    let ext = register.extension();
    let bit: Option<HwprobeBit> = ext.hwprobe();
    KernelRegisterRecord {
        hwcap: ext.hwcap(),
        isa: Some(ext.token()),
        hwprobe: bit.map(|bit| bit.to_string()),
        hwprobe_since: bit.map(|bit| bit.since.to_string()),
        ..plain(RegId::isa_single(register), register.since())
    }
}

/// What the JSON of `onereg list` and of `onereg ids` may be.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code)] // a schema is made of it, nothing else
enum RegistersRecord {
    /// `onereg list --json`
    OfVcpu(Vec<VcpuRegisterRecord>),
    /// `onereg ids --json`
    OfKernels(Vec<KernelRegisterRecord>),
}

/// The JSON Schema of both lists.
#[must_use]
pub fn registers_schema() -> serde_json::Value {
    super::schema_of::<RegistersRecord>(REGISTERS_SCHEMA)
}
