//! The one place that writes to the terminal.

use std::io::{IsTerminal, Write};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// Whether a progress line is on the screen and must be wiped before the next line.
static PROGRESS_SHOWN: Mutex<bool> = Mutex::new(false);

/// Whether somebody watches, or the output goes to a file.
pub(crate) static WATCHED: LazyLock<bool> = LazyLock::new(|| std::io::stdout().is_terminal());

/// Prints one line.
pub(crate) fn say(line: &str) {
    let mut shown = PROGRESS_SHOWN
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let wipe = if std::mem::take(&mut *shown) {
        "\r\x1b[2K"
    } else {
        ""
    };
    put(&format!("{wipe}{line}\n"));
}

/// Replaces the progress line on a terminal. Prints nothing elsewhere.
pub(crate) fn progress(line: &str) {
    if !*WATCHED {
        return;
    }
    let mut shown = PROGRESS_SHOWN
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    *shown = true;
    // A line that wraps cannot be wiped again; 78 columns fit every terminal that matters.
    let cut: String = line.chars().take(78).collect();
    put(&format!("\r\x1b[2K{cut}"));
}

/// Writes a duration as a person says it: `0.4 s`, `42 s`, `3 min 10 s`.
pub(crate) fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

fn put(text: &str) {
    let mut out = std::io::stdout().lock();
    // A closed pipe must not keep a command from stopping its children.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_a_person_says_them() {
        assert_eq!(human(Duration::from_millis(440)), "0.4 s");
        assert_eq!(human(Duration::from_secs(42)), "42 s");
        assert_eq!(human(Duration::from_secs(60)), "1 min 0 s");
        assert_eq!(human(Duration::from_secs(190)), "3 min 10 s");
    }
}
