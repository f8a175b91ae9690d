//! Of whom a question's percentages are taken: whether a response belongs, surely not, or that
//! itself waits for a person.

use super::sheet::{Choices, Sheet, Standing, Writings};
use crate::form::{Condition, Form, Question};
use crate::lang::Lang;

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
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Out, _) | (_, Self::Out) => Self::Out,
            (Self::In, Self::In) => Self::In,
            _ => Self::Unknown,
        }
    }
}

/// What a response must fulfil to belong to the base of one question, form by form.
pub struct Rule<'s, 'f> {
    sheet: &'s Sheet<'f>,
    /// By form; `None`: it does not ask the question.
    forms: Vec<Option<Vec<Test<'s, 'f>>>>,
}

/// One condition, its option ids turned into bits.
struct Test<'s, 'f> {
    question: String,
    choices: Option<&'s Choices<'f>>,
    writing: Option<&'s Writings>,
    mask: Vec<u8>,
    wants: Wants,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Any,
    None,
    Answered,
    Unanswered,
}

impl<'s, 'f> Rule<'s, 'f> {
    pub fn new(sheet: &'s Sheet<'f>, id: &str) -> Self {
        let tests = |form: &Form| form.question(id).map(|q| tests(sheet, form, q));
        Self { sheet, forms: sheet.forms.iter().map(tests).collect() }
    }

    pub fn member(&self, row: usize) -> Member {
        match &self.forms[usize::from(self.sheet.form[row])] {
            None => Member::Out,
            Some(tests) => tests
                .iter()
                .fold(Member::In, |m, test| if m == Member::Out { m } else { m.and(test.on(row)) }),
        }
    }
}

fn tests<'s, 'f>(sheet: &'s Sheet<'f>, form: &Form, question: &Question) -> Vec<Test<'s, 'f>> {
    let mut out = Vec::new();
    if let Some(c) = &question.base {
        add(sheet, form, c, &mut out);
    }
    if let Some((target, option)) = question.number_of.as_deref().and_then(|p| p.split_once('.')) {
        let chose = Condition {
            question: target.to_owned(),
            with: vec![option.to_owned()],
            without: Vec::new(),
            answered: false,
            unanswered: false,
        };
        add(sheet, form, &chose, &mut out);
    }
    out
}

/// Who is counted in an option or an answer is in that question's base too; the form's checks see to
/// it that this ends.
fn add<'s, 'f>(sheet: &'s Sheet<'f>, form: &Form, c: &Condition, out: &mut Vec<Test<'s, 'f>>) {
    let wants = match c {
        _ if c.answered => Wants::Answered,
        _ if c.unanswered => Wants::Unanswered,
        _ if c.with.is_empty() => Wants::None,
        _ => Wants::Any,
    };
    let (choices, writing) = (sheet.choices(&c.question), sheet.writing(&c.question));
    let mask = choices.map(|col| col.mask(c.with.iter().chain(&c.without))).unwrap_or_default();
    let known = out.iter().any(|t| t.question == c.question && t.mask == mask && t.wants == wants);
    if known {
        return;
    }
    out.push(Test { question: c.question.clone(), choices, writing, mask, wants });
    if matches!(wants, Wants::Any | Wants::Answered)
        && let Some(base) = form.question(&c.question).and_then(|q| q.base.as_ref())
    {
        add(sheet, form, base, out);
    }
}

impl Test<'_, '_> {
    fn on(&self, row: usize) -> Member {
        let standing = match (self.choices, self.writing) {
            (Some(c), _) => c.standing(row),
            (None, Some(w)) => w.standing(row),
            (None, None) => Standing::Pending,
        };
        if standing == Standing::Pending {
            return Member::Unknown;
        }
        let any = self.choices.is_some_and(|c| c.any(row, &self.mask));
        Member::when(match self.wants {
            Wants::Any => any,
            Wants::None => !any,
            Wants::Answered => standing == Standing::Answered,
            Wants::Unanswered => standing != Standing::Answered,
        })
    }
}

/// The rule in files: never translated, ids only.
pub fn base_rule(question: &Question) -> String {
    sentence(Lang::En, question, &by_ids)
}

/// The rule for people, options by the words of the forms.
pub fn base_sentence(lang: Lang, question: &Question, forms: &[Form]) -> String {
    sentence(lang, question, &|c, ids| by_labels(lang, forms, c, ids))
}

/// One condition in ids.
pub fn condition_rule(c: &Condition) -> String {
    condition(Lang::En, c, &by_ids)
}

/// Those who chose one option, in words.
pub fn chose(lang: Lang, forms: &[Form], question: &str, option: &str) -> String {
    let c = Condition {
        question: question.to_owned(),
        with: vec![option.to_owned()],
        without: Vec::new(),
        answered: false,
        unanswered: false,
    };
    condition(lang, &c, &|c, ids| by_labels(lang, forms, c, ids))
}

/// What the options of a condition are called, with their question.
type Naming<'n> = dyn Fn(&Condition, &[String]) -> String + 'n;

fn by_ids(c: &Condition, ids: &[String]) -> String {
    let parts: Vec<_> = ids.iter().map(|o| format!("{}={o}", c.question)).collect();
    parts.join(" or ")
}

fn by_labels(lang: Lang, forms: &[Form], c: &Condition, ids: &[String]) -> String {
    let question = forms.iter().find_map(|f| f.question(&c.question));
    let label = |id: &String| {
        let option = question.and_then(|q| q.options.iter().find(|o| o.id == *id));
        let text = option.map_or(id.as_str(), |o| lang.pick(&o.label));
        match lang {
            Lang::Ja => format!("「{text}」"),
            Lang::En => format!("\"{text}\""),
        }
    };
    let labels: Vec<_> = ids.iter().map(label).collect();
    let labels = labels.join(lang.say("か", " or "));
    match lang {
        Lang::Ja => format!("{} の{labels}", c.question),
        Lang::En => format!("{} {labels}", c.question),
    }
}

fn sentence(lang: Lang, question: &Question, name: &Naming) -> String {
    let base = question.base.as_ref();
    let rule = base.map(|c| condition(lang, c, name));
    match (rule, question.answered_only) {
        (None, false) => lang.say("全回答", "all responses").to_owned(),
        (Some(rule), false) => rule,
        (None, true) => match lang {
            Lang::En => format!("responses that answered {}", question.id),
            Lang::Ja => format!("{} に答えた回答", question.id),
        },
        (Some(rule), true) => match lang {
            Lang::En => format!("{rule} and that answered {}", question.id),
            Lang::Ja => format!("{rule}のうち {} に答えた回答", question.id),
        },
    }
}

fn condition(lang: Lang, c: &Condition, name: &Naming) -> String {
    match lang {
        Lang::En if c.answered => format!("responses that answered {}", c.question),
        Lang::En if c.unanswered => format!("responses that left {} blank", c.question),
        Lang::En if c.with.is_empty() => {
            let options = name(c, &c.without);
            format!("responses without {options} (blank {} included)", c.question)
        }
        Lang::En => format!("responses with {}", name(c, &c.with)),
        Lang::Ja if c.answered => format!("{} に答えた回答", c.question),
        Lang::Ja if c.unanswered => format!("{} に答えていない回答", c.question),
        Lang::Ja if c.with.is_empty() => {
            let options = name(c, &c.without);
            format!("{options}を選んでいない回答（{} の無回答を含む）", c.question)
        }
        Lang::Ja => format!("{}を選んだ回答", name(c, &c.with)),
    }
}
