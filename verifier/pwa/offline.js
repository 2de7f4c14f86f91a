// The offline page: checks the seal in its own address (or in a pasted QR text) and says what that proves.
// The seal stands after #, which no server ever sees. Text and markup: templates/pages/verify/offline.html.
import { keptLists, standing } from "./lists.js";
import { Refused } from "./refused.js";
import { openSeal, requireOrigin, requirePast } from "./seal.js";
import { day, filled, moment } from "./shown.js";
import { printed } from "./token.js";

const DAY = 86_400_000; // ms
const OLD_LIST = 7; // days after which the page says how old its list is

// Codes that the page has words for; every other one is a seal that is not whole.
const REASONS = {
  "seal-unknown-key": "unknown-key",
  "seal-key-validity": "key-validity",
  "seal-signature": "signature",
  "seal-future": "future",
  "seal-version": "version",
  "qr-foreign": "foreign",
};

/** What to show for a QR's text: a template's id and its values. */
async function judge(text) {
  const lists = await keptLists();
  if (lists === null) return ["no-lists", {}];
  const kept = { keysAt: moment(lists.keys.as_of), listAt: moment(lists.withdrawn.as_of), ...age(lists.withdrawn) };
  try {
    const opened = await openSeal(text, lists.keys.keys);
    requireOrigin(opened.qr, location.origin);
    requirePast(opened.fields, Date.now() / 1000, Date.parse(lists.keys.as_of) / 1000);
    const status = await standing(lists.withdrawn, opened.qr.token, opened.fields.issuedAt);
    return [`holds-${opened.fields.mode}`, { ...kept, ...stated(opened), status }];
  } catch (fault) {
    if (!(fault instanceof Refused)) throw fault;
    return ["refused", { ...kept, code: fault.code, reason: REASONS[fault.code] ?? "form" }];
  }
}

function stated({ qr, fields, key }) {
  return {
    ...fields,
    letterDate: day(fields.letterDate),
    issuedAt: moment(fields.issuedAt),
    code: printed(qr.token),
    office: key.office,
    subjectName: key.subject,
    issuer: key.issuer,
    validity: `${day(key.not_before.slice(0, 10))} – ${day(key.not_after.slice(0, 10))}`,
    fingerprint: key.fingerprint,
  };
}

function age(list) {
  const days = Math.floor((Date.now() - Date.parse(list.as_of)) / DAY);
  return { days, old: days >= OLD_LIST };
}

async function show(text) {
  let found = ["cannot", {}];
  try {
    found = await judge(text);
  } catch (fault) {
    console.error(fault); // a browser without WebCrypto or storage: said on the page, never taken for a good seal
  }
  put(...found, text);
}

/** Puts a filled template into the page; `text` is what its link tries again with network. */
function put(id, values, text) {
  const result = document.getElementById("hasil");
  result.replaceChildren(filled(id, values));
  result.setAttribute("aria-busy", "false");
  result.querySelector("[data-wait]").setAttribute("href", withPatience(text));
}

/** The address of that letter, or of this page, with ?tunggu: sw.js then waits for the network as long as it takes. */
function withPatience(text) {
  const ours = text.toLowerCase().startsWith(`${location.origin}/`);
  const [path, ...seal] = (ours ? text.slice(location.origin.length) : location.pathname + location.hash).split("#");
  return `${location.origin}${path}?tunggu#${seal.join("#")}`;
}

/** The address holds the QR's text as it was scanned; a query after the token is not part of it. */
function showAddress() {
  const text = `${location.origin}${location.pathname}${location.hash}`;
  if (!/^\/v\//i.test(location.pathname)) put("no-letter", {}, text);
  else if (location.hash.length < 2) put("no-seal", {}, text);
  else show(text);
}

function showPasted(event) {
  event.preventDefault();
  show(event.target.elements.teks.value.trim());
  document.getElementById("isi").focus();
}

function skip(event) {
  event.preventDefault(); // the link would put its own name where the seal stands
  document.getElementById("isi").focus();
}

document.getElementById("tempel").addEventListener("submit", showPasted);
document.querySelector(".skip").addEventListener("click", skip);
addEventListener("hashchange", showAddress);
showAddress();
