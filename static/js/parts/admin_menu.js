// The menu of the admin pages: where it does not fit, it shows the page that is open, and fades at
// the ends where it goes on.

const menu = document.querySelector(".tabs");
const current = menu.querySelector("[aria-current]");

function settle() {
  // Not scrollIntoView, which may scroll the page as well.
  if (current) menu.scrollLeft = current.offsetLeft - (menu.clientWidth - current.offsetWidth) / 2;
  fade();
}

function fade() {
  const left = menu.scrollWidth - menu.clientWidth - menu.scrollLeft;
  menu.toggleAttribute("data-before", menu.scrollLeft > 1);
  menu.toggleAttribute("data-after", left > 1);
}

menu.addEventListener("scroll", fade, { passive: true });
addEventListener("resize", settle);
settle();
