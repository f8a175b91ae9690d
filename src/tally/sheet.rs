//! The counted responses packed column by column: eight bytes an answer instead of several hundred, so
//! that a million of them are counted, cut and crossed in a blink. Nothing is decided here.

mod pack;
mod plain;

use std::collections::BTreeMap;

use crate::account::{Account, Answer, Labels, PageStatus, Response, Source, Written};
use crate::form::{Form, QuestionType};
use crate::reading::FieldState;

pub use pack::{key, pack, unpack};

/// Every counted response of a survey, one row each.
pub struct Sheet<'f> {
    pub forms: &'f [Form],
    /// Row -> index into `forms`.
    pub form: Vec<u16>,
    pub association: Names,
    pub batch: Names,
    choices: BTreeMap<&'f str, Choices<'f>>,
    writing: BTreeMap<&'f str, Writings>,
}

/// How one answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The response's form does not ask it.
    NotAsked,
    /// Waits for a person, or was not read at all.
    Pending,
    Blank,
    Answered,
}

impl Standing {
    fn from_byte(byte: u8) -> Option<Self> {
        [Self::NotAsked, Self::Pending, Self::Blank, Self::Answered].get(usize::from(byte)).copied()
    }
}

/// One choice question's answers.
pub struct Choices<'f> {
    /// Every option that any form has, in order of first appearance.
    pub options: Vec<&'f str>,
    /// Bytes a row has in `marks`.
    width: usize,
    /// Bit `i` of a row: option `i`. Of a pending answer, what it may turn out to be.
    marks: Vec<u8>,
    standing: Vec<Standing>,
    by_person: Flags,
}

/// One written field. Numbers and the words of a closed list have a value; free text has none here.
pub struct Writings {
    standing: Vec<Standing>,
    /// Of a number, if it is one.
    numbers: Numbers,
    /// Of a text from a closed list.
    pub words: Names,
    kind: Keeps,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    Number,
    Word,
    Nothing,
}

/// A column of numbers, if there is one: four bytes a row, because people write small ones.
#[derive(Default)]
struct Numbers {
    rows: Vec<u32>,
    /// Row -> a number that does not fit there.
    large: BTreeMap<usize, u64>,
}

/// A bit a row.
#[derive(Default)]
struct Flags {
    words: Vec<u64>,
    rows: usize,
}

impl Flags {
    fn push(&mut self, flag: bool) {
        if self.rows.is_multiple_of(64) {
            self.words.push(0);
        }
        if let Some(last) = self.words.last_mut() {
            *last |= u64::from(flag) << (self.rows % 64);
        }
        self.rows += 1;
    }

    fn at(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    fn all(&self) -> impl Iterator<Item = bool> + '_ {
        (0..self.rows).map(|row| self.at(row))
    }
}

/// A column of names that repeat: an index a row.
#[derive(Default)]
pub struct Names {
    known: Vec<String>,
    places: BTreeMap<String, u32>,
    rows: Vec<u32>,
}

/// Stands for "no name" in a row, and for "no number".
const NONE: u32 = u32::MAX;
/// Stands for a number that is kept elsewhere.
const LARGE: u32 = NONE - 1;

impl Numbers {
    fn push(&mut self, number: Option<u64>) {
        self.rows.push(NONE);
        self.set_last(number);
    }

    /// Gives the last row another number.
    fn set_last(&mut self, number: Option<u64>) {
        let Some(last) = self.rows.len().checked_sub(1) else { return };
        self.large.remove(&last);
        self.rows[last] = match (number, number.map(u32::try_from)) {
            (Some(_), Some(Ok(small))) if small < LARGE => small,
            (Some(large), _) => {
                self.large.insert(last, large);
                LARGE
            }
            _ => NONE,
        };
    }

    fn at(&self, row: usize) -> Option<u64> {
        match *self.rows.get(row)? {
            NONE => None,
            LARGE => self.large.get(&row).copied(),
            small => Some(small.into()),
        }
    }

    fn append(&mut self, after: Self) {
        let rows = self.rows.len();
        self.rows.extend(after.rows);
        self.large.extend(after.large.into_iter().map(|(row, n)| (rows + row, n)));
    }
}

impl Names {
    fn push(&mut self, name: Option<&str>) {
        let Some(name) = name else { return self.rows.push(NONE) };
        let next = self.known.len() as u32;
        let at = self.places.get(name).copied().unwrap_or_else(|| {
            self.places.insert(name.to_owned(), next);
            self.known.push(name.to_owned());
            next
        });
        self.rows.push(at);
    }

    /// Names come in the order in which they would have come row by row.
    fn append(&mut self, after: &Self) {
        let place = |name: &String| {
            let next = self.known.len() as u32;
            let at = *self.places.entry(name.clone()).or_insert(next);
            if at == next {
                self.known.push(name.clone());
            }
            at
        };
        let places: Vec<u32> = after.known.iter().map(place).collect();
        let here = |i: &u32| places.get(*i as usize).copied().unwrap_or(NONE);
        self.rows.extend(after.rows.iter().map(here));
    }

    /// Gives the last row another name.
    fn rename_last(&mut self, name: &str) {
        self.rows.pop();
        self.push(Some(name));
    }

    /// Index of the row's name.
    pub fn at(&self, row: usize) -> Option<usize> {
        self.rows.get(row).filter(|i| **i != NONE).map(|i| *i as usize)
    }

    pub fn names(&self) -> &[String] {
        &self.known
    }
}

impl<'f> Sheet<'f> {
    /// Without rows; its columns are what the forms ask.
    pub fn new(forms: &'f [Form]) -> Self {
        let mut choices: BTreeMap<&str, Choices> = BTreeMap::new();
        let mut writing = BTreeMap::new();
        for q in forms.iter().flat_map(Form::questions) {
            if q.kind.is_choice() {
                let column = choices.entry(&q.id).or_insert_with(Choices::new);
                for o in &q.options {
                    if !column.options.contains(&o.id.as_str()) {
                        column.options.push(&o.id);
                    }
                }
                column.width = column.options.len().div_ceil(8).max(1);
            } else {
                let keeps = match q.kind {
                    QuestionType::Integer => Keeps::Number,
                    _ if q.lexicon.is_some() => Keeps::Word,
                    _ => Keeps::Nothing,
                };
                writing.entry(q.id.as_str()).or_insert_with(|| Writings::new(keeps));
            }
        }
        let (association, batch) = (Names::default(), Names::default());
        Self { forms, form: Vec::new(), association, batch, choices, writing }
    }

    /// The counted responses of an account. One of a form that the survey does not have cannot be
    /// tallied; the store refuses to make one.
    pub fn of(account: &Account, forms: &'f [Form]) -> Self {
        let mut sheet = Self::new(forms);
        for response in account.responses.iter().filter(|r| r.status == PageStatus::Counted) {
            sheet.push(response);
        }
        sheet
    }

    /// Adds a row; false if the survey has no such form.
    pub fn push(&mut self, r: &Response) -> bool {
        let Some(form) = self.forms.iter().position(|f| f.id() == r.form) else {
            return false;
        };
        self.form.push(form as u16);
        let form = &self.forms[form];
        self.labels(&r.labels);
        let asked = |id: &str| form.question(id).is_some();
        for (id, column) in &mut self.choices {
            column.push(asked(id), r.answers.get(*id));
        }
        for (id, column) in &mut self.writing {
            column.push(asked(id), r.text.get(*id));
        }
        true
    }

    fn labels(&mut self, labels: &Labels) {
        self.association.push(labels.association.as_deref());
        self.batch.push(labels.batch.as_deref());
    }

    /// Adds another sheet's rows of the same forms behind its own.
    fn append(&mut self, after: Self) {
        self.form.extend(after.form);
        self.association.append(&after.association);
        self.batch.append(&after.batch);
        for (column, more) in self.choices.values_mut().zip(after.choices.into_values()) {
            column.marks.extend(more.marks);
            column.standing.extend(more.standing);
            more.by_person.all().for_each(|flag| column.by_person.push(flag));
        }
        for (column, more) in self.writing.values_mut().zip(after.writing.into_values()) {
            column.standing.extend(more.standing);
            column.numbers.append(more.numbers);
            column.words.append(&more.words);
        }
    }

    pub fn rows(&self) -> usize {
        self.form.len()
    }

    /// Every row's number.
    pub fn all(&self) -> Vec<u32> {
        (0..self.rows() as u32).collect()
    }

    pub fn form_of(&self, row: usize) -> &'f Form {
        &self.forms[usize::from(self.form[row])]
    }

    pub fn choices(&self, id: &str) -> Option<&Choices<'f>> {
        self.choices.get(id)
    }

    pub fn writing(&self, id: &str) -> Option<&Writings> {
        self.writing.get(id)
    }
}

impl Choices<'_> {
    fn new() -> Self {
        Self {
            options: Vec::new(),
            width: 1,
            marks: Vec::new(),
            standing: Vec::new(),
            by_person: Flags::default(),
        }
    }

    fn push(&mut self, asked: bool, answer: Option<&Answer>) {
        // An answer that the reading does not have is unread, never a blank.
        self.standing.push(match (asked, answer.map(|a| a.state)) {
            (false, _) => Standing::NotAsked,
            (true, None | Some(FieldState::Pending)) => Standing::Pending,
            (true, Some(FieldState::Blank)) => Standing::Blank,
            (true, Some(FieldState::Answered)) => Standing::Answered,
        });
        self.by_person.push(answer.is_some_and(|a| a.source == Source::Person));
        let start = self.marks.len();
        self.marks.resize(start + self.width, 0);
        let Some(answer) = answer else { return };
        for (i, option) in self.options.iter().enumerate() {
            let chosen = match answer.state {
                FieldState::Pending => may_mean(answer, option),
                _ => answer.value.iter().any(|v| v == option),
            };
            if chosen {
                self.marks[start + i / 8] |= 1 << (i % 8);
            }
        }
    }

    pub fn standing(&self, row: usize) -> Standing {
        self.standing[row]
    }

    pub fn by_person(&self, row: usize) -> bool {
        self.by_person.at(row)
    }

    pub fn marks(&self, row: usize) -> &[u8] {
        &self.marks[row * self.width..(row + 1) * self.width]
    }

    /// These options as a row's bits.
    pub fn mask<'a>(&self, ids: impl IntoIterator<Item = &'a String>) -> Vec<u8> {
        let mut mask = vec![0; self.width];
        for id in ids {
            if let Some(i) = self.options.iter().position(|o| o == id) {
                mask[i / 8] |= 1 << (i % 8);
            }
        }
        mask
    }

    pub fn any(&self, row: usize, mask: &[u8]) -> bool {
        self.marks(row).iter().zip(mask).any(|(a, b)| a & b != 0)
    }

    /// Indices of the options marked in a row.
    pub fn each(&self, row: usize, mut what: impl FnMut(usize)) {
        for (w, byte) in self.marks(row).iter().enumerate() {
            let mut left = *byte;
            while left != 0 {
                what(w * 8 + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }
}

/// Whether a pending answer can turn out to hold this option, as far as the machine can tell.
pub fn may_mean(answer: &Answer, option: &str) -> bool {
    let named = |about: &str| about.rsplit('.').next() == Some(option);
    answer.value.iter().any(|v| v == option)
        || answer.reasons.iter().any(|r| r.about.as_deref().is_some_and(named))
}

impl Writings {
    fn new(kind: Keeps) -> Self {
        Self { standing: Vec::new(), numbers: Numbers::default(), words: Names::default(), kind }
    }

    fn push(&mut self, asked: bool, field: Option<&Written>) {
        let state = field.map(|w| w.state);
        self.standing.push(match (asked, state) {
            (false, _) => Standing::NotAsked,
            (true, None | Some(FieldState::Pending)) => Standing::Pending,
            (true, Some(FieldState::Blank)) => Standing::Blank,
            (true, Some(FieldState::Answered)) => Standing::Answered,
        });
        let settled = field.filter(|w| w.state == FieldState::Answered).map(|w| w.value.as_str());
        match self.kind {
            Keeps::Number => self.numbers.push(settled.and_then(digits)),
            Keeps::Word => self.words.push(settled),
            Keeps::Nothing => {}
        }
    }

    pub fn standing(&self, row: usize) -> Standing {
        self.standing[row]
    }

    /// A settled number; writing that is none has no value, and is pending.
    pub fn number(&self, row: usize) -> Option<u64> {
        self.numbers.at(row)
    }

    /// Whether it is a text from a closed list, by which responses can be put into groups.
    pub fn has_words(&self) -> bool {
        self.kind == Keeps::Word
    }
}

/// A number as the export writes it: ASCII digits. Anything else is no number yet, and pending.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
