/* Uploads from the document cards: chosen, dropped or several at once, with progress. Every page works without this
   file. The server decides and answers with the card that replaces the displayed one. The sentences are in
   templates/submissions/upload_words.html. */

const find = (selector, inside = document) => inside.querySelector(selector);
const words = find("[data-upload-words]").dataset;
const announcer = find("[data-announce]");
const several = find("[data-several]");
const zone = find("[data-zone]");
const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", maximumFractionDigits: 0 });
const under = new Map(); // per card, its request, or null before it starts
const [CANCELLED, CUT, UNREADABLE, CLEARED] = [-1, 0, -2, 204]; // answers without a card
const [SIGNED_OUT, NO_TOKEN] = [401, 403];
const sent = new Map(); // per card, the last file that this page sent
const [FIRST_PAUSE, LONGEST_PAUSE, FOLLOWED_FOR] = [800, 10_000, 15 * 60_000]; // milliseconds
const FAILURES_MAX = 8;
const HEAD_BYTES = 4096; // in which the server sees what a file is, whatever its name

const say = (sentence) => { announcer.textContent = sentence; };
const clone = (name) => find(`[data-template=${name}]`).content.firstElementChild.cloneNode(true);
const cardOf = (id) => find(`[data-card="${id}"]`);
const takers = () => [...document.querySelectorAll("[data-card]")].filter((card) => find("[data-upload]", card));
const seenIn = (card) => find("[name=seen]", card)?.value;
const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_all, key) => values[key]);
const write = (element, part, text) => {
  for (const place of element.querySelectorAll(`[data-${part}]`)) place.textContent = text;
};
const titled = (file) => {
  const plain = file.name.replace(/\p{C}/gu, "").trim();
  return plain.length > 80 ? `${plain.slice(0, 39)}…${plain.slice(-40)}` : plain;
};

/* -- Requests ----------------------------------------------------------------------------------------------------------- */
const ask = (card, fields, follow = {}) => new Promise((answered) => {
  const form = find("[data-upload], [data-waiting] form", card);
  const request = new XMLHttpRequest(); // fetch() gives no upload progress
  const follows = find("[data-waiting]", card)?.dataset.follows;
  request.open(fields ? "POST" : "GET", form.action + (!fields && follows ? `?suivi=${follows}` : ""));
  request.setRequestHeader("X-Card", find("h2", card) ? "alone" : "listed");
  request.onload = () => answered({ status: request.status, text: request.responseText });
  request.onerror = () => answered({ status: CUT });
  request.onabort = () => answered({ status: CANCELLED });
  if (!fields) {
    request.send();
    return;
  }
  const body = new FormData(form);
  body.delete("file");
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  if (follow.sent) {
    request.upload.onprogress = (event) => follow.sent(event.loaded / event.total);
    request.upload.onload = follow.left;
    follow.begun(request);
  }
  request.send(body);
});

const cardIn = (id, text) => {
  const holder = document.createElement("template");
  holder.innerHTML = text ?? "";
  return find(`[data-card="${id}"]`, holder.content);
};

/* Replace the displayed card by the server's; return it, or null if the answer is not a card. */
const show = (id, text) => {
  const fresh = cardIn(id, text);
  if (!fresh) return null;
  const old = cardOf(id);
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(fresh);
  prepare(fresh);
  if (hadFocus) find("h2, h3", fresh).focus();
  forgetError(id);
  return fresh;
};

/* Remove the error with which the page came, about an earlier file: the card says what is true now. */
const forgetError = (id) => {
  const summary = find(`.error-summary a[href="#document-${id}-file"]`)?.closest(".error-summary");
  if (!summary) return;
  summary.remove();
  document.title = document.title.slice(document.title.indexOf(":") + 1).trim();
};

/* -- State of a card during an upload ------------------------------------------------------------------------------------- */
const transfer = (id, element) => {
  const card = cardOf(id);
  const hadFocus = card.contains(document.activeElement);
  find("[data-transfer]", card).replaceChildren(element);
  for (const part of card.querySelectorAll("[data-actions], [data-drop], [data-said], [data-waiting]")) part.hidden = under.has(id);
  if (hadFocus) (find("[data-cancel]", element) ?? find("[data-words]", element) ?? element).focus();
};

const complain = (id, file, sentence, { retry = false, signIn = false, reload = false } = {}) => {
  const problem = clone("problem");
  write(problem, "name", file ? titled(file) : "");
  write(problem, "words", sentence);
  find("[data-retry]", problem).hidden = !retry;
  find("[data-retry]", problem).addEventListener("click", () => sendAgain(id, file));
  find("[data-sign-in]", problem).hidden = !signIn;
  find("[data-reload]", problem).hidden = !reload;
  transfer(id, problem);
  say(file ? `${titled(file)} — ${sentence}` : sentence);
};

const note = (id, sentence) => {
  const line = document.createElement("p");
  line.dataset.words = "";
  line.tabIndex = -1;
  line.textContent = sentence;
  transfer(id, line);
  say(sentence);
};

/* -- Sending ---------------------------------------------------------------------------------------------------------------- */
const readable = (file) => file.slice(0, 1).arrayBuffer().then(() => true, () => false);

/* True if the server must precheck the file before it is sent: empty, too large or maybe of another type. */
const isDoubtful = (card, file) =>
  !file.size || file.size > Number(card.dataset.max) || !/\.(pdf|jpe?g|png|hei[cf])$/i.test(file.name);

const send = async (id, file) => {
  if (under.has(id)) {
    write(cardOf(id), "words", words.busy);
    say(words.busy);
    return;
  }
  under.set(id, null);
  const before = seenIn(cardOf(id));
  const answer = await deliver(id, file, showProgress(id, file));
  under.delete(id);
  conclude(id, file, answer, before);
};

const deliver = async (id, file, follow) => {
  if (!(await readable(file))) return { status: UNREADABLE };
  if (isDoubtful(cardOf(id), file)) {
    const opinion = await ask(cardOf(id), { name: file.name, size: file.size, head: file.slice(0, HEAD_BYTES) });
    if (opinion.status !== CLEARED) return opinion;
  }
  const answer = await ask(cardOf(id), { file }, follow);
  if (answer.status === NO_TOKEN) {
    const state = await ask(cardOf(id)); // the token may have expired with the session: this request needs none
    if (state.status === SIGNED_OUT) return state;
  }
  return answer.status === CUT && !(await readable(file)) ? { status: UNREADABLE } : answer;
};

const showProgress = (id, file) => {
  const element = clone("sending");
  const bar = find("progress", element);
  const cancel = find("[data-cancel]", element);
  let told = 0;
  write(element, "name", titled(file));
  write(element, "figure", percent.format(0));
  bar.setAttribute("aria-label", `${bar.dataset.label} — ${titled(file)}`);
  transfer(id, element);
  say(fill(words.sending, { name: titled(file) }));
  return {
    begun: (request) => {
      under.set(id, request);
      cancel.addEventListener("click", () => request.abort());
    },
    sent: (part) => {
      bar.value = Math.round(part * 100);
      write(element, "figure", percent.format(part));
      if (part - told < 0.25 || part === 1) return;
      told = part;
      say(`${titled(file)} — ${percent.format(part)}`);
    },
    left: () => {
      const hadFocus = cancel === document.activeElement;
      bar.removeAttribute("value");
      write(element, "figure", "");
      write(element, "words", words.arrived);
      cancel.hidden = true; // the file has arrived: the card that follows can give it up
      if (hadFocus) find("[data-words]", element).focus();
    },
  };
};

const conclude = async (id, file, { status, text }, before) => {
  const fresh = show(id, text);
  if (fresh) {
    sent.set(id, file);
    announce(fresh);
    offerAgain(id);
  } else if (status === CANCELLED) {
    show(id, (await ask(cardOf(id))).text); // the file may have arrived in full: the server knows
    if (find("[data-waiting]", cardOf(id))) say(words.late);
    else note(id, seenIn(cardOf(id)) === before ? words.cancelled : words.late);
  } else if (status === UNREADABLE) complain(id, file, words.unreadable);
  else if (status === CUT) complain(id, file, words.network, { retry: true });
  else if (status === SIGNED_OUT) complain(id, file, words.signedOut, { retry: true, signIn: true });
  else if (status === 413) complain(id, file, words.tooMuch);
  else if (status >= 500) complain(id, file, words.failed, { retry: true });
  else complain(id, file, words.gone, { reload: true });
};

/* Say what became of a file, or that it is in analysis, with the name of its document. */
const announce = (card) => {
  const said = [...card.querySelectorAll("[data-said], [data-waiting-state]")].map((part) => part.textContent).join(" ");
  say(`${card.dataset.label} — ${said.replace(/\s+/g, " ").trim()}`);
};

/* The file was not added, and this page still has it: sending it again may succeed. */
const offerAgain = (id) => {
  const file = sent.get(id);
  const said = find("[data-said]", cardOf(id));
  if (!file || !["again", "changed"].includes(cardOf(id).dataset.outcome)) return;
  const button = find("[data-retry]", clone("problem"));
  if (cardOf(id).dataset.outcome === "changed") button.textContent = words.anyway;
  button.addEventListener("click", () => send(id, file));
  said.append(button);
};

/* -- In analysis ------------------------------------------------------------------------------------------------------------- */
const visible = () => new Promise((resolve) => {
  const look = () => {
    if (document.hidden) return;
    document.removeEventListener("visibilitychange", look);
    resolve();
  };
  document.addEventListener("visibilitychange", look);
  look();
});

/* Ask for the card again, less and less often, until its file is added or refused; say that once. */
const follow = async (id, waiting) => {
  const ends = Date.now() + FOLLOWED_FOR;
  for (let pause = FIRST_PAUSE, failures = 0; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    await new Promise((resolve) => { setTimeout(resolve, pause * (0.8 + 0.4 * Math.random())); });
    await visible();
    const shown = () => waiting.isConnected && !under.has(id); // else another file takes its place
    if (!shown()) return;
    const { status, text } = await ask(cardOf(id));
    if (!shown()) return;
    failures = status === CUT || status >= 500 ? failures + 1 : 0;
    if (status === 200) {
      const next = find("[data-waiting]", cardIn(id, text));
      if (next?.dataset.follows === waiting.dataset.follows) {
        const [state, now] = [waiting, next].map((part) => find("[data-waiting-state]", part));
        if (state.textContent !== now.textContent) state.innerHTML = now.innerHTML;
      } else {
        announce(show(id, text));
        offerAgain(id);
        return;
      }
    } else if (status === SIGNED_OUT) {
      complain(id, null, words.waitingSignedOut, { signIn: true, reload: true });
      return;
    } else if (!failures) {
      complain(id, null, words.gone, { reload: true });
      return;
    }
    if (failures > FAILURES_MAX || Date.now() > ends) {
      complain(id, null, words.waitingCut, { reload: true });
      return;
    }
  }
};

/* Fetch the card first: its token and its current document may be out of date, and the session may be another. */
const sendAgain = async (id, file) => {
  const answer = await ask(cardOf(id));
  if (answer.status === 200 && show(id, answer.text) && find("[data-upload]", cardOf(id))) send(id, file);
  else conclude(id, file, { status: answer.status || CUT });
};

/* -- Several files at once: one document for each ------------------------------------------------------------------------- */
const distribute = (files) => {
  const guessed = new Set([...several.querySelectorAll("select")].map((select) => select.value));
  for (const file of files) {
    const row = clone("file");
    const select = find("select", row);
    const number = several.querySelectorAll("select").length;
    select.id = `several-${number}`;
    find("label", row).htmlFor = select.id;
    write(row, "name", titled(file));
    for (const card of takers()) {
      const { card: id, label, holds } = card.dataset;
      select.add(new Option(holds ? fill(words.replaces, { label, name: holds }) : label, id), select.options[select.length - 1]);
    }
    const guess = guessOf(file, guessed);
    if (guess) {
      select.value = guess;
      guessed.add(guess);
    }
    row.file = file;
    find("[data-files]", several).append(row);
  }
  several.hidden = false;
  zone.hidden = true;
  find("h2", several).focus();
};

const guessOf = (file, taken) => {
  const parts = file.name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().split(/[^a-z0-9]+/);
  const score = (card) => card.dataset.guesses.split(" ").filter((word) => word && parts.includes(word)).length;
  const free = takers().filter((card) => !taken.has(card.dataset.card) && score(card));
  return free.sort((one, other) => score(other) - score(one))[0]?.dataset.card;
};

const putAway = () => {
  find("[data-files]", several).replaceChildren();
  find("[data-error]", several).textContent = "";
  several.hidden = true;
  zone.hidden = false;
};

const sendChosen = (event) => {
  event.preventDefault();
  const rows = [...several.querySelectorAll("[data-files] > li")];
  const choices = rows.map((row) => find("select", row).value);
  const chosen = choices.filter((choice) => choice !== "none");
  const isUndecided = chosen.includes("");
  const wrong = rows.map((row) => find("select", row)).filter(({ value }, place) =>
    isUndecided ? !value : value !== "none" && choices.indexOf(value) < place);
  for (const select of several.querySelectorAll("select")) {
    select.classList.toggle("is-invalid", wrong.includes(select));
    select.ariaInvalid = wrong.includes(select) ? "true" : null;
  }
  find("[data-error]", several).textContent = !wrong.length ? "" : isUndecided ? words.undecided : words.twice;
  if (wrong.length) {
    wrong[0].focus();
    return;
  }
  putAway();
  if (chosen.length) find("h2, h3", cardOf(chosen[0])).focus();
  rows.forEach((row, place) => choices[place] !== "none" && send(choices[place], row.file));
};

/* -- Choosing and dropping -------------------------------------------------------------------------------------------------- */
const prepare = (card) => {
  const waiting = find("[data-waiting]", card);
  if (waiting) follow(card.dataset.card, waiting);
  for (const link of card.querySelectorAll("[data-result]")) link.hidden = true; // the card goes on by itself
  const input = find("[type=file]", card);
  if (!input) return;
  const choose = find("[data-choose]", card);
  find("[data-plain]", card).hidden = true;
  for (const part of card.querySelectorAll("[data-choose], [data-drop]")) part.hidden = false;
  choose.addEventListener("click", () => input.click());
  const take = () => {
    const [file] = input.files;
    input.value = ""; // the same file can be chosen again
    if (file) send(card.dataset.card, file);
  };
  input.addEventListener("change", take);
  take(); // a file was chosen while this script was loading
};

const target = (event) => {
  const card = event.target.closest?.("[data-card]");
  return card && find("[data-upload]", card) ? card : zone ?? takers()[0];
};
const mark = (place) => {
  for (const marked of document.querySelectorAll(".is-over")) marked.classList.toggle("is-over", marked === place);
  place?.classList.add("is-over");
};
const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  mark(target(event));
});
addEventListener("dragleave", (event) => event.relatedTarget ?? mark(null));
addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault(); // otherwise the browser leaves the page to open the file
  mark(null);
  const files = [...event.dataTransfer.files];
  const place = target(event);
  if (files.length === 1 && place?.dataset.card) send(place.dataset.card, files[0]);
  else if (files.length && several) distribute(files);
  else if (files.length) say(words.one);
});

/* Leaving the page cancels an upload under way: the browser asks first. */
addEventListener("beforeunload", (event) => under.size && event.preventDefault());

document.querySelectorAll("[data-card]").forEach(prepare);
if (several) {
  const input = find("[type=file]", zone);
  zone.hidden = takers().length < 2;
  find("[data-choose-several]", zone).addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    if (files.length) distribute(files);
  });
  several.addEventListener("submit", sendChosen);
  find("[data-leave]", several).addEventListener("click", () => {
    putAway();
    find("[data-choose-several]", zone).focus();
  });
}
