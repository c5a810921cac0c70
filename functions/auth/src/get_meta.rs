//! What a client needs to know of a workspace before anybody has signed in.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use domain::text::MAX_MESSAGE_CHARS;
use function_host::{
    Problem,
    etag::Conditions,
    extract::Stranger,
    http::MAX_BODY_BYTES,
    page::{DEFAULT_LIMIT, MAX_LIMIT},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tenancy::{SignUp, TrustedIssuer};
use utoipa::ToSchema;

use crate::capabilities::CAPABILITIES;

/// How long an answer may be kept.
const KEPT: HeaderValue = HeaderValue::from_static("max-age=60");

/// A workspace, as everybody may know it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meta {
    /// The workspace's name for people.
    display_name: String,
    /// Who may register.
    sign_up: SignUpRule,
    /// What clients may rely on, sorted. A word that is listed once never changes its meaning.
    capabilities: Vec<&'static str>,
    /// The API's limits.
    limits: ApiLimits,
    /// The identity providers that the workspace trusts.
    issuers: Vec<MetaIssuer>,
    /// The program's version.
    version: &'static str,
}

/// A trusted identity provider.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MetaIssuer {
    /// The `iss` of its tokens.
    issuer: String,
    /// Whether people sign in by it, with `beginSignIn`.
    sign_in: bool,
}

/// Who may register.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignUpRule {
    /// Everybody, who has an address of a domain, or who was invited.
    mode: SignUpMode,
    /// The domains, in lower case; empty unless the mode is `domain`.
    domains: Vec<String>,
}

/// Who may register without an invitation.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SignUpMode {
    /// Everybody.
    Open,
    /// Who proves an address of one of the domains.
    Domain,
    /// Nobody.
    Invitation,
}

/// The API's limits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiLimits {
    /// The largest request body, in bytes.
    max_body_bytes: usize,
    /// The longest message, in Unicode scalar values.
    max_message_chars: usize,
    /// Items of a page that asks for no number.
    default_page_limit: i64,
    /// Items of a page at most.
    max_page_limit: i64,
}

impl From<&TrustedIssuer> for MetaIssuer {
    fn from(trusted: &TrustedIssuer) -> Self {
        Self { issuer: trusted.issuer.clone(), sign_in: trusted.client_id.is_some() }
    }
}

impl From<&SignUp> for SignUpRule {
    fn from(rule: &SignUp) -> Self {
        match rule {
            SignUp::Open => Self { mode: SignUpMode::Open, domains: Vec::new() },
            SignUp::Domain(domains) => Self { mode: SignUpMode::Domain, domains: domains.clone() },
            SignUp::Invitation => Self { mode: SignUpMode::Invitation, domains: Vec::new() },
        }
    }
}

/// Tells what the workspace is called, who may register, and what clients may rely on. No token is needed.
#[utoipa::path(
    get, path = "/w/{handle}/v1/meta", operation_id = "getMeta", tag = "auth", security(()),
    params(("handle" = String, Path, description = "The workspace")),
    responses(
        (status = 200, body = Meta, headers(("etag" = String, description = "Changes with the content"))),
        (status = 304, description = "The reader has this already"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_meta(Stranger(workspace): Stranger, conditions: Conditions) -> Response {
    let meta = Meta {
        display_name: workspace.display_name.clone(),
        sign_up: SignUpRule::from(&workspace.sign_up),
        capabilities: CAPABILITIES.map(|(word, _)| word).to_vec(),
        limits: ApiLimits {
            max_body_bytes: MAX_BODY_BYTES,
            max_message_chars: MAX_MESSAGE_CHARS,
            default_page_limit: DEFAULT_LIMIT,
            max_page_limit: MAX_LIMIT,
        },
        issuers: workspace.settings.issuers.iter().map(MetaIssuer::from).collect(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let mut response = conditions.answer(content_version(&meta), meta);
    response.headers_mut().insert(header::CACHE_CONTROL, KEPT);
    response
}

/// A number that changes with the content: it has no version of its own.
fn content_version(meta: &Meta) -> i64 {
    let digest = Sha256::digest(serde_json::to_vec(meta).unwrap_or_default());
    digest.iter().take(7).fold(0, |number, byte| number << 8 | i64::from(*byte))
}
