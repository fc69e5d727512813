"""Scripts that make Chromium behave as other browsers do: run them before a page's own."""

# A browser of some years ago.
OLD = "delete globalThis.CompressionStream; delete AbortSignal.timeout;"
# A browser that returns white to pages that read a canvas, against fingerprinting.
BLURRED = """
    CanvasRenderingContext2D.prototype.getImageData = (x, y, width, height) =>
        new ImageData(new Uint8ClampedArray(4 * width * height).fill(255), width, height);
    HTMLCanvasElement.prototype.toDataURL = () => "data:image/png;base64,";
    HTMLCanvasElement.prototype.toBlob = (done) => done(new Blob([], { type: "image/png" }));
"""
