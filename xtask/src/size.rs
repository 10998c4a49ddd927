//! `cargo xtask size`: builds the release bundle for the web and weighs it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::dirs::Dirs;
use crate::error::{Error, Result};
use crate::process::logged;
use crate::say::{human, say};
use crate::setup::{self, Need, Tools};
use crate::table::{Table, thousands};

/// What the whole bundle may weigh, in bytes compressed by brotli at its best: 224,000 for a login, a profile and a session
/// that tabs share, and 44,000 for what a session outlives: refreshes under faults and across tabs, bound tokens with a key
/// in the browser, pushed requests, popups and frames, and calls as a hook. All of it can be switched on by the
/// configuration file, so the demo carries all of it. Another 2,000 are for what phones brought into the one client and
/// the one stylesheet: logins that come back by a link or are taken once among copies, their errors and words, and safe areas.
const BUDGET: usize = 270_000;

/// Leaves out where and why something panicked and how things look to a programmer, and inlines only the smallest
/// functions before LLVM sees them: with none at all it no longer finds out which events the app listens to.
const RUSTFLAGS: &str = "-Zlocation-detail=none -Zfmt-debug=none -Zunstable-options -Cpanic=immediate-abort \
     -Zinline-mir=yes -Zinline-mir-threshold=1 -Zinline-mir-hint-threshold=15";

/// Which browsers the stylesheet is written out for, as [browserslist](https://browsersl.ist) reads it. Without a word dx
/// writes it out for some that cannot run the program, at a twentieth of its size.
const BROWSERS: &str = "chrome >= 123, firefox >= 120, safari >= 17.5, ios_saf >= 17.5";

/// The options of `cargo xtask size`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Weighs the bundle that is there.
    #[arg(long)]
    no_build: bool,
}

/// Runs the command.
pub(crate) fn run(options: &Options) -> Result<()> {
    let dirs = Dirs::find()?;
    if !options.no_build {
        let tools = setup::install(&dirs, Need::Release)?;
        let took = build(&dirs, &tools)?;
        say(&format!("built the release bundle in {}", human(took)));
    }
    check(&dirs)
}

/// Where dx leaves the release bundle.
pub(crate) fn bundle(dirs: &Dirs) -> PathBuf {
    output(dirs).join("public")
}

/// Builds the release bundle from nothing, and makes sure that it was optimised.
pub(crate) fn build(dirs: &Dirs, tools: &Tools) -> Result<Duration> {
    // dx leaves the hashed files of earlier builds beside the new ones.
    setup::remove(&output(dirs))?;
    let log = dirs.log("dx-release");
    let mut dx = dirs.command(&tools.dx);
    // `-Z` flags on the stable compiler are allowed only so. They change no behaviour but that of a panic, which traps
    // at once instead of describing itself to nobody.
    dx.env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", RUSTFLAGS)
        .env("BROWSERSLIST", BROWSERS)
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    // Debug symbols make wasm-opt fail, and are dx's default for a release too.
    dx.args([
        "build",
        "--platform",
        "web",
        "--release",
        "--debug-symbols",
        "false",
        "--verbose",
        "--cargo-args=-Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size,backtrace-trace-only",
    ]);
    let took = logged(dx, "building the release bundle", &log)?;
    let said = std::fs::read_to_string(&log).map_err(Error::io("read", &log))?;
    match not_optimised(&said) {
        Some(reason) => Err(Error::NotOptimised {
            reason: reason.to_owned(),
            log,
        }),
        None => Ok(took),
    }
}

/// Weighs the bundle, prints the table, and fails over the budget.
pub(crate) fn check(dirs: &Dirs) -> Result<()> {
    let bundle = bundle(dirs);
    let files = weigh(&bundle)?;
    if !files.iter().any(|file| file.name.ends_with(".wasm")) {
        return Err(Error::Incomplete {
            what: "wasm file",
            bundle,
        });
    }
    let total = Weight::total(&files);
    say(&render(&files, &total));
    within_budget(total.brotli)
}

fn within_budget(total: usize) -> Result<()> {
    if total > BUDGET {
        return Err(Error::OverBudget {
            total,
            budget: BUDGET,
        });
    }
    Ok(())
}

fn output(dirs: &Dirs) -> PathBuf {
    dirs.target.join("dx/dioxus-auth0/release/web")
}

/// Why the wasm is not what wasm-opt makes, going by what dx said.
fn not_optimised(log: &str) -> Option<&'static str> {
    if !log.contains("Running wasm-opt") {
        Some("wasm-opt was not started")
    } else if log.contains("wasm-opt failed") || log.contains("Failed to run wasm-opt") {
        Some("wasm-opt failed")
    } else {
        None
    }
}

/// What one file weighs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Weight {
    name: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

impl Weight {
    fn of(name: String, bytes: &[u8]) -> Self {
        Self {
            name,
            raw: bytes.len(),
            gzip: gzip(bytes),
            brotli: brotli(bytes),
        }
    }

    fn total(files: &[Self]) -> Self {
        let sum = |part: fn(&Self) -> usize| files.iter().map(part).sum();
        Self {
            name: "total".into(),
            raw: sum(|file| file.raw),
            gzip: sum(|file| file.gzip),
            brotli: sum(|file| file.brotli),
        }
    }

    fn cells(&self) -> [String; 4] {
        [
            self.name.clone(),
            thousands(self.raw),
            thousands(self.gzip),
            thousands(self.brotli),
        ]
    }
}

/// Weighs all that a server would hand out, the largest file first.
fn weigh(bundle: &Path) -> Result<Vec<Weight>> {
    let mut paths = Vec::new();
    collect(bundle, &mut paths)?;
    let mut files = Vec::new();
    for path in paths {
        let name = path
            .strip_prefix(bundle)
            .unwrap_or(&path)
            .display()
            .to_string();
        let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
        files.push(Weight::of(name, &bytes));
    }
    files.sort_by(|a, b| b.brotli.cmp(&a.brotli).then_with(|| a.name.cmp(&b.name)));
    Ok(files)
}

fn collect(dir: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(dir)
        .map_err(Error::io("list", dir))?
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if !is_copy(&path) {
            paths.push(path);
        }
    }
    Ok(())
}

/// Whether a file is another one, compressed ahead of time.
fn is_copy(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "br" || extension == "gz")
}

fn render(files: &[Weight], total: &Weight) -> String {
    let mut table = Table::new(&["file", "raw", "gzip -9", "brotli -11"]);
    for file in files.iter().chain([total]) {
        table.row(&file.cells());
    }
    table.row(&[
        "budget".into(),
        String::new(),
        String::new(),
        thousands(BUDGET),
    ]);
    table.render()
}

fn gzip(bytes: &[u8]) -> usize {
    let mut encoder = flate2::write::GzEncoder::new(Counter(0), flate2::Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("counting bytes cannot fail").0
}

fn brotli(bytes: &[u8]) -> usize {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let mut counter = Counter(0);
    brotli::BrotliCompress(&mut &*bytes, &mut counter, &parameters)
        .expect("counting bytes cannot fail");
    counter.0
}

/// Counts what is written to it.
struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_the_sum_of_each_column() {
        let file = |name: &str, raw, gzip, brotli| Weight {
            name: name.into(),
            raw,
            gzip,
            brotli,
        };
        let total = Weight::total(&[file("a.wasm", 1_000, 500, 400), file("b.js", 20, 10, 8)]);
        assert_eq!(total, file("total", 1_020, 510, 408));
    }

    #[test]
    fn one_byte_over_the_budget_is_a_failure() {
        assert!(within_budget(BUDGET).is_ok());
        let error = within_budget(BUDGET + 1).expect_err("it is over");
        assert!(
            error
                .report()
                .contains("270001 bytes as brotli, 1 over the budget of 270000"),
            "{}",
            error.report()
        );
    }

    #[test]
    fn compression_makes_repetition_small_and_brotli_the_smallest() {
        let text = "the same sentence again and again. ".repeat(200);
        let weight = Weight::of("text".into(), text.as_bytes());
        assert_eq!(weight.raw, 7_000);
        assert!(
            weight.brotli < weight.gzip && weight.gzip < 200,
            "{weight:?}"
        );
    }

    #[test]
    fn files_compressed_ahead_of_time_are_not_weighed_twice() {
        let dir = std::env::temp_dir().join(format!("xtask-weigh-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("assets")).expect("the temporary directory is writable");
        for name in [
            "auth_config.json",
            "assets/app.wasm",
            "assets/app.wasm.br",
            "assets/app.wasm.gz",
        ] {
            std::fs::write(dir.join(name), name).expect("the temporary directory is writable");
        }
        let names: Vec<String> = weigh(&dir)
            .expect("the files are readable")
            .into_iter()
            .map(|file| file.name)
            .collect();
        assert_eq!(names, ["auth_config.json", "assets/app.wasm"]);
        std::fs::remove_dir_all(&dir).expect("the temporary directory is removable");
    }

    #[test]
    fn a_log_without_wasm_opts_success_is_a_failure() {
        assert_eq!(
            not_optimised("DEBUG Running wasm-opt: wasm-opt app.wasm -Oz"),
            None
        );
        assert_eq!(
            not_optimised("build completed"),
            Some("wasm-opt was not started")
        );
        assert_eq!(
            not_optimised("Running wasm-opt: …\nERROR wasm-opt failed with status code 1"),
            Some("wasm-opt failed")
        );
    }
}
