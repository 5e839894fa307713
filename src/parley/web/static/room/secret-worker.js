// Encrypts what leaves this browser and decrypts what comes in, frame by frame (AES-GCM, 128 bits).
//
// A frame that goes out is: a few bytes in clear that the browsers need for cutting it into packets, what is encrypted,
// 12 bytes that are never the same twice under one key, and the number of the key. Without a key nothing goes out.

const CLEAR = { key: 10, delta: 3, audio: 1 };
const NONCE = 12;
const keys = new Map(); // "member number": key
let mine = null; // {number, key}
let streams = 0;

const load = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

onmessage = async ({ data }) => {
  if (data.op === "own") mine = { number: data.number, key: await load(data.key) };
  else if (data.op === "key") keys.set(`${data.member} ${data.number}`, await load(data.key));
  else if (data.op === "gone") for (const name of [...keys.keys()]) if (name.startsWith(`${data.member} `)) keys.delete(name);
  else if (data.op === "streams") pipe(data, data);
};

onrtctransform = ({ transformer }) => pipe(transformer.options, transformer);

function pipe({ way, member }, { readable, writable }) {
  const transform = way === "out" ? sealer(++streams) : (frame, out) => open(member, frame, out);
  readable.pipeThrough(new TransformStream({ transform })).pipeTo(writable).catch(() => {});
}

function clearBytes(frame) {
  const kind = frame.type === "key" || frame.type === "delta" ? frame.type : "audio";
  return Math.min(CLEAR[kind], frame.data.byteLength);
}

function sealer(stream) {
  let count = 0;
  return async (frame, out) => {
    if (!mine) return;
    const { number, key } = mine;
    const nonce = new Uint8Array(NONCE);
    new DataView(nonce.buffer).setUint32(0, stream);
    new DataView(nonce.buffer).setBigUint64(4, BigInt(++count));
    const whole = new Uint8Array(frame.data);
    const head = whole.subarray(0, clearBytes(frame));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: head }, key, whole.subarray(head.length));
    const made = new Uint8Array(head.length + sealed.byteLength + NONCE + 1);
    made.set(head);
    made.set(new Uint8Array(sealed), head.length);
    made.set(nonce, made.length - NONCE - 1);
    made[made.length - 1] = number;
    frame.data = made.buffer;
    out.enqueue(frame);
  };
}

async function open(member, frame, out) {
  const whole = new Uint8Array(frame.data);
  const key = keys.get(`${member} ${whole[whole.length - 1]}`);
  const end = whole.length - NONCE - 1;
  if (!key || end < 0) return; // what cannot be read is not shown
  const head = whole.subarray(0, clearBytes(frame));
  const nonce = whole.subarray(end, end + NONCE);
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce, additionalData: head }, key, whole.subarray(head.length, end));
    const made = new Uint8Array(head.length + plain.byteLength);
    made.set(head);
    made.set(new Uint8Array(plain), head.length);
    frame.data = made.buffer;
    out.enqueue(frame);
  } catch {
    // forged, or sealed with another key
  }
}
