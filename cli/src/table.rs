//! Tables, by the width of cells on a terminal.

use comfy_table::{CellAlignment, Table, presets};

use serde::Serialize;

use crate::{
    error::CliError,
    terminal::{HEADING, Terminal, paint},
};

/// A column's texts are at its right edge if they are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// An entry of a list: an object of JSON for a program, a row for people.
pub(crate) trait Record<const COLUMNS: usize>: Serialize {
    /// The headings of the columns, and to which side the texts below are aligned.
    const COLUMNS: [(&'static str, Align); COLUMNS];

    /// The texts of the columns. An empty one says that there is nothing.
    fn cells(&self) -> [String; COLUMNS];
}

/// Formats rows of equally many columns as lines: two spaces between the columns, nothing at the end.
pub(crate) fn table<const COLUMNS: usize>(
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
    align: [Align; COLUMNS],
) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).add_rows(rows);
    for (column, align) in table.column_iter_mut().zip(align) {
        column.set_padding((0, 2));
        column.set_cell_alignment(match align {
            Align::Left => CellAlignment::Left,
            Align::Right => CellAlignment::Right,
        });
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Prints records: a line of JSON for each, or a table, whose heading only the first page has.
pub(crate) fn print_records<const COLUMNS: usize, R: Record<COLUMNS>>(
    terminal: &mut Terminal,
    records: &[R],
    has_heading: bool,
) -> Result<(), CliError> {
    if terminal.is_json {
        return records.iter().try_for_each(|record| terminal.answer(record, |_| Ok(())));
    }
    let headings = R::COLUMNS.map(|(heading, _)| heading.to_owned());
    let rows = std::iter::once(headings).chain(records.iter().map(Record::cells));
    let lines = table(rows, R::COLUMNS.map(|(_, align)| align));
    for (line, is_heading) in lines.iter().zip(std::iter::once(true).chain(std::iter::repeat(false))) {
        match is_heading {
            true if has_heading => terminal.line(paint(HEADING, line))?,
            true => {}
            false => terminal.line(line)?,
        }
    }
    Ok(())
}

/// Prints one record: a line of JSON, or a line for each of its texts.
pub(crate) fn print_record<const COLUMNS: usize, R: Record<COLUMNS>>(
    terminal: &mut Terminal,
    record: &R,
) -> Result<(), CliError> {
    terminal.answer(record, |out| {
        let width = R::COLUMNS.iter().map(|(heading, _)| heading.len()).max().unwrap_or(0);
        let shown = R::COLUMNS.iter().zip(record.cells()).filter(|(_, text)| !text.is_empty());
        for ((heading, _), text) in shown {
            out.line(format_args!("{}  {text}", paint(HEADING, format_args!("{heading:<width$}"))))?;
        }
        Ok(())
    })
}
