//! A memory model as a value: a base model, perhaps without some rules, perhaps read another way.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{BaseModel, FailedCas, Options, Reservation, Rule, RuleSet, ScFailure, ZalasrReading};

/// A memory model with a name: `rvwmo`, `ztso`, `sc`, `rvwmo-r9` (a rule removed), `rvwmo:zalasr=rcpc`
/// (another reading), `ztso-ztso-amo-r2:reservation=any:sc-failure=only-when-forced`.
///
/// A name is read by [`FromStr`], and two spellings of one model become the same value.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Model {
    name: Arc<str>,
    base: BaseModel,
    removed: RuleSet,
    readings: Vec<Reading>,
}

/// A choice where the manual leaves one, as part of a model's name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reading {
    /// `zalasr=ratified` or `zalasr=rcpc`.
    Zalasr(ZalasrReading),
    /// `sc-failure=spurious` or `sc-failure=only-when-forced`.
    ScFailure(ScFailure),
    /// `reservation=exact`, `reservation=line=N` or `reservation=any`.
    Reservation(Reservation),
    /// `failed-cas=amo`, `failed-cas=load` or `failed-cas=amo-rl`.
    FailedCas(FailedCas),
    /// `misaligned-granule=N`.
    MisalignedGranule(u64),
}

/// Why a name is no model.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ModelError {
    /// It does not begin with a base model.
    #[error("`{0}` begins with none of `rvwmo`, `ztso`, `sc` and `x86-tso`")]
    NoBase(String),
    /// What stands behind a `-` is no rule of the base model.
    #[error("`{rule}` is no rule of {base}: {known}")]
    NoRule {
        /// What stands there.
        rule: String,
        /// The model that should have it.
        base: BaseModel,
        /// The rules that it has.
        known: String,
    },
    /// What stands behind a `:` is no reading.
    #[error("`{0}` is no reading: {READINGS}")]
    NoReading(String),
    /// One choice is made twice.
    #[error("`{0}` is said twice")]
    Twice(String),
}

const READINGS: &str = "zalasr=ratified|rcpc, sc-failure=spurious|only-when-forced, \
     reservation=exact|line=N|any, failed-cas=amo|load|amo-rl, misaligned-granule=N";

impl Model {
    /// The base model as it is, read as the run says.
    #[must_use]
    pub fn of(base: BaseModel) -> Model {
        Model { name: base.name().into(), base, removed: RuleSet::NONE, readings: Vec::new() }
    }

    /// The model with a rule less. A rule that it does not have changes nothing.
    #[must_use]
    pub fn without(&self, rule: Rule) -> Model {
        let removed = self.removed.with([rule].into_iter().collect());
        Model::new(self.base, removed, self.readings.clone())
    }

    fn new(base: BaseModel, removed: RuleSet, mut readings: Vec<Reading>) -> Model {
        readings.sort_unstable();
        let mut name = base.name().to_owned();
        removed.iter().for_each(|rule| name += &format!("-{rule}"));
        readings.iter().for_each(|reading| name += &format!(":{reading}"));
        Model { name: name.into(), base, removed, readings }
    }

    /// The name by which reports know it.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The model that it is made from: what annotates the operations of a hart that follows it.
    #[must_use]
    pub fn base(&self) -> BaseModel {
        self.base
    }

    /// The options that it is read with in a run with these options.
    #[must_use]
    pub fn options(&self, run: &Options) -> Options {
        let mut options = *run;
        options.rules = self.removed.iter().fold(options.rules, RuleSet::without);
        for reading in &self.readings {
            match *reading {
                Reading::Zalasr(zalasr) => options.zalasr = zalasr,
                Reading::ScFailure(sc_failure) => options.sc_failure = sc_failure,
                Reading::Reservation(reservation) => options.reservation = reservation,
                Reading::FailedCas(failed_cas) => options.failed_cas = failed_cas,
                Reading::MisalignedGranule(bytes) => options.misaligned_granule = bytes,
            }
        }
        options
    }

    /// The rules that it has.
    pub fn rules(&self) -> impl Iterator<Item = Rule> {
        let removed = self.removed;
        self.base.rules().filter(move |rule| !removed.contains(*rule))
    }
}

impl From<BaseModel> for Model {
    fn from(base: BaseModel) -> Model {
        Model::of(base)
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name)
    }
}

impl FromStr for Model {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Model, ModelError> {
        let mut parts = text.split(':');
        let rules = parts.next().unwrap_or_default();
        let named = |base: &BaseModel| {
            let after = rules.strip_prefix(base.name());
            after.is_some_and(|after| after.is_empty() || after.starts_with('-'))
        };
        let base = BaseModel::ALL.into_iter().find(named);
        let base = base.ok_or_else(|| ModelError::NoBase(text.to_owned()))?;
        let (mut rest, mut removed) = (&rules[base.name().len()..], Vec::new());
        while let Some(names) = rest.strip_prefix('-') {
            // Of `r1` and `r11` the longer one is meant.
            let fits = |rule: &Rule| {
                let after = names.strip_prefix(rule.name());
                after.is_some_and(|after| after.is_empty() || after.starts_with('-'))
            };
            let Some(rule) = base.rules().filter(fits).max_by_key(|rule| rule.name().len()) else {
                let known: Vec<&str> = base.rules().map(Rule::name).collect();
                let (rule, known) = (names.to_owned(), known.join(", "));
                return Err(ModelError::NoRule { rule, base, known });
            };
            if removed.contains(&rule) {
                return Err(ModelError::Twice(rule.name().to_owned()));
            }
            removed.push(rule);
            rest = &names[rule.name().len()..];
        }
        let mut readings: Vec<Reading> = Vec::new();
        for part in parts {
            let reading: Reading =
                part.parse().map_err(|()| ModelError::NoReading(part.to_owned()))?;
            let same =
                |known: &Reading| std::mem::discriminant(known) == std::mem::discriminant(&reading);
            if readings.iter().any(same) {
                return Err(ModelError::Twice(part.to_owned()));
            }
            readings.push(reading);
        }
        Ok(Model::new(base, removed.into_iter().collect(), readings))
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reading::Zalasr(reading) => write!(f, "zalasr={reading}"),
            Reading::ScFailure(when) => write!(f, "sc-failure={when}"),
            Reading::Reservation(bytes) => write!(f, "reservation={bytes}"),
            Reading::FailedCas(kind) => write!(f, "failed-cas={kind}"),
            Reading::MisalignedGranule(bytes) => write!(f, "misaligned-granule={bytes}"),
        }
    }
}

impl FromStr for Reading {
    type Err = ();

    fn from_str(text: &str) -> Result<Reading, ()> {
        let (key, value) = text.split_once('=').ok_or(())?;
        match key {
            "zalasr" => value.parse().map(Reading::Zalasr).map_err(drop),
            "sc-failure" => value.parse().map(Reading::ScFailure).map_err(drop),
            "reservation" => value.parse().map(Reading::Reservation).map_err(drop),
            "failed-cas" => value.parse().map(Reading::FailedCas).map_err(drop),
            "misaligned-granule" => {
                let bytes: u64 = value.parse().map_err(drop)?;
                let fits = bytes.is_power_of_two() && bytes <= 4096;
                fits.then_some(Reading::MisalignedGranule(bytes)).ok_or(())
            }
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str) -> Result<Model, ModelError> {
        name.parse()
    }

    #[test]
    fn names_are_read_and_printed_alike() {
        for name in [
            "rvwmo",
            "sc",
            "rvwmo-r9",
            "ztso-r1-r11-ztso-amo",
            "rvwmo:zalasr=rcpc",
            "rvwmo-atomicity:sc-failure=only-when-forced:reservation=line=64",
            "ztso:failed-cas=amo:misaligned-granule=16",
        ] {
            let model = model(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(&**model.name(), name);
        }
        let (a, b) = (model("ztso-r2-r1:reservation=any"), model("ztso-r1-r2:reservation=any"));
        assert_eq!(a, b);
    }

    #[test]
    fn a_model_bends_the_options_of_the_run() {
        let options = model("rvwmo-r9:zalasr=rcpc").unwrap().options(&Options::default());
        assert_eq!(options.rules, RuleSet::ALL.without(Rule::R9));
        assert_eq!(options.zalasr, ZalasrReading::Rcpc);
        let removed = Model::of(BaseModel::Ztso).without(Rule::ZtsoAmo);
        assert_eq!(Ok(removed), model("ztso-ztso-amo"));
    }

    #[test]
    fn what_is_no_model_is_said() {
        assert_eq!(model("tso"), Err(ModelError::NoBase("tso".to_owned())));
        let error = model("rvwmo-ztso-amo").unwrap_err().to_string();
        assert!(error.starts_with("`ztso-amo` is no rule of rvwmo: r1, r2"), "{error}");
        assert_eq!(model("sc:zalasr"), Err(ModelError::NoReading("zalasr".to_owned())));
        assert_eq!(model("sc-r1-r1"), Err(ModelError::Twice("r1".to_owned())));
        for wrong in ["rvwmo-", "rvwmo-r14", "rvwmo:reservation=line=3", "rvwmo:"] {
            assert!(model(wrong).is_err(), "{wrong}");
        }
    }
}
