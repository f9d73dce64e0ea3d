//! From errors of formats and deaths of children to the kinds of failure that task families know.

use larkspur_formats::Error as FormatError;
use larkspur_model::task::{Failure, FailureKind};

use crate::work::Work;

/// A conversion that produced nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The conversion came to an end that a repetition will not change.
    #[error("{}", .0.message)]
    Failed(Failure),
    /// Somebody asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// No child could be started or spoken to; a later attempt may succeed.
    #[error("the conversion process could not be run")]
    Unavailable(#[source] std::io::Error),
}

/// The extensions of office suites: what is not readable there is an unsupported flavour rather
/// than an unsupported format (contract, `import_job_status` 112 and 113).
const OFFICE: [&str; 6] = ["docx", "doc", "xlsx", "xls", "pptx", "ppt"];

/// The failure an error of a format stands for.
pub fn failure_of(error: &FormatError, work: &Work) -> Failure {
    let kind = match error {
        FormatError::Encrypted => FailureKind::Encrypted,
        FormatError::Damaged(_) => FailureKind::Damaged,
        FormatError::Unsupported(_) if work.is_reading() && OFFICE.contains(&work.extension()) => {
            FailureKind::UnsupportedOfficeFormat
        }
        FormatError::Unsupported(_) => FailureKind::UnsupportedFormat,
        FormatError::Mismatch { .. } => FailureKind::ExtensionMismatch,
        FormatError::TooLarge(_) if work.is_reading() => FailureKind::SourceTooLarge,
        FormatError::TooLarge(_) => FailureKind::ResultTooLarge,
        FormatError::Io(cause) if cause.kind() == std::io::ErrorKind::StorageFull => {
            FailureKind::Internal
        }
        // A source that ends too early is a damaged source, whoever noticed.
        FormatError::Io(cause)
            if work.is_reading()
                && matches!(
                    cause.kind(),
                    std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::InvalidData
                ) =>
        {
            FailureKind::Damaged
        }
        FormatError::Io(_) | FormatError::Cancelled => FailureKind::Internal,
    };
    let mut message = error.to_string();
    if let Some(cause) = std::error::Error::source(error) {
        message.push_str(": ");
        message.push_str(&cause.to_string());
    }
    Failure::new(kind, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_error_has_its_kind() {
        let read = Work::ReadDocument {
            input: "/x".into(),
            extension: "docx".into(),
            title: String::new(),
            pictures_as_addresses: false,
        };
        let write = Work::WriteDocument {
            document: "/x".into(),
            assets: Vec::new(),
            extension: "pdf".into(),
            watermark: String::new(),
        };
        let cases = [
            (FormatError::Encrypted, &read, FailureKind::Encrypted),
            (FormatError::damaged("no parts"), &read, FailureKind::Damaged),
            (
                FormatError::Unsupported("macro sheet".into()),
                &read,
                FailureKind::UnsupportedOfficeFormat,
            ),
            (FormatError::Unsupported("pdf".into()), &write, FailureKind::UnsupportedFormat),
            (
                FormatError::Mismatch { expected: "docx", found: "a picture".into() },
                &read,
                FailureKind::ExtensionMismatch,
            ),
            (FormatError::TooLarge("1 TB".into()), &read, FailureKind::SourceTooLarge),
            (FormatError::TooLarge("1 TB".into()), &write, FailureKind::ResultTooLarge),
            (
                FormatError::Io(std::io::ErrorKind::UnexpectedEof.into()),
                &read,
                FailureKind::Damaged,
            ),
            (
                FormatError::Io(std::io::ErrorKind::PermissionDenied.into()),
                &read,
                FailureKind::Internal,
            ),
        ];
        for (error, work, kind) in cases {
            assert_eq!(failure_of(&error, work).kind, kind, "{error:?}");
        }
    }
}
