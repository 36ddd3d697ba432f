// Levels of detail: what a span of time comes to without a look at every stretch in it.
//
// Every BLOCK stretches of a track have a checkpoint: the time in each class since the track's
// begin. The time in each class until any moment is then a checkpoint and at most BLOCK steps.

const KINDS = 9;

function buildLevels(data) {
  for (const track of data.tracks) trackLevels(data, track);
  for (const cpu of data.cpus) cpuLevels(data, cpu);
}

function trackLevels(data, track) {
  const { starts, codes } = data;
  const checks = new Float64Array((Math.floor(track.count / BLOCK) + 1) * KINDS);
  const sums = new Float64Array(KINDS);
  const parts = new Float64Array(CODES.length);
  for (let i = track.first, n = 0; i < track.end; i++, n++) {
    if (n % BLOCK === 0) checks.set(sums, (n / BLOCK) * KINDS);
    const length = starts[i + 1] - starts[i];
    sums[CLASS_OF[codes[i]]] += length;
    parts[codes[i]] += length;
  }
  if (track.count % BLOCK === 0) checks.set(sums, (track.count / BLOCK) * KINDS);
  Object.assign(track, { checks, sums, parts });
}

// The busy time before each run, and of each block of runs a process that has most of it, if one
// has more than half (the vote of Boyer and Moore, by time).
function cpuLevels(data, cpu) {
  const runs = cpu.at.length;
  cpu.busy = new Float64Array(runs + 1);
  cpu.most = new Int32Array(Math.ceil(runs / BLOCK));
  cpu.weight = new Float64Array(cpu.most.length);
  for (let run = 0; run < runs; run++) {
    const i = cpu.at[run];
    const length = data.starts[i + 1] - data.starts[i];
    cpu.busy[run + 1] = cpu.busy[run] + length;
    const block = Math.floor(run / BLOCK);
    const hue = data.tracks[cpu.track[run]].hue;
    if (cpu.most[block] === hue) cpu.weight[block] += length;
    else if ((cpu.weight[block] -= length) < 0) {
      cpu.weight[block] = -cpu.weight[block];
      cpu.most[block] = hue;
    }
  }
}

// The stretch of a track at a time: the last that begins at or before it, from `low` on.
function stretchAt(data, track, at, low = track.first) {
  const { starts } = data;
  let high = low + 1;
  for (let step = 1; high < track.end && starts[high] <= at; step *= 2) {
    low = high;
    high += step;
  }
  high = Math.min(high, track.end);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= at) low = middle;
    else high = middle;
  }
  return low;
}

// The last run of a CPU that begins at or before a time; -1 if none does.
function runAt(data, cpu, at, low = -1) {
  const { starts } = data;
  let high = low + 1;
  for (let step = 1; high < cpu.at.length && starts[cpu.at[high]] <= at; step *= 2) {
    low = high;
    high += step;
  }
  high = Math.min(high, cpu.at.length);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[cpu.at[middle]] <= at) low = middle;
    else high = middle;
  }
  return low;
}

// Time in each class from the track's begin to `at`, which is in stretch i.
function until(data, track, i, at, out) {
  const { starts, codes } = data;
  const block = Math.floor((i - track.first) / BLOCK);
  for (let kind = 0; kind < KINDS; kind++) out[kind] = track.checks[block * KINDS + kind];
  for (let k = track.first + block * BLOCK; k < i; k++) {
    out[CLASS_OF[codes[k]]] += starts[k + 1] - starts[k];
  }
  if (i < track.end) out[CLASS_OF[codes[i]]] += Math.min(at, starts[i + 1]) - starts[i];
  return out;
}

// Time of a task in each class between two times.
function sumsBetween(data, track, from, to) {
  const begin = Math.max(from, track.from);
  const end = Math.min(to, track.to);
  if (!track.count || end <= begin) return new Float64Array(KINDS);
  const before = until(data, track, stretchAt(data, track, begin), begin, new Float64Array(KINDS));
  const after = until(data, track, stretchAt(data, track, end), end, new Float64Array(KINDS));
  return after.map((sum, kind) => sum - before[kind]);
}

// Busy time of a CPU from its begin to a time, which is in or after this run.
function busyUntil(data, cpu, run, at) {
  if (run < 0) return 0;
  const start = data.starts[cpu.at[run]];
  return cpu.busy[run] + Math.min(at - start, cpu.busy[run + 1] - cpu.busy[run]);
}

// Which process had most of the runs between two of a CPU, as a hue.
function mostBetween(data, cpu, first, last) {
  let most = -1;
  let weight = 0;
  const vote = (hue, ns) => {
    if (hue === most) weight += ns;
    else if ((weight -= ns) < 0) [most, weight] = [hue, -weight];
  };
  for (let run = first; run <= last; ) {
    if (run % BLOCK === 0 && run + BLOCK <= last) {
      vote(cpu.most[run / BLOCK], cpu.weight[run / BLOCK]);
      run += BLOCK;
    } else {
      vote(data.tracks[cpu.track[run]].hue, cpu.busy[run + 1] - cpu.busy[run]);
      run++;
    }
  }
  return most;
}
