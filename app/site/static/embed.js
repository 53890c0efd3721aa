// Tells the page around an embedded chart how high it is: as WordPress wants to hear it (`message`, `value`, `secret`),
// and for plain listeners (`context`, `height`, `src`). Nothing is read from that page.
const secret = new URLSearchParams(location.hash.replace(/^#\?/, "")).get("secret");
let told = 0;

function tell() {
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  if (parent === window || height === told) return;
  told = height;
  parent.postMessage({ message: "height", value: height, secret, context: "iframe.resize", height, src: location.href }, "*");
}

new ResizeObserver(tell).observe(document.documentElement);
addEventListener("load", tell);
