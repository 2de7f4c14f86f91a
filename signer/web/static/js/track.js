// A shared address of /lacak carries the code behind the #, which browsers never send: it stays out of logs, out of the
// Referer, and away from programs that fetch addresses to preview them. Here it is put into the form and sent by POST.

/** Fill `form` from the page's own address and send it; the code does not stay in the address. */
export function enhanceTrack(form) {
  const asked = new URL(location.href);
  const code = asked.hash.slice(1) || asked.searchParams.get("kode") || "";
  if (!/[0-9A-Za-z]{5}/.test(code)) return; // e.g. #isi, where the link past the page's head leads
  history.replaceState(history.state, "", asked.pathname);
  form.elements.kode.value = code;
  form.requestSubmit();
}
