//! The numbers of the sign-in operations, for each generation its own (contract,
//! `oauth_v2_token_codes`, `oidc_v1_token_codes`, `oidc_v1_refresh_codes`, `user_info_codes`), and the
//! tables from what went wrong to a number.

use larkspur_platform::UserTokenError;

use crate::{ApiError, ErrorCode};

/// Declares refusals, a line each: HTTP status, number, the platform's own text.
macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $http:literal $code:literal $msg:literal;)*) => {
        $($(#[$doc])* pub(in crate::authen) const $name: ErrorCode = ErrorCode::new($http, $code, $msg);)*
    };
}

/// `authenOauthToken`.
pub(super) mod v2 {
    use super::ErrorCode;

    errors! {
        /// A parameter is missing.
        MISSING = 400 20_001 "The request is missing a required parameter.";
        /// Another secret.
        WRONG_SECRET = 400 20_002 "The client secret is invalid.";
        /// Nobody issued the code.
        CODE_UNKNOWN = 400 20_003 "The authorization code is not found. Please note that an authorization code can only be used once.";
        /// The code's five minutes are over.
        CODE_EXPIRED = 400 20_004 "The authorization code has expired.";
        /// The user is gone.
        USER_GONE = 400 20_008 "The user does not exist.";
        /// The store app is not installed in the tenant.
        NOT_INSTALLED = 400 20_009 "The specified app is not installed.";
        /// The user may not use the app.
        USER_FORBIDDEN = 400 20_010 "The user does not have permission to use this app.";
        /// The code or token belongs to another app.
        OTHER_APP = 400 20_024 "The provided authorization code or refresh token does not match the provided client ID.";
        /// Another way of asking.
        GRANT_TYPE = 400 20_036 "The specified grant_type is not supported.";
        /// There is no such app.
        UNKNOWN_APP = 400 20_048 "The specified app does not exist.";
        /// The verifier does not fit.
        PKCE = 400 20_049 "PKCE code challenge failed.";
        /// Something broke on our side.
        INTERNAL = 500 20_050 "An unexpected server error occurred. Please retry your request.";
        /// The body cannot be read.
        MALFORMED = 400 20_063 "The request is malformed. Please check your request.";
        /// The code was used.
        CODE_USED = 400 20_065 "The authorization code has been used. Please note that an authorization code can only be used once.";
        /// The user is disabled.
        USER_STATUS = 400 20_066 "The user status is invalid.";
        /// A scope stands twice.
        SCOPE_TWICE = 400 20_067 "The provided scope list contains duplicate scopes. Please ensure all scopes are unique.";
        /// A scope was not granted.
        SCOPE_FORBIDDEN = 400 20_068 "The provided scope list contains scopes that are not permitted. Please ensure all scopes are allowed.";
        /// The app is disabled.
        APP_DISABLED = 400 20_069 "The specified app is not enabled.";
        /// Credentials in the header and in the body.
        TWO_METHODS = 400 20_070 "Multiple authentication methods were provided. Please only use one to proceed.";
        /// Another address.
        REDIRECT_URI = 400 20_071 "The provided redirect URI does not match the one used during authorization.";
        /// Not now.
        UNAVAILABLE = 503 20_072 "The server is temporarily unavailable. Please retry your request.";
        /// Nobody issued the refresh token.
        REFRESH_INVALID = 400 20_026 "The refresh token passed is invalid. Please check the value.";
        /// The refresh token's time is over.
        REFRESH_EXPIRED = 400 20_037 "The refresh token passed has expired. Please generate a new one.";
        /// The refresh token was taken back.
        REFRESH_REVOKED = 400 20_064 "The refresh token has been revoked. Please note that a refresh token can only be used once.";
        /// The refresh token was used.
        REFRESH_USED = 400 20_073 "The refresh token has been used. Please note that a refresh token can only be used once.";
        /// The app may not have refresh tokens.
        REFRESH_FORBIDDEN = 400 20_074 "The specified app is not allowed to refresh token.";
    }

    /// All of them.
    pub(in crate::authen) const ALL: &[ErrorCode] = &[
        MISSING,
        WRONG_SECRET,
        CODE_UNKNOWN,
        CODE_EXPIRED,
        USER_GONE,
        NOT_INSTALLED,
        USER_FORBIDDEN,
        OTHER_APP,
        GRANT_TYPE,
        UNKNOWN_APP,
        PKCE,
        INTERNAL,
        MALFORMED,
        CODE_USED,
        USER_STATUS,
        SCOPE_TWICE,
        SCOPE_FORBIDDEN,
        APP_DISABLED,
        TWO_METHODS,
        REDIRECT_URI,
        UNAVAILABLE,
        REFRESH_INVALID,
        REFRESH_EXPIRED,
        REFRESH_REVOKED,
        REFRESH_USED,
        REFRESH_FORBIDDEN,
    ];
}

/// `authenOidcAccessToken` and `authenOidcRefreshAccessToken`; every failure has HTTP status 200.
pub(super) mod v1 {
    use super::ErrorCode;

    errors! {
        /// The body cannot be read, or something is missing.
        INVALID = 200 20_001 "Invalid request. Please check request param";
        /// Credentials that do not fit.
        CREDENTIALS = 200 20_002 "The app_id or app_secret passed is incorrect. Please check the value";
        /// Nobody issued the code, or it was used.
        CODE_INVALID = 200 20_003 "The code passed is invalid. Please note that the code could only be used once";
        /// The code's five minutes are over.
        CODE_EXPIRED = 200 20_004 "The code passed has expired. Please generate a new one";
        /// Something broke on our side.
        FAILED = 200 20_007 "Failed to generate a user access token. Please try again";
        /// The user is gone.
        USER_GONE = 200 20_008 "User not exist";
        /// Another kind of token.
        TENANT_TOKEN = 200 20_013 "The tenant access token passed is invalid. Please check the value";
        /// The app token does not hold.
        APP_TOKEN = 200 20_014 "The app access token passed is invalid. Please check the value";
        /// The user has left.
        USER_RESIGNED = 200 20_021 "User resigned";
        /// The user is disabled.
        USER_FROZEN = 200 20_022 "User frozen";
        /// The user has not come yet.
        USER_UNREGISTERED = 200 20_023 "User not registered";
        /// The code or token belongs to another app.
        OTHER_APP = 200 20_024 "App id in user_access_token or refresh_token diff with app id in app_access_token or tenant_access_token. Please keep the app id consistent";
        /// Credentials are missing.
        NO_CREDENTIALS = 200 20_025 "Lack of app_id or app_secret in request";
        /// The refresh token was used, taken back, or is none.
        REFRESH_INVALID = 200 20_026 "The refresh token passed is invalid. Please check the value";
        /// No app has this id.
        APP_ID = 200 20_028 "Invalid app id";
        /// Another address.
        REDIRECT_URI = 200 20_029 "Invalid redirect uri";
        /// Credentials that do not fit.
        CREDENTIALS_TOO = 200 20_035 "The app_id or app_secret passed is incorrect. Please check the value";
        /// Another way of asking.
        GRANT_TYPE = 200 20_036 "The grant_type passed is not supported";
        /// The refresh token's time is over.
        REFRESH_EXPIRED = 200 20_037 "The refresh token passed has expired. Please generate a new one";
        /// Nobody issued the refresh token.
        REFRESH_UNKNOWN = 200 20_038 "The refresh token passed is not found. Please check the value";
        /// There is no such user token.
        USER_TOKEN = 200 20_039 "The user access token is not found. Please check the value";
        /// The app is disabled.
        APP_DISABLED = 200 20_042 "App disabled";
        /// Another brand of the platform.
        BRAND = 200 20_046 "Brand inconsistency";
    }

    /// Those of `authenOidcAccessToken`.
    pub(in crate::authen) const TOKEN: &[ErrorCode] = &[
        INVALID,
        CREDENTIALS,
        CODE_INVALID,
        CODE_EXPIRED,
        FAILED,
        USER_GONE,
        TENANT_TOKEN,
        APP_TOKEN,
        USER_RESIGNED,
        USER_FROZEN,
        USER_UNREGISTERED,
        OTHER_APP,
        NO_CREDENTIALS,
        APP_ID,
        REDIRECT_URI,
        CREDENTIALS_TOO,
        GRANT_TYPE,
        USER_TOKEN,
        APP_DISABLED,
        BRAND,
    ];
    /// Those of `authenOidcRefreshAccessToken`.
    pub(in crate::authen) const REFRESH: &[ErrorCode] = &[
        INVALID,
        CREDENTIALS,
        FAILED,
        USER_GONE,
        TENANT_TOKEN,
        APP_TOKEN,
        USER_RESIGNED,
        USER_FROZEN,
        USER_UNREGISTERED,
        OTHER_APP,
        REFRESH_INVALID,
        APP_ID,
        REDIRECT_URI,
        GRANT_TYPE,
        REFRESH_EXPIRED,
        REFRESH_UNKNOWN,
        APP_DISABLED,
        BRAND,
    ];
}

/// `authenUserInfo`.
pub(super) mod info {
    use super::ErrorCode;

    errors! {
        /// The request cannot be read.
        INVALID = 200 20_001 "Invalid request. Please check request param";
        /// The user token does not hold.
        USER_TOKEN = 200 20_005 "The user access token passed is invalid. Please check the value";
        /// The user is gone.
        USER_GONE = 200 20_008 "User not exist";
        /// The user has left.
        USER_RESIGNED = 200 20_021 "User resigned";
        /// The user is disabled.
        USER_FROZEN = 200 20_022 "User frozen";
        /// The user has not come yet.
        USER_UNREGISTERED = 200 20_023 "User not registered";
        /// Something broke on our side.
        INTERNAL = 500 20_050 "System error";
    }

    /// All of them.
    pub(in crate::authen) const ALL: &[ErrorCode] =
        &[INVALID, USER_TOKEN, USER_GONE, USER_RESIGNED, USER_FROZEN, USER_UNREGISTERED, INTERNAL];
}

/// What went wrong, as the second generation numbers it.
pub(super) fn refused_v2(error: UserTokenError) -> ApiError {
    use UserTokenError as E;
    let why = error.to_string();
    let code = match error {
        E::UnknownApp => v2::UNKNOWN_APP,
        E::WrongSecret => v2::WRONG_SECRET,
        E::AppDisabled => v2::APP_DISABLED,
        E::NotInstalled => v2::NOT_INSTALLED,
        E::CodeUnknown => v2::CODE_UNKNOWN,
        E::CodeExpired => v2::CODE_EXPIRED,
        E::CodeUsed => v2::CODE_USED,
        E::OtherApp => v2::OTHER_APP,
        E::RedirectUri => v2::REDIRECT_URI,
        E::Verifier => v2::PKCE,
        E::ScopeTwice => v2::SCOPE_TWICE,
        E::ScopeForbidden => v2::SCOPE_FORBIDDEN,
        E::UserGone => v2::USER_GONE,
        E::UserDisabled => v2::USER_STATUS,
        E::RefreshMalformed | E::RefreshUnknown => v2::REFRESH_INVALID,
        E::RefreshExpired => v2::REFRESH_EXPIRED,
        E::RefreshUsed => v2::REFRESH_USED,
        E::RefreshRevoked => v2::REFRESH_REVOKED,
        E::RefreshForbidden => v2::REFRESH_FORBIDDEN,
        E::Failed(error) => return v2::INTERNAL.caused_by(error),
    };
    code.because(why)
}

/// What went wrong, as the first generation numbers it.
pub(super) fn refused_v1(error: UserTokenError) -> ApiError {
    use UserTokenError as E;
    let why = error.to_string();
    let code = match error {
        E::UnknownApp => v1::APP_ID,
        E::WrongSecret => v1::CREDENTIALS,
        E::AppDisabled | E::NotInstalled => v1::APP_DISABLED,
        E::CodeUnknown | E::CodeUsed | E::Verifier => v1::CODE_INVALID,
        E::CodeExpired => v1::CODE_EXPIRED,
        E::OtherApp => v1::OTHER_APP,
        E::RedirectUri => v1::REDIRECT_URI,
        E::ScopeTwice | E::ScopeForbidden => v1::INVALID,
        E::UserGone => v1::USER_GONE,
        E::UserDisabled => v1::USER_FROZEN,
        E::RefreshMalformed | E::RefreshUsed | E::RefreshRevoked | E::RefreshForbidden => {
            v1::REFRESH_INVALID
        }
        E::RefreshUnknown => v1::REFRESH_UNKNOWN,
        E::RefreshExpired => v1::REFRESH_EXPIRED,
        E::Failed(error) => return v1::FAILED.caused_by(error),
    };
    code.because(why)
}

/// The word of RFC 6749 (§5.2) for a refusal of a token operation, which answers a flat body; `None`
/// for operations and codes that answer the envelope.
pub fn oauth_word(operation: &str, code: i64) -> Option<&'static str> {
    if !matches!(operation, "authenOauthToken" | super::V3) {
        return None;
    }
    Some(match code {
        20_002 | 20_048 | 20_069 => "invalid_client",
        20_003 | 20_004 | 20_008 | 20_024 | 20_026 | 20_037 | 20_049 | 20_064 | 20_065 | 20_066
        | 20_071 | 20_073 => "invalid_grant",
        20_009 | 20_010 | 20_074 => "unauthorized_client",
        20_036 => "unsupported_grant_type",
        20_067 | 20_068 => "invalid_scope",
        20_050 => "server_error",
        20_072 => "temporarily_unavailable",
        20_001 | 20_063 | 20_070 => "invalid_request",
        _ => return None,
    })
}
