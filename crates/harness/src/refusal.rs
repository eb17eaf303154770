//! Why a test is not run on hardware.

use rvlitmus_core::answer::Failure;
use rvlitmus_core::litmus::Diagnostics;

/// What a test asks for that a program of user space on harts of RV64 cannot give it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// Its harts are not of RISC-V.
    #[error("its harts are of x86")]
    Architecture,
    /// Its registers have 32 bits.
    #[error("its harts are of RV32, and the program is for RV64")]
    Rv32,
    /// There are not so many harts.
    #[error("it has {0} harts, and --harts says {1}")]
    Harts(usize, usize),
    /// A jump whose target is in a register, or an instruction that puts an address of code into one.
    #[error("P{hart} has `{instr}`, and addresses of code are others in a program")]
    CodeAddress {
        /// Whose code.
        hart: usize,
        /// The instruction, or what has the address.
        instr: String,
    },
    /// A register that a program needs for itself, where no other one can stand for it.
    #[error("P{hart} needs {register} itself in `{instr}`, and a program has its own use for it")]
    Register {
        /// Whose code.
        hart: usize,
        /// The register.
        register: String,
        /// The instruction.
        instr: String,
    },
    /// Registers are needed for the program's own work, too.
    #[error("P{hart} uses {used} registers, and a program has {most} for it")]
    Registers {
        /// Whose code.
        hart: usize,
        /// Those that it uses.
        used: usize,
        /// Those that there are.
        most: usize,
    },
    /// A hart has more addresses than a frame has room for.
    #[error("P{0} has more values to begin with than fit a frame")]
    Frame(usize),
    /// No extension promises such an atomicity.
    #[error("it takes accesses within {0} bytes for one operation, which no extension promises")]
    Granule(u64),
    /// Harts may reserve more, and let a store-conditional succeed where the test says that it fails.
    #[error("it takes reservations for narrower than 64 bytes, which no extension promises")]
    Reservation,
    /// Its memory is too large to have it many times.
    #[error("its locations take {0} bytes, and many instances of them are needed")]
    Memory(u64),
    /// It has more locations, or observes more, than the program has room for.
    #[error("it has {0} locations or values that are observed, and a program has room for {1}")]
    Places(usize, usize),
}

/// Why a test is not among those that are written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotEmitted {
    /// It cannot be read or linked.
    #[error(transparent)]
    Mistakes(#[from] Diagnostics),
    /// It was not answered.
    #[error("{}", .0.error.message)]
    Failed(Failure),
    /// It is not for hardware.
    #[error("not for hardware: {0}")]
    Hardware(#[from] Refusal),
}
