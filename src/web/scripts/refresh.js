{
  let who, busy, stale, fails = 0, since = 0, wait = Infinity;
  const init = (user, token) => {
    who = user ?? "";
    window.BoostGPTWidget?.init({ botId: "BOT_ID", ...(user && { userToken: token }) });
  };
  const due = () => Date.now() < since || Date.now() >= since + wait;
  const ask = async () => {
    if (busy || document.hidden) return;
    busy = true;
    let user, token, next;
    try {
      const url = new URL("ENDPOINT", location);
      const answer = await fetch(url, { mode: "same-origin", cache: "no-store", signal: AbortSignal.timeout(1e4) });
      if (answer.ok) ({ token } = await answer.json());
      else if (![401, 403].includes(answer.status)) throw 0;
      if (token) {
        const { iat, exp, ...rest } = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
        next = (exp - iat) * (800 + 100 * Math.random());
        user = JSON.stringify(rest);
      } else next = Infinity;
      fails = 0;
    } catch {
      next = Math.min(2 ** fails++, 300) * (500 + 500 * Math.random());
    }
    busy = false;
    if (stale) return again();
    if (user && user == who && !due()) return;
    if (user || !fails && who || who == null) init(user, token);
    since = Date.now();
    wait = next;
  };
  const again = () => {
    if (!stale) init();
    since = wait = 0;
    stale = busy;
    ask();
  };
  addEventListener("pageshow", event => event.persisted && again());
  addEventListener("boostgpt:identify", again);
  addEventListener("online", ask);
  addEventListener("visibilitychange", ask);
  setInterval(() => due() && ask(), 5e3);
  ask();
}
