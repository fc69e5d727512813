// Step "bug": a gradient check, with and without the article's printed line; then training with it.

import { GradientCheck } from "../../parts/gradient_check.js";
import { Breaking } from "../../parts/breaking.js";
import { Race } from "../../parts/race.js";

const find = (id) => document.getElementById(id);

new GradientCheck(find);
new Race(find);
new Breaking(find);
