//! The help page.

use super::bars::Piece;
use super::columns::Column;

const KEYS: &str = "\
 q ^C    quit                             up down PgUp PgDn Home End j k   move
 space   hold the screen, and go on       Enter   details of the task; Esc back
 s       sort by a column, by its name    < >     by the next one, left or right
 r       turn the order around            P D V M W G   by run, delay, vol, mig, wakes, sig
 /       filter: a part of a name, a number, tid:N, pid:N, comm:NAME, several with commas
 t       tree of processes and threads    i       without tasks that only slept
 + -     longer or shorter interval       d       interval, by its length: 2s, 500ms
 ^Z      stop; records are lost then      h ?     this page";

/// Its lines.
pub fn lines() -> Vec<String> {
    let mut lines: Vec<String> = KEYS.lines().map(str::to_owned).collect();
    lines.push(String::new());
    lines.push(
        " Each line is one task's interval: the shares from RUN% to GONE% add up to 100.".into(),
    );
    for column in Column::ALL {
        let (heading, name, meaning) = (column.heading(), column.name(), column.meaning());
        lines.push(format!(" {heading:<6} {name:<9} {meaning}"));
    }
    let letters = Piece::ALL.map(|piece| format!("{} {piece:?}", piece.letter()));
    lines.push(String::new());
    lines.push(format!(" CPU bars: {}", letters.join("  ").to_lowercase()));
    lines
}
