// Which key an act has: the one it is drawn with, or the one this person gave it. The page tells (`data-key-map` of the body).
let changed = null;

/** The keys that the person changed, by the key that is drawn. */
export function changedKeys() {
  changed ??= JSON.parse(document.body.dataset.keyMap ?? "{}");
  return changed;
}

export function setChangedKeys(keys) {
  changed = keys;
}

/** The key of an act, by the one it is drawn with. */
export function keyFor(act) {
  return changedKeys()[act.toLowerCase()] ?? act.toLowerCase();
}

/** Is this the key of the act? */
export function isKey(event, act) {
  return event.key.toLowerCase() === keyFor(act);
}
