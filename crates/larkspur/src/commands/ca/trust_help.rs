//! The exact lines with which clients trust the CA and find the server.

use crate::config::Config;
use crate::tls::{PLATFORM_HOSTS, public_path};

/// The text, for the CA of these settings.
pub(super) fn text(config: &Config) -> String {
    let path = config.tls_ca_file.clone().unwrap_or_else(|| public_path(&config.data));
    let path = std::path::absolute(&path).unwrap_or(path).display().to_string();
    let note = if std::path::Path::new(&path).exists() {
        String::new()
    } else {
        "\n  (not there yet: `larkspur serve --tls` or `larkspur ca new` makes it)".to_owned()
    };
    let hosts = PLATFORM_HOSTS.join(" ");
    TEXT.replace("@NOTE@", &note).replace("@CA@", &path).replace("@HOSTS@", &hosts)
}

const TEXT: &str = "\
The certificate to trust: @CA@@NOTE@

One program (nothing else on the machine changes)
  Python   REQUESTS_CA_BUNDLE=@CA@
           for requests, which lark-oapi uses
           SSL_CERT_FILE=@CA@
           for httpx, which its async half uses. Both stand in for the usual list of CAs.
  Node     NODE_EXTRA_CA_CERTS=@CA@
           set before node starts; added to the usual list
  Go       SSL_CERT_FILE=@CA@
           Linux; in place of the usual list. On macOS and Windows, see below.
  Java     keytool -importcert -noprompt -alias larkspur -file @CA@ \\
             -keystore larkspur.p12 -storetype PKCS12 -storepass changeit
           java -Djavax.net.ssl.trustStore=larkspur.p12 -Djavax.net.ssl.trustStorePassword=changeit ...
  curl     curl --cacert @CA@ ...
  larkspur larkspur import FILE --ca-file @CA@

The whole machine
  Debian, Ubuntu, Alpine
           cp @CA@ /usr/local/share/ca-certificates/larkspur.crt && update-ca-certificates
  Fedora, RHEL
           cp @CA@ /etc/pki/ca-trust/source/anchors/larkspur.pem && update-ca-trust
  macOS    sudo security add-trusted-cert -d -r trustRoot \\
             -k /Library/Keychains/System.keychain @CA@
  Windows  certutil -addstore -f Root ca.pem                (as administrator)
  Docker   COPY ca.pem /usr/local/share/ca-certificates/larkspur.crt
           RUN update-ca-certificates                       (package ca-certificates)
  Python (certifi) and Node bring their own lists: they need their variable all the same.

Pointing a client with a fixed host at the server (the server: larkspur serve --tls ADDRESS:443)
  /etc/hosts, or C:\\Windows\\System32\\drivers\\etc\\hosts
           127.0.0.1 @HOSTS@
  compose, in the client's service
           extra_hosts: [\"open.feishu.cn:host-gateway\"]     (a server on the host)
           or, in the server's service:
           networks: {default: {aliases: [open.feishu.cn, accounts.feishu.cn]}}
  docker   docker run --add-host open.feishu.cn:host-gateway ...
  curl     curl --cacert @CA@ \\
             --resolve open.feishu.cn:443:127.0.0.1 https://open.feishu.cn/...
";
