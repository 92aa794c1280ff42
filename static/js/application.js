/* Enhancements of the pages of an application. The pages work without this file. */
"use strict";

/* <form data-offline="…" data-silent="…">: submitted without a connection, the browser would show its own error page and
   lose the answers. The form stays, and its one line of state says why, until the portal answers again; nothing is stored
   on the device, which may be shared. navigator.onLine may be wrong (a tunnel, a captive portal), so the script first
   requests the portal. A form larger than data-most="…" (bytes) stays too. */
const patience = 5000; // milliseconds

/* Size of the form as sent, in bytes: each line end is two characters there, one here. */
const sizeOf = (form, button) => {
  const typed = new URLSearchParams(new FormData(form, button)).toString();
  return typed.length + 3 * (typed.split("%0A").length - 1);
};

/* True if the portal answers at all, with any status. */
const portalAnswers = () =>
  fetch("/healthz", { cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(patience) })
    .then(() => true, () => false);

for (const form of document.querySelectorAll("form[data-offline]")) {
  const lines = [...document.querySelectorAll("[data-saved-state]")];
  const again = 3000; // milliseconds
  let asking = false;
  let answered = false;
  let before = null; // what the lines say once the portal answers again
  const say = (sentences, isWaiting) => lines.forEach((line, place) => {
    line.textContent = sentences[place];
    line.toggleAttribute("data-waiting", isWaiting);
  });
  const stay = (sentence) => {
    before ??= lines.map((line) => line.textContent);
    say(lines.map(() => sentence), true);
  };
  const lookAgain = async (sentence) => {
    if (lines.some((line) => line.textContent !== sentence)) { // a save has said something since
      before = null;
    } else if (navigator.onLine && await portalAnswers()) {
      say(before, false);
      before = null;
    } else {
      setTimeout(lookAgain, again, sentence);
    }
  };
  form.addEventListener(
    "submit",
    async (event) => {
      if (answered) { // the second submit event, sent below
        answered = false;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      if (asking) return;
      if (sizeOf(form, event.submitter) > Number(form.dataset.most)) { // the portal would reject it without reading it
        stay(form.dataset.tooLarge);
        return;
      }
      asking = true;
      answered = navigator.onLine && await portalAnswers();
      asking = false;
      if (answered) {
        form.requestSubmit(event.submitter);
        return;
      }
      const sentence = navigator.onLine ? form.dataset.silent : form.dataset.offline;
      stay(sentence);
      setTimeout(lookAgain, again, sentence);
    },
    { capture: true },
  );
}
