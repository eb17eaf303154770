//! Cache block sizes: what a device tree says beside the extensions that use them.

use super::extension::IsaExt;

/// Cache block sizes in bytes; 0 if the device tree gives none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // named after the extensions
pub struct BlockSizes {
    pub zicbom: u64,
    pub zicboz: u64,
    pub zicbop: u64,
}

impl Default for BlockSizes {
    fn default() -> BlockSizes {
        BlockSizes { zicbom: 64, zicboz: 64, zicbop: 64 }
    }
}

impl BlockSizes {
    /// The size that belongs to one of the three extensions.
    #[must_use]
    pub fn of(&self, ext: IsaExt) -> u64 {
        match ext {
            IsaExt::Zicbom => self.zicbom,
            IsaExt::Zicboz => self.zicboz,
            _ => self.zicbop,
        }
    }
}
