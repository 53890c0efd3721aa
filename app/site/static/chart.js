// Redraws the chart as one that can be explored, when the reader asks for it. Without this script the picture stays.
const button = document.querySelector("button[data-specification]");

async function explore() {
  button.disabled = true;
  const place = document.getElementById("explore");
  const [specification] = await Promise.all([
    fetch(button.dataset.specification).then((answer) => answer.json()),
    import(button.dataset.script),
  ]);
  // `ast` evaluates expressions without `eval`, which the page's policy forbids, as it does style elements of scripts.
  const options = { ast: true, actions: false, defaultStyle: false, renderer: "svg", tooltip: { disableDefaultStyle: true } };
  await globalThis.vegaEmbed(place, specification, options);
  describe(place.querySelector("svg"), place.getAttribute("aria-label"));
  place.hidden = false;
  place.previousElementSibling.hidden = true;
  button.hidden = true;
  place.focus();
}

// To who does not see it one picture with a name, not a hundred marks without; the table below says the same in words.
function describe(svg, name) {
  for (const part of svg.querySelectorAll("*")) {
    for (const attribute of ["role", "aria-label", "aria-roledescription"]) part.removeAttribute(attribute);
  }
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", name);
}

if (button) {
  button.hidden = false;
  button.addEventListener("click", explore);
}
