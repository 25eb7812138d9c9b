//! Real projects whose guides and histories are known throw their migration tooling away: their models, their migrations,
//! their day of commands. docs/five-systems.md says row by row which test runs what.

mod alkemio;
mod antarest;
mod drift;
mod ontokit;
mod page;
mod spot;
mod support;
