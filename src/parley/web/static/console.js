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
