//! What ordering costs.

use super::Parts;

/// What each part of ordering costs, in a unit of no meaning but that more is dearer.
///
/// By default a fence costs 4, and besides 1 for each pair that it orders but 12 for stores before later
/// loads, which empties the store buffer; `.aq` and `.rl` cost 3 each, a dependency 1, an AMO instead of a load
/// or store 8.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Costs {
    fence: u64,
    /// By bit of [`Parts`].
    parts: [u64; Parts::COUNT],
}

/// What a file of costs calls each part, in the order of its bits.
const NAMES: [&str; Parts::COUNT] = ["r,r", "r,w", "w,r", "w,w", "aq", "rl", "dep", "amo"];

impl Default for Costs {
    fn default() -> Costs {
        Costs::DEFAULT
    }
}

/// What is wrong with a file of costs.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CostError {
    /// A line is not a name and a number.
    #[error("line {0}: `{1}` is no cost: write a name and a number, as `aq 3`")]
    NoCost(usize, String),
    /// The name is none of those known.
    #[error("line {0}: `{1}` has no cost: known are fence, {known}", known = NAMES.join(", "))]
    UnknownName(usize, String),
    /// The number is not one of 1 to 1,000,000.
    #[error("line {0}: `{1}` is no number from 1 to 1000000")]
    NoNumber(usize, String),
}

impl Costs {
    /// What parts cost where nothing else is said.
    pub const DEFAULT: Costs = Costs { fence: 4, parts: [1, 1, 12, 1, 3, 3, 1, 8] };

    /// Reads a file of costs: a name and a number in each line; what it does not name keeps its cost.
    /// Behind `#` stands a comment.
    ///
    /// # Errors
    /// The first line that is none.
    pub fn read(text: &str) -> Result<Costs, CostError> {
        let mut costs = Costs::default();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let Some((name, cost)) = line.split_once(char::is_whitespace) else {
                return Err(CostError::NoCost(number, line.to_owned()));
            };
            let cost = cost.trim();
            let value = cost.parse().ok().filter(|cost| (1..=1_000_000).contains(cost));
            let value = value.ok_or_else(|| CostError::NoNumber(number, cost.to_owned()))?;
            match NAMES.iter().position(|known| *known == name) {
                Some(part) => costs.parts[part] = value,
                None if name == "fence" => costs.fence = value,
                None => return Err(CostError::UnknownName(number, name.to_owned())),
            }
        }
        Ok(costs)
    }

    /// What a site costs that has these parts.
    pub(super) fn of(&self, parts: Parts) -> u64 {
        let fence = if parts.0 & Parts::FENCE.0 == 0 { 0 } else { self.fence };
        let each =
            (0..Parts::COUNT).filter(|bit| parts.0 >> bit & 1 == 1).map(|bit| self.parts[bit]);
        fence + each.sum::<u64>()
    }
}
