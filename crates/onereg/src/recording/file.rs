//! Recordings of real kernels: what was asked, what was answered.
//!
//! A file describes a host (kernel version, harts) and holds transcripts. Each transcript starts with
//! a fresh VM and vCPU; a step is a `get`, a `set` with a `value`, or `run`, the first KVM_RUN. The
//! recordings come from elsewhere, so fields that are not used here are ignored.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::{RecordingError, StepError};
use crate::host::constants::HostConstants;
use crate::host::description::{Host, HostHart};
use crate::isa::extension::{IsaExt, IsaExtSet};
use crate::isa::isa_string::{IsaString, IsaStringError};
use crate::json::{object_of, objects};
use crate::kernel::release::Policy;
use crate::register::id::RegId;
use crate::register::value::parse_u64;
use crate::vcpu::refusal::Errno;

/// One recorded file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recording {
    /// Version of the recorded kernel: `7.2.13`.
    pub kernel: String,
    /// Name of the recorded machine.
    pub host_name: String,
    /// Common line of `/proc/cpuinfo`, if recorded.
    pub isa_line: Option<String>,
    /// Line of each hart in `/proc/cpuinfo`; empty if not recorded.
    pub hart_isa_lines: Vec<String>,
    /// What the device tree names for the first hart; empty if not recorded.
    pub device_tree: Vec<String>,
    /// CONFIG and ISA_EXT part of the register list, if recorded.
    pub reg_list: Option<Vec<RegId>>,
    /// The transcripts, in file order.
    pub transcripts: Vec<Transcript>,
}

/// Requests to one fresh vCPU.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transcript {
    /// Its title.
    pub name: String,
    /// The requests, in order.
    pub steps: Vec<RecordedStep>,
}

/// One request with its recorded answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordedStep {
    /// KVM_GET_ONE_REG.
    Get(RegId, RecordedAnswer),
    /// KVM_SET_ONE_REG of a value.
    Set(RegId, u64, RecordedAnswer),
    /// KVM_RUN.
    Run,
}

/// What the kernel answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, strum::Display)]
pub enum RecordedAnswer {
    /// The value of a `get`.
    #[strum(to_string = "{0:#x}")]
    Value(u64),
    /// A `set` that was accepted.
    #[strum(to_string = "ok")]
    Ok,
    /// An errno.
    #[strum(to_string = "{0}")]
    Errno(Errno),
}

/// A recorded host: what a real kernel answered to ONE_REG requests.
#[derive(Deserialize, JsonSchema)]
#[schemars(title = "rvlitmus ONE_REG transcript")]
struct RawRecording {
    /// Version of the recorded kernel, as `uname -r` says it: `7.2.13`. Its policy is the one of the same
    /// major and minor number.
    #[serde(default)]
    kernel: String,
    /// What the machine is called; not looked at.
    #[serde(default)]
    host: String,
    /// The line `isa` of `/proc/cpuinfo`: what all harts have.
    isa_line: Option<String>,
    /// The line `hart isa` of each hart in `/proc/cpuinfo`.
    #[serde(default)]
    hart_isa_lines: Vec<String>,
    /// The names of `riscv,isa-extensions` in the first hart's node.
    #[serde(default)]
    device_tree_isa_extensions: Vec<String>,
    /// KVM_GET_REG_LIST of a fresh vCPU in hexadecimal: the whole list, or its CONFIG and ISA_EXT part.
    #[serde(alias = "reg_list")]
    reg_list_config_and_isa: Option<Vec<String>>,
    /// Requests and answers.
    #[serde(deserialize_with = "objects")]
    transcripts: Vec<RawTranscript>,
}

/// Requests to one fresh vCPU of a fresh VM.
#[derive(Deserialize, JsonSchema)]
struct RawTranscript {
    /// What it is about.
    name: String,
    /// In order.
    #[serde(deserialize_with = "objects")]
    steps: Vec<RawStep>,
}

/// One of `get` with `answer`, `set` with `value` and `answer`, and `run`.
#[derive(Deserialize, JsonSchema)]
struct RawStep {
    /// KVM_GET_ONE_REG of this id, in hexadecimal.
    get: Option<String>,
    /// KVM_SET_ONE_REG of this id, in hexadecimal.
    set: Option<String>,
    /// The value that is set, decimal or in hexadecimal; of a register longer than 8 bytes its beginning.
    value: Option<String>,
    /// The value of a `get` in hexadecimal, `ok` of a `set`, or the name of an errno.
    answer: Option<String>,
    /// `true`: the first KVM_RUN.
    run: Option<bool>,
}

impl Recording {
    /// Reads a recorded file.
    ///
    /// # Errors
    /// If the text is not JSON of this form.
    pub fn from_json(text: &str) -> Result<Recording, RecordingError> {
        let raw: RawRecording = object_of(text)?;
        let ids = raw.reg_list_config_and_isa.map(|list| {
            list.iter()
                .map(|id| parse_u64(id).map(RegId::new).ok_or(RecordingError::RegList(id.clone())))
                .collect::<Result<Vec<_>, _>>()
        });
        let transcripts = raw.transcripts.into_iter().map(transcript).collect::<Result<_, _>>()?;
        Ok(Recording {
            kernel: raw.kernel,
            host_name: raw.host,
            isa_line: raw.isa_line,
            hart_isa_lines: raw.hart_isa_lines,
            device_tree: raw.device_tree_isa_extensions,
            reg_list: ids.transpose()?,
            transcripts,
        })
    }

    /// Is a text a recording rather than anything else? It has `transcripts`.
    pub(crate) fn is_recording(text: &str) -> bool {
        let json: Result<BTreeMap<String, IgnoredAny>, _> = object_of(text);
        json.is_ok_and(|json| json.contains_key("transcripts"))
    }

    /// The published schema of recordings, as text with a line feed at its end.
    #[must_use]
    pub fn schema() -> String {
        let mut schema = schemars::schema_for!(RawRecording);
        // The list of the tool has the plainer name; both are read.
        if let Some(properties) = schema.get_mut("properties") {
            properties["reg_list"] = properties["reg_list_config_and_isa"].clone();
        }
        let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The policy of the recorded kernel.
    ///
    /// # Errors
    /// If no policy describes that kernel.
    pub fn policy(&self) -> Result<Policy, RecordingError> {
        Policy::of_kernel(&self.kernel).ok_or_else(|| RecordingError::Kernel(self.kernel.clone()))
    }

    /// The recorded machine, its kernel behaving by `policy`.
    ///
    /// Harts come from their lines in `/proc/cpuinfo`, which name exactly what the kernel accepted;
    /// without such lines from the common line or the device tree. The constants of the host are in
    /// no other place than in the first answers of the CONFIG registers.
    ///
    /// # Errors
    /// If there are no harts, or an ISA line is not understood.
    pub fn host(&self, policy: Policy) -> Result<Host, RecordingError> {
        let listed = self.device_tree_set();
        let lines: Vec<&String> = if self.hart_isa_lines.is_empty() {
            self.isa_line.iter().collect()
        } else {
            self.hart_isa_lines.iter().collect()
        };
        let mut harts = Vec::new();
        for (hart, line) in lines.into_iter().enumerate() {
            let isa =
                IsaString::parse(line).map_err(|error| RecordingError::Isa { hart, error })?;
            let mut described = HostHart::from_device_tree(isa.named());
            if hart == 0 {
                described = described.with_hardware(listed);
            }
            harts.push(described);
        }
        if harts.is_empty() && !self.device_tree.is_empty() {
            harts.push(HostHart::from_device_tree(listed));
        }
        Ok(Host::new(harts, policy, self.constants())?)
    }

    /// What the device tree names, as far as this program knows the names.
    #[must_use]
    pub fn device_tree_set(&self) -> IsaExtSet {
        self.device_tree.iter().filter_map(|token| IsaExt::find(token)).collect()
    }

    /// Constants and settings of the host, from the first step of transcripts that start with a `get`.
    #[must_use]
    pub fn constants(&self) -> HostConstants {
        HostConstants::from_registers(|wanted| {
            self.transcripts.iter().find_map(|t| match t.steps.first()? {
                RecordedStep::Get(id, RecordedAnswer::Value(value)) if *id == wanted => {
                    Some(*value)
                }
                _ => None,
            })
        })
    }
}

/// Reads a line of `/proc/cpuinfo`. A word that this program does not know is an extension that a
/// newer kernel knows; it bears on no register modelled here, and is skipped.
pub(crate) fn isa_line(line: &str) -> Result<IsaString, IsaStringError> {
    let mut words = line.split('_');
    let first = words.next().unwrap_or_default();
    let known = words.filter(|w| w.len() == 1 || IsaExt::find(w).is_some());
    IsaString::parse(&std::iter::once(first).chain(known).collect::<Vec<_>>().join("_"))
}

fn transcript(raw: RawTranscript) -> Result<Transcript, RecordingError> {
    let placed = |(index, step)| {
        recorded_step(step).map_err(|error| RecordingError::Step {
            transcript: raw.name.clone(),
            step: index + 1,
            error,
        })
    };
    let steps = raw.steps.iter().enumerate().map(placed).collect::<Result<_, _>>()?;
    Ok(Transcript { name: raw.name, steps })
}

fn recorded_step(raw: &RawStep) -> Result<RecordedStep, StepError> {
    let number = |text: &str| parse_u64(text).ok_or_else(|| StepError::Number(text.to_string()));
    let id = |text: &str| number(text).map(RegId::new);
    let text = raw.answer.as_deref();
    let errno = |text: &str| text.parse().map(RecordedAnswer::Errno).ok();
    match raw {
        RawStep { get: Some(get), set: None, run: None, value: None, .. } => {
            let text = text.ok_or(StepError::NoAnswer)?;
            let answer = parse_u64(text).map(RecordedAnswer::Value).or_else(|| errno(text));
            let answer = answer.ok_or_else(|| StepError::GetAnswer(text.to_owned()))?;
            Ok(RecordedStep::Get(id(get)?, answer))
        }
        RawStep { get: None, set: Some(set), run: None, value: Some(value), .. } => {
            let value = number(value)?;
            let text = text.ok_or(StepError::NoAnswer)?;
            let answer = if text == "ok" { Some(RecordedAnswer::Ok) } else { errno(text) };
            let answer = answer.ok_or_else(|| StepError::SetAnswer(text.to_owned()))?;
            Ok(RecordedStep::Set(id(set)?, value, answer))
        }
        RawStep { get: None, set: None, run: Some(true), value: None, answer: None } => {
            Ok(RecordedStep::Run)
        }
        _ => Err(StepError::Form),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::constants::VectorUse;

    const SMALL: &str = r#"{"kernel":"6.12.107","host":"h","isa_line":"rv64ima_zicbom",
        "reg_list_config_and_isa":["0x8030000001000000"],"anything":1,
        "transcripts":[{"name":"v","steps":[{"get":"0x803000000700000f","answer":"0x0"}]},{"name":"t","steps":[{"get":"0x8030000001000001","answer":"0x80"},
          {"set":"0x8030000007000000","value":"0","answer":"EINVAL"},{"run":true}]}]}"#;

    #[test]
    fn a_small_recording() {
        let recording = Recording::from_json(SMALL).unwrap();
        assert_eq!(recording.policy().unwrap(), Policy::Linux6_12);
        assert_eq!(
            recording.transcripts[1].steps[1..],
            [
                RecordedStep::Set(
                    RegId::new(0x8030_0000_0700_0000),
                    0,
                    RecordedAnswer::Errno(Errno::EINVAL)
                ),
                RecordedStep::Run
            ]
        );
        let host = recording.host(Policy::Linux6_12).unwrap();
        assert_eq!(host.constants().blocks.zicbom, 128);
        assert_eq!(host.constants().vector, VectorUse::Forbidden);
        assert!(host.common().contains(IsaExt::Zicbom));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let message = |from: &str, to: &str| {
            let text = SMALL.replacen(from, to, 1);
            assert_ne!(text, SMALL);
            match Recording::from_json(&text) {
                Err(error) => error.to_string(),
                Ok(r) => r.policy().and_then(|p| r.host(p)).unwrap_err().to_string(),
            }
        };
        for wrong in ["EFOO", "0x0", "OK"] {
            let told = format!(
                "transcript \"t\", step 2: a set is answered by ok or an errno, not {wrong:?}"
            );
            assert_eq!(message("EINVAL", wrong), told);
        }
        let told =
            "transcript \"t\", step 1: a get is answered by a number or an errno, not \"ok\"";
        assert_eq!(message("0x80\"", "ok\""), told);
        for (from, to) in [
            ("\"value\":\"0\",", ""),
            ("{\"run\":true", "{\"run\":true,\"answer\":\"ok\""),
            ("{\"run\":true", "{\"run\":false"),
            ("\"answer\":\"0x80\"", "\"answer\":\"0x80\",\"value\":\"0\""),
        ] {
            let told = message(from, to);
            assert!(
                told.ends_with(
                    "expected get, set with value, or run, and nothing of another of them"
                ),
                "{told}"
            );
        }
        assert!(
            message("{\"run\":true}", "[null, null, null, null, true]")
                .contains("expected an object")
        );
        assert_eq!(
            message("0x8030000007000000", "ztso"),
            "transcript \"t\", step 2: \"ztso\" is no number"
        );
        let plainer = SMALL.replacen("reg_list_config_and_isa", "reg_list", 1);
        assert_eq!(Recording::from_json(&plainer).unwrap(), Recording::from_json(SMALL).unwrap());
        assert_eq!(
            message("[\"0x", "[\"x"),
            "reg_list_config_and_isa: \"x8030000001000000\" is no register id"
        );
        assert_eq!(
            message("6.12.107", "6.1.9"),
            "no policy models Linux 6.1.9; choose one with --policy"
        );
        assert_eq!(
            message("rv64ima", "rv65ima"),
            "ISA line of hart 0: column 1: expected an ISA string such as `rv64gc_ztso` or a \
             profile such as `rva23u64`"
        );
        assert_eq!(
            message("\"isa_line\":\"rv64ima_zicbom\",", ""),
            "the recording describes no host: a host needs at least one hart"
        );
        assert!(message("\"transcripts\"", "\"trans\"").contains("line 4"));
    }
}
