//! Of whom a question's percentages are taken: whether a response belongs, surely not, or that
//! itself waits for a person.

use crate::account::Response;
use crate::form::{Condition, Form, Question};
use crate::lang::Lang;
use crate::reading::FieldState;

/// How a response stands to a base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    In,
    Out,
    /// The answer that decides it is pending.
    Unknown,
}

impl Member {
    fn when(yes: bool) -> Self {
        if yes { Self::In } else { Self::Out }
    }

    /// Both must hold: what is surely out stays out, whatever the other may become.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Out, _) | (_, Self::Out) => Self::Out,
            (Self::In, Self::In) => Self::In,
            _ => Self::Unknown,
        }
    }
}

/// How `response` stands to the base of `question`, one of its own form.
pub fn member(response: &Response, form: &Form, question: &Question) -> Member {
    let own = question.base.as_ref().map_or(Member::In, |c| fulfils(response, c));
    let option = question.number_of.as_deref().and_then(|path| path.split_once('.'));
    match option {
        None => own,
        Some((target, option)) => own.and(chose(response, form, target, option)),
    }
}

/// Whether the response counts in that option of the target question: chosen, and in its base.
fn chose(response: &Response, form: &Form, target: &str, option: &str) -> Member {
    let condition = Condition {
        question: target.to_owned(),
        with: vec![option.to_owned()],
        without: Vec::new(),
        answered: false,
    };
    let base = form.question(target).and_then(|q| q.base.as_ref());
    fulfils(response, &condition).and(base.map_or(Member::In, |c| fulfils(response, c)))
}

fn fulfils(response: &Response, condition: &Condition) -> Member {
    let id = &condition.question;
    if let Some(answer) = response.answers.get(id) {
        let any = |ids: &[String]| ids.iter().any(|o| answer.value.contains(o));
        return match answer.state {
            FieldState::Pending => Member::Unknown,
            _ if condition.answered => Member::when(answer.state == FieldState::Answered),
            _ if condition.with.is_empty() => Member::when(!any(&condition.without)),
            _ => Member::when(any(&condition.with)),
        };
    }
    match response.text.get(id).map(|w| w.state) {
        Some(FieldState::Answered) => Member::In,
        Some(FieldState::Blank) => Member::Out,
        Some(FieldState::Pending) | None => Member::Unknown,
    }
}

/// The rule in files: never translated, ids only.
pub fn base_rule(question: &Question) -> String {
    base_sentence(Lang::En, question)
}

/// The rule for people.
pub fn base_sentence(lang: Lang, question: &Question) -> String {
    let Some(c) = &question.base else {
        return lang.say("全回答", "all responses").to_owned();
    };
    let list = |ids: &[String]| {
        let parts: Vec<_> = ids.iter().map(|o| format!("{}={o}", c.question)).collect();
        parts.join(lang.say("・", " or "))
    };
    match lang {
        Lang::En if c.answered => format!("responses that answered {}", c.question),
        Lang::En if c.with.is_empty() => {
            format!("responses without {} (blank {} included)", list(&c.without), c.question)
        }
        Lang::En => format!("responses with {}", list(&c.with)),
        Lang::Ja if c.answered => format!("{} に答えた回答", c.question),
        Lang::Ja if c.with.is_empty() => {
            format!("{} を選んでいない回答（{} の無回答を含む）", list(&c.without), c.question)
        }
        Lang::Ja => format!("{} を選んだ回答", list(&c.with)),
    }
}
