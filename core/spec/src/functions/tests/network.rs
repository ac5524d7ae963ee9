use super::*;

#[test]
fn ranges_of_addresses() {
    cases(
        &documents("{apiVersion: v1, kind: A, f: 1.5}"),
        r#"
        cidrContains("10.0.0.0/8", "10.1.2.3") => true
        cidrContains("10.0.0.0/8", "11.1.2.3") => false
        cidrContains("10.0.0.0/8", "10.1.0.0/16") => true
        cidrContains("10.1.0.0/16", "10.0.0.0/8") => false
        cidrContains("10.1.0.0/16", "10.1.0.0/16") => true
        cidrContains("10.1.2.3/16", "10.1.200.1") => true
        cidrContains("0.0.0.0/0", "255.255.255.255") => true
        cidrContains("0.0.0.0/0", "0.0.0.0/0") => true
        cidrContains("0.0.0.0/1", "128.0.0.0") => false
        cidrContains("10.0.0.1/32", "10.0.0.1") => true
        cidrContains("10.0.0.1/32", "10.0.0.0") => false
        cidrContains("0.0.0.0/0", "::1") => false
        cidrContains("::/0", "10.0.0.1") => false
        cidrContains("::/0", "::/0") => true
        cidrContains("2001:db8::/32", "2001:db8:ffff::1") => true
        cidrContains("2001:db8::/32", "2001:db9::1") => false
        cidrContains("2001:db8::/32", "2001:db8:1::/48") => true
        cidrContains("::1/128", "::1") => true
        cidrContains("::1/128", "::2") => false
        cidrsOverlap("10.0.0.0/8", "10.1.0.0/16") => true
        cidrsOverlap("10.1.0.0/16", "10.0.0.0/8") => true
        cidrsOverlap("10.0.0.0/16", "10.1.0.0/16") => false
        cidrsOverlap("10.0.0.0/15", "10.1.0.0/16") => true
        cidrsOverlap("0.0.0.0/0", "::/0") => false
        cidrContains("10.0.0.0", "10.0.0.0") !! `10.0.0.0` is not a range of addresses such as `10
        cidrContains("10.0.0.0/33", "10.0.0.0") !! `10.0.0.0/33` is not a range
        cidrContains("::/129", "::") !! `::/129` is not a range
        cidrContains("10.0.0.0/8", "host") !! `host` is not an IP address
        cidrContains("10.0.0.0/8", "10.0.0/9") !! `10.0.0/9` is not a range of addresses
        cidrContains("10.0.0.0/8", "::ffff:10.0.0.1") !! is an IPv4 address written as IPv6
        cidrsOverlap("10.0.0.0/+8", "10.0.0.0/8") !! `10.0.0.0/+8` is not a range
        cidrsOverlap("10.0.0.0/08", "10.0.0.0/8") !! `10.0.0.0/08` is not a range
        cidrsOverlap("10.0.0.0/", "10.0.0.0/8") !! `10.0.0.0/` is not a range
        cidrsOverlap("10.0.0.0/8", "10.0.0.1") !! `10.0.0.1` is not a range
        cidrsOverlap(f, "10.0.0.1") !! expected a known string, found a fraction
        isCidr("10.0.0.0/8") => true
        isCidr("fe80::/10") => true
        isCidr("10.0.0.0") => false
        isCidr("10.0.0.0/8/8") => false
        isCidr(f) => false
        isIp("10.0.0.1") => true
        isIp("::1") => true
        isIp("010.0.0.1") => false
        isIp("fe80::1%eth0") => false
        isIp("::ffff:1.2.3.4") => false
        isIp("10.0.0.0/8") => false
        isIp("") => false
        isIp(d0.?none) !! found an optional
        "#,
    );
}

/// Two small ranges and every address there is, one by one.
#[test]
fn ranges_hold_what_counting_finds() {
    let cluster = Cluster::default();
    let holds = |start: u8, prefix: u32, address: u8| {
        let first = |byte: u8| u32::from(byte) >> (32 - prefix);
        first(start) == first(address)
    };
    for (a, b) in [(0, 0), (5, 4), (5, 200), (64, 127), (128, 255), (255, 254)] {
        for (p, q) in [(24, 24), (25, 26), (26, 31), (32, 25), (30, 32), (31, 32)] {
            let all: Vec<u8> = (0..=255).filter(|address| holds(b, q, *address)).collect();
            let inside = all.iter().all(|address| holds(a, p, *address));
            let common = all.iter().any(|address| holds(a, p, *address));
            let operands = format!("(\"9.9.9.{a}/{p}\", \"9.9.9.{b}/{q}\")");
            let contains = given(&format!("cidrContains{operands}"), &cluster);
            assert_eq!(contains, Ok(inside.to_string()), "{operands}");
            let overlap = given(&format!("cidrsOverlap{operands}"), &cluster);
            assert_eq!(overlap, Ok(common.to_string()), "{operands}");
        }
    }
}
