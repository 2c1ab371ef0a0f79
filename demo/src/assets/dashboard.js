// Shows the new secret, where there is one, and copies it.
const secret = document.getElementById("secret");
document.getElementById("new-secret").hidden = secret.value === "";

document.getElementById("copy").addEventListener("click", async () => {
  secret.select();
  try {
    await navigator.clipboard.writeText(secret.value);
    document.getElementById("copied").textContent = "Copied.";
  } catch {
    document.getElementById("copied").textContent = "Selected: copy it with the keyboard.";
  }
});
