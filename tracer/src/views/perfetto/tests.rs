//! A small trace, written and read back packet by packet. What Perfetto itself makes of traces is
//! in `tests/tests/perfetto.rs`.

use std::collections::BTreeMap;

use prost::Message;

use super::packet::{CompactSched, FtraceEventBundle};
use super::*;
use crate::event::{Gap, What};
use crate::model::tests::busy::{A, B, END, busy, us};
use crate::model::tests::script::Script;
use crate::model::window::Windowed;

/// What was written of a script, only what is between two times, ns.
fn packets(script: &Script, (from_ns, to_ns): (u64, u64)) -> Vec<Packet> {
    let mut bytes = Vec::new();
    let mut perfetto = Perfetto::new(&mut bytes);
    let mut model = Model::new(&script.start);
    model.tell_stretches();
    perfetto.start(&script.start).unwrap();
    perfetto.part(from_ns, to_ns);
    let mut window = Windowed::new(model, Some(from_ns), Some(to_ns));
    for event in &script.events {
        perfetto.comes(event.at_ns, window.model()).unwrap();
        window.apply(event);
        let told: Vec<Told> = window.take_told().collect();
        for told in told {
            perfetto.told(&told, Some(window.model())).unwrap();
        }
        perfetto.happen(event, window.model()).unwrap();
    }
    perfetto.name_all(window.model()).unwrap();
    for told in window.finish_telling(END).1 {
        perfetto.told(&told, None).unwrap();
    }
    perfetto.finish().unwrap();
    let (mut rest, mut packets) = (&bytes[..], Vec::new());
    while !rest.is_empty() {
        let (tag, _) = prost::encoding::decode_key(&mut rest).unwrap();
        assert_eq!(tag, 1, "the field of packets");
        packets.push(Packet::decode_length_delimited(&mut rest).unwrap());
    }
    packets
}

fn whole() -> Vec<Packet> {
    packets(&busy(), (0, u64::MAX))
}

/// From the recording's clock to the trace's, ns.
fn offset_ns() -> u64 {
    let clocks = busy().start.clocks;
    clocks.boottime_ns - clocks.monotonic_ns
}

fn bundles(packets: &[Packet]) -> impl Iterator<Item = &FtraceEventBundle> {
    packets.iter().filter_map(|packet| packet.ftrace_events.as_ref())
}

/// Times that are differences, ns. On CPUs that are none of the machine's they can go back.
fn times(differences: &[u64]) -> Vec<u64> {
    let sum = |at_ns: &mut u64, difference: &u64| {
        *at_ns = at_ns.wrapping_add(*difference);
        Some(*at_ns)
    };
    differences.iter().scan(0, sum).collect()
}

/// When each task ran by the switches, ns.
fn ran(packets: &[Packet]) -> BTreeMap<i32, u64> {
    let mut by_cpu: BTreeMap<u32, Vec<(u64, i32)>> = BTreeMap::new();
    for bundle in bundles(packets) {
        let sched = bundle.compact_sched.as_ref().unwrap();
        let at = times(&sched.switch_timestamp);
        by_cpu
            .entry(bundle.cpu.unwrap())
            .or_default()
            .extend(at.into_iter().zip(sched.switch_next_pid.iter().copied()));
    }
    let mut sums = BTreeMap::new();
    for switches in by_cpu.values() {
        for two in switches.windows(2) {
            assert!(two[0].0 <= two[1].0, "switches are in the order of time: {two:?}");
            *sums.entry(two[0].1).or_default() += two[1].0 - two[0].0;
        }
    }
    sums.remove(&0);
    sums.retain(|_, ns| *ns > 0);
    sums
}

#[test]
fn the_first_packets_tell_clocks_and_the_machine() {
    let packets = whole();
    let clocks = packets[0].clock_snapshot.as_ref().unwrap();
    let start = busy().start.clocks;
    let of = |id| clocks.clocks.iter().find(|clock| clock.clock_id == Some(id)).unwrap().timestamp;
    assert_eq!(of(BOOTTIME), Some(start.boottime_ns));
    assert_eq!(of(MONOTONIC), Some(start.monotonic_ns));
    assert_eq!(of(REALTIME), Some(start.realtime_ns));
    assert!(packets[1].system_info.is_some());
}

#[test]
fn tasks_ran_as_long_as_in_the_report() {
    let summary = busy().finish(END);
    let of_report: BTreeMap<i32, u64> = summary
        .tasks
        .iter()
        .map(|task| (i32::try_from(task.tid).unwrap(), task.states_ns.running))
        .filter(|(_, ns)| *ns > 0)
        .collect();
    assert_eq!(ran(&whole()), of_report);
}

#[test]
fn columns_of_switches_and_wakings_are_of_one_length() {
    let packets = whole();
    let mut wakings = 0;
    for CompactSched {
        switch_timestamp,
        switch_prev_state,
        switch_next_pid,
        switch_next_prio,
        switch_next_comm_index,
        intern_table,
        waking_timestamp,
        waking_pid,
        waking_target_cpu,
        waking_prio,
        waking_comm_index,
        waking_common_flags,
    } in bundles(&packets).filter_map(|bundle| bundle.compact_sched.as_ref())
    {
        let switches = switch_timestamp.len();
        assert_eq!(switch_prev_state.len(), switches);
        assert_eq!(switch_next_pid.len(), switches);
        assert_eq!(switch_next_prio.len(), switches);
        assert_eq!(switch_next_comm_index.len(), switches);
        let woken = waking_timestamp.len();
        assert_eq!(waking_pid.len(), woken);
        assert_eq!(waking_target_cpu.len(), woken);
        assert_eq!(waking_prio.len(), woken);
        assert_eq!(waking_comm_index.len(), woken);
        assert_eq!(waking_common_flags.len(), woken);
        let known = |place: &u32| (*place as usize) < intern_table.len();
        assert!(switch_next_comm_index.iter().chain(waking_comm_index).all(known));
        wakings += woken;
    }
    assert!(wakings > 0, "somebody was woken");
}

#[test]
fn births_and_processes_are_told_once() {
    let packets = whole();
    let newtasks = bundles(&packets).flat_map(|bundle| &bundle.event);
    let newtasks = newtasks.filter_map(|event| event.task_newtask.as_ref());
    let mut born: Vec<i32> = newtasks.filter_map(|newtask| newtask.pid).collect();
    let trees = packets.iter().filter_map(|packet| packet.process_tree.as_ref());
    let there: Vec<i32> =
        trees.flat_map(|tree| &tree.threads).filter_map(|line| line.tid).collect();
    born.extend(there);
    born.sort_unstable();
    let mut tasks: Vec<u32> = busy().finish(END).tasks.iter().map(|task| task.tid).collect();
    tasks.sort_unstable();
    assert_eq!(born, tasks.into_iter().map(|tid| tid.try_into().unwrap()).collect::<Vec<i32>>());
    assert!(born.contains(&A.try_into().unwrap()) && born.contains(&B.try_into().unwrap()));
}

#[test]
fn names_of_events_are_told_before_they_are_used() {
    let (mut names, mut used) = (0, 0);
    for packet in whole() {
        if let Some(told) = &packet.interned_data {
            names = told.event_names.iter().filter_map(|name| name.iid).fold(names, u64::max);
        }
        if let Some(name) = packet.track_event.and_then(|event| event.name_iid) {
            assert!((1..=names).contains(&name), "{name} of {names}");
            used += 1;
        }
    }
    assert!(used > 0, "something happened");
}

#[test]
fn a_futex_call_leads_to_whom_it_woke() {
    let packets = whole();
    let events: Vec<(u64, &packet::TrackEvent)> = packets
        .iter()
        .filter_map(|packet| Some((packet.timestamp?, packet.track_event.as_ref()?)))
        .collect();
    let at = |us_: u64| us(us_) + offset_ns();
    let call = events
        .iter()
        .find(|(at_ns, event)| *at_ns == at(10_089) && event.r#type == Some(packet::SLICE_BEGIN));
    let [flow] = call.unwrap().1.flow_ids[..] else { panic!("one flow: {call:?}") };
    let (woken_ns, woken) =
        events.iter().find(|(_, event)| event.terminating_flow_ids == [flow]).unwrap();
    assert_eq!((*woken_ns, woken.r#type), (at(10_090), Some(packet::INSTANT)));
    assert_ne!(woken.track_uuid, call.unwrap().1.track_uuid);
}

#[test]
fn a_loss_is_flagged_on_its_cpu_only() {
    let flagged = |packets: &[Packet]| -> Vec<u32> {
        let lossy = bundles(packets).filter(|bundle| bundle.lost_events == Some(true));
        lossy.filter_map(|bundle| bundle.cpu).collect()
    };
    assert_eq!(flagged(&whole()), Vec::<u32>::new());
    let mut script = busy();
    let last = script.events.last().unwrap().at_ns;
    let gap = Gap { lost: 3, from_ns: last, to_ns: last + us(1) };
    script.push(last + us(1), Some(1), What::Gap(gap));
    assert_eq!(flagged(&packets(&script, (0, u64::MAX))), [1]);
}

#[test]
fn of_a_part_nothing_else_is_told() {
    let (from_ns, to_ns) = (us(2_000), us(9_000));
    let part = packets(&busy(), (from_ns, to_ns));
    let (offset_ns, start_ns) = (offset_ns(), busy().start.clocks.monotonic_ns);
    for bundle in bundles(&part) {
        let sched = bundle.compact_sched.as_ref().unwrap();
        for at_ns in times(&sched.switch_timestamp) {
            assert!(at_ns >= from_ns.max(start_ns) + offset_ns, "{at_ns}");
        }
    }
    let instants = part.iter().filter(|packet| packet.track_event.is_some());
    for at_ns in instants.filter_map(|packet| packet.timestamp) {
        assert!((from_ns + offset_ns..to_ns + offset_ns).contains(&at_ns), "{at_ns}");
    }
}
