//! What can go wrong with an import, made to happen.

mod server;

use larkspur_example::{Error, SOURCE_EXPIRED};
use serde_json::json;

use crate::server::Server;

const PAGE: &str = "# 你好\n\nhello\n";

#[test]
fn a_slow_import_is_waited_for() {
    let server = Server::start();
    let tenant = server.tenant();
    // Three polls find it pending; the fourth finds the document.
    tenant.rehearse(json!({"family": "drive.import", "advance": {"after_polls": 4}}));
    let url = tenant.importer().import("page", PAGE, None).unwrap();
    assert!(url.starts_with(&format!("{}/docx/", server.url)), "{url}");
    assert_eq!(*tenant.slept.borrow(), [1, 1, 1]);
}

#[test]
fn a_source_that_has_expired_is_uploaded_again() {
    let server = Server::start();
    let tenant = server.tenant();
    tenant.rehearse(json!({"family": "drive.import", "advance": {"after_polls": 1}}));
    let importer = tenant.importer();
    let source = importer.upload("page", PAGE).unwrap();
    tenant.sleep(6 * 60);
    let refused = importer.create("page", &source).unwrap_err();
    assert!(matches!(refused, Error::Refused { code: SOURCE_EXPIRED, .. }), "{refused}");
    assert!(importer.import("page", PAGE, Some(&source)).unwrap().contains("/docx/"));
}

#[test]
fn a_throttled_poll_waits_as_long_as_the_header_says() {
    let server = Server::start();
    let tenant = server.tenant();
    tenant.rehearse(json!({"family": "drive.import", "advance": {"after_polls": 1}}));
    tenant.rehearse(json!({"operation": "driveImportTaskGet", "first": 2, "throttle": 7}));
    assert!(tenant.importer().import("page", PAGE, None).unwrap().contains("/docx/"));
    assert_eq!(*tenant.slept.borrow(), [7, 7]);
}
