// Notes that this letter was opened, once its first page is really on the screen: POST of form[data-opened].

const form = document.querySelector("form[data-opened]");
const page = document.querySelector(".pages img");

async function note() {
  try {
    await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      keepalive: true,
    });
  } catch {
    // offline: the letter counts as not opened yet, which the table says
  }
}

if (form && page) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    page.decode().then(note, () => {}); // a picture that did not come was not seen
  });
  seen.observe(page);
}
