//! Devices that wait for a user to let them in elsewhere
//! ([RFC 8628](https://www.rfc-editor.org/rfc/rfc8628)).

use serde::{Deserialize, Serialize};

use crate::clock::Seconds;
use crate::error::Error;
use crate::random::{fingerprint, hex24};
use crate::store::grants::{Start, first_refresh_token};
use crate::store::{DEVICES, Grant, Refusal, Store, USER_CODES, Write};

/// How much longer the interval gets for a device that asks too early
/// ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).
const SLOWER_SECONDS: Seconds = 5;

/// A device that asked for codes, kept under the hash of its device code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) client_id: String,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) user_code: String,
    pub(crate) expires: Seconds,
    pub(crate) interval: Seconds,
    /// When it last asked for its tokens.
    pub(crate) polled: Option<Seconds>,
    pub(crate) decision: Decision,
}

/// What the user said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Decision {
    Pending,
    Denied,
    Approved {
        user_id: String,
        sid: String,
        auth_time: Seconds,
    },
}

/// What a token request says about a device code.
#[derive(Clone, Copy)]
pub(crate) struct Poll<'a> {
    pub(crate) device_code: &'a str,
    pub(crate) client_id: &'a str,
    /// The thumbprint of the key the request proves.
    pub(crate) key: Option<&'a str>,
}

impl Store {
    pub(crate) fn insert_device(&self, device_code: &str, device: &Device) -> Result<(), Error> {
        let id = fingerprint(device_code);
        self.write(|write| {
            write.put(USER_CODES, &device.user_code, &id)?;
            write.put(DEVICES, &id, device)
        })
    }

    /// Finds the device that shows this code and still waits, and its id.
    pub(crate) fn waiting_device(
        &self,
        user_code: &str,
        now: Seconds,
    ) -> Result<Option<(String, Device)>, Error> {
        let Some(id) = self.read::<String>(USER_CODES, user_code)? else {
            return Ok(None);
        };
        let device: Option<Device> = self.read(DEVICES, &id)?;
        Ok(device
            .filter(|device| device.waits(now))
            .map(|device| (id, device)))
    }

    /// Decides over a device, if it still waits; tells whether it did.
    pub(crate) fn decide(&self, id: &str, decision: Decision, now: Seconds) -> Result<bool, Error> {
        self.write(|write| {
            let device: Option<Device> = write.get(DEVICES, id)?;
            let Some(mut device) = device.filter(|device| device.waits(now)) else {
                return Ok(false);
            };
            device.decision = decision;
            write.put(DEVICES, id, &device)?;
            Ok(true)
        })
    }

    /// Hears a device that asks for its tokens. The last answer, whatever it is, comes once.
    pub(crate) fn poll_device(
        &self,
        poll: Poll<'_>,
        now: Seconds,
        lifetime: Seconds,
    ) -> Result<Result<(Grant, Option<String>), Refusal>, Error> {
        let id = fingerprint(poll.device_code);
        self.write(|write| {
            let device: Option<Device> = write.get(DEVICES, &id)?;
            let own = device.filter(|device| device.client_id == poll.client_id);
            let Some(mut device) = own else {
                return Ok(Err(Refusal::UnknownDevice));
            };
            if device.expires <= now {
                forget(write, &id, &device)?;
                return Ok(Err(Refusal::ExpiredDevice));
            }
            let is_early = device
                .polled
                .is_some_and(|polled| now - polled < device.interval);
            device.polled = Some(now);
            if is_early {
                let interval = device.interval;
                device.interval += SLOWER_SECONDS;
                write.put(DEVICES, &id, &device)?;
                return Ok(Err(Refusal::EarlyDevice { interval }));
            }
            match device.decision.clone() {
                Decision::Pending => {
                    write.put(DEVICES, &id, &device)?;
                    Ok(Err(Refusal::PendingDevice))
                }
                Decision::Denied => {
                    forget(write, &id, &device)?;
                    Ok(Err(Refusal::DeniedDevice))
                }
                Decision::Approved {
                    user_id,
                    sid,
                    auth_time,
                } => {
                    forget(write, &id, &device)?;
                    let grant = Grant {
                        client_id: device.client_id,
                        user_id,
                        audience: device.audience,
                        scope: device.scope,
                        sid,
                        auth_time,
                        tells_auth_time: false,
                        organization: None,
                        actor: None,
                    };
                    let start = Start {
                        family: &hex24(),
                        grant: &grant,
                        key: poll.key,
                        now,
                        lifetime,
                    };
                    let refresh = first_refresh_token(write, &start)?;
                    Ok(Ok((grant, refresh)))
                }
            }
        })
    }
}

impl Device {
    fn waits(&self, now: Seconds) -> bool {
        self.decision == Decision::Pending && self.expires > now
    }
}

fn forget(write: &Write, id: &str, device: &Device) -> Result<(), Error> {
    write.remove(USER_CODES, &device.user_code)?;
    write.remove(DEVICES, id)
}
