// One small module a behaviour; each finds its elements by data attributes, also those that HTMX brings later.
import { startAppearance } from "./appearance.js";

startAppearance();
