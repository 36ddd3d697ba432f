//! Records to intervals: order, model, and a look at it whenever an interval is over. A look is at
//! one moment of the trace: all events before it are in, and none after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;

use crate::capture::Batch;
use crate::event::{Event, What};
use crate::model::Model;
use crate::model::keep::Keep;
use crate::model::lives::LifeId;
use crate::source::recording::Start;
use crate::source::stream::{File, Stream};
use crate::time;
use crate::views::top::{About, Details, Interval, Rows};

/// How long records are held back for older ones of other CPUs, ns: somebody watches.
const SLACK_NS: u64 = 200_000_000;

/// If this many intervals have passed without a look, as when the process was stopped, they become
/// one.
const MOST_MISSED: u64 = 5;

/// What whoever shows it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// Intervals of this length from now on, ns.
    Length(u64),
    /// Details of this task, or of none.
    Watch(Option<LifeId>),
}

/// What it is told.
#[derive(Debug)]
pub(super) enum Told {
    /// An interval is over.
    Interval(Box<Interval>),
    /// What was asked for.
    Details(Box<Details>),
}

/// The stages after the capture.
pub(super) struct Watcher {
    stream: Stream,
    looks: Looks,
}

impl Watcher {
    /// Intervals of this length, ns. `lost` is what the kernel counts.
    pub(super) fn new(start: &Start, about: About, length_ns: u64, lost: Arc<AtomicU64>) -> Self {
        let stream = Stream::new(start.clone(), SLACK_NS);
        Self { stream, looks: Looks::new(start, about, length_ns, lost) }
    }

    /// Takes batches until there are no more. `tell` is no longer called when it has returned false,
    /// but the batches are taken: a capture wants to end in order.
    pub(super) fn run(
        mut self,
        batches: Receiver<Batch>,
        asked: Option<&Receiver<Request>>,
        mut tell: impl FnMut(Told) -> bool,
    ) {
        let mut wanted = true;
        for batch in &batches {
            if !wanted {
                continue;
            }
            self.take(batch);
            let requests = asked.into_iter().flat_map(Receiver::try_iter);
            let found = requests.fold(None, |found, request| self.looks.ask(request).or(found));
            let intervals = self.looks.done.drain(..).map(|done| Told::Interval(Box::new(done)));
            let details = found.map(|found| Told::Details(Box::new(found)));
            wanted = intervals.chain(details).all(&mut tell);
        }
        if wanted {
            let Self { stream, mut looks } = self;
            stream.finish(None, File::default(), |event| looks.event(event));
            looks.look(looks.model.last_ns());
            looks.done.drain(..).all(|done| tell(Told::Interval(Box::new(done))));
        }
    }

    fn take(&mut self, Batch { records, drained_ns }: Batch) {
        let Self { stream, looks } = self;
        for (_ring, bytes) in records {
            stream.records(bytes, |event| looks.event(event));
        }
        stream.drained(drained_ns, |event| looks.event(event));
        looks.reach(drained_ns.saturating_sub(SLACK_NS));
    }
}

/// The model, and when it is looked at.
struct Looks {
    model: Model,
    rows: Rows,
    about: About,
    length_ns: u64,
    /// When the interval is over, ns.
    next_ns: u64,
    watched: Option<LifeId>,
    events: u64,
    /// CPU time of tracer at the look before, ns.
    own_ns: u64,
    lost: Arc<AtomicU64>,
    /// That at the look before.
    lost_before: u64,
    /// Records missing in all intervals so far.
    missing: u64,
    done: Vec<Interval>,
}

impl Looks {
    fn new(start: &Start, about: About, length_ns: u64, lost: Arc<AtomicU64>) -> Self {
        let mut model = Model::new(start);
        model.watch();
        model.keep(Keep::live(about.futexes));
        let start_ns = start.clocks.monotonic_ns;
        Self {
            model,
            rows: Rows::new(start_ns),
            about,
            length_ns,
            next_ns: start_ns.saturating_add(length_ns),
            watched: None,
            events: 0,
            own_ns: time::own_cpu_ns(),
            lost,
            lost_before: 0,
            missing: 0,
            done: Vec::new(),
        }
    }

    fn event(&mut self, event: &Event) {
        if event.at_ns >= self.next_ns {
            self.reach(event.at_ns);
        }
        self.events += u64::from(!matches!(event.what, What::Gap(_)));
        self.model.apply(event);
    }

    /// All events before this time, ns, are in.
    fn reach(&mut self, at_ns: u64) {
        if at_ns.saturating_sub(self.next_ns) / self.length_ns > MOST_MISSED {
            self.next_ns = at_ns;
        }
        while self.next_ns <= at_ns {
            self.look(self.next_ns);
        }
    }

    fn look(&mut self, at_ns: u64) {
        let mut interval = self.rows.take(&mut self.model, at_ns);
        let own_ns = time::own_cpu_ns();
        interval.own_ns = own_ns.saturating_sub(std::mem::replace(&mut self.own_ns, own_ns));
        interval.events = std::mem::take(&mut self.events);
        let lost = self.lost.load(Ordering::Relaxed);
        interval.losing = lost.saturating_sub(std::mem::replace(&mut self.lost_before, lost));
        self.missing += interval.lost;
        interval.lost_in_all = lost.max(self.missing);
        let details = |id| Details::of(&self.model, id, at_ns, &self.about);
        interval.details = self.watched.and_then(details);
        self.done.push(interval);
        self.next_ns = at_ns.saturating_add(self.length_ns);
    }

    fn ask(&mut self, request: Request) -> Option<Details> {
        match request {
            Request::Length(length_ns) => {
                let began_ns = self.next_ns.saturating_sub(self.length_ns);
                self.length_ns = length_ns;
                self.next_ns = began_ns.saturating_add(length_ns).max(self.model.last_ns() + 1);
                None
            }
            Request::Watch(watched) => {
                self.watched = watched;
                self.model.look_at(watched);
                Details::of(&self.model, watched?, self.model.last_ns(), &self.about)
            }
        }
    }
}
