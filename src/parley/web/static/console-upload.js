// Sends a file in parts by the protocol tus 1.0.0 and goes on after a break, a pause or a reload: the address of the
// upload is kept in the browser under what the file is called, how large it is and when it was changed.
const form = document.getElementById("upload");
const part = (id) => document.getElementById(id);
const words = form.dataset;
// The first part is small: by it the server tells whether the file is a recording at all.
const FIRST_BYTES = 64 * 1024;
const PART_BYTES = 4 * 1024 * 1024;
const TRIES = 6;
const KEPT = `parley-upload:${words.address}`;

let url = null;
let file = null;
let running = null; // the AbortController of what is under way

class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

const wait = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) || null;
  } catch {
    return null;
  }
}

function keep(value) {
  try {
    if (value) localStorage.setItem(KEPT, JSON.stringify(value));
    else localStorage.removeItem(KEPT);
  } catch {
    // A browser that keeps nothing sends all the same; it only cannot go on after a reload.
  }
}

const isSame = (value, chosen) =>
  value && value.name === chosen.name && value.size === chosen.size && value.changed === chosen.lastModified;

function complain(text) {
  part("wrong").textContent = text;
  part("wrong").hidden = !text;
}

function say(text) {
  if (part("said").textContent !== text) part("said").textContent = text;
}

function show(state) {
  part("send").hidden = state !== "choosing";
  part("pause").hidden = state !== "sending";
  part("on").hidden = state !== "paused";
  part("drop").hidden = state !== "paused";
  part("going").hidden = state === "choosing";
  for (const each of form.querySelectorAll("input, select")) each.disabled = state !== "choosing";
}

function progress(offset) {
  const percent = Math.floor((offset / file.size) * 100);
  part("progress").value = percent;
  say(`${words.sending}: ${percent - (percent % 10)} %`); // in steps, so that it is not read out all the time
}

async function ask(method, address, headers = {}, body = undefined) {
  const answer = await fetch(address, {
    method,
    body,
    headers: { "Tus-Resumable": "1.0.0", CSRF: words.csrf, ...headers },
    signal: running ? running.signal : undefined,
  });
  if (answer.ok) return answer;
  throw new Refused(answer.status, (await answer.text()).trim().slice(0, 300));
}

function encoded(text) {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

async function begin() {
  const said = { filename: file.name, name: part("name").value, password: part("password").value, session: part("session").value };
  const metadata = Object.entries(said).filter(([, value]) => value).map(([name, value]) => `${name} ${encoded(value)}`);
  const answer = await ask("POST", words.address, {
    "Upload-Length": String(file.size),
    "Upload-Metadata": metadata.join(","),
  });
  url = new URL(answer.headers.get("Location"), document.baseURI).pathname;
  keep({ url, name: file.name, size: file.size, changed: file.lastModified });
}

const offsetOf = (answer) => Number(answer.headers.get("Upload-Offset"));

async function send() {
  let offset = offsetOf(await ask("HEAD", url));
  while (offset < file.size) {
    progress(offset);
    let piece;
    try {
      piece = await file.slice(offset, offset + (offset ? PART_BYTES : FIRST_BYTES)).arrayBuffer();
    } catch {
      throw new Refused(0, words.unreadable);
    }
    const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
    offset = offsetOf(await ask("PATCH", url, headers, piece));
  }
  progress(offset);
}

async function finished() {
  show("working");
  say(words.working);
  for (;;) {
    const told = await (await ask("GET", url)).json();
    if (told.state === "ready") {
      keep(null);
      window.location.assign(`${words.recordings}${told.recordingID}`);
      return;
    }
    if (told.state === "failed") {
      keep(null);
      throw new Refused(-1, told.reason);
    }
    await wait(700);
  }
}

// What may go well another time: a broken connection, somebody else's write, a server that restarts.
const passing = (error) => !(error instanceof Refused) || [408, 409, 423, 502, 503, 504].includes(error.status);

function broken(error) {
  if (error instanceof Refused && error.status === 0) complain(error.message);
  else if (error instanceof Refused) complain(`${error.status === -1 ? words.failed : words.refused} ${error.message}`);
  if (error instanceof Refused && [-1, 404, 410, 415].includes(error.status)) {
    keep(null); // there is nothing to go on with
    url = null;
  }
  running = null;
  show("choosing");
  part("wrong").scrollIntoView({ block: "nearest" });
}

async function run() {
  const mine = new AbortController();
  running = mine;
  complain("");
  show("sending");
  for (let tries = 0; ; tries += 1) {
    try {
      if (!url) await begin();
      await send();
      await finished();
      return;
    } catch (error) {
      if (mine.signal.aborted) return;
      if (error.status === 404 && url && tries < TRIES) {
        url = null; // it was given up meanwhile: begin anew
        keep(null);
        continue;
      }
      if (!passing(error)) {
        broken(error);
        return;
      }
      if (tries >= TRIES) {
        show("paused");
        say(words.gone);
        return;
      }
      say(words.waiting);
      await wait(500 * 2 ** tries);
      if (mine.signal.aborted) return;
    }
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  [file] = part("file").files;
  if (!file) complain(words.empty);
  else if (!file.size) complain(words.noBytes);
  else if (file.size > Number(words.most)) complain(words.large);
  else {
    const before = kept();
    url = isSame(before, file) ? before.url : null;
    part("again").hidden = true;
    run();
  }
});

part("pause").addEventListener("click", () => {
  running.abort();
  show("paused");
  say(words.paused);
  part("on").focus();
});

part("on").addEventListener("click", () => {
  run();
  part("pause").focus();
});

part("drop").addEventListener("click", async () => {
  running = null;
  const address = url;
  url = null;
  keep(null);
  show("choosing");
  for (let tries = 0; address && tries < 3; tries += 1) {
    try {
      await ask("DELETE", address);
      return;
    } catch {
      await wait(1000); // the part that was cut off is still being put away; else the server forgets it after a day
    }
  }
});

const before = kept();
if (before) {
  part("again").textContent = `${words.again} ${before.name}`;
  part("again").hidden = false;
}
part("without").hidden = true;
form.hidden = false;
