// The agent page: takes the visitor's token from the page that embeds it, opens a conversation with it, and
// shows what the service makes of it. The page may hand over another token at any time: a fresh one, another
// user's, or none.
const embedder = document.body.dataset.embedder;
const here = location.pathname; // /agent/BOT
const element = (id) => document.getElementById(id);
const field = element("text");

const MAX_REQUEST_TIME = 10_000; // of a request, in milliseconds
const MAX_ATTEMPTS = 3; // to send a message while the page hands over other tokens

let token = "";
let turn = 0; // raised with each token: an answer that belongs to an older one changes nothing
let visiting; // the visit with this token, once it has begun
let conversation; // its id, while the visitor is identified
let subscriber; // whose conversation is shown; undefined for an anonymous visitor
let draft; // what this subscriber typed and the agent has not got: { id, text }
let last; // the latest subscriber of this page, unless they logged out
let accepted; // the token that vouched for them
let wanted; // the id of the draft to be sent
let sending = false;
const drafts = new Map(); // of each subscriber, for a browser that lets frames of other sites store nothing

// Exactly one origin is told that the page is ready, and only its answer is heard.
window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || origin !== embedder) return;
  if (data?.type === "boostgpt:token" && typeof data.token === "string") take(data.token);
  if (data?.type === "boostgpt:forget") forget();
});
if (window.parent === window) {
  take("");
} else {
  element("close").hidden = false;
  tell("boostgpt:ready");
}

// A visit that did not get through is made again when it may.
window.addEventListener("online", visit);
document.addEventListener("visibilitychange", () => document.hidden || visit());

function tell(type) {
  if (window.parent !== window) window.parent.postMessage({ type }, embedder);
}

function take(given) {
  turn++;
  token = given;
  visiting = undefined;
  say("trouble", "");
  if (token) visit();
  else show({ identified: false }); // at once, also without a network
}

// Opens a conversation with the token, if there is one. Whether it is open now.
function visit() {
  if (token) visiting ??= open(turn);
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
    const signal = AbortSignal.timeout(MAX_REQUEST_TIME);
    const response = await fetch(address, { method: "POST", signal, ...request });
    if (!response.ok) throw new Error(response.statusText);
    const answer = await response.json();
    if (mine === turn) say("trouble", "");
    return answer;
  } catch {
    if (mine === turn) say("trouble", `The chat cannot be reached. Try again in a moment.${stillHere()}`);
    return undefined;
  }
}

function stillHere() {
  return field.value ? " Your message is still here." : "";
}

// What has not changed is not announced again.
function say(id, text) {
  if (element(id).textContent !== text) element(id).textContent = text;
}

// Text only, never HTML: names and messages are whatever a person typed.
function show({ identified, subscriber_id, name, conversation: opened, messages = [] }) {
  const before = subscriber;
  subscriber = identified ? subscriber_id : undefined;
  conversation = identified ? opened : undefined;
  if (subscriber) [last, accepted] = [subscriber, token];
  if (subscriber !== before) draft = subscriber && stored(subscriber);
  if (draft && messages.some(({ id }) => id === draft.id)) {
    draft = undefined; // it got through, though not its answer
    store(subscriber, draft);
  }
  const text = draft?.text ?? "";
  if (field.value !== text) field.value = text;

  if (subscriber) {
    const back = draft && subscriber !== before;
    keep("");
    say("notice", back ? "Welcome back. Your message is still here: send it when you like." : "");
  } else {
    showEnd();
  }
  element("whom").replaceChildren(...(identified ? [", ", named(name)] : []));
  element("gate").hidden = identified;
  element("chat").hidden = !identified;
  list(messages);
  document.body.dataset.visitor = identified ? "identified" : "anonymous";
}

// Tells an anonymous visitor why they are no longer known, if they were. What they typed is shown only beside
// the token that vouched for them: another token, or none, may mean another person.
function showEnd() {
  const { host } = new URL(embedder);
  const typed = last && stored(last)?.text;
  if (!last) {
    keep("");
    say("notice", "");
  } else if (token && token === accepted) {
    const message = typed ? "Your message was not sent. It is kept here:" : "Nothing that you sent is lost.";
    keep(typed ?? "", true);
    say("notice", `The chat no longer knows who you are. Reload the page to go on. ${message}`);
  } else {
    const message = typed ? " What you typed is kept until you log in again." : "";
    keep("");
    say("notice", `You are no longer logged in at ${host}.${message}`);
  }
}

// A page that is loaded again has a fresh token, if its user is still logged in there.
function keep(text, expired = false) {
  element("kept").hidden = text === "";
  say("kept", text);
  element("expired").hidden = !expired;
  element("unknown").hidden = expired;
  element("by-email").classList.toggle("secondary", expired);
}

// The user has logged out on purpose: what they typed is deleted, and no notice is needed.
function forget() {
  if (last) store(last, undefined);
  if (subscriber) {
    draft = undefined;
    field.value = "";
  }
  last = accepted = undefined;
  if (!subscriber) showEnd();
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

// Sends the draft in the conversation that was on the screen, or not at all. The visitor is told if it is not
// sent.
async function send() {
  const from = subscriber;
  const { id, text } = draft;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const mine = turn;
    const isOpen = await visit();
    if (subscriber !== from) return; // the notice says that the visitor has changed
    if (!isOpen) {
      if (mine === turn) return; // the chat cannot be reached
      continue; // the page has handed over another token meanwhile
    }
    const body = JSON.stringify({ conversation, id, text });
    const headers = { "Content-Type": "application/json" };
    // Also if the page is left now:
    const answer = await ask(`${here}/messages`, { body, headers, keepalive: true });
    if (answer?.identified) {
      sent(from, id, answer.messages);
      return;
    }
    if (mine !== turn) continue;
    if (!answer) return; // the chat cannot be reached
    visiting = undefined; // the conversation has ended, perhaps with the token: the visit says
  }
  say("trouble", `Your message was not sent. Try again in a moment.${stillHere()}`);
}

function sent(from, id, messages) {
  if (stored(from)?.id === id) store(from, undefined);
  if (subscriber !== from) return;
  if (draft?.id === id) {
    draft = undefined;
    field.value = "";
  }
  say("notice", "");
  list(messages);
}

// While one message is under way, another one waits for it.
element("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (draft?.text !== field.value) type();
  wanted = draft?.id;
  if (sending) return;
  sending = true;
  try {
    while (wanted && wanted === draft?.id) {
      const id = wanted;
      await send();
      if (wanted === id) wanted = undefined;
    }
  } finally {
    sending = false;
  }
});

field.addEventListener("input", type);

// A message has one id, however often it is sent: the service keeps it once.
function type() {
  draft = field.value ? { id: crypto.randomUUID(), text: field.value } : undefined;
  store(subscriber, draft);
}

// What each subscriber typed survives a reload of the page, in this tab alone, until it is sent: also the end
// of their login, and another user's visit. It is shown to no one else. A logout on purpose deletes it.
function store(whom, what) {
  drafts.set(whom, what);
  try {
    if (what) sessionStorage.setItem(`draft:${whom}`, JSON.stringify(what));
    else sessionStorage.removeItem(`draft:${whom}`);
  } catch {
    // it is kept as long as the page is open
  }
}

function stored(whom) {
  try {
    return JSON.parse(sessionStorage.getItem(`draft:${whom}`)) ?? undefined;
  } catch {
    return drafts.get(whom);
  }
}

element("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  say("signed-in", "A real agent would now send you a link. This one sends no mail.");
});

element("reload").addEventListener("click", () => tell("boostgpt:reload"));
element("close").addEventListener("click", () => tell("boostgpt:close"));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") tell("boostgpt:close");
});
