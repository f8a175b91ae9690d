//! Formulas over the sheet of answers: what the tally counts, said in Excel's own words.

use std::collections::BTreeMap;

use rust_xlsxwriter::utility::column_number_to_name;

use super::MOST_ROWS;
use crate::export::variables::{Of, Standing, Variables};
use crate::form::{FormOption, Net, Question, QuestionType};
use crate::lang::Lang;

/// A criterion's text in a formula may have 255 characters; escapes can double them.
const LONGEST_CRITERION: usize = 100;

/// Columns of a sheet (Excel's specification).
const MOST_COLUMNS: usize = 16_384;

/// Where everything stands on the sheet of answers, and in which words.
pub struct Answers {
    pub lang: Lang,
    pub sheet: &'static str,
    /// Rows of answers; 0 where they do not fit, and then there are no formulas.
    pub rows: u32,
    columns: BTreeMap<String, u16>,
    /// Question -> option -> what its cells say.
    shown: BTreeMap<String, BTreeMap<String, String>>,
}

impl Answers {
    pub fn new(variables: &Variables, responses: u64, lang: Lang) -> Self {
        let mut columns = BTreeMap::new();
        let mut shown = BTreeMap::new();
        for (at, column) in variables.columns.iter().enumerate() {
            columns.insert(column.name.clone(), at as u16);
            if let Of::One(question, options) = &column.of {
                shown.insert(question.id.clone(), words(options, lang));
            }
        }
        let fits = responses <= MOST_ROWS && variables.columns.len() <= MOST_COLUMNS;
        let sheet = lang.say("回答データ", "Answers");
        let rows = if fits { responses as u32 } else { 0 };
        Self { lang, sheet, rows, columns, shown }
    }

    /// What a cell of a choice of one says.
    pub fn shown(&self, question: &str, option: &str) -> &str {
        self.shown.get(question).and_then(|s| s.get(option)).map_or("", String::as_str)
    }

    /// A standing as the cells have it; no word is part of another's criterion.
    pub fn standing(&self, s: Standing) -> &'static str {
        match s {
            Standing::Answered => self.lang.say("回答", "answered"),
            Standing::Blank => self.lang.say("無回答", "no answer"),
            Standing::Pending => self.lang.say("確認待ち", "pending"),
            Standing::Unsettled => self.lang.say("母数未定", "base pending"),
            Standing::Out => self.lang.say("対象外", "out of base"),
            Standing::NotAsked => self.lang.say("設問なし", "not asked"),
        }
    }

    /// `'sheet'!$K$2:$K$8331`.
    fn range(&self, column: &str) -> Option<String> {
        let at = self.columns.get(column).filter(|_| self.rows > 0)?;
        let letter = column_number_to_name(*at);
        Some(format!("'{}'!${letter}$2:${letter}${}", self.sheet, self.rows + 1))
    }

    fn count(&self, question: &str, standing: Standing) -> Option<String> {
        let range = self.range(&format!("{question}.standing"))?;
        Some(format!("COUNTIF({range},\"{}\")", self.standing(standing)))
    }

    /// Who is in the base and chose the option.
    pub fn option(&self, q: &Question, option: &str) -> Option<String> {
        let standing = self.range(&format!("{}.standing", q.id))?;
        let answered = self.standing(Standing::Answered);
        let (column, criterion) = if q.kind == QuestionType::SelectOne {
            let word = self.shown(&q.id, option);
            (self.range(&q.id)?, format!("\"={}\"", escaped(word)))
        } else {
            (self.range(&format!("{}.{option}", q.id))?, "1".to_owned())
        };
        Some(format!("COUNTIFS({column},{criterion},{standing},\"{answered}\")"))
    }

    pub fn blank(&self, q: &Question) -> Option<String> {
        self.count(&q.id, Standing::Blank)
    }

    pub fn pending(&self, q: &Question) -> Option<String> {
        self.count(&q.id, Standing::Pending)
    }

    /// The base of a choice.
    pub fn base(&self, q: &Question) -> Option<String> {
        let answered = self.count(&q.id, Standing::Answered)?;
        if q.answered_only {
            return Some(answered);
        }
        Some(format!("{answered}+{}", self.count(&q.id, Standing::Blank)?))
    }

    /// Options counted together: each response once. Those without some options are the base less
    /// those with any of them.
    pub fn net(&self, q: &Question, net: &Net) -> Option<String> {
        let ids = if net.with.is_empty() { &net.without } else { &net.with };
        let any = if q.kind == QuestionType::SelectOne {
            let each: Option<Vec<String>> = ids.iter().map(|id| self.option(q, id)).collect();
            each?.join("+")
        } else {
            let each: Option<Vec<String>> = ids
                .iter()
                .map(|id| Some(format!("({}=1)", self.range(&format!("{}.{id}", q.id))?)))
                .collect();
            let standing = self.range(&format!("{}.standing", q.id))?;
            let answered = self.standing(Standing::Answered);
            format!("SUMPRODUCT((({})>0)*({standing}=\"{answered}\"))", each?.join("+"))
        };
        if net.with.is_empty() { Some(format!("{}-({any})", self.base(q)?)) } else { Some(any) }
    }

    /// Sum of a number's settled values.
    pub fn sum(&self, q: &Question) -> Option<String> {
        let (values, standing) = (self.range(&q.id)?, self.range(&format!("{}.standing", q.id))?);
        Some(format!("SUMIFS({values},{standing},\"{}\")", self.standing(Standing::Answered)))
    }

    /// How many wrote something, settled.
    pub fn filled(&self, q: &Question) -> Option<String> {
        self.count(&q.id, Standing::Answered)
    }

    /// Who was to write: settled before the writing is read.
    pub fn writers(&self, q: &Question) -> Option<String> {
        let each = [Standing::Answered, Standing::Blank, Standing::Pending];
        let each: Option<Vec<String>> = each.iter().map(|s| self.count(&q.id, *s)).collect();
        Some(each?.join("+"))
    }
}

/// The labels of a question's options, or their ids where Excel could not tell the labels apart.
fn words(options: &[&FormOption], lang: Lang) -> BTreeMap<String, String> {
    let label = |o: &FormOption| lang.pick(&o.label).to_owned();
    let mut folded: Vec<String> = options.iter().map(|o| fold(&label(o))).collect();
    folded.sort();
    let told_apart = folded.windows(2).all(|w| w[0] != w[1]);
    let usable = |o: &&FormOption| {
        let text = label(o);
        let count = text.chars().count();
        (1..=LONGEST_CRITERION).contains(&count)
            && text.trim() == text
            && !text.chars().any(char::is_control)
    };
    let labels = told_apart && options.iter().all(usable);
    let word = |o: &&FormOption| (o.id.clone(), if labels { label(o) } else { o.id.clone() });
    options.iter().map(word).collect()
}

/// What spreadsheets may take for the same text: case, width, and hiragana for katakana.
fn fold(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        '\u{30a1}'..='\u{30f6}' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
        _ => c,
    };
    text.chars().map(narrow).flat_map(char::to_lowercase).collect()
}

/// A text as a criterion: its own wildcards and quotes mean themselves.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '*' | '?' | '~' => out.extend(['~', c]),
            '"' => out.push_str("\"\""),
            _ => out.push(c),
        }
    }
    out
}
