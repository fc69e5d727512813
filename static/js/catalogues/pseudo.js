// Each message in brackets: what a page shows outside them cannot be translated.
export const messages = new Proxy({}, { get: (_, message) => `⟦${message}⟧` });
