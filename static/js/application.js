/* Enhancements of the pages of an application. The pages work without this file. */
"use strict";

/* <form data-offline="…">: submitted without a connection, the browser would show its own error page and lose the
   answers. The form stays and shows the message of data-offline; nothing is stored on the device, which may be
   shared. navigator.onLine may be wrong (a tunnel, a captive portal), so the script first requests the portal. A
   form larger than data-most="…" (bytes) stays too. */
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
  const word = document.createElement("p");
  word.setAttribute("role", "alert");
  word.className = "offline-note";
  form.append(word);
  let asking = false;
  let answered = false;
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
      word.textContent = "";
      if (sizeOf(form, event.submitter) > Number(form.dataset.most)) { // the portal would reject it without reading it
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
