// Files as text, "data:image/png;base64,...": a canvas gives them so, and storage takes no other.

// The promise of a Blob's text.
export function textOf(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

// The Blob that a text stands for.
export function blobOf(text) {
  const [head, base64] = text.split(",");
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: head.slice("data:".length, head.indexOf(";")) });
}
