// A line that scrolls sideways: data-before and data-after say at which ends it goes on, and the
// style fades it there.

export function fadeEnds(line) {
  const fade = () => {
    const left = line.scrollWidth - line.clientWidth - line.scrollLeft;
    line.toggleAttribute("data-before", line.scrollLeft > 1);
    line.toggleAttribute("data-after", left > 1);
  };
  line.addEventListener("scroll", fade, { passive: true });
  new ResizeObserver(fade).observe(line); // also tells the first size
}
