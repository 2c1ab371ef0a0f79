// A stand-in for https://embed.boostgpt.co/widget.js with its documented surface: the attributes data-bot-id
// and data-user-token of its script tag, or BoostGPTWidget.init({ botId, userToken }). A page with a content
// security policy lets in this script and frames of its origin; everything else goes through the style sheet
// below, which needs no permission. A second init with the same botId keeps the chat as it is, open or not,
// and changes its visitor.
//
// Not documented, and only here: BoostGPTWidget.forget() tells an open chat that the user has logged out on
// purpose, so that it deletes what they typed and did not send. init({ botId }) alone may also mean that a
// login has ended by itself, or that the page asks again who is logged in.
(() => {
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  let widget;

  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { all: initial; color-scheme: light dark; }
    button { position: fixed; right: 16px; bottom: 16px; z-index: 2147483647; padding: 14px 22px;
      border: 0; border-radius: 28px; background: light-dark(#2a4b9b, #9db8ff);
      color: light-dark(#fff, #0d1526);
      font: 600 16px/1.4 system-ui, sans-serif; cursor: pointer; box-shadow: 0 4px 16px #0005;
      -webkit-tap-highlight-color: transparent; }
    button:active { filter: brightness(0.9); }
    button:focus-visible { outline: 3px solid light-dark(#b26a00, #ffc857); outline-offset: 2px; }
    iframe { position: fixed; right: 16px; bottom: 16px; z-index: 2147483646; width: 380px; height: 560px;
      max-width: calc(100vw - 32px); max-height: calc(100vh - 32px); box-sizing: border-box;
      border: 1px solid light-dark(#b9c2d3, #3a465c); border-radius: 16px;
      background: light-dark(#fff, #141b28); box-shadow: 0 12px 40px #0005; }
    [hidden], button[data-ready][aria-expanded="true"] { display: none; }
    @media (max-width: 480px) {
      iframe { inset: 0; width: 100vw; max-width: 100%; height: 100%; max-height: none; border: 0;
        border-radius: 0; }
    }`);

  function init({ botId, userToken = "" }) {
    if (widget?.botId === botId) {
      widget.identify(userToken);
      return;
    }
    widget?.remove();
    widget = create(botId, userToken);
  }

  function create(botId, userToken) {
    const host = document.createElement("boostgpt-widget");
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style];
    let token = userToken;

    const bubble = document.createElement("button");
    bubble.type = "button";
    bubble.textContent = "Chat";
    bubble.setAttribute("aria-expanded", "false");
    root.append(bubble);
    let frame;
    let ready = false;

    // The token goes to the frame it is meant for: never in a URL, never to another origin.
    function tell(message) {
      if (ready) frame.contentWindow.postMessage(message, origin);
    }

    function give() {
      tell({ type: "boostgpt:token", token });
    }

    function hear(event) {
      if (!frame || event.source !== frame.contentWindow || event.origin !== origin) return;
      if (event.data?.type === "boostgpt:close") toggle(false);
      if (event.data?.type === "boostgpt:reload") location.reload();
      if (event.data?.type === "boostgpt:ready") {
        ready = true;
        if (root.activeElement === bubble) frame.focus();
        bubble.dataset.ready = ""; // the chat has a button to close it
        give();
      }
    }

    // Until the chat is ready, the bubble stays, keeps the focus and closes it. A chat that did not load is
    // loaded again when it is opened again.
    function toggle(open) {
      if (open && !frame) {
        frame = document.createElement("iframe");
        frame.title = "Chat";
        frame.src = `${origin}/agent/${encodeURIComponent(botId)}`;
        root.append(frame);
      }
      if (!open && !ready) {
        frame?.remove();
        frame = undefined;
      }
      if (frame) frame.hidden = !open;
      bubble.setAttribute("aria-expanded", String(open));
      bubble.textContent = open ? "Close chat" : "Chat";
      (open && ready ? frame : bubble).focus();
    }

    function escape(event) {
      if (event.key === "Escape" && bubble.getAttribute("aria-expanded") === "true") toggle(false);
    }

    bubble.addEventListener("click", () => toggle(!frame || frame.hidden));
    window.addEventListener("message", hear);
    document.addEventListener("keydown", escape);
    document.body.append(host);
    return {
      botId,
      identify(userToken) {
        token = userToken;
        give();
      },
      forget() {
        tell({ type: "boostgpt:forget" });
      },
      remove() {
        window.removeEventListener("message", hear);
        document.removeEventListener("keydown", escape);
        host.remove();
      },
    };
  }

  window.BoostGPTWidget = Object.freeze({ init, forget: () => widget?.forget() });
  const { botId, userToken } = script.dataset;
  if (botId) {
    delete script.dataset.userToken; // it has been read: no other script need find it
    if (document.body) init({ botId, userToken });
    else document.addEventListener("DOMContentLoaded", () => init({ botId, userToken }));
  }
})();
