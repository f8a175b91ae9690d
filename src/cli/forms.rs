//! `form check`, `form schema`, `form propose`.

use std::path::Path;

use super::args::FormCommand;
use super::console::{Console, write_out};
use super::exit::{Exit, Failure};
use super::proof::save;
use super::{errors, later};
use crate::form::{Form, json_schema};
use crate::lang::Lang;

pub fn form(console: &Console, command: &FormCommand) -> Result<Exit, Failure> {
    match command {
        FormCommand::Check { dir, proof } => check(console, dir, proof.as_deref()),
        FormCommand::Schema => {
            write_out(console, None, |out| out.write_all(json_schema().as_bytes()))?;
            Ok(Exit::Done)
        }
        FormCommand::Propose(_) => Err(later::later(console, "form propose")),
    }
}

fn check(console: &Console, dir: &Path, proof: Option<&Path>) -> Result<Exit, Failure> {
    let form = Form::open(dir).map_err(|e| Failure::usage(errors::form(console.lang, &e)))?;
    if let Some(path) = proof {
        save(console, path, &crate::form::proof(&form))?;
    }
    let choices = form.questions().iter().filter(|q| q.kind.is_choice()).count();
    let boxes: usize = form.questions().iter().map(|q| q.options.len()).sum();
    let written = form.questions().len() - choices;
    let (id, survey) = (form.id(), form.survey());
    let text = match console.lang {
        Lang::Ja => format!(
            "{id}（調査 {survey}）: 問題ありません。選択の設問 {choices}、チェック欄 {boxes}、記入欄 {written}"
        ),
        Lang::En => format!(
            "{id} (survey {survey}): good; {choices} choice questions, {boxes} boxes, {written} written fields"
        ),
    };
    write_out(console, None, |out| writeln!(out, "{text}"))?;
    Ok(Exit::Done)
}
