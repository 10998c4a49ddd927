//! The client of a desktop: HTTP, files and the loopback listener are those of the machine, the browser is not.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dioxus_auth0::config::{Settings, WithoutKeychain};
use dioxus_auth0::platform::desktop::DesktopNavigator;
use dioxus_auth0::platform::memory::MemoryStorage;
use dioxus_auth0::platform::native::{
    Keychain, KeychainError, NativeChannel, NativeClock, NativeConnection, NativeEntropy,
    NativeHttp, NativeKeys, NativeLock, NativeStorage, crypto,
};
use dioxus_auth0::port::Platform;
use dioxus_auth0::{Error, LoginOptions};
use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use futures_util::{FutureExt, StreamExt};
use tempfile::TempDir;
use tenant::Tenant;
use tokio::net::TcpListener;
use url::Url;
use zeroize::Zeroizing;

use crate::browser::Stop;
use crate::device::{Device, failure, outcome, settings};
use crate::host::{Before, Failure, Host, Login, Profile, Storage, UNANSWERED};

/// How long a login may need to take note of its answer.
const NOTICE: Duration = Duration::from_millis(300);

pub(crate) struct Native {
    device: Device,
    directory: TempDir,
    tab: Rc<MemoryStorage>,
    opened: UnboundedReceiver<Url>,
}

/// A keychain that has one secret for as long as the host lives.
#[derive(Default)]
struct Pocket(Mutex<Option<String>>);

impl Keychain for Pocket {
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        let secret = self.0.lock().expect("nobody panics").clone();
        Ok(secret.map(Zeroizing::new))
    }

    fn write(&self, secret: &str) -> Result<(), KeychainError> {
        *self.0.lock().expect("nobody panics") = Some(secret.to_owned());
        Ok(())
    }
}

impl Native {
    /// Sets the machine up for a client with these settings.
    pub(crate) fn on(settings: &Settings) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let place = directory.path().to_owned();
        let (sender, opened) = unbounded();
        let sender = Mutex::new(sender);
        let navigator = DesktopNavigator::new().with_browser(move |url| {
            let sender = sender.lock().expect("nobody panics");
            sender
                .unbounded_send(url.clone())
                .map_err(std::io::Error::other)
        });
        let keychain: Arc<dyn Keychain> = Arc::new(Pocket::default());
        let files = NativeStorage::new(Some(place.clone()), keychain, WithoutKeychain::Refuse);
        let files = Rc::new(files);
        let lock = Rc::new(NativeLock::new(place.clone()));
        let tab: Rc<MemoryStorage> = Rc::default();
        let platform = Platform {
            clock: Rc::new(NativeClock),
            entropy: Rc::new(NativeEntropy),
            crypto: crypto(),
            http: Rc::new(NativeHttp::default()),
            navigator: Rc::new(navigator),
            session_storage: tab.clone(),
            local_storage: files.clone(),
            usual_storage: files.clone(),
            keys: Rc::new(NativeKeys::new(files, lock.clone())),
            lock,
            channel: Rc::new(NativeChannel::new(Some(place))),
            connection: Rc::new(NativeConnection),
        };
        Self {
            device: Device::new(settings, platform),
            directory,
            tab,
            opened,
        }
    }

    /// Logs the user in, or tries to; `requests` counts those that the provider has seen.
    pub(crate) async fn travel(&mut self, requests: impl Fn() -> usize) -> Login {
        let leaving = match self.device.client.leave(LoginOptions::default()).await {
            Ok(leaving) => leaving,
            Err(error) => {
                return Login {
                    answered: None,
                    outcome: Err(failure(error)),
                    after: self.storage(),
                };
            }
        };
        let client = self.device.client.clone();
        let (cancel, cancelled) = oneshot::channel::<()>();
        let mut login = Box::pin(client.finish(leaving, cancelled.map(drop)));
        // The login is polled until it has opened the browser.
        let url = match select(&mut login, self.opened.next()).await {
            Either::Right((url, _)) => url.expect("the browser is opened"),
            Either::Left((outcome, _)) => panic!("it has not left: {:?}", outcome.err()),
        };
        let mut early = None;
        let (before, is_taken) = {
            let answer = Box::pin(self.answer(requests, &url));
            match select(&mut login, answer).await {
                Either::Right((answered, _)) => answered,
                Either::Left((outcome, answer)) => {
                    early = Some(outcome);
                    answer.await
                }
            }
        };
        let came = match early {
            Some(came) => came,
            None if is_taken => login.await,
            None => {
                let waits = tokio::time::timeout(NOTICE, &mut login).await.is_err();
                assert!(waits, "what is refused ends no login");
                let after = self.storage();
                // Now the user gives up.
                drop(cancel);
                assert_eq!(login.await.err(), Some(Error::Cancelled));
                return Login {
                    answered: Some(before),
                    outcome: Err(Failure {
                        code: UNANSWERED.into(),
                        why: "the login goes on waiting".into(),
                    }),
                    after,
                };
            }
        };
        let outcome = match came {
            Ok(Some(came)) => match &came.trouble {
                Some(error) => Err(Failure::from(error)),
                None => outcome(&came.state),
            },
            Ok(None) => panic!("a desktop waits"),
            Err(error) => Err(failure(error)),
        };
        Login {
            answered: Some(before),
            outcome,
            after: self.storage(),
        }
    }

    /// Puts files back as they were.
    pub(crate) fn put_back(&self, storage: &Storage) {
        for (name, bytes) in storage {
            if let Some(name) = name.strip_prefix("file/") {
                std::fs::write(self.directory.path().join(name), bytes)
                    .expect("the file can be written");
            }
        }
    }

    /// Takes the answer to the port that waits for it, and says what stood before and whether the port took it.
    async fn answer(&mut self, requests: impl Fn() -> usize, url: &Url) -> (Before, bool) {
        let answer = match self.device.browser.visit(url).await {
            Stop::Left(answer) => answer,
            Stop::Page(at, status) => panic!("stuck at {} with {status}", at.path()),
        };
        let before = Before {
            storage: self.storage(),
            requests: requests(),
        };
        let status = self.device.browser.open(&answer).await;
        (before, status < 400)
    }
}

impl Host for Native {
    const NAME: &'static str = "native";

    async fn callbacks() -> Vec<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        vec![format!("http://{address}/callback")]
    }

    async fn new(tenant: &Tenant, profile: Profile, callbacks: &[String]) -> Self {
        Self::on(&Settings {
            loopback_ports: callbacks.iter().map(|url| port(url)).collect(),
            ..settings(tenant, profile)
        })
    }

    async fn log_in(&mut self, tenant: &Tenant) -> Login {
        self.travel(|| tenant.requests().len()).await
    }

    async fn userinfo(&mut self) -> Result<BTreeMap<String, String>, Failure> {
        self.device.userinfo().await
    }

    async fn call(&mut self) -> Result<(), Failure> {
        self.device.call().await
    }

    async fn refresh(&mut self) -> Result<(), Failure> {
        self.device.refresh().await
    }

    async fn token(&mut self) -> Result<(), Failure> {
        self.device.token().await
    }

    async fn log_out(&mut self) -> Result<String, Failure> {
        let opened = &mut self.opened;
        let sent = async move || -> Url { opened.next().await.expect("the browser is opened") };
        self.device.log_out(sent).await
    }

    async fn restart(&mut self) {
        self.device.restart().await;
    }

    fn user(&self) -> Option<String> {
        self.device.user()
    }

    fn storage(&self) -> Storage {
        let entries = self.tab.entries().into_iter();
        let tab = entries.map(|(name, text)| (format!("session/{name}"), text.into_bytes()));
        tab.chain(files(self.directory.path())).collect()
    }
}

fn port(url: &str) -> Option<u16> {
    Url::parse(url).ok()?.port()
}

fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(directory).expect("the directory can be read");
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    let file = |path: std::path::PathBuf| {
        let name = path.file_name().expect("it has a name").to_string_lossy();
        let bytes = std::fs::read(&path).expect("the file can be read");
        (format!("file/{name}"), bytes)
    };
    let files = paths.filter(|path| path.is_file()).map(file);
    // Locks are files without content that stay where they are.
    let is_lock = |name: &str, bytes: &[u8]| name.ends_with(".lock") && bytes.is_empty();
    files
        .filter(|(name, bytes)| !is_lock(name, bytes))
        .collect()
}
