// An address that the server wrote with 0 in place of a number: with this number. A proxy may have
// put a folder before it, so the last 0 counts; an address without one stays as it is.
export function withNumber(address, number) {
  return address.replace(/^(.*\/)0(?=[/.]|$)/, (_, before) => before + number);
}
