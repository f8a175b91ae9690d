//! `faxtally audit`: the log proved whole.

use super::args::AuditCommand;
use super::console::{Console, write_out};
use super::exit::{Exit, Failure};
use super::people::{open, store_failure};
use crate::lang::Lang;
use crate::store::Proof;

pub fn audit(console: &Console, command: &AuditCommand) -> Result<Exit, Failure> {
    let AuditCommand::Verify { survey, head } = command;
    let store = open(console, survey)?;
    let failed = |e| store_failure(console, &e);
    let proof = store.prove().map_err(failed)?;
    let known = match head {
        Some(hash) => store.has_line(hash).map_err(failed)?,
        None => true,
    };
    write_out(console, None, |out| out.write_all(report(console.lang, &proof).as_bytes()))?;
    if proof.is_whole() && known {
        return Ok(Exit::Done);
    }
    let message = match (console.lang, known) {
        (Lang::Ja, false) => "控えてあったハッシュが記録にありません：記録が切り取られています",
        (Lang::En, false) => {
            "the hash noted down earlier is not in the log: some of it was cut off"
        }
        (Lang::Ja, true) => "記録は書き換えられています。上の行を控えのコピーと比べてください",
        (Lang::En, true) => "the log was tampered with; compare the lines above with a backup",
    };
    Err(Failure { exit: Exit::Store, message: message.to_owned() })
}

fn report(lang: Lang, p: &Proof) -> String {
    let mut out = match lang {
        Lang::Ja => format!(
            "記録 {} 行（うち連鎖の前 {} 行）、判断など {} 件と照合\n最後のハッシュ {}\n",
            p.lines, p.before, p.rows, p.head
        ),
        Lang::En => format!(
            "{} lines ({} of them before the chain began), {} decisions and other rows compared\nhead {}\n",
            p.lines, p.before, p.rows, p.head
        ),
    };
    for line in &p.broken {
        let n = line.to_string();
        let text = lang.say(
            "{n} 行目：前の行と続いていない\n",
            "line {n}: does not follow from the one before\n",
        );
        out += &text.replace("{n}", &n);
    }
    for row in &p.unlogged {
        out += lang.say("記録にない：", "not in the log: ");
        out += row;
        out.push('\n');
    }
    out
}
