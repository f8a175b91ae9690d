//! Every figure taken apart at once, for whoever holds the report: which responses are in it, those that
//! people decided and those that wait first. One pass over the responses; memory grows with what is
//! listed, not with the survey.

use std::borrow::Borrow;

use super::base::Member;
use super::count::asked;
use super::why::Wanted;
use super::{Figure, Sheet, Tally};
use crate::account::{Response, Source};
use crate::form::{Form, Question};

/// Responses whose places are worked out together, as in `export::variables`.
const CHUNK: usize = 1024;

/// What one figure is made of. `counted` of them were read by the machine or decided by people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// `q7.card`, as `why` takes it.
    pub path: String,
    pub counted: u64,
    pub people: u64,
    /// May still turn out to be in it.
    pub pending: u64,
    /// Ids of responses, in the order of the survey; at most as many as were asked for together.
    pub decided: Vec<String>,
    pub waiting: Vec<String>,
    pub read: Vec<String>,
}

impl Behind {
    /// Responses of the figure that are not listed.
    pub fn more(&self) -> u64 {
        let listed = self.decided.len() + self.waiting.len() + self.read.len();
        (self.counted + self.pending).saturating_sub(listed as u64)
    }
}

/// Every option, no answer, net and number of the tally. At most `most` responses are listed a figure,
/// machine readings only where room is left.
pub fn behind<R: Borrow<Response>>(
    counted: impl IntoIterator<Item = R>,
    forms: &[Form],
    tally: &Tally,
    most: usize,
) -> Vec<Behind> {
    let questions = asked(forms);
    let mut out: Vec<Behind> =
        paths(tally).into_iter().map(|path| Behind { path, ..Behind::default() }).collect();
    let mut responses = counted.into_iter();
    loop {
        let chunk: Vec<R> = responses.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            break;
        }
        let mut sheet = Sheet::new(forms);
        let chunk: Vec<&Response> =
            chunk.iter().map(Borrow::borrow).filter(|r| sheet.push(r)).collect();
        for figure in &mut out {
            add(figure, &sheet, &questions, &chunk, most);
        }
    }
    for figure in &mut out {
        let room = most.saturating_sub(figure.decided.len() + figure.waiting.len());
        figure.read.truncate(room);
    }
    out
}

fn paths(tally: &Tally) -> Vec<String> {
    let mut out = Vec::new();
    for figure in &tally.questions {
        match figure {
            Figure::Choice(f) => {
                let options = f.options.iter().map(|o| o.id.as_str());
                let parts = options.chain(["na"]).chain(f.nets.iter().map(|n| n.id.as_str()));
                out.extend(parts.map(|part| format!("{}.{part}", f.id)));
            }
            Figure::Number(f) => out.push(f.id.clone()),
            Figure::Text(_) => {}
        }
    }
    out
}

fn add(
    figure: &mut Behind,
    sheet: &Sheet,
    questions: &[&Question],
    chunk: &[&Response],
    most: usize,
) {
    let (id, part) =
        figure.path.split_once('.').map_or((&*figure.path, None), |(q, p)| (q, Some(p)));
    let Some(question) = questions.iter().find(|q| q.id == id) else { return };
    let Some(wanted) = Wanted::new(sheet, question, part) else { return };
    for (row, response) in chunk.iter().enumerate() {
        let list = match wanted.place(row) {
            Member::Out => continue,
            Member::Unknown => {
                figure.pending += 1;
                &mut figure.waiting
            }
            Member::In if by_person(response, &question.id) => {
                (figure.counted, figure.people) = (figure.counted + 1, figure.people + 1);
                &mut figure.decided
            }
            Member::In => {
                figure.counted += 1;
                &mut figure.read
            }
        };
        if list.len() < most {
            list.push(response.id.clone());
        }
    }
}

fn by_person(r: &Response, id: &str) -> bool {
    let answer = r.answers.get(id).map(|a| a.source);
    answer.or_else(|| r.text.get(id).map(|t| t.source)) == Some(Source::Person)
}
