//! What is written of ordering: acquire and release bits, and what a fence orders.

/// The acquire and release bits of an instruction, as written.
///
/// A load or store that has one is a load-acquire or store-release; a plain one has none. What the bits
/// mean is the model's business.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Order {
    /// Neither bit.
    #[default]
    None,
    /// `.aq`
    Aq,
    /// `.rl`
    Rl,
    /// `.aqrl`, also written `.aq.rl`
    AqRl,
}

impl Order {
    /// Is the `aq` bit set?
    #[must_use]
    pub const fn aq(self) -> bool {
        matches!(self, Order::Aq | Order::AqRl)
    }

    /// Is the `rl` bit set?
    #[must_use]
    pub const fn rl(self) -> bool {
        matches!(self, Order::Rl | Order::AqRl)
    }
}

/// The pairs of memory operations that a fence orders: a load or store before it, and one after it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct FencePairs {
    /// Loads before later loads.
    pub load_load: bool,
    /// Loads before later stores.
    pub load_store: bool,
    /// Stores before later loads.
    pub store_load: bool,
    /// Stores before later stores.
    pub store_store: bool,
}

impl FencePairs {
    /// All but stores before later loads: what total store order keeps by itself.
    pub const TSO: FencePairs =
        FencePairs { load_load: true, load_store: true, store_load: false, store_store: true };
}
