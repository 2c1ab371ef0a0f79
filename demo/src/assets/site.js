// What the pages of the site do by themselves.

// A page that depends on who is logged in: the browser must not show it as it was, to another person, after
// "Back". (Chromium keeps pages in memory even if their answer says no-store.)
if ("personal" in document.body.dataset) {
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

// A logout that loads a page. A chat that is open deletes what its user typed: `forget` is the stand-in's
// own.
for (const form of document.querySelectorAll("form[action='/logout']:not(#logout)")) {
  form.addEventListener("submit", () => window.BoostGPTWidget?.forget?.());
}

const form = document.getElementById("logout");
if (form) sameForEveryone(form);

// A page that is the same for every visitor: it asks who is logged in, and logs out without being loaded
// again.
function sameForEveryone(form) {
  const [status, who] = [form.querySelector("[role=status]"), form.querySelector("#user")];
  const [logIn, logOut] = [form.querySelector("a"), form.querySelector("button")];
  let user; // the name of who is logged in, or null; undefined while the page asks, false if it got no answer
  let asked = 0;

  async function look() {
    if (document.hidden) return;
    const mine = ++asked;
    let name;
    try {
      const answer = await fetch("/user", { cache: "no-store", signal: AbortSignal.timeout(10_000) });
      ({ name } = await answer.json());
    } catch {
      if (mine === asked) user = false; // what is shown stays; the chat asks again after the next answer
      return;
    }
    if (mine !== asked) return;
    const hadFocus = document.activeElement === logOut;
    who.textContent = name ?? (status.textContent ? "" : "Not logged in"); // text, never HTML
    logIn.hidden = name !== null;
    logOut.hidden = name === null;
    if (hadFocus && logOut.hidden) logIn.focus();
    // Another tab has logged in or out: the chat asks again, too.
    const changed = user !== undefined && user !== name;
    user = name;
    if (changed) dispatchEvent(new Event("boostgpt:identify"));
  }

  // From here on it is not known who is logged in, until the site answers.
  function again() {
    status.textContent = "";
    user = undefined;
    look();
  }

  // The browser keeps no page with a name on it.
  addEventListener("pagehide", () => (who.textContent = ""));
  addEventListener("pageshow", (event) => {
    if (event.persisted) logIn.hidden = logOut.hidden = true;
    again();
  });
  addEventListener("boostgpt:identify", again);
  addEventListener("visibilitychange", look);
  addEventListener("focus", look);

  // First the chat forgets who it is, then the session ends, and then the snippet asks who is logged in now.
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    window.BoostGPTWidget?.init({ botId: document.body.dataset.bot });
    let outcome = "You are logged out.";
    try {
      const answer = await fetch("/logout", {
        method: "POST",
        redirect: "manual",
        signal: AbortSignal.timeout(10_000),
      });
      if (answer.type !== "opaqueredirect") throw new Error(answer.statusText);
      window.BoostGPTWidget?.forget?.();
    } catch {
      outcome = "You are still logged in: the site cannot be reached.";
    } finally {
      dispatchEvent(new Event("boostgpt:identify"));
    }
    status.textContent = outcome; // until a user logs in, or the page is shown again
  });
}
