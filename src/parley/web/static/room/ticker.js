// A clock that goes on when the page is hidden: browsers slow down the timers of hidden pages, not those of workers.

let timer = 0;
onmessage = ({ data }) => {
  clearInterval(timer);
  if (data > 0) timer = setInterval(() => postMessage(0), data);
};
