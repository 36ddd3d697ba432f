//! Events of every kind, of which the reports are made that the page is held against.

use super::*;

/// One of every kind. Task 100 is born, lives, and dies.
pub(super) fn events() -> Vec<Event> {
    let mut events: Vec<Event> = [births(), runs(), uthreads(), interrupts(), calls(), deaths()]
        .into_iter()
        .flatten()
        .zip(10..)
        .map(|(what, at_ns)| Event { at_ns, cpu: Some(0), what })
        .collect();
    let in_progress = Futex { tid: A.tid, begin_ns: 900, ..Futex::new_zeroed() };
    events.push(Event { at_ns: 990, cpu: None, what: What::Futex(in_progress) });
    events.extend(locks());
    events
}

/// Two threads that have a priority-inheritance lock each and then wait for the other's, after each
/// waited for the other once; and a call that moves waiters.
fn locks() -> Vec<Event> {
    const LOCK_PI: u32 = 128 | 6;
    const CMP_REQUEUE: u32 = 128 | 4;
    let births = [20, 21].map(|tid| {
        let key = TaskKey { tid, tgid: 20, start_ns: 1 };
        What::Newtask(Newtask {
            identity: Identity { key, ..Identity::new_zeroed() },
            ..Newtask::new_zeroed()
        })
    });
    let call = |tid, word, op, begin_ns| {
        What::Futex(Futex {
            tid,
            word,
            op,
            uaddr: word.into(),
            uaddr2: 8,
            begin_ns,
            ..Futex::new_zeroed()
        })
    };
    let waits = [call(20, 21, LOCK_PI, 100), call(21, 20, LOCK_PI, 110)];
    let moves = call(20, 0, CMP_REQUEUE, 120);
    let stuck = [call(20, 21, LOCK_PI, 900), call(21, 20, LOCK_PI, 910)];
    let ended = births.into_iter().chain(waits).chain([moves]).zip(500..);
    let ended = ended.map(|(what, at_ns)| Event { at_ns, cpu: Some(0), what });
    ended.chain(stuck.map(|what| Event { at_ns: 990, cpu: None, what })).collect()
}

/// The task, with an address space of this identity.
fn identity(mm: u64) -> Identity {
    Identity {
        key: A,
        resources: Resources { mm, ..Resources::new_zeroed() },
        ..Identity::new_zeroed()
    }
}

/// Another task with that address space.
fn sharer(mm: u64) -> Identity {
    Identity { key: TaskKey { tid: 101, ..A }, ..identity(mm) }
}

fn births() -> Vec<What> {
    vec![
        What::TaskSeen(TaskSeen { followed: 1, ..TaskSeen::new_zeroed() }),
        What::Newtask(Newtask { identity: identity(1), ..Newtask::new_zeroed() }),
        What::Fork(Fork { child_tid: A.tid, ..Fork::new_zeroed() }),
        What::WakeupNew(Waking { tid: A.tid, ..Waking::new_zeroed() }),
        What::Switch(Switch { next_tid: A.tid, ..Switch::new_zeroed() }),
        What::Exec(Exec { identity: identity(2), old_tid: A.tid, ..Exec::new_zeroed() }),
        What::Rename(Rename { key: A, ..Rename::new_zeroed() }),
        What::Resources(Resourced { identity: identity(3), ..Resourced::new_zeroed() }),
        What::Newtask(Newtask {
            identity: sharer(3),
            shared: Shared::MM,
            clone_flags: 0x100,
            ..Newtask::new_zeroed()
        }),
    ]
}

fn runs() -> Vec<What> {
    let (tid, sharer) = (A.tid, sharer(3).key.tid);
    vec![
        // The other preempts it.
        What::Switch(Switch { prev_tid: tid, next_tid: sharer, ..Switch::new_zeroed() }),
        What::Switch(Switch {
            prev_tid: sharer,
            prev_state: 1,
            next_tid: tid,
            ..Switch::new_zeroed()
        }),
        What::Stack(Stack { tid, tgid: A.tgid, kernel: 1, user: 2, ..Stack::new_zeroed() }),
        What::Switch(Switch { prev_tid: tid, prev_state: 1, ..Switch::new_zeroed() }),
        What::Waking(Waking { tid, ..Waking::new_zeroed() }),
        What::Switch(Switch { next_tid: tid, ..Switch::new_zeroed() }),
        What::Migrate(Migrate { tid, ..Migrate::new_zeroed() }),
        What::SignalGenerate(SignalGenerate {
            target_tid: tid,
            target_tgid: A.tgid,
            sig: 10,
            ..SignalGenerate::new_zeroed()
        }),
        What::SignalDeliver(SignalDeliver { tid, sig: 10, ..SignalDeliver::new_zeroed() }),
        What::SigReturn(SigReturn { tid, ..SigReturn::new_zeroed() }),
    ]
}

/// User thread 1 makes another and sleeps with its carrier.
fn uthreads() -> Vec<What> {
    let tid = A.tid;
    let usdt = |probe, args| What::Usdt(Usdt { probe, args, tid, known: 7, ..Usdt::new_zeroed() });
    let sleep = || {
        [
            What::Switch(Switch { prev_tid: tid, prev_state: 1, ..Switch::new_zeroed() }),
            What::Waking(Waking { tid, ..Waking::new_zeroed() }),
            What::Switch(Switch { next_tid: tid, ..Switch::new_zeroed() }),
        ]
    };
    // The first sleep is in doubt, since the task was woken before it.
    [usdt(0, [0, 1, 0]), usdt(1, [1, 2, 0])].into_iter().chain(sleep()).chain(sleep()).collect()
}

fn interrupts() -> Vec<What> {
    let tid = A.tid;
    vec![
        What::Irq(Irq { tid, ..Irq::new_zeroed() }),
        What::Softirq(Softirq { tid, ..Softirq::new_zeroed() }),
        What::Vector(Vector { tid, ..Vector::new_zeroed() }),
    ]
}

fn calls() -> Vec<What> {
    let tid = A.tid;
    vec![
        What::Futex(Futex { tid, ..Futex::new_zeroed() }),
        What::SigMask(SigMask { tid, ..SigMask::new_zeroed() }),
        What::Affinity(Affinity { tid, ..Affinity::new_zeroed() }),
        What::Policy(Policy { tid, ..Policy::new_zeroed() }),
        What::Wait(Wait { tid, ..Wait::new_zeroed() }),
    ]
}

fn deaths() -> Vec<What> {
    let flags = ExitFlags::GROUP_EXIT | ExitFlags::GROUP_DEAD | ExitFlags::GROUP_DEAD_KNOWN;
    let header = Header { at_ns: 50, ..Header::new_zeroed() };
    vec![
        What::Exit(Exit { header, key: A, flags, code: 10, group_code: 10, ..Exit::new_zeroed() }),
        What::Dead(Dead { key: A, ..Dead::new_zeroed() }),
        What::Switch(Switch { prev_tid: A.tid, prev_state: 0x80, ..Switch::new_zeroed() }),
        What::Free(Free { key: A, ..Free::new_zeroed() }),
        What::Gap(Gap { from_ns: 20, to_ns: 30, lost: 1 }),
    ]
}
