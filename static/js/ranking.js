/* Ranking of an offer: trial weights are applied while the user types, by fetching the page of the form's button and
   using its ranks. The page works without this file; nothing is stored either way. */
"use strict";

(() => {
  const form = document.querySelector("[data-trial]");
  if (!form) return;
  const status = form.querySelector("[data-trial-status]");
  const pause = 250; // milliseconds without a key before a request
  let waiting;
  let asking;

  const say = (words, wrong) => {
    status.textContent = words;
    status.classList.toggle("review-error", wrong);
  };

  const refresh = async () => {
    asking?.abort();
    if (!form.checkValidity()) {
      say(status.dataset.invalid, true);
      return;
    }
    asking = new AbortController();
    try {
      const address = `?${new URLSearchParams(new FormData(form))}`;
      const answer = await fetch(address, { signal: asking.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-ranking]");
      // After the session has ended, the answer is another page.
      if (!answer.ok || !fresh) throw new Error(answer.status);
      document.querySelector("[data-ranking]").replaceWith(fresh);
      for (const error of form.querySelectorAll(".review-weight .review-error")) error.remove();
      say(fresh.dataset.words, fresh.hasAttribute("data-refused"));
    } catch (error) {
      if (error.name !== "AbortError") say(status.dataset.failed, true);
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, pause);
  });
})();
