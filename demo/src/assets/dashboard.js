// The dashboard: shows a new secret and copies it, asks before the secret is regenerated, goes to the answer to a check.
const element = (id) => document.getElementById(id);
const secret = element("secret");

if (secret.value) {
  element("new-secret").hidden = false;
  secret.focus();
  secret.select();
}
// The secret is shown once: not again when the browser shows the page as it was.
addEventListener("pagehide", () => {
  secret.defaultValue = secret.value = "";
  element("new-secret").hidden = true;
});

// The answer to a check: read it first.
if (element("diagnosis").textContent) element("diagnosis").focus();

element("copy").addEventListener("click", async () => {
  secret.select();
  try {
    await navigator.clipboard.writeText(secret.value);
    element("copied").textContent = "Copied.";
  } catch {
    element("copied").textContent = "Selected: copy it with the keyboard.";
  }
});

element("regenerate").addEventListener("click", () => element("confirm").showModal());

// Two clicks would regenerate twice, and show a secret that is already old.
for (const form of document.querySelectorAll("form[action='/secret']")) {
  form.addEventListener("submit", ({ submitter }) => {
    if (submitter.formMethod === "dialog") return;
    setTimeout(() => (submitter.disabled = true));
    addEventListener("pagehide", () => (submitter.disabled = false)); // the browser may show the page again
  });
}
