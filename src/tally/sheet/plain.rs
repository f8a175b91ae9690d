//! The short way into a sheet: answers that nothing lies over go from a packed reading straight into the
//! columns, without a response being made of them. `tests/packed.rs` holds it against the long way.

use std::borrow::Borrow;
use std::collections::HashMap;

use rayon::prelude::*;

use super::{Choices, Keeps, Sheet, Standing, Writings, digits};
use crate::account::block::{Block, Marked, View, Wrote};
use crate::account::{Counted, Folded, Labels, Snapshot};
use crate::form::Form;
use crate::reading::FieldState;

/// Stands for "no such column" and "no such option".
const NOTHING: u16 = u16::MAX;
/// Rows that one thread puts into a sheet of its own before it is joined to the others: a megabyte or two.
const PART: usize = 1 << 14;

/// Where words belong. A block names a few hundred, and nearly all blocks the same.
#[derive(Default)]
struct Words {
    /// The block's number, from 1; 0 before the first.
    block: u32,
    /// Word of the block -> place in `known`.
    here: Vec<u32>,
    places: HashMap<String, u32>,
    known: Vec<Word>,
}

/// One word's places.
struct Word {
    /// Among the choices, and among the written fields.
    column: (u16, u16),
    /// Choice -> place among its options.
    options: Vec<u16>,
}

impl<'f> Sheet<'f> {
    /// The counted responses of a fold, in no order that means anything. On all cores; the same rows in the
    /// same order on one.
    pub fn of_folded<S: Borrow<Snapshot> + Sync>(folded: &Folded<S>, forms: &'f [Form]) -> Self {
        Self::of_places(folded, &folded.counted_places(), forms)
    }

    /// The same of these places, row by row; of a form that the survey does not have there is no row.
    pub fn of_places<S: Borrow<Snapshot> + Sync>(
        folded: &Folded<S>,
        places: &[(u32, u32)],
        forms: &'f [Form],
    ) -> Self {
        let mut sheet = Self::new(forms);
        sheet.reserve(places.len());
        for some in places.chunks(PART * rayon::current_num_threads()) {
            let part = |own: &[_]| {
                let mut part = Self::new(forms);
                part.reserve(own.len());
                let mut words = Words::default();
                for at in own {
                    folded.visit(*at, |c| part.add(c, &mut words));
                }
                part
            };
            let parts: Vec<Self> = some.par_chunks(PART).map(part).collect();
            for part in parts {
                sheet.append(part);
            }
        }
        sheet
    }

    fn add(&mut self, counted: Counted, words: &mut Words) {
        match counted {
            Counted::Whole(response) => {
                self.push(&response);
            }
            Counted::Plain { form, labels, number, block, view } => {
                if words.block != number + 1 {
                    words.turn_to(self, number, block);
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
            column.marks.reserve_exact(rows * column.width);
            column.standing.reserve_exact(rows);
        }
        for column in self.writing.values_mut() {
            column.standing.reserve_exact(rows);
            match column.kind {
                Keeps::Number => column.numbers.rows.reserve_exact(rows),
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
        words: &Words,
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
        let marked = |m: Marked| {
            let at = words.column(m.question).0;
            if let Some(column) = choices.get_mut(at) {
                column.settle(&m, block, |word| words.option(word, at));
            }
        };
        let wrote = |w: Wrote| {
            if let Some(column) = writing.get_mut(words.column(w.field).1) {
                column.settle(&w);
            }
        };
        // A record that ends too soon leaves what it does not have pending.
        let _ = view.each(marked, wrote);
    }
}

impl Words {
    /// The words of another block.
    fn turn_to(&mut self, sheet: &Sheet, number: u32, block: &Block) {
        self.block = number + 1;
        self.here.clear();
        for word in (0..block.words() as u32).map(|i| block.word(i)) {
            let at = self.places.get(word).copied().unwrap_or_else(|| {
                let next = self.known.len() as u32;
                self.places.insert(word.to_owned(), next);
                self.known.push(Word::of(sheet, word));
                next
            });
            self.here.push(at);
        }
    }

    fn word(&self, number: u32) -> Option<&Word> {
        self.known.get(*self.here.get(number as usize)? as usize)
    }

    /// Among the choices, and among the written fields; beyond all where it is none.
    fn column(&self, number: u32) -> (usize, usize) {
        let (choice, field) = self.word(number).map_or((NOTHING, NOTHING), |w| w.column);
        (usize::from(choice), usize::from(field))
    }

    fn option(&self, number: u32, choice: usize) -> Option<usize> {
        let place = *self.word(number)?.options.get(choice)?;
        (place != NOTHING).then_some(usize::from(place))
    }
}

impl Word {
    fn of(sheet: &Sheet, word: &str) -> Self {
        let place = |found: Option<usize>| found.map_or(NOTHING, |i| i as u16);
        let choice = place(sheet.choices.keys().position(|id| *id == word));
        let field = place(sheet.writing.keys().position(|id| *id == word));
        let option = |c: &Choices| place(c.options.iter().position(|o| *o == word));
        let options = sheet.choices.values().map(option).collect();
        Self { column: (choice, field), options }
    }
}

impl Choices<'_> {
    fn push_unread(&mut self, asked: bool) {
        self.standing.push(if asked { Standing::Pending } else { Standing::NotAsked });
        self.by_person.push(false);
        self.marks.resize(self.marks.len() + self.width, 0);
    }

    /// Puts an answer into the last row; `place` says where a word stands among the options.
    fn settle(&mut self, m: &Marked, block: &Block, place: impl Fn(u32) -> Option<usize>) {
        let Some(standing) = self.standing.last_mut() else { return };
        if *standing != Standing::NotAsked {
            *standing = match m.state {
                FieldState::Pending => Standing::Pending,
                FieldState::Blank => Standing::Blank,
                FieldState::Answered => Standing::Answered,
            };
        }
        let start = self.marks.len() - self.width;
        let row = &mut self.marks[start..];
        for word in m.value {
            if let Some(i) = place(*word) {
                row[i / 8] |= 1 << (i % 8);
            }
        }
        if m.state != FieldState::Pending {
            return;
        }
        // As `may_mean` has it: what its reasons are about.
        for about in m.about {
            let option = block.word(*about).rsplit('.').next().unwrap_or_default();
            if let Some(i) = self.options.iter().position(|o| *o == option) {
                row[i / 8] |= 1 << (i % 8);
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
                self.numbers.set_last(digits(w.value));
            }
            Keeps::Word => self.words.rename_last(w.value),
            Keeps::Nothing => {}
        }
    }
}
