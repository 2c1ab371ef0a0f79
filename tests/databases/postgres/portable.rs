//! The portable profile: what the SQL of the store may not use, so that engines which speak PostgreSQL's
//! protocol can take it. See `docs/engines.md`.

use std::{collections::BTreeMap, fs, path::Path};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/store/postgres");

/// Words that engines lack, or that need a session, a single node or a lock that outlives a statement.
const FORBIDDEN: &[&str] = &[
    "SERIAL",
    "BIGSERIAL",
    "SEQUENCE",
    "NEXTVAL",
    "IDENTITY",
    "GENERATED",
    "GEN_RANDOM_UUID",
    "REFERENCES",
    "FOREIGN",
    "TRIGGER",
    "FUNCTION",
    "PROCEDURE",
    "DO $$",
    "PG_ADVISORY",
    "ADVISORY",
    "LISTEN",
    "NOTIFY",
    "FOR UPDATE",
    "FOR SHARE",
    "FOR KEY",
    "FOR NO KEY",
    "SKIP LOCKED",
    "LOCK TABLE",
    "TEMP",
    "TEMPORARY",
    "UNLOGGED",
    "TRUNCATE",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT",
    "SET LOCAL",
    "SET SESSION",
    "SEARCH_PATH",
    "DEFERRABLE",
    "EXCLUDE",
    "USING GIN",
    "USING GIST",
    "USING HASH",
    "TABLESPACE",
    "INHERITS",
    "CTID",
    "XMIN",
    "OID",
    "MERGE",
    "LATERAL",
    "ON CONFLICT DO",
    "ON CONSTRAINT",
    "DISTINCT ON",
    "COPY",
    "NOW()",
    "CURRENT_DATE",
    "ENUM",
    "DOMAIN",
    "JSONB",
    "FILTER",
];

/// Every SQL text of the store: the migrations, and the string literals of the code that are SQL.
fn statements() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        let (name, text) = (path.display().to_string(), fs::read_to_string(&path).unwrap());
        if Path::new(&name).extension().is_some_and(|extension| extension == "sql") {
            let plain: Vec<&str> = text.lines().filter(|line| !line.starts_with("--")).collect();
            let plain = plain.join("\n");
            found.extend(plain.split(';').map(|sql| (name.clone(), sql.trim().to_owned())));
            continue;
        }
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        // Pieces that `concat!` joins belong to one statement.
        let code = code.join("\n").replace("\",\n            $account,\n            \"", " ACCOUNT ");
        let literals = code.split('"').skip(1).step_by(2).map(str::to_owned);
        let sql = literals.filter(|text| {
            ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "CREATE", ", taken", ", changed"]
                .iter()
                .any(|start| text.trim_start().starts_with(start))
        });
        found.extend(sql.map(|sql| (name.clone(), sql)));
    }
    found.retain(|(_, sql)| !sql.is_empty());
    assert!(found.len() >= 30, "only {} statements were found: the scan is broken", found.len());
    found
}

/// `text` in capitals, with single spaces.
fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}

#[test]
fn the_sql_keeps_to_the_portable_profile() {
    for (file, sql) in statements() {
        let normal = normal(&sql);
        for word in FORBIDDEN {
            let in_word = |c: char| c.is_alphanumeric() || c == '_';
            let is_word = normal.match_indices(word).any(|(at, _)| {
                !normal[..at].ends_with(in_word) && !normal[at + word.len()..].starts_with(in_word)
            });
            assert!(!is_word, "{file}: {word} is outside of the portable profile: {sql}");
        }
        assert!(
            !(normal.starts_with("CREATE INDEX") && normal.contains(" WHERE ")),
            "{file}: partial index: {sql}"
        );
    }
}

#[test]
fn conflict_targets_are_primary_keys_and_a_statement_writes_each_table_once() {
    let all = statements();
    let mut keys = BTreeMap::new();
    for (_, sql) in &all {
        let normal = normal(sql);
        let Some(table) = normal.strip_prefix("CREATE TABLE SSO.") else { continue };
        let name = table.split([' ', '(']).next().unwrap().to_owned();
        let key = match table.split_once("PRIMARY KEY (") {
            Some((_, key)) => key.split(')').next().unwrap().to_owned(),
            None => {
                let before = table.split("PRIMARY KEY").next().unwrap();
                let column = before.rsplit(['(', ',']).next().unwrap();
                column.split_whitespace().next().unwrap().to_owned()
            }
        };
        keys.insert(name, key);
    }
    assert_eq!(keys.len(), 10, "{keys:?}");
    let (mut targets, mut writes) = (0, 0);
    for (file, sql) in &all {
        let normal = normal(sql);
        if normal.starts_with("CREATE") {
            continue;
        }
        let mut written = Vec::new();
        for verb in ["INSERT INTO SSO.", "UPDATE SSO.", "DELETE FROM SSO."] {
            for (at, _) in normal.match_indices(verb) {
                let rest = &normal[at + verb.len()..];
                let table = rest.split([' ', '(']).next().unwrap();
                assert!(
                    !written.contains(&table),
                    "{file}: {table} is written twice in one statement: {sql}"
                );
                written.push(table);
                writes += 1;
                let end = ["INSERT INTO SSO.", "UPDATE SSO.", "DELETE FROM SSO."]
                    .iter()
                    .filter_map(|verb| rest.find(verb))
                    .min()
                    .unwrap_or(rest.len());
                if let Some((_, target)) = rest[..end].split_once("ON CONFLICT (") {
                    let target = target.split(')').next().unwrap();
                    assert_eq!(target, keys[table], "{file}: not the primary key of {table}: {sql}");
                    targets += 1;
                }
            }
        }
    }
    assert!(targets >= 10 && writes >= 18, "{targets} targets, {writes} writes: the scan is broken");
}
