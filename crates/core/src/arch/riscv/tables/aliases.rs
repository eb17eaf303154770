//! Mnemonics that RISC-V does not have and people write all the same, with what they mean: halves of names,
//! other assemblers' jumps and fences, Linux' barriers. The nearest spelling would be something else.

const ALIASES: [(&str, &str); 17] = [
    ("b", "j"),
    ("barrier", "nop"),
    ("call", "jal"),
    ("dma_rmb", "fence r,r"),
    ("dma_wmb", "fence w,w"),
    ("fence.sc", "fence rw,rw"),
    ("jump", "j"),
    ("mb", "fence iorw,iorw"),
    ("mfence", "fence rw,rw"),
    ("prefetch", "prefetch.r"),
    ("rmb", "fence ir,ir"),
    ("smp_mb", "fence rw,rw"),
    ("smp_rmb", "fence r,r"),
    ("smp_wmb", "fence w,w"),
    ("tail", "j"),
    ("wmb", "fence ow,ow"),
    ("wrs", "wrs.nto"),
];

/// The instruction to suggest in place of `mnemonic`.
pub(super) fn meaning(mnemonic: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(alias, _)| *alias == mnemonic).map(|(_, meaning)| *meaning)
}
