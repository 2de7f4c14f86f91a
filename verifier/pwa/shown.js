// Fills copies of a page's <template>s. All text stands in the templates; dates are written as people here write them.

const ZONE = "Asia/Jakarta";

/** "5 Januari 2026" of "2026-01-05". */
export function day(date) {
  return format(new Date(`${date}T00:00:00Z`), { dateStyle: "long", timeZone: "UTC" });
}

/** "Senin, 5 Januari 2026 pukul 09.14 WIB" of seconds since 1970 or an RFC 3339 text. */
export function moment(at) {
  const date = typeof at === "number" ? new Date(at * 1000) : new Date(at);
  const [weekday, long] = [{ weekday: "long", timeZone: ZONE }, { dateStyle: "long", timeZone: ZONE }];
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: ZONE };
  const between = document.documentElement.lang === "en" ? ", " : " pukul ";
  return `${format(date, weekday)}, ${format(date, long)}${between}${format(date, time)} WIB`;
}

/**
 * A copy of the template with this id. Elements with `data-slot` get the text of that name; elements with `data-if`
 * stay only if that value is true, those with `data-case="name:value"` only if it is that value.
 * @param {string} id
 * @param {Record<string, unknown>} values
 */
export function filled(id, values) {
  const copy = document.getElementById(id).content.cloneNode(true);
  for (const element of copy.querySelectorAll("[data-if]")) {
    if (!values[element.dataset.if]) element.remove();
  }
  for (const element of copy.querySelectorAll("[data-case]")) {
    const [name, value] = element.dataset.case.split(":");
    if (values[name] !== value) element.remove();
  }
  for (const element of copy.querySelectorAll("[data-slot]")) element.textContent = values[element.dataset.slot] ?? "";
  return copy;
}

function format(date, options) {
  return new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : "id-ID", options).format(date);
}
