// The socket of a room: keeps the connection alive, notices when it is dead, and comes back with the return token.

const PING = 10000;
const PATIENCE = 8000; // milliseconds for an answer to a ping
const GIVE_UP = 120000; // tries to come back for so long
const FIRST_WAIT = 500;
const LONGEST_WAIT = 5000;

export class RoomSocket {
  // on: {message(message), dropped(), lost()}
  constructor(path, on) {
    this.address = new URL(path, location.href);
    this.address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.on = on;
    this.token = "";
    this.key = null; // public key for sealed messages
    this.seen = 0;
    this.over = false;
    this.droppedAt = 0;
    this.wait = FIRST_WAIT;
    this.online = () => this.droppedAt && this.retry(0);
    this.offline = () => this.drop();
    addEventListener("online", this.online);
    addEventListener("offline", this.offline);
  }

  open(token) {
    if (token) this.token = token;
    clearTimeout(this.later);
    const socket = new WebSocket(this.address);
    this.socket = socket;
    const patience = setTimeout(() => socket === this.socket && this.drop(), PATIENCE);
    socket.onopen = () => {
      clearTimeout(patience);
      socket.send(JSON.stringify({ type: "enter", token: this.token, seen: this.seen, ...(this.key ? { key: this.key } : {}) }));
    };
    socket.onmessage = (event) => socket === this.socket && this.take(JSON.parse(event.data));
    socket.onclose = () => {
      clearTimeout(patience);
      if (socket === this.socket) this.drop();
    };
  }

  take(message) {
    clearTimeout(this.overdue);
    switch (message.type) {
      case "pong":
        return;
      case "renewed":
        this.token = message.token;
        return;
      case "goodbye":
        if (!message.again || !this.droppedAt || message.reason === "token") this.close();
        break;
      case "welcome":
      case "waiting":
        this.token = message.token;
        this.droppedAt = 0;
        this.wait = FIRST_WAIT;
        clearInterval(this.pinging);
        this.pinging = setInterval(() => this.ping(), PING);
        break;
      case "chat":
        this.seen = Math.max(this.seen, message.id);
    }
    this.on.message(message);
  }

  ping() {
    clearTimeout(this.overdue);
    if (this.send({ type: "ping" })) this.overdue = setTimeout(() => this.drop(), PATIENCE);
  }

  send(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  drop() {
    if (this.over) return;
    clearInterval(this.pinging);
    clearTimeout(this.overdue);
    const socket = this.socket;
    this.socket = null;
    // A socket that is not there yet cannot be closed without a word in the console: it goes when it comes.
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close(4000);
    else socket?.close(4000);
    if (!this.droppedAt) {
      this.droppedAt = performance.now();
      this.on.dropped();
    }
    if (performance.now() - this.droppedAt > GIVE_UP) {
      this.close();
      this.on.lost();
      return;
    }
    this.retry(this.wait);
    this.wait = Math.min(this.wait * 1.7, LONGEST_WAIT);
  }

  retry(wait) {
    if (this.over) return;
    clearTimeout(this.later);
    this.later = setTimeout(() => this.open(), wait * (0.7 + Math.random() * 0.6));
  }

  close() {
    if (this.over) return;
    this.over = true;
    for (const timer of [this.later, this.overdue]) clearTimeout(timer);
    clearInterval(this.pinging);
    removeEventListener("online", this.online);
    removeEventListener("offline", this.offline);
    this.socket?.close(1000);
    this.socket = null;
  }

  leave() {
    this.send({ type: "leave" });
    this.close();
  }
}
