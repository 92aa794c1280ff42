/* Saves a section while it is typed. What the server does not have yet waits in the browser, encrypted with a key that
   only pages of the signed-in user have, and is sent again: from the page itself, or from the next page of the
   candidate after the browser was closed. Every page works without this file; the buttons save.

   The server merges: it knows by `seen` and `page` what the page displayed and what it sent, keeps what another page
   changed meanwhile, and keeps what it cannot read as typed (intake/submissions/drafts/answer_merge.py). */

const holder = document.querySelector("[data-unsent]");
const words = holder.dataset;
const form = document.querySelector("form[data-autosave]");
const dialog = holder.querySelector("[data-sign-in-dialog]");
const stepBox = dialog.querySelector("[data-sign-in-step]");
const [PAUSE, KEEP, LIMIT] = [1500, 300, 60_000]; // milliseconds after the last key; between two copies; bytes of a last request
const RETRIES = [1, 2, 4, 8, 15].map((seconds) => 1000 * seconds);
const csrf = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
const parse = (html) => new DOMParser().parseFromString(html, "text/html");

/* -- Store: one encrypted copy per section, in IndexedDB ----------------------------------------------------------------- */
const opened = new Promise((resolve) => {
  const request = globalThis.crypto?.subtle ? indexedDB.open("unsent", 1) : null;
  if (!request) return resolve(null); // not a secure context
  request.onupgradeneeded = () => request.result.createObjectStore("forms", { keyPath: ["account", "address"] });
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => resolve(null); // a private window may have none
}).catch(() => null);
const pairsOf = (holder) => holder.dataset.keys.split(" ").map((pair) => pair.split(":"));
const secrets = new Map(pairsOf(holder).map(([account, key]) => [account, globalThis.crypto?.subtle
  ?.importKey("raw", Uint8Array.from(atob(key), (c) => c.charCodeAt(0)), "AES-GCM", false, ["encrypt", "decrypt"])]));
const [account] = secrets.keys(); // the others: what an older key of the portal encrypted is read, and dropped

const inStore = async (mode, act) => {
  const database = await opened;
  if (!database) return null;
  return new Promise((resolve) => {
    const transaction = database.transaction("forms", mode);
    const request = act(transaction.objectStore("forms"));
    transaction.oncomplete = () => resolve(request.result ?? true);
    transaction.onerror = transaction.onabort = () => resolve(null);
  }).catch(() => null); // the page is being left, and its connection closed
};

/* Copy the fields, posted at `address`; false if this browser cannot. */
const keep = async (address, fields) => {
  if (!await opened) return false;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await secrets.get(account), new TextEncoder().encode(fields));
  return Boolean(await inStore("readwrite", (store) => store.put({ account, address, at: Date.now(), iv, data })));
};
const drop = (address) => inStore("readwrite", (store) => [...secrets.keys()].map((each) => store.delete([each, address]))[0]);
const kept = async () => {
  const rows = await inStore("readonly", (store) => store.getAll());
  const mine = (Array.isArray(rows) ? rows : []).filter((row) => secrets.has(row.account));
  mine.sort((one, other) => one.at - other.at);
  return Promise.all(mine.map(async ({ account: under, address, iv, data }) => {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await secrets.get(under), data).catch(() => null);
    return { address, fields: plain && new TextDecoder().decode(plain) };
  }));
};

/* -- Requests ------------------------------------------------------------------------------------------------------------ */
const CUT = 0;
const post = (address, fields) =>
  fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": csrf() },
    body: fields,
    keepalive: fields.length < LIMIT,
    redirect: "manual",
  }).then(async (answer) => ({ status: answer.status, html: await answer.text() }), () => ({ status: CUT, html: "" }));

/* Take the token of a page fetched again. False if it is another account's page, or none of the portal's. */
const takeToken = (page) => {
  const fresh = page.querySelector("[data-unsent]");
  const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!fresh || !pairsOf(fresh).some(([name]) => secrets.has(name)) || !token) return false;
  for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = token;
  return true;
};

/* -- The page's own section ---------------------------------------------------------------------------------------------- */
const address = form?.dataset.autosave;
const fieldsOf = () => {
  const data = new FormData(form);
  data.delete("csrfmiddlewaretoken");
  return new URLSearchParams(data).toString();
};
const typedOf = (fields) => {
  const data = new URLSearchParams(fields);
  data.delete("seen");
  data.delete("page");
  return data.toString();
};
let saved = form && !("unsaved" in form.dataset) ? typedOf(fieldsOf()) : null; // what the server has
let sending = false;
let leaving = false;
let attempts = 0;
let renewed = false; // the token, since the last save
let stopped = false;
let pause;
let copying;
let edited = new Set();

const say = (sentence, { waiting = false } = {}) => {
  for (const line of document.querySelectorAll("[data-saved-state]")) {
    line.textContent = sentence;
    line.toggleAttribute("data-waiting", waiting);
  }
};
/* The server knows the page by its name, and the order of its requests by their number. */
const count = () => {
  const [name, sent] = form.elements.page.value.split(".");
  form.elements.page.value = `${name}.${Number(sent) + 1}`;
};
const isUnsent = () => typedOf(fieldsOf()) !== saved;

const noteBeside = (fields, sentence, wrong) => {
  for (const field of fields) {
    const isWrong = wrong.some((name) => field.querySelector(`[name="${name}"]`));
    const label = field.querySelector("legend, label");
    if (!label) continue;
    const note = label.querySelector(".field-saved") ?? label.appendChild(document.createElement("span"));
    note.className = "field-saved";
    note.classList.toggle("field-kept", isWrong);
    note.setAttribute("aria-hidden", "true"); // the line at the foot of the form announces it
    note.textContent = isWrong ? words.toCorrect : sentence;
  }
};

const copy = async () => {
  clearTimeout(copying);
  copying = null;
  return isUnsent() ? keep(address, fieldsOf()) : true;
};

const send = async () => {
  clearTimeout(pause);
  if (sending || stopped || dialog.open || !isUnsent()) return;
  sending = true;
  count();
  const fields = fieldsOf();
  const noted = edited;
  edited = new Set();
  const answer = await post(address, fields);
  sending = false;
  if (answer.status !== 200) {
    edited = new Set([...noted, ...edited]);
    return refused(answer, fields);
  }
  attempts = 0;
  renewed = false;
  saved = typedOf(fields);
  const found = parse(answer.html).querySelector("[data-autosaved]");
  form.elements.seen.value = found.dataset.seen;
  const state = found.querySelector("[data-state]");
  const sentence = state.textContent.trim();
  const conflicts = [...found.querySelectorAll("[data-conflict]")];
  say(sentence, { waiting: conflicts.length > 0 });
  if (!conflicts.length) {
    noteBeside(noted, sentence.split(".")[0], state.dataset.toCorrect.trim().split(" ").filter(Boolean));
  }
  showConflicts(conflicts, noted);
  if (isUnsent()) schedule();
  else await drop(address); // the server has what is in conflict too
};

const tryLater = (status, isKept) => {
  const sentence = status === CUT ? words.waiting : words.failing;
  say(isKept ? sentence : words.unkept, { waiting: true });
  pause = setTimeout(send, RETRIES[Math.min(attempts, RETRIES.length - 1)]);
  attempts += 1;
};

const refused = async ({ status, html }, fields) => {
  const isKept = await keep(address, fieldsOf());
  if (status === 401) {
    askToSignIn();
  } else if (status === 403 && !renewed) {
    const page = await fetch(location.href).then((answer) => answer.text(), () => null);
    renewed = page !== null && takeToken(parse(page));
    if (renewed) send();
    else if (page === null) tryLater(CUT, isKept);
    else askToSignIn();
  } else if (status === 409) {
    stopped = true;
    for (const hint of document.querySelectorAll("[data-with-script]")) hint.hidden = true;
    say(parse(html).querySelector("[data-state]")?.textContent ?? words.refused, { waiting: true });
  } else if (status === CUT || status === 429 || status >= 500) {
    tryLater(status, isKept);
  } else {
    saved = typedOf(fields); // sent again only after a change: the same fields would be refused again
    say(words.refused, { waiting: true });
  }
};

const schedule = () => {
  clearTimeout(pause);
  pause = setTimeout(send, PAUSE);
  copying ??= setTimeout(copy, KEEP);
};

/* -- Two answers to one question: the choice stands beside its field, in view ------------------------------------------- */
const place = (box, noted) => {
  const name = CSS.escape(box.dataset.conflict);
  const fields = [...form.querySelectorAll(`[name="${name}"], [name^="${name}-"]`)]
    .map((control) => control.closest(".field")).filter(Boolean);
  const field = fields.find((each) => noted.has(each)) ?? fields[0];
  if (field) field.after(box);
  else form.before(box);
};

const showConflicts = (boxes, noted = new Set()) => {
  const shown = new Map([...document.querySelectorAll("[data-conflict]")].map((box) => [box.dataset.part, box]));
  for (const box of boxes) {
    const old = shown.get(box.dataset.part);
    shown.delete(box.dataset.part);
    box.setAttribute("role", "alert");
    if (old) {
      if (!old.isEqualNode(box)) old.replaceWith(box);
      continue;
    }
    place(box, noted);
    box.scrollIntoView({ block: "nearest" });
  }
  for (const old of shown.values()) old.remove();
  if (boxes.length) for (const note of document.querySelectorAll(".field-saved, .page-saved")) note.remove();
};

const choose = async (button) => {
  const { part, saved: kept, own } = button.closest("[data-conflict]").dataset;
  if (button.name === "typed" && own !== undefined) { // it is in the field, and saved from there
    const others = form.elements.seen.value.split(" ").filter((each) => !each.startsWith(`${part}=`));
    form.elements.seen.value = [...others, `${part}=${kept}`].join(" ");
    saved = null;
    await send();
    return;
  }
  while (sending) await new Promise((resolve) => { setTimeout(resolve, 50); });
  await send(); // what was typed since
  const box = document.querySelector(`[data-part="${CSS.escape(part)}"]`);
  if (isUnsent() || box?.dataset.saved !== kept) return; // not what was on the page at the click: the person looks again
  leaving = true;
  await drop(address);
  const fresh = box.querySelector(`button[name=${button.name}]`);
  fresh.form.requestSubmit(fresh);
};

/* -- Sign-in in place: the pages of sign-in, shown in a dialog ------------------------------------------------------------- */
let stepAddress = "";
let resume = () => send(); // once signed in

const askToSignIn = () => {
  say(words.signedOut, { waiting: true });
  for (const line of document.querySelectorAll("[data-saved-state]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-primary";
    button.textContent = words.connect;
    button.addEventListener("click", openSignIn);
    line.append(" ", button);
  }
  openSignIn();
};

const openSignIn = () => {
  if (dialog.open) return;
  dialog.showModal();
  signInStep(`${words.signIn}?next=${encodeURIComponent(location.pathname)}`);
};

const signInStep = async (target, options) => {
  const answer = await fetch(target, options).catch(() => null);
  if (!answer || answer.status >= 500) {
    dialog.close();
    if (resume === press) sayOfPress(filing.dataset.silent);
    else tryLater(answer?.status ?? CUT, await opened);
    return;
  }
  const page = parse(await answer.text());
  stepAddress = answer.url;
  if (!new URL(answer.url).pathname.startsWith(words.signIn)) {
    dialog.close();
    renewed = true;
    if (takeToken(page)) resume();
    else if (resume === press) sayOfPress(words.otherAccount);
    else say(words.otherAccount, { waiting: true });
    return;
  }
  stepBox.replaceChildren(...page.querySelectorAll("main .lead, main .messages, main .page-content"));
  const email = stepBox.querySelector("[type=email]");
  if (email && !email.value) email.value = words.email;
  (stepBox.querySelector("[data-focus], .is-invalid") ?? stepBox.querySelector("input:not([type=hidden])"))?.focus();
};

dialog.addEventListener("submit", (event) => {
  event.preventDefault();
  const target = new URL(event.target.getAttribute("action") ?? "", stepAddress);
  signInStep(target, { method: "POST", body: new URLSearchParams(new FormData(event.target, event.submitter)) });
});
dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) dialog.close();
  const link = event.target.closest("a[href]");
  if (!link || !new URL(link.href).pathname.startsWith(words.signIn)) return;
  event.preventDefault();
  signInStep(link.href);
});

/* -- The filing button: its form is sent from the page, where a session that ended is opened again -------------------------- */
const filing = document.querySelector("form[data-filing]");
let pressing = false;

const sayOfPress = (sentence) => { filing.querySelector("[data-press-state]").textContent = sentence; };

const sendPress = () => fetch(filing.action, {
  method: "POST",
  headers: { "X-In-Place": "1" },
  body: new URLSearchParams(new FormData(filing)),
});

/* The token went with the session: take that of any page of the portal, so that the press is told when it came. */
const takeAnyToken = async () => {
  const token = parse(await (await fetch(location.href)).text()).querySelector("[name=csrfmiddlewaretoken]")?.value;
  for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = token ?? input.value;
};

const press = async () => {
  if (pressing) return;
  pressing = true;
  sayOfPress(filing.dataset.sending);
  try {
    let answer = await sendPress();
    if (answer.status === 403) {
      await takeAnyToken();
      answer = await sendPress();
    }
    await afterPress(answer);
  } catch {
    sayOfPress(filing.dataset.silent);
  }
  pressing = false;
};

const afterPress = async (answer) => {
  const isData = answer.headers.get("Content-Type")?.startsWith("application/json");
  const found = isData ? await answer.json() : parse(await answer.text());
  if (answer.status === 401) {
    filing.elements.press.value ||= found.press;
    sayOfPress(filing.dataset.signedOut);
    resume = press;
    openSignIn();
  } else if (isData || answer.status === 202) {
    leaving = true;
    location.assign(isData ? found.to : filing.dataset.filing);
  } else { // refused: too late, for instance
    document.querySelector("main").replaceWith(found.querySelector("main"));
    document.title = found.title;
    scrollTo(0, 0);
    document.querySelector("main [data-focus]")?.focus();
  }
};

filing?.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  event.preventDefault();
  press();
});

/* -- What waits from earlier pages: sent first, in the order in which it was typed ------------------------------------------ */
const replay = async () => {
  let isSent = false;
  for (const { address: place, fields } of await kept()) {
    const { status, html } = fields ? await post(place, fields) : { status: 404 };
    if (status === 404) {
      await drop(place); // the draft is filed or gone, or the key is another one
      continue;
    }
    if (status === CUT || status === 429 || status >= 500) {
      setTimeout(replay, RETRIES[2]); // this one and the later ones, in their order
      return;
    }
    if (status !== 200) continue;
    await drop(place); // what is in conflict too: the server keeps it until the person has chosen
    const found = parse(html).querySelector("[data-autosaved]");
    const conflicts = [...found.querySelectorAll("[data-conflict]")];
    if (place !== address) {
      isSent = true;
      if (conflicts.length) announceElsewhere(place);
      continue;
    }
    for (const box of conflicts) delete box.dataset.own; // typed on an earlier page
    showConflicts(conflicts);
    if (conflicts.length) {
      say(found.querySelector("[data-state]").textContent.trim(), { waiting: true });
    } else if (found.dataset.seen !== form.elements.seen.value && !isUnsent()) {
      leaving = true;
      location.reload(); // shows what has just been saved
      return;
    }
  }
  if (isSent && document.querySelector(".filing-form")) location.reload(); // what would be filed has changed
};

const announceElsewhere = (place) => {
  const line = document.createElement("p");
  line.className = "alert alert-warning";
  line.setAttribute("role", "status");
  const link = document.createElement("a");
  link.href = place.replace(/[^/]+\/$/, "");
  link.textContent = words.open;
  line.append(`${words.elsewhere} `, link);
  document.querySelector("main .page-content").prepend(line);
};

/* -- Start --------------------------------------------------------------------------------------------------------------- */
if (form) {
  for (const box of document.querySelectorAll("[data-conflict]")) {
    place(box, new Set());
    if ("focus" in box.dataset) box.focus();
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[form=conflicts]");
    if (!button) return;
    event.preventDefault();
    choose(button);
  });
  for (const hint of document.querySelectorAll("[data-without-script]")) hint.hidden = true;
  for (const hint of document.querySelectorAll("[data-with-script]")) hint.hidden = false;
  const changed = (event) => {
    const field = event.target.closest?.(".field");
    if (field) edited.add(field);
    field?.querySelector(".field-saved")?.remove();
    if (isUnsent()) schedule();
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("focusout", ({ relatedTarget }) => {
    // The button saves itself, and what a save displays would move it away from under the pointer.
    if (relatedTarget?.type !== "submit") send();
  });
  form.addEventListener("submit", (event) => {
    leaving = !event.defaultPrevented;
    if (leaving) count();
  });
  addEventListener("visibilitychange", () => {
    if (!document.hidden) return;
    copy();
    send();
  });
  addEventListener("pagehide", () => { if (!leaving) send(); });
  addEventListener("online", send);
  addEventListener("beforeunload", (event) => {
    if (!leaving && !stopped && attempts && isUnsent()) event.preventDefault(); // the browser asks first
  });
}
if (form && isUnsent()) schedule();
replay();
