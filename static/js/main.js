// One small module a behaviour; each finds its elements by data attributes, also those that HTMX brings later.
import { startAppearance } from "./appearance.js";
import { startClocks } from "./clock.js";
import { startDialogs } from "./dialog.js";
import { startForms } from "./forms.js";
import { startInlineEdit } from "./inline_edit.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startLoading } from "./loading.js";
import { startMenus } from "./menu.js";
import { startRowActs } from "./row_acts.js";
import { startRowMoves } from "./row_move.js";
import { startSubnav } from "./subnav.js";
import { startToasts } from "./toast.js";

startAppearance();
startMenus();
startDialogs();
startSubnav();
startToasts();
startLoading();
startForms();
startInlineEdit();
startKeys();
startRowActs();
startRowMoves();
startClocks();
startLive();
