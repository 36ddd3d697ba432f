//! The comparison as a page of its own: no script, nothing from elsewhere.

use std::io::{self, Write};

use super::plot::plot;
use super::{cells, holds, machine_lines, name, traced, verdict};
use crate::compare::{Aspect, Comparison, Source};

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;max-width:72em;margin:2em auto;\
    padding:0 1em;color:#222;background:#fff}table{border-collapse:collapse;margin:.6em 0}\
    td,th{text-align:left;padding:.15em .9em .15em 0;vertical-align:top;\
    border-bottom:1px solid #ddd}th{font-weight:600}svg{display:block;margin:.3em 0 1em;\
    font:11px system-ui,sans-serif}.grid{stroke:#ddd}.tick{fill:#777}.no{color:#b00;\
    font-weight:600}code{background:#f2f2f2;padding:0 .25em}h2{margin-top:1.8em;\
    border-bottom:2px solid #222}p.about{color:#555}\
    @media(prefers-color-scheme:dark){body{background:#16181c;color:#ddd}td,th{border-color:#333}\
    svg text{fill:#bbb}.grid{stroke:#333}code{background:#24272c}h2{border-color:#888}\
    p.about{color:#999}.no{color:#f77}}";

/// Writes it.
///
/// # Errors
/// Those of the writer.
pub fn html(out: &mut dyn Write, found: &Comparison) -> io::Result<()> {
    write!(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>Process, thread, user-level thread</title><style>{STYLE}</style></head><body>\
         <h1>Process, thread, user-level thread</h1><table>"
    )?;
    for (name, value) in machine_lines(&found.machine) {
        write!(out, "<tr><th>{name}</th><td>{}</td></tr>", escaped(&value))?;
    }
    let lost: u64 = found.recordings.iter().map(|row| row.lost).sum();
    let events: u64 = found.recordings.iter().map(|row| row.events).sum();
    write!(
        out,
        "<tr><th>trace</th><td>{} recordings, {events} events, {lost} lost</td></tr>",
        found.recordings.len()
    )?;
    for warning in &found.warnings {
        write!(out, "<tr><th>warning</th><td class=\"no\">{}</td></tr>", escaped(warning))?;
    }
    for left_out in &found.left_out {
        write!(out, "<tr><th>left out</th><td>{}</td></tr>", escaped(left_out))?;
    }
    write!(
        out,
        "</table><p>Points are medians, bars the interval that has the median at {} %, upright \
         lines the 99th percentile. The lines are logarithmic.</p>",
        found.confidence_percent
    )?;
    for aspect in &found.aspects {
        section(out, aspect)?;
    }
    writeln!(out, "</body></html>")
}

fn section(out: &mut dyn Write, aspect: &Aspect) -> io::Result<()> {
    let title = aspect.aspect.replace('_', "-");
    write!(out, "<h2 id=\"{title}\">{title}</h2><p class=\"about\">{}</p>", escaped(aspect.about))?;
    let heads = "<th>process</th><th>thread</th><th>user-level thread</th>";
    if !aspect.facts.is_empty() {
        write!(out, "<table><tr><th></th>{heads}</tr>")?;
        for fact in &aspect.facts {
            let cells = [&fact.what, &fact.process, &fact.thread, &fact.uthread];
            let cells = cells.map(|cell| escaped(cell)).join("</td><td>");
            write!(out, "<tr><td>{cells}</td></tr>")?;
        }
        write!(out, "</table>")?;
    }
    for row in &aspect.rows {
        let from = match row.source {
            Source::Bare => "without a trace",
            Source::Traced => "traced",
            Source::Trace => "by the kernel's events",
        };
        let verdicts: Vec<String> = row.pairs.iter().map(verdict).collect();
        let [process, thread, uthread] = cells(row);
        let traced = traced(row).map_or_else(String::new, |medians| {
            format!(
                "<tr><td>{}</td><td colspan=2>medians while traced</td></tr>",
                medians.join("</td><td>")
            )
        });
        write!(
            out,
            "<h3>{}</h3><table><tr>{heads}<th>difference</th><th>from</th></tr><tr><td>{process}\
             </td><td>{thread}</td><td>{uthread}</td><td>{}</td><td>{from}</td></tr>{traced}</table>{}",
            escaped(&name(row)),
            escaped(&verdicts.join(", ")),
            plot(row)
        )?;
    }
    if !aspect.claims.is_empty() {
        write!(out, "<table><tr><th>claim</th><th>here</th><th>figures</th></tr>")?;
        for claim in &aspect.claims {
            let class = if holds(claim.holds) == "DOES NOT HOLD" { "no" } else { "" };
            write!(
                out,
                "<tr><td>{}</td><td class=\"{class}\">{}</td><td>{}</td></tr>",
                escaped(&claim.claim),
                holds(claim.holds),
                escaped(&claim.evidence)
            )?;
        }
        write!(out, "</table>")?;
    }
    let see: Vec<String> =
        aspect.see.iter().map(|line| format!("<code>{}</code>", escaped(line))).collect();
    write!(out, "<p>See it: {}</p>", see.join(" "))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
