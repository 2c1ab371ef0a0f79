// The dashboard: copies a new secret, asks before the secret is regenerated, goes to the answer
// to a check, and shows the table of the days where there is no room for the chart.
const element = (id) => document.getElementById(id);
const secret = element("secret");

if (secret.value) {
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

// On a narrow screen the table is all that is shown of the days.
const narrow = matchMedia("(max-width: 799px)");
const fit = () => (element("values").open = narrow.matches);
narrow.addEventListener("change", fit);
fit();
