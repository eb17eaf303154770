//! Access sizes and how a narrow value fills a register.

/// Access size in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Width {
    /// One byte.
    B = 1,
    /// Two bytes.
    H = 2,
    /// Four bytes.
    W = 4,
    /// Eight bytes.
    D = 8,
    /// Sixteen bytes (`amocas.q`).
    Q = 16,
}

impl Width {
    /// 1, 2, 4, 8 or 16.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self as u64
    }

    /// Cuts `value` to this width and sign-extends it, as sub-word loads, LR, SC and AMOs do.
    #[must_use]
    pub const fn sign_extend(self, value: u64) -> u64 {
        match self {
            Width::B => value as u8 as i8 as u64,
            Width::H => value as u16 as i16 as u64,
            Width::W => value as u32 as i32 as u64,
            Width::D | Width::Q => value,
        }
    }

    /// Cuts `value` to this width, high bits zero.
    #[must_use]
    pub const fn zero_extend(self, value: u64) -> u64 {
        match self {
            Width::B => value as u8 as u64,
            Width::H => value as u16 as u64,
            Width::W => value as u32 as u64,
            Width::D | Width::Q => value,
        }
    }
}

/// How a load narrower than a register fills it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Extend {
    /// `lb`, `lh`, `lw`, LR, AMOs.
    Sign,
    /// `lbu`, `lhu`, `lwu`.
    Zero,
}

impl Extend {
    /// The register's value for `raw`, of which the low `width` bytes count.
    #[must_use]
    pub const fn apply(self, width: Width, raw: u64) -> u64 {
        match self {
            Extend::Sign => width.sign_extend(raw),
            Extend::Zero => width.zero_extend(raw),
        }
    }
}
