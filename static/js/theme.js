// A classic script, loaded before the first paint: the theme that this browser keeps.
(() => {
  const root = document.documentElement;
  const kept = (name) => {
    try {
      return localStorage.getItem(`winnow-${name}`);
    } catch {
      return null; // storage may be forbidden; the system's theme holds then
    }
  };
  const theme = kept("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (kept("keys") === "off") root.dataset.keys = "off";
})();
