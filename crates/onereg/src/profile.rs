//! Profiles: names for what a hart must have (RISC-V Profiles, version 1.0, and RVA23).
//!
//! Only mandatory extensions are in a profile; `rva23u64` has neither Ztso nor Zacas.

/// A profile's name and the extensions that it demands. Each list is what it adds to the profile
/// named before it.
struct Profile {
    name: &'static str,
    base: Option<&'static str>,
    adds: &'static [&'static str],
}

const PROFILES: &[Profile] = &[
    Profile { name: "rvi20u64", base: None, adds: &["i"] },
    Profile {
        name: "rva20u64",
        base: Some("rvi20u64"),
        adds: &[
            "m", "a", "f", "d", "c", "zicsr", "zicntr", "ziccif", "ziccrse", "ziccamoa", "za128rs",
            "zicclsm",
        ],
    },
    Profile {
        name: "rva20s64",
        base: Some("rva20u64"),
        adds: &["zifencei", "ss1p11", "svbare", "sv39", "ssccptr", "sstvecd", "sstvala"],
    },
    Profile {
        name: "rva22u64",
        base: Some("rva20u64"),
        adds: &[
            "zihpm",
            "za64rs",
            "zihintpause",
            "zba",
            "zbb",
            "zbs",
            "zic64b",
            "zicbom",
            "zicbop",
            "zicboz",
            "zfhmin",
            "zkt",
        ],
    },
    Profile { name: "rva22s64", base: Some("rva22u64"), adds: S64_22 },
    Profile {
        name: "rva23u64",
        base: Some("rva22u64"),
        adds: &[
            "b",
            "v",
            "zvfhmin",
            "zvbb",
            "zvkt",
            "zihintntl",
            "zicond",
            "zimop",
            "zcmop",
            "zcb",
            "zfa",
            "zawrs",
            "supm",
        ],
    },
    Profile { name: "rva23s64", base: Some("rva23u64"), adds: S64_23 },
];

const S64_22: &[&str] = &[
    "zifencei",
    "ss1p12",
    "svbare",
    "sv39",
    "svade",
    "ssccptr",
    "sstvecd",
    "sstvala",
    "sscounterenw",
    "svpbmt",
    "svinval",
];

const S64_23: &[&str] = &[
    "zifencei",
    "ss1p13",
    "svbare",
    "sv39",
    "svade",
    "ssccptr",
    "sstvecd",
    "sstvala",
    "sscounterenw",
    "svpbmt",
    "svinval",
    "svnapot",
    "sstc",
    "sscofpmf",
    "ssnpm",
    "ssu64xl",
    "sha",
];

/// The tokens of a profile, or `None` if no 64-bit profile has that (lower-case) name.
pub(super) fn tokens(name: &str) -> Option<Vec<&'static str>> {
    let profile = PROFILES.iter().find(|p| p.name == name)?;
    let mut tokens = profile.base.and_then(tokens).unwrap_or_default();
    tokens.extend(profile.adds);
    Some(tokens)
}

/// Names of all profiles, for suggestions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|p| p.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ext;

    #[test]
    fn tokens_exist_and_profiles_grow() {
        for name in names() {
            for token in tokens(name).unwrap() {
                assert!(Ext::find(token).is_some(), "{name}: {token}");
            }
        }
        let rva23 = tokens("rva23u64").unwrap();
        assert!(tokens("rva20u64").unwrap().iter().all(|t| rva23.contains(t)));
        assert!(!rva23.contains(&"ztso") && !rva23.contains(&"zacas"));
        assert!(tokens("rva24u64").is_none());
    }
}
