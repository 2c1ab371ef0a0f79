//! What goes into a statement and comes out of a row.

use std::{error::Error, fmt};

use bytes::BytesMut;
use time::Date;
use tokio_postgres::{
    Row,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};

use super::error::Failure;
use crate::store::{
    error::{Cause, StoreError},
    name_hash::NameHash,
    sealing::{KeyId, Sealed},
};

/// A parameter of a statement. `Debug` shows nothing: tokio-postgres writes parameters to the log where it is
/// verbose.
pub(super) enum Value {
    Id(Option<[u8; 16]>),
    Ids(Vec<[u8; 16]>),
    Number(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Day(Date),
    Flag(bool),
}

impl Value {
    pub(super) fn id(id: &[u8; 16]) -> Self {
        Self::Id(Some(*id))
    }

    pub(super) const fn name(hash: Option<NameHash>) -> Self {
        Self::Id(hash)
    }

    pub(super) fn number(number: impl Into<i64>) -> Self {
        Self::Number(Some(number.into()))
    }

    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(Some(text.into()))
    }

    pub(super) fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Bytes(Some(bytes.into()))
    }

    pub(super) fn as_parameter(&self) -> &(dyn ToSql + Sync) {
        self
    }

    pub(super) const fn sql_type(&self) -> Type {
        match self {
            Self::Id(_) => Type::UUID,
            Self::Ids(_) => Type::UUID_ARRAY,
            Self::Number(_) => Type::INT8,
            Self::Text(_) => Type::TEXT,
            Self::Bytes(_) => Type::BYTEA,
            Self::Day(_) => Type::DATE,
            Self::Flag(_) => Type::BOOL,
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Id(id) => id.as_ref().map(<[u8; 16]>::as_slice).to_sql(&Type::BYTEA, out),
            Self::Ids(ids) => ids.iter().map(|id| Uuid(*id)).collect::<Vec<_>>().to_sql(of, out),
            Self::Number(number) => number.to_sql(of, out),
            Self::Text(text) => text.to_sql(of, out),
            Self::Bytes(bytes) => bytes.to_sql(of, out),
            Self::Day(day) => day.to_sql(of, out),
            Self::Flag(flag) => flag.to_sql(of, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true // checked against `sql_type`, which the statement was prepared with
    }

    to_sql_checked!();
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// The bytes of a UUID.
#[derive(Debug)]
struct Uuid([u8; 16]);

impl ToSql for Uuid {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.0.as_slice().to_sql(&Type::BYTEA, out)
    }

    fn accepts(of: &Type) -> bool {
        *of == Type::UUID
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Uuid {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw.try_into()?))
    }

    fn accepts(of: &Type) -> bool {
        *of == Type::UUID
    }
}

/// A column.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(unreadable)
}

/// An id, from any of the types that are made of 16 bytes.
pub(super) fn id<T>(row: &Row, column: usize, from: fn([u8; 16]) -> T) -> Result<T, StoreError> {
    get::<Uuid>(row, column).map(|id| from(id.0))
}

/// The same, which may be absent.
pub(super) fn optional_id<T>(
    row: &Row,
    column: usize,
    from: fn([u8; 16]) -> T,
) -> Result<Option<T>, StoreError> {
    get::<Option<Uuid>>(row, column).map(|id| id.map(|id| from(id.0)))
}

/// A number that is stored as a `bigint`, and less wide than that or never negative.
pub(super) fn number<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T, StoreError>
where
    T::Error: Error + Send + Sync + 'static,
{
    T::try_from(get(row, column)?).map_err(unreadable)
}

/// The same, which may be absent.
pub(super) fn optional_number<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<Option<T>, StoreError>
where
    T::Error: Error + Send + Sync + 'static,
{
    get::<Option<i64>>(row, column)?.map(T::try_from).transpose().map_err(unreadable)
}

/// The sealed value in two columns: the key's id and the bytes.
pub(super) fn sealed(row: &Row, column: usize) -> Result<Sealed, StoreError> {
    let key: &[u8] = get(row, column)?;
    let key = KeyId(key.try_into().map_err(unreadable)?);
    Ok(Sealed { key, bytes: get(row, column.saturating_add(1))? })
}

/// A column of another type or range than the schema's.
fn unreadable(_: impl Error) -> StoreError {
    StoreError::Corrupt(Cause::new(Failure::new("a column has another type or range than the schema's")))
}
