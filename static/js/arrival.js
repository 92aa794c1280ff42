/* The page of an arrival that waits: asks for itself again until it is filed or refused, then goes where it leads. Without
   this file, the browser reads it again by itself. */
"use strict";

(() => {
  const live = document.querySelector("[data-live]");
  const status = document.querySelector("[role=status][data-over]");
  const link = document.querySelector("[data-again]");
  if (!live || !status || !link) return;
  const page = link.querySelector("a").href; // in a rush this page may be the answer to the form: never send it again
  const patience = 1000; // milliseconds for the announcement, before the page changes
  const failuresMax = 5; // then the link is there too
  let pause = 1000 * Number(link.dataset.again); // milliseconds; longer for those who wait behind many
  let failures = 0;

  const visible = () => new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    look();
  });

  const look = async () => {
    await visible();
    try {
      // Filed, or the session has ended: a redirection. Refused: 200. It waits: 202.
      const answer = await fetch(page, { headers: { Accept: "text/html" }, redirect: "manual", cache: "no-store" });
      if (answer.type === "opaqueredirect" || answer.status === 200) {
        status.textContent = status.dataset.over;
        setTimeout(() => location.replace(page), patience);
        return;
      }
      if (!answer.ok) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
      pause = 1000 * Number(answer.headers.get("Retry-After"));
      if (fresh.textContent !== live.textContent) live.textContent = fresh.textContent;
      failures = 0;
      link.hidden = true;
    } catch {
      failures += 1;
      if (failures >= failuresMax) link.hidden = false;
    }
    setTimeout(look, pause * (0.8 + 0.4 * Math.random())); // pages opened together do not ask together
  };

  history.replaceState(null, "", page);
  link.hidden = true;
  setTimeout(look, pause);
})();
