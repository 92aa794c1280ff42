/* Deadlines on an open page: time left, closing, extension. Every page is right when it loads without this file.
   The hour is the portal's, counted by performance.now(): the device's clock may be wrong. The portal is asked again
   at each mark, at the closing, when the page shows or wakes again and when the device slept. All words are the
   portal's. `data-clock` is the address to ask, `data-now` its hour when it wrote the page.
   `data-reload`: load the page again at the closing; nothing is typed on it. */
"use strict";

(() => {
  const minute = 60_000;
  const hour = 60 * minute;
  const day = 24 * hour;
  const marks = [60, 15, 5, 1]; // minutes left, each announced once
  const readyWithin = 15 * minute;
  const patience = 8000; // milliseconds before the portal counts as out of reach
  const crowd = 5000; // milliseconds: thousands of pages close at once, and must not all ask at once
  const slack = 3000; // milliseconds: the device's two clocks differ by more only if it slept or its hour was set
  const nbsp = "\u00a0";
  const bar = document.querySelector(".deadline-bar");
  const status = document.querySelector("[data-countdown]");
  const visit = performance.getEntriesByType("navigation")[0];
  const arrived = visit?.responseStart ?? performance.now();
  const isOld = visit?.type === "back_forward" || visit?.transferSize === 0; // the browser may have kept the page

  /* As `urgency` of intake/web/formats.py. */
  const toneOf = (left) => {
    if (left <= 0) return "over";
    return [[hour, "hour"], [day, "day"], [7 * day, "near"]].find(([under]) => left < under)?.[1] ?? "far";
  };

  /* As `time_left` of intake/web/formats.py, in the words of the element. */
  const sentence = (element, left) => {
    const words = element.dataset.words.split("|");
    const [frame, last, over, daysAlone] = words.slice(6);
    if (left <= 0) return over;
    if (left < minute) return last;
    const counts = [Math.floor(left / day), Math.floor(left / hour) % 24, Math.floor(left / minute) % 60];
    const first = counts.findIndex(Boolean);
    const units = counts.map((count, place) => count && `${count}${nbsp}${words[2 * place + Number(count > 1)]}`);
    const shown = units.slice(first, first + (counts[0] >= Number(daysAlone) ? 1 : 2));
    return frame.replace("{}", shown.filter(Boolean).join(" "));
  };

  const pause = (left) => Math.min(15 * minute, Math.max(2 * minute, Math.abs(left) / 5)) * (1 + Math.random() / 5);

  /* Follows what `holder` shows: the band, for a whole page of a draft; a card; an offer or a list of them. */
  const follow = (holder) => {
    const isPage = holder.matches(".band");
    const isReview = /\/(verifier|deposer)\/$/.test(location.pathname); // it has the button itself
    const scope = isPage ? document : holder;
    const address = holder.dataset.clock;
    const isReloaded = "reload" in holder.dataset;
    const spread = holder.dataset.state || isReloaded ? 3 * crowd : crowd; // a public page files nothing: it gives way
    let base = Date.parse(holder.dataset.now); // the portal's hour when performance.now() was `since`
    let since = arrived;
    let state = { closes_at: holder.dataset.until, open: holder.dataset.open === "true", ready: false, filed: false };
    if (holder.dataset.state) state.state = holder.dataset.state;
    const wasClosed = !state.open; // when the page loaded
    let answered = true; // the last question
    let asking = null; // the question that waits for its answer
    let askedAt = 0;
    let askAt = 0;
    let asleep = false; // the device slept, and the portal has not answered since
    let isPast = false;
    let marked;
    let seen = [performance.now(), Date.now()];
    let timer;

    const now = () => base + performance.now() - since;
    const leftNow = () => Date.parse(state.closes_at) - now();
    const askWithin = (wait) => { askAt = Math.min(askAt, performance.now() + Math.random() * wait); };
    const say = (words) => { if (status) status.textContent = words; };

    const take = (found) => {
      const isNew = ["closes_at", "open", "filed", "state"].some((key) => found[key] !== state[key]);
      if (isReloaded) {
        if (found.open !== state.open || found.closes_at !== state.closes_at) location.reload();
        return;
      }
      if (found.closes_at !== state.closes_at) marked = undefined;
      state = found;
      if (!isNew) return;
      const parts = document.createElement("template");
      parts.innerHTML = found.html;
      for (const part of parts.content.children) {
        for (const old of scope.querySelectorAll(`[data-live="${part.dataset.live}"]`)) {
          old.replaceWith(document.importNode(part, true));
        }
      }
      if (found.said) say(found.said);
      if (!isPage) return;
      if (found.open && wasClosed && !document.querySelector("main :is(input:not([type=hidden]), textarea, select)")) {
        location.reload(); // extended: all of this page says that it is closed, and nothing is typed in it
      }
      for (const left of document.querySelectorAll(":is(.deadline-bar, .filing-bar) [data-closes]")) left.dataset.closes = found.closes_at;
      if (found.open) say(document.querySelector(".band summary")?.textContent ?? "");
    };

    const ask = async () => {
      const question = {};
      asking = question;
      askedAt = Date.now();
      let wait = isPast ? 15_000 : minute;
      try {
        const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(patience) });
        const at = performance.now();
        const found = await answer.json();
        if (asking !== question) return; // asked again meanwhile: this hour may be from before a sleep
        [base, since, answered] = [Date.parse(found.now), at, answer.ok];
        if (answer.ok) take(found); // signed out, the portal gives only its hour
        wait = answer.ok && state.open && leftNow() <= 0 ? Math.random() * spread : pause(leftNow());
      } catch {
        if (asking !== question) return;
        answered = false;
      }
      asking = null;
      asleep = false;
      askAt = performance.now() + wait;
      tick();
    };

    /* The one line of the bar that is true, if any. */
    const lineFor = (left) => {
      if (state.filed) return "closed";
      if (!state.open) return "over";
      if (left <= 0) return answered ? "over" : "unsure";
      return state.ready && left <= readyWithin && !isReview ? "ready" : "";
    };

    const showBar = (left) => {
      const line = lineFor(left);
      const stops = line !== "" && line !== "ready";
      if ((bar.dataset.line ?? "") === line) return;
      bar.dataset.line = line;
      bar.hidden = !line;
      for (const each of bar.querySelectorAll("[data-when]")) each.hidden = each.dataset.when !== line;
      document.documentElement.style.scrollPaddingBottom = line ? `${bar.offsetHeight + 16}px` : "";
      const focused = document.activeElement.getBoundingClientRect();
      if (line && focused.top < innerHeight && focused.bottom > innerHeight - bar.offsetHeight) {
        document.activeElement.scrollIntoView({ block: "nearest" }); // what is being typed must not be under the bar
      }
      if (stops) say(bar.querySelector(`[data-when=${line}]`).textContent.trim());
      for (const button of document.querySelectorAll("form[data-until-closing] [type=submit], .filing-form [type=checkbox]")) {
        if (stops && !button.disabled) button.dataset.stopped = "";
        if ("stopped" in button.dataset) button.disabled = stops;
        if (!stops) delete button.dataset.stopped;
      }
    };

    const announce = (left) => {
      const passed = left > 0 ? marks.filter((mark) => left <= mark * minute).length : marks.length;
      if (marked !== undefined && passed > marked && left > 0) {
        // An instant after the mark: « 15 minutes », not 14.
        say(sentence(bar.querySelector("[data-words]"), left + 2000));
        if (passed < marks.length) askWithin(4 * spread); // the last minute is for those who file
      }
      marked = passed;
    };

    const tick = () => {
      clearTimeout(timer);
      const drift = Date.now() - seen[1] - (performance.now() - seen[0]);
      seen = [performance.now(), Date.now()];
      if (Math.abs(drift) > slack) {
        base += Math.max(0, drift); // as if it slept; if only its hour was set, the answer corrects it
        asleep = true;
        ask();
      }
      const left = leftNow();
      for (const text of scope.querySelectorAll("[data-closes]")) {
        const its = Date.parse(text.dataset.closes) - now();
        const words = sentence(text, its);
        if (text.textContent !== words) text.textContent = words;
        text.dataset.tone = toneOf(its);
      }
      if (!isPast && left <= 0) askWithin(spread);
      isPast = left <= 0;
      const band = isPage && document.querySelector(".band[data-until]");
      if (band) band.dataset.tone = state.open ? toneOf(left) : "over";
      for (const link of scope.querySelectorAll("a[data-until-closing]")) link.hidden = isPast;
      if (isPage && bar && !(asleep && isPast)) {
        announce(left);
        showBar(left);
      }
      if (performance.now() >= askAt && !asking && !document.hidden) ask();
      timer = setTimeout(tick, isPast ? 1000 : Math.max(20, Math.min(1000, left)));
    };

    askAt = performance.now() + (leftNow() <= readyWithin ? Math.random() * 2000 : pause(leftNow()));
    if (isOld) askAt = 0;
    isPast = leftNow() <= 0;
    tick();
    // Waking fires several of these events at once; one question is enough.
    const again = () => { if (!document.hidden && !(asking && Date.now() - askedAt < 1000)) ask(); };
    for (const woke of ["visibilitychange", "resume"]) document.addEventListener(woke, again);
    addEventListener("online", again);
    addEventListener("pageshow", (event) => { if (event.persisted) again(); });
  };

  for (const holder of document.querySelectorAll("[data-clock]")) follow(holder);
})();
