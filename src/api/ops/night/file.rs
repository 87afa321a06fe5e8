//! Where a night is kept: one JSON line each for a point and for what happened, in the folder of its
//! sale.
//!
//! Appended without a sync: what a power cut takes of it are seconds of a curve. A last line that is
//! torn is left out; a file that cannot be read is set aside, and another one begun. Once it has
//! grown by as much as is kept in memory, it is written anew from there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::lock;
use super::memory::{MILESTONES_MAX, Memory, POINTS_MAX};
use super::milestone::Milestone;
use super::point::Point;

/// Its name in the folder of the sale.
pub const FILE: &str = "night.jsonl";
/// The only format there is.
const FORMAT: u32 = 1;
/// Lines that are appended before the file is written anew. A line of 450 bytes at most (a
/// performance's id of 64, a cause) and all that is kept beside make 20 MB at the very most; a night
/// of three hours and ten performances is 1 MB.
const APPENDED_MAX: usize = POINTS_MAX;
/// What is read of a file at most.
const FILE_BYTES_MAX: u64 = 32 << 20;
/// Lines that wait for a disk that hangs; beyond, all is written anew once it goes on.
const WAITING_MAX: usize = POINTS_MAX;

const _: () = assert!((POINTS_MAX + MILESTONES_MAX + APPENDED_MAX) * 450 < 32 << 20);

/// The file of one night.
pub(super) struct NightFile {
    path: PathBuf,
    waiting: Mutex<Waiting>,
    /// Somebody writes it: one at a time.
    writing: AtomicBool,
}

/// What is not written yet.
struct Waiting {
    lines: Vec<String>,
    /// Lines in the file that are not in memory, or may not be.
    appended: usize,
    /// The file is not there, not sound, or not to be trusted.
    anew: bool,
    /// The last time it could not be written, which was said.
    failed: bool,
}

/// What is to be written.
pub(super) enum Work {
    /// All that is kept.
    Anew(Memory),
    /// Lines at the end.
    Append(String),
}

/// A line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The first one.
    Format(u32),
    Point(Point),
    Milestone(Milestone),
}

/// The line of a point.
pub(super) fn point_line(point: &Point) -> String {
    written(&Line::Point(*point))
}

/// The line of something that happened.
pub(super) fn milestone_line(milestone: &Milestone) -> String {
    written(&Line::Milestone(milestone.clone()))
}

impl NightFile {
    pub(super) fn new(folder: PathBuf) -> Self {
        let waiting = Waiting { lines: Vec::new(), appended: 0, anew: true, failed: false };
        let (waiting, writing) = (Mutex::new(waiting), AtomicBool::new(false));
        Self { path: folder.join(FILE), waiting, writing }
    }

    /// What is kept; nothing, if there is no file or none that can be read.
    pub(super) fn load(&self) -> Memory {
        match read(&self.path) {
            Ok(memory) => memory,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Memory::default(),
            Err(fault) => {
                let aside = self.path.with_extension("unreadable");
                let _ = fs::rename(&self.path, &aside);
                let path = self.path.display();
                tracing::warn!(%path, %fault, "the curves of the night begin anew");
                Memory::default()
            }
        }
    }

    /// Takes a line, to be written soon.
    pub(super) fn put(&self, line: String) {
        let mut waiting = lock(&self.waiting);
        if waiting.lines.len() == WAITING_MAX {
            waiting.lines.clear();
            waiting.anew = true;
        }
        waiting.lines.push(line);
    }

    /// Whether there is something to write, and nobody does.
    pub(super) fn due(&self) -> bool {
        !self.writing.load(Ordering::Relaxed) && !lock(&self.waiting).lines.is_empty()
    }

    /// What is to be written now: `memory` has every line that was put so far. `None` while
    /// somebody writes. Each is to be [written](Self::write).
    pub(super) fn take(&self, memory: &Memory) -> Option<Work> {
        // Relaxed: what is written is guarded by the lock.
        if self.writing.swap(true, Ordering::Relaxed) {
            return None;
        }
        let mut waiting = lock(&self.waiting);
        let lines = std::mem::take(&mut waiting.lines);
        waiting.appended += lines.len();
        if waiting.anew || waiting.appended > APPENDED_MAX {
            (waiting.anew, waiting.appended) = (false, 0);
            return Some(Work::Anew(memory.clone()));
        }
        Some(Work::Append(lines.concat()))
    }

    /// Writes it. Waits for the disk.
    pub(super) fn write(&self, work: Work) {
        let done = match work {
            Work::Anew(memory) => self.replace(&memory),
            Work::Append(text) => self.append(&text),
        };
        let mut waiting = lock(&self.waiting);
        let failed = std::mem::replace(&mut waiting.failed, done.is_err());
        if let Err(fault) = done {
            waiting.anew = true;
            if !failed {
                let path = self.path.display();
                tracing::warn!(%path, %fault, "the curves of the night cannot be kept");
            }
        }
        drop(waiting);
        self.writing.store(false, Ordering::Relaxed);
    }

    fn append(&self, text: &str) -> io::Result<()> {
        OpenOptions::new().append(true).open(&self.path)?.write_all(text.as_bytes())
    }

    fn replace(&self, memory: &Memory) -> io::Result<()> {
        let mut text = written(&Line::Format(FORMAT));
        memory.milestones().for_each(|milestone| text.push_str(&milestone_line(milestone)));
        memory.points().for_each(|point| text.push_str(&point_line(point)));
        let next = self.path.with_extension("jsonl.new");
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&next, text)?;
        fs::rename(&next, &self.path)
    }
}

fn written(line: &Line) -> String {
    let mut text = serde_json::to_string(line).expect("a line is plain data");
    text.push('\n');
    text
}

fn read(path: &Path) -> io::Result<Memory> {
    let wrong = |told: String| io::Error::new(io::ErrorKind::InvalidData, told);
    let file = File::open(path)?;
    if file.metadata()?.len() > FILE_BYTES_MAX {
        return Err(wrong(format!("it is larger than {FILE_BYTES_MAX} bytes")));
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    let mut memory = Memory::default();
    // What follows the last line's end is torn, or nothing.
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or_default();
    let lines = bytes.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n');
    for (line, number) in lines.zip(1..) {
        let line: Line = serde_json::from_slice(line)
            .map_err(|_| wrong(format!("line {number} is none of a night")))?;
        match line {
            Line::Format(FORMAT) if number == 1 => {}
            _ if number == 1 => return Err(wrong("its format is not known".to_owned())),
            Line::Format(_) => return Err(wrong(format!("line {number} begins another night"))),
            Line::Point(point) => memory.add_as_is(point),
            Line::Milestone(milestone) => memory.note(milestone),
        }
    }
    Ok(memory)
}
