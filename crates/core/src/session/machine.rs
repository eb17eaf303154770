//! What a test is run on.

use std::sync::Arc;

use crate::answer::Failure;
use crate::litmus::HartId;
use crate::model::{BaseModel, Options};
use crate::program::{HartConfig, full_hart};

/// A machine that a test is run on: its harts, and how the models that they follow are read.
#[derive(Clone, PartialEq, Debug)]
pub struct Machine {
    /// The name by which answers know it.
    pub id: Arc<str>,
    /// Its harts.
    pub harts: Harts,
    /// How models are read, which rules are in force, and how far loops are followed.
    pub options: Options,
}

/// The harts of a machine.
#[derive(Clone, PartialEq, Debug)]
pub enum Harts {
    /// As many as the test has, all alike.
    All(HartConfig),
    /// One by one. Where the test has more, the others are like the last.
    Each(Vec<HartConfig>),
    /// The machine cannot be had for this test.
    Unavailable(Failure),
}

impl Harts {
    /// What a hart is.
    #[must_use]
    pub fn of(&self, hart: HartId) -> HartConfig {
        match self {
            Harts::All(config) => *config,
            Harts::Each(harts) => {
                let config = harts.get(hart.index()).or(harts.last());
                config.copied().unwrap_or(full_hart(BaseModel::Rvwmo))
            }
            Harts::Unavailable(_) => full_hart(BaseModel::Rvwmo),
        }
    }

    /// The model of each of so many harts.
    #[must_use]
    pub fn models(&self, harts: usize) -> Vec<BaseModel> {
        (0..harts).map(|hart| self.of(HartId(hart as u16)).model).collect()
    }

    /// Is a test linked for both alike, whatever their models?
    pub(super) fn link_alike(&self, other: &Harts) -> bool {
        match (self, other) {
            (Harts::All(a), Harts::All(b)) => (a.base, a.extensions) == (b.base, b.extensions),
            (Harts::Each(a), Harts::Each(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b)
                        .all(|(a, b)| (a.base, a.extensions) == (b.base, b.extensions))
            }
            _ => false,
        }
    }
}
