//! Mnemonics that RISC-V does not have and people write all the same, with what they mean: halves of names,
//! other assemblers' jumps and fences. The nearest spelling would be something else.

const ALIASES: [(&str, &str); 8] = [
    ("b", "j"),
    ("call", "jal"),
    ("fence.sc", "fence rw,rw"),
    ("jump", "j"),
    ("mfence", "fence rw,rw"),
    ("prefetch", "prefetch.r"),
    ("tail", "j"),
    ("wrs", "wrs.nto"),
];

/// The instruction to suggest in place of `mnemonic`.
pub(super) fn meaning(mnemonic: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(alias, _)| *alias == mnemonic).map(|(_, meaning)| *meaning)
}
