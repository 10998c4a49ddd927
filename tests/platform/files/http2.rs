//! [`Http`](dioxus_auth0::port::Http) over HTTP/2, where a server can turn a request away
//! ([RFC 9113 §8.7](https://www.rfc-editor.org/rfc/rfc9113#section-8.7)) and clients like to send it again by themselves.
//!
//! The client is another process, since a process learns only once whom it trusts. The certificate is for `127.0.0.1`
//! and its own root; its key is worth nothing elsewhere.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use h2::Reason;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, crypto};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::place;
use super::process::Child;

const CERTIFICATE: &[u8] = include_bytes!("server.der");
const KEY: &[u8] = include_bytes!("server-key.der");

const LOST: &str = "error no answer from";

/// What the server does with a request that it has read.
#[derive(Clone, Copy, Debug)]
enum Manners {
    Answers,
    /// Says that it was not processed.
    Refuses,
    /// Says that the connection ends, and that nothing is wrong.
    GoesAway,
    /// Says that somebody asks too much.
    CallsForCalm,
    /// Says nothing.
    HangsUp,
}

/// How many requests arrived on each connection.
type Arrived = Arc<Mutex<Vec<usize>>>;

/// Serves on a thread, for as long as the test runs.
fn serve(manners: Manners) -> (u16, Arrived) {
    let arrived = Arrived::default();
    let (sender, port): (_, Receiver<u16>) = channel();
    let seen = arrived.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let address = listener.local_addr().expect("it is bound");
            sender.send(address.port()).expect("the test waits for it");
            let acceptor = acceptor();
            while let Ok((stream, _)) = listener.accept().await {
                serve_one(&acceptor, stream, manners, &seen).await;
            }
        });
    });
    (port.recv().expect("the server runs"), arrived)
}

async fn serve_one(acceptor: &TlsAcceptor, stream: TcpStream, manners: Manners, seen: &Arrived) {
    // A client that does not trust the certificate says so here.
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let Ok(mut connection) = h2::server::handshake(stream).await else {
        return;
    };
    lock(seen).push(0);
    while let Some(Ok((_request, mut respond))) = connection.accept().await {
        *lock(seen).last_mut().expect("it was begun") += 1;
        match manners {
            Manners::Answers => {
                let answer = http::Response::new(());
                let sent = respond.send_response(answer, true);
                sent.expect("somebody waits");
            }
            Manners::Refuses => respond.send_reset(Reason::REFUSED_STREAM),
            Manners::CallsForCalm => respond.send_reset(Reason::ENHANCE_YOUR_CALM),
            Manners::GoesAway => connection.abrupt_shutdown(Reason::NO_ERROR),
            Manners::HangsUp => return,
        }
    }
}

fn acceptor() -> TlsAcceptor {
    let provider = Arc::new(crypto::ring::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("ring has the default versions");
    let chain = vec![CertificateDer::from(CERTIFICATE)];
    let config = config
        .with_no_client_auth()
        .with_single_cert(chain, PrivatePkcs8KeyDer::from(KEY).into());
    let mut config = config.expect("the key is the certificate's");
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

fn lock(arrived: &Arrived) -> std::sync::MutexGuard<'_, Vec<usize>> {
    arrived.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A process that trusts the server's certificate alone.
fn client(directory: &Path) -> Child {
    let roots = directory.join("roots.pem");
    let certificate = STANDARD.encode(CERTIFICATE);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
    std::fs::write(&roots, pem).expect("the test may write");
    let line = format!("export SSL_CERT_FILE='{}'", roots.display());
    Child::start_in_shell(directory, None, &line)
}

#[test]
fn no_request_is_sent_again_by_itself_over_http_2() {
    let place = place();
    let mut client = client(place.path());
    for manners in [
        Manners::Refuses,
        Manners::CallsForCalm,
        Manners::GoesAway,
        Manners::HangsUp,
    ] {
        let (port, arrived) = serve(manners);
        let refresh = format!("refresh https://127.0.0.1:{port}/oauth/token");
        let lost = client.ask(&refresh);
        assert!(lost.starts_with(LOST), "{manners:?}: {lost}");
        // Whatever is sent again is sent at once.
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(*lock(&arrived), [1], "{manners:?}");
    }

    let (port, arrived) = serve(Manners::Answers);
    let refresh = format!("refresh https://127.0.0.1:{port}/oauth/token");
    assert_eq!(client.ask(&refresh), "status 200");
    assert_eq!(client.ask(&refresh), "status 200");
    assert_eq!(*lock(&arrived), [2], "on one connection");
}

#[test]
fn a_server_that_is_not_trusted_is_sent_nothing() {
    let place = place();
    let (port, arrived) = serve(Manners::Answers);
    let mut client = Child::start(place.path(), None);
    let refused = client.ask(&format!("refresh https://127.0.0.1:{port}/oauth/token"));
    assert_eq!(refused, format!("error no connection to 127.0.0.1:{port}"));
    assert_eq!(*lock(&arrived), [0; 0]);
}
