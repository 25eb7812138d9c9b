//! Revision files: header, groups, folder, layouts.
