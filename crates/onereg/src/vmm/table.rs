//! The programs whose behaviour is known: what is said of each, and the table.
//!
//! Each was read in the source of the version that it names; none was run. What a program does with a
//! guest's memory, devices and interrupt controllers is not looked at.

use std::fmt;

use super::start::Startup;
use super::{cloud_hypervisor, crosvm, kvmtool, qemu};
use crate::register::id::RegId;
use crate::suggest;
use crate::vcpu::state::Vcpu;

/// A virtual machine monitor: what it asks of KVM, what it tells its guests, how it moves them.
pub struct Vmm {
    /// Its name on the command line.
    pub name: &'static str,
    /// The version that was read.
    pub version: &'static str,
    /// Where it makes its requests: file and function.
    pub requests: &'static str,
    /// Where it makes the guest's device tree: file and function.
    pub device_tree: &'static str,
    /// Where it moves vCPUs: file and function, if it does.
    pub migration: Option<&'static str>,
    /// State that it leaves behind.
    pub not_sent: &'static [&'static str],
    /// What it sends of a vCPU.
    pub(super) sends: Sends,
    /// Its start with these options: the ISA line of the guest's device tree, or why no guest starts.
    pub(super) start: fn(&mut Startup, &[String]) -> Result<String, String>,
    /// Options that ask for an extension, by its token, to be kept from the guest.
    pub(super) hide: fn(&str) -> Vec<String>,
}

/// What a program sends of a vCPU to another host.
pub(super) enum Sends {
    /// Nothing, for this reason.
    Nothing(&'static str),
    /// The registers that the function chooses for a source and a target, which is made with the same options.
    Chosen(fn(&Vcpu, &Vcpu) -> Vec<RegId>),
    /// Every register of the list, to a fresh vCPU; unless the function says why it cannot be read.
    WholeList(fn(&Vcpu) -> Option<String>),
}

/// The table; the first is meant where none is named.
static PROGRAMS: [&Vmm; 4] =
    [&qemu::QEMU, &cloud_hypervisor::CLOUD_HYPERVISOR, &kvmtool::KVMTOOL, &crosvm::CROSVM];

impl Vmm {
    /// All of them.
    pub fn all() -> impl Iterator<Item = &'static Vmm> {
        PROGRAMS.into_iter()
    }

    /// The program of that name.
    ///
    /// # Errors
    /// There is none.
    pub fn named(given: &str) -> Result<&'static Vmm, UnknownVmm> {
        Vmm::all().find(|vmm| vmm.name == given).ok_or_else(|| {
            let names = PROGRAMS.map(|vmm| vmm.name);
            let near = suggest::nearest(given, names.into_iter().map(|name| (name, name)));
            UnknownVmm {
                given: given.to_owned(),
                known: names.join(", "),
                hint: suggest::did_you_mean(near),
            }
        })
    }

    /// Options that ask for an extension, by its token, to be kept from the guest; none where it has no such.
    #[must_use]
    pub fn options_that_hide(&self, token: &str) -> Vec<String> {
        (self.hide)(token)
    }
}

/// By name: there is one of each.
impl PartialEq for Vmm {
    fn eq(&self, other: &Vmm) -> bool {
        self.name == other.name
    }
}

impl Eq for Vmm {}

impl fmt::Debug for Vmm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// `qemu 10.0.13` and the like.
impl fmt::Display for Vmm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// No program of that name is known.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown program `{given}`, expected one of {known}{hint}")]
pub struct UnknownVmm {
    given: String,
    known: String,
    hint: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for vmm in Vmm::all() {
            assert_eq!(Vmm::named(vmm.name), Ok(vmm));
            assert_eq!(vmm.migration.is_none(), matches!(vmm.sends, Sends::Nothing(_)));
        }
        let error = Vmm::named("quemu").unwrap_err().to_string();
        assert!(error.ends_with("; did you mean `qemu`?"), "{error}");
    }
}
