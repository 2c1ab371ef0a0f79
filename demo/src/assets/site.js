// What the pages of the site do by themselves.

// A page that depends on who is logged in: the browser must not show it as it was, to another person, after "Back". (Chromium
// keeps pages in memory even if their answer says no-store.)
if ("personal" in document.body.dataset) {
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

// Logs out without loading a page: first the chat forgets who it is, then the session ends, and then the snippet asks who is
// logged in now.
document.getElementById("log-out")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const status = document.getElementById("logged-out");
  window.BoostGPTWidget?.init({ botId: document.body.dataset.bot });
  try {
    const answer = await fetch("/logout", { method: "POST", redirect: "manual" });
    if (answer.type !== "opaqueredirect") throw new Error(answer.statusText);
    status.textContent = "You are logged out.";
  } catch {
    status.textContent = "You are still logged in: the site cannot be reached.";
  }
  dispatchEvent(new Event("boostgpt:identify"));
});
