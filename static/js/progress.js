/* Progress of a bulk run, or of files that wait for a worker: the page is fetched again until it is over. Without this
   file, a link reloads it. The focus is kept: on the same control if the page still has it. */
"use strict";

(() => {
  const shown = document.querySelector("[data-run][data-open]");
  const status = document.querySelector("[data-said]");
  if (!shown || !status) return;
  const pause = 1500; // milliseconds between two requests
  const failuresMax = 5; // then the link remains
  let failures = 0;

  const sameIn = (fresh, held) => [...fresh.querySelectorAll(held.tagName)].find((each) =>
    ["id", "name", "value", "href"].every((key) => each[key] === held[key]));

  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-run]");
      // After the session has ended, the answer is another page.
      if (!answer.ok || !fresh) throw new Error(answer.status);
      failures = 0;
      if (!("open" in fresh.dataset)) {
        const held = shown.contains(document.activeElement) && document.activeElement;
        const ended = document.importNode(fresh, true);
        shown.replaceWith(ended);
        status.textContent = fresh.dataset.over;
        if (held) (sameIn(ended, held) ?? document.getElementById("avancement"))?.focus();
        return;
      }
      for (const part of fresh.querySelectorAll("[data-live]")) {
        shown.querySelector(`[data-live="${part.dataset.live}"]`)?.replaceChildren(...part.childNodes);
      }
    } catch {
      failures += 1;
      if (failures >= failuresMax) return;
    }
    setTimeout(look, pause);
  };

  setTimeout(look, pause);
})();
