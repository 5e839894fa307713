// Small helpers: elements, announcements, notices that pass.

export const $ = (id) => document.getElementById(id);

export function show(element, on) {
  element.hidden = !on;
}

export function copy(template) {
  return $(template).content.firstElementChild.cloneNode(true);
}

// Read aloud by screen readers, and shown for a moment where `seen` says so.
export function say(text, { urgent = false, seen = false } = {}) {
  const region = $(urgent ? "urgent" : "polite");
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
  if (seen) notice(text);
}

export function notice(text) {
  const element = document.createElement("p");
  element.className = "toast";
  element.textContent = text;
  $("toasts").append(element);
  while ($("toasts").children.length > 2) $("toasts").firstElementChild.remove();
  setTimeout(() => element.remove(), 5000);
}

export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return picked.map((word) => [...word][0].toUpperCase()).join("") || "·";
}

// The same person has the same colour for everybody: one of eight.
export function colour(id) {
  return `tone-${id % 8}`;
}

export function remember(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(`parley-${key}`);
    localStorage.setItem(`parley-${key}`, value);
  } catch {
    return null; // storage is switched off
  }
  return value;
}

// An element with properties (names with a dash are attributes) and what is in it; texts are never read as HTML.
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((each) => each !== null && each !== undefined && each !== ""));
  return made;
}
