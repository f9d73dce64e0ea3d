//! Which addresses a webhook may lead to: those of the open internet, unless the operator allows others.
//! What is asked here is the address a connection is made to, not the name that led to it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `address` is one of the open internet: no private, loopback, link-local, shared, reserved or
/// multicast one (RFC 6890 and its registries), in whatever disguise IPv6 knows.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || matches!((first, second), (100, 64..=127) | (198, 18..=19))
        || (first, second, third) == (192, 0, 0)
        || first == 0
        || first >= 240;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let low = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // IPv4-mapped, IPv4-compatible (which holds `::` and `::1`), and its translation.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, last]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, last]
        // 6to4
        | [0x2002, high, last, ..] => low(high, last),
        // Teredo, documentation and other assignments that no host has.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => false,
        // Only 2000::/3 is given out.
        [first, ..] => (0x2000..0x4000).contains(&first) && first != 0x3fff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_internet_is_public() {
        let public =
            ["1.1.1.1", "203.0.112.9", "2606:4700::1111", "2002:101:101::1", "::ffff:8.8.8.8"];
        let special = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::1",
            "2001:db8::1",
            "2001::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
        ];
        for (addresses, expected) in [(&public[..], true), (&special[..], false)] {
            for text in addresses {
                let address = text.parse().expect("an address");
                assert_eq!(is_public(address), expected, "{text}");
            }
        }
    }
}
