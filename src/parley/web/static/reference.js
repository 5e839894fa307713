// The search of the reference, over an index that comes with the first word; without it the lists remain.

const MOST = 40;
const box = document.querySelector("search[data-index]");
const field = document.getElementById("find");
const list = document.getElementById("found");
const count = document.getElementById("found-count");
let index = null;

async function load() {
  index ??= fetch(box.dataset.index).then((answer) => {
    if (!answer.ok) throw new Error(`the index: ${answer.status}`);
    return answer.json();
  });
  return index;
}

// Better the earlier and the more of a name that fits; 0 is not at all.
function fit(name, wanted) {
  const at = name.toLowerCase().indexOf(wanted);
  if (at < 0) return 0;
  const after = name.slice(name.search(/[.:]/) + 1).toLowerCase();
  if (after === wanted) return 4;
  return after.startsWith(wanted) ? 3 : at === 0 ? 2 : 1;
}

function matches(data, wanted) {
  const found = [];
  const add = (name, kind, note, links) => {
    const worth = fit(name, wanted);
    if (worth) found.push({ name, kind, note, links, worth });
  };
  for (const [name, summary, path] of data.operations) add(name, "operation", summary, [[name, path]]);
  for (const [name, path] of data.types) add(name, "type", "", [[name, path]]);
  for (const [name, owners] of Object.entries(data.elements)) {
    add(name, "element", "in", owners.map((each) => data.types[each]));
  }
  const order = ["operation", "type", "element"];
  const first = (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind);
  return found.sort((a, b) => b.worth - a.worth || first(a, b) || a.name.length - b.name.length);
}

function line({ name, kind, note, links }) {
  const item = document.createElement("li");
  const anchors = links.slice(0, 12).map(([text, path]) => {
    const anchor = document.createElement("a");
    anchor.href = box.dataset.up + path;
    anchor.textContent = text;
    return anchor;
  });
  if (kind === "element") {
    const code = document.createElement("code");
    code.textContent = name;
    const more = links.length > anchors.length ? ` and ${links.length - anchors.length} more` : "";
    item.append(code, ` ${note} `, ...anchors, more);
  } else {
    item.append(anchors[0], ` ${kind}`, note ? `: ${note}` : "");
  }
  return item;
}

async function search() {
  const wanted = field.value.trim().toLowerCase();
  if (wanted.length < 2) {
    list.replaceChildren();
    count.textContent = "";
    return;
  }
  try {
    const found = matches(await load(), wanted);
    if (field.value.trim().toLowerCase() !== wanted) return; // typed on meanwhile
    list.replaceChildren(...found.slice(0, MOST).map(line));
    count.textContent = found.length > MOST ? `${found.length} found, the first ${MOST} shown` : `${found.length} found`;
  } catch {
    index = null;
    count.textContent = "The search cannot be reached; the lists have everything too.";
  }
}

if (box) {
  box.hidden = false;
  field.addEventListener("input", search);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    field.focus();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") list.querySelector("a")?.focus();
  });
  if (field.value) search();
}
