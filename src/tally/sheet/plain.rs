//! The short way into a sheet: answers that nothing lies over go from a packed reading straight into the
//! columns, without a response being made of them. `tests/packed.rs` holds it against the long way.

use std::borrow::Borrow;

use super::{Choices, Keeps, Sheet, Standing, Writings, digits};
use crate::account::block::{Block, Marked, View, Wrote};
use crate::account::{Counted, Folded, Labels, Snapshot};
use crate::form::Form;
use crate::reading::FieldState;

/// Stands for "no such column" and "no such option".
const NOTHING: u16 = u16::MAX;
/// Not looked up yet.
const UNKNOWN: u16 = u16::MAX - 1;

/// Where a block's words belong.
#[derive(Default)]
struct Words {
    /// The block's number, from 1; 0 before the first.
    block: u32,
    /// Word -> place among the choices, and among the written fields.
    columns: Vec<(u16, u16)>,
    /// Word and choice -> place among its options; `UNKNOWN` until asked for.
    options: Vec<u16>,
}

impl<'f> Sheet<'f> {
    /// The counted responses of a fold, in no order that means anything.
    pub fn of_folded<S: Borrow<Snapshot>>(folded: &Folded<S>, forms: &'f [Form]) -> Self {
        let mut sheet = Self::new(forms);
        sheet.reserve(folded.count());
        let mut words = Words::default();
        folded.each_counted(|counted| sheet.add(counted, &mut words));
        sheet
    }

    /// The same, in the place of the fold.
    pub fn in_place_of(folded: Folded<Snapshot>, forms: &'f [Form]) -> Self {
        let mut sheet = Self::new(forms);
        sheet.reserve(folded.count());
        let mut words = Words::default();
        folded.into_counted(|counted| sheet.add(counted, &mut words));
        sheet
    }

    fn add(&mut self, counted: Counted, words: &mut Words) {
        match counted {
            Counted::Whole(response) => {
                self.push(&response);
            }
            Counted::Plain { form, labels, number, block, view } => {
                if words.block != number + 1 {
                    *words = Words::of(self, number, block);
                }
                self.push_plain((form, labels), block, view, words);
            }
        }
    }

    /// Room for so many rows: columns that grow would need twice their place for a while.
    fn reserve(&mut self, rows: usize) {
        self.form.reserve_exact(rows);
        self.association.rows.reserve_exact(rows);
        self.batch.rows.reserve_exact(rows);
        for column in self.choices.values_mut() {
            column.marks.reserve_exact(rows * column.words);
            column.standing.reserve_exact(rows);
            column.by_person.reserve_exact(rows);
        }
        for column in self.writing.values_mut() {
            column.standing.reserve_exact(rows);
            match column.kind {
                Keeps::Number => column.numbers.reserve_exact(rows),
                Keeps::Word => column.words.rows.reserve_exact(rows),
                Keeps::Nothing => {}
            }
        }
    }

    fn push_plain(
        &mut self,
        (form, labels): (&str, &Labels),
        block: &Block,
        view: View,
        words: &mut Words,
    ) {
        let Some(at) = self.forms.iter().position(|f| f.id() == form) else { return };
        self.form.push(at as u16);
        self.labels(labels);
        let form = &self.forms[at];
        for (id, column) in &mut self.choices {
            column.push_unread(form.question(id).is_some());
        }
        for (id, column) in &mut self.writing {
            column.push_unread(form.question(id).is_some());
        }
        let mut choices: Vec<&mut Choices> = self.choices.values_mut().collect();
        let mut writing: Vec<&mut Writings> = self.writing.values_mut().collect();
        let Words { columns, options, .. } = words;
        let marked = |m: Marked| {
            let (at, _) = columns.get(m.question as usize).copied().unwrap_or((NOTHING, NOTHING));
            let known = columns.len();
            if let Some(column) = choices.get_mut(usize::from(at)) {
                column.settle(&m, block, |word, names| {
                    let at = usize::from(at) * known + word as usize;
                    let slot = options.get_mut(at)?;
                    if *slot == UNKNOWN {
                        let word = block.word(word);
                        let place = names.iter().position(|n| *n == word);
                        *slot = place.map_or(NOTHING, |i| i as u16);
                    }
                    Some(usize::from(*slot)).filter(|_| *slot != NOTHING)
                });
            }
        };
        let wrote = |w: Wrote| {
            let (_, at) = columns.get(w.field as usize).copied().unwrap_or((NOTHING, NOTHING));
            if let Some(column) = writing.get_mut(usize::from(at)) {
                column.settle(&w);
            }
        };
        // A record that ends too soon leaves what it does not have pending.
        let _ = view.each(marked, wrote);
    }
}

impl Words {
    fn of(sheet: &Sheet, number: u32, block: &Block) -> Self {
        let place = |found: Option<usize>| found.map_or(NOTHING, |i| i as u16);
        let column = |word: u32| {
            let word = block.word(word);
            let choice = place(sheet.choices.keys().position(|id| *id == word));
            (choice, place(sheet.writing.keys().position(|id| *id == word)))
        };
        let columns: Vec<_> = (0..block.words() as u32).map(column).collect();
        let options = vec![UNKNOWN; columns.len() * sheet.choices.len()];
        Self { block: number + 1, columns, options }
    }
}

impl Choices<'_> {
    fn push_unread(&mut self, asked: bool) {
        self.standing.push(if asked { Standing::Pending } else { Standing::NotAsked });
        self.by_person.push(false);
        self.marks.resize(self.marks.len() + self.words, 0);
    }

    /// Puts an answer into the last row; `place` says where a word stands among the options.
    fn settle(
        &mut self,
        m: &Marked,
        block: &Block,
        mut place: impl FnMut(u32, &[&str]) -> Option<usize>,
    ) {
        let Some(standing) = self.standing.last_mut() else { return };
        if *standing != Standing::NotAsked {
            *standing = match m.state {
                FieldState::Pending => Standing::Pending,
                FieldState::Blank => Standing::Blank,
                FieldState::Answered => Standing::Answered,
            };
        }
        let start = self.marks.len() - self.words;
        let row = &mut self.marks[start..];
        for word in m.value {
            if let Some(i) = place(*word, &self.options) {
                row[i / 64] |= 1 << (i % 64);
            }
        }
        if m.state != FieldState::Pending {
            return;
        }
        // As `may_mean` has it: what its reasons are about.
        for about in m.about {
            let option = block.word(*about).rsplit('.').next().unwrap_or_default();
            if let Some(i) = self.options.iter().position(|o| *o == option) {
                row[i / 64] |= 1 << (i % 64);
            }
        }
    }
}

impl Writings {
    fn push_unread(&mut self, asked: bool) {
        self.standing.push(if asked { Standing::Pending } else { Standing::NotAsked });
        match self.kind {
            Keeps::Number => self.numbers.push(None),
            Keeps::Word => self.words.push(None),
            Keeps::Nothing => {}
        }
    }

    /// Puts a field into the last row.
    fn settle(&mut self, w: &Wrote) {
        let Some(standing) = self.standing.last_mut() else { return };
        if *standing != Standing::NotAsked {
            *standing = match w.state {
                FieldState::Pending => Standing::Pending,
                FieldState::Blank => Standing::Blank,
                FieldState::Answered => Standing::Answered,
            };
        }
        if w.state != FieldState::Answered {
            return;
        }
        match self.kind {
            Keeps::Number => {
                if let Some(last) = self.numbers.last_mut() {
                    *last = digits(w.value);
                }
            }
            Keeps::Word => self.words.rename_last(w.value),
            Keeps::Nothing => {}
        }
    }
}
