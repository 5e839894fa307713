// Buttons that copy a text; without this script people mark it and copy it themselves.
for (const place of document.querySelectorAll("[data-copy]")) {
  const text = document.getElementById(place.dataset.copy);
  if (!text || !navigator.clipboard) continue;
  place.hidden = false;
  place.querySelector("button").addEventListener("click", async () => {
    const told = place.querySelector("[data-done]");
    try {
      await navigator.clipboard.writeText(text.value);
      told.textContent = told.dataset.done;
    } catch {
      text.focus();
      text.select();
    }
  });
}

// Lists that follow by themselves: nothing moves under the reader's hands, nor while nobody looks.
document.addEventListener("htmx:config:request", (event) => {
  const list = event.detail.ctx.sourceElement;
  if (!list.matches("[data-live]")) return;
  if (document.hidden || list.contains(document.activeElement) || list.matches(":hover")) event.preventDefault();
});

// Long lists that are searched while typing, without a word to the server, so that nothing that was filled in is lost.
for (const form of document.querySelectorAll("form[data-filter]")) {
  const list = document.getElementById(form.dataset.filter);
  const none = document.getElementById(`${form.dataset.filter}-none`);
  const field = form.querySelector("input[type=search]");
  const find = () => {
    const words = field.value.toLowerCase().split(/\s+/);
    let found = 0;
    for (const group of list.querySelectorAll("[data-rows]")) {
      const title = group.querySelector("h2").textContent;
      let shown = 0;
      for (const row of group.querySelectorAll("[data-row]")) {
        const labels = [...row.querySelectorAll("label, strong, .hint, .about")].map((each) => each.textContent);
        const text = [title, ...labels].join(" ").toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        shown += row.hidden ? 0 : 1;
      }
      group.hidden = shown === 0;
      found += shown;
    }
    none.hidden = found > 0;
  };
  field.addEventListener("input", find);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    find();
  });
}
