//! [`NativeHttp`] where certificates are in directories: nobody is trusted but for one of them.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dioxus_auth0::platform::native::NativeHttp;
use dioxus_auth0::port::{Http, PortError, request};
use http::Method;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, crypto};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use url::Url;

const CERTIFICATE: &[u8] = include_bytes!("files/server.der");
const KEY: &[u8] = include_bytes!("files/server-key.der");
/// Of nobody here.
const STRANGER: &[u8] = include_bytes!("stranger.der");

/// Serves one answer over TLS, with the certificate of the tests.
fn serve() -> Url {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    listener.set_nonblocking(true).expect("it may be asked to");
    let listener = tokio::net::TcpListener::from_std(listener).expect("a runtime runs");
    let provider = Arc::new(crypto::ring::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config
        .expect("ring has the default versions")
        .with_no_client_auth();
    let chain = vec![CertificateDer::from(CERTIFICATE)];
    let config = config.with_single_cert(chain, PrivatePkcs8KeyDer::from(KEY).into());
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("the key is the certificate's")));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                .await;
        }
    });
    Url::parse(&format!("https://127.0.0.1:{port}/")).expect("an address")
}

async fn ask(url: &Url, directories: &[&Path]) -> Result<Vec<u8>, PortError> {
    let http = NativeHttp::trusting(directories.iter().map(PathBuf::from));
    let request = request(Method::GET, url, Vec::new()).expect("a URL that can be sent");
    Ok(http.send(request).await?.into_body())
}

/// A directory as Android has it: a file for each certificate, named by a hash of its subject.
fn directory(certificate: &[u8]) -> TempDir {
    let directory = TempDir::new().expect("the test may write");
    let pem = STANDARD.encode(certificate);
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\nCertificate:\n    Data:\n"
    );
    put(directory.path(), "5ed36f99.0", pem.as_bytes());
    directory
}

fn put(directory: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(directory.join(name), bytes).expect("the test may write");
}

#[tokio::test]
async fn a_certificate_in_the_first_directory_that_has_any_is_trusted() {
    let url = serve();
    let trusted = directory(CERTIFICATE);
    let empty = TempDir::new().expect("the test may write");
    let missing = empty.path().join("missing");
    let directories = [missing.as_path(), empty.path(), trusted.path()];
    assert_eq!(ask(&url, &directories).await, Ok(b"ok".to_vec()));
}

#[tokio::test]
async fn what_is_no_certificate_takes_no_other_along() {
    let url = serve();
    let trusted = directory(CERTIFICATE);
    put(trusted.path(), "00000000.0", b"no certificate at all");
    let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    put(trusted.path(), "00000001.0", broken);
    assert_eq!(ask(&url, &[trusted.path()]).await, Ok(b"ok".to_vec()));
}

#[tokio::test]
async fn another_certificate_than_those_in_the_directory_is_refused() {
    let url = serve();
    let host = format!("127.0.0.1:{}", url.port().expect("the server has one"));
    let other = directory(STRANGER);
    assert_eq!(
        ask(&url, &[other.path()]).await,
        Err(PortError::NotConnected { host })
    );
}

#[tokio::test]
async fn without_any_certificate_nothing_is_sent_and_the_directories_are_named() {
    let url = serve();
    let empty = TempDir::new().expect("the test may write");
    let error = ask(&url, &[empty.path()])
        .await
        .expect_err("nobody is trusted");
    assert!(matches!(error, PortError::Unavailable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&empty.path().display().to_string()), "{text}");
}
