//! Ctrl-C and its relatives as a flag that every wait looks at.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::error::{Error, Result};

static STOP: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Starts to listen. From here on the signals end waits instead of the process, so that children are stopped too.
pub(crate) fn listen() -> Result<()> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&STOP)).map_err(Error::Signals)?;
    }
    Ok(())
}

/// Fails once the user has asked to stop.
pub(crate) fn check() -> Result<()> {
    if STOP.load(Ordering::Relaxed) {
        Err(Error::Interrupted)
    } else {
        Ok(())
    }
}
