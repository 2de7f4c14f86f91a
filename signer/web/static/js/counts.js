// Numbers of what waits, in the menu and in the title, without a reload.
//
// data-counts-url answers {"title": 3, "counts": {"<data-count of a badge>": 3}}. Polling, not a stream: a stream
// would hold a worker for every open page.

const EVERY = 30_000; // ms, and only while the page is looked at

/** Follow the counts at `url` until the page is left. */
export function followCounts(url) {
  const ask = async () => {
    if (document.hidden) return;
    try {
      const response = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (response.ok && !response.redirected) show(await response.json());
    } catch {
      // offline: the last numbers stand, the next round tries again
    }
  };
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
  addEventListener("pageshow", (event) => event.persisted && ask());
}

function show({ title, counts }) {
  document.title = (title ? `(${title}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  document.querySelectorAll("[data-count]").forEach((badge) => {
    const count = counts[badge.dataset.count];
    if (count === undefined) return;
    badge.textContent = count;
    badge.hidden = count === 0;
  });
}
