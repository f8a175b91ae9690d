//! `export`: one snapshot of a survey in the form that another program opens.

#[cfg(any(feature = "xlsx", feature = "parquet"))]
use std::fs::File;
use std::io::{self, Write};
#[cfg(any(feature = "xlsx", feature = "parquet"))]
use std::io::{BufWriter, Seek, SeekFrom};
use std::path::Path;

use super::args::{ExportArgs, RowFormat, TableName};
use super::console::{Console, write_out};
use super::exit::{Exit, Failure};
use super::findings::Source;
use crate::account::Rows;
#[cfg(feature = "parquet")]
use crate::export::parquet as tables;
use crate::export::variables::Variables;
use crate::export::{Format, Table, sav, schema};
use crate::lang::Lang;
#[cfg(feature = "xlsx")]
use crate::report::xlsx;

pub fn export(console: &Console, args: &ExportArgs) -> Result<Exit, Failure> {
    let table = table(console, args)?;
    let source = Source::open(console, &args.survey, &args.findings)?;
    let output = args.output.as_deref();
    write_out(console, output, |out| match args.format {
        RowFormat::Jsonl => lines(&source, table, Format::Jsonl, out),
        RowFormat::Csv => lines(&source, table, Format::Csv, out),
        RowFormat::ExcelCsv => lines(&source, table, Format::ExcelCsv, out),
        RowFormat::Schema => match schema(&source.forms, table, source.lang) {
            Some(schema) => writeln!(out, "{schema:#}"),
            None => Ok(()),
        },
        RowFormat::Xlsx => {
            workbook(console, (&source, &Variables::new(&source.forms)), output, out)
        }
        RowFormat::Sav => spss(console, &source, out),
        RowFormat::Parquet => parquet(&source, table, output, out),
    })?;
    Ok(Exit::Done)
}

fn lines(source: &Source, table: Table, format: Format, out: &mut dyn Write) -> io::Result<()> {
    if table == Table::Figures {
        return crate::export::figures(&source.tally, &source.forms, format, source.lang, out);
    }
    crate::export::export(&source.rows, &source.forms, table, format, source.lang, out)
}

/// The workbook, and what it could not hold.
#[cfg(feature = "xlsx")]
pub fn workbook(
    console: &Console,
    (source, variables): (&Source, &Variables),
    output: Option<&Path>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut short = xlsx::Shortened::default();
    through_file(output, out, |file, scratch| {
        let responses = source.rows.counted();
        short =
            xlsx::write(&source.findings(), variables, responses, scratch, BufWriter::new(file))
                .map_err(io::Error::other)?;
        Ok(())
    })?;
    if short.texts > 0 || short.rows > 0 {
        console.warn(&match source.lang {
            Lang::Ja => format!(
                "Excel の上限を超えたため、文章 {} 件を 32,767 字で切り、回答 {} 件をシートに載せていません。全体は CSV にあります",
                short.texts, short.rows
            ),
            Lang::En => format!(
                "Excel's limits: {} texts cut at 32,767 characters, {} responses left off the sheet; the \
                 CSV has all",
                short.texts, short.rows
            ),
        });
    }
    Ok(())
}

#[cfg(feature = "parquet")]
fn parquet(
    source: &Source,
    table: Table,
    output: Option<&Path>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let variables = Variables::new(&source.forms);
    let responses = source.rows.counted();
    through_file(output, out, |file, _| {
        let mut file = BufWriter::new(file);
        let done = if table == Table::Long {
            tables::long(&variables, &source.forms, responses, source.lang, &mut file)
        } else {
            tables::wide(&variables, responses, &mut file)
        };
        done.map_err(io::Error::other)?;
        file.flush()
    })
}

/// For formats that go back in what they have written: a temporary file beside the output.
#[cfg(any(feature = "xlsx", feature = "parquet"))]
fn through_file(
    output: Option<&Path>,
    out: &mut dyn Write,
    body: impl FnOnce(&mut File, &Path) -> io::Result<()>,
) -> io::Result<()> {
    let beside = output.and_then(Path::parent).filter(|p| p.is_dir());
    let scratch = beside.map_or_else(std::env::temp_dir, Path::to_path_buf);
    let mut file = tempfile::tempfile_in(&scratch)?;
    body(&mut file, &scratch)?;
    file.seek(SeekFrom::Start(0))?;
    io::copy(&mut file, out).map(drop)
}

#[cfg(not(feature = "xlsx"))]
fn workbook(
    _: &Console,
    _: (&Source, &Variables),
    _: Option<&Path>,
    _: &mut dyn Write,
) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "built without the feature xlsx"))
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: &Source, _: Table, _: Option<&Path>, _: &mut dyn Write) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "built without the feature parquet"))
}

fn spss(console: &Console, source: &Source, out: &mut dyn Write) -> io::Result<()> {
    let variables = Variables::new(&source.forms);
    let responses = || source.rows.counted();
    let cut = sav::write(&source.tally, &variables, responses, source.lang, out)?;
    if cut > 0 {
        console.warn(&match source.lang {
            Lang::Ja => {
                format!("SPSS の上限を超えたため、文章 {cut} 件を 32,767 バイトで切りました")
            }
            Lang::En => format!("SPSS's limit: {cut} texts cut at 32,767 bytes"),
        });
    }
    Ok(())
}

/// The table asked for, if the format can hold it.
fn table(console: &Console, args: &ExportArgs) -> Result<Table, Failure> {
    use RowFormat as F;
    use TableName as T;
    let f = &args.findings;
    let beside = !f.cross.is_empty() || !f.by.is_empty() || f.earlier.is_some();
    if beside && args.format != F::Xlsx {
        return Err(Failure::usage(console.lang.say(
            "--cross・--by・--earlier は --format xlsx（または report）で使えます",
            "--cross, --by and --earlier go with --format xlsx (or with report)",
        )));
    }
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
