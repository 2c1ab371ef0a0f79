// The agent page: takes the visitor's token from the page that embeds it, opens a conversation with it, and shows what the
// service makes of it. The page may hand over another token at any time: a fresh one, another user's, or none.
const embedder = document.body.dataset.embedder;
const here = location.pathname; // /agent/BOT
const element = (id) => document.getElementById(id);
const field = element("text");

let token = "";
let turn = 0; // raised with each token: an answer that belongs to an older one changes nothing
let visiting; // the visit with this token, once it has begun
let conversation; // its id, while the visitor is identified
let subscriber; // whose conversation is shown; undefined for an anonymous visitor
let draft = restored(); // what this subscriber typed and the agent has not got: { subscriber, id, text }
let sending = false;

// Exactly one origin is told that the page is ready, and only its answer is heard.
window.addEventListener("message", (event) => {
  if (event.source !== window.parent || event.origin !== embedder) return;
  if (event.data?.type === "boostgpt:token" && typeof event.data.token === "string") take(event.data.token);
});
if (window.parent === window) {
  take("");
} else {
  element("close").hidden = false;
  tell("boostgpt:ready");
}

// A visit that did not get through is made again when it may.
window.addEventListener("online", () => token && visit());
document.addEventListener("visibilitychange", () => token && !document.hidden && visit());

function tell(type) {
  if (window.parent !== window) window.parent.postMessage({ type }, embedder);
}

function take(given) {
  turn++;
  token = given;
  visiting = undefined;
  if (token) visit();
  else show({ identified: false }); // at once, also without a network
}

// Opens a conversation with the token. Whether it is open now.
function visit() {
  visiting ??= open(turn);
  return visiting;
}

async function open(mine) {
  const answer = await ask(here, { headers: { Authorization: `Bearer ${token}` } });
  if (mine !== turn) return false;
  if (answer) show(answer);
  else visiting = undefined; // the next message tries again
  return Boolean(answer?.identified);
}

async function ask(address, request) {
  const mine = turn;
  try {
    const response = await fetch(address, { method: "POST", ...request });
    if (!response.ok) throw new Error(response.statusText);
    const answer = await response.json();
    if (mine === turn) say("trouble", "");
    return answer;
  } catch {
    const kept = field.value ? " Your message is still here." : "";
    if (mine === turn) say("trouble", `The chat cannot be reached. Try again in a moment.${kept}`);
    return undefined;
  }
}

function say(id, text) {
  element(id).textContent = text;
}

// Text only, never HTML: names and messages are whatever a person typed.
function show({ identified, subscriber_id, name, conversation: opened, messages = [] }) {
  const before = subscriber;
  subscriber = identified ? subscriber_id : undefined;
  conversation = identified ? opened : undefined;
  if (subscriber && draft?.subscriber !== subscriber) draft = undefined; // another person's: it is not shown
  if (messages.some(({ id }) => id && id === draft?.id)) draft = undefined; // it got through, though not its answer
  if (subscriber !== before) field.value = subscriber && draft ? draft.text : "";
  store();

  // A token that was given and is not accepted any more: the visitor was known a moment ago.
  const ended = Boolean(!subscriber && token && before);
  const kept = ended && draft?.subscriber === before ? draft.text : "";
  element("kept").hidden = kept === "";
  say("kept", kept);
  if (ended) {
    const message = kept ? "Your message was not sent. It is kept here:" : "Nothing that you sent is lost.";
    say("notice", `Your log-in at ${new URL(embedder).host} has ended here. Load the page again, or log in. ${message}`);
  } else if (subscriber && !before && draft) {
    say("notice", "Welcome back. Your message is still here: send it when you like.");
  } else {
    say("notice", "");
  }

  element("whom").replaceChildren(...(identified ? [", ", named(name)] : []));
  element("gate").hidden = identified;
  element("chat").hidden = !identified;
  list(messages);
  document.body.dataset.visitor = identified ? "identified" : "anonymous";
}

function named(name) {
  const whom = document.createElement("bdi");
  whom.textContent = name;
  return whom;
}

// What is there already stays, so that a screen reader reads only what is new.
function list(messages) {
  const before = [...element("messages").children];
  const goesOn = before.every((item, place) => item.textContent === messages[place]?.text);
  if (!goesOn) element("messages").replaceChildren();
  element("messages").append(
    ...messages.slice(goesOn ? before.length : 0).map(({ from, text }) => {
      const item = document.createElement("li");
      item.className = from;
      item.dir = "auto";
      item.textContent = text;
      return item;
    }),
  );
  element("messages").tabIndex = messages.length ? 0 : -1; // it scrolls, also by keyboard
  element("messages").scrollTop = element("messages").scrollHeight;
}

// A message is sent in the conversation that was on the screen, or not at all.
async function send() {
  const from = subscriber;
  const { id, text } = draft;
  for (let attempt = 0; attempt < 2; attempt++) {
    if (!(await visit()) || subscriber !== from) return;
    const body = JSON.stringify({ conversation, id, text });
    const mine = turn;
    const headers = { "Content-Type": "application/json" };
    const answer = await ask(`${here}/messages`, { body, headers, keepalive: true }); // also if the page is left now
    if (!answer) return;
    if (answer.identified) {
      if (subscriber === from) sent(id, answer.messages);
      return;
    }
    // The conversation has ended, perhaps with the token: the visit says.
    if (mine === turn) visiting = undefined;
  }
}

function sent(id, messages) {
  if (draft?.id === id) {
    draft = undefined;
    field.value = "";
    store();
  }
  say("notice", "");
  list(messages);
}

element("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending || !draft) return;
  sending = true;
  await send();
  sending = false;
});

// A message has one id, however often it is sent: the service keeps it once.
field.addEventListener("input", () => {
  draft = field.value ? { subscriber, id: crypto.randomUUID(), text: field.value } : undefined;
  store();
});

// Survives a reload of the page, in this tab alone. Once the page says that no user is logged in, it is not stored.
function store() {
  try {
    if (draft && token) sessionStorage.setItem("draft", JSON.stringify(draft));
    else sessionStorage.removeItem("draft");
  } catch {
    // the browser lets frames of other sites keep nothing
  }
}

function restored() {
  try {
    return JSON.parse(sessionStorage.getItem("draft")) ?? undefined;
  } catch {
    return undefined;
  }
}

element("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  say("signed-in", "A real agent would now send you a link. This one sends no mail.");
});

element("close").addEventListener("click", () => tell("boostgpt:close"));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") tell("boostgpt:close");
});
