// The menu of the admin pages: where it does not fit, it shows the page that is open, and fades at
// the ends where it goes on.

import { fadeEnds } from "./fading.js";

const menu = document.querySelector(".tabs");
const current = menu.querySelector("[aria-current]");

// Not scrollIntoView, which may scroll the page as well.
function settle() {
  if (current) menu.scrollLeft = current.offsetLeft - (menu.clientWidth - current.offsetWidth) / 2;
}

addEventListener("resize", settle);
settle();
fadeEnds(menu);
