//! What is said where others may read it.

use std::fmt::{self, Write};
use std::sync::{Mutex, Once};

use dioxus_auth0::port::{PortError, Trip};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::harness::*;

static LOG: Mutex<String> = Mutex::new(String::new());

/// Writes everything down, at every level, from every thread.
struct Everything;

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Everything {
    fn note(metadata: &Metadata<'_>, record: impl FnOnce(&mut Line)) {
        let mut line = Line(format!("{metadata:?}"));
        record(&mut line);
        LOG.lock()
            .expect("nobody panics")
            .push_str(&(line.0 + "\n"));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        Self::note(span.metadata(), |line| span.record(line));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line(String::new());
        values.record(&mut line);
        LOG.lock()
            .expect("nobody panics")
            .push_str(&(line.0 + "\n"));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        Self::note(event.metadata(), |line| event.record(line));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Listens to all that is logged in this process from now on.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(Everything).expect("nobody else listens");
    });
}

pub(crate) fn logged() -> String {
    LOG.lock().expect("nobody panics").clone()
}

const SECRET_STATE: &str = "s3cret-state-of-this-test-alone";
const SECRET_CODE: &str = "s3cret-code-of-this-test-alone";

#[tokio::test]
async fn l33_nothing_that_is_logged_holds_a_code_or_a_state() {
    listen();
    let desktop = Desktop::with_browser(std::sync::Arc::default(), |url| {
        Err(std::io::Error::other(format!("cannot open {url}")))
    });
    let departure = desktop.depart(&[0]).await.expect("a port");
    let mut away = Away::with_state(departure, SECRET_STATE);
    away.wait().await;
    for target in [
        format!("/callback?code={SECRET_CODE}&state=other"),
        format!("/callback?state={SECRET_STATE}&state={SECRET_STATE}&code={SECRET_CODE}"),
        format!("/other?code={SECRET_CODE}&state={SECRET_STATE}"),
    ] {
        let answer = away.get(&target, &[]).await;
        assert!(!answer.text.contains("s3cret"));
    }
    away.send(format!("GET /callback?code={SECRET_CODE} nonsense\r\n\r\n"))
        .await;
    let target = format!("/callback?code={SECRET_CODE}&state={SECRET_STATE}");
    let request = request("GET", &target, &away.authority, &[]);
    let (_, trip) = away.finish(&request).await;
    assert!(trip.is_ok());
    let log = logged();
    assert!(
        log.contains("no browser was opened"),
        "the log is listened to: {log}"
    );
    assert!(!log.contains("s3cret"), "{log}");
}

#[tokio::test]
async fn l33_no_error_and_no_debug_text_holds_a_code_or_a_state() {
    let desktop = Desktop::new();
    let departure = desktop.depart(&[0]).await.expect("a port");
    let url = format!("https://user@tenant.example/?state={SECRET_STATE}")
        .parse()
        .expect("a URL");
    let error: PortError = departure.go(url).await.expect_err("it is refused");
    assert!(!format!("{error} {error:?}").contains("s3cret"));

    let url = format!("http://127.0.0.1/callback?code={SECRET_CODE}")
        .parse()
        .expect("a URL");
    let said = format!("{:?}", Trip::Back(url));
    assert!(!said.contains("s3cret"), "{said}");
}
