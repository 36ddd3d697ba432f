//! One row as a picture: median, interval and tail of each kind on a common logarithmic line.

use std::fmt::{self, Write as _};

use crate::compare::aspects::amount;
use crate::compare::stats::Figure;
use crate::compare::{KINDS, Row, Unit};

/// Of the picture, pixels.
const WIDTH: f64 = 560.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 25.0;
const LINE: usize = 22;

/// Colours that can be told apart without seeing red and green.
const COLOURS: [&str; 3] = ["#0072b2", "#d55e00", "#009e73"];

/// Where values are, from left to right.
struct Scale {
    /// The first power of ten.
    from: u32,
    /// The last.
    to: u32,
}

/// Its SVG.
pub(super) fn plot(row: &Row) -> String {
    let figures = row.figures();
    let scale = Scale::of(row);
    let height = (KINDS.len() + 1) * LINE;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\">"
    );
    scale.grid(row.unit, &mut svg);
    for (number, ((kind, figure), colour)) in KINDS.iter().zip(figures).zip(COLOURS).enumerate() {
        let y = number * LINE + LINE / 2;
        add(&mut svg, format_args!("<text x=\"0\" y=\"{}\">{kind}</text>", y + 4));
        if let Some(figure) = figure {
            scale.figure(figure, row.unit, (y, colour), &mut svg);
        }
    }
    svg.push_str("</svg>");
    svg
}

/// Adds to a text, which takes everything.
fn add(svg: &mut String, more: fmt::Arguments<'_>) {
    svg.write_fmt(more).unwrap_or_default();
}

impl Scale {
    /// Powers of ten with all of a row between them.
    fn of(row: &Row) -> Self {
        let there = || row.figures().into_iter().flatten();
        let least = there().map(|figure| figure.low.unwrap_or(figure.median)).min();
        let most = there().map(|figure| {
            let tail = figure.p99.or(figure.high).unwrap_or(figure.max);
            tail.max(figure.median)
        });
        let from = least.unwrap_or(1).max(1).ilog10();
        Self { from, to: most.max().unwrap_or(1).max(1).ilog10() + 1 }
    }

    /// Where a value is, pixels.
    fn place(&self, value: u64) -> f64 {
        let decades = f64::from((self.to - self.from).max(1));
        LEFT + (log(value) - f64::from(self.from)) / decades * (WIDTH - LEFT - RIGHT)
    }

    fn grid(&self, unit: Unit, svg: &mut String) {
        let bottom = KINDS.len() * LINE;
        for value in (self.from..=self.to).filter_map(|decade| 10_u64.checked_pow(decade)) {
            let (x, text) = (self.place(value), amount(unit, value));
            add(
                svg,
                format_args!(
                    "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{bottom}\" class=\"grid\"/>\
                     <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\" class=\"tick\">{text}</text>",
                    bottom + 15
                ),
            );
        }
    }

    fn figure(&self, figure: &Figure, unit: Unit, (y, colour): (usize, &str), svg: &mut String) {
        if let Some((low, high)) = figure.low.zip(figure.high) {
            let (from, to) = (self.place(low), self.place(high));
            add(
                svg,
                format_args!(
                    "<line x1=\"{from:.1}\" x2=\"{:.1}\" y1=\"{y}\" y2=\"{y}\" stroke=\"{colour}\" \
                     stroke-width=\"7\" stroke-opacity=\"0.4\"/>",
                    to.max(from + 1.0)
                ),
            );
        }
        if figure.median == 0 {
            // A logarithmic line has no place for it.
            add(
                svg,
                format_args!(
                    "<circle cx=\"{LEFT}\" cy=\"{y}\" r=\"4\" fill=\"none\" stroke=\"{colour}\" \
                     stroke-width=\"2\"/><text x=\"{:.1}\" y=\"{}\" class=\"tick\">0</text>",
                    LEFT + 9.0,
                    y + 4
                ),
            );
            return;
        }
        add(
            svg,
            format_args!(
                "<circle cx=\"{:.1}\" cy=\"{y}\" r=\"4\" fill=\"{colour}\"><title>median {}, {} \
                 samples</title></circle>",
                self.place(figure.median),
                amount(unit, figure.median),
                figure.count
            ),
        );
        let Some(tail) = figure.p99 else { return };
        let (x, text) = (self.place(tail), amount(unit, tail));
        add(
            svg,
            format_args!(
                "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{}\" y2=\"{}\" stroke=\"{colour}\" \
                 stroke-width=\"2\"><title>p99 {text}</title></line>",
                y - 6,
                y + 6
            ),
        );
    }
}

/// The decimal logarithm, of one for zero.
fn log(value: u64) -> f64 {
    // Six figures are more than a picture shows.
    let shift = value.max(1).ilog2().saturating_sub(31);
    let figures = u32::try_from(value.max(1) >> shift).unwrap_or(u32::MAX);
    f64::from(figures).log10() + f64::from(shift) * 2_f64.log10()
}

#[cfg(test)]
mod tests {
    use crate::compare::Unit;
    use crate::compare::stats::Figure;

    use super::{Scale, log};

    #[test]
    fn nothing_is_drawn_as_nothing() {
        let figure = Figure { median: 0, ..Figure::of(vec![0, 0]).unwrap() };
        let mut svg = String::new();
        Scale { from: 0, to: 3 }.figure(&figure, Unit::Count, (11, "red"), &mut svg);
        assert!(svg.contains(">0</text>") && svg.contains("fill=\"none\""), "{svg}");
    }

    #[test]
    fn logarithms_are_good_enough_for_a_picture() {
        for (value, expected) in [(0, 0.0), (1, 0.0), (1000, 3.0), (10_u64.pow(18), 18.0)] {
            assert!((log(value) - expected).abs() < 1e-6, "{value}");
        }
    }
}
