{
  const init = token => window.BoostGPTWidget?.init({ botId: "BOT_ID", ...(token && { userToken: token }) });
  let turn = 0;
  const ask = async () => {
    const mine = ++turn;
    let token;
    try {
      const url = new URL("ENDPOINT", location); // on this page's origin, whatever <base href> says
      const answer = await fetch(url, {
        mode: "same-origin",
        cache: "no-store",
        signal: AbortSignal.timeout(1e4)
      });
      if (answer.ok) ({ token } = await answer.json());
    } catch {} // no answer, no identity
    if (mine === turn) init(token);
  };
  const again = () => {
    init(); // ends the identity at once
    ask();
  };
  // The page is back from the browser's cache:
  addEventListener("pageshow", event => event.persisted && again());
  addEventListener("boostgpt:identify", again);
  ask();
}
