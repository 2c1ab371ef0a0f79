//! All that the tables hold, read past the store.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::database::Database;

/// A row of any table, by columns.
pub struct Row {
    pub table: String,
    pub columns: Map<String, Value>,
}

impl Row {
    /// Its texts and ids: what two rows can be joined by, and what can be read.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.columns.values().filter_map(Value::as_str)
    }

    pub fn is_of(&self, project: &str) -> bool {
        self.columns.get("project_id").and_then(Value::as_str) == Some(project)
    }
}

/// Every row of every table.
pub fn all(database: &Database) -> Vec<Row> {
    let tables = database.text("SELECT tablename FROM pg_tables WHERE schemaname = 'sso'");
    let mut rows = Vec::new();
    for table in tables.lines() {
        for line in database.text(&format!("SELECT to_jsonb(t) FROM sso_{table} t")).lines() {
            let columns = serde_json::from_str(line).unwrap();
            rows.push(Row { table: table.to_owned(), columns });
        }
    }
    assert!(!rows.is_empty(), "nothing was read");
    rows
}

/// Where a text is found in any of its forms: as it is, in either case, or its bytes in hexadecimal digits.
pub fn places(rows: &[Row], text: &str) -> BTreeSet<String> {
    let forms = [text.to_lowercase(), hex::encode(text), hex::encode(text.to_lowercase())];
    let has = |value: &str| {
        forms.iter().any(|form| value.to_lowercase().replace('-', "").contains(&form.replace('-', "")))
    };
    let mut found = BTreeSet::new();
    for row in rows {
        for (column, value) in &row.columns {
            if value.as_str().is_some_and(has) {
                found.insert(format!("{}.{column}", row.table));
            }
        }
    }
    found
}
