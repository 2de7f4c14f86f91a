// On every page about a letter, with network: makes this browser able to check seals later without one.
import { keptLists } from "./lists.js";
import { moment } from "./shown.js";

const element = document.getElementById("seal-check");
// Only a scanned QR brings a seal along; everybody else is spared the seven modules that read it.
if (element && location.hash.length > 1) {
  import("./seal-check.js")
    .then((module) => module.checkSeal(element))
    .catch((fault) => console.info("seal-check", fault)); // only a help: the page stands
}

if ("serviceWorker" in navigator) {
  // In this page's language; after another choice it is another worker, which takes the place of this one.
  navigator.serviceWorker
    .register(`/sw.js?bahasa=${document.documentElement.lang}`, { scope: "/", updateViaCache: "none" })
    .then(sayReady)
    .catch((fault) => console.info("offline", fault)); // e.g. a private window: the page works without it
}

/** Says so once the worker has everything; `ready` waits until it is installed. */
async function sayReady() {
  await navigator.serviceWorker.ready;
  const [line, lists] = [document.getElementById("offline-ready"), await keptLists()];
  if (!line || lists === null) return;
  line.querySelector("[data-slot]").textContent = moment(lists.withdrawn.as_of);
  line.hidden = false;
}
