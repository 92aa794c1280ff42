"""Forms that wait in the browser, as static/js/autosave.js stores them."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

_COUNT: Final = """() => new Promise((resolve) => {
    const account = document.querySelector("[data-unsent]")?.dataset.keys.split(":")[0];
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

PUT_WAITING: Final = """(address) => new Promise((resolve) => {
    const request = indexedDB.open("unsent", 1);
    request.onupgradeneeded = () =>
        request.result.createObjectStore("forms", { keyPath: ["account", "address"] });
    request.onsuccess = () => {
        const change = request.result.transaction("forms", "readwrite");
        change.objectStore("forms").put({ account: "other", address, at: 1 });
        change.oncomplete = () => { request.result.close(); resolve(); };
    };
})"""
"""Puts a form of another account, saved at an address, among those that wait."""


def count_waiting(page: "Page") -> int:
    """Return the number of forms of the page's account that wait; of all accounts on a page without one."""
    return int(page.evaluate(_COUNT))
