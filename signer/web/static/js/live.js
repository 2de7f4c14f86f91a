// A list that is looked at while somebody else works: it fetches itself anew when the mark of the counts is another.
//
// What is being read stays where it is on the screen, and what has focus keeps it: a row that is gone stays, marked, until
// focus leaves it. Screen readers hear of it only when rows came or went, not when clocks moved on.
import { morph } from "./morph.js";

const PATIENCE = 15_000; // ms for one answer

/** Follow the list in `box`: its address is data-live-list, its own mark the data-mark of what is in it. */
export function followList(box) {
  let asking = false;
  document.addEventListener("surat:counts", async ({ detail }) => {
    if (asking || detail.mark === box.firstElementChild.dataset.mark) return;
    asking = true;
    const fresh = await list(box.dataset.liveList);
    asking = false;
    if (fresh) renew(box, fresh);
  });
  box.addEventListener("focusout", (event) => {
    const gone = event.target.closest(".gone");
    if (gone && !gone.contains(event.relatedTarget)) gone.remove();
  });
}

/** The list as it is now; null without connection, or when somebody else's page came: the next counts ask again. */
async function list(url) {
  try {
    const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok || answer.redirected) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-mark]");
  } catch {
    return null;
  }
}

function renew(box, fresh) {
  const focused = box.contains(document.activeElement) ? document.activeElement : null;
  const before = ids(box), places = inView(box);
  morph(box.firstElementChild, fresh, (row) => row.contains(focused) && leave(row, box.dataset.gone));
  if (focused && document.activeElement !== focused) focused.focus({ preventScroll: true });
  const kept = places.find(([row]) => row.isConnected);
  if (kept && scrollY > 0) scrollBy({ top: kept[0].getBoundingClientRect().top - kept[1], behavior: "instant" });
  if (ids(box) !== before) tell(box);
}

const rows = (box) => [...box.querySelectorAll("[data-id]:not(.gone)")];
const ids = (box) => rows(box).map((row) => row.dataset.id).sort().join();

/** The rows on the screen and how far down they are, the one with focus first. */
function inView(box) {
  const seen = rows(box).map((row) => [row, row.getBoundingClientRect().top]);
  const own = seen.filter(([row]) => row.contains(document.activeElement));
  return [...own, ...seen.filter(([, top]) => top >= 0 && top < innerHeight)];
}

function leave(row, text) {
  if (row.classList.contains("gone")) return true;
  row.classList.add("gone");
  const note = Object.assign(document.createElement("span"), { className: "sub gone-note", textContent: text });
  row.firstElementChild.append(note);
  return true;
}

function tell(box) {
  const summary = box.querySelector("[data-summary]");
  const words = summary ? summary.textContent.replace(/\s+/g, " ").trim() : "";
  document.querySelector("[data-list-news]").textContent = `${box.dataset.news} ${words}`;
}
