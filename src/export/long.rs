//! Tidy data: a row for every option that was chosen, and one for every question that was left blank,
//! is pending or holds writing. Questions outside their base and those not asked have no row.

use std::borrow::Borrow;
use std::io::{self, Write};

use super::lines::{Field, Lines};
use super::variables::{Standing, Variables};
use super::{CONFIDENCE_DECIMALS, Format, rounded};
use crate::account::{Response, Rows, Source};
use crate::form::{Form, Question};
use crate::lang::Lang;

/// The columns; see [`super::schema`].
pub const COLUMNS: [&str; 12] = [
    "response",
    "form",
    "batch",
    "arrived",
    "association",
    "question",
    "standing",
    "option",
    "label",
    "value",
    "source",
    "confidence",
];

pub fn write(
    account: &dyn Rows,
    forms: &[Form],
    format: Format,
    lang: Lang,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines = Lines::begin(COLUMNS, format, out)?;
    each(&Variables::new(forms), forms, account.counted(), lang, |record| lines.record(record))
}

/// Visits every row, in the order of the responses and of the questions.
///
/// # Errors
/// The first that `visit` gives.
pub fn each<R: Borrow<Response>, E>(
    variables: &Variables,
    forms: &[Form],
    responses: impl IntoIterator<Item = R>,
    lang: Lang,
    mut visit: impl FnMut(&[Field]) -> Result<(), E>,
) -> Result<(), E> {
    variables.each_standing(responses, |response, standings| {
        let form = forms.iter().find(|f| f.id() == response.form);
        for (shared, standing) in variables.questions.iter().zip(standings) {
            // Wordings are those of the form that was before the respondent.
            let own = form.and_then(|f| f.question(&shared.id)).unwrap_or(shared);
            if !matches!(standing, Standing::Out | Standing::NotAsked) {
                question(&mut visit, response, own, *standing, lang)?;
            }
        }
        Ok(())
    })
}

fn question<E>(
    visit: &mut impl FnMut(&[Field]) -> Result<(), E>,
    r: &Response,
    q: &Question,
    standing: Standing,
    lang: Lang,
) -> Result<(), E> {
    if let Some(written) = r.text.get(&q.id).filter(|_| !q.kind.is_choice()) {
        let value = Some(&*written.value).filter(|v| !v.is_empty());
        let proof = (written.source, written.confidence.get());
        return visit(&record(r, q, standing, None, value, proof));
    }
    let Some(answer) = r.answers.get(&q.id) else {
        return visit(&record(r, q, standing, None, None, (Source::Machine, 0.0)));
    };
    let proof = (answer.source, answer.confidence.get());
    // A pending answer is one row without an option: a guess is no choice.
    if standing != Standing::Answered {
        return visit(&record(r, q, standing, None, None, proof));
    }
    for id in &answer.value {
        let option = q.options.iter().find(|o| o.id == *id);
        let label = option.map_or("", |o| lang.pick(&o.label));
        visit(&record(r, q, standing, Some((id, label)), None, proof))?;
    }
    Ok(())
}

fn record<'a>(
    r: &'a Response,
    q: &'a Question,
    standing: Standing,
    option: Option<(&'a str, &'a str)>,
    value: Option<&'a str>,
    (source, confidence): (Source, f32),
) -> [Field<'a>; 12] {
    let text = |t: Option<&'a str>| t.map_or(Field::Nothing, Field::text);
    [
        Field::own(r.id.as_str()),
        Field::own(r.form.as_str()),
        text(r.labels.batch.as_deref()),
        text(r.labels.arrived.as_deref()),
        text(r.labels.association.as_deref()),
        Field::own(q.id.as_str()),
        Field::own(standing.word()),
        option.map_or(Field::Nothing, |(id, _)| Field::own(id)),
        text(option.map(|(_, label)| label)),
        text(value),
        Field::own(match source {
            Source::Machine => "machine",
            Source::Person => "person",
        }),
        Field::Decimal(rounded(confidence, CONFIDENCE_DECIMALS)),
    ]
}
