//! Debian's package archive, reached through apt and the mirror this machine already uses.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::dirs::{Dirs, on_path};
use crate::error::{Error, Result};
use crate::process::{logged_within, output};
use crate::setup::remove;

/// Debian's own keys, where a source names none.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// Where a compiler's source may be, smallest index first.
const SUITES: [&str; 3] = ["trixie-backports", "testing", "unstable"];
/// How long one index or package may take.
const LIMIT: Duration = Duration::from_secs(300);

/// An archive apt knows: a mirror of Debian and the key that signs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Archive {
    uri: String,
    signed_by: Option<String>,
}

/// Finds the mirror of Debian among apt's own sources.
pub(super) fn archive() -> Option<Archive> {
    on_path("apt-get").zip(on_path("dpkg"))?;
    let etc = Path::new("/etc/apt");
    let mut files: Vec<PathBuf> = vec![etc.join("sources.list")];
    files.extend(
        std::fs::read_dir(etc.join("sources.list.d"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path()),
    );
    files.sort();
    files.iter().find_map(|file| {
        let text = std::fs::read_to_string(file).ok()?;
        match file.extension()?.to_str()? {
            "sources" => in_deb822(&text),
            "list" => in_one_line_style(&text),
            _ => None,
        }
    })
}

/// Downloads a package of exactly an upstream version, with apt checking its signature, and unpacks it.
///
/// It works on indices of its own, so that neither apt's sources nor its state change. Returns the directory.
pub(super) fn unpack(
    dirs: &Dirs,
    archive: &Archive,
    package: &str,
    upstream: &str,
) -> Result<Option<PathBuf>> {
    let root = dirs.scratch(package);
    remove(&root)?;
    for suite in SUITES {
        let apt = Apt::at(&root, archive, suite)?;
        let log = dirs.log(package);
        logged_within(
            apt.get("update"),
            &format!("reading the index of {suite}"),
            &log,
            Some(LIMIT),
        )?;
        let Some(version) =
            output(apt.cache("madison").arg(package)).and_then(|list| release_of(&list, upstream))
        else {
            continue;
        };
        let mut download = apt.get("download");
        download.arg(format!("{package}={version}"));
        logged_within(
            download,
            &format!("downloading {package} {version}"),
            &log,
            Some(LIMIT),
        )?;
        let deb = apt.downloaded()?;
        let unpacked = root.join("unpacked");
        let mut dpkg = Command::new("dpkg");
        dpkg.arg("-x").arg(&deb).arg(&unpacked);
        logged_within(dpkg, &format!("unpacking {package}"), &log, Some(LIMIT))?;
        return Ok(Some(unpacked));
    }
    Ok(None)
}

/// apt with directories, sources and indices of its own.
struct Apt {
    root: PathBuf,
}

impl Apt {
    fn at(root: &Path, archive: &Archive, suite: &str) -> Result<Self> {
        let apt = Self {
            root: root.join(suite),
        };
        for dir in ["sources", "lists/partial", "cache/archives/partial"] {
            let dir = apt.root.join(dir);
            std::fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
        }
        let signed_by = archive.signed_by.as_deref().unwrap_or(KEYRING);
        let sources = format!(
            "Types: deb\nURIs: {}\nSuites: {suite}\nComponents: main\nSigned-By: {signed_by}\n",
            archive.uri
        );
        apt.write("sources/only.sources", &sources)?;
        // Images of Debian empty the system's package cache after each `update`, under the feet of an `apt-get install`
        // that runs at the same time: those hooks are not for these directories.
        let options = format!(
            "#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n\
             Dir::Etc::SourceList \"/dev/null\";\nDir::Etc::SourceParts \"{root}/sources\";\n\
             Dir::State::Lists \"{root}/lists\";\nDir::Cache \"{root}/cache\";\n\
             Acquire::Languages \"none\";\nAPT::Sandbox::User \"root\";\n",
            root = apt.root.display()
        );
        apt.write("apt.conf", &options)?;
        Ok(apt)
    }

    fn get(&self, verb: &str) -> Command {
        self.tool("apt-get", verb)
    }

    fn cache(&self, verb: &str) -> Command {
        self.tool("apt-cache", verb)
    }

    fn tool(&self, program: &str, verb: &str) -> Command {
        let mut command = Command::new(program);
        command
            .arg("-c")
            .arg(self.root.join("apt.conf"))
            .arg(verb)
            .current_dir(&self.root)
            .env("LC_ALL", "C");
        command
    }

    fn downloaded(&self) -> Result<PathBuf> {
        let entries = std::fs::read_dir(&self.root).map_err(Error::io("list", &self.root))?;
        entries
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .ok_or_else(|| {
                Error::io("find the package in", &self.root)(std::io::ErrorKind::NotFound.into())
            })
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.root.join(name);
        std::fs::write(&path, text).map_err(Error::io("write", &path))
    }
}

/// The version in `apt-cache madison`'s list whose upstream part is the one asked for.
fn release_of(madison: &str, upstream: &str) -> Option<String> {
    madison
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .map(str::trim)
        .find_map(|version| {
            let without_epoch = version.split_once(':').map_or(version, |(_, rest)| rest);
            let rest = without_epoch.strip_prefix(upstream)?;
            rest.starts_with(['+', '-', '~'])
                .then(|| version.to_owned())
        })
}

/// Reads the format of `*.sources`: paragraphs of `Key: value`.
fn in_deb822(text: &str) -> Option<Archive> {
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    text.split("\n\n").find_map(|paragraph| {
        let field = |name: &str| {
            paragraph.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
            })
        };
        if !field("Components")?
            .split_whitespace()
            .any(|component| component == "main")
        {
            return None;
        }
        let uri = field("URIs")?
            .split_whitespace()
            .find(|uri| is_debian(uri))?;
        Some(Archive {
            uri: uri.to_owned(),
            signed_by: field("Signed-By")
                .filter(|path| path.starts_with('/'))
                .map(str::to_owned),
        })
    })
}

/// Reads the format of `*.list`: `deb [options] uri suite components`.
fn in_one_line_style(text: &str) -> Option<Archive> {
    text.lines().find_map(|line| {
        let rest = line.trim().strip_prefix("deb ")?.trim_start();
        let (options, rest) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?,
            None => ("", rest),
        };
        let mut words = rest.split_whitespace();
        let uri = words.next().filter(|uri| is_debian(uri))?;
        words.skip(1).find(|component| *component == "main")?;
        let signed_by = options
            .split_whitespace()
            .find_map(|option| option.strip_prefix("signed-by="));
        Some(Archive {
            uri: uri.to_owned(),
            signed_by: signed_by.map(str::to_owned),
        })
    })
}

/// Mirrors keep Debian's archive under its own name; `debian-security` holds only updates.
fn is_debian(uri: &str) -> bool {
    uri.trim_end_matches('/').ends_with("/debian")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADISON: &str = "\
  rust-src | 1.96.1+dfsg1-2~bpo13+1 | http://mirror.example/debian trixie-backports/main amd64 Packages
  rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://mirror.example/debian trixie-backports/main amd64 Packages
";

    #[test]
    fn the_source_is_of_the_compilers_version_and_no_other() {
        assert_eq!(
            release_of(MADISON, "1.95.0").as_deref(),
            Some("1.95.0+dfsg1-2~bpo13+1")
        );
        assert_eq!(release_of(MADISON, "1.95"), None);
        assert_eq!(release_of(MADISON, "1.95.1"), None);
        assert_eq!(
            release_of(" rust-src | 2:1.95.0-1 | x", "1.95.0").as_deref(),
            Some("2:1.95.0-1")
        );
    }

    #[test]
    fn the_mirror_is_read_from_paragraphs() {
        let text = "Types: deb\n# URIs: http://old.example/debian\nURIs: http://mirror.example/debian-security\n\
                    Suites: bookworm-security\nComponents: main\n\n\
                    Types: deb\nURIs: http://mirror.example/debian/\nSuites: bookworm\nComponents: main contrib\n\
                    Signed-By: /keys/debian.gpg\n";
        let expected = Archive {
            uri: "http://mirror.example/debian/".into(),
            signed_by: Some("/keys/debian.gpg".into()),
        };
        assert_eq!(in_deb822(text), Some(expected));
    }

    #[test]
    fn the_mirror_is_read_from_lines() {
        let text = "# deb http://old.example/debian bookworm main\n\
                    deb https://tools.example/apt stable main\n\
                    deb-src http://mirror.example/debian bookworm main\n\
                    deb [arch=amd64 signed-by=/keys/d.gpg] http://mirror.example/debian bookworm main\n";
        let expected = Archive {
            uri: "http://mirror.example/debian".into(),
            signed_by: Some("/keys/d.gpg".into()),
        };
        assert_eq!(in_one_line_style(text), Some(expected));
    }

    #[test]
    fn other_vendors_archives_are_not_debians() {
        assert_eq!(
            in_one_line_style("deb https://packages.example/apt cloud-sdk main\n"),
            None
        );
        assert_eq!(
            in_deb822(
                "Types: deb\nURIs: https://deb.example/node_20.x\nSuites: nodistro\nComponents: main\n"
            ),
            None
        );
    }
}
