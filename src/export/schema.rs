//! Table Schema (<https://specs.frictionlessdata.io/table-schema/>, version 1) of the exported tables:
//! a data dictionary that programs read.

use serde_json::{Value, json};

use super::variables::{Of, Standing, Variable, Variables};
use super::{Table, codebook, figures, long};
use crate::form::Form;
use crate::lang::Lang;

/// The schema of a table; `None` for the tables whose keys are the contract's.
pub fn schema(forms: &[Form], table: Table, lang: Lang) -> Option<Value> {
    let fields: Vec<Value> = match table {
        Table::Wide => Variables::new(forms).columns.iter().map(|v| of_variable(v, lang)).collect(),
        Table::Long => long::COLUMNS.iter().map(|name| of_long(name)).collect(),
        Table::Figures => figures::COLUMNS.iter().map(|name| of_figures(name)).collect(),
        Table::Pages | Table::Responses | Table::Codebook => return None,
    };
    let mut schema = json!({
        "$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json",
        "fields": fields,
        "missingValues": [""],
    });
    match table {
        Table::Wide => schema["primaryKey"] = json!(["response"]),
        Table::Figures => schema["primaryKey"] = json!(["question", "row"]),
        _ => {}
    }
    Some(schema)
}

fn of_variable(v: &Variable, lang: Lang) -> Value {
    let title = codebook::label(v, lang);
    let mut field = json!({"name": v.name, "title": title, "type": "string"});
    match &v.of {
        Of::Response => field["constraints"] = json!({"required": true, "unique": true}),
        Of::Page => field["type"] = json!("integer"),
        Of::Arrived => field["type"] = json!("date"),
        Of::One(_, options) => {
            let ids: Vec<&str> = options.iter().map(|o| o.id.as_str()).collect();
            let labels: Vec<Value> = options
                .iter()
                .map(|o| json!({"value": o.id, "label": lang.pick(&o.label)}))
                .collect();
            field["constraints"] = json!({"enum": ids});
            field["categories"] = json!(labels);
        }
        Of::Chosen(..) => {
            field["type"] = json!("boolean");
            field["trueValues"] = json!(["1"]);
            field["falseValues"] = json!(["0"]);
        }
        Of::Number(q) => {
            field["type"] = json!("integer");
            field["constraints"] = json!({"minimum": q.range.map_or(0, |[least, _]| least.max(0))});
        }
        Of::Standing(_) => {
            let words = Standing::ALL.map(Standing::word);
            let labels: Vec<Value> = Standing::ALL
                .iter()
                .map(|s| json!({"value": s.word(), "label": codebook::standing(*s, lang)}))
                .collect();
            field["constraints"] = json!({"required": true, "enum": words});
            field["categories"] = json!(labels);
        }
        Of::File | Of::Form | Of::Batch | Of::Association | Of::Text(_) => {}
    }
    field
}

fn of_long(name: &str) -> Value {
    let kind = match name {
        "arrived" => "date",
        "confidence" => "number",
        _ => "string",
    };
    let mut field = json!({"name": name, "type": kind});
    match name {
        "response" | "question" => field["constraints"] = json!({"required": true}),
        "standing" => {
            field["constraints"] =
                json!({"required": true, "enum": ["answered", "blank", "pending", "unsettled"]});
        }
        "source" => field["constraints"] = json!({"enum": ["machine", "person"]}),
        "confidence" => field["constraints"] = json!({"minimum": 0, "maximum": 1}),
        _ => {}
    }
    field
}

fn of_figures(name: &str) -> Value {
    let kind = match name {
        "count" | "base" | "pending" => "integer",
        "percent" => "number",
        _ => "string",
    };
    json!({"name": name, "type": kind})
}
