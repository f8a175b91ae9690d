//! Lists of the only texts that can be meant in a field, with the ways people write them.

use crate::form::PREFECTURES;

/// One thing that can be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the reading says.
    pub value: String,
    /// How it may be written, the value itself included.
    pub spellings: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lexicon {
    pub entries: Vec<Entry>,
}

impl Lexicon {
    /// The 47 prefectures, each with and without 都, 道, 府 or 県: forms may print these to be circled.
    pub fn prefectures() -> Self {
        let entry = |name: &&str| {
            let short = name.strip_suffix(['都', '道', '府', '県']).unwrap_or(name);
            let spellings = vec![(*name).to_owned(), short.to_owned()];
            Entry { value: (*name).to_owned(), spellings }
        };
        Self { entries: PREFECTURES.iter().map(entry).collect() }
    }

    /// A list from a file: one entry a line, first the value, then other spellings, between tabs.
    /// Empty lines and lines that begin with `#` say nothing.
    pub fn parse(text: &str) -> Self {
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        let entries = lines.filter(|l| !l.is_empty() && !l.starts_with('#')).map(|line| {
            let words = line.split('\t').map(str::trim).filter(|w| !w.is_empty());
            let spellings: Vec<String> = words.map(str::to_owned).collect();
            Entry { value: spellings.first().cloned().unwrap_or_default(), spellings }
        });
        Self { entries: entries.collect() }
    }

    /// Every spelling with the index of its entry.
    pub fn spellings(&self) -> impl Iterator<Item = (usize, &str)> {
        let all = self.entries.iter().enumerate();
        all.flat_map(|(i, e)| e.spellings.iter().map(move |s| (i, s.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefectures_are_47_and_short_names_are_all_different() {
        let all = Lexicon::prefectures();
        assert_eq!(all.entries.len(), 47);
        let distinct: std::collections::BTreeSet<_> = all.spellings().map(|s| s.1).collect();
        assert_eq!(distinct.len(), 94);
        assert!(
            distinct.contains("京都") && distinct.contains("北海") && distinct.contains("東京都")
        );
    }

    #[test]
    fn a_list_of_a_file_has_values_and_spellings() {
        let list =
            Lexicon::parse("\u{feff}# drugs\nアムロジピン\tアムロジン\t ノルバスク\n\n 胃薬 \n");
        assert_eq!(list.entries.len(), 2);
        assert_eq!(list.entries[0].value, "アムロジピン");
        assert_eq!(list.entries[0].spellings, ["アムロジピン", "アムロジン", "ノルバスク"]);
        assert_eq!(list.entries[1].spellings, ["胃薬"]);
    }
}
