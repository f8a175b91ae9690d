//! `export`: one snapshot of a survey in the form that another program opens.

use std::io::{self, Write};

use super::args::{ExportArgs, RowFormat, TableName};
use super::console::{Console, write_out};
use super::exit::{Exit, Failure};
use super::figures::{account, settings};
use super::people::open;
use crate::account::Account;
use crate::export::{Format, Table, schema};
use crate::form::Form;
use crate::lang::Lang;
use crate::tally::{Tally, tally};

/// One snapshot and what is made of it.
struct Source {
    account: Account,
    forms: Vec<Form>,
    tally: Tally,
    lang: Lang,
}

pub fn export(console: &Console, args: &ExportArgs) -> Result<Exit, Failure> {
    let table = table(console, args)?;
    let store = open(console, &args.survey)?;
    let (account, forms) = account(console, &store)?;
    let tally = tally(&account, &forms, &settings(console, &store)?);
    let source = Source { account, forms, tally, lang: console.lang };
    write_out(console, args.output.as_deref(), |out| match args.format {
        RowFormat::Jsonl => lines(&source, table, Format::Jsonl, out),
        RowFormat::Csv => lines(&source, table, Format::Csv, out),
        RowFormat::ExcelCsv => lines(&source, table, Format::ExcelCsv, out),
        RowFormat::Schema => match schema(&source.forms, table, source.lang) {
            Some(schema) => writeln!(out, "{schema:#}"),
            None => Ok(()),
        },
        RowFormat::Xlsx | RowFormat::Sav | RowFormat::Parquet => Ok(()),
    })?;
    Ok(Exit::Done)
}

fn lines(source: &Source, table: Table, format: Format, out: &mut dyn Write) -> io::Result<()> {
    if table == Table::Figures {
        return crate::export::figures(&source.tally, &source.forms, format, source.lang, out);
    }
    crate::export::export(&source.account, &source.forms, table, format, source.lang, out)
}

/// The table asked for, if the format can hold it.
fn table(console: &Console, args: &ExportArgs) -> Result<Table, Failure> {
    use RowFormat as F;
    use TableName as T;
    let table = match (args.format, args.table) {
        (F::Xlsx, None) | (F::Sav | F::Parquet | F::Schema, None | Some(T::Wide)) => Table::Wide,
        (F::Parquet | F::Schema, Some(T::Long)) => Table::Long,
        (F::Schema, Some(T::Figures)) => Table::Figures,
        (F::Jsonl | F::Csv | F::ExcelCsv, Some(table)) => named(table),
        (F::Jsonl | F::Csv | F::ExcelCsv, None) => {
            return Err(Failure::usage(console.lang.say(
                "--table で表を指定してください（pages、responses、wide、long、figures、codebook）",
                "name a table with --table (pages, responses, wide, long, figures, codebook)",
            )));
        }
        (F::Xlsx | F::Sav | F::Parquet | F::Schema, Some(_)) => {
            return Err(Failure::usage(console.lang.say(
                "この形式ではその表を書き出せません。xlsx は --table なし、sav は wide、parquet は wide か long、\
                 schema は wide・long・figures です",
                "this format cannot hold that table: xlsx takes none, sav wide, parquet wide or long, \
                 schema wide, long or figures",
            )));
        }
    };
    Ok(table)
}

fn named(table: TableName) -> Table {
    match table {
        TableName::Pages => Table::Pages,
        TableName::Responses => Table::Responses,
        TableName::Wide => Table::Wide,
        TableName::Long => Table::Long,
        TableName::Figures => Table::Figures,
        TableName::Codebook => Table::Codebook,
    }
}
