// Checks one event of the log in the reader's browser: docs/events-bytes.md and docs/log.md say what is computed.
// No library. It trusts nothing but what it computes itself; the words it says are in the page.
"use strict";

const section = document.getElementById("verify");
const encoder = new TextEncoder();
const PREFIX = encoder.encode("pledges event v1\n");
const ED25519 = 1;

class Refuted extends Error {
  constructor(word, where = "") {
    super(word);
    this.where = where;
  }
}

// -- bytes

const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const toHex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
const fromBase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const equal = (one, other) => toHex(one) === toHex(other);

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

// -- canonical JSON (RFC 8785), for whole numbers

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const pairs = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${pairs.join(",")}}`;
}

// What is at a path; null is put in its place.
function take(tree, path) {
  const steps = path.split(".").map((step) => step.replaceAll("~1", ".").replaceAll("~0", "~"));
  const last = steps.pop();
  const parent = steps.reduce((inner, step) => inner[step], tree);
  if (!Object.hasOwn(parent, last)) throw new Error(path);
  const found = parent[last];
  parent[last] = null;
  return found;
}

// The path of the first part that does not lead to its digest, "" for the rest; undefined if all do.
async function brokenPart(tree, digests, salts) {
  const contents = new Map();
  for (const path of Object.keys(digests)) {
    if (path === "") continue;
    try {
      contents.set(path, take(tree, path));
    } catch {
      return path;
    }
  }
  contents.set("", tree);
  for (const path of Object.keys(salts)) if (!contents.has(path)) return path;
  for (const [path, content] of contents) {
    const bytes = encoder.encode(canonical(content));
    const holds = Object.hasOwn(salts, path)
      ? toHex(await sha256(fromHex(salts[path]), bytes)) === digests[path]
      : content === null;
    if (!holds) return path;
  }
  return undefined;
}

// Whether it is withheld by which account and request an event came: those parts have a digest and no salt.
function withholdsAccount(found, header) {
  const isWithheld = (part) => Object.hasOwn(header.word_digests ?? {}, part) && !(part in found.header_salts);
  return ["actor", "request_id"].some(isWithheld);
}

// The words that were erased, but for an account that is withheld: their digests are there, and their salts are not.
function erasedParts(found, header) {
  const gone = (digests, salts) => Object.keys(digests).filter((path) => !Object.hasOwn(salts, path));
  const ofHeader = gone(header.word_digests ?? {}, found.header_salts);
  const ofPayload = found.payload === null ? [] : gone(header.digests, found.salts);
  return [...ofHeader.filter((path) => !["actor", "request_id"].includes(path)), ...ofPayload];
}

// -- the steps

async function checkHeader(found) {
  const header = JSON.parse(found.header);
  const words = header.word_digests ?? {};
  const broken = await brokenPart(
    JSON.parse(found.header),
    { ...words, "": found.header_digest },
    { ...found.header_salts, "": found.header_salt },
  );
  if (broken !== undefined) throw new Refuted(broken ? "wrong-header" : "wrong-rest-of-header", broken);
  if (header.position !== found.position) throw new Refuted("wrong-position");
  const named = await sha256(encoder.encode(canonical(header.digests)));
  if (toHex(named) !== found.payload_digest) throw new Refuted("wrong-payload-digest");
  return header;
}

async function checkPayload(found, header) {
  const broken = await brokenPart(JSON.parse(found.payload), header.digests, found.salts);
  if (broken !== undefined) throw new Refuted(broken ? "wrong-payload" : "wrong-rest-of-payload", broken);
}

async function checkLeaf(found) {
  const entry = joined(PREFIX, fromHex(found.header_digest), fromHex(found.payload_digest));
  if (toHex(entry) !== found.entry) throw new Refuted("wrong-entry");
  const leaf = await sha256(new Uint8Array([0]), entry);
  if (toHex(leaf) !== found.leaf_hash) throw new Refuted("wrong-leaf");
  return leaf;
}

// RFC 9162, section 2.1.3.2; with BigInt, because positions may have more than 32 bits.
async function rootFrom(leaf, index, size, path) {
  let place = BigInt(index);
  let last = BigInt(size) - 1n;
  let root = leaf;
  if (place > last) return null;
  for (const words of path) {
    if (last === 0n) return null;
    const beside = fromBase64(words);
    if (place & 1n || place === last) {
      root = await sha256(new Uint8Array([1]), beside, root);
      while (!(place & 1n) && place !== 0n) {
        place >>= 1n;
        last >>= 1n;
      }
    } else {
      root = await sha256(new Uint8Array([1]), root, beside);
    }
    place >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? root : null;
}

function readNote(note) {
  const cut = note.lastIndexOf("\n\n");
  const [origin, size, root] = note.slice(0, cut).split("\n");
  const signatures = note.slice(cut + 2).trimEnd().split("\n").map((line) => {
    const [, name, words] = /^— (\S+) (\S+)$/.exec(line);
    const bytes = fromBase64(words);
    return { name, id: bytes.slice(0, 4), signature: bytes.slice(4) };
  });
  return { text: note.slice(0, cut + 1), origin, size, root: fromBase64(root), signatures };
}

async function checkRoot(found, leaf, note) {
  const proof = found.proof;
  if (proof.index !== found.position - 1) throw new Refuted("wrong-position");
  const root = await rootFrom(leaf, proof.index, proof.size, proof.hashes);
  if (!root || String(proof.size) !== note.size || !equal(root, note.root)) throw new Refuted("wrong-root");
}

async function readKey(words) {
  const [name, id, ...rest] = words.split("+");
  const bytes = fromBase64(rest.join("+"));
  const computed = (await sha256(encoder.encode(`${name}\n`), bytes)).slice(0, 4);
  if (bytes[0] !== ED25519 || toHex(computed) !== id) throw new Refuted("wrong-signature");
  return { name, id: computed, bytes: bytes.slice(1) };
}

// The fingerprint of the log's key that signed; null where the browser cannot tell.
async function checkSignature(keys, note) {
  for (const words of keys) {
    const key = await readKey(words);
    const line = note.signatures.find((one) => one.name === key.name && equal(one.id, key.id));
    if (key.name !== note.origin || !line) continue;
    let imported;
    try {
      imported = await crypto.subtle.importKey("raw", key.bytes, "Ed25519", false, ["verify"]);
    } catch {
      return null;
    }
    if (await crypto.subtle.verify("Ed25519", imported, line.signature, encoder.encode(note.text))) {
      return toHex(await sha256(key.bytes));
    }
    throw new Refuted("wrong-signature");
  }
  throw new Refuted("wrong-signature");
}

// -- saying it

const word = (name) =>
  section.querySelector("template").content.querySelector(`[data-say="${name}"]`).textContent;

function tell(name, also = "") {
  const item = document.createElement("li");
  item.textContent = also ? `${word(name)} ${also}` : word(name);
  section.querySelector("ol").append(item);
  section.querySelector("ol").hidden = false;
}

function conclude(name, also = "", isWell = false) {
  const verdict = section.querySelector(".verdict");
  verdict.textContent = also ? `${word(name)} ${also}` : word(name);
  verdict.classList.toggle("flag-red", !isWell);
}

async function establish(found) {
  if (found.position !== Number(section.dataset.position)) throw new Refuted("wrong-position");
  const header = found.header === null ? null : await checkHeader(found);
  tell(header ? "header" : "header-withheld");
  if (header && withholdsAccount(found, header)) tell("account-withheld");
  if (header && found.payload !== null) await checkPayload(found, header);
  tell(!header ? "payload-withheld" : found.payload === null ? "payload-named" : "payload");
  const erased = header ? erasedParts(found, header) : [];
  if (erased.length > 0) tell("erased", erased.join(", "));
  const leaf = await checkLeaf(found);
  tell("entry");
  if (!found.proof) return conclude("no-proof");
  const note = readNote(found.proof.checkpoint);
  await checkRoot(found, leaf, note);
  tell("root");
  const fingerprint = await checkSignature([...found.keys].reverse(), note);
  if (fingerprint === null) {
    tell("no-ed25519");
    return conclude("all-but-signature", "", true);
  }
  tell("signature", fingerprint);
  const isWhole = header && found.payload !== null && erased.length === 0;
  return conclude(isWhole ? "all-well" : "all-well-in-part", "", true);
}

async function fetched() {
  const answer = await fetch(section.dataset.evidence, { cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function verify() {
  section.querySelector("ol").replaceChildren();
  if (!globalThis.crypto?.subtle) return conclude("no-crypto");
  let found;
  try {
    found = await fetched();
  } catch {
    return conclude("unreachable");
  }
  tell("fetched");
  try {
    return await establish(found);
  } catch (problem) {
    const isNamed = problem instanceof Refuted;
    const said = word(isNamed ? problem.message : "unreadable");
    return conclude("refuted", isNamed && problem.where ? `${said} ${problem.where}` : said);
  }
}

section.hidden = false;
section.querySelector("button").addEventListener("click", verify);
