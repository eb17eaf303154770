//! What is meant by mnemonics that RISC-V does not have and people write all the same: halves of names,
//! other assemblers' jumps and fences. The nearest spelling would be something else.

const MEANT: [(&str, &str); 8] = [
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
pub(super) fn meant(mnemonic: &str) -> Option<&'static str> {
    MEANT.iter().find(|(written, _)| *written == mnemonic).map(|(_, meant)| *meant)
}
