"""What a model says of a picture: blank, sure of one digit, torn, or unfamiliar.

The probabilities compare the ten digits with one another; the outputs, ten separate sigmoids,
say of each on its own whether it is there at all. A picture that is no digit leaves all ten
low, while its largest probability may well be near 1.
"""

VERDICTS = ("sure", "torn", "unfamiliar", "blank")
UNFAMILIAR = 0.3  # the largest output below which nothing the network knows is there
SURE = 0.6  # the least that output and probability must be for one digit to be named alone


def verdict(pixels, probabilities, outputs):
    """One of VERDICTS.

    pixels is (64,) or (8, 8), 0..16; probabilities and outputs, (10,) each, are what the
    model says of it: `Model.predict_proba` and `Model.outputs`.
    """
    if not pixels.any():
        return "blank"
    if outputs.max() < UNFAMILIAR:
        return "unfamiliar"
    return "sure" if min(outputs.max(), probabilities.max()) >= SURE else "torn"


def with_article(digit: int) -> str:
    """A digit, 0..9, with its article: "a 3", "an 8"."""
    return f"{'an' if digit == 8 else 'a'} {digit}"
