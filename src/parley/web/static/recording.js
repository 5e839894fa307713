// On top of the page of a recording, which works without it: chapters jump at once, only the part that the host lets be
// played is played, and the end leads on.

const card = document.querySelector(".recording");
const player = document.querySelector("#player");
const start = Number(card.dataset.start);
const end = Number(card.dataset.end) || Infinity;
const LATE = 0.5; // seconds that players may be beside the mark

for (const link of document.querySelectorAll("a[data-second]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    player.currentTime = Number(link.dataset.second);
    player.play().catch(() => {}); // a browser that wants another click shows its own button
    player.focus();
  });
}

const leadOn = () => {
  const onward = document.querySelector("#onward");
  if (onward) location.assign(onward.href);
};

player.addEventListener("timeupdate", () => {
  if (player.currentTime < start - LATE) player.currentTime = start;
  if (player.currentTime > end + LATE) player.currentTime = end;
  if (player.currentTime >= end && !player.paused) player.pause();
});
// Browsers stop by themselves where the part ends.
player.addEventListener("pause", () => {
  if (player.currentTime >= end - LATE / 2) leadOn();
});
player.addEventListener("ended", leadOn);
player.addEventListener("error", () => {
  document.querySelector("#trouble").hidden = false;
});
