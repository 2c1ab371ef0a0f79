// A stand-in for https://embed.boostgpt.co/widget.js with its documented surface: the attributes data-bot-id and
// data-user-token of its script tag, or BoostGPTWidget.init({ botId, userToken }). A page with a content security policy lets
// in this script (a nonce is enough) and frames of its origin; everything else goes through the style sheet below,
// which needs no permission.
(() => {
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  let widget;

  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { all: initial; }
    button { position: fixed; right: 16px; bottom: 16px; z-index: 2147483647; padding: 14px 20px; border: 0;
      border-radius: 28px; background: #2a4b9b; color: #fff; font: 600 16px system-ui, sans-serif; cursor: pointer;
      box-shadow: 0 2px 10px #0006; }
    button:focus-visible { outline: 3px solid #f5b800; outline-offset: 2px; }
    iframe { position: fixed; right: 16px; bottom: 80px; z-index: 2147483647; width: 360px; height: 480px;
      max-width: calc(100vw - 32px); max-height: calc(100vh - 100px); box-sizing: border-box; border: 1px solid #8893a8;
      border-radius: 12px; background: #fff; box-shadow: 0 4px 24px #0004; }
    [hidden] { display: none; }
    @media (max-width: 480px) {
      iframe { right: 0; bottom: 72px; width: 100vw; max-width: 100%; height: calc(100vh - 80px); border-radius: 0; }
    }`);

  function init({ botId, userToken }) {
    widget?.remove();
    widget = document.createElement("boostgpt-widget");
    const root = widget.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style];

    const bubble = document.createElement("button");
    bubble.type = "button";
    bubble.textContent = "Chat";
    bubble.setAttribute("aria-expanded", "false");
    root.append(bubble);
    let frame;

    // The token goes to the frame it is meant for: never in a URL, never to another origin.
    function hear(event) {
      if (!frame || event.source !== frame.contentWindow || event.origin !== origin) return;
      if (event.data?.type === "boostgpt:close") toggle(false);
      if (event.data?.type === "boostgpt:ready") {
        frame.contentWindow.postMessage({ type: "boostgpt:token", token: userToken ?? "" }, origin);
      }
    }

    function toggle(open) {
      if (open && !frame) {
        frame = document.createElement("iframe");
        frame.title = "Chat";
        frame.src = `${origin}/agent/${encodeURIComponent(botId)}`;
        root.append(frame);
      }
      if (frame) frame.hidden = !open;
      bubble.textContent = open ? "Close chat" : "Chat";
      bubble.setAttribute("aria-expanded", String(open));
      (open ? frame : bubble).focus();
    }

    function escape(event) {
      if (event.key === "Escape" && bubble.getAttribute("aria-expanded") === "true") toggle(false);
    }

    bubble.addEventListener("click", () => toggle(!frame || frame.hidden));
    window.addEventListener("message", hear);
    document.addEventListener("keydown", escape);
    widget.remove = () => {
      window.removeEventListener("message", hear);
      document.removeEventListener("keydown", escape);
      HTMLElement.prototype.remove.call(widget);
    };
    document.body.append(widget);
  }

  window.BoostGPTWidget = Object.freeze({ init });
  const { botId, userToken } = script.dataset;
  if (botId) {
    delete script.dataset.userToken; // it has been read: no other script need find it
    if (document.body) init({ botId, userToken });
    else document.addEventListener("DOMContentLoaded", () => init({ botId, userToken }));
  }
})();
