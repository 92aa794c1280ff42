/* The keys of the reading page: one works without the mouse, and comes to what is next. Each key does what a control of
   the form does: the page works without this file. Letters are those of the account (intake/review/reading/keys.py). */
"use strict";

(() => {
  const form = document.querySelector("form.reading");
  if (!form) return;
  const help = document.querySelector("dialog.reading-help");
  const sheets = [...form.querySelectorAll(".reading-page")];
  const facts = [...form.querySelectorAll(".reading-fact:has(input)")];
  const lines = [...form.querySelectorAll(".reading-line")];
  const work = form.querySelector(".reading-work");
  const side = form.querySelector(".reading-pages");
  const here = form.querySelector(".reading-here");
  const left = form.querySelector("[data-left]");
  const UNDONE = 10; // steps that Backspace takes back
  const history = [];
  let page = null;
  let current = null;

  const field = (fact, name) => form.elements[`constat-${fact.dataset.fact}-${name}`];
  const outcome = (fact) => field(fact, "outcome").value || fact.dataset.was;
  const proves = (sheet) => (sheet.dataset.proves || "").split(" ").filter(Boolean);
  const provableSomewhere = new Set(sheets.flatMap(proves));
  const provable = () => (page ? facts.filter((fact) => proves(page).includes(fact.dataset.fact)) : []);
  const isOpen = (sheet) => facts.some((fact) => proves(sheet).includes(fact.dataset.fact) && !outcome(fact));
  const choices = (line) => [...line.querySelectorAll(".reading-marks input")];
  const mark = (line) => choices(line).find((choice) => choice.checked)?.value || "";
  const changed = () => form.dispatchEvent(new Event("input", { bubbles: true }));

  /* -- Where one is ------------------------------------------------------------------------------------------- */
  /* Scroll `element` to a part of the height of its side, which scrolls for itself where the page is wide. */
  const bring = (element, container, part) => {
    if (getComputedStyle(container).overflowY !== "auto" || container.scrollWidth > container.clientWidth + 1) {
      element.scrollIntoView({ block: "nearest", inline: "start" });
    } else {
      const from = element.getBoundingClientRect().top - container.getBoundingClientRect().top;
      container.scrollTop += from - Math.max(0, container.clientHeight - element.offsetHeight) * part;
    }
  };
  const choose = (element, scroll = true) => {
    current?.classList.remove("is-current");
    current = element;
    if (!element) return;
    element.classList.add("is-current");
    element.focus({ preventScroll: true });
    if (scroll) bring(element, work, 0.3);
  };
  const turnTo = (sheet) => {
    page?.classList.remove("is-here");
    page = sheet;
    if (!sheet) return;
    sheet.classList.add("is-here");
    if (here) here.querySelector("[data-here]").textContent = sheet.querySelector("figcaption strong").textContent;
    const shown = provable();
    for (const fact of facts) fact.classList.toggle("is-provable", shown.includes(fact));
    for (const button of here?.querySelectorAll("button") || []) button.disabled = !shown.length;
  };
  const show = (sheet) => {
    if (!sheet) return;
    turnTo(sheet);
    bring(sheet, side, 0);
  };
  const count = () => {
    const wanted = facts.filter((fact) => provableSomewhere.has(fact.dataset.fact) && !outcome(fact)).length + lines.filter((line) => !mark(line)).length;
    left.textContent = wanted;
    left.parentElement.hidden = !wanted;
  };
  const nextLine = (from = -1) => lines.find((line, at) => at > from && !mark(line)) || lines.find((line) => !mark(line));

  /* -- Steps ----------------------------------------------------------------------------------------------- */
  const remember = (undo) => {
    history.push(undo);
    if (history.length > UNDONE) history.shift();
  };
  const settle = (fact, value, number) => {
    const [choice, where] = [field(fact, "outcome"), field(fact, "page")];
    const before = [choice.value, where.value];
    choice.value = value;
    where.value = number;
    return () => {
      [choice.value, where.value] = before;
      choose(fact);
    };
  };
  const confirm = () => {
    const shown = provable().filter((fact) => !outcome(fact));
    if (!shown.length) return;
    const undone = shown.map((fact) => settle(fact, "CONFIRMED", page.dataset.page));
    const from = page;
    remember(() => { undone.forEach((undo) => undo()); show(from); });
    changed();
    const following = sheets.slice(sheets.indexOf(page) + 1).find(isOpen) || sheets.find(isOpen);
    if (following) show(following);
    else choose(nextLine());
  };
  const contradict = () => {
    const fact = facts.includes(current) ? current : provable().find((each) => !outcome(each)) || provable()[0];
    if (!fact) return;
    remember(settle(fact, "CONTRADICTED", provable().includes(fact) ? page.dataset.page : ""));
    choose(fact);
    changed();
    field(fact, "note").focus();
  };
  const give = (digit) => {
    const line = lines.includes(current) ? current : nextLine();
    const choice = line && choices(line).find((each) => each.value === digit);
    if (!choice) return;
    const before = choices(line).find((each) => each.checked);
    choice.checked = true;
    remember(() => {
      choice.checked = false;
      if (before) before.checked = true;
      choose(line);
    });
    changed();
    const following = nextLine(lines.indexOf(line));
    choose(following || line);
  };
  const move = (step) => {
    const all = facts.includes(current) ? facts : lines;
    choose(all[Math.min(Math.max(all.indexOf(current) + step, 0), all.length - 1)]);
  };
  const turn = (step) => {
    const at = sheets.indexOf(page);
    const rest = step > 0 ? sheets.slice(at + 1) : sheets.slice(0, at).reverse();
    show(rest.find(isOpen) || rest[0]);
  };
  const undo = () => {
    history.pop()?.();
    changed();
  };
  const remark = () => (lines.includes(current) ? current.querySelector("input[type=text]") : form.elements.note)?.focus();
  const later = () => {
    const aside = form.querySelector(".reading-aside");
    aside.open = true;
    aside.querySelector("input").focus();
  };
  const follow = (rel) => document.querySelector(`.reading-bar a[rel=${rel}]`)?.click();
  const openPdf = () => window.open(`${form.dataset.pdf}#page=${page?.dataset.page || 1}`, "_blank", "noopener");

  const actions = {
    confirm, contradict, remark, later, undo,
    page: () => turn(1),
    pageback: () => turn(-1),
    pdf: openPdf,
    next: () => follow("next"),
    previous: () => follow("prev"),
    help: () => help.showModal(),
    close: () => help.close(),
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-do]");
    if (button) actions[button.dataset.do]();
  });

  /* -- Keys: by what they write, never by their place; not in a field of text, not beside assistive keys ----------- */
  const letters = new Map((form.dataset.keys || "").trim().split(/\s+/).filter(Boolean).map((pair) => pair.split("=").reverse()));
  const isText = (element) => element.matches("textarea, select, input:not([type=radio], [type=checkbox])");
  document.addEventListener("keydown", (event) => {
    if (!("keys" in form.dataset) || event.isComposing || event.altKey || event.metaKey || help.open) return;
    if (event.ctrlKey) {
      if (event.key !== "Enter") return;
      event.preventDefault();
      form.requestSubmit(form.querySelector("[value=remettre]"));
      return;
    }
    if (isText(event.target)) {
      const leaves = event.key === "Enter" && event.target.matches("fieldset input");
      if (leaves) event.preventDefault();
      if (leaves || event.key === "Escape") choose(event.target.closest("fieldset") || nextLine() || lines.at(-1));
      return;
    }
    const act = /^[0-5]$/.test(event.key)
      ? () => give(event.key)
      : { ArrowDown: () => move(1), ArrowUp: () => move(-1), Backspace: undo, "?": actions.help }[event.key] ||
        actions[letters.get(event.key.toLowerCase())];
    if (!act || (event.key.startsWith("Arrow") && event.target === side)) return;
    event.preventDefault();
    act();
    count();
  });

  /* -- The page in sight ---------------------------------------------------------------------------------------- */
  const watch = new IntersectionObserver((seen) => {
    for (const entry of seen) entry.target.dataset.seen = entry.intersectionRect.height;
    const most = sheets.reduce((best, sheet) => (Number(sheet.dataset.seen) > Number(best.dataset.seen || 0) ? sheet : best), sheets[0]);
    if (most !== page) turnTo(most);
  }, { threshold: [0, 0.1, 0.25, 0.5, 0.75, 1] });
  for (const sheet of sheets) watch.observe(sheet);
  form.addEventListener("focusin", (event) => {
    const group = event.target.closest(".reading-fact, .reading-line");
    if (group && group !== current) choose(group, false), event.target.focus();
  });
  form.addEventListener("input", count);
  if (here) here.hidden = !sheets.length;
  document.querySelector("[data-do=help]").hidden = false;
  form.classList.toggle("is-keyed", "keys" in form.dataset);
  count();

  const wrong = form.querySelector("fieldset .review-error");
  if (wrong) choose(wrong.closest("fieldset"));
  else if (sheets.some(isOpen)) show(sheets.find(isOpen));
  else if (nextLine()) choose(nextLine(), false);
})();
