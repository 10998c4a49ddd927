//! A network that is unplugged on demand.

use std::cell::{Cell, RefCell};

use futures_channel::mpsc::{UnboundedSender, unbounded};

use crate::port::{Connection, News};

/// Says what it is told. It does not make requests fail.
#[derive(Default)]
pub struct MemoryConnection {
    is_offline: Cell<bool>,
    listeners: RefCell<Vec<UnboundedSender<()>>>,
}

impl MemoryConnection {
    /// Takes the network away, or brings it back.
    pub fn set_offline(&self, is_offline: bool) {
        let was_offline = self.is_offline.replace(is_offline);
        if was_offline && !is_offline {
            let mut listeners = self.listeners.borrow_mut();
            listeners.retain(|sender| sender.unbounded_send(()).is_ok());
        }
    }
}

impl Connection for MemoryConnection {
    fn is_offline(&self) -> bool {
        self.is_offline.get()
    }

    fn back_online(&self) -> News {
        let (sender, receiver) = unbounded();
        self.listeners.borrow_mut().push(sender);
        Box::pin(receiver)
    }
}
