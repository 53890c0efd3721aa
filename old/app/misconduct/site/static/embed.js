// Tells the page around an embedded chart how high it is, and which link was followed, where the frame may not open it.
// It is understood by WordPress (`message`, `value`, `secret`), by plain listeners (`context`, `height`, `src`) and by
// iframe-resizer, which says its name for the frame first. Nothing else is read from that page.
const secret = new URLSearchParams(location.hash.replace(/^#\?/, "")).get("secret");
const RESIZER = "[iFrameSizer]";
let told = 0;
let name = null;

function measure() {
  return Math.ceil(document.documentElement.getBoundingClientRect().height);
}

function tell() {
  const height = measure();
  if (parent === window || height === told) return;
  told = height;
  parent.postMessage({ message: "height", value: height, secret, context: "iframe.resize", height, src: location.href }, "*");
  if (name !== null) parent.postMessage(`${RESIZER}${name}:${height}:${innerWidth}:mutationObserver`, "*");
}

addEventListener("message", ({ data, source }) => {
  if (source !== parent || typeof data !== "string" || !data.startsWith(RESIZER)) return;
  name = data.slice(RESIZER.length).split(":")[0];
  parent.postMessage(`${RESIZER}${name}:${measure()}:${innerWidth}:init`, "*");
});

// WordPress allows a frame no windows: it opens links itself.
addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link === null || secret === null || parent === window) return;
  event.preventDefault();
  parent.postMessage({ message: "link", value: link.href, secret }, "*");
});

new ResizeObserver(tell).observe(document.documentElement);
addEventListener("load", tell);
