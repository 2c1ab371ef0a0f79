addEventListener("pageshow", event => {
  if (!event.persisted) return;
  window.BoostGPTWidget?.init({ botId: "BOT_ID" });
  location.reload();
});
