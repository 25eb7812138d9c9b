//! Catalogs as text for people and programs: one file per format of `inspect`.

mod json;
mod mermaid;
mod models;

pub use json::catalog as json;
pub use mermaid::catalog as mermaid;
pub use models::list as models;
