/* After a filing: erases the answers to this submission that waited in the browser (autosave.js). */
"use strict";

(() => {
  const address = document.currentScript.dataset.forget;
  const request = indexedDB.open("unsent", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("forms", { keyPath: ["account", "address"] });
  request.onsuccess = () => {
    const forms = request.result.transaction("forms", "readwrite").objectStore("forms");
    forms.openCursor().onsuccess = ({ target: { result: row } }) => {
      if (!row) return;
      if (row.value.address.startsWith(address)) row.delete();
      row.continue();
    };
  };
})();
