//! What a set of outcomes is the outcomes of.

use std::fmt;

use crate::model::BaseModel;

/// A machine that a test is run on: a column of the table, a field of `models` in JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Column {
    /// Every hart follows RVWMO.
    Rvwmo,
    /// Every hart follows Ztso.
    Ztso,
    /// Every hart is sequentially consistent.
    Sc,
    /// The harts that the run or the test describes: each follows what its registers say.
    Vm,
}

impl Column {
    /// All of them.
    pub const ALL: [Column; 4] = [Column::Rvwmo, Column::Ztso, Column::Sc, Column::Vm];

    /// `rvwmo`, `ztso`, `sc` or `vm`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Column::Rvwmo => "rvwmo",
            Column::Ztso => "ztso",
            Column::Sc => "sc",
            Column::Vm => "vm",
        }
    }
}

impl From<BaseModel> for Column {
    fn from(model: BaseModel) -> Column {
        match model {
            BaseModel::Rvwmo => Column::Rvwmo,
            BaseModel::Ztso => Column::Ztso,
            BaseModel::Sc => Column::Sc,
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
