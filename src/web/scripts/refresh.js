{
  let who, busy, old, over, from, wait, miss = 0;
  const init = (user, token) => {
    who = user ?? "";
    window.BoostGPTWidget?.init({ botId: "BOT_ID", ...(user && { userToken: token }) });
  };
  const due = end => Date.now() < from || Date.now() >= end;
  const ask = async () => {
    if (busy || document.hidden) return;
    busy = true;
    let user, token, next = Infinity;
    try {
      const got = await fetch(new URL("ENDPOINT", location), {
        mode: "same-origin", cache: "no-store", signal: AbortSignal.timeout(1e4)
      });
      if (got.ok) ({ token } = await got.json());
      else if (![401, 403].includes(got.status)) throw 0;
      if (token) {
        const { iat, exp, ...id } = JSON.parse(
          atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))
        );
        next = (exp - iat) * (800 + 100 * Math.random());
        user = JSON.stringify(id);
      }
      miss = 0;
    } catch {
      next = Math.min(5 * 2 ** miss++, 300) * (500 + 500 * Math.random());
    }
    busy = false;
    if (old) return again();
    if (user && user == who && !due(over)) return;
    if (who && (user ? user != who : !miss)) init();
    if (user || who == null) init(user, token);
    from = Date.now();
    wait = from + next;
    if (!miss) over = wait;
  };
  const again = () => {
    if (!old) init();
    from = wait = over = 0;
    old = busy;
    ask();
  };
  addEventListener("pageshow", e => e.persisted && again());
  addEventListener("boostgpt:identify", again);
  for (const type of ["online", "focus", "visibilitychange"]) addEventListener(type, ask);
  setInterval(() => due(wait) && ask(), 5e3);
  ask();
}
