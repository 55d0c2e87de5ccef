// What this browser keeps between pages. Storage may be forbidden or full: then a choice lasts for this page alone.
const PREFIX = "winnow-";

/** Return what is kept under `name`, or null. */
export function keptValue(name, storage = localStorage) {
  try {
    return storage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Return the names under which something is kept that begin with `start`. */
export function keptNames(start, storage = localStorage) {
  try {
    return Object.keys(storage).filter((name) => name.startsWith(PREFIX + start)).map((name) => name.slice(PREFIX.length));
  } catch {
    return [];
  }
}

/** Keep `value` under `name`; null forgets it. */
export function keepValue(name, value, storage = localStorage) {
  try {
    if (value === null) storage.removeItem(PREFIX + name);
    else storage.setItem(PREFIX + name, value);
  } catch {
    // nothing to do: the page works without it
  }
}
