//! Profiles: names for what a hart must have (RISC-V Profiles, version 1.0, and RVA23).
//!
//! Only mandatory extensions are in a profile; `rva23u64` has neither Ztso nor Zacas.

use super::extension::IsaExt::{self, *};
use super::extension::IsaExtSet;

/// A profile's name, the profile that it extends, and the extensions that it adds to that.
type Profile = (&'static str, Option<&'static str>, &'static [IsaExt]);

const PROFILES: &[Profile] = &[
    ("rvi20u64", None, &[I]),
    (
        "rva20u64",
        Some("rvi20u64"),
        &[M, A, F, D, C, Zicsr, Zicntr, Ziccif, Ziccrse, Ziccamoa, Za128rs, Zicclsm],
    ),
    (
        "rva20s64",
        Some("rva20u64"),
        &[Zifencei, Ss1p11, Svbare, Sv39, Svade, Ssccptr, Sstvecd, Sstvala],
    ),
    // Za64rs stands where RVA20 has Za128rs, so this one does not extend it.
    (
        "rva22u64",
        None,
        &[
            I,
            M,
            A,
            F,
            D,
            C,
            Zicsr,
            Zicntr,
            Zihpm,
            Ziccif,
            Ziccrse,
            Ziccamoa,
            Zicclsm,
            Za64rs,
            Zihintpause,
            Zba,
            Zbb,
            Zbs,
            Zic64b,
            Zicbom,
            Zicbop,
            Zicboz,
            Zfhmin,
            Zkt,
        ],
    ),
    (
        "rva22s64",
        Some("rva22u64"),
        &[
            Zifencei,
            Ss1p12,
            Svbare,
            Sv39,
            Svade,
            Ssccptr,
            Sstvecd,
            Sstvala,
            Sscounterenw,
            Svpbmt,
            Svinval,
        ],
    ),
    (
        "rva23u64",
        Some("rva22u64"),
        &[B, V, Zvfhmin, Zvbb, Zvkt, Zihintntl, Zicond, Zimop, Zcmop, Zcb, Zfa, Zawrs, Supm],
    ),
    (
        "rva23s64",
        Some("rva23u64"),
        &[
            Zifencei,
            Ss1p13,
            Svbare,
            Sv39,
            Svade,
            Ssccptr,
            Sstvecd,
            Sstvala,
            Sscounterenw,
            Svpbmt,
            Svinval,
            Svnapot,
            Sstc,
            Sscofpmf,
            Ssnpm,
            Ssu64xl,
            H,
            Sha,
            Ssstateen,
            Shcounterenw,
            Shgatpa,
            Shtvala,
            Shvsatpa,
            Shvstvala,
            Shvstvecd,
        ],
    ),
];

/// The extensions of a profile, or `None` if no 64-bit profile has that (lower-case) name.
pub(super) fn extensions(name: &str) -> Option<IsaExtSet> {
    let (_, base, adds) = PROFILES.iter().find(|(n, ..)| *n == name)?;
    Some(
        base.and_then(extensions).unwrap_or_default() | adds.iter().copied().collect::<IsaExtSet>(),
    )
}

/// The names of all profiles, for suggestions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|(name, ..)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_grow() {
        let rva23 = extensions("rva23u64").unwrap();
        assert!(rva23.is_superset(extensions("rva20u64").unwrap() - IsaExt::Za128rs));
        assert!(!rva23.contains(Ztso) && !rva23.contains(Zacas));
        assert!(names().all(|name| extensions(name).is_some()));
        assert_eq!(extensions("rva24u64"), None);
    }

    /// Counted in the lists of the documents, with the base, and with what Sha comprises.
    #[test]
    fn profiles_have_what_their_documents_list() {
        let counts =
            ["rvi20u64", "rva20u64", "rva20s64", "rva22u64", "rva22s64", "rva23u64", "rva23s64"]
                .map(|name| extensions(name).unwrap().len());
        assert_eq!(counts, [1, 13, 21, 24, 35, 37, 62]);
        assert!(!extensions("rva22u64").unwrap().contains(Za128rs));
    }
}
