// Things that happen one after another.

// Does act(0), act(1), ... act(count - 1), spread evenly over `time` ms, the first one at once.
// Returns a function that leaves out those that have not happened yet.
export function oneByOne(count, time, act) {
  const timers = Array.from({ length: count }, (_, index) => setTimeout(act, (time * index) / count, index));
  return () => timers.forEach(clearTimeout);
}
