//! One file that is watched, by [`notify`]: [`inotify(7)`](https://man7.org/linux/man-pages/man7/inotify.7.html) and
//! what other systems have in its place.
//!
//! Not the file but its directory is watched, since a file is replaced and not written to; and while there is no such
//! directory, the nearest one above it, for listening makes nothing. What is then heard only prompts a look at the file:
//! systems name what has changed in ways of their own, and forget some of it when much happens.
//!
//! The system may have no watch left, or not let this directory be watched. Then the file is looked at twice a second.
//!
//! A change of the names above the directory that is watched is not heard of.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_channel::mpsc;
use futures_util::Stream;
use notify::event::ModifyKind;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::platform::system::{self, Stamp};

/// How often the file is looked at where the system cannot watch.
const PAUSE: Duration = Duration::from_millis(500);

/// Whether the log knows that files are looked at.
static HAS_WARNED: AtomicBool = AtomicBool::new(false);

/// Brings something whenever the file has changed. The thread behind it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Watch {
    changes: mpsc::Receiver<()>,
    signals: Sender<Signal>,
}

/// What the thread is woken for.
#[derive(Debug)]
enum Signal {
    /// Something has happened near the file.
    Stirred,
    /// What was watched is not there any more.
    Gone,
    /// Nobody listens any more.
    Over,
}

impl Watch {
    /// Watches `file` in `directory`, from this call on; or not, where the system gives no thread for it.
    pub(super) fn start(directory: &Path, file: &str) -> Option<Self> {
        // Room for one: whoever has not looked yet need not be told again.
        let (sender, changes) = mpsc::channel(0);
        let (signals, received) = channel();
        let path = directory.join(file);
        let sentry = Sentry {
            directory: directory.to_owned(),
            seen: stamp(&path),
            path,
            post: None,
            changes: sender,
            signals: signals.clone(),
            received,
        };
        let thread = std::thread::Builder::new().name("session news".into());
        let thread = thread.spawn(move || sentry.stand());
        thread.is_ok().then_some(Self { changes, signals })
    }
}

impl Stream for Watch {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<()>> {
        Pin::new(&mut self.changes).poll_next(context)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A thread that has ended needs no telling.
        let _ = self.signals.send(Signal::Over);
    }
}

/// Whoever looks after one file, on a thread of its own.
struct Sentry {
    directory: PathBuf,
    path: PathBuf,
    seen: Option<Stamp>,
    post: Option<Post>,
    changes: mpsc::Sender<()>,
    signals: Sender<Signal>,
    received: Receiver<Signal>,
}

impl Sentry {
    fn stand(mut self) {
        loop {
            self.take_post();
            // After the post is taken: what happened before that is seen now.
            self.look();
            match self.next_signal() {
                Signal::Stirred => {}
                Signal::Gone => self.post = None,
                Signal::Over => return,
            }
        }
    }

    /// Watches the directory nearest to the file, until no nearer one has come up meanwhile.
    fn take_post(&mut self) {
        loop {
            let nearest = self.directory.ancestors().find(|path| path.is_dir());
            let nearest = nearest.unwrap_or(&self.directory);
            if self.post.as_ref().is_some_and(|post| post.place == nearest) {
                return;
            }
            self.post = Some(Post::new(nearest, &self.signals));
        }
    }

    fn look(&mut self) {
        let found = stamp(&self.path);
        if found != self.seen {
            self.seen = found;
            // It is full when the change before has not been taken note of, and this one comes with it.
            let _ = self.changes.try_send(());
        }
    }

    fn next_signal(&self) -> Signal {
        let is_watching = self.post.as_ref().is_some_and(Post::is_watching);
        let pause = match is_watching {
            true => Duration::MAX,
            false => PAUSE,
        };
        match self.received.recv_timeout(pause) {
            Ok(signal) => signal,
            Err(RecvTimeoutError::Timeout) => Signal::Stirred,
            Err(RecvTimeoutError::Disconnected) => Signal::Over,
        }
    }
}

/// A directory, and what watches it.
struct Post {
    place: PathBuf,
    watcher: Option<RecommendedWatcher>,
}

impl Post {
    fn new(place: &Path, signals: &Sender<Signal>) -> Self {
        let watcher = watch(place, signals.clone());
        if let Err(error) = &watcher
            && place.is_dir()
            && !HAS_WARNED.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "the system does not watch stored sessions; they are looked at twice a second: {error}"
            );
        }
        Self {
            place: place.to_owned(),
            watcher: watcher.ok(),
        }
    }

    fn is_watching(&self) -> bool {
        self.watcher.is_some()
    }
}

fn watch(place: &Path, signals: Sender<Signal>) -> notify::Result<RecommendedWatcher> {
    let watched = place.to_owned();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let signal = match event {
            // Reading is no news, least of all one's own.
            Ok(event) if event.kind.is_access() => return,
            Ok(event) if is_end_of(&watched, &event) => Signal::Gone,
            _ => Signal::Stirred,
        };
        // Nobody is there any more between the end of the thread and that of the watch.
        let _ = signals.send(signal);
    })?;
    watcher.watch(place, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

/// Says whether `event` is that `place` itself was removed or renamed. A new one of that name is not watched.
fn is_end_of(place: &Path, event: &Event) -> bool {
    let ends = matches!(
        event.kind,
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
    );
    ends && event.paths.iter().any(|path| path == place)
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::symlink_metadata(path).ok()?;
    Some(system::stamp(&metadata))
}
