// Keys, whatever the layout of the keyboard.

// Ctrl+Z or Cmd+Z. Where the layout has Latin letters, the letter counts. Elsewhere (Cyrillic,
// Greek, Hebrew) the key's place does.
export function isUndo({ key, code, ctrlKey, metaKey, shiftKey, altKey }) {
  if (!(ctrlKey || metaKey) || shiftKey || altKey) return false;
  return /^[a-z]$/i.test(key) ? key.toLowerCase() === "z" : code === "KeyZ";
}
