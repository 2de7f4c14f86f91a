// An icon of the page's sprite, as macros/ui.html draws it.

const SVG = "http://www.w3.org/2000/svg";

/** The icon called so; `kind` may be a class that colours it. */
export function icon(name, kind = "") {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", `icon ${kind}`.trim());
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}
