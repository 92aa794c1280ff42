/* Forms that a passkey fills. `data-passkey`: "create" or "get"; `data-options`: what the server asks, as JSON, or
   `data-asks`: the address that says it, with a state to send back. The form stays hidden where the browser has no
   passkeys; the answer is posted in its field `credential`. */
"use strict";

(() => {
  const known = window.PublicKeyCredential?.parseCreationOptionsFromJSON;
  if (!known) return;
  for (const notice of document.querySelectorAll("[data-without-passkeys]")) notice.hidden = true;

  const ask = async (kind, options) => (kind === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }));

  const asked = async (form) => {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const response = await fetch(form.dataset.asks, { method: "POST", body: new FormData(form) });
    const { options, state } = await response.json();
    form.elements.state.value = state;
    return options;
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const status = form.querySelector("[role=status]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      if (form.elements.name && !form.elements.name.value) return; // the server says what is missing
      event.preventDefault();
      status.textContent = "";
      try {
        const credential = await ask(form.dataset.passkey, await asked(form));
        form.elements.credential.value = JSON.stringify(credential.toJSON());
        form.submit(); // without this listener
      } catch {
        status.textContent = status.dataset.failed;
      }
    });
  }
})();
