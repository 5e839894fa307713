// Looks for new requests every two seconds; without it the page shows them when it is loaded.

const EVERY = 2000;
const list = document.querySelector("[data-live]");

async function look() {
  if (document.hidden || list.contains(document.activeElement)) return; // nothing moves under the reader's hands
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
    if (fresh && fresh.innerHTML !== list.innerHTML) list.replaceChildren(...fresh.childNodes);
  } catch {
    // the server is away for a moment; the next look will tell
  }
}

if (list) setInterval(look, EVERY);
