// Numbers of what waits, in the menu and in the title, without a reload.
//
// data-counts-url answers {"title": 3, "counts": {"<data-count of a badge>": 3}, "mark": "…"}, or 304 while nothing
// changed. Each new answer is the event `surat:counts`. Polling, not a stream: a stream would hold a worker for every
// open page.

const EVERY = 20_000; // ms, and only while the page is looked at
const SLOWEST = 300_000; // ms between two tries while the service does not answer
const PATIENCE = 15_000; // ms for one answer; a connection can die without anybody noticing

/** Follow the counts at `url` until the page is left. */
export function followCounts(url) {
  let timer, wait, asking, tag;
  const ask = async () => {
    if (asking || document.hidden) return; // looked at again, it asks at once
    asking = true;
    clearTimeout(timer);
    const answer = await get(url, tag);
    asking = false;
    signedOut(answer.status === 401);
    if (answer.status === 401) return; // until the page is looked at again: perhaps signed in elsewhere by then
    if (answer.found) {
      tag = answer.tag;
      show(answer.found);
    }
    // Offline or overloaded: the last numbers stand, and the next try takes longer to come.
    wait = answer.found || answer.status === 304 ? EVERY : Math.min(wait * 2, SLOWEST);
    timer = setTimeout(ask, wait);
  };
  timer = setTimeout(ask, (wait = EVERY));
  document.addEventListener("visibilitychange", ask);
  addEventListener("pageshow", (event) => event.persisted && ask());
}

/** What came: its status (0 for nothing), and what is in it if it is new. */
async function get(url, tag) {
  const headers = { Accept: "application/json", ...(tag && { "If-None-Match": tag }) };
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(url, { headers, credentials: "same-origin", cache: "no-store", signal });
    const found = answer.status === 200 ? await answer.json() : null;
    return { status: answer.status, tag: answer.headers.get("ETag"), found };
  } catch {
    return { status: 0 };
  }
}

function show(found) {
  document.title = (found.title ? `(${found.title}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  document.querySelectorAll("[data-count]").forEach((badge) => {
    const count = found.counts[badge.dataset.count];
    if (count === undefined) return;
    badge.textContent = count;
    badge.hidden = count === 0;
  });
  document.dispatchEvent(new CustomEvent("surat:counts", { detail: found }));
}

function signedOut(now) {
  const place = document.querySelector("[data-signed-out] > template")?.parentElement;
  const note = place?.querySelector("template").content.firstElementChild;
  const shown = place?.querySelector(":scope > :not(template)");
  if (now && note && !shown) place.append(note.cloneNode(true));
  if (!now) shown?.remove();
}
