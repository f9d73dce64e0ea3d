//! The names a server answers to over TLS: the platform's hosts, this machine's own, and those that
//! somebody added. The CA can sign these and no others.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::config::Config;
use crate::trouble::{Attempt, Trouble};

/// The hosts that clients of the platform have built in (clients' notes, 13).
pub const PLATFORM_HOSTS: [&str; 4] =
    ["open.feishu.cn", "accounts.feishu.cn", "open.larksuite.com", "accounts.larksuite.com"];

/// This machine, for callers on it.
const LOCAL_HOST: &str = "localhost";
const LOCAL_ADDRESSES: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// Hosts and addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Hosts, in lower case.
    pub hosts: BTreeSet<String>,
    /// IP addresses.
    pub addresses: BTreeSet<IpAddr>,
}

impl Names {
    /// What a server with these settings answers to: the platform, this machine, the addresses it
    /// listens on over TLS, and `tls_name`.
    ///
    /// # Errors
    /// A name that is neither a host nor an address.
    pub fn of(config: &Config) -> Attempt<Self> {
        let mut names = Self::default();
        names.hosts.extend(PLATFORM_HOSTS.map(str::to_owned));
        names.hosts.insert(LOCAL_HOST.to_owned());
        names.addresses.extend(LOCAL_ADDRESSES);
        for listen in &config.tls {
            // A host is looked up when the port is opened; callers may know it by that name.
            match listen.parse::<SocketAddr>() {
                Ok(address) if address.ip().is_unspecified() => {}
                Ok(address) => drop(names.addresses.insert(address.ip())),
                Err(_) => {
                    names.add(listen.rsplit_once(':').map_or(listen.as_str(), |(host, _)| host))?;
                }
            }
        }
        for name in &config.tls_names {
            names.add(name)?;
        }
        Ok(names)
    }

    /// Adds a host or an address.
    ///
    /// # Errors
    /// What is neither.
    pub fn add(&mut self, name: &str) -> Attempt {
        if let Ok(address) = name.trim_matches(['[', ']']).parse() {
            self.addresses.insert(address);
            return Ok(());
        }
        if !is_host(name) {
            return Err(Trouble::new(format!("`{name}` is no name that TLS clients ask for"))
                .hint(
                    "tls_name takes a host such as larkspur.test or an address such as 10.0.0.5; \
                     no port, no wildcard,\nand other than ASCII letters as their xn-- form",
                )
                .setup());
        }
        self.hosts.insert(name.to_ascii_lowercase());
        Ok(())
    }

    /// Those of these names that are not among `others`.
    #[must_use]
    pub fn beyond(&self, others: &Self) -> Self {
        // What is permitted permits what is below it (RFC 5280, 4.2.1.10).
        let below = |host: &String| {
            others.hosts.iter().any(|known| {
                host.strip_suffix(known.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
        };
        Self {
            hosts: self.hosts.iter().filter(|host| !below(host)).cloned().collect(),
            addresses: self.addresses.difference(&others.addresses).copied().collect(),
        }
    }

    /// The names that a caller means who names no host, as those do who were given an address.
    pub(super) fn local(&self) -> Self {
        Self {
            hosts: std::iter::once(LOCAL_HOST.to_owned()).collect(),
            addresses: self.addresses.clone(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.addresses.is_empty()
    }

    /// All of them as texts, hosts first.
    pub fn texts(&self) -> Vec<String> {
        let addresses = self.addresses.iter().map(IpAddr::to_string);
        self.hosts.iter().cloned().chain(addresses).collect()
    }
}

impl fmt::Display for Names {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.texts().join(", "))
    }
}

fn is_host(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(of: &[&str]) -> Names {
        let mut names = Names::default();
        for name in of {
            names.add(name).expect("a name");
        }
        names
    }

    #[test]
    fn hosts_and_addresses_are_told_apart_and_others_refused() {
        let names = names(&["Larkspur.Test", "10.0.0.5", "[::1]", "ci_host"]);
        assert_eq!(names.to_string(), "ci_host, larkspur.test, 10.0.0.5, ::1");
        for wrong in ["", "*.test", "a:443", "https://a", "a..b", "-a", "中文.test", "a b"] {
            assert!(Names::default().add(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_permitted_host_permits_what_is_below_it() {
        let wanted = names(&["a.test", "b.a.test", "xa.test", "10.0.0.5", "10.0.0.6"]);
        let beyond = wanted.beyond(&names(&["a.test", "10.0.0.5"]));
        assert_eq!(beyond.to_string(), "xa.test, 10.0.0.6");
    }
}
