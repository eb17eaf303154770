//! The answer to a migration in a word.

use super::migration::{Migration, UnreportedChange};

/// The answer in a word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum MigrationVerdict {
    /// Every register that is sent is accepted, and the harts are the same.
    Same,
    /// Every register that is sent is accepted, and the harts differ, but the guest loses nothing known.
    Other,
    /// Every register that is sent is accepted, and the harts promise more than before.
    Stronger,
    /// The program does not move such a vCPU at all.
    Cannot,
    /// The target refuses a register, so the program stops; the guest stays what it is.
    Refused,
    /// Nothing is refused, and yet the guest loses order, instructions, or the size of something: nobody notices.
    SilentlyWeaker,
}

impl MigrationVerdict {
    /// `silently-weaker` and the like, for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Does the guest go on, with nothing known to be lost?
    #[must_use]
    pub fn is_restored(self) -> bool {
        self < MigrationVerdict::Cannot
    }
}

impl Migration {
    /// The worst that is known.
    #[must_use]
    pub fn verdict(&self) -> MigrationVerdict {
        if self.cannot.is_some() {
            MigrationVerdict::Cannot
        } else if !self.refused.is_empty() {
            MigrationVerdict::Refused
        } else if self.unreported.iter().any(UnreportedChange::loses)
            || self.vcpus.iter().any(|vcpu| !vcpu.gone().is_empty())
        {
            MigrationVerdict::SilentlyWeaker
        } else if self.vcpus.iter().any(|vcpu| !vcpu.strengthened().is_empty()) {
            MigrationVerdict::Stronger
        } else if !self.unreported.is_empty()
            || self.vcpus.iter().any(|vcpu| vcpu.before != vcpu.after)
        {
            MigrationVerdict::Other
        } else {
            MigrationVerdict::Same
        }
    }
}
