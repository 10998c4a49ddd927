//! The two cookies: the login session, and the browser a login began in.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::random;
use crate::tenant::Shared;

/// How long a login session lasts.
pub(crate) const SESSION_SECONDS: i64 = 3 * 86_400;

/// The value of the session cookie.
pub(crate) fn session(app: &Shared, headers: &HeaderMap) -> Option<String> {
    read(headers, &session_name(app))
}

pub(crate) fn set_session(app: &Shared, value: &str) -> HeaderValue {
    write(&session_name(app), value, SESSION_SECONDS)
}

pub(crate) fn clear_session(app: &Shared) -> HeaderValue {
    write(&session_name(app), "", 0)
}

/// The value of the browser cookie, and whether it has to be set first.
pub(crate) fn browser(app: &Shared, headers: &HeaderMap) -> Browser {
    match read(headers, &browser_name(app)) {
        Some(id) => Browser { id, fresh: false },
        None => Browser {
            id: random::secret(),
            fresh: true,
        },
    }
}

/// Which browser a form or a login belongs to.
pub(crate) struct Browser {
    pub(crate) id: String,
    fresh: bool,
}

impl Browser {
    /// What ties a form to this browser and to what it is about.
    pub(crate) fn form_tag(&self, app: &Shared, about: &str) -> String {
        random::tag(&app.form_key, &format!("{}\n{about}", self.id))
    }

    pub(crate) fn sent(&self, app: &Shared, about: &str, tag: &str) -> bool {
        !self.fresh && random::same(&self.form_tag(app, about), tag)
    }

    pub(crate) fn remember(&self, app: &Shared, headers: &mut HeaderMap) {
        if self.fresh {
            headers.append(
                header::SET_COOKIE,
                write(&browser_name(app), &self.id, 365 * 86_400),
            );
        }
    }
}

/// Browsers share cookies between the ports of a host, so the port is in the name.
fn session_name(app: &Shared) -> String {
    format!("auth0_{}", app.port)
}

fn browser_name(app: &Shared) -> String {
    format!("did_{}", app.port)
}

fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

fn write(name: &str, value: &str, max_age: i64) -> HeaderValue {
    HeaderValue::try_from(format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}"
    ))
    .expect("a name and a base64url value are header text")
}
