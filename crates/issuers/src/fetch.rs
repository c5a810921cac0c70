//! Asking an issuer over the network. Its URLs are a tenant's word and its answers a stranger's, so where they lead is
//! checked on the very address that is connected to, and everything is bounded.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{self, HeaderValue},
};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::{Host, Url};

use crate::{Endpoint, addresses::is_global};

/// An answer, with all redirects before it.
const WHOLE: Duration = Duration::from_secs(5);
/// A connection to one address.
const CONNECT: Duration = Duration::from_secs(2);
/// Addresses of a host that are tried.
const MAX_ADDRESSES: usize = 4;
const MAX_REDIRECTS: usize = 3;
/// Bytes of an answer.
pub(crate) const MAX_BODY_BYTES: usize = 256 * 1024;
/// Bytes of an answer's head, and of what is read ahead.
const READ_BUFFER_BYTES: usize = 32 * 1024;

/// Asks issuers, over https and nowhere in a private network.
#[derive(Clone)]
pub struct Fetcher {
    tls: TlsConnector,
    /// `host:port` of those that may be in a private network.
    allowed: Arc<BTreeSet<String>>,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

/// A setting that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FetcherError {
    /// The file of authorities.
    #[error("THREADLY_ISSUERS_CA: {path} can't be read: {source}")]
    File {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What is in it.
    #[error("THREADLY_ISSUERS_CA: no certificate of an authority in it can be used")]
    Authorities,
    /// An exception.
    #[error("THREADLY_ISSUERS_ALLOW_PRIVATE: {0:?} is no host:port")]
    Allowed(String),
    /// TLS itself.
    #[error("TLS can't be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// A redirect leads to what is no https URL.
    #[error("it leads to a URL that is not asked")]
    BadUrl,
    /// The host has no address of the public internet.
    #[error("its address is not on the public internet")]
    Private,
    /// The name can't be resolved.
    #[error("its name can't be resolved")]
    Unresolved,
    /// No connection.
    #[error("it can't be connected to")]
    Unreachable,
    /// No TLS, or by an authority that is not trusted.
    #[error("its certificate or its TLS is not accepted")]
    Tls,
    /// It took too long.
    #[error("it took longer than {} s", WHOLE.as_secs())]
    TimedOut,
    /// It is too long.
    #[error("its answer is longer than {MAX_BODY_BYTES} bytes")]
    TooLarge,
    /// One redirect after another.
    #[error("it redirects more than {MAX_REDIRECTS} times")]
    TooManyRedirects,
    /// Not what was asked for.
    #[error("it answers {0}")]
    Status(u16),
    /// The answer is compressed, though that was not asked for.
    #[error("its answer is encoded")]
    Encoded,
    /// It is no HTTP.
    #[error("it doesn't speak HTTP/1.1")]
    Protocol,
}

/// What an issuer has answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    /// How long it may be kept, where that is said.
    pub max_age: Option<Duration>,
    pub body: Bytes,
}

impl Fetcher {
    /// One that trusts the public authorities (Mozilla's list) and those given as PEM text, and to which the given
    /// `host:port` may be in a private network.
    ///
    /// # Errors
    /// The text has no certificate, or an entry is no `host:port`.
    pub fn new(authorities: Option<&str>, allowed: &[&str]) -> Result<Self, FetcherError> {
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(text) = authorities {
            let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
            let certificates = certificates.map_err(|_| FetcherError::Authorities)?;
            if roots.add_parsable_certificates(certificates).0 == 0 {
                return Err(FetcherError::Authorities);
            }
        }
        // Named here, so that nothing depends on what else a program has installed.
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let allowed = allowed.iter().map(|entry| host_and_port(entry)).collect::<Result<_, _>>()?;
        Ok(Self { tls: TlsConnector::from(Arc::new(tls)), allowed: Arc::new(allowed) })
    }

    /// What stands there, at the end of at most three redirects; only a 200 counts.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub(crate) async fn get(&self, at: &Endpoint) -> Result<Answer, FetchError> {
        let answer = timeout(WHOLE, self.follow(at)).await.map_err(|_| FetchError::TimedOut)??;
        if answer.status == StatusCode::OK { Ok(answer) } else { Err(FetchError::Status(answer.status.as_u16())) }
    }

    /// What is answered to a form, whatever its status. Redirects are not followed: a code or a secret is in it.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub(crate) async fn post(
        &self,
        at: &Endpoint,
        authorization: Option<HeaderValue>,
        form: String,
    ) -> Result<Answer, FetchError> {
        let mut request = request(Method::POST, at, Bytes::from(form))?;
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(header::CONTENT_TYPE, form);
        if let Some(authorization) = authorization {
            request.headers_mut().insert(header::AUTHORIZATION, authorization);
        }
        let reply = timeout(WHOLE, self.ask(at, request)).await.map_err(|_| FetchError::TimedOut)??;
        match reply {
            Reply::Answer(answer) => Ok(answer),
            Reply::Elsewhere { status, .. } => Err(FetchError::Status(status.as_u16())),
        }
    }

    async fn follow(&self, at: &Endpoint) -> Result<Answer, FetchError> {
        let mut at = at.clone();
        for _ in 0..=MAX_REDIRECTS {
            match self.ask(&at, request(Method::GET, &at, Bytes::new())?).await? {
                Reply::Answer(answer) => return Ok(answer),
                Reply::Elsewhere { location, .. } => at = at.join(&location).map_err(|_| FetchError::BadUrl)?,
            }
        }
        Err(FetchError::TooManyRedirects)
    }

    async fn ask(&self, at: &Endpoint, request: Request<Full<Bytes>>) -> Result<Reply, FetchError> {
        let stream = self.connect(at).await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(READ_BUFFER_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| FetchError::Protocol)?;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(|_| FetchError::Protocol)?;
            read(response).await
        };
        tokio::pin!(connection, exchange);
        tokio::select! {
            biased;
            reply = &mut exchange => reply,
            // It has ended, and what it has read is still to be had.
            _ = &mut connection => exchange.await,
        }
    }

    async fn connect(&self, at: &Endpoint) -> Result<TlsStream<TcpStream>, FetchError> {
        let host = at.host().map_err(|_| FetchError::BadUrl)?;
        let private = self.allowed.contains(&at.authority());
        let mut stream = Err(FetchError::Unreachable);
        for address in resolve(&host, at.port(), private).await?.into_iter().take(MAX_ADDRESSES) {
            if let Ok(Ok(connected)) = timeout(CONNECT, TcpStream::connect(address)).await {
                stream = Ok(connected);
                break;
            }
        }
        let name = match host {
            Host::Domain(name) => ServerName::try_from(name.to_owned()).map_err(|_| FetchError::BadUrl)?,
            Host::Ipv4(address) => ServerName::from(IpAddr::V4(address)),
            Host::Ipv6(address) => ServerName::from(IpAddr::V6(address)),
        };
        self.tls.connect(name, stream?).await.map_err(|_| FetchError::Tls)
    }
}

/// The addresses of a host that may be connected to: those of the public internet, unless the host is an exception.
async fn resolve(host: &Host<&str>, port: u16, private: bool) -> Result<Vec<SocketAddr>, FetchError> {
    let found: Vec<SocketAddr> = match host {
        Host::Ipv4(address) => vec![(*address, port).into()],
        Host::Ipv6(address) => vec![(*address, port).into()],
        Host::Domain(name) => lookup_host((*name, port)).await.map_err(|_| FetchError::Unresolved)?.collect(),
    };
    let some = !found.is_empty();
    let usable: Vec<_> = found.into_iter().filter(|address| private || is_global(address.ip())).collect();
    match usable.is_empty() {
        false => Ok(usable),
        true if some => Err(FetchError::Private),
        true => Err(FetchError::Unresolved),
    }
}

fn request(method: Method, at: &Endpoint, body: Bytes) -> Result<Request<Full<Bytes>>, FetchError> {
    let target = &at.url()[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &at.url()[url::Position::BeforeHost..url::Position::AfterPort];
    Request::builder()
        .method(method)
        .uri(target)
        .header(header::HOST, host)
        .header(header::ACCEPT, "application/json")
        .header(header::ACCEPT_ENCODING, "identity")
        .header(header::USER_AGENT, "threadly")
        .header(header::CONNECTION, "close")
        .body(Full::new(body))
        .map_err(|_| FetchError::BadUrl)
}

enum Reply {
    Answer(Answer),
    Elsewhere { status: StatusCode, location: String },
}

async fn read(response: Response<Incoming>) -> Result<Reply, FetchError> {
    let (head, body) = response.into_parts();
    let text = |name| head.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let (true, Some(location)) = (head.status.is_redirection(), text(header::LOCATION)) {
        return Ok(Reply::Elsewhere { status: head.status, location: location.to_owned() });
    }
    if head.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(FetchError::Encoded);
    }
    let max_age = text(header::CACHE_CONTROL).and_then(max_age);
    let body = Limited::new(body, MAX_BODY_BYTES)
        .collect()
        .await
        .map_err(|error| if error.is::<LengthLimitError>() { FetchError::TooLarge } else { FetchError::Protocol })?;
    Ok(Reply::Answer(Answer { status: head.status, max_age, body: body.to_bytes() }))
}

/// What `Cache-Control` says (RFC 9111): nothing at all is no time.
fn max_age(cache_control: &str) -> Option<Duration> {
    let mut said = None;
    for directive in cache_control.split(',') {
        let directive = directive.trim().to_ascii_lowercase();
        if directive == "no-store" || directive == "no-cache" {
            return Some(Duration::ZERO);
        }
        if let Some(seconds) = directive.strip_prefix("max-age=") {
            said = seconds.trim_matches('"').parse().ok().map(Duration::from_secs);
        }
    }
    said
}

fn host_and_port(entry: &str) -> Result<String, FetcherError> {
    let bad = || FetcherError::Allowed(entry.to_owned());
    let (host, port) = entry.rsplit_once(':').ok_or_else(bad)?;
    let port: u16 = port.parse().map_err(|_| bad())?;
    let url = Url::parse(&format!("https://{host}:{port}")).map_err(|_| bad())?;
    let plain = url.username().is_empty() && url.password().is_none() && url.path() == "/";
    let named = url.host_str().is_some_and(|host| !host.contains(['*', '/']));
    if plain && named && port != 0 && url.port_or_known_default() == Some(port) && url.query().is_none() {
        Endpoint::parse(url.as_str()).map(|at| at.authority()).map_err(|_| bad())
    } else {
        Err(bad())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_an_answer_may_be_kept_is_read() {
        for (said, seconds) in [
            ("max-age=600", Some(600)),
            ("public, Max-Age=19574, must-revalidate, no-transform", Some(19_574)),
            ("max-age=\"60\"", Some(60)),
            ("no-store, max-age=600", Some(0)),
            ("no-cache", Some(0)),
            ("max-age=-1", None),
            ("max-age=soon", None),
            ("private", None),
        ] {
            assert_eq!(max_age(said).map(|age| age.as_secs()), seconds, "{said}");
        }
    }
}
