//! Pages, in a browser. Where there is no Chromium these tests say so, and look at nothing.

mod chromium;
mod page;
mod report;
