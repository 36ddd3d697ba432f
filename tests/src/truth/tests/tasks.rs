//! Births and ends of tasks.

use serde_json::json;
use workloads::truth::Task;

use super::{FLAGS, differs, found, report, task, truth, with};

#[test]
fn every_property_of_a_birth_is_compared() {
    let worker = "task 11 (worker)";
    differs("/tasks/1/tgid", json!(9), worker, "tgid");
    differs("/tasks/1/kind", json!("process"), worker, "kind");
    differs("/tasks/1/comm", json!("walker"), "task 11 (walker)", "comm");
    differs("/tasks/1/parent_tid", json!(2), worker, "parent");
    differs("/tasks/1/creator_tid", json!(12), worker, "creator");
    differs("/tasks/1/born", json!(false), worker, "birth was recorded");
    differs("/tasks/1/clone_flags_raw", json!(FLAGS | 1 << 15), worker, "clone flags");
    differs("/tasks/1/clone_flags", json!(["CLONE_VM"]), worker, "names of clone flags");
    differs("/tasks/1/shared_at_birth", json!(["mm"]), worker, "shared at birth");
    differs("/tasks/1/stack", json!(0x1000), worker, "stack pointer within its stack");
    differs("/tasks/1/tls", json!(0x2008), worker, "thread pointer");
    differs("/tasks/1/from_ns", json!(211), worker, "first own moment after its birth");
    differs("/tasks/2/execs", json!([{}]), "process 12", "execs");
    differs("/tasks/0/execs", json!([{}, {}]), "process 10", "execs");
}

#[test]
fn every_property_of_an_end_is_compared() {
    let worker = "task 11 (worker)";
    differs("/tasks/1/exit", json!(null), worker, "exit");
    differs("/tasks/1/exit/code", json!(1), worker, "exit code and signal");
    differs("/tasks/2/exit/signal", json!(9), "task 12 (worker)", "exit code and signal");
    differs("/tasks/2/exit/reaped_by", json!(10), "task 12 (worker)", "reaped by");
    differs("/tasks/1/exit/reaped_by", json!(10), worker, "reaped by");
    differs("/tasks/1/exit/at_ns", json!(389), worker, "exit after its last own moment");
    differs("/tasks/1/migrations", json!(3), worker, "migrations");
    let account = "migrations by the kernel's account";
    differs("/tasks/1/kernel/nr_migrations", json!(3), worker, account);
}

#[test]
fn somebody_elses_reaper_is_nobody_of_the_program() {
    let mut report = report();
    report["tasks"][0]["exit"]["reaped_by"] = json!(1);
    assert_eq!(found(&truth(), report), [""; 0]);
}

#[test]
fn times_as_a_zombie_are_compared() {
    let child = "task 12 (worker)";
    differs("/tasks/2/states_ns/zombie", json!(129), child, "a zombie for at least its time");
    let began = "ended after its time as a zombie began";
    differs("/tasks/2/exit/at_ns", json!(329), child, began);
    differs("/tasks/2/exit/reaped_ns", json!(null), child, "was waited for");
    let waited = "waited for before its time as a zombie ended";
    differs("/tasks/2/exit/reaped_ns", json!(501), child, waited);
}

#[test]
fn a_task_of_one_side_only_is_a_difference() {
    let mut gone = report();
    gone["tasks"].as_array_mut().unwrap().remove(2);
    let lines = found(&truth(), gone);
    assert!(lines.len() == 1 && lines[0].starts_with("task 12: is there"), "{lines:#?}");
    let mut more = report();
    more["tasks"].as_array_mut().unwrap().push(task(13, 13, "stranger"));
    let lines = found(&truth(), more);
    assert!(lines.len() == 1 && lines[0].starts_with("task 13: is there"), "{lines:#?}");
}

#[test]
fn a_number_used_again_is_two_tasks_in_order() {
    let mut truth = truth();
    let again = Task { reaper: None, signal: None, code: Some(3), ..truth.tasks[2].clone() };
    truth.tasks.push(again);
    let mut report = report();
    let exit = json!({"code": 3, "signal": null, "reaped_by": null, "reaped_ns": null});
    let mut second = with(report["tasks"][2].clone(), json!({"from_ns": 500}));
    second["exit"] = with(second["exit"].clone(), exit);
    report["tasks"].as_array_mut().unwrap().insert(0, second);
    assert_eq!(found(&truth, report), [""; 0]);
}

#[test]
fn a_thread_that_took_over_its_leaders_number_is_found_by_its_own() {
    let mut truth = truth();
    truth.tasks[1].execs = 1;
    truth.tasks[1].comm = None;
    let mut report = report();
    let leader = json!({"tid": 11, "kind": "thread", "execs": []});
    report["tasks"][0] = with(report["tasks"][0].clone(), leader);
    let thread = json!({"tid": 10, "old_tid": 11, "kind": "process", "execs": [{}, {}]});
    report["tasks"][1] = with(report["tasks"][1].clone(), thread);
    assert_eq!(found(&truth, report), [""; 0]);
}
