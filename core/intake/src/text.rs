//! The bytes of a file, and the text they are.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use provost_model::Problem;

use crate::Limits;
use crate::listing::name_of;

/// The bytes of a regular file. Nothing else is opened: a pipe or a device could
/// block for ever.
pub(crate) fn file_bytes(path: &Path, limits: &Limits) -> Result<Vec<u8>, Box<Problem>> {
    let name = name_of(path);
    let metadata = path.metadata().map_err(|error| Box::new(unreadable(&name, &error)))?;
    if !metadata.is_file() {
        return Err(Box::new(not_a_file(&name)));
    }
    // Checked before reading, and again while reading: the file may grow.
    if metadata.len() > limits.file_bytes {
        return Err(too_large(&name, limits));
    }
    let mut file = File::open(path).map_err(|error| Box::new(unreadable(&name, &error)))?;
    bytes_of(&mut file, &name, limits)
}

/// Everything that can be read, up to the limit.
pub(crate) fn bytes_of(
    reader: &mut dyn Read,
    name: &str,
    limits: &Limits,
) -> Result<Vec<u8>, Box<Problem>> {
    let mut bytes = Vec::new();
    let read = reader.take(limits.file_bytes.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| Box::new(unreadable(name, &error)))?;
    if bytes.len() as u64 > limits.file_bytes {
        return Err(too_large(name, limits));
    }
    Ok(bytes)
}

/// The text of some bytes: UTF-8, or UTF-16 with a byte order mark.
pub(crate) fn text_of(name: &str, bytes: Vec<u8>) -> Result<String, Box<Problem>> {
    if let Some(units) = utf16(&bytes) {
        let text: Result<String, _> = char::decode_utf16(units).collect();
        return match text {
            Ok(text) if bytes.len().is_multiple_of(2) => Ok(text),
            _ => Err(not_text(name, "begins as UTF-16 text, but is not valid")),
        };
    }
    match String::from_utf8(bytes) {
        Ok(text) if text.contains('\0') => Err(not_text(name, "holds a NUL byte")),
        Ok(text) => Ok(text),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let valid = error.as_bytes().get(..valid).unwrap_or_default();
            let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(not_text(name, &format!("is not UTF-8 on line {line}")))
        }
    }
}

/// The code units after a UTF-16 byte order mark.
fn utf16(bytes: &[u8]) -> Option<Vec<u16>> {
    let (rest, unit): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => (rest, u16::from_be_bytes),
        _ => return None,
    };
    Some(rest.as_chunks::<2>().0.iter().copied().map(unit).collect())
}

pub(crate) fn unreadable(name: &str, error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound => Problem::about("not-found", name, "no such file or directory")
            .help("check the path; if it is a symbolic link, where it leads"),
        io::ErrorKind::PermissionDenied => {
            Problem::about("unreadable", name, "may not be read").help("grant read permission")
        }
        _ => Problem::about("unreadable", name, format!("cannot be read: {error}"))
            .help("check the file and its file system"),
    }
}

pub(crate) fn not_a_file(name: &str) -> Problem {
    Problem::about("not-a-file", name, "is a pipe, socket or device, which is not opened")
        .help("write it to a file, or pipe it in: `… | provost check -`")
}

fn too_large(name: &str, limits: &Limits) -> Box<Problem> {
    let message = match (limits.file_bytes >> 20, limits.file_bytes % (1 << 20)) {
        (mebibytes @ 1.., 0) => format!("is larger than {mebibytes} MiB"),
        _ => format!("is larger than {} bytes", limits.file_bytes),
    };
    let problem = Problem::about("too-large", name, message)
        .help("split it, or raise `limits.fileBytes` in the gate file if it is trusted");
    Box::new(problem)
}

fn not_text(name: &str, reason: &str) -> Box<Problem> {
    let problem = Problem::about("not-text", name, reason)
        .help("save it as UTF-8, or leave it out if it is no manifest");
    Box::new(problem)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "tests"
    )]

    use super::*;

    #[test]
    fn utf_16_with_a_mark_is_text() {
        let text = "kind: Pöd 😀\n";
        let units: Vec<u16> = std::iter::once(0xFEFF).chain(text.encode_utf16()).collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        assert_eq!(text_of("x", little), Ok(text.to_owned()));
        assert_eq!(text_of("x", big), Ok(text.to_owned()));
    }

    #[test]
    fn what_is_no_text_is_told_with_its_line() {
        for (bytes, expected) in [
            (&b"a: 1\nb: \xFF\n"[..], "x: is not UTF-8 on line 2 [not-text]"),
            (b"a\0b", "x: holds a NUL byte [not-text]"),
            (b"\xFF\xFEa\0b", "x: begins as UTF-16 text, but is not valid [not-text]"),
            (b"\xFF\xFE\x00\xD8", "x: begins as UTF-16 text, but is not valid [not-text]"),
            (b"\x1F\x8B\x08\x00", "x: is not UTF-8 on line 1 [not-text]"),
        ] {
            let problem = text_of("x", bytes.to_vec()).expect_err(expected);
            assert!(problem.to_string().starts_with(expected), "{problem}");
        }
    }

    #[test]
    fn more_bytes_than_allowed_are_not_kept() {
        let limits = Limits { file_bytes: 4, ..Limits::default() };
        assert_eq!(bytes_of(&mut &b"abcd"[..], "x", &limits), Ok(b"abcd".to_vec()));
        let problem = bytes_of(&mut io::repeat(b'a'), "x", &limits).expect_err("too large");
        assert_eq!(problem.code, "too-large");
    }
}
