//! Arguments, plan, exit code.
