//! Lines of isla-axiomatic, one for each test: `MP allowed (1 of 4) 1234ms ....... ok`.
//!
//! `allowed` says that some execution satisfies the assertion, which for a `forall` is the negated one;
//! `reference:` and what it was compared with there is of no interest here. There are no states.

use super::{Content, Known, Witness};

/// The test of a line of isla without its colours; `None` for any other line.
pub(super) fn line(line: &str) -> Option<Known> {
    let mut words = line.split_whitespace();
    let (name, verdict) = (words.next()?, words.next()?);
    let content = match verdict {
        "allowed" => Content::Verdict(Witness::Found),
        "forbidden" => Content::Verdict(Witness::None),
        "error" => Content::Unfinished,
        "no" => {
            let failed = words.next() == Some("executions") && ends(line, "error");
            return failed.then(|| Known::named(name));
        }
        _ => return None,
    };
    let count = |word: Option<&str>, first: &str, last: &str| {
        let digits = word?.strip_prefix(first)?.strip_suffix(last)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then_some(())
    };
    count(words.next(), "(", "")?;
    (words.next() == Some("of")).then_some(())?;
    count(words.next(), "", ")")?;
    let known = Known { content, ..Known::named(name) };
    ["?", "ok", "fail", "error"].into_iter().any(|end| ends(line, end)).then_some(known)
}

/// Does the line end in this word?
fn ends(line: &str, word: &str) -> bool {
    line.trim_end().strip_suffix(word).is_some_and(|rest| rest.ends_with(['.', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_with_and_without_a_reference() {
        for (text, name, content) in [
            ("MP allowed (1 of 4) 812ms ....... ?", "MP", Content::Verdict(Witness::Found)),
            (
                "SB+fences forbidden (0 of 3) reference: forbidden 77ms .. ok",
                "SB+fences",
                Content::Verdict(Witness::None),
            ),
            ("LB forbidden (0 of 3) 77ms ......... ?", "LB", Content::Verdict(Witness::None)),
            // A name that leaves no room for dots.
            ("L forbidden (0 of 3) 77ms  ?", "L", Content::Verdict(Witness::None)),
            ("LB error (0 of 1) 77ms ......... ?", "LB", Content::Unfinished),
            ("R no executions 12........... error", "R", Content::Unfinished),
        ] {
            let known = line(text).expect(text);
            assert_eq!((known.name.as_str(), &known.content), (name, &content), "{text}");
        }
        for other in [
            "",
            "MP allowed",
            "MP allowed (many of 4) 12ms ... ?",
            "Test MP Allowed",
            "This is allowed (1 of 2 cases).",
            "0:x5=0; 1:x6=1;",
        ] {
            assert_eq!(line(other), None, "{other}");
        }
    }
}
