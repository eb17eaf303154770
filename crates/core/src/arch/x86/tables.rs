//! Mnemonics: which instructions are known, which are refused, and why.

use super::{Condition, Operation, Width};

/// A mnemonic, and what it says of widths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mnemonic {
    /// What it does.
    pub operation: Operation,
    /// The width of the operands, if the mnemonic says it.
    pub width: Option<Width>,
    /// The width of what is extended, if the mnemonic says it.
    pub from: Option<Width>,
}

/// What a word stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// An instruction.
    Found(Mnemonic),
    /// `lock`
    Lock,
    /// An instruction that is not supported, and why.
    Unsupported(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// Mnemonics behind which AT&T's syntax may put a letter for the width.
const SIZED: [(&str, Operation); 29] = [
    ("mov", Operation::Mov),
    ("lea", Operation::Lea),
    ("xchg", Operation::Xchg),
    ("xadd", Operation::Xadd),
    ("cmpxchg", Operation::Cmpxchg),
    ("add", Operation::Add),
    ("adc", Operation::Adc),
    ("sub", Operation::Sub),
    ("sbb", Operation::Sbb),
    ("and", Operation::And),
    ("or", Operation::Or),
    ("xor", Operation::Xor),
    ("cmp", Operation::Cmp),
    ("test", Operation::Test),
    ("inc", Operation::Inc),
    ("dec", Operation::Dec),
    ("neg", Operation::Neg),
    ("not", Operation::Not),
    ("shl", Operation::Shl),
    ("sal", Operation::Shl),
    ("shr", Operation::Shr),
    ("sar", Operation::Sar),
    ("imul", Operation::Imul),
    ("bt", Operation::Bt),
    ("bts", Operation::Bts),
    ("btr", Operation::Btr),
    ("btc", Operation::Btc),
    ("movzx", Operation::MoveZero),
    ("movsx", Operation::MoveSign),
];

/// Mnemonics that no letter follows.
const PLAIN: [(&str, Operation); 8] = [
    ("jmp", Operation::Jump),
    ("mfence", Operation::Mfence),
    ("lfence", Operation::WeakFence("lfence")),
    ("sfence", Operation::WeakFence("sfence")),
    ("nop", Operation::Nothing("nop")),
    ("pause", Operation::Nothing("pause")),
    ("endbr64", Operation::Nothing("endbr64")),
    ("endbr32", Operation::Nothing("endbr32")),
];

/// Mnemonics that say their widths themselves.
const WIDE: [(&str, Operation, Option<Width>, Option<Width>); 10] = [
    ("cmpxchg8b", Operation::CmpxchgPair, Some(Width::D), None),
    ("cmpxchg16b", Operation::CmpxchgPair, Some(Width::Q), None),
    ("movabs", Operation::Mov, Some(Width::D), None),
    ("movabsq", Operation::Mov, Some(Width::D), None),
    ("movsxd", Operation::MoveSign, Some(Width::D), Some(Width::W)),
    ("movslq", Operation::MoveSign, Some(Width::D), Some(Width::W)),
    ("movzb", Operation::MoveZero, None, Some(Width::B)),
    ("movzw", Operation::MoveZero, None, Some(Width::H)),
    ("movsb", Operation::MoveSign, None, Some(Width::B)),
    ("movsw", Operation::MoveSign, None, Some(Width::H)),
];

/// The beginnings of what is refused, and why: the first that fits.
const REFUSED: [(&[&str], &str); 13] = [
    (
        &["movnt", "maskmov"],
        "non-temporal stores are weaker than x86-TSO, which is about write-back memory",
    ),
    (
        &["clflush", "clwb", "cldemote", "wbinvd", "wbnoinvd", "invd", "invlpg"],
        "caches are no part of the memory model",
    ),
    (
        &["rep", "movsd", "movsq", "stos", "lods", "scas", "cmps"],
        "string instructions are many accesses in no fixed order",
    ),
    (&["in", "inb", "inw", "inl", "ins", "out"], "ports are outside the memory model"),
    (
        &["push", "pop", "call", "ret", "enter", "leave", "iret"],
        "tests have no stack: write the code of what is called",
    ),
    (
        &[
            "rol", "ror", "rcl", "rcr", "mul", "div", "idiv", "bsf", "bsr", "bswap", "shld",
            "shrd", "popcnt", "lzcnt", "tzcnt", "andn",
        ],
        "of arithmetic there is add, adc, sub, sbb, and, or, xor, neg, not, inc, dec, imul and shifts",
    ),
    (&["uxch"], "`xchg` with memory is always locked; two movs are not"),
    (
        &["xbegin", "xend", "xabort", "xtest", "xacquire", "xrelease"],
        "transactions are outside the memory model",
    ),
    (
        &[
            "cpuid",
            "serialize",
            "rdtsc",
            "rdmsr",
            "wrmsr",
            "hlt",
            "int",
            "syscall",
            "sysenter",
            "cli",
            "sti",
            "lgdt",
            "lidt",
            "mwait",
            "monitor",
            "umwait",
            "umonitor",
            "tpause",
            "vm",
        ],
        "system instructions are outside the memory model",
    ),
    (&["prefetch"], "prefetches do nothing that a test can see: leave it out"),
    (
        &[
            "cwd", "cltq", "cdq", "cqo", "cbw", "lahf", "sahf", "clc", "stc", "cmc", "cld", "std",
            "xlat", "loop", "jcxz", "jecxz", "jrcxz",
        ],
        "it is not read yet: write what it does with mov, cmp and jcc",
    ),
    (
        &[
            "movd", "movap", "movup", "movdq", "movs", "movh", "movl", "paddd", "xorps", "pxor",
            "v", "cvt", "unpck", "shuf", "pshuf",
        ],
        "vector registers are outside the memory model",
    ),
    (&["f"], "floating point is outside the memory model"),
];

/// The letter for a width in AT&T's syntax.
const LETTERS: [(char, Width); 4] =
    [('b', Width::B), ('w', Width::H), ('l', Width::W), ('q', Width::D)];

/// What a word, in small or capital letters, stands for.
#[must_use]
pub fn lookup(word: &str) -> Lookup {
    let word = word.to_ascii_lowercase();
    if word == "lock" {
        return Lookup::Lock;
    }
    if let Some(found) = exact(&word) {
        return Lookup::Found(found);
    }
    if let Some((stem, width)) =
        LETTERS.into_iter().find_map(|(letter, width)| Some((word.strip_suffix(letter)?, width)))
        && let Some(found) = exact(stem)
        && found.width.is_none()
        && (found.from.is_some() || takes_letter(stem, found.operation))
    {
        return Lookup::Found(Mnemonic { width: Some(width), ..found });
    }
    let refused = |names: &&[&str]| {
        names.iter().any(|name| match *name {
            // Beginnings that are too short to be told from slips.
            "in" | "int" | "f" | "v" | "ret" | "rep" => is_short(&word, name),
            name => word.starts_with(name),
        })
    };
    match REFUSED.iter().find(|(names, _)| refused(names)) {
        Some((_, why)) => Lookup::Unsupported(why),
        None => Lookup::Unknown,
    }
}

/// Is it the name itself, with a few letters that such names have?
fn is_short(word: &str, name: &str) -> bool {
    let Some(rest) = word.strip_prefix(name) else { return false };
    match name {
        "f" => ["ld", "st", "add", "sub", "mul", "div", "xch", "ild", "ist", "com", "abs", "chs"]
            .iter()
            .any(|next| rest.starts_with(next)),
        "v" => ["mov", "padd", "pxor", "xor", "add", "pand"].iter().any(|n| rest.starts_with(n)),
        "rep" => ["", "e", "ne", "z", "nz"].contains(&rest),
        "ret" => ["", "q", "l", "f"].contains(&rest),
        _ => rest.is_empty() || rest == "3" && name == "int",
    }
}

fn takes_letter(stem: &str, operation: Operation) -> bool {
    matches!(operation, Operation::MoveIf(_))
        || SIZED.iter().any(|(name, _)| *name == stem)
        || stem == "nop"
}

fn exact(word: &str) -> Option<Mnemonic> {
    let wide = WIDE.iter().find(|(name, ..)| *name == word);
    if let Some((_, operation, width, from)) = wide {
        return Some(Mnemonic { operation: *operation, width: *width, from: *from });
    }
    let plain = |operation| Mnemonic { operation, width: None, from: None };
    let mut tables = SIZED.iter().chain(&PLAIN);
    if let Some((_, operation)) = tables.find(|(name, _)| *name == word) {
        return Some(plain(*operation));
    }
    Condition::ALL.into_iter().find_map(|condition| {
        let operation = if condition.jumps().contains(&word) {
            Operation::JumpIf(condition)
        } else if condition.sets().contains(&word) {
            Operation::SetIf(condition)
        } else if condition.moves().contains(&word) {
            Operation::MoveIf(condition)
        } else {
            return None;
        };
        Some(plain(operation))
    })
}

/// All mnemonics without letters for widths, with what they do.
pub fn all() -> impl Iterator<Item = (&'static str, Operation)> {
    let named = |names: &'static [&'static str], operation| {
        names.iter().map(move |name| (*name, operation))
    };
    let conditional = Condition::ALL.into_iter().flat_map(move |condition| {
        named(condition.jumps(), Operation::JumpIf(condition))
            .chain(named(condition.sets(), Operation::SetIf(condition)))
            .chain(named(condition.moves(), Operation::MoveIf(condition)))
    });
    let wide = WIDE.into_iter().map(|(name, operation, ..)| (name, operation));
    SIZED.into_iter().chain(PLAIN).chain(wide).chain(conditional)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(word: &str) -> Mnemonic {
        match lookup(word) {
            Lookup::Found(found) => found,
            other => panic!("{word}: {other:?}"),
        }
    }

    #[test]
    fn letters_say_widths() {
        let said = |word| (found(word).operation, found(word).width, found(word).from);
        assert_eq!(said("movq"), (Operation::Mov, Some(Width::D), None));
        assert_eq!(said("MOV"), (Operation::Mov, None, None));
        assert_eq!(said("movzbl"), (Operation::MoveZero, Some(Width::W), Some(Width::B)));
        assert_eq!(said("movswq"), (Operation::MoveSign, Some(Width::D), Some(Width::H)));
        assert_eq!(said("movslq"), (Operation::MoveSign, Some(Width::D), Some(Width::W)));
        assert_eq!(said("sbbb"), (Operation::Sbb, Some(Width::B), None));
        assert_eq!(said("shl").0, Operation::Shl);
        assert_eq!(said("btcl"), (Operation::Btc, Some(Width::W), None));
        assert_eq!(said("setl").0, Operation::SetIf(Condition::Less));
        assert_eq!(said("cmovll"), (Operation::MoveIf(Condition::Less), Some(Width::W), None));
        assert_eq!(said("cmpxchg16b").1, Some(Width::Q));
    }

    #[test]
    fn what_is_refused_is_said_why_and_what_is_misspelt_is_not() {
        for word in [
            "movnti",
            "clflushopt",
            "rep",
            "MOVSD",
            "inb",
            "movaps",
            "push",
            "fld",
            "vmovdqa",
            "int3",
            "rdtsc",
        ] {
            assert!(matches!(lookup(word), Lookup::Unsupported(_)), "{word}");
        }
        for word in ["mvo", "fence", "xhcg", "inch", "lw", "vex"] {
            assert_eq!(lookup(word), Lookup::Unknown, "{word}");
        }
        for (name, operation) in all() {
            assert_eq!(found(name).operation, operation, "{name}");
        }
    }
}
