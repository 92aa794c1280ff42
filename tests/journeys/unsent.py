"""Forms that wait in the browser, as static/js/autosave.js stores them."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

_COUNT: Final = """() => new Promise((resolve) => {
    const { account } = document.querySelector("[data-unsent]")?.dataset ?? {};
    const request = indexedDB.open("unsent", 1);
    request.onupgradeneeded = () =>
        request.result.createObjectStore("forms", { keyPath: ["account", "address"] });
    request.onsuccess = () => {
        const found = request.result.transaction("forms").objectStore("forms").getAll();
        found.onsuccess = () => {
            request.result.close();
            resolve(found.result.filter((row) => !account || row.account === account).length);
        };
    };
})"""


def count_waiting(page: "Page") -> int:
    """Return the number of forms of the page's account that wait; of all accounts on a page without one."""
    return int(page.evaluate(_COUNT))
