// An address that the server wrote with 0 in place of a number: with this number. A proxy may have
// put a folder before it, so the last 0 counts.
export function withNumber(address, number) {
  const at = address.lastIndexOf("/0") + 1;
  return address.slice(0, at) + number + address.slice(at + 1);
}
