// The reader of letters: a tap makes the pages twice as wide where it fell, another one gives them back; and the
// first page of the next letter is loaded ahead. Pinching is the browser's own.

const reader = document.querySelector("[data-reader]");

function zoom(event) {
  const link = event.target.closest("a[data-large]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const figure = link.parentElement;
  const box = link.getBoundingClientRect();
  const across = event.detail ? (event.clientX - box.left) / box.width : 0;
  const down = event.detail ? (event.clientY - box.top) / box.height : 0;
  const large = reader.classList.toggle("zoomed");
  reader.querySelectorAll("a[data-large] img").forEach((image) => {
    image.dataset.sizes ??= image.sizes;
    image.sizes = large ? "200vw" : image.dataset.sizes;
  });
  const now = link.getBoundingClientRect();
  figure.scrollLeft = across * now.width - figure.clientWidth / 2;
  scrollBy(0, now.top + down * now.height - (event.detail ? event.clientY : 0));
}

function loadAhead() {
  const image = new Image();
  image.sizes = reader.dataset.aheadSizes;
  image.srcset = reader.dataset.ahead;
}

if (reader) {
  reader.addEventListener("click", zoom);
  if (reader.dataset.ahead) {
    if (document.readyState === "complete") loadAhead();
    else addEventListener("load", loadAhead);
  }
}
