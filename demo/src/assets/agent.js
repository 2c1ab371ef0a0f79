// The agent page: takes the visitor's token from the page that embeds it, and shows what the service makes of it.
const embedder = document.body.dataset.embedder;
const here = location.pathname; // /agent/BOT
const element = (id) => document.getElementById(id);
let token = "";

// Exactly one origin is told that the page is ready, and only its answer is heard.
window.addEventListener("message", (event) => {
  if (event.source !== window.parent || event.origin !== embedder) return;
  if (event.data?.type !== "boostgpt:token" || typeof event.data.token !== "string") return;
  token = event.data.token;
  visit();
});
if (window.parent === window) {
  visit();
} else {
  tell("boostgpt:ready");
}

function tell(type) {
  if (window.parent !== window) window.parent.postMessage({ type }, embedder);
}

function visit() {
  return ask(here, { headers: { Authorization: `Bearer ${token}` } });
}

async function ask(address, request) {
  try {
    const response = await fetch(address, { method: "POST", ...request });
    if (!response.ok) throw new Error(response.statusText);
    show(await response.json());
    element("trouble").textContent = "";
    return true;
  } catch {
    element("trouble").textContent = "The chat cannot be reached. Try again in a moment.";
    return false;
  }
}

// Text only, never HTML: names and messages are whatever somebody typed.
function show({ identified, name, messages = [] }) {
  element("greeting").textContent = identified ? `Hello, ${name}` : "Hello";
  element("gate").hidden = identified;
  element("chat").hidden = !identified;
  element("messages").replaceChildren(
    ...messages.map(({ from, text }) => {
      const item = document.createElement("li");
      item.className = from;
      item.textContent = text;
      return item;
    }),
  );
  element("messages").scrollTop = element("messages").scrollHeight;
  document.body.dataset.visitor = identified ? "identified" : "anonymous";
}

element("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = element("text").value;
  const body = JSON.stringify({ text, userToken: token });
  const sent = await ask(`${here}/messages`, { body, headers: { "Content-Type": "application/json" } });
  if (sent) element("text").value = "";
});

element("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  element("signed-in").textContent = "A real agent would now send you a link. This one sends no mail.";
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") tell("boostgpt:close");
});
