//! Revision files: header, groups, folder, layouts.

mod dir;
mod files;
mod groups;
pub mod header;
pub mod layout;
mod name;
mod render;
pub mod shell;

pub use dir::{Folder, FolderError, Script, ScriptFile, dialects_of};
pub use files::{FileChanges, WriteError};
pub use groups::{Group, GroupStatement, groups};
pub use header::Header;
pub use layout::{Layout, ListedFile};
pub use name::{NewFiles, slug};
pub use render::{Draft, body};
