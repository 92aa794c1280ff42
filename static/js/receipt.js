/* A receipt's page while workers make its files: requests its changing parts again until none is under way. Without
   this file, or after its end, a link reloads the page. */
"use strict";

(() => {
  const live = document.querySelector("[data-status-url]");
  const status = document.querySelector("[role=status][data-said]");
  if (!live || !status) return;
  const first = 1000 * Number(live.dataset.pause); // milliseconds; longer in a rush
  const longest = 30000;
  const growth = 1.5;
  const ends = Date.now() + 10 * 60000;
  const failuresMax = 5;
  let pause = first;
  let failures = 0;

  const again = (hidden) => {
    const link = live.querySelector("[data-again]");
    if (link) link.hidden = hidden;
    return link;
  };

  const visible = () => new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    look();
  });

  /* A part is replaced only if its state changed, so the focus and a selection stay. */
  const update = (fresh) => {
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const shown = live.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!shown || shown.dataset.state === part.dataset.state) continue;
      const held = shown.contains(document.activeElement);
      shown.replaceWith(document.importNode(part, true));
      const words = part.querySelector("[data-said]");
      if (words) status.textContent = words.dataset.said;
      if (held) live.querySelector(`[data-part="${part.dataset.part}"] a`)?.focus();
    }
    if (!fresh.querySelector("[data-again]")) again(true)?.remove();
  };

  const look = async () => {
    await visible();
    try {
      // After the session has ended, the answer is a redirection.
      const answer = await fetch(live.dataset.statusUrl, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!answer.ok) throw new Error(answer.status);
      update(new DOMParser().parseFromString(await answer.text(), "text/html"));
      failures = 0;
    } catch {
      failures += 1;
    }
    if (!live.querySelector("[data-again]")) return;
    if (failures >= failuresMax || Date.now() > ends) {
      again(false);
      return;
    }
    setTimeout(look, pause * (0.8 + 0.4 * Math.random())); // pages opened together do not ask together
    pause = Math.min(pause * growth, longest);
  };

  again(true);
  setTimeout(look, first);
})();
