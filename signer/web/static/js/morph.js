// Make one piece of a page like another while what is the same in both stays the same node, with its focus and state.

/**
 * Change `old` into the likeness of `fresh`. Children with a data-id are the same if their ids are, all others if they
 * stand at the same place. A child with a data-id that is not in `fresh` goes, unless `keep(child)` says otherwise.
 */
export function morph(old, fresh, keep = () => false) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.data = fresh.data;
    return;
  }
  attributes(old, fresh);
  const wanted = [...fresh.childNodes];
  const ids = new Set(wanted.map(id).filter(Boolean));
  let at = old.firstChild;
  for (const child of wanted) {
    at = pass(at, ids, keep);
    const same = id(child) ? [...old.children].find((one) => id(one) === id(child)) : alike(at, child) && at;
    if (same) morph(same, child, keep);
    if (same === at && same) at = at.nextSibling;
    else old.insertBefore(same || document.importNode(child, true), at);
  }
  while (at) {
    const next = at.nextSibling;
    if (!id(at) || (!ids.has(id(at)) && !keep(at))) at.remove();
    at = next;
  }
}

const id = (node) => node.dataset?.id;

function alike(node, child) {
  return node && !id(node) && node.nodeName === child.nodeName;
}

/** The next place that is not a row to be taken out. */
function pass(at, ids, keep) {
  while (at && id(at) && !ids.has(id(at))) {
    const next = at.nextSibling;
    if (!keep(at)) at.remove();
    at = next;
  }
  return at;
}

function attributes(old, fresh) {
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name); // what was unfolded stays so
  }
}
