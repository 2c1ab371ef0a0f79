// A clock for a page that a test moves: what the page's scripts see of the time. "wall" is what the calendar
// says; "awake" is what timers go by, which stand still while the machine sleeps. Both are milliseconds that
// the test has added.
(() => {
  if (window !== window.top || !location.protocol.startsWith("http")) return;
  const RealDate = Date;
  const realInterval = window.setInterval.bind(window);
  const started = performance.now();
  const added = (name) => Number(localStorage.getItem(`clock-${name}`) ?? 0);
  const before = added("awake");
  const wall = () => RealDate.now() + added("wall");
  const awake = () => performance.now() - started + added("awake") - before;

  window.Date = class extends RealDate {
    constructor(...given) {
      if (given.length) super(...given);
      else super(wall());
    }
    static now() {
      return wall();
    }
  };

  const timers = new Map();
  let last = 0;
  const add = (repeated) => (callback, delay = 0, ...given) => {
    timers.set(++last, { callback, given, delay, repeated, due: awake() + delay });
    return last;
  };
  window.setTimeout = add(false);
  window.setInterval = add(true);
  window.clearTimeout = window.clearInterval = (id) => timers.delete(id);
  const run = () => {
    for (const [id, timer] of timers) {
      if (timer.due > awake()) continue;
      if (timer.repeated) timer.due = awake() + timer.delay;
      else timers.delete(id);
      timer.callback(...timer.given);
    }
  };
  realInterval(run, 10);

  const soon = (window.soon = (resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(null);
  });

  // Time goes by in many small steps, with a moment after each for what a timer began.
  window.passInSteps = async (steps, seconds) => {
    for (let step = 0; step < steps; step++) {
      for (const name of ["wall", "awake"]) {
        localStorage.setItem(`clock-${name}`, added(name) + seconds * 1000);
      }
      run();
      for (let turn = 0; turn < 3; turn++) await new Promise(soon);
    }
  };
})();
