//! A virtual display whose pixels can be read without asking it.
//!
//! [Xvfb](https://www.x.org/releases/current/doc/man/man1/Xvfb.1.xhtml) keeps its screen in a file (`-fbdir`), in the
//! format of `xwd`: a header of numbers with the most significant byte first, a table of colors, the pixels.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::dirs::Dirs;
use crate::display::Display;
use crate::error::{Error, Result};
use crate::interrupt;

/// Each channel of a color that text is written in is less than this.
const INK: u8 = 128;
/// Each channel of a color that headings are written in.
const DARK: u8 = 64;
/// So many pixels of them are text.
const TEXT: usize = 40;
/// Where windows open, in pixels.
const WIDTH: usize = 800;
const HEIGHT: usize = 600;

/// What can be seen of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sight {
    /// Nothing that could be read.
    Nothing,
    /// Something is written, if only that it is starting.
    Text,
    /// Its heading.
    Heading,
}

/// The display and its pixels.
pub(super) struct Screen {
    pub(super) display: Display,
    file: PathBuf,
}

impl Screen {
    /// Starts a white display.
    pub(super) fn start(dirs: &Dirs) -> Result<Self> {
        let dir = dirs.scratch("screen");
        std::fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
        let pixels = dir.display().to_string();
        let display = Display::in_memory(dirs, &["-wr", "-fbdir", &pixels])?;
        Ok(Self {
            display,
            file: dir.join("Xvfb_screen0"),
        })
    }

    /// Waits until the last window is gone.
    pub(super) fn clear(&self) -> Result<()> {
        let started = Instant::now();
        while self.sight()? != Sight::Nothing {
            interrupt::check()?;
            if started.elapsed() > Duration::from_secs(20) {
                return Err(Error::TimedOut {
                    what: "closing a window".to_owned(),
                    limit: Duration::from_secs(20),
                    log: self.file.clone(),
                });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// What a window shows on its light ground.
    pub(super) fn sight(&self) -> Result<Sight> {
        let io = || Error::io("read", &self.file);
        let file = File::open(&self.file).map_err(io())?;
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0).map_err(io())?;
        let layout = Layout::read(&header);
        let (mut ink, mut dark) = (0, 0);
        let mut line = vec![0; WIDTH * 4];
        for row in 0..HEIGHT {
            file.read_exact_at(&mut line, layout.row(row))
                .map_err(io())?;
            for pixel in line.chunks_exact(4) {
                let lightest = pixel.iter().take(3).max().copied().unwrap_or(u8::MAX);
                ink += usize::from(lightest < INK);
                dark += usize::from(lightest < DARK);
            }
        }
        Ok(match (ink >= TEXT, dark >= TEXT) {
            (_, true) => Sight::Heading,
            (true, false) => Sight::Text,
            (false, false) => Sight::Nothing,
        })
    }
}

/// Where the pixels are in the file.
#[derive(Debug, PartialEq, Eq)]
struct Layout {
    start: u64,
    line: u64,
}

impl Layout {
    fn read(header: &[u8; 100]) -> Self {
        let number = |at: usize| {
            let bytes = header[at * 4..].first_chunk().copied().unwrap_or_default();
            u64::from(u32::from_be_bytes(bytes))
        };
        // The size of the header, twelve bytes for each color; the bytes of a line.
        Self {
            start: number(0) + 12 * number(19),
            line: number(12),
        }
    }

    fn row(&self, row: usize) -> u64 {
        self.start + self.line * u64::try_from(row).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pixels_come_after_the_header_and_the_colors() {
        let mut header = [0; 100];
        header[..4].copy_from_slice(&160_u32.to_be_bytes());
        header[48..52].copy_from_slice(&5760_u32.to_be_bytes());
        header[76..80].copy_from_slice(&256_u32.to_be_bytes());
        let layout = Layout::read(&header);
        assert_eq!(layout.row(0), 160 + 256 * 12);
        assert_eq!(layout.row(2), 160 + 256 * 12 + 2 * 5760);
    }
}
