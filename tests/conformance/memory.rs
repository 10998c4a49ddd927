//! The client on ports in memory: as in a browser, the page is left and a later one gets the answer. Only HTTP is real.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use dioxus_auth0::LoginOptions;
use dioxus_auth0::config::Settings;
use dioxus_auth0::platform::memory::{MemoryPlatform, MemoryStorage};
use dioxus_auth0::platform::native::NativeHttp;
use dioxus_auth0::port::Platform;
use tenant::Tenant;
use url::Url;

use crate::browser::Stop;
use crate::device::{AFTER_LOGOUT, Device, failure, outcome, settings};
use crate::host::{Before, Failure, Host, Login, Profile, Storage};

pub(crate) struct Memory {
    device: Device,
    ports: MemoryPlatform,
}

impl Host for Memory {
    const NAME: &'static str = "memory";

    async fn callbacks() -> Vec<String> {
        vec![AFTER_LOGOUT.to_owned()]
    }

    async fn new(tenant: &Tenant, profile: Profile, callbacks: &[String]) -> Self {
        let ports = MemoryPlatform::new();
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.expect("it is after 1970").as_secs();
        ports
            .clock
            .set(i64::try_from(now).expect("it is before the end of time"));
        let platform = Platform {
            http: Rc::new(NativeHttp::default()),
            ..ports.platform()
        };
        let settings = Settings {
            redirect_uri: callbacks.first().cloned(),
            ..settings(tenant, profile)
        };
        Self {
            device: Device::new(&settings, platform),
            ports,
        }
    }

    async fn log_in(&mut self, tenant: &Tenant) -> Login {
        let gone = self.device.client.login(LoginOptions::default()).await;
        if let Err(error) = gone {
            return Login {
                answered: None,
                outcome: Err(failure(error)),
                after: self.storage(),
            };
        }
        let departures = self.ports.navigator.departures();
        let url = departures.last().expect("the app has left");
        let answer = match self.device.browser.visit(url).await {
            Stop::Left(answer) => answer,
            Stop::Page(at, status) => panic!("stuck at {} with {status}", at.path()),
        };
        let before = Before {
            storage: self.storage(),
            requests: tenant.requests().len(),
        };
        // A page of the app's opens with the answer, whatever it is.
        let came = self.device.client.callback(&answer).await;
        let outcome = match &came.trouble {
            Some(error) => Err(Failure::from(error)),
            None => outcome(&came.state),
        };
        Login {
            answered: Some(before),
            outcome,
            after: self.storage(),
        }
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
        let navigator = self.ports.navigator.clone();
        let sent = async move || -> Url {
            let departures = navigator.departures();
            departures.last().expect("the app has left").clone()
        };
        let landed = self.device.log_out(sent).await?;
        let url = landed.parse().expect("a URL");
        self.ports.navigator.arrive_at(url);
        assert_eq!(self.device.client.arrival(), None, "no answer of a login");
        Ok(landed)
    }

    async fn restart(&mut self) {
        self.device.restart().await;
    }

    fn user(&self) -> Option<String> {
        self.device.user()
    }

    fn storage(&self) -> Storage {
        let of = |place: &'static str, storage: &MemoryStorage| {
            let entries = storage.entries().into_iter();
            entries.map(move |(name, text)| (format!("{place}/{name}"), text.into_bytes()))
        };
        let session = of("session", &self.ports.session_storage);
        let local = of("local", &self.ports.local_storage);
        session.chain(local).collect()
    }
}
