/* Saves marks, remarks and the comment while a member types them, as their draft (intake/review/marks/typed.py). Before a
   link or a button leaves the page, what was typed is saved first; if that fails, it stays on the page. Every page works
   without this file; the buttons save. */
"use strict";

(() => {
  const form = document.querySelector("form[data-marks]");
  if (!form) return;
  const words = form.dataset;
  const line = form.querySelector("[data-saved-state]");
  const [PAUSE, RETRY] = [1200, 5000]; // milliseconds after the last key; before another attempt
  const CUT = 0;
  const MAY_GO = [200, 409, 422]; // the page of the server says the rest
  const typed = () => {
    const data = new FormData(form);
    data.delete("csrfmiddlewaretoken");
    data.delete("version");
    return new URLSearchParams(data).toString();
  };
  let saved = typed(); // what the server has
  let sending = null;
  let failed = false;
  let stopped = false;
  let leaving = false;
  let pause;
  const isUnsent = () => !stopped && typed() !== saved;

  const say = (sentence, isWrong = false) => {
    line.textContent = sentence;
    line.classList.toggle("review-error", isWrong);
  };
  const askToSignIn = () => {
    say(words.signedOut, true);
    const link = document.createElement("a");
    link.href = words.signIn;
    link.target = "_blank";
    link.textContent = words.connect;
    line.append(" ", link);
    line.scrollIntoView({ block: "nearest" });
  };

  const post = () =>
    fetch(form.action, {
      method: "POST",
      headers: { "X-Autosave": words.marks },
      body: new URLSearchParams(new FormData(form)),
      keepalive: true,
      redirect: "manual",
    }).then(async (answer) => ({ status: answer.status, text: await answer.text() }), () => ({ status: CUT, text: "" }));

  /* A new session has another token. False if it is another account's, or none. */
  const renew = async () => {
    const page = await fetch(location.href).then((answer) => answer.text(), () => "");
    const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("form[data-marks]");
    if (fresh && fresh.dataset.marks !== words.marks) say(words.other, true);
    else if (!fresh) askToSignIn();
    if (fresh?.dataset.marks !== words.marks) return false;
    form.elements.csrfmiddlewaretoken.value = fresh.elements.csrfmiddlewaretoken.value;
    return true;
  };

  const send = async () => {
    const sent = typed();
    let { status, text } = await post();
    if (status === 403) {
      failed = true;
      if (!await renew()) return status;
      ({ status, text } = await post());
    }
    failed = !MAY_GO.includes(status);
    if (status === 401) askToSignIn();
    else if (failed) {
      say(status === CUT ? words.waiting : words.failing, true);
      pause = setTimeout(save, RETRY);
    } else {
      const answer = JSON.parse(text);
      if (status === 200) {
        form.elements.version.value = answer.version;
        document.querySelector("[data-before-typing]")?.remove(); // its state and hour are not true any more
      }
      stopped = status === 409;
      if (!stopped) saved = sent;
      say(answer.said, status !== 200);
    }
    return status;
  };

  /* Save what is not saved yet, one request after the other; return the last status. */
  const save = async () => {
    clearTimeout(pause);
    while (sending) await sending;
    if (!isUnsent()) return 200;
    sending = send();
    const status = await sending;
    sending = null;
    return status === 200 && isUnsent() ? save() : status;
  };

  form.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", async (event) => {
    if (leaving || !(isUnsent() || sending)) {
      leaving = true;
      return;
    }
    event.preventDefault();
    if (!MAY_GO.includes(await save())) return;
    leaving = true;
    form.requestSubmit(event.submitter);
  });
  const passed = new WeakSet();
  document.addEventListener("submit", async (event) => {
    const other = event.target;
    if (other === form || passed.has(other) || !(isUnsent() || sending)) return;
    event.preventDefault();
    await save();
    passed.add(other);
    other.requestSubmit(event.submitter);
  });
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[href]");
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || link.target || link.getAttribute("href").startsWith("#") || !isPlain) return;
    if (event.defaultPrevented || !(isUnsent() || sending)) return;
    event.preventDefault();
    await save();
    location.assign(link.href); // the browser asks first if it failed
  });
  addEventListener("pagehide", () => { if (!leaving && !sending && isUnsent()) post(); });
  addEventListener("visibilitychange", () => { if (!document.hidden && failed) save(); });
  addEventListener("online", save);
  addEventListener("beforeunload", (event) => { if (!leaving && (failed || stopped) && typed() !== saved) event.preventDefault(); });
})();
