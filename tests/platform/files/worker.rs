//! What the other process does: a line in, a line out.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dioxus_auth0::config::{Device, WithoutKeychain};
use dioxus_auth0::platform::native::current;
use dioxus_auth0::port::{Channel, Held, Http, Keys, Lock, News, Platform, Storage, request};
use futures_util::StreamExt;
use http::Method;
use nix::sys::resource::{Resource, setrlimit};
use tokio::time::timeout;
use url::Url;

use super::KEY;
use super::actor::Actor;
use super::doubles::FileKeychain;
use super::process::{APPLICATION, CURRENT, DIRECTORY, KEYCHAIN, MARK, SETTINGS};
use super::world::ports;

/// What a child process does; in any other, nothing.
#[test]
fn child() {
    let Some(directory) = std::env::var_os(DIRECTORY).map(PathBuf::from) else {
        return;
    };
    // Another test's log may be there already only in the process that runs them all.
    let _ = tracing::subscriber::set_global_default(Log);
    let ports = ports_of(&directory);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let settings = std::env::var(SETTINGS).ok();
    let mut worker = Worker {
        actor: settings.map(|settings| Actor::new(&settings, ports.clone())),
        storage: ports.usual_storage,
        lock: ports.lock,
        channel: ports.channel,
        http: ports.http,
        keys: ports.keys,
        held: Vec::new(),
        news: None,
        files: Vec::new(),
    };
    say("ready");
    while let Some(line) = next_line() {
        let answer = runtime.block_on(worker.obey(&line));
        say(&answer);
    }
}

/// What the process keeps sessions in: those of this machine's own ports, if the directory is named `current`.
fn ports_of(directory: &Path) -> Platform {
    let without_keychain = WithoutKeychain::PlainFile;
    if directory.as_os_str() == CURRENT {
        let application = Some(APPLICATION.into());
        return current(&Device {
            application,
            without_keychain,
        });
    }
    let keychain = std::env::var_os(KEYCHAIN).map(PathBuf::from);
    ports(
        directory,
        Arc::new(FileKeychain(keychain)),
        without_keychain,
    )
}

/// Reads the next line that the parent sends.
pub(crate) fn next_line() -> Option<String> {
    std::io::stdin().lock().lines().next()?.ok()
}

/// Sends a line to the parent.
pub(crate) fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    // Without a parent there is nobody to tell.
    let _ = writeln!(stdout, "{MARK}{line}");
    let _ = stdout.flush();
}

struct Worker {
    storage: Rc<dyn Storage>,
    lock: Rc<dyn Lock>,
    channel: Rc<dyn Channel>,
    http: Rc<dyn Http>,
    keys: Rc<dyn Keys>,
    held: Vec<Held>,
    news: Option<News>,
    files: Vec<std::fs::File>,
    /// Does what takes a client, if the child has one.
    actor: Option<Actor>,
}

impl Worker {
    async fn obey(&mut self, line: &str) -> String {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["get", key] => match self.storage.get(key).await {
                Ok(Some(text)) => format!("some {text}"),
                Ok(None) => "none".into(),
                Err(error) => format!("error {error}"),
            },
            ["set", key, text] => match self.storage.set(key, text).await {
                Ok(()) => "done".into(),
                Err(error) => format!("error {error}"),
            },
            ["remove", key] => match self.storage.remove(key).await {
                Ok(()) => "done".into(),
                Err(error) => format!("error {error}"),
            },
            ["swap", key, from, to] => match self.storage.swap(key, from, to).await {
                Ok(is_done) => is_done.to_string(),
                Err(error) => format!("error {error}"),
            },
            ["count", key, times] => self.count(key, times.parse().unwrap_or_default()).await,
            ["saves"] => self.save_for_ever().await,
            ["hold", name] => {
                self.held.extend(self.lock.hold(name).await);
                "held".into()
            }
            ["release"] => {
                self.held.clear();
                "free".into()
            }
            ["listen", key] => {
                self.news = Some(self.channel.listen(key));
                "done".into()
            }
            ["ignore"] => {
                self.news = None;
                "done".into()
            }
            ["hear", milliseconds] => {
                let length = Duration::from_millis(milliseconds.parse().unwrap_or_default());
                self.hear(length).await
            }
            ["exhaust"] => self.exhaust(),
            ["public", name] => match self.keys.public(name).await {
                Ok(public) => hex(&public),
                Err(error) => format!("error {error}"),
            },
            ["sign", name, text] => match self.keys.sign(name, text.as_bytes()).await {
                Ok(signature) => hex(&signature),
                Err(error) => format!("error {error}"),
            },
            ["refresh", url] => self.refresh(url).await,
            ["lose", name] => match self.keys.remove(name).await {
                Ok(()) => "done".into(),
                Err(error) => format!("error {error}"),
            },
            _ => match &mut self.actor {
                Some(actor) => actor.obey(&words).await,
                None => "what?".into(),
            },
        }
    }

    /// Sends what nobody may send twice.
    async fn refresh(&self, url: &str) -> String {
        let url = Url::parse(url).expect("the test's URL is one");
        let body = b"grant_type=refresh_token&refresh_token=r".to_vec();
        let request = request(Method::POST, &url, body).expect("it can be sent");
        match self.http.send(request).await {
            Ok(answer) => format!("status {}", answer.status().as_u16()),
            Err(error) => format!("error {error}"),
        }
    }

    /// Waits for news, and says how many milliseconds that took.
    async fn hear(&mut self, length: Duration) -> String {
        let Some(news) = &mut self.news else {
            return "error: nobody listens".into();
        };
        let start = Instant::now();
        match timeout(length, news.next()).await {
            Ok(Some(())) => format!("news {}", start.elapsed().as_millis()),
            Ok(None) => "error: it ended".into(),
            Err(_) => "silence".into(),
        }
    }

    /// Opens files until there are no more: then the system watches nothing either.
    fn exhaust(&mut self) -> String {
        if let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, 100, 100) {
            return format!("error {error}");
        }
        while let Ok(file) = std::fs::File::open("/dev/null") {
            self.files.push(file);
        }
        "done".into()
    }

    /// Adds one as often as it takes, among others who do the same.
    async fn count(&self, key: &str, times: u32) -> String {
        let mut done = 0;
        while done < times {
            let Ok(Some(text)) = self.storage.get(key).await else {
                return "error: nothing to count".into();
            };
            let next = text.parse().unwrap_or(0_u32) + 1;
            match self.storage.swap(key, &text, &next.to_string()).await {
                Ok(true) => done += 1,
                Ok(false) => {}
                Err(error) => return format!("error {error}"),
            }
        }
        "done".into()
    }

    async fn save_for_ever(&self) -> ! {
        loop {
            for letter in ["a", "b"] {
                // Whether it works is for whoever reads it after the end.
                let _ = self.storage.set(KEY, &letter.repeat(9000)).await;
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sends warnings to the parent.
struct Log;

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN && metadata.target().starts_with("dioxus_auth0")
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = String::from("log ");
        event.record(
            &mut |_: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                text.push_str(&format!("{value:?} "));
            },
        );
        say(&text);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
