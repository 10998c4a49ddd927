//! What Linux tells of running processes, in [`/proc`](https://man7.org/linux/man-pages/man5/proc.5.html).

use std::path::PathBuf;
use std::time::Duration;

/// The length of the kernel's unit of time, which programs are told as `USER_HZ`: a hundredth of a second everywhere.
const TICK: Duration = Duration::from_millis(10);

/// One process.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    id: u32,
    /// Whether it has ended and only waits to be taken note of.
    is_zombie: bool,
    /// The time it has spent on a processor.
    pub(crate) cpu: Duration,
}

/// The processes of a group: a program and what it started.
pub(crate) fn group(id: i32) -> Vec<Process> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|process| {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
            parse(process, &stat)
        })
        .filter(|(_, group)| *group == id)
        .map(|(process, _)| process)
        .collect()
}

/// Whether there is something of a group, and it has all ended.
pub(crate) fn has_ended(id: i32) -> bool {
    let members = group(id);
    !members.is_empty() && members.iter().all(|process| process.is_zombie)
}

/// Reads one line of `stat`: the process and its group. The name in parentheses may hold anything.
fn parse(id: u32, stat: &str) -> Option<(Process, i32)> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u32>().ok();
    let process = Process {
        id,
        is_zombie: *fields.first()? == "Z",
        cpu: TICK * ticks(11)? + TICK * ticks(12)?,
    };
    Some((process, fields.get(2)?.parse().ok()?))
}

impl Process {
    /// Its name.
    pub(crate) fn name(&self) -> String {
        self.read("comm").trim().to_owned()
    }

    /// The memory it holds, in KiB: all of its own, and its share of what it shares.
    pub(crate) fn memory(&self) -> usize {
        number(&self.read("smaps_rollup"), "Pss:")
    }

    /// How often each of its threads went to sleep by itself; each time, something woke it up.
    pub(crate) fn sleeps(&self) -> Vec<(u32, usize)> {
        let tasks = std::fs::read_dir(self.path("task"));
        let threads = tasks.into_iter().flatten().flatten();
        threads
            .filter_map(|task| {
                let id = task.file_name().to_str()?.parse().ok()?;
                let status = std::fs::read_to_string(task.path().join("status")).ok()?;
                Some((id, number(&status, "voluntary_ctxt_switches:")))
            })
            .collect()
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).unwrap_or_default()
    }

    fn path(&self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{file}", self.id))
    }
}

/// The number after a key at the start of a line.
fn number(text: &str, key: &str) -> usize {
    let value = text.lines().find_map(|line| line.strip_prefix(key));
    let digits = value.and_then(|value| value.split_whitespace().next());
    digits
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_stat_is_read_whatever_the_program_is_called() {
        let line = "7 (a) Z (b) S 1 42 42 0 -1 4194560 9 0 0 0 150 50 0 0 20 0 1";
        let (process, group) = parse(7, line).expect("the line is whole");
        assert_eq!((process.id, group, process.is_zombie), (7, 42, false));
        assert_eq!(process.cpu, Duration::from_secs(2));
    }

    #[test]
    fn a_number_stands_behind_its_own_key() {
        let status = "nonvoluntary_ctxt_switches:\t9\nvoluntary_ctxt_switches:\t12\n";
        assert_eq!(number(status, "voluntary_ctxt_switches:"), 12);
        assert_eq!(number(status, "Pss:"), 0);
    }
}
