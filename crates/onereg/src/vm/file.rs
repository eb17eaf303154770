//! The file of `--vm`: a host, and what the VMM asks of its vCPUs.
//!
//! JSON; the schema is `schema/vm.schema.json`, generated from the types here. Reading checks
//! everything that can be wrong in it: fields, names of extensions and registers, values.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::hart_edits::EditError;
use super::requests::Vm;
use crate::host::constants::VectorUse;
use crate::host::description::HostError;
use crate::isa::extension::IsaExt;
use crate::isa::isa_string::IsaStringError;
use crate::json::{object, object_of, objects};
use crate::kernel::release::Policy;
use crate::recording::error::RecordingError;
use crate::register::id::UnknownRegister;
use crate::register::value::Value64;

/// A virtual machine: the host that it runs on, and the registers that the VMM sets before the vCPUs
/// run.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "rvlitmus virtual machine")]
pub struct VmSpec {
    /// Where this file's schema is, for editors; not looked at.
    #[serde(rename = "$schema")]
    pub json_schema: Option<String>,
    /// What the machine is for; not looked at.
    pub comment: Option<String>,
    /// The machine that the guest runs on.
    #[serde(deserialize_with = "object")]
    pub host: HostSpec,
    /// How the host's kernel answers. Default: `linux-7.2`, or for a transcript the policy of the
    /// recorded kernel.
    pub policy: Option<Policy>,
    /// Requests made to every vCPU, before its own.
    #[serde(default, deserialize_with = "objects")]
    pub every_vcpu: Vec<RequestSpec>,
    /// Requests made to single vCPUs: the first entry is for vCPU 0, which is hart P0 of the test.
    /// Harts beyond the end have fresh vCPUs (and `every_vcpu`); entries beyond the test's harts are
    /// not used. KVM makes at most 1024.
    #[serde(default, deserialize_with = "objects")]
    #[schemars(length(max = 1024))]
    pub vcpus: Vec<VcpuSpec>,
}

/// The machine that the guest runs on. Exactly one of `isa`, `device_tree` and `transcript` says
/// what its harts are.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["isa"] }, { "required": ["device_tree"] }, { "required": ["transcript"] }
]))]
pub struct HostSpec {
    /// ISA string or profile of each hart: `rv64gc_zacas_ztso`, `rva23u64_ztso`. What the string
    /// implies is there too. The host has what all harts have.
    pub isa: Option<Vec<String>>,
    /// For each hart the names that its device tree lists in `riscv,isa-extensions`. The kernel is
    /// told these and no others.
    pub device_tree: Option<Vec<Vec<String>>>,
    /// A recorded transcript file, whose host is taken. Relative to this file.
    pub transcript: Option<PathBuf>,
    /// Cache block size of Zicbom in bytes; 0 if the device tree gives none. Default: 64.
    #[schemars(range(max = 4_294_967_295_u64))]
    pub zicbom_block_size: Option<u64>,
    /// Cache block size of Zicboz in bytes; 0 if the device tree gives none. Default: 64.
    #[schemars(range(max = 4_294_967_295_u64))]
    pub zicboz_block_size: Option<u64>,
    /// Cache block size of Zicbop in bytes; 0 if the device tree gives none. Default: 64.
    #[schemars(range(max = 4_294_967_295_u64))]
    pub zicbop_block_size: Option<u64>,
    /// Vendor id. Default: 0.
    pub mvendorid: Option<u64>,
    /// Architecture id. Default: 0.
    pub marchid: Option<u64>,
    /// Implementation id. Default: 0.
    pub mimpid: Option<u64>,
    /// Widest virtual-address mode: 8 is Sv39, 9 Sv48, 10 Sv57. Default: 10.
    #[schemars(range(min = 8, max = 10))]
    pub satp_mode: Option<u64>,
    /// Whether the host's settings allow vector code. Default: `allowed`.
    pub vector: Option<VectorUse>,
    /// Length of a vector register in bytes, a power of two, and at least what the harts' extensions ask for:
    /// 16 for V. Default: the longest `zvl*b` that all harts have, at least 16.
    #[schemars(range(min = 4, max = 8192))]
    pub vlenb: Option<u64>,
    /// Ticks of the `time` CSR in a second. Default: 10000000.
    #[schemars(range(min = 1, max = 4_294_967_295_u64))]
    pub timebase_frequency: Option<u64>,
}

/// Requests to one vCPU.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VcpuSpec {
    /// In order. A refused request is reported, and the next is made.
    #[serde(default, deserialize_with = "objects")]
    pub set: Vec<RequestSpec>,
}

/// One KVM_SET_ONE_REG.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestSpec {
    /// An extension (`ztso`), `config.NAME`, `multi_en.WORD`, `multi_dis.WORD`, or a register id
    /// (`0x8030000007000034`).
    pub register: String,
    /// 0 to 2^64-1: a number, or a string in decimal or (`0x`) hexadecimal.
    pub value: Value64,
}

/// Why a VM file cannot be used. The file's name is added by whoever asked for it.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// Not JSON, or not of this form; the text names line and column.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Not exactly one description of the host's harts.
    #[error("host: expected exactly one of isa, device_tree and transcript, found {0}")]
    Harts(String),
    /// No such host can be.
    #[error("host: {0}")]
    Host(#[from] HostError),
    /// A hart's ISA string is wrong.
    #[error("hart {hart}: {error}")]
    Isa {
        /// The hart's number.
        hart: usize,
        /// The mistake.
        error: IsaStringError,
    },
    /// More vCPUs than KVM makes.
    #[error("{0} vCPUs: KVM makes at most {max}", max = Vm::MAX_VCPUS)]
    TooManyVcpus(usize),
    /// The VM file, or the transcript that it names, cannot be read.
    #[error("failed to read {}: {error}", path.display())]
    Read {
        /// Where it should be.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The transcript is wrong.
    #[error("transcript: {0}")]
    Transcript(#[from] RecordingError),
    /// A register's name is wrong.
    #[error("{place}: {error}")]
    Register {
        /// Which request: `vcpus[1].set[0]`.
        place: String,
        /// The mistake.
        error: UnknownRegister,
    },
    /// An edit of `--hart` names an extension that no register switches.
    #[error("{extension} has no register; `--hart` can switch it without `--vm` only")]
    NoRegister {
        /// The extension.
        extension: IsaExt,
    },
    /// An edit of `--hart` is wrong.
    #[error(transparent)]
    Edit(#[from] EditError),
}

impl VmSpec {
    /// Reads the text of a VM file. Names in it are checked when a `VmPlan` is made of it.
    ///
    /// # Errors
    /// If it is not JSON of this form.
    pub fn from_json(text: &str) -> Result<VmSpec, SpecError> {
        Ok(object_of(text)?)
    }

    /// The published schema, as text with a line feed at its end.
    #[must_use]
    pub fn schema() -> String {
        let schema = schemars::schema_for!(VmSpec);
        let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        text.push('\n');
        text
    }
}
