//! What the journeys share: the program, a folder that goes away, small photos.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A folder of one test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("heliograph-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Names of all that lies in a folder below, sorted.
    pub fn names(&self, below: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(below)).unwrap();
        let name = |e: std::io::Result<fs::DirEntry>| e.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    /// Runs the program in the folder.
    pub fn run(&self, words: &[&str]) -> Run {
        Run(self.command(words).output().unwrap())
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heliograph"));
        command.args(words).current_dir(&self.0);
        command
    }

    /// A photo with a gradient and an edge.
    pub fn photo(&self, name: &str, width: u32, height: u32) -> PathBuf {
        let path = self.path(name);
        let pixel = |x: u32, y: u32| {
            let edge = if x > width / 2 { 90 } else { 0 };
            image::Rgb([
                (x * 150 / width) as u8 + edge,
                (y * 200 / height) as u8,
                120,
            ])
        };
        image::RgbImage::from_fn(width, height, pixel)
            .save(&path)
            .unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How the program ended.
pub struct Run(pub Output);

impl Run {
    pub fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    pub fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    /// Fails the test unless the program did well.
    pub fn ok(self) -> Self {
        assert_eq!(self.code(), 0, "{}{}", self.out(), self.err());
        self
    }

    /// The reports on standard output.
    pub fn reports(&self) -> Vec<serde_json::Value> {
        let lines = self.out();
        let report = |line: &str| serde_json::from_str(line).unwrap();
        lines.lines().map(report).collect()
    }
}

/// Fails the test unless TOOLS.md explains every field that `command` printed.
pub fn explained(command: &str, json: &Value) {
    let text = include_str!("../../TOOLS.md");
    let section = text
        .split("\n## ")
        .find(|part| part.lines().next() == Some(command));
    let section = section.unwrap_or_else(|| panic!("{command} is not in TOOLS.md"));
    for field in fields(json) {
        assert!(
            section.contains(&format!("`{field}`")),
            "{command}: {field} is not in TOOLS.md"
        );
    }
}

/// Names of the fields of all objects within, but for those whose names radios and channels choose.
fn fields(json: &Value) -> Vec<String> {
    const FREE: [&str; 4] = ["information", "sensors", "gain_elements_db", "propagation"];
    match json {
        Value::Array(values) => values.iter().flat_map(fields).collect(),
        Value::Object(members) => {
            let within = members
                .iter()
                .filter(|(name, _)| !FREE.contains(&name.as_str()));
            let within = within.flat_map(|(_, value)| fields(value));
            members.keys().cloned().chain(within).collect()
        }
        _ => Vec::new(),
    }
}

/// Width and height of a picture file that can be read in full.
pub fn size(path: &Path) -> (u32, u32) {
    let picture = image::open(path).unwrap();
    (picture.width(), picture.height())
}
