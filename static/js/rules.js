/* Pages of an offer's criteria: the focus moves to what must be corrected, and the examples are fetched again while
   the user types. Both pages work without this file. */
"use strict";

(() => {
  document.querySelector("[data-focus]")?.focus();
  const form = document.querySelector("[data-rules]");
  if (!form) return;
  const status = form.querySelector("[data-status]");
  const pause = 400; // milliseconds without a key before a request
  // Its buttons are named "action": `form.action` would return them, not the address.
  const address = form.getAttribute("action");
  let waiting;
  let asking;

  for (const button of form.querySelectorAll("[data-without-script]")) button.hidden = true;
  const refresh = async () => {
    asking?.abort();
    asking = new AbortController();
    const sent = new FormData(form);
    sent.set("action", "examples");
    sent.set("fragment", "1");
    try {
      const answer = await fetch(address, { method: "POST", body: sent, signal: asking.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // After the session has ended, the answer is another page.
      if (!answer.ok || !page.querySelector("[data-fragment]")) throw new Error(answer.status);
      for (const fresh of page.querySelectorAll("[data-examples]")) {
        const shown = document.getElementById(fresh.id);
        const opened = fresh.querySelector("details");
        if (opened && shown?.querySelector("details[open]")) opened.open = true;
        shown?.replaceWith(fresh);
      }
      status.textContent = status.dataset.done;
    } catch (error) {
      if (error.name !== "AbortError") status.textContent = status.dataset.failed;
    }
  };

  form.addEventListener("input", () => {
    status.textContent = "";
    clearTimeout(waiting);
    waiting = setTimeout(refresh, pause);
  });
})();
