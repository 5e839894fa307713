// On top of the pages of tests, which work without it: keeps answers as they are given, shows the time that is left,
// and looks whether a test that the host starts has begun.

const QUIET = 800; // milliseconds without a keystroke before what was typed is sent
const AGAIN = 4000; // and before a try that failed is repeated
const LOOK = 10000;

const form = document.querySelector("form[data-answers]");
const timer = document.querySelector("[data-left]");

function keepAnswers() {
  const status = document.querySelector("[data-kept]");
  let waiting = 0;
  let changed = false;
  let sending = false;

  const fields = () => {
    const values = new URLSearchParams();
    for (const [name, value] of new FormData(form)) values.append(name, value);
    values.set("go", "auto");
    return values;
  };

  const later = (pause) => {
    clearTimeout(waiting);
    waiting = setTimeout(send, pause);
  };

  async function send() {
    if (sending || !changed) return;
    sending = true;
    changed = false;
    try {
      const response = await fetch(location.pathname, { method: "POST", body: fields() });
      if (response.status === 409) return location.assign(`${location.pathname}?late`);
      if (!response.ok) throw new Error(String(response.status));
      status.textContent = changed ? "" : "Your answers are kept.";
      const { left } = await response.json();
      if (left !== null) setLeft(left);
    } catch {
      changed = true;
      status.textContent = "Not kept yet: the server cannot be reached. Trying again.";
      later(AGAIN);
    } finally {
      sending = false;
      if (changed) later(QUIET);
    }
  }

  const note = (pause) => () => {
    changed = true;
    status.textContent = "";
    later(pause);
  };
  form.addEventListener("input", note(QUIET));
  form.addEventListener("change", note(0));
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    changed = false;
  });
  // The page is closed or put aside: what was not sent yet goes out with it.
  const leave = () => {
    if (changed && navigator.sendBeacon(location.pathname, fields())) changed = false;
  };
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
}

let end = null;

function setLeft(seconds) {
  end = performance.now() + seconds * 1000;
}

function showTime() {
  const clock = timer.querySelector("[data-clock]");
  const spoken = document.querySelector("[data-spoken]");
  const told = new Set();
  setLeft(Number(timer.dataset.left));
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const hours = Math.floor(left / 3600);
    const parts = [Math.floor((left % 3600) / 60), left % 60].map((part) => String(part).padStart(2, "0"));
    clock.textContent = `Time left: ${hours ? `${hours}:` : ""}${parts.join(":")}`;
    timer.classList.toggle("soon", left <= 60);
    for (const minutes of [1, 5]) {
      if (left <= minutes * 60 && left > (minutes - 1) * 60 && !told.has(minutes)) {
        told.add(minutes);
        if (left > minutes * 60 - 30) spoken.textContent = `${minutes} minute${minutes > 1 ? "s" : ""} left`;
      }
    }
    if (left > 0) return;
    clearInterval(ticking);
    spoken.textContent = "The time is over";
    // Within the moment that the server allows for what is on its way.
    if (form) form.requestSubmit(form.querySelector("button[value=save]"));
    else location.assign(location.pathname);
  };
  const ticking = setInterval(tick, 500);
  tick();
}

if (form) keepAnswers();
if (timer) showTime();
if (document.querySelector("[data-waits]")) setTimeout(() => location.reload(), LOOK);
