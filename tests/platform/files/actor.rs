//! What the other process does with a client of its own: a line in, a line out.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use dioxus_auth0::client::{Client, DeviceLogin, ExchangeOptions, Outcome};
use dioxus_auth0::port::{Clock, News, Platform, Wait};
use dioxus_auth0::secret::SecurityToken;
use dioxus_auth0::time::UnixTime;
use dioxus_auth0::{ApiRequest, Error, LoginOptions, LogoutOptions, TokenOptions};
use futures_util::StreamExt;
use futures_util::future::{LocalBoxFuture, join_all, poll_immediate, select};
use tokio::time::timeout;

use super::pause::{Pause, pausing};
use super::world::Machine;

/// Somebody who uses a client in plain async code, without a window.
pub(crate) struct Actor {
    machine: Machine,
    pause: Pause,
    slept: Rc<Cell<Duration>>,
    following: Option<Following>,
    device: Option<DeviceLogin>,
}

/// The client at watch, and what that brings.
struct Following {
    watch: LocalBoxFuture<'static, ()>,
    changes: News,
}

impl Actor {
    pub(crate) fn new(settings: &str, ports: Platform) -> Self {
        let settings = settings.parse().expect("the parent sends JSON");
        let pause = Pause::default();
        let slept = Rc::<Cell<Duration>>::default();
        let clock = Rc::new(SleepyClock {
            clock: ports.clock.clone(),
            slept: slept.clone(),
        });
        let ports = Platform { clock, ..ports };
        Self {
            machine: Machine::new(&settings, pausing(ports, &pause)),
            pause,
            slept,
            following: None,
            device: None,
        }
    }

    pub(crate) async fn obey(&mut self, words: &[&str]) -> String {
        let client = self.machine.client.clone();
        match *words {
            ["pause", stage] => {
                self.pause.at(stage);
                "done".into()
            }
            ["sleep", seconds] => {
                let seconds = seconds.parse().unwrap_or_default();
                self.slept
                    .update(|slept| slept + Duration::from_secs(seconds));
                "done".into()
            }
            ["restore"] => format!("{:?}", client.restore().await),
            ["log", "in", email] => {
                self.machine.log_in(email).await;
                "done".into()
            }
            ["token"] => tokens(&client, 1).await,
            ["tokens", count] => tokens(&client, count.parse().unwrap_or_default()).await,
            ["token", audience, scope] => token_for(&client, audience, scope).await,
            ["who"] => who(&client),
            ["reason"] => format!("{:?}", client.reason()),
            ["logout"] => match client.forget().await {
                (_, Ok(())) => "done".into(),
                (_, Err(error)) => format!("error {error}"),
            },
            ["leave"] => leave(&client).await,
            ["revoke"] => revoke(&client).await,
            ["follow"] => {
                self.follow(client).await;
                "done".into()
            }
            ["until", who, milliseconds] => {
                let patience = milliseconds.parse().unwrap_or_default();
                self.until(who, Duration::from_millis(patience)).await
            }
            ["user"] => match client.refresh_user().await {
                Ok(user) => user.name().unwrap_or("?").to_owned(),
                Err(error) => refused(&error),
            },
            ["orders", audience] => {
                let request = ApiRequest::get("").audience(audience).scope("read:orders");
                match client.call(&request).await {
                    Ok(orders) => orders.to_string(),
                    Err(error) => refused(&error),
                }
            }
            ["device"] => match client.login_with_device(LoginOptions::default()).await {
                Ok(device) => {
                    let code = device.user_code().to_owned();
                    self.device = Some(device);
                    code
                }
                Err(error) => refused(&error),
            },
            ["confirmed"] => {
                let device = self.device.take().expect("a login waits");
                signed_in(device.finish(std::future::pending()).await)
            }
            ["exchange", subject_token, subject_token_type] => {
                let token = SecurityToken::new(subject_token);
                let options = ExchangeOptions::new(token, subject_token_type);
                signed_in(client.login_with_custom_token_exchange(options).await)
            }
            _ => "what?".into(),
        }
    }

    async fn follow(&mut self, client: Client) {
        let changes = client.changes();
        let mut watch: LocalBoxFuture<'static, ()> = Box::pin(async move { client.watch().await });
        let ended = poll_immediate(&mut watch).await;
        assert!(ended.is_none(), "a watch does not end");
        self.following = Some(Following { watch, changes });
    }

    /// Waits until `wanted` is signed in here, and says when that was.
    async fn until(&mut self, wanted: &str, patience: Duration) -> String {
        let following = self.following.as_mut().expect("the client is at watch");
        let client = &self.machine.client;
        let come = async {
            while who(client) != wanted {
                select(following.changes.next(), &mut following.watch).await;
            }
        };
        match timeout(patience, come).await {
            Ok(()) => format!("since {}", microseconds()),
            Err(_) => format!("in vain, {}", who(client)),
        }
    }
}

/// Lets several ask at once, and says what all of them have got.
async fn tokens(client: &Client, count: usize) -> String {
    let options = TokenOptions::default();
    let answers = join_all((0..count).map(|_| client.access_token(&options))).await;
    let mut answers = answers.into_iter().map(|answer| match answer {
        Ok(token) => format!("token {}", token.expose()),
        Err(error) => refused(&error),
    });
    let first = answers.next().expect("somebody asks");
    match answers.find(|answer| *answer != first) {
        Some(other) => format!("differ: {first} and {other}"),
        None => first,
    }
}

async fn token_for(client: &Client, audience: &str, scope: &str) -> String {
    let options = TokenOptions {
        audience: Some(audience.to_owned()),
        ..TokenOptions::scope(scope)
    };
    match client.access_token_detailed(&options).await {
        Ok(token) => format!("{:?} for {}", token.token_type, token.scope),
        Err(error) => refused(&error),
    }
}

/// Logs out, and says when that began.
async fn leave(client: &Client) -> String {
    let start = microseconds();
    match client.forget().await {
        (Some(_), Ok(())) => format!("since {start}"),
        (None, _) => "error: nobody was signed in".into(),
        (_, Err(error)) => refused(&error),
    }
}

/// Logs out and revokes the refresh token, and says how many milliseconds that took.
async fn revoke(client: &Client) -> String {
    let start = Instant::now();
    let (session, removed) = client.forget().await;
    let options = LogoutOptions {
        revoke: true,
        ..LogoutOptions::default()
    };
    let left = client.end_session(session, options).await;
    match removed.and(left) {
        Ok(()) => format!("took {}", start.elapsed().as_millis()),
        Err(error) => refused(&error),
    }
}

fn who(client: &Client) -> String {
    match client.identity() {
        Some(identity) => identity.user().email().unwrap_or("?").to_owned(),
        None => "nobody".into(),
    }
}

fn signed_in(outcome: Result<Outcome, Error>) -> String {
    match outcome {
        Ok(outcome) => format!("{:?} {:?}", outcome.state, outcome.trouble),
        Err(error) => refused(&error),
    }
}

fn refused(error: &Error) -> String {
    format!("error {}", error.code())
}

/// The time that all processes of this machine share.
fn microseconds() -> u128 {
    let since = SystemTime::UNIX_EPOCH.elapsed();
    since.expect("the clock is set").as_micros()
}

/// The clock of a machine that can be sent to sleep: the time of day goes on, and the monotonic clock does not.
struct SleepyClock {
    clock: Rc<dyn Clock>,
    slept: Rc<Cell<Duration>>,
}

impl Clock for SleepyClock {
    fn now(&self) -> UnixTime {
        self.clock.now() + self.slept.get()
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn sleep(&self, length: Duration) -> Wait {
        self.clock.sleep(length)
    }
}
