//! The file of `--vm`: a host, and what the VMM asks of its vCPUs.
//!
//! JSON; the schema is `schema/vm.schema.json`, generated from the types here. Reading checks
//! everything that can be wrong in it: fields, names of extensions and registers, values.

use std::borrow::Cow;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::{IsaStringError, NoHarts, Policy, RecordingError, UnknownRegister, transcript};

/// A virtual machine: the host that it runs on, and the registers that the VMM sets before the vCPUs
/// run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "rvlitmus virtual machine")]
pub struct VmSpec {
    /// Where this file's schema is, for editors; not looked at.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub json_schema: Option<String>,
    /// What the machine is for; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The machine that the guest runs on.
    pub host: HostSpec,
    /// How the host's kernel answers. Default: `linux-7.2`, or for a transcript the policy of the
    /// recorded kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// Requests made to every vCPU, before its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub every_vcpu: Vec<RequestSpec>,
    /// Requests made to single vCPUs: the first entry is for vCPU 0, which is hart P0 of the test.
    /// Harts beyond the end have fresh vCPUs (and `every_vcpu`); entries beyond the test's harts are
    /// not used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vcpus: Vec<VcpuSpec>,
}

/// The machine that the guest runs on. Exactly one of `isa`, `device_tree` and `transcript` says
/// what its harts are.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["isa"] }, { "required": ["device_tree"] }, { "required": ["transcript"] }
]))]
pub struct HostSpec {
    /// ISA string or profile of each hart: `rv64gc_zacas_ztso`, `rva23u64_ztso`. What the string
    /// implies is there too. The host has what all harts have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isa: Option<Vec<String>>,
    /// For each hart the names that its device tree lists in `riscv,isa-extensions`. The kernel is
    /// told these and no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_tree: Option<Vec<Vec<String>>>,
    /// A recorded transcript file, whose host is taken. Relative to this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<PathBuf>,
    /// Cache block size of Zicbom in bytes; 0 if the device tree gives none. Default: 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zicbom_block_size: Option<u64>,
    /// Cache block size of Zicboz in bytes; 0 if the device tree gives none. Default: 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zicboz_block_size: Option<u64>,
    /// Cache block size of Zicbop in bytes; 0 if the device tree gives none. Default: 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zicbop_block_size: Option<u64>,
    /// Vendor id. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mvendorid: Option<u64>,
    /// Architecture id. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marchid: Option<u64>,
    /// Implementation id. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mimpid: Option<u64>,
    /// Widest virtual-address mode: 8 is Sv39, 9 Sv48, 10 Sv57. Default: 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satp_mode: Option<u64>,
    /// Whether the host's settings allow vector code. Default: `allowed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<VectorSpec>,
}

/// Whether the host's settings allow vector code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VectorSpec {
    /// They do.
    Allowed,
    /// They do not: vCPUs start without V and cannot have it.
    Forbidden,
}

/// Requests to one vCPU.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VcpuSpec {
    /// In order. A refused request is reported, and the next is made.
    #[serde(default)]
    pub set: Vec<RequestSpec>,
}

/// One KVM_SET_ONE_REG.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestSpec {
    /// An extension (`ztso`), `config.NAME`, `multi_en.WORD`, `multi_dis.WORD`, or a register id
    /// (`0x8030000007000034`).
    pub register: String,
    /// 0 to 2^64-1: a number, or a string in decimal or (`0x`) hexadecimal.
    pub value: Value64,
}

/// A 64-bit number, in JSON a number or a string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Value64(pub u64);

impl Serialize for Value64 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match u32::try_from(self.0) {
            Ok(small) => serializer.serialize_u32(small),
            Err(_) => serializer.serialize_str(&format!("{:#x}", self.0)),
        }
    }
}

impl<'de> Deserialize<'de> for Value64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value64, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Value64;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number from 0 to 2^64-1, or a string with one, such as \"0x1\"")
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value64, E> {
                Ok(Value64(value))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Value64, E> {
                let value = transcript::number(text);
                value.map(Value64).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Value64 {
    fn schema_name() -> Cow<'static, str> {
        "Value64".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A 64-bit number: a number, or a string in decimal or hexadecimal.",
            "anyOf": [
                { "type": "integer", "minimum": 0, "maximum": u64::MAX },
                { "type": "string", "pattern": "^([0-9]+|0[xX][0-9a-fA-F]+)$" }
            ]
        })
    }
}

/// Why a VM file cannot be used. The file's name is added by whoever asked for it.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// Not JSON, or not of this form; the text names line and column.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// Not exactly one description of the host's harts.
    #[error("host: expected exactly one of isa, device_tree and transcript, found {0}")]
    Harts(String),
    /// No hart in the description.
    #[error("host: {0}")]
    NoHarts(#[from] NoHarts),
    /// A hart's ISA string is wrong.
    #[error("host.isa[{hart}]: {error}")]
    Isa {
        /// Which hart.
        hart: usize,
        /// What is wrong.
        error: IsaStringError,
    },
    /// A name in a device tree that no extension has.
    #[error("host.device_tree[{hart}]: unknown extension `{name}`{hint}")]
    DeviceTree {
        /// Which hart.
        hart: usize,
        /// The name.
        name: String,
        /// A suggestion, or nothing.
        hint: String,
    },
    /// The transcript file cannot be read.
    #[error("host.transcript: failed to read {}: {error}", path.display())]
    Read {
        /// Where it should be.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The transcript file is wrong.
    #[error("host.transcript: {0}")]
    Transcript(#[from] RecordingError),
    /// A register's name is wrong.
    #[error("{place}: {error}")]
    Register {
        /// Which request: `vcpus[1].set[0]`.
        place: String,
        /// What is wrong.
        error: UnknownRegister,
    },
    /// An edit of `--hart` names an extension that no register switches.
    #[error("{extension} has no register; `--hart` can switch it without `--vm` only")]
    NoRegister {
        /// Which.
        extension: super::Ext,
    },
    /// An edit of `--hart` is wrong.
    #[error("{0}")]
    Edit(#[from] super::EditError),
}

impl VmSpec {
    /// Reads the text of a VM file. Names in it are checked by [`super::VmPlan::new`].
    ///
    /// # Errors
    /// If it is not JSON of this form.
    pub fn from_json(text: &str) -> Result<VmSpec, SpecError> {
        Ok(serde_json::from_str(text)?)
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
