//! Columns that line up.

use std::io::{self, Write};

use super::Style;

/// On which side of its column a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Rows of texts under headings.
pub(super) struct Table<'a> {
    columns: Vec<(&'a str, Side)>,
    rows: Vec<Vec<String>>,
}

impl<'a> Table<'a> {
    pub(super) fn new(columns: &[(&'a str, Side)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub(super) fn row(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    /// Writes all rows, and says how many were left out of them.
    pub(super) fn write(
        &self,
        out: &mut dyn Write,
        style: Style,
        left_out: usize,
    ) -> io::Result<()> {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                let widths = self.rows.iter().filter_map(|row| row.get(column));
                let heading = self.columns[column].0.chars().count();
                widths.map(|text| text.chars().count()).max().unwrap_or(0).max(heading)
            })
            .collect();
        let headings: Vec<String> =
            self.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        writeln!(out, "{}", style.dim(&self.line(&headings, &widths)))?;
        for row in &self.rows {
            writeln!(out, "{}", self.line(row, &widths))?;
        }
        if left_out > 0 {
            writeln!(out, "  … {left_out} more, --top")?;
        }
        Ok(())
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((text, &width), (_, side)) in row.iter().zip(widths).zip(&self.columns) {
            let text = match side {
                Side::Left => format!("{text:<width$}"),
                Side::Right => format!("{text:>width$}"),
            };
            line.push_str("  ");
            line.push_str(&text);
        }
        line.trim_end().to_owned()
    }
}
