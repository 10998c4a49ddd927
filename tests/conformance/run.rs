//! One module on one host: what happens, and whether it is what the module requires.

use std::time::Duration;

use tenant::{Application, Recorded, Tenant};

use crate::browser::SUB;
use crate::case::{At, Case, End, Refused, Steps};
use crate::device::{AFTER_LOGOUT, CLIENT_ID};
use crate::host::{Before, Failure, Host, Login, Profile, Storage};

/// How long a request is waited for that must not come.
const QUIET: Duration = Duration::from_millis(200);

/// What a module requires and did not get, in a sentence.
pub(crate) type Verdict = Result<(), String>;

/// Runs a module.
pub(crate) async fn run<H: Host>(case: &Case) -> Verdict {
    let callbacks = H::callbacks().await;
    let application = Application::new(CLIENT_ID)
        .callbacks(callbacks.clone())
        .logout_urls([AFTER_LOGOUT])
        .first_party(true);
    let tenant = Tenant::builder()
        .application(application)
        .demo_users()
        .start();
    let tenant = tenant.await.expect("the tenant starts");
    tenant
        .begin_module(case.id)
        .expect("the tenant knows every module");
    let mut host = H::new(&tenant, case.profile, &callbacks).await;
    let verdict = match &case.end {
        End::Refused(refused) => refuses(&mut host, &tenant, case, refused).await,
        End::Well | End::WellWith(_) | End::WellWithKeys(_) => {
            goes_well(&mut host, &tenant, case).await
        }
    };
    let breaches: Vec<String> = tenant
        .breaches()
        .iter()
        .map(|breach| format!("{}: not so: {}", breach.path, breach.rule))
        .collect();
    tenant.stop().await;
    verdict?;
    is(breaches.is_empty(), || breaches.join("; "))
}

/// Runs a module whose provider is not at fault, or only in what a client must bear.
async fn goes_well<H: Host>(host: &mut H, tenant: &Tenant, case: &Case) -> Verdict {
    let logins = if case.steps == Steps::LogInTwice {
        2
    } else {
        1
    };
    for _ in 0..logins {
        works("login", host.log_in(tenant).await.outcome)?;
        is_signed_in(host, "after the login")?;
    }
    match case.steps {
        Steps::LogIn | Steps::LogInTwice => {}
        Steps::Refresh => {
            works("refresh", host.refresh().await)?;
            let refreshes = count(tenant, "/oauth/token", Some("refresh_token"));
            is(refreshes == 1, || format!("{refreshes} refreshes"))?;
        }
        Steps::CallTwice => {
            works("first call", host.call().await)?;
            works("second call", host.call().await)?;
            let refreshes = tenant.refreshes_by_token();
            is(
                refreshes.len() == 2 && refreshes.values().all(|times| *times == 1),
                || {
                    format!(
                        "refresh tokens were used so often: {:?}",
                        refreshes.values()
                    )
                },
            )?;
        }
        Steps::LogOut => return logs_out(host, tenant).await,
    }
    let claims = works("userinfo", host.userinfo().await)?;
    if case.profile == Profile::Fapi && case.steps != Steps::CallTwice {
        works("call", host.call().await)?;
    }
    match case.end {
        End::WellWith(wanted) => {
            for name in wanted {
                is(claims.contains_key(*name), || format!("no claim {name}"))?;
            }
        }
        End::WellWithKeys(times) => {
            let fetched = count(tenant, "/.well-known/jwks.json", None);
            is(fetched == times, || {
                format!("keys were fetched {fetched} times")
            })?;
        }
        End::Well | End::Refused(_) => {}
    }
    host.restart().await;
    is_signed_in(host, "after a restart")
}

async fn logs_out<H: Host>(host: &mut H, tenant: &Tenant) -> Verdict {
    let landed = works("logout", host.log_out().await)?;
    is(landed.starts_with(AFTER_LOGOUT), || {
        format!("landed at {landed}")
    })?;
    let requests = tenant.requests();
    let asked = requests
        .iter()
        .find(|request| request.path == "/oidc/logout");
    let names = asked
        .map(|request| request.query.clone())
        .unwrap_or_default();
    is(names.iter().any(|name| name == "id_token_hint"), || {
        format!("the end-session endpoint was sent {names:?}")
    })?;
    is_nobody(host, "after the logout")?;
    is_quiet(tenant, requests.len()).await?;
    host.restart().await;
    is_nobody(host, "after a restart")
}

/// Runs a module whose provider must be refused something.
async fn refuses<H: Host>(
    host: &mut H,
    tenant: &Tenant,
    case: &Case,
    refused: &Refused,
) -> Verdict {
    let Login {
        answered,
        outcome,
        after,
    } = host.log_in(tenant).await;
    if matches!(refused.at, At::Userinfo | At::Refresh) {
        works("login", outcome)?;
        return refuses_later(host, tenant, refused).await;
    }
    fails_as(refused, outcome)?;
    match (refused.at, &answered) {
        (At::Metadata, None) => {
            let asked = tenant.requests();
            let asked: Vec<&str> = asked.iter().map(|request| &*request.path).collect();
            is(asked == ["/.well-known/openid-configuration"], || {
                format!("asked for {asked:?}")
            })?;
        }
        (At::Metadata, Some(_)) => return Err("the user was sent to the provider".into()),
        (_, None) => return Err("the user was not sent to the provider".into()),
        (at, Some(before)) => {
            is_unchanged(&before.storage, &after, at)?;
            let later = later(tenant, before);
            is(later.iter().all(|path| may_follow(at, path)), || {
                format!("asked for {later:?} after the answer")
            })?;
            let exchanges = later.iter().filter(|path| **path == "/oauth/token").count();
            is(exchanges == usize::from(at == At::Login), || {
                format!("{exchanges} token requests")
            })?;
            is(later.len() <= exchanges + 1, || {
                format!("asked for {later:?}")
            })?;
        }
    }
    is_nobody(host, "after the refusal")?;
    let requests = tenant.requests().len();
    is(host.token().await.is_err(), || "there is a token".into())?;
    is_quiet(tenant, requests).await?;
    host.restart().await;
    is_nobody(host, &format!("after a restart ({})", case.id))
}

/// What may be asked for once the answer of the provider has reached the client.
fn may_follow(at: At, path: &str) -> bool {
    // An unknown key makes the client look for new ones, whatever else is wrong with the token.
    at == At::Login && matches!(path, "/oauth/token" | "/.well-known/jwks.json")
}

async fn refuses_later<H: Host>(host: &mut H, tenant: &Tenant, refused: &Refused) -> Verdict {
    let before = Before {
        storage: host.storage(),
        requests: tenant.requests().len(),
    };
    let (outcome, once) = match refused.at {
        At::Userinfo => (host.userinfo().await.map(drop), "/userinfo"),
        _ => (host.refresh().await, "/oauth/token"),
    };
    fails_as(refused, outcome)?;
    let later = later(tenant, &before);
    is(later == [once], || format!("asked for {later:?}"))?;
    is_quiet(tenant, before.requests + later.len()).await?;
    is_unchanged(&before.storage, &host.storage(), refused.at)?;
    is_signed_in(host, "after the refusal")?;
    host.restart().await;
    is_signed_in(host, "after a restart")
}

/// What was asked for since.
fn later(tenant: &Tenant, before: &Before) -> Vec<String> {
    let requests = tenant.requests().into_iter().skip(before.requests);
    requests.map(|request| request.path).collect()
}

fn works<T>(what: &str, result: Result<T, Failure>) -> Result<T, String> {
    result.map_err(|failure| format!("{what} failed: {} ({})", failure.code, failure.why))
}

fn fails_as(refused: &Refused, outcome: Result<(), Failure>) -> Verdict {
    match outcome {
        Ok(()) => Err("nothing was refused".into()),
        Err(failure) => is(refused.is(&failure.code, &failure.why), || {
            format!(
                "refused for another reason: {} ({})",
                failure.code, failure.why
            )
        }),
    }
}

/// Nothing stored may have changed, but that the login is not pending any more whose answer came.
fn is_unchanged(before: &Storage, after: &Storage, at: At) -> Verdict {
    let is_pending = |name: &str| name.starts_with("session/dioxus-auth0.transaction.");
    let mut expected = before.clone();
    if matches!(at, At::Answer | At::Login) {
        let pending = expected.keys().filter(|name| is_pending(name)).count();
        is(pending == 1, || format!("{pending} logins were pending"))?;
        expected.retain(|name, _| !is_pending(name));
    }
    let changed: Vec<&String> = expected
        .keys()
        .chain(after.keys())
        .filter(|name| expected.get(*name) != after.get(*name))
        .collect();
    is(changed.is_empty(), || {
        format!("what is stored has changed: {changed:?}")
    })
}

fn is_signed_in<H: Host>(host: &H, when: &str) -> Verdict {
    let user = host.user();
    is(user.as_deref() == Some(SUB), || {
        format!("{when} the user is {user:?}")
    })
}

fn is_nobody<H: Host>(host: &H, when: &str) -> Verdict {
    let user = host.user();
    is(user.is_none(), || format!("{when} the user is {user:?}"))
}

/// Waits a little, and finds that no more than `known` requests have come.
async fn is_quiet(tenant: &Tenant, known: usize) -> Verdict {
    tokio::time::sleep(QUIET).await;
    let requests: Vec<Recorded> = tenant.requests();
    let late: Vec<&str> = requests
        .iter()
        .skip(known)
        .map(|request| &*request.path)
        .collect();
    is(late.is_empty(), || format!("later requests: {late:?}"))
}

fn count(tenant: &Tenant, path: &str, grant_type: Option<&str>) -> usize {
    let requests = tenant.requests();
    let is_one = |request: &&Recorded| {
        request.path == path
            && (grant_type.is_none() || request.grant_type.as_deref() == grant_type)
            && request.status == Some(200)
    };
    requests.iter().filter(is_one).count()
}

fn is(holds: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    match holds {
        true => Ok(()),
        false => Err(otherwise()),
    }
}
