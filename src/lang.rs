//! Japanese and English: every sentence a person reads. Ids and codes in files are never translated.

pub mod overruled;
pub mod problem;
pub mod reason;

use crate::form::Localized;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lang {
    Ja,
    #[default]
    En,
}

/// Zero-width and direction characters: what people read must not hold what they cannot see
/// (Unicode's `Bidi_Control` and the format characters that show nothing).
pub fn hidden(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl Lang {
    /// `ja_JP.UTF-8` and the like mean Japanese, everything else English.
    pub fn from_locale(locale: &str) -> Self {
        if locale.starts_with("ja") { Self::Ja } else { Self::En }
    }

    pub fn pick(self, text: &Localized) -> &str {
        match self {
            Self::Ja => &text.ja,
            Self::En => &text.en,
        }
    }

    /// The one of two sentences that is in this language.
    pub fn say<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }

    /// Between a heading and what it is of.
    pub fn colon(self) -> &'static str {
        self.say("：", ": ")
    }

    /// Between the parts of a list.
    pub fn comma(self) -> &'static str {
        self.say("、", ", ")
    }

    /// Between two things that stand side by side.
    pub fn gap(self) -> &'static str {
        self.say("　", "  ")
    }

    /// What stands behind a text in brackets.
    pub fn aside(self, text: &str) -> String {
        match self {
            Self::Ja => format!("（{text}）"),
            Self::En => format!(" ({text})"),
        }
    }

    /// What must be said beside a figure.
    pub fn note(self, text: &str) -> String {
        [self.say("※ ", "Note: "), text].concat()
    }

    /// A share as it is printed.
    pub fn percent(self, share: impl std::fmt::Display) -> String {
        format!("{share}{}", self.say("％", "%"))
    }
}
