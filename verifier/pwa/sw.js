// The service worker: keeps what a phone needs to check a seal without network. The server writes a line before this
// file, `const SHELL = {version, page, assets}`; a changed version is a changed file, which browsers install anew.
//
// It answers three kinds of requests and leaves all others to the network: letters' pages, /periksa, and the offline
// page's own parts. docs/decisions/0011-offline-seal.md.
/* global SHELL */
"use strict";

const SHELL_CACHE = `suratsah-shell-${SHELL.version}`;
const LISTS_CACHE = "suratsah-lists";
const LISTS = ["/pwa/keys.json", "/pwa/withdrawn.json"];
const LETTER = /^\/v\/[^/]+\/?$/i;
const PATIENCE = 10_000; // ms; a phone that shows bars but gets no answer
const GATEWAY_FAULTS = [502, 504]; // said by a proxy whose service is away
/** Pages that got the offline page; their parts do not wait for a silent network once more. */
const offlineClients = new Set();

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(Promise.all([keepShell(), keepLists()]));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([dropOldShells(), self.clients.claim()]));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (LETTER.test(url.pathname)) event.respondWith(letter(event));
    else if (url.pathname === "/periksa") event.respondWith(checkPage(event));
  } else if (SHELL.assets.includes(url.pathname + url.search)) {
    event.respondWith(asset(event, url));
  }
});

/** A letter's page from the network, and fresh lists after it; without network the offline page, whatever the token. */
async function letter(event) {
  const answer = await answered(event.request);
  if (answer === null) return offlinePage(event);
  event.waitUntil(keepLists().catch(() => undefined)); // the old lists say how old they are
  return answer;
}

async function checkPage(event) {
  return (await answered(event.request)) ?? offlinePage(event);
}

/** The service's own answer, or null: no network, no answer in time, or a proxy whose service is away. */
async function answered(request) {
  // ?tunggu is the offline page's own link: this person would rather wait.
  const waits = new URL(request.url).searchParams.has("tunggu");
  try {
    const answer = await (waits ? fetch(request) : soon(fetch(request)));
    return GATEWAY_FAULTS.includes(answer.status) ? null : answer;
  } catch {
    return null;
  }
}

async function offlinePage(event) {
  offlineClients.add(event.resultingClientId);
  return (await kept(SHELL.page)) ?? Response.error();
}

function kept(request) {
  return caches.match(request, { cacheName: SHELL_CACHE, ignoreVary: true });
}

function soon(asked) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no answer in time")), PATIENCE));
  return Promise.race([asked, late]);
}

/** Parts named by their content come from here; others from the network while there is one. */
async function asset(event, url) {
  const found = await kept(event.request);
  if (found && (isPinned(url) || offlineClients.has(event.clientId))) return found;
  return fetch(event.request).catch(() => found ?? Response.error());
}

async function keepShell() {
  const cache = await caches.open(SHELL_CACHE);
  const wanted = [SHELL.page, ...SHELL.assets].map((address) => {
    // What the page has just loaded need not come twice.
    return isPinned(new URL(address, self.location)) ? new Request(address) : fresh(address);
  });
  await cache.addAll(wanted);
}

/** Whether an address names its content: another content would have another address. */
function isPinned(url) {
  return url.searchParams.has("v") || /^\/pwa\/[0-9a-f]{16}\//.test(url.pathname);
}

/** Both lists or neither: each says how old it is, and a broken answer never takes the place of a good list. */
async function keepLists() {
  const answers = await Promise.all(LISTS.map((address) => fetch(fresh(address))));
  const texts = await Promise.all(answers.map((answer) => answer.clone().json()));
  if (!answers.every((answer) => answer.ok) || !texts.every((list) => Date.parse(list.as_of) > 0)) {
    throw new Error("the lists cannot be had");
  }
  const cache = await caches.open(LISTS_CACHE);
  await Promise.all(answers.map((answer, index) => cache.put(LISTS[index], answer)));
}

async function dropOldShells() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("suratsah-shell-") && name !== SHELL_CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** Past the browser's own cache, and without cookies: what is kept must be the newest, and everybody's. */
function fresh(address) {
  return new Request(address, { cache: "reload", credentials: "omit" });
}
