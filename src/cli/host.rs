//! Arguments that name a host: an ISA string, a file, or this machine.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use super::output;
use crate::results::shown_path;
use crate::run::read_whole;
use rvlitmus_onereg::{
    Host, MOST_BYTES, Policy, Recording, RegisterValues, SpecError, UnknownVmm, Vm, VmPlan, Vmm,
    read_registers, running_policy,
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
    /// How the host's kernel answers: linux-6.6, linux-6.12, linux-6.18, linux-7.2, linux-7.3 or documented
    /// (Ztso may be turned off)
    /// [default: as the file says, the recorded or running kernel, or linux-7.2]
    #[arg(long, value_name = "POLICY")]
    pub(super) policy: Option<Policy>,
    /// Which vCPU of the VM
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = clap::value_parser!(u16).range(..Vm::MAX_VCPUS as i64))]
    pub(super) vcpu: u16,
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
        let host = self.host.as_deref().map(|host| named(host, self.policy, None)).transpose()?;
        let Some(vm) = &self.vm else {
            return host.context("expected --host or --vm");
        };
        let plan = load_vm(vm, self.policy, None)?;
        Ok(match host {
            Some(Named { plan: on, real }) => Named { plan: plan.on(on.host().clone()), real },
            None => Named { plan, real: None },
        })
    }
}

/// How often a file is waited for is limited by `--timeout` alone.
fn reader(patience: Option<Duration>) -> impl Fn(&Path) -> io::Result<String> {
    move |path| read_whole(path, MOST_BYTES, patience)
}

/// Reads a VM file, for as long as `patience`.
///
/// # Errors
/// As [`VmPlan::load`], with the file's name.
pub(super) fn load_vm(
    path: &Path,
    policy: Option<Policy>,
    patience: Option<Duration>,
) -> anyhow::Result<VmPlan> {
    let name = shown_path(path);
    let plan = VmPlan::load(path, policy, &reader(patience)).map_err(|error| match error {
        // It names the file itself.
        SpecError::Read { .. } => error.into(),
        error => anyhow::Error::from(error).context(name.clone()),
    })?;
    note_unknown(&name, &plan);
    Ok(plan)
}

fn note_unknown(name: &str, plan: &VmPlan) {
    for line in plan.host().unknown_names() {
        output::complain(&format!("note: {name}: {line}"));
    }
}

/// Reads what `HOST` names, for as long as `patience`.
///
/// # Errors
/// If that cannot be read or makes no sense.
pub(super) fn named(
    host: &str,
    policy: Option<Policy>,
    patience: Option<Duration>,
) -> anyhow::Result<Named> {
    if host == "kvm" {
        let registers = read_registers()?;
        let policy = policy.or_else(running_policy).unwrap_or_default();
        let plan = VmPlan::of_host(Host::from_registers(&registers, policy)?);
        return Ok(Named { plan, real: Some(registers) });
    }
    let path = Path::new(host);
    let plan = if path.exists() {
        return Ok(Named { plan: load_vm(path, policy, patience)?, real: None });
    } else if host.contains(['/', '.']) {
        bail!("{host}: there is no such file, and it is no ISA string");
    } else {
        let harts = host.split(',').map(|isa| isa.trim().to_owned()).collect();
        VmPlan::of_isa_strings(harts, policy).with_context(|| host.to_owned())?
    };
    note_unknown(host, &plan);
    Ok(Named { plan, real: None })
}

/// A program that makes guests, by name.
pub(super) fn vmm(name: &str) -> Result<&'static Vmm, UnknownVmm> {
    Vmm::named(name)
}

/// Reads a transcript.
///
/// # Errors
/// As [`Recording::from_json`].
pub(super) fn recording(path: &Path) -> anyhow::Result<Recording> {
    Ok(Recording::from_json(&reader(None)(path)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(host: &str) -> String {
        format!("{:#}", named(host, None, None).unwrap_err())
    }

    #[test]
    fn isa_strings_of_several_harts() {
        let plan = named("rv64gc_ztso, rv64gc", None, None).unwrap().plan;
        assert_eq!(plan.host().harts().len(), 2);
        assert_eq!(plan.host().policy(), Policy::Linux7_2);
        let plan = named("rva23u64_ztso", Some(Policy::Documented), None).unwrap().plan;
        assert_eq!(plan.host().policy(), Policy::Documented);
    }

    #[test]
    fn mistakes_name_what_was_given() {
        assert_eq!(
            error("rv64gc,rv64gc__ztso"),
            "rv64gc,rv64gc__ztso: hart 1: column 8: expected an extension between underscores"
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
        assert_eq!(named(&transcript, None, None).unwrap().plan.host().policy(), Policy::Linux6_12);
        let vm = file("vm.json", r#"{ "host": { "transcript": "t.json" } }"#);
        assert_eq!(named(&vm, None, None).unwrap().plan.host().policy(), Policy::Linux6_12);
        let broken = file("broken.json", "{ \"hosts\": {} }");
        let message = error(&broken);
        assert!(message.contains("broken.json") && message.contains("`hosts`"), "{message}");
    }
}
