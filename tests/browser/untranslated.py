"""Finds texts that were forgotten when a page was made ready for other languages.

In the pseudo language each message stands in ⟦⟧. A letter outside of them, anywhere on a page,
is a text that cannot be translated.
"""

import re

from tests.support.session import HTML

# What may stand outside of ⟦⟧.
NAMES = (
    "Inkling",
    re.escape(HTML),  # what somebody typed in the session
    r"\b[\w.-]+\.(?:html|csv|npz|db|txt|zip)\b",  # names of files
    r"\b(?:KB|MB|KiB|MiB)\b",
)
SYMBOLS = (r"\b[a-zA-Zα-ω]\b",)  # of formulas
# Elements with something that is the same in every language: commands, and what translate=no
# marks, such as names that somebody typed.
SAME = "script, style, code, pre, kbd, math :is(mi, mo, mn), [translate=no]"

# Texts of a page, shown or hidden, in the order of the page; then those for screen readers and
# the like, one by one.
_TEXTS = """same => {
    const all = [document.documentElement];
    for (const { content } of document.querySelectorAll("template")) all.push(content);
    const texts = all.map((root) => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        const found = [];
        while (walker.nextNode()) {
            const { data, parentElement } = walker.currentNode;
            if (parentElement?.closest("noscript")) found.push(data.replace(/<[^>]*>/g, " "));
            else if (!parentElement?.closest(same)) found.push(data);
        }
        return found.join(" ");
    });
    const names = ["aria-label", "aria-valuetext", "aria-description", "aria-roledescription"];
    names.push("title", "alt", "placeholder", "label");
    for (const root of all) {
        for (const element of root.querySelectorAll("*")) {
            if (element.closest(same)) continue;
            for (const name of names) texts.push(element.getAttribute(name) ?? "");
            if (element.matches("[type=submit], [type=button]")) texts.push(element.value);
        }
    }
    return texts.concat(window.onCanvas ?? []);
}"""
# Notes what scripts write on a canvas.
NOTE_WRITING = """() => {
    window.onCanvas = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
        window.onCanvas.push(text);
        return fillText.call(this, text, ...place);
    };
}"""


def forgotten(page, names=NAMES):
    """What stands outside of ⟦⟧ on a page: words, in the order of the page."""
    found = []
    for text in page.evaluate(_TEXTS, SAME):
        outside = _outside(text)
        for name in names:
            outside = re.sub(name, "", outside)
        # To re, raised digits are letters.
        found += [line.strip() for line in re.findall(r".*[^\W\d_⁰¹²³⁴-⁹].*", outside)]
    return found


def _outside(text):
    """The text without what stands in ⟦⟧, which may stand within one another."""
    before = None
    while before != text:
        before, text = text, re.sub("⟦[^⟦⟧]*⟧", "", text)
    return text
