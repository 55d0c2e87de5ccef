// What a reader should hear: one sentence at a time, politely, in #announcer.
const QUIET = 10_000; // the same sentence is not repeated within this time
let last = { text: "", at: 0 };

/** Say `text` politely to a screen reader. */
export function announce(text) {
  const region = document.getElementById("announcer");
  const now = Date.now();
  if (!region || !text || (text === last.text && now - last.at < QUIET)) return;
  last = { text, at: now };
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 50); // an emptied region makes the same words news again
}
