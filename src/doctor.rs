//! What is installed, what is missing, and what to do: each finding is one line.

use std::path::{Path, PathBuf};

use crate::lang::Lang;
use crate::simulate::Fonts;
use crate::text::TextError;
use crate::text::engines::Engines;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Good,
    /// Something that only some commands need is missing, or could be better.
    Note,
    /// Reading and tallying cannot work like this.
    Bad,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub level: Level,
    pub what: String,
    /// Empty when all is well.
    pub advice: String,
}

impl Finding {
    fn good(what: impl Into<String>) -> Self {
        Self { level: Level::Good, what: what.into(), advice: String::new() }
    }

    fn new(level: Level, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level, what: what.into(), advice: advice.into() }
    }
}

/// Looks at everything that can be wrong before a survey begins. `survey` need not exist yet.
pub fn examine(lang: Lang, survey: &Path) -> Vec<Finding> {
    let mut all = vec![
        processor(lang),
        writable(lang, survey),
        file_system(lang, survey),
        locale(lang),
        fonts(lang),
        tool(
            lang,
            "tiffcp",
            "libtiff-tools",
            lang.say("開発のテスト", "the tests of this program"),
        ),
    ];
    all.extend(recognisers(lang));
    all
}

/// What reads the written fields, in the order in which it is asked.
fn recognisers(lang: Lang) -> Vec<Finding> {
    let what = lang.say("記入欄の文字認識", "recogniser of writing");
    let (engines, missing) = Engines::installed();
    let all = engines.iter().flat_map(Engines::all);
    let found = all.map(|e| Finding::good(format!("{what}: {}", e.name())));
    let missing = missing.iter().map(|e| {
        let advice = match e {
            TextError::Missing { advice, .. } => advice.clone(),
            _ => lang.say("入れ直してください", "install it again").to_owned(),
        };
        let without = match (&engines, lang) {
            (Some(_), _) => String::new(),
            (None, Lang::Ja) => "（それまで記入欄は要確認のままです）".to_owned(),
            (None, Lang::En) => " (until then the written fields stay pending)".to_owned(),
        };
        let found = match (lang, e) {
            (Lang::Ja, TextError::Missing { engine, what, .. }) => {
                format!("{engine}: {what} がありません")
            }
            (Lang::En, TextError::Missing { engine, what, .. }) => {
                format!("{engine}: {what} is missing")
            }
            (Lang::Ja, TextError::Model { path, problem }) => {
                format!("{}: 文字認識のモデルが使えません（{problem}）", path.display())
            }
            _ => e.to_string(),
        };
        Finding::new(Level::Note, format!("{what}: {found}"), format!("{advice}{without}"))
    });
    found.chain(missing).collect()
}

fn processor(lang: Lang) -> Finding {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = match lang {
        Lang::Ja => format!("コア {cores}"),
        Lang::En => format!("{cores} cores"),
    };
    let features = features();
    let list = if features.is_empty() { "-".to_owned() } else { features.join(" ") };
    let text = format!("{}: {cores}, {list}", lang.say("プロセッサー", "processor"));
    Finding::good(text)
}

/// The instruction sets that the pixel loops are compiled for beside the generic one.
fn features() -> Vec<&'static str> {
    #[cfg(target_arch = "x86_64")]
    {
        let all = [
            ("popcnt", std::arch::is_x86_feature_detected!("popcnt")),
            ("bmi2", std::arch::is_x86_feature_detected!("bmi2")),
            ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ];
        all.iter().filter(|(_, has)| *has).map(|(name, _)| *name).collect()
    }
    #[cfg(not(target_arch = "x86_64"))]
    Vec::new()
}

/// The folder itself, or the one in which it will be made.
fn existing(survey: &Path) -> PathBuf {
    let full = std::path::absolute(survey).unwrap_or_else(|_| survey.to_owned());
    let found = full.ancestors().find(|p| p.is_dir()).map(Path::to_owned);
    found.and_then(|p| p.canonicalize().ok()).unwrap_or(full)
}

fn writable(lang: Lang, survey: &Path) -> Finding {
    let dir = existing(survey);
    let probe = dir.join(format!(".faxtally-doctor-{}", std::process::id()));
    let name = dir.display();
    let tried = std::fs::OpenOptions::new().write(true).create_new(true).open(&probe);
    match tried.and_then(|_| std::fs::remove_file(&probe)) {
        Ok(()) => Finding::good(format!("{}: {name}", lang.say("書き込める", "can be written"))),
        Err(e) => Finding::new(
            Level::Bad,
            format!("{}: {name} ({e})", lang.say("書き込めない", "cannot be written")),
            lang.say(
                "権限を確かめるか、-s で別のフォルダーを指定してください",
                "see its permissions, or name another folder with -s",
            ),
        ),
    }
}

/// File systems over a network: `SQLite`'s write-ahead log needs memory shared by all its users.
const NETWORK: [&str; 10] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "ceph",
    "glusterfs",
    "fuse.sshfs",
    "fuse.glusterfs",
];

fn file_system(lang: Lang, survey: &Path) -> Finding {
    let dir = existing(survey);
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let kind = mounted(&mounts, &dir).unwrap_or_else(|| "?".to_owned());
    let text = format!("{}: {kind}", lang.say("ファイルシステム", "file system"));
    if !NETWORK.contains(&kind.as_str()) {
        return Finding::good(text);
    }
    Finding::new(
        Level::Bad,
        text,
        lang.say(
            "調査フォルダーは手元のディスクに置いてください。受信フォルダーはネットワーク上でもかまいません",
            "keep the survey folder on a local disk; the inbox may stay on the network",
        ),
    )
}

/// The type of the file system that `dir` lies on, from the text of `/proc/mounts`.
pub fn mounted(mounts: &str, dir: &Path) -> Option<String> {
    let mut best: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let mut words = line.split(' ').skip(1);
        let (Some(point), Some(kind)) = (words.next(), words.next()) else { continue };
        // The kernel escapes what would break the line (proc(5)).
        let point = point.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
        // Of mounts on one point the last one counts.
        if dir.starts_with(&point) && best.is_none_or(|(len, _)| point.len() >= len) {
            best = Some((point.len(), kind));
        }
    }
    best.map(|(_, kind)| kind.to_owned())
}

fn locale(lang: Lang) -> Finding {
    let set = |name| std::env::var(name).ok().filter(|v: &String| !v.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    let locale = locale.unwrap_or_else(|| "C".to_owned());
    let text = format!("{}: {locale}", lang.say("ロケール", "locale"));
    let lower = locale.to_ascii_lowercase();
    if lower.contains("utf-8") || lower.contains("utf8") {
        return Finding::good(text);
    }
    Finding::new(
        Level::Note,
        text,
        lang.say(
            "日本語が化けるときは LANG=ja_JP.UTF-8 または C.UTF-8 にしてください",
            "set LANG to C.UTF-8 or ja_JP.UTF-8 if Japanese is garbled",
        ),
    )
}

fn fonts(lang: Lang) -> Finding {
    let what = lang.say("書体 (simulate)", "fonts (simulate)");
    match Fonts::load() {
        Ok(fonts) => Finding::good(format!("{what}: {}", fonts.hands.len())),
        Err(e) => Finding::new(
            Level::Note,
            format!("{what}: {e}"),
            lang.say(
                "make demo か ./setup.sh で入ります。読み取りと集計には要りません",
                "`./setup.sh` installs them; reading and tallying do without",
            ),
        ),
    }
}

fn tool(lang: Lang, name: &str, package: &str, need: &str) -> Finding {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(found) = std::env::split_paths(&path).map(|d| d.join(name)).find(|p| p.is_file()) {
        return Finding::good(format!("{name}: {}", found.display()));
    }
    let advice = match lang {
        Lang::Ja => format!("{need}だけに使います：apt install {package}"),
        Lang::En => format!("only for {need}: apt install {package}"),
    };
    Finding::new(Level::Note, format!("{name}: {}", lang.say("なし", "missing")), advice)
}
