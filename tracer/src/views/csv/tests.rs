//! Tables of a small trace, read back.

use std::collections::BTreeMap;

use super::*;
use crate::model::Model;
use crate::model::summary::Only;
use crate::model::tests::busy::{END, busy};
use crate::stacks::Table as StackTable;

fn table(table: Table, summary: &Summary) -> (Vec<String>, Vec<Vec<String>>) {
    let mut out = Vec::new();
    write(&mut out, table, summary, &[]).unwrap();
    let mut reader = ::csv::Reader::from_reader(&out[..]);
    let texts = |record: &::csv::StringRecord| record.iter().map(str::to_owned).collect();
    let head = texts(reader.headers().unwrap());
    (head, reader.records().map(|record| texts(&record.unwrap())).collect())
}

/// A field that no row has, though something is there that could have it.
fn stray<'a>(row: &Value, path: &'a str) -> Option<&'a str> {
    let mut value = row;
    for name in path.split('.') {
        match value.get(name) {
            None if value.is_null() => return None,
            None => return Some(path),
            Some(found) => value = found,
        }
    }
    None
}

#[test]
fn every_column_is_a_field_of_the_report() {
    let summary = busy().finish(END);
    let report = serde_json::to_value(&summary).unwrap();
    let mut met = 0;
    for table in Table::ALL {
        let rows = match table {
            Table::UthreadProcesses => &report["uthreads"]["processes"],
            Table::Carriers => &report["uthreads"]["carriers"],
            Table::Uthreads => &report["uthreads"]["threads"],
            table => &report[table.name()],
        };
        for row in rows.as_array().into_iter().flatten() {
            met += 1;
            let strays: Vec<&str> = table.columns().filter_map(|path| stray(row, path)).collect();
            assert!(strays.is_empty(), "{}: {strays:?}", table.name());
        }
    }
    assert!(met > 20, "{met}");
}

#[test]
fn the_rows_are_those_of_the_report() {
    let summary = busy().finish(END);
    let (head, rows) = table(Table::Tasks, &summary);
    let at = |name: &str| head.iter().position(|head| head == name).unwrap();
    assert_eq!(rows.len(), summary.tasks.len());
    for (row, task) in rows.iter().zip(&summary.tasks) {
        assert_eq!(row[at("tid")], task.tid.to_string());
        assert_eq!(row[at("states_ns.running")], task.states_ns.running.to_string());
    }
    let (_, states) = table(Table::States, &summary);
    let sum: u64 = states.iter().map(|row| row[5].parse::<u64>().unwrap()).sum();
    assert_eq!(sum, summary.tasks.iter().map(|task| task.states_ns.total()).sum::<u64>());
}

#[test]
fn odd_names_are_quoted_and_lists_are_json() {
    let mut summary = busy().finish(END);
    let odd = "a\",\n\u{1b}b";
    summary.tasks[0].comm = odd.to_owned();
    summary.tasks[0].clone_flags = Some(vec!["CLONE_VM", "CLONE_FS"]);
    summary.tasks[0].start_ns = None;
    let (head, rows) = table(Table::Tasks, &summary);
    let at = |name: &str| head.iter().position(|head| head == name).unwrap();
    assert_eq!(rows[0][at("comm")], odd);
    assert_eq!(rows[0][at("clone_flags")], r#"["CLONE_VM","CLONE_FS"]"#);
    assert_eq!(rows[0][at("start_ns")], "");
}

#[test]
fn a_table_without_rows_has_its_heading() {
    let (head, rows) = table(Table::Gaps, &busy().finish(END));
    assert_eq!(head, ["cpu", "from_ns", "to_ns", "count"]);
    assert!(rows.is_empty());
}

#[test]
fn stretches_are_told_as_they_come_and_add_up() {
    let script = busy();
    let mut model = Model::new(&script.start);
    model.tell_stretches();
    let mut out = Vec::new();
    let mut rows = Stretches::new(&mut out, Only::default(), StackTable::default()).unwrap();
    for event in &script.events {
        model.apply(event);
        let told: Vec<_> = model.take_told().collect();
        for told in told {
            rows.hear(told, Some(&model)).unwrap();
        }
    }
    let (summary, rest) = model.finish_telling(END);
    for told in rest {
        rows.hear(told, None).unwrap();
    }
    rows.finish(&summary).unwrap();
    let mut sums: BTreeMap<(String, String), u64> = BTreeMap::new();
    for record in ::csv::Reader::from_reader(&out[..]).records() {
        let record = record.unwrap();
        let ns = record[8].parse::<u64>().unwrap() - record[7].parse::<u64>().unwrap();
        assert_eq!(record[9], ns.to_string());
        *sums.entry((record[2].to_owned(), record[4].to_owned())).or_default() += ns;
    }
    for task in &summary.tasks {
        for (state, ns) in task.states_ns.each() {
            let sum = sums.remove(&(task.comm.clone(), state.to_owned()));
            assert_eq!(sum.unwrap_or_default(), ns, "{} {state}", task.comm);
        }
    }
    assert!(sums.is_empty(), "{sums:?}");
}
