//! Finding tests and running many of them.
