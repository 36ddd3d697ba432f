// With which stacks tasks left their CPUs: functions of the kernel and of the program, each stack once.

// How every switch ends: said by all, telling nothing.
const SWITCHED = new Set(["__schedule", "schedule", "do_syscall_64", "x64_sys_call", "entry_SYSCALL_64_after_hwframe"]);

// Functions in a line of a hint, and of the details.
const SHORT = 6;
const LONG = 40;

function decodeStacks(bytes) {
  const { names, stacks } = JSON.parse(new TextDecoder().decode(bytes));
  return stacks.map((both) => both.map((functions) => functions.map((name) => names[name])));
}

// The functions of the kernel and of the program with which this stretch off a CPU began.
function stacksOf(i) {
  const number = app.data.stack?.[i];
  return number ? app.stacks[number - 1] : null;
}

// A stack as the report has it: innermost function first.
function functions(stack, most) {
  const telling = stack.filter((name) => !SWITCHED.has(name));
  const some = (telling.length ? telling : stack).filter((name, n, all) => !name.startsWith("[") || name !== all[n - 1]);
  return some.slice(0, most).join(" < ") + (some.length > most ? ` < … ${some.length - most} more` : "");
}

function stackFacts(i, most = SHORT) {
  const [kernel, user] = stacksOf(i) ?? [[], []];
  return [["kernel stack", functions(kernel, most)], ["user stack", functions(user, most)]];
}
