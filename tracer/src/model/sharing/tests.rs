//! Identities become numbers, and numbers groups.

use super::*;
use crate::event::What;
use crate::model::summary::Summary;
use crate::model::tests::script::Script;

fn resources(mm: u64) -> Resources {
    Resources { mm, files: 0, fs: 0, sighand: 0, signal: 0, nsproxy: 0, cred: 7 }
}

#[test]
fn an_address_that_is_used_again_is_another_object() {
    let mut objects = Objects::default();
    let mut first = objects.hold(&resources(10), ALL);
    let mut thread = objects.hold(&resources(10), 0);
    assert_eq!(first.shares(), thread.shares());
    assert_eq!(first.shares().files, None);
    objects.let_go(&mut first, ALL);
    objects.let_go(&mut thread, DROPPED_AT_EXIT);
    let later = objects.hold(&resources(10), 0);
    assert_eq!(later.shares().mm, Some(2));
    assert_eq!(later.shares().cred, Some(1), "the thread still holds it");
    assert_eq!(first.shares().mm, Some(1), "what was is still told");
}

#[test]
fn a_fresh_object_at_an_address_in_use_leaves_the_old_users_alone() {
    let mut objects = Objects::default();
    let mut old = objects.hold(&resources(10), ALL);
    let new = objects.hold(&resources(10), Shared::MM);
    objects.let_go(&mut old, ALL);
    let sharer = objects.hold(&resources(10), 0);
    assert_eq!((new.shares().mm, sharer.shares().mm), (Some(2), Some(2)));
}

const A: u32 = 100;
const B: u32 = 200;

fn group<'a>(summary: &'a Summary, resource: &str) -> Vec<&'a SharingRow> {
    summary.sharing.iter().filter(|row| row.resource == resource).collect()
}

fn members(row: &SharingRow) -> Vec<(u32, u64, Option<u64>)> {
    row.members.iter().map(|member| (member.tid, member.from_ns, member.to_ns)).collect()
}

#[test]
fn a_group_lasts_from_its_second_member_to_its_last_but_one() {
    // A  ──10 born ──────────────────────────── 70 exit ── 90 released
    // 101      20 born ──── 40 exit ── 50 released
    // 102              30 born ──────── 60 exit ── 80 released
    let mut script = Script::new();
    script.fork(10, 7, A).thread(20, A, 101).thread(30, A, 102);
    script.exit(40, 0, 101, 0).free(50, 101).exit(60, 0, 102, 0).exit(70, 0, A, 0);
    let summary = script.free(80, 102).free(90, A).finish(100);
    let [mm] = group(&summary, "mm")[..] else { panic!("{:?}", summary.sharing) };
    assert_eq!((mm.since_ns, mm.until_ns, mm.members_peak), (20, Some(60), 3));
    assert_eq!(members(mm), [(A, 10, Some(70)), (101, 20, Some(40)), (102, 30, Some(60))]);
    assert_eq!(mm.members[1].flag, Some("CLONE_VM"));
    assert_eq!((mm.members[0].came, mm.members[1].came), (Came::Birth, Came::Clone));
    assert_eq!((mm.ways(), mm.confirmed), (vec!["CLONE_VM"], true));
    let [signal] = group(&summary, "signal")[..] else { panic!("{:?}", summary.sharing) };
    assert_eq!((signal.since_ns, signal.until_ns), (20, Some(80)), "it stays until release");
    assert!(group(&summary, "sysvsem").is_empty() && group(&summary, "io").is_empty());
}

#[test]
fn an_exec_leaves_the_group_and_one_that_is_alone_is_none() {
    let mut script = Script::new();
    script.asleep(&[7]).fork(10, 7, A).fork(12, 7, B).exec(30, 0, A, A);
    let summary = script.finish(100);
    assert!(group(&summary, "mm").is_empty(), "{:?}", summary.sharing);
    let [nsproxy] = group(&summary, "nsproxy")[..] else { panic!("{:?}", summary.sharing) };
    assert_eq!(nsproxy.ways(), ["fork"]);
    assert_eq!(members(nsproxy), [(7, 0, None), (A, 10, None), (B, 12, None)]);
    assert_eq!(nsproxy.members[1].flag, None, "no flag asks for it");
}

#[test]
fn a_vfork_shares_until_its_exec() {
    let mut script = Script::new();
    script.asleep(&[7]).vfork(10, 7, A).exec(30, 0, A, A).exit(40, 0, A, 0);
    let summary = script.finish(100);
    let [mm] = group(&summary, "mm")[..] else { panic!("{:?}", summary.sharing) };
    assert_eq!((mm.since_ns, mm.until_ns), (10, Some(30)));
    assert_eq!(mm.members[1].left, Some(Left::Exec));
    assert_eq!(members(mm), [(7, 0, None), (A, 10, Some(30))]);
}

#[test]
fn flags_alone_tell_of_undo_lists() {
    const SYSVSEM: u64 = 0x4_0000;
    let mut script = Script::new();
    script.fork(10, 7, A).thread(20, A, 101).thread(30, 101, 102);
    for event in &mut script.events {
        if let What::Newtask(newtask) = &mut event.what
            && newtask.identity.key.tid != A
        {
            newtask.clone_flags |= SYSVSEM;
        }
    }
    let summary = script.exit(40, 0, 101, 0).finish(100);
    let [undo] = group(&summary, "sysvsem")[..] else { panic!("{:?}", summary.sharing) };
    assert_eq!(members(undo), [(A, 10, None), (101, 20, Some(40)), (102, 30, None)]);
    assert!(!undo.confirmed);
}

#[test]
fn a_task_that_changes_all_the_time_is_kept_within_bounds() {
    let mut script = Script::new();
    script.asleep(&[7]).fork(5, 7, A);
    for at in 10..500 {
        script.exec(at, 0, A, A);
    }
    let summary = script.finish(600);
    let row = summary.tasks.iter().find(|row| row.tid == A).unwrap();
    // Its address is the same after the first one: a new object each time.
    assert_eq!(row.resharings.len(), 64);
    assert_eq!(row.resharings_omitted, 490 - 64);
    assert_eq!(row.resharings[63].at_ns, 499);
    assert_eq!(row.shares.mm, Some(492));
}

#[test]
fn what_is_over_before_the_begin_is_left_out() {
    let mut script = Script::new();
    script.fork(10, 7, A).thread(20, A, 101).exit(40, 0, 101, 0).free(50, 101);
    let summary = script.finish(100);
    let resources = |from_ns| -> Vec<&str> {
        let rows = groups(&summary.tasks, from_ns);
        rows.iter().map(|row| row.resource).collect()
    };
    assert_eq!(resources(45), ["sighand", "signal", "cred"]);
    assert_eq!(resources(50).len(), 0);
}
