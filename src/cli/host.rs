//! Arguments that name a host: an ISA string, a file, or this machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::results::shown_path;
use rvlitmus_onereg::{
    Host, HostConstants, HostHart, Policy, Recording, RegisterValues, VmPlan, VmSpec,
    read_registers, read_text, running_policy,
};

/// What `HOST` may be, for help texts.
pub(super) const HOST_HELP: &str = "\
HOST is one of
  rv64gc_zacas_ztso     an ISA string or a profile (rva23u64_ztso); several harts with commas:
                        the host has what all of them have
  FILE                  a recorded transcript, or a VM file (its host and its requests)
  kvm                   this machine's /dev/kvm (riscv64 Linux, cargo feature host-kvm)";

/// Which VM a command is about.
#[derive(Debug, Args)]
pub(super) struct VmArgs {
    /// The host: an ISA string, a transcript or VM file, or `kvm`
    #[arg(long, value_name = "HOST", required_unless_present = "vm")]
    pub(super) host: Option<String>,
    /// A VM file: its requests are made first, on its host or on that of --host
    #[arg(long, value_name = "FILE")]
    pub(super) vm: Option<PathBuf>,
    /// How the host's kernel answers: linux-6.12, linux-7.2 or documented (Ztso may be turned off)
    /// [default: as the file says, the recorded or running kernel, or linux-7.2]
    #[arg(long, value_name = "POLICY")]
    pub(super) policy: Option<Policy>,
    /// Which vCPU of the VM
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) vcpu: usize,
}

/// A host made ready, with what was read of a real one.
#[derive(Debug)]
pub(super) struct Named {
    /// The host, and requests if it came from a VM file.
    pub(super) plan: VmPlan,
    /// For `kvm`: the registers of a fresh vCPU as the kernel gave them.
    pub(super) real: Option<RegisterValues>,
}

impl VmArgs {
    /// Reads whatever the arguments name.
    ///
    /// # Errors
    /// If that cannot be read or makes no sense.
    pub(super) fn named(&self) -> anyhow::Result<Named> {
        let host = self.host.as_deref().map(|host| named(host, self.policy)).transpose()?;
        let Some(vm) = &self.vm else {
            return host.context("expected --host or --vm");
        };
        let plan = load_vm(vm, self.policy)?;
        Ok(match host {
            Some(Named { plan: on, real }) => Named { plan: plan.on(on.host().clone()), real },
            None => Named { plan, real: None },
        })
    }
}

/// Reads a VM file.
///
/// # Errors
/// As [`VmPlan::load`], with the file's name.
pub(super) fn load_vm(path: &Path, policy: Option<Policy>) -> anyhow::Result<VmPlan> {
    VmPlan::load(path, policy).with_context(|| shown_path(path))
}

/// A VM file and the transcript that it names, as far as they are there.
pub(super) fn files_of_vm(path: &Path) -> Vec<PathBuf> {
    let spec = read_text(path).ok().and_then(|text| VmSpec::from_json(&text).ok());
    let transcript = spec.and_then(|spec| spec.host.transcript);
    let transcript = transcript.map(|file| path.parent().unwrap_or(Path::new("")).join(file));
    std::iter::once(path.to_owned()).chain(transcript).collect()
}

/// Reads what `HOST` names.
///
/// # Errors
/// If that cannot be read or makes no sense.
pub(super) fn named(host: &str, policy: Option<Policy>) -> anyhow::Result<Named> {
    let without_registers = |plan| Named { plan, real: None };
    if host == "kvm" {
        let registers = read_registers()?;
        let policy = policy.or_else(running_policy).unwrap_or_default();
        let plan = VmPlan::of_host(Host::from_registers(&registers, policy)?);
        return Ok(Named { plan, real: Some(registers) });
    }
    let path = Path::new(host);
    if path.is_file() {
        return from_file(path, policy).with_context(|| host.to_string()).map(without_registers);
    }
    if host.contains(['/', '.']) {
        bail!("{host}: there is no such file, and it is no ISA string");
    }
    let harts = host
        .split(',')
        .enumerate()
        .map(|(hart, isa)| {
            HostHart::from_isa_string(isa.trim()).with_context(|| format!("{host}: hart {hart}"))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let host = Host::new(harts, policy.unwrap_or_default(), HostConstants::default())?;
    Ok(without_registers(VmPlan::of_host(host)))
}

/// A transcript has `transcripts`; anything else is read as a VM file.
fn from_file(path: &Path, policy: Option<Policy>) -> anyhow::Result<VmPlan> {
    let text = read_text(path)?;
    let json: serde_json::Value = serde_json::from_str(&text)?;
    if json.get("transcripts").is_some() {
        let recording = Recording::from_json(&text)?;
        let policy = policy.map_or_else(|| recording.policy(), Ok)?;
        return Ok(VmPlan::of_host(recording.host(policy)?));
    }
    let base = path.parent().unwrap_or(Path::new(""));
    Ok(VmPlan::new(&VmSpec::from_json(&text)?, base, policy)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(host: &str) -> String {
        format!("{:#}", named(host, None).unwrap_err())
    }

    #[test]
    fn isa_strings_of_several_harts() {
        let plan = named("rv64gc_ztso, rv64gc", None).unwrap().plan;
        assert_eq!(plan.host().harts().len(), 2);
        assert_eq!(plan.host().policy(), Policy::Linux7_2);
        let plan = named("rva23u64_ztso", Some(Policy::Documented)).unwrap().plan;
        assert_eq!(plan.host().policy(), Policy::Documented);
    }

    #[test]
    fn mistakes_name_what_was_given() {
        assert_eq!(
            error("rv64gc,rv64gc_ztos"),
            "rv64gc,rv64gc_ztos: hart 1: column 8: unknown extension `ztos`; did you mean `ztso`?"
        );
        assert_eq!(
            error("no/such.json"),
            "no/such.json: there is no such file, and it is no ISA string"
        );
    }

    #[test]
    fn files_are_transcripts_or_vms() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_string()
        };
        let transcript = r#"{"kernel":"6.12.1","isa_line":"rv64ima_ztso","transcripts":[]}"#;
        let transcript = file("t.json", transcript);
        assert_eq!(named(&transcript, None).unwrap().plan.host().policy(), Policy::Linux6_12);
        let vm = file("vm.json", r#"{ "host": { "transcript": "t.json" } }"#);
        assert_eq!(named(&vm, None).unwrap().plan.host().policy(), Policy::Linux6_12);
        let broken = file("broken.json", "{ \"hosts\": {} }");
        let message = error(&broken);
        assert!(message.contains("broken.json") && message.contains("`hosts`"), "{message}");
    }
}
