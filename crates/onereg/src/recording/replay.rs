//! Replays recordings against the model of the host that they name.

use std::sync::Arc;

use super::error::RecordingError;
use super::file::{RecordedAnswer, RecordedStep, Recording, isa_line};
use crate::host::description::Host;
use crate::isa::extension::IsaExtSet;
use crate::kernel::release::Policy;
use crate::kernel::resolve::resolve_isa;
use crate::register::id::{RegId, RegKind};
use crate::vcpu::state::Vcpu;

/// What replaying one file showed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replay {
    /// The kernel behaviour that was used.
    pub policy: Policy,
    /// Steps in the file.
    pub steps: usize,
    /// Steps that the model answers in another way, in file order.
    pub differences: Vec<ReplayDifference>,
    /// How the model's register list differs from the recorded one.
    pub list_difference: Option<String>,
    /// Where the recorded description of the host does not agree with itself by the kernel's rules as
    /// modelled. The replay does not depend on it.
    pub notes: Vec<String>,
}

impl Replay {
    /// Did the model do everything as recorded?
    #[must_use]
    pub fn as_recorded(&self) -> bool {
        self.differences.is_empty() && self.list_difference.is_none()
    }
}

/// A step that the model answers in another way than the recorded kernel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplayDifference {
    /// Title of the transcript.
    pub transcript: String,
    /// The step's number in it, from 1.
    pub step: usize,
    /// The request: `get isa_ext.ztso`, `set isa_ext.ztso = 0x0`.
    pub request: String,
    /// What the kernel answered.
    pub recorded: RecordedAnswer,
    /// What the model answers.
    pub modelled: RecordedAnswer,
    /// The model's sentence, when it refuses.
    pub why: Option<String>,
}

impl std::fmt::Display for ReplayDifference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ReplayDifference { transcript, step, request, recorded, modelled, why } = self;
        write!(
            f,
            "{transcript}, step {step}: {request}: recorded {recorded}, modelled {modelled}"
        )?;
        why.as_ref().map_or(Ok(()), |why| write!(f, " ({why})"))
    }
}

/// Replays every step of `recording`; without `policy`, that of the recorded kernel.
///
/// # Errors
/// If no policy fits the kernel, or the host's description is not understood.
pub fn replay(recording: &Recording, policy: Option<Policy>) -> Result<Replay, RecordingError> {
    let policy = policy.map_or_else(|| recording.policy(), Ok)?;
    let host = Arc::new(recording.host(policy)?);
    let mut differences = Vec::new();
    let mut steps = 0;
    for transcript in &recording.transcripts {
        let mut vcpu = Vcpu::new(host.clone());
        for (index, step) in transcript.steps.iter().enumerate() {
            steps += 1;
            let (request, recorded, result) = match *step {
                RecordedStep::Run => {
                    vcpu.run();
                    continue;
                }
                RecordedStep::Get(id, answer) => {
                    let result = vcpu.get_one_reg(id).map(RecordedAnswer::Value);
                    (format!("get {}", named(id)), answer, result)
                }
                RecordedStep::Set(id, value, answer) => {
                    let result = vcpu.set_one_reg(id, value).map(|()| RecordedAnswer::Ok);
                    (format!("set {} = {value:#x}", named(id)), answer, result)
                }
            };
            let (modelled, why) = match result {
                Ok(answer) => (answer, None),
                Err(refusal) => {
                    (RecordedAnswer::Errno(refusal.errno()), Some(refusal.reason.to_string()))
                }
            };
            if modelled != recorded {
                let transcript = transcript.name.clone();
                let step = index + 1;
                differences.push(ReplayDifference {
                    transcript,
                    step,
                    request,
                    recorded,
                    modelled,
                    why,
                });
            }
        }
    }
    let notes = compare_host(recording, &host);
    let list_difference = compare_list(recording, host);
    Ok(Replay { policy, steps, differences, list_difference, notes })
}

fn named(id: RegId) -> String {
    let name = id.name();
    if name.starts_with("0x") { name } else { format!("{name} ({id})") }
}

/// The host's description has redundant parts: the common ISA line follows from the harts' lines, the
/// first hart's line from the device tree.
fn compare_host(recording: &Recording, host: &Host) -> Vec<String> {
    let mut found = Vec::new();
    let line = |text: &String| {
        let named = isa_line(text).ok()?.named();
        Some(named.iter().filter(|e| e.hwcap().is_some()).collect::<IsaExtSet>())
    };
    if let Some(recorded) = recording.isa_line.as_ref().and_then(line) {
        found.extend(difference("isa_line", recorded, host.common()));
    }
    if !recording.device_tree.is_empty() {
        let named = recording.device_tree_set();
        let kept = resolve_isa(named, host.policy(), &host.constants().blocks).accepted;
        if let Some(recorded) = recording.hart_isa_lines.first().and_then(line) {
            found.extend(difference("hart_isa_lines[0], from the device tree", recorded, kept));
        }
    }
    found
}

/// KVM_GET_REG_LIST of a fresh vCPU, if it was recorded.
fn compare_list(recording: &Recording, host: Arc<Host>) -> Option<String> {
    let recorded = recording.reg_list.as_ref()?;
    let config_or_isa =
        |id: &RegId| matches!(id.kind(), RegKind::Config(_) | RegKind::IsaSingle(_));
    let mut modelled = Vcpu::new(host).reg_list(usize::MAX).unwrap_or_default();
    if recorded.iter().all(config_or_isa) {
        modelled.retain(config_or_isa);
    }
    let names = |a: &[RegId], b: &[RegId]| -> Vec<String> {
        a.iter().filter(|id| !b.contains(id)).map(|id| named(*id)).collect()
    };
    let (missing, extra) = (names(recorded, &modelled), names(&modelled, recorded));
    if !missing.is_empty() || !extra.is_empty() {
        return Some(both("reg_list_config_and_isa", &missing, &extra));
    }
    (*recorded != modelled).then(|| "reg_list_config_and_isa: the order differs".to_string())
}

fn difference(what: &str, recorded: IsaExtSet, modelled: IsaExtSet) -> Option<String> {
    let tokens = |set: IsaExtSet| set.iter().map(|e| e.token().to_string()).collect::<Vec<_>>();
    let (missing, extra) = (tokens(recorded - modelled), tokens(modelled - recorded));
    (!missing.is_empty() || !extra.is_empty()).then(|| both(what, &missing, &extra))
}

fn both(what: &str, missing: &[String], extra: &[String]) -> String {
    let list = |names: &[String]| match names {
        [] => "nothing".to_string(),
        names => names.join(" "),
    };
    format!("{what}: recorded only {}; modelled only {}", list(missing), list(extra))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vcpu::refusal::Errno;

    const RECORDING: &str = r#"{"kernel":"7.2.13","host":"h","hart_isa_lines":["rv64ima_ztso"],
        "isa_line":"rv64ima_ztso_zacas","device_tree_isa_extensions":["i","m","a","ztso"],
        "reg_list_config_and_isa":["0x8030000007000034"],
        "transcripts":[{"name":"ZTSO","steps":[{"get":"0x8030000007000034","answer":"0x1"},
          {"run":true},{"set":"0x8030000007000034","value":"0x0","answer":"ok"}]}]}"#;

    #[test]
    fn differences_are_found_and_told() {
        let recording = Recording::from_json(RECORDING).unwrap();
        let replay = replay(&recording, None).unwrap();
        assert_eq!((replay.policy, replay.steps), (Policy::Linux7_2, 3));
        assert!(!replay.as_recorded());
        let [difference] = &replay.differences[..] else { panic!("{replay:?}") };
        assert_eq!(difference.modelled, RecordedAnswer::Errno(Errno::EBUSY));
        assert_eq!(
            difference.to_string(),
            "ZTSO, step 3: set isa_ext.ztso (0x8030000007000034) = 0x0: recorded ok, modelled \
             EBUSY (the vCPU has run; what its hart is can only change before the first run)"
        );
        let [line, tree] = &replay.notes[..] else { panic!("{replay:?}") };
        let list = replay.list_difference.unwrap();
        assert_eq!(line, "isa_line: recorded only zacas; modelled only zaamo zalrsc");
        assert!(tree.contains("modelled only zaamo zalrsc"), "{tree}");
        assert!(list.starts_with("reg_list_config_and_isa: recorded only nothing; modelled only "));
    }

    #[test]
    fn another_policy_may_be_asked_for() {
        let text = RECORDING.replacen("{\"run\":true},", "", 1);
        let recording = Recording::from_json(&text).unwrap();
        assert_eq!(replay(&recording, None).unwrap().differences.len(), 1);
        assert_eq!(replay(&recording, Some(Policy::Documented)).unwrap().differences, []);
    }
}
