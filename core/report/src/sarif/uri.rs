/// The name of a source as a URI reference (RFC 3986): relative where the name is,
/// `/` between segments, everything else than unreserved characters encoded.
pub(super) fn uri(name: &str) -> String {
    let name = name.replace('\\', "/");
    let drive = matches!(name.as_bytes(), [letter, b':', b'/', ..] if letter.is_ascii_alphabetic());
    let mut path = name.as_str();
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    let mut uri = String::with_capacity(path.len() + 8);
    if drive {
        let (letter, rest) = path.split_at(1);
        uri.push_str("file:///");
        uri.push_str(letter);
        uri.push(':');
        path = rest.get(1..).unwrap_or_default();
    } else if path.starts_with('/') {
        uri.push_str("file://");
        path = path.trim_start_matches('/');
        uri.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_uris() {
        let cases = [
            ("deploy/cart.yaml", "deploy/cart.yaml"),
            ("./././deploy/cart.yaml", "deploy/cart.yaml"),
            ("../base/a b.yaml", "../base/a%20b.yaml"),
            ("naïve.yaml", "na%C3%AFve.yaml"),
            ("c:cart.yaml", "c%3Acart.yaml"),
            ("50%#?.yaml", "50%25%23%3F.yaml"),
            ("deploy\\cart.yaml", "deploy/cart.yaml"),
            ("C:\\deploy\\cart.yaml", "file:///C:/deploy/cart.yaml"),
            ("/srv/cart.yaml", "file:///srv/cart.yaml"),
            ("<stdin>", "%3Cstdin%3E"),
        ];
        for (name, expected) in cases {
            assert_eq!(uri(name), expected);
        }
    }
}
