//! What the clients of one machine in memory tell each other.

use std::cell::RefCell;

use futures_channel::mpsc::{UnboundedSender, unbounded};

use crate::port::{Channel, News};

/// Reaches everybody who listens, the teller too.
#[derive(Default)]
pub struct MemoryChannel {
    listeners: RefCell<Vec<(String, UnboundedSender<()>)>>,
}

impl Channel for MemoryChannel {
    fn tell(&self, name: &str) {
        let mut listeners = self.listeners.borrow_mut();
        // Those who have gone away are taken off the list.
        listeners
            .retain(|(listened, sender)| listened != name || sender.unbounded_send(()).is_ok());
    }

    fn listen(&self, name: &str) -> News {
        let (sender, receiver) = unbounded();
        self.listeners.borrow_mut().push((name.to_owned(), sender));
        Box::pin(receiver)
    }
}
