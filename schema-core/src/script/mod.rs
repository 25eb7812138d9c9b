//! Revision files: header, groups, folder, layouts.

mod dir;
#[cfg(feature = "engine")]
mod disk;
#[cfg(feature = "engine")]
mod files;
mod groups;
pub mod header;
pub mod layout;
#[cfg(feature = "engine")]
mod name;
#[cfg(feature = "engine")]
mod render;
#[cfg(feature = "engine")]
pub mod shell;

pub use dir::{Folder, FolderError, Script, ScriptFile};
#[cfg(feature = "engine")]
pub use disk::dialects_of;
#[cfg(feature = "engine")]
pub use files::{FileChanges, WriteError};
pub use groups::{Group, GroupStatement, groups};
pub use header::Header;
pub use layout::{Layout, ListedFile};
#[cfg(feature = "engine")]
pub use name::{NewFiles, slug};
#[cfg(feature = "engine")]
pub use render::{Draft, body};
