// The words of the page's language. The English text is what names a text; where there is no other, it is shown as it is.

const words = JSON.parse(document.getElementById("words")?.textContent || "{}");

// A text with its %(names)s filled in. Whole sentences only: other languages order their words in other ways.
export function _(text, values = {}) {
  return (words[text] ?? text).replace(/%\((\w+)\)s/g, (place, name) => values[name] ?? place);
}

// Hours and minutes of the wall clock.
export const TIME = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit" });
