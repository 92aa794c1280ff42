/* The questions of an application. They are complete without this file. */
"use strict";

/* <form data-offline="…">: sent without a connection, it would leave the browser's own error page in its place, and what
   was typed behind. It stays, and says so; nothing is stored on the device, which may be shared. A browser that believes
   itself connected may be mistaken (a tunnel, a café's network): the portal is asked first whether it is there. What is
   longer than data-most="…" (bytes) stays too. */
const patience = 5000; // milliseconds

/* How many bytes a form is when it leaves: each line end is two characters then, and one here. */
const sizeOf = (form, button) => {
  const typed = new URLSearchParams(new FormData(form, button)).toString();
  return typed.length + 3 * (typed.split("%0A").length - 1);
};

/* Whether anything at all answers: what it answers is the form's business. */
const portalAnswers = () =>
  fetch("/healthz", { cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(patience) })
    .then(() => true, () => false);

for (const form of document.querySelectorAll("form[data-offline]")) {
  const word = document.createElement("p");
  word.setAttribute("role", "alert");
  word.className = "offline-note";
  form.append(word);
  let asking = false;
  let answered = false;
  form.addEventListener(
    "submit",
    async (event) => {
      if (answered) { // sent again just below
        answered = false;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      if (asking) return;
      word.textContent = "";
      if (sizeOf(form, event.submitter) > Number(form.dataset.most)) { // the portal would not even read it
        word.textContent = form.dataset.tooLarge;
        return;
      }
      asking = true;
      answered = navigator.onLine && await portalAnswers();
      asking = false;
      if (answered) form.requestSubmit(event.submitter);
      else word.textContent = form.dataset.offline;
    },
    { capture: true },
  );
  addEventListener("online", () => { word.textContent = ""; });
}
