"""What a model says of a picture: blank, sure of one digit, or torn between some."""

SURE = 0.6  # the largest probability from which on one digit is named alone


def verdict(pixels, probabilities):
    """One of "blank", "sure", "torn".

    pixels is (64,) 0..16; probabilities (10,), those of the same picture.
    """
    if not pixels.any():
        return "blank"
    return "sure" if probabilities.max() >= SURE else "torn"
