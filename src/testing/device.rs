//! The login of a device without a browser ([RFC 8628](https://www.rfc-editor.org/rfc/rfc8628)).

use std::time::Duration;

use serde_json::json;

use super::MemoryProvider;
use super::reply::{Denied, reply};
use super::token::{Form, Issue, required};
use crate::port::HttpResponse;
use crate::time::UnixTime;

const LIFE: Duration = Duration::from_secs(900);
const INTERVAL: Duration = Duration::from_secs(5);

/// A device that asks whether its user has come.
pub(super) struct Device {
    device_code: String,
    user_code: String,
    form: Form,
    expires: UnixTime,
    polled_at: Option<UnixTime>,
    verdict: Verdict,
}

enum Verdict {
    Pending,
    Approved {
        sub: String,
    },
    Denied,
    /// It was told so, and has its tokens.
    Done,
}

impl MemoryProvider {
    /// Logs the user `sub` in for the device that shows `user_code`, and says whether one does.
    pub fn approve_device(&self, user_code: &str, sub: &str) -> bool {
        let sub = sub.to_owned();
        self.decide(user_code, Verdict::Approved { sub })
    }

    /// Turns down the device that shows `user_code`, and says whether one does.
    pub fn deny_device(&self, user_code: &str) -> bool {
        self.decide(user_code, Verdict::Denied)
    }

    fn decide(&self, user_code: &str, verdict: Verdict) -> bool {
        let now = self.now();
        let mut devices = self.devices.borrow_mut();
        let mut devices = devices.iter_mut();
        let waits = |device: &&mut Device| {
            matches!(device.verdict, Verdict::Pending)
                && device.user_code == user_code
                && now < device.expires
        };
        match devices.find(waits) {
            Some(device) => {
                device.verdict = verdict;
                true
            }
            None => false,
        }
    }

    pub(super) fn begin_device(&self, form: &Form) -> HttpResponse {
        if let Err(denied) = self.check_client(form) {
            return denied.reply();
        }
        let device_code = self.ledger.borrow_mut().name("dc");
        let user_code = self.ledger.borrow_mut().name("CODE");
        let at = [&self.rules.borrow().issuer, "activate"].concat();
        let complete = [&at, "?user_code=", &user_code].concat();
        let body = json!({
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": at,
            "verification_uri_complete": complete,
            "expires_in": LIFE.as_secs(),
            "interval": INTERVAL.as_secs(),
        });
        self.devices.borrow_mut().push(Device {
            device_code,
            user_code,
            form: form.clone(),
            expires: self.now() + LIFE,
            polled_at: None,
            verdict: Verdict::Pending,
        });
        reply(200, &body)
    }

    pub(super) fn by_device_code(&self, form: &Form, key: Option<&str>) -> Result<Issue, Denied> {
        self.check_client(form)?;
        let (sub, asked) = self.poll(required(form, "device_code")?)?;
        self.admit(&sub)?;
        let grant = self.new_grant(&sub, &asked, key)?;
        let refresh_token = self.family(&grant).map(|(_, token)| token);
        Ok(Issue {
            grant,
            nonce: None,
            refresh_token,
        })
    }

    /// Says who has come to a device, and what it had asked for.
    fn poll(&self, device_code: &str) -> Result<(String, Form), Denied> {
        let now = self.now();
        let mut devices = self.devices.borrow_mut();
        let mut devices = devices.iter_mut();
        let device = devices.find(|device| device.device_code == device_code);
        let device = device.ok_or_else(|| Denied::invalid_grant("Invalid device code"))?;
        if device.expires <= now {
            return Err(Denied::new(
                403,
                "expired_token",
                "The device code has expired",
            ));
        }
        let before = device.polled_at.replace(now);
        match &device.verdict {
            Verdict::Pending if before.is_some_and(|before| now < before + INTERVAL) => {
                let words = "You are polling faster than the interval";
                Err(Denied::new(429, "slow_down", words))
            }
            Verdict::Pending => {
                let words = "User has yet to authorize device code";
                Err(Denied::new(403, "authorization_pending", words))
            }
            Verdict::Denied => {
                let words = "User cancelled the confirmation prompt";
                Err(Denied::new(403, "access_denied", words))
            }
            Verdict::Done => Err(Denied::invalid_grant("Invalid device code")),
            Verdict::Approved { sub } => {
                let sub = sub.clone();
                device.verdict = Verdict::Done;
                Ok((sub, device.form.clone()))
            }
        }
    }
}
