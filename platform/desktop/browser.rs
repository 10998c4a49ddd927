//! The system browser, by [`webbrowser`]: `$BROWSER`, the desktop's own choice, what the system has.
//!
//! On Unix that crate writes its command line, with the address and its `state`, to the [`log`](https://docs.rs/log)
//! crate at debug level. Dioxus listens to `tracing` and not to that; an app that installs a logger of its own keeps the
//! target `webbrowser` out of it.

use std::io;
use std::sync::Arc;
use std::thread;

use futures_channel::oneshot;
use url::{Host, Url};
use webbrowser::{Browser, BrowserOptions};

use crate::port::PortError;

/// Shows a page; may take its time.
pub(super) type Opener = Arc<dyn Fn(&Url) -> io::Result<()> + Send + Sync>;

/// What a URL may consist of besides letters and digits. What means something to a shell and nothing to a query that is
/// properly encoded is not among them.
const MARKS: &[u8] = b"-._~:/?#[]@&*+,=%";

/// Opens `url` in the system's browser. What the browser says is kept off the terminal.
pub(super) fn system(url: &Url) -> io::Result<()> {
    let options = BrowserOptions::new().with_suppress_output(true).clone();
    webbrowser::open_browser_with_options(Browser::Default, url.as_str(), &options)
}

/// Lets only pages of the provider out, whatever its metadata say: an opener hands them to programs that know more
/// schemes than https, and to shells.
pub(super) fn check(url: &Url) -> Result<(), PortError> {
    let is_secure = match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Ipv4(ip))) => ip.is_loopback(),
        ("http", Some(Host::Ipv6(ip))) => ip.is_loopback(),
        ("http", Some(Host::Domain(name))) => name == "localhost",
        _ => false,
    };
    if !is_secure {
        return Err(unavailable("only https may be opened"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(unavailable("an address with a user name is not opened"));
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || MARKS.contains(&byte);
    match url.as_str().bytes().all(is_plain) {
        true => Ok(()),
        false => Err(unavailable(
            "an address with characters that mean something to a shell is not opened",
        )),
    }
}

/// Starts to show `url`, on a thread that nothing waits for: neither the user interface nor the end of the process.
///
/// What it answers with has lost all text but the kind of the error: a program's message may repeat the URL.
pub(super) fn show(opener: &Opener, url: Url) -> oneshot::Receiver<Result<(), PortError>> {
    let (sender, receiver) = oneshot::channel();
    let opener = opener.clone();
    let work = move || {
        let shown = opener(&url).map_err(|error| unavailable(error.kind()));
        if let Err(error) = &shown {
            tracing::warn!("no browser was opened: {error}");
        }
        // Whoever asked may not wait for it.
        let _ = sender.send(shown);
    };
    // When there is no thread either, the sender is dropped and the receiver says so.
    let _ = thread::Builder::new().name("browser".into()).spawn(work);
    receiver
}

pub(super) fn unavailable(why: impl ToString) -> PortError {
    PortError::Unavailable {
        what: "the system browser",
        why: why.to_string(),
    }
}
