// Shows "Log out" while a user is logged in, and logs out without a page load. The page itself is the same
// for every visitor.
const form = document.getElementById("logout");
let turn = 0;

async function look() {
  const mine = ++turn;
  try {
    const answer = await fetch("/user", { cache: "no-store", signal: AbortSignal.timeout(10_000) });
    const { name } = await answer.json();
    if (mine === turn) form.hidden = name === null;
  } catch {
    // the site cannot be reached: what is shown stays
  }
}

addEventListener("pageshow", look); // also if the browser shows the page again after "Back"
addEventListener("boostgpt:identify", look);

// The logout: first the chat forgets who it is, also without a network.
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  window.BoostGPTWidget?.init({ botId: form.dataset.bot });
  try {
    await fetch("/logout", { method: "POST", redirect: "manual", signal: AbortSignal.timeout(10_000) });
  } catch {
    form.submit(); // with a page load: the browser says what is wrong
  } finally {
    dispatchEvent(new Event("boostgpt:identify")); // the snippet and this script ask who is logged in now
  }
});
