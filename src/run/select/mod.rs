//! Which tests are run: `--include` and `--exclude`, by name or by what a test uses.
//!
//! A [`Filter`] is a list of terms with commas between them that must all hold; a test is run when one of
//! the filters that include holds, or there is none, and no filter that excludes does. What a term needs
//! to know and cannot, because the test cannot be read, counts for neither: such a test is run, so that
//! its mistake is reported.

mod error;
mod facts;
mod filter;
mod term;

pub use error::{Near, SelectionError};
use facts::Facts;
pub use filter::Filter;

/// The tests that are run, of those that are found.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// One of these must hold; all tests where there is none.
    pub include: Vec<Filter>,
    /// None of these may hold.
    pub exclude: Vec<Filter>,
}

impl Selection {
    /// Does it leave out nothing?
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Is the test at `path` run? `text` is `None` where there is none that can be read.
    #[must_use]
    pub fn wants(&self, path: &str, text: Option<&str>) -> bool {
        if self.is_everything() {
            return true;
        }
        let facts = Facts::of(path, text);
        let included = self.include.is_empty()
            || self.include.iter().any(|filter| filter.holds(&facts) != Some(false));
        included && self.exclude.iter().all(|filter| filter.holds(&facts) != Some(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MP: &str = "RISCV MP+x\n{ 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x8=x; }\n P0 | P1 ;\n \
        amoswap.w.rl x9,x5,(x6) | L: lw x5,0(x6) ;\n fence rw,rw | beq x5,x0,L ;\n \
        sw x5,0(x7) | lw x7,0(x8) ;\nexists (1:x5=1 /\\ 1:x7=0)\n";

    fn selection(include: &[&str], exclude: &[&str]) -> Selection {
        let filters = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Selection { include: filters(include), exclude: filters(exclude) }
    }

    #[test]
    fn filters_speak_of_names_paths_and_contents() {
        for holds in [
            "MP*",
            "MP+x",
            "mine",
            "mine.litmus",
            "folder/*",
            "a/folder/mine.litmus",
            "[nm]ine",
            "uses:zaamo",
            "uses:Zaamo",
            "uses:amoswap.w",
            "uses:amo*.rl",
            "uses:fence",
            "harts=2",
            "harts>=2",
            "harts<3",
            "harts!=3",
            "harts = 2",
            "instructions>5",
            "locations=2",
            "has:loop",
            "has:exists",
            "MP*,harts=2 , uses:lw",
        ] {
            assert!(selection(&[holds], &[]).wants("a/folder/mine.litmus", Some(MP)), "{holds}");
            assert!(!selection(&[], &[holds]).wants("a/folder/mine.litmus", Some(MP)), "{holds}");
        }
        for fails in [
            "SB*",
            "MP",
            "older/*",
            "uses:zacas",
            "uses:amoswap.d",
            "uses:amo*.aq",
            "harts>2",
            "has:filter",
            "has:forall",
            "MP*,harts=3",
        ] {
            assert!(!selection(&[fails], &[]).wants("a/folder/mine.litmus", Some(MP)), "{fails}");
            assert!(selection(&[], &[fails]).wants("a/folder/mine.litmus", Some(MP)), "{fails}");
        }
        assert!(selection(&["SB", "MP*"], &["harts=3"]).wants("a", Some(MP)));
        assert!(!selection(&["SB", "MP*"], &["harts=3", "MP+x"]).wants("a", Some(MP)));
    }

    #[test]
    fn brackets_are_names_first_and_classes_second() {
        let wants =
            |filter: &str| selection(&[filter], &[]).wants("2+2W+[rf-addr-fr]+po.litmus", None);
        assert!(wants("2+2W+[rf-addr-fr]+po"));
        assert!(wants("2+2W+*"));
        assert!(!wants("2+2W+[xyz]+po"));
    }

    #[test]
    fn what_cannot_be_known_is_run() {
        let wrong = Some("RISCV wrong\n{\n");
        for unknown in ["uses:zacas", "harts>3", "has:loop", "wrong,harts=1"] {
            assert!(selection(&[unknown], &[]).wants("dir/file.litmus", wrong), "{unknown}");
            assert!(selection(&[], &[unknown]).wants("dir/file.litmus", wrong), "{unknown}");
            assert!(selection(&[unknown], &[]).wants("wrong.litmus", None), "{unknown}");
        }
        assert!(!selection(&["right,harts=1"], &[]).wants("dir/file.litmus", wrong));
        assert!(!selection(&[], &["dir/*"]).wants("dir/file.litmus", None));
    }

    #[test]
    fn mistakes_are_said_with_what_would_be_right() {
        let error = |text: &str| text.parse::<Filter>().unwrap_err().to_string();
        assert_eq!(
            error("uses:zakas"),
            "`zakas` is no extension and no instruction; did you mean `zacas`?"
        );
        assert_eq!(error("uses:q*"), "`q*` is no extension and no instruction");
        assert!(error("has:loops").contains("did you mean `loop`?"), "{}", error("has:loops"));
        assert_eq!(error("harts>=many"), "`many` is no number");
        assert_eq!(
            error("hart>=3"),
            "`hart` cannot be counted; did you mean `harts`? (harts, instructions, locations)"
        );
        assert_eq!(error("use:zacas"), "`use:` is not known; did you mean `uses:`? (uses:, has:)");
        assert_eq!(error("MP,,SB"), "a name or a feature is missing between commas");
        assert_eq!(error(""), "a name or a feature is missing");
        assert!(error("a[b").starts_with("`a[b` is no pattern: "), "{}", error("a[b"));
    }
}
