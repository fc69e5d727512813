"""A network's parameters as bare bytes, for whoever carries a network from request to request.

The bytes are `parameters`, layer by layer, first the weights row by row and then the biases, in
little-endian float32 or float64. They come back bit by bit. Whatever comes in is untrusted.
"""

from typing import Literal

import numpy as np

from nn.digits import N_CLASSES
from nn.files import MAX_MAGNITUDE
from nn.ink import SIDE
from nn.network import Floats, SigmoidNetwork, n_parameters
from nn.refusal import Refusal

Precision = Literal["float32", "float64"]

MAX_BYTES = 600_000  # of the parameters: with these a hundred steps stay below 50 ms


class BadNetwork(Refusal):
    """Sizes or bytes that no network can be made of here."""

    code = "bad_network"


def checked_sizes(sizes: list[int], precision: Precision = "float32") -> list[int]:
    """The sizes; BadNetwork if a network of these sizes reads no digits or is too large."""
    if len(sizes) < 2 or sizes[0] != SIDE * SIDE or sizes[-1] != N_CLASSES:
        raise BadNetwork(
            "The layers are {sizes}; the first must have 64 neurons, one per pixel, and the "
            "last 10, one per digit.",
            sizes=sizes,
        )
    n, limit = n_parameters(sizes), MAX_BYTES // np.dtype(precision).itemsize
    if n > limit:
        raise BadNetwork(
            "This network has {n:,} weights and biases; the sandbox takes up to {limit:,}. "
            "Choose a smaller network.",
            n=n,
            limit=limit,
        )
    return sizes


def to_bytes(network: SigmoidNetwork) -> bytes:
    """The parameters, little-endian, in the network's own precision."""
    parameters = network.parameters
    return parameters.astype(parameters.dtype.newbyteorder("<"), copy=False).tobytes()


def from_bytes(
    sizes: list[int], data: bytes, precision: Precision = "float32"
) -> SigmoidNetwork:
    """The network whose parameters `to_bytes` gave; BadNetwork if they are not."""
    n = n_parameters(checked_sizes(sizes, precision))
    dtype = np.dtype(precision)
    if len(data) != n * dtype.itemsize:
        raise BadNetwork(
            "The weights are {found:,} bytes; layers {sizes} in {precision} need {needed:,}.",
            found=len(data),
            sizes=sizes,
            precision=precision,
            needed=n * dtype.itemsize,
        )
    parameters = np.frombuffer(data, dtype.newbyteorder("<")).astype(dtype)
    if not is_sound(parameters):
        raise BadNetwork(
            "One of the weights is no number from -{limit:,} to {limit:,}. Rewind to earlier "
            "ones.",
            limit=MAX_MAGNITUDE,
        )
    return SigmoidNetwork.of(sizes, parameters)


def is_sound(parameters: Floats) -> bool:
    """Whether a model file may hold these numbers: everything computed with them is finite."""
    return bool((np.abs(parameters) <= MAX_MAGNITUDE).all())  # no comparison holds for NaN


def private_copy(network: SigmoidNetwork, precision: Precision = "float32") -> SigmoidNetwork:
    """The same network with parameters of its own; BadNetwork if it is too large."""
    sizes = checked_sizes(network.sizes, precision)
    return SigmoidNetwork.of(sizes, network.parameters.astype(precision))
