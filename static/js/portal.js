/* Optional enhancements. Every page works without this file. */
"use strict";

(() => {
  const english = document.documentElement.lang.startsWith("en");
  const locale = english ? "en-CA" : "fr-CA";
  const nbsp = "\u00a0";

  /* A closing hour is in the offer's zone; a reader in another zone also gets it in theirs. */
  const ownHour = (at) => {
    const zone = new Intl.DateTimeFormat(locale).resolvedOptions().timeZone;
    const place = zone.split("/").pop().replaceAll("_", " ");
    const minutes = String(at.getMinutes()).padStart(2, "0");
    const month = new Intl.DateTimeFormat(locale, { month: "long" }).format(at);
    if (english) {
      const hour = `${at.getHours() % 12 || 12}:${minutes}${nbsp}${at.getHours() < 12 ? "a.m." : "p.m."}`;
      return `, that is, ${month}${nbsp}${at.getDate()}, ${hour} where you are (${place})`;
    }
    const day = at.getDate() === 1 ? "1er" : at.getDate();
    return `, soit le ${day}${nbsp}${month} à ${at.getHours()}${nbsp}h${nbsp}${minutes} chez vous (${place})`;
  };
  for (const element of document.querySelectorAll("time[data-local]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime()) || -at.getTimezoneOffset() === Number(element.dataset.local)) continue;
    const line = document.createElement("span");
    line.className = "local-time";
    const [before, ending, after] = ownHour(at).split(/(?<=\b1)(er)(?=\u00a0)/u);
    line.append(before);
    if (ending) {
      const raised = document.createElement("sup");
      raised.textContent = ending;
      line.append(raised, after);
    }
    element.after(line);
  }

  /* Text as the portal cleans it before it checks the length: no needless invisible marks, no double spaces, at most
     one empty line in a row, a line end counted as one. */
  const invisible = /[\u00ad\u200b\u2060\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
  const lineEnd = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/u;
  const tidy = (text) => {
    const lines = [];
    for (const line of text.split(lineEnd)) {
      const plain = line.replace(invisible, "").normalize("NFC").replace(/[\p{Cc}\s]+/gu, " ").trim();
      const kept = /[\p{L}\p{N}\p{P}\p{S}]/u.test(plain) ? plain : "";
      if (kept || lines.at(-1)) lines.push(kept);
    }
    return lines.join("\n").replace(/\n+$/u, "");
  };

  /* <textarea data-counter maxlength="…">: shows how many characters are left, announced when typing pauses. With
     data-limit="…" the browser does not cut the text, and the cleaned text counts. */
  const number = new Intl.NumberFormat(locale);
  for (const field of document.querySelectorAll("[data-counter], [data-limit]")) {
    const limit =
      Number(field.dataset.limit) || Number(field.dataset.counter) || Number(field.getAttribute("maxlength"));
    if (!limit) continue;
    const length = () => (field.dataset.limit ? [...tidy(field.value)].length : field.value.length);
    const counter = document.createElement("p");
    counter.className = "counter";
    const spoken = document.createElement("span");
    spoken.className = "visually-hidden";
    spoken.setAttribute("role", "status");
    field.after(counter, spoken);
    const sentence = () => {
      const left = limit - length();
      const figures = number.format(Math.abs(left));
      const some = Math.abs(left) > 1 || (english && left === 0);
      if (english) return `${figures} character${some ? "s" : ""} ${left < 0 ? "too many" : "left"}`;
      const words = `${figures}${nbsp}caractère${some ? "s" : ""}`;
      return left < 0 ? `${words} de trop` : `Il reste ${words}`;
    };
    let pause;
    const update = () => {
      counter.textContent = sentence();
      counter.classList.toggle("counter-over", length() > limit);
      clearTimeout(pause);
      pause = setTimeout(() => { spoken.textContent = sentence(); }, 1200);
    };
    counter.textContent = sentence();
    counter.classList.toggle("counter-over", length() > limit);
    field.addEventListener("input", update);
  }

  /* A second click within `moment` submits nothing: the first request is under way. A slow form shows its <p
     role="status" data-sending="…">. */
  const moment = 3000; // milliseconds; later, a user who stopped the request means to submit again
  for (const form of document.querySelectorAll('form[method="post"]')) {
    let sentAt = -moment;
    form.addEventListener("submit", (event) => {
      if (event.timeStamp - sentAt < moment) {
        event.preventDefault();
        return;
      }
      sentAt = event.timeStamp;
      const status = form.querySelector("[data-sending]");
      if (status) status.textContent = status.dataset.sending;
    });
    addEventListener("pageshow", () => {
      sentAt = -moment;
      const status = form.querySelector("[data-sending]");
      if (status) status.textContent = "";
    });
  }

  /* After a refused form, move the focus to what must be corrected. */
  document.querySelector("[data-focus]")?.focus();
})();
