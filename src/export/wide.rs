//! A row a counted response, a column a variable: what statisticians load.

use std::borrow::Borrow;
use std::io::{self, Write};

use super::Format;
use super::lines::{Field, Lines};
use super::variables::{Of, Value, Variable, Variables};
use crate::account::Response;

/// Writes the rows of `responses` as they come: memory does not grow with them.
///
/// # Errors
/// What the writer gives.
pub fn wide<R: Borrow<Response>>(
    variables: &Variables,
    responses: impl IntoIterator<Item = R>,
    format: Format,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines = Lines::begin(variables.columns.iter().map(|c| &*c.name), format, out)?;
    variables.each(responses, |_, row| {
        let fields: Vec<Field> =
            variables.columns.iter().zip(row).map(|(c, v)| field(c, *v)).collect();
        lines.record(&fields)
    })
}

fn field<'a>(column: &'a Variable, value: Value<'a>) -> Field<'a> {
    match (&column.of, value) {
        (_, Value::Nothing(_)) => Field::Nothing,
        (Of::One(_, options), Value::Option(at)) => {
            options.get(at).map_or(Field::Nothing, |o| Field::own(o.id.as_str()))
        }
        (_, Value::Option(at)) => Field::Whole(at as u64),
        (_, Value::Chosen(yes)) => Field::Whole(u64::from(yes)),
        (_, Value::Whole(n)) => Field::Whole(n),
        (Of::Response | Of::Form, Value::Text(text)) => Field::own(text),
        (_, Value::Text(text)) => Field::text(text),
        (_, Value::Standing(standing)) => Field::own(standing.word()),
    }
}
