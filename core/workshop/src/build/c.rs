//! C: the Clang and the C library of Zig, for WASI, without WASI behind it.

use crate::build::Toolchains;
use crate::project::Project;

pub(super) fn build(
    _project: &Project,
    _toolchains: &Toolchains,
    _tell: &dyn Fn(&str),
) -> Result<Vec<u8>, String> {
    Err("soon".to_owned())
}
