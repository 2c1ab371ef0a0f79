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
    "INDEX",
    "UNIQUE",
    "CONSTRAINT",
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
    "DISTINCT ON",
    "COPY",
    "NOW()",
    "CURRENT_DATE",
    "ENUM",
    "DOMAIN",
    "JSONB",
    "FILTER",
];

/// What a statement may begin with, in the code and in the migrations.
const OF_CODE: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
const OF_MIGRATIONS: &[&str] = &["CREATE TABLE", "ALTER TABLE", "DROP TABLE", "INSERT", "UPDATE", "DELETE"];

/// Everything else that a statement can begin with, by PostgreSQL's list of commands.
const OTHER_COMMANDS: &[&str] = &[
    "ABORT",
    "ALTER",
    "ANALYZE",
    "BEGIN",
    "CALL",
    "CHECKPOINT",
    "CLOSE",
    "CLUSTER",
    "COMMENT",
    "COMMIT",
    "COPY",
    "CREATE",
    "DEALLOCATE",
    "DECLARE",
    "DISCARD",
    "DO",
    "DROP",
    "END",
    "EXECUTE",
    "EXPLAIN",
    "FETCH",
    "GRANT",
    "IMPORT",
    "LISTEN",
    "LOAD",
    "LOCK",
    "MERGE",
    "MOVE",
    "NOTIFY",
    "PREPARE",
    "REASSIGN",
    "REFRESH",
    "REINDEX",
    "RELEASE",
    "RESET",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SECURITY",
    "SET",
    "SHOW",
    "START",
    "TABLE",
    "TRUNCATE",
    "UNLISTEN",
    "VACUUM",
    "VALUES",
];

/// What only migrations need: their schema, their transaction, and within it a time limit of their own.
const FOR_MIGRATIONS: &[&str] = &[
    "CREATE SCHEMA {schema}",
    "SET LOCAL statement_timeout = {limit};\\n{}",
    "BEGIN; SET LOCAL statement_timeout = {limit}",
    "COMMIT",
    "ROLLBACK",
];

/// A statement, or a piece of one, and the file that it is in.
pub(super) struct Statement {
    pub(super) file: String,
    pub(super) sql: String,
    is_of_migration: bool,
}

/// The string literals of Rust code.
fn literals(code: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), code);
    while let Some(at) = rest.find(['"', '/', '\'']) {
        rest = &rest[at..];
        if let Some(text) = rest.strip_prefix('"') {
            let mut is_escaped = false;
            let end = text.find(|c| {
                let is_end = c == '"' && !is_escaped;
                is_escaped = c == '\\' && !is_escaped;
                is_end
            });
            let end = end.expect("a literal ends");
            found.push(text[..end].to_owned());
            rest = &text[end + 1..];
        } else if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else {
            rest = rest.strip_prefix("'\"'").unwrap_or(&rest[1..]);
        }
    }
    found
}

/// Every SQL text of the store: the migrations, and each string literal of the code that is SQL, whatever
/// command it begins with.
pub(super) fn statements() -> Vec<Statement> {
    let mut found = Vec::new();
    let (mut exceptions, mut not_found) = (0, FOR_MIGRATIONS.to_vec());
    for entry in fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        let (file, text) = (path.display().to_string(), fs::read_to_string(&path).unwrap());
        if Path::new(&file).extension().is_some_and(|extension| extension == "sql") {
            let plain: Vec<&str> = text.lines().filter(|line| !line.starts_with("--")).collect();
            let plain = plain.join("\n");
            found.extend(plain.split(';').map(|sql| Statement {
                file: file.clone(),
                sql: sql.trim().to_owned(),
                is_of_migration: true,
            }));
            continue;
        }
        // Pieces that `concat!` joins belong to one statement.
        let code = text.replace("\",\n            $account,\n            \"", " ACCOUNT ");
        for literal in literals(&code) {
            if FOR_MIGRATIONS.contains(&&*literal) {
                exceptions += 1;
                not_found.retain(|text| *text != literal);
                continue;
            }
            let normal = normal(&literal);
            let is_piece = normal.starts_with(", ");
            let first =
                normal.trim_start_matches([',', ' ', '(']).split([' ', ';']).next().unwrap_or_default();
            if is_piece || OF_CODE.contains(&first) || OTHER_COMMANDS.contains(&first) {
                let pieces = literal.split(';').map(str::trim).map(str::to_owned);
                found.extend(pieces.map(|sql| Statement { file: file.clone(), sql, is_of_migration: false }));
            }
        }
    }
    found.retain(|statement| !statement.sql.is_empty());
    assert!(found.len() >= 60, "only {} statements were found: the scan is broken", found.len());
    assert!(not_found.is_empty() && exceptions == FOR_MIGRATIONS.len(), "{exceptions}, not {not_found:?}");
    found
}

/// `text` in capitals, with single spaces.
fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}

#[test]
fn the_sql_keeps_to_the_portable_profile() {
    for Statement { file, sql, is_of_migration } in statements() {
        let normal = normal(&sql);
        let may_begin = if is_of_migration { OF_MIGRATIONS } else { OF_CODE };
        let begins = may_begin.iter().any(|command| normal.starts_with(&format!("{command} ")));
        assert!(begins || normal.starts_with(", "), "{file}: not a command that the store has: {sql}");
        for word in FORBIDDEN {
            let in_word = |c: char| c.is_alphanumeric() || c == '_';
            let is_word = normal.match_indices(word).any(|(at, _)| {
                !normal[..at].ends_with(in_word) && !normal[at + word.len()..].starts_with(in_word)
            });
            assert!(!is_word, "{file}: {word} is outside of the portable profile: {sql}");
        }
    }
}

/// The columns of a table's primary key, and the types of all its columns.
fn key_and_types(table: &str) -> (Vec<String>, BTreeMap<String, String>) {
    let (_, columns) = table.split_once('(').unwrap();
    let (mut key, mut types) = (Vec::new(), BTreeMap::new());
    for line in columns.lines().map(normal) {
        let words: Vec<&str> = line.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        if let Some(listed) = line.strip_prefix("PRIMARY KEY (") {
            let listed = listed.split(')').next().unwrap();
            key.extend(listed.split(", ").map(str::to_owned));
        } else if let [name, kind, ..] = words[..] {
            types.insert(name.to_owned(), kind.to_owned());
            if line.contains("PRIMARY KEY") {
                key.push(name.to_owned());
            }
        }
    }
    (key, types)
}

/// Two texts that are equal to one collation are different to another.
#[test]
fn every_table_has_a_primary_key_without_a_text_in_it() {
    let mut tables = 0;
    for Statement { file, sql, .. } in statements() {
        let normal = normal(&sql);
        if !normal.starts_with("CREATE TABLE") {
            assert!(!normal.contains("PRIMARY KEY"), "{file}: a key of its own: {sql}");
            continue;
        }
        tables += 1;
        let (key, types) = key_and_types(&sql);
        assert!(!key.is_empty(), "{file}: no primary key: {sql}");
        for column in key {
            let kind = types[&column].as_str();
            assert!(["UUID", "BIGINT", "DATE"].contains(&kind), "{file}: {column} is a {kind}: {sql}");
        }
    }
    assert!(tables >= 13, "only {tables} tables: the scan is broken");
}

#[test]
fn conflict_targets_are_primary_keys_and_a_statement_writes_each_table_once() {
    let all = statements();
    let mut keys = BTreeMap::new();
    for Statement { sql, .. } in &all {
        let normal = normal(sql);
        let Some(table) = normal.strip_prefix("CREATE TABLE SSO.") else { continue };
        let name = table.split([' ', '(']).next().unwrap().to_owned();
        keys.insert(name, key_and_types(sql).0.join(", "));
    }
    assert_eq!(keys.len(), 10, "{keys:?}");
    let (mut targets, mut writes) = (0, 0);
    for Statement { file, sql, .. } in &all {
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
