//! What others do to the session, what the network does, and renewal ahead of time.

use std::time::Duration;

use futures_channel::mpsc::unbounded;
use futures_util::StreamExt;
use futures_util::future;

use super::Client;
use crate::options::{CacheMode, TokenOptions};
use crate::port::News;

/// How long a renewal ahead of time that failed is left alone at least.
const PAUSE: Duration = Duration::from_secs(10);

impl Client {
    /// Hears whenever who is signed in may have changed, or whether the provider can be reached, from this call on.
    pub fn changes(&self) -> News {
        let (sender, receiver) = unbounded();
        self.core.listeners.borrow_mut().push(sender);
        Box::pin(receiver)
    }

    /// Follows what other tabs and processes make of the session, and renews it: when the network is back, and ahead of
    /// its end if the configuration says so. A refresh that its caller gives up goes on here. It never ends;
    /// [`Auth0Provider`](crate::Auth0Provider) runs it for an app.
    pub async fn watch(&self) {
        let news = self.core.platform.channel.listen(&self.key());
        let online = self.core.platform.connection.back_online();
        let looking = news.for_each(|()| self.look_again());
        let returning = online.for_each(|()| self.reconnect());
        let ahead = self.renew_ahead();
        future::join4(looking, returning, ahead, self.accompany()).await;
    }

    /// Takes over what another tab or process has made of the session.
    pub async fn look_again(&self) {
        if self.identity().is_none() {
            // A login elsewhere is taken over where the session is shared.
            if self.is_shared()
                && let Ok(Ok(session)) = self.stored().await
            {
                self.core.lifecycle.borrow_mut().hold(session);
                self.notify();
            }
            return;
        }
        if !self.is_saved() {
            // What is stored is older than what is held here, and its refresh token spent.
            self.save().await;
            return;
        }
        // Its end is in the state, and so is a newer version's: nothing else follows from either here.
        let _ = self.adopt().await;
    }

    /// Renews what has run out while there was no network.
    async fn reconnect(&self) {
        self.core.is_offline.set(false);
        self.notify();
        if self.identity().is_some() {
            self.linger().await;
            // Whoever needs the token hears why there is none.
            let _ = self.renew_unasked(CacheMode::On).await;
        }
    }

    /// Waits up to two seconds, by chance: not everybody comes at once after an outage.
    async fn linger(&self) {
        let random = self.chance();
        let wait = Duration::from_millis(u64::from(random) * 8);
        self.clock().sleep(wait).await;
    }

    async fn renew_ahead(&self) {
        if !self.core.config.renew_ahead {
            return;
        }
        let mut changes = self.changes();
        loop {
            let need = self.need(&TokenOptions::default());
            let due = self.core.lifecycle.borrow().due(&need, self.now());
            match due {
                // Nothing to renew, until something changes.
                None => drop(changes.next().await),
                Some(Duration::ZERO) => {
                    // Whoever needs the token hears why there is none.
                    match self.renew_unasked(CacheMode::Off).await {
                        Ok(()) => {}
                        Err(error) if error.is_terminal() => drop(changes.next().await),
                        Err(_) => self.clock().sleep(PAUSE).await,
                    }
                }
                Some(due) => {
                    // Somebody may have renewed it meanwhile; so it is looked at anew after either.
                    let sleep = self.clock().sleep(due);
                    drop(future::select(changes.next(), sleep).await);
                }
            }
        }
    }

    fn chance(&self) -> u8 {
        let mut random = [0];
        // Without random numbers nobody logs in either; the earliest moment will do.
        let _ = self.core.platform.entropy.fill(&mut random);
        random[0]
    }

    /// Tells those who listen in this process.
    pub(super) fn notify(&self) {
        let mut listeners = self.core.listeners.borrow_mut();
        listeners.retain(|sender| sender.unbounded_send(()).is_ok());
    }

    /// Tells the other tabs and processes.
    pub(super) fn tell(&self) {
        self.core.platform.channel.tell(&self.key());
    }
}
