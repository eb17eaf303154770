//! Kernel releases, and the policies that stand for what a kernel does.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::suggest;

/// A Linux release, for example 6.12.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Release {
    /// 6 in 6.12.
    pub major: u8,
    /// 12 in 6.12.
    pub minor: u8,
}

impl Release {
    /// Release `major.minor`.
    #[must_use]
    pub const fn new(major: u8, minor: u8) -> Release {
        Release { major, minor }
    }

    /// Reads the start of `6.12.107`, `7.2-rc1` or `7.2`.
    #[must_use]
    pub fn parse(version: &str) -> Option<Release> {
        let mut numbers = version.split(|c: char| !c.is_ascii_digit());
        Some(Release::new(numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// How the host's kernel answers requests.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::IntoStaticStr
)]
pub enum Policy {
    /// As Linux 6.6 does. Read in its source.
    #[serde(rename = "linux-6.6")]
    #[strum(serialize = "linux-6.6")]
    Linux6_6,
    /// As Linux 6.12 does. Recorded on 6.12.107.
    #[serde(rename = "linux-6.12")]
    #[strum(serialize = "linux-6.12")]
    Linux6_12,
    /// As Linux 6.18 does. Read in its source.
    #[serde(rename = "linux-6.18")]
    #[strum(serialize = "linux-6.18")]
    Linux6_18,
    /// As Linux 7.2 does. Recorded on 7.2.13.
    #[default]
    #[serde(rename = "linux-7.2")]
    #[strum(serialize = "linux-7.2")]
    Linux7_2,
    /// As Linux 7.3 does. Read in the source of 7.3-rc7.
    #[serde(rename = "linux-7.3")]
    #[strum(serialize = "linux-7.3")]
    Linux7_3,
    /// As Linux 7.2, but user space may turn Ztso off: a host whose hardware has a TSO switch that
    /// the kernel uses. No Linux release does so; the dynamic switch (Ssdtso, with a prctl) is a
    /// proposal.
    #[serde(rename = "documented")]
    #[strum(serialize = "documented")]
    Documented,
}

/// What is known of one policy.
struct Row {
    policy: Policy,
    release: Release,
    /// The last number in the kernel's bitmap of host capabilities.
    last_hwcap: u8,
    /// Where its behaviour is from.
    source: &'static str,
}

/// The table of releases, oldest first.
const ROWS: &[Row] = &[
    Row {
        policy: Policy::Linux6_6,
        release: Release::new(6, 6),
        last_hwcap: 42,
        source: "read in its source",
    },
    Row {
        policy: Policy::Linux6_12,
        release: Release::new(6, 12),
        last_hwcap: 86,
        source: "recorded on 6.12.107",
    },
    Row {
        policy: Policy::Linux6_18,
        release: Release::new(6, 18),
        last_hwcap: 99,
        source: "read in its source",
    },
    Row {
        policy: Policy::Linux7_2,
        release: Release::new(7, 2),
        last_hwcap: 105,
        source: "recorded on 7.2.13",
    },
    Row {
        policy: Policy::Linux7_3,
        release: Release::new(7, 3),
        last_hwcap: 105,
        source: "read in the source of 7.3-rc7",
    },
    Row {
        policy: Policy::Documented,
        release: Release::new(7, 2),
        last_hwcap: 105,
        source: "linux-7.2, but Ztso may be turned off",
    },
];

impl Policy {
    /// All of them, oldest kernel first.
    pub const ALL: [Policy; 6] = [
        Policy::Linux6_6,
        Policy::Linux6_12,
        Policy::Linux6_18,
        Policy::Linux7_2,
        Policy::Linux7_3,
        Policy::Documented,
    ];

    fn row(self) -> &'static Row {
        ROWS.iter().find(|row| row.policy == self).expect("every policy has a row")
    }

    /// `linux-6.12`, `linux-7.2`, `documented` and so on.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The kernel whose registers and whose knowledge of extensions apply.
    #[must_use]
    pub fn release(self) -> Release {
        self.row().release
    }

    /// The last host capability number that the kernel knows.
    #[must_use]
    pub fn last_hwcap(self) -> u8 {
        self.row().last_hwcap
    }

    /// Where the behaviour is from: a recording, or a source.
    #[must_use]
    pub fn source(self) -> &'static str {
        self.row().source
    }

    /// The policy for the kernel of that version: same major and minor number.
    #[must_use]
    pub fn of_kernel(version: &str) -> Option<Policy> {
        let release = Release::parse(version)?;
        Policy::ALL.into_iter().find(|p| p.release() == release)
    }
}

/// No policy has that name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "unknown policy `{given}`, expected linux-6.6, linux-6.12, linux-6.18, linux-7.2, linux-7.3 or \
     documented{hint}"
)]
pub struct UnknownPolicy {
    given: String,
    hint: String,
}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<Policy, UnknownPolicy> {
        Policy::ALL.into_iter().find(|p| p.name() == name).ok_or_else(|| UnknownPolicy {
            given: name.to_string(),
            hint: suggest::did_you_mean(
                suggest::nearest(name, Policy::ALL.into_iter().map(|p| (p.name(), p)))
                    .map(Policy::name),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for policy in Policy::ALL {
            assert_eq!(policy.name().parse(), Ok(policy));
            let json = serde_json::to_string(&policy).unwrap();
            assert_eq!(json, format!("\"{policy}\""));
        }
        let error = "linux-7.1".parse::<Policy>().unwrap_err().to_string();
        assert!(error.contains("did you mean `linux-7.2`?"), "{error}");
    }

    #[test]
    fn kernels_have_policies_by_major_and_minor() {
        assert_eq!(Policy::of_kernel("6.12.107"), Some(Policy::Linux6_12));
        assert_eq!(Policy::of_kernel("7.2.13"), Some(Policy::Linux7_2));
        assert_eq!(Policy::of_kernel("7.2-rc3"), Some(Policy::Linux7_2));
        assert_eq!(Policy::of_kernel("6.6.51"), Some(Policy::Linux6_6));
        for unknown in ["7.20.1", "6.1.5", "7", "", "x.y"] {
            assert_eq!(Policy::of_kernel(unknown), None, "{unknown}");
        }
    }
}
