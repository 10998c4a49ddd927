//! A login that leaves by the system browser and comes back to a port of this machine: raw sockets against the real
//! listener, and once a whole login at the tenant.
//!
//! The names begin with the ids of the project's list of requirements for loopback listeners, l01 to l33. Tests that
//! need a process of their own (limits, signals, environment, a network without IPv4) are `#[ignore]`d under the name
//! `…_alone` and run by the test before them, which starts this program again.
//!
//! What cannot run here:
//!
//! * Windows' rules for sharing ports. The listener sets no option there, and the standard library none for it.
//! * The openers of macOS and Windows. `webbrowser` runs them; what reaches it is checked by the l26 tests.
//! * A machine that sleeps. A process that is stopped stands in for it; the clock that counts the wait goes on for one
//!   and not for the other, and the test takes either end of the wait.

mod alone;
mod harness;
mod world;

mod contract;
mod ending;
mod executor;
mod garbage;
mod hostile;
mod listening;
mod opening;
mod page;
mod requests;
mod secrecy;
mod tenant_login;
