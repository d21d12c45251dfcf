// A clock that stands still while anything can be done, as tokio's when it is paused: a makespan is exact on it.

const sleepers = [];
let now = 0;

export const clock = () => now;

export const sleep = (milliseconds) =>
  new Promise((wake) => sleepers.push({ at: now + milliseconds, wake }));

// The event loop is empty: whatever there is to do waits for the time.
process.on('beforeExit', () => {
  if (sleepers.length > 0) setImmediate(advance);
});

function advance() {
  now = Math.min(...sleepers.map(({ at }) => at));
  for (const sleeper of sleepers.splice(0)) {
    if (sleeper.at === now) sleeper.wake();
    else sleepers.push(sleeper);
  }
}
