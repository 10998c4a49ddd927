//! The contracts of the ports, each a function that runs against every adapter that works on this machine. The
//! browser's adapters are driven by the tests in `web/`.

mod channel;
mod contract;
mod crypto;
mod executor;
#[cfg(unix)]
mod files;
mod http;
mod keys;
mod lock;
mod navigator;
#[cfg(unix)]
mod processes;
mod roots;
mod settings;
mod storage;
mod time_and_entropy;
