//! What the live view keeps is enough: whatever it shows is what a model that keeps everything
//! says.

use crate::model::keep::Keep;
use crate::model::tests::random::{Random, script};
use crate::model::tests::script::{IDLE, SLEEP, Script};

use super::super::Details;
use super::super::columns::{self, Column};
use super::*;

/// The same events through both models, with a look at random moments.
fn both(seed: u64, mut see: impl FnMut(&Interval, &Interval, (&Model, &Model))) {
    let mut random = Random(seed * 0x9e37_79b9);
    let (script, end) = script(&mut random, true);
    let (mut full, mut light) = (Model::new(&script.start), Model::new(&script.start));
    full.watch();
    light.watch();
    light.keep(Keep::live(false));
    let (mut of_full, mut of_light) = (Rows::new(0), Rows::new(0));
    let mut look = |full: &mut Model, light: &mut Model, at: u64| {
        let intervals = (of_full.take(full, at), of_light.take(light, at));
        see(&intervals.0, &intervals.1, (full, light));
    };
    let mut next = 1 + random.below(200);
    for event in &script.events {
        while event.at_ns >= next {
            look(&mut full, &mut light, next);
            next += 1 + random.below(200);
        }
        full.apply(event);
        light.apply(event);
    }
    look(&mut full, &mut light, end.max(next));
}

#[test]
fn every_column_and_bar_is_that_of_the_full_model() {
    for seed in 1..150 {
        both(seed, |full, light, _| {
            let cells = |interval: &Interval| -> Vec<Vec<String>> {
                let rows = interval.rows.iter();
                rows.map(|row| columns::cells(row, &Column::ALL, true)).collect()
            };
            assert_eq!(cells(full), cells(light), "seed {seed}");
            assert_eq!(full, light, "seed {seed}");
        });
    }
}

#[test]
fn details_are_those_of_the_full_model_but_for_the_antagonists() {
    let (mut compared, heading) = (0, "Waited for a CPU that had");
    for seed in 1..40 {
        both(seed, |full, _, models| {
            for row in full.rows.iter().filter(|row| !row.task.ended) {
                let of = |model: &Model| {
                    Details::of(model, row.task.id, full.to_ns, &about()).map(|mut details| {
                        details.sections.retain(|(name, _)| *name != heading);
                        details
                    })
                };
                assert_eq!(of(models.0), of(models.1), "seed {seed}");
                compared += 1;
            }
        });
    }
    assert!(compared > 100, "{compared}");
}

/// ```text
/// cpu 0   0 -- 10 runs --- 100 -- 20 runs --- 200
/// cpu 0   20 waits from 10 to 100, 10 waits from 100 to 200
/// ```
#[test]
fn antagonists_are_told_since_a_task_is_looked_at() {
    let mut script = Script::new();
    script.asleep(&[10, 20]).waking(1, 0, 10).switch(2, 0, (IDLE, 0), 10).waking(10, 0, 20);
    script.switch(100, 0, (10, 0), 20).switch(200, 0, (20, 0), 10);
    script.switch(300, 0, (10, SLEEP), 20).switch(350, 0, (20, SLEEP), IDLE);
    let told = |looked_after_ns: u64| {
        let mut model = Model::new(&script.start);
        model.watch();
        model.keep(Keep::live(false));
        let (early, late): (Vec<_>, Vec<_>) =
            script.events.iter().partition(|event| event.at_ns <= looked_after_ns);
        for event in early {
            model.apply(event);
        }
        let id = model.newest_id(20).unwrap();
        model.look_at(Some(id));
        for event in late {
            model.apply(event);
        }
        let waited = model.row_at(id, 350).unwrap().states_ns.runnable;
        let details = Details::of(&model, id, 350, &about()).unwrap();
        let mut sections = details.sections.into_iter();
        let section = sections.find(|(name, _)| *name == "Waited for a CPU that had").unwrap();
        (waited, section.1)
    };
    // 20 waits for 90 ns before it runs, and again for 100 ns.
    assert_eq!(told(0), (190, vec!["10 task10  190ns, preempted it 1 times".to_owned()]));
    let before = "waited before it was looked at  90ns".to_owned();
    assert_eq!(told(150), (190, vec!["10 task10  100ns, preempted it 1 times".to_owned(), before]));
}
