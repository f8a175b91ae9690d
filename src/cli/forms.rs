//! `form check`, `form schema`, `form propose`.

use std::path::Path;

use super::args::FormCommand;
use super::console::{Console, write_out};
use super::exit::{Exit, Failure};
use super::proof::save;
use super::{errors, later};
use crate::form::{Form, json_schema};
use crate::lang::Lang;
use crate::register::Template;

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
    let grey = shading(console.lang, form);
    write_out(console, None, |out| {
        writeln!(out, "{text}")?;
        grey.iter().try_for_each(|line| writeln!(out, "{line}"))
    })?;
    Ok(Exit::Done)
}

/// Boxes and fields that are printed on grey: what comes of it, and what to do where it is too dense.
fn shading(lang: Lang, form: Form) -> Vec<String> {
    let template = Template::new(form);
    let grey = template.grey();
    let dense = !grey.dense.is_empty();
    let list = |ids: &[String]| ids.join(lang.comma());
    let light = (!grey.light.is_empty()).then(|| match lang {
        Lang::Ja => format!("網掛けの上の欄（網点を取り除いて読む）: {}", list(&grey.light)),
        Lang::En => format!("on grey, read without its dots: {}", list(&grey.light)),
    });
    let told = dense.then(|| match lang {
        Lang::Ja => format!(
            "網掛けが濃すぎて印を見分けられない欄（すべて人の確認に回ります）: {}\n  \
             その行を網掛けなしで刷り直すか、ごく薄い網にしてください",
            list(&grey.dense)
        ),
        Lang::En => format!(
            "on grey too dense to tell a mark from (all of it will wait for a person): {}\n  \
             print these rows without grey, or in a far lighter one",
            list(&grey.dense)
        ),
    });
    light.into_iter().chain(told).collect()
}
