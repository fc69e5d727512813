"""What the pages ask about a forward and a backward pass: every number of the network."""

from typing import Any, TypeVar

import msgspec
import numpy as np

from nn.digits import N_CLASSES
from nn.ink import SIDE
from nn.inside import backward_pass
from nn.inside.backward_pass import BackwardPass
from nn.inside.examples import exciting
from nn.inside.forward_pass import ForwardPass, Indices
from nn.refusal import Refusal
from webapp.web.views.inside import asked
from webapp.web.views.inside.asked import Asked
from webapp.web.views.inside.backward_answers import Backward, Costs
from webapp.web.views.inside.forward_answers import Diagram, Forward, Pass
from webapp.web.views.inside.passes_questions import (
    EXPECTED,
    AboutLabel,
    AboutNeuron,
    AboutOutput,
    AboutWeight,
)

blueprint = asked.routes("passes")

Answer = TypeVar("Answer", bound=Pass)

_NO_NEURON = "no_such_neuron"


@blueprint.post("/model")
@asked.question(**EXPECTED)
def model(question: AboutOutput) -> Diagram:
    """The network as a diagram, seen from one output: the neurons that matter most for it."""
    version, forward, output = _pass(question, question.output)
    shown = _shown(forward, output)
    connections = [
        forward.connections(layer, output, *shown[layer : layer + 2])
        for layer in range(forward.last)
    ]
    layers = _hidden(forward, output, shown)
    examples = exciting(forward.network, shown[1:-1])
    for layer, excited_by in zip(layers, examples, strict=True):
        looks_for = forward.looks_for(layer["layer"])
        for neuron, found in zip(layer["neurons"], excited_by, strict=True):
            neuron |= {"looks_for": looks_for[neuron["neuron"]], "excited_by": found}
    return _answer(
        Diagram, version, forward, output=output, layers=layers, connections=connections
    )


@blueprint.post("/forward")
@asked.question(_NO_NEURON, **EXPECTED)
def forward(question: AboutNeuron) -> Forward:
    """A chosen neuron and an output as sums of products, and softmax with its temperature."""
    version, forward, output = _pass(question, question.output)
    shown = _shown(forward, output)
    layer, neuron = question.layer or 1, question.neuron
    _check_neuron(forward, layer, neuron or 0)
    if neuron is None:
        neuron = output if layer == forward.last else int(shown[layer][0])
    shown[layer] = _with(shown[layer], neuron)
    return _answer(
        Forward,
        version,
        forward,
        output=output,
        layers=_hidden(forward, output, shown),
        chosen=forward.weighted_sum(layer, neuron),
        outgoing=forward.weighted_sum(forward.last, output),
        temperature=forward.model.temperature,
        relative_odds=forward.relative_odds,
        sum_of_odds=forward.relative_odds.sum(),
    )


@blueprint.post("/cost")
@asked.question(**EXPECTED)
def cost(question: AboutLabel) -> Costs:
    """What the answer costs if the label is right, term by term."""
    version, forward, label = _pass(question, question.label)
    certainties = [
        {"a": a, "if_right": if_right, "if_wrong": if_wrong}
        for a, if_right, if_wrong in backward_pass.cost_of_certainty()
    ]
    return _answer(
        Costs,
        version,
        forward,
        label=label,
        cost=backward_pass.cost(forward, label),
        certainties=certainties,
    )


@blueprint.post("/backward")
@asked.question(_NO_NEURON, **EXPECTED)
def backward(question: AboutWeight) -> Backward:
    """How each weight wants to change, and the chain rule for one of them."""
    version, forward, label = _pass(question, question.label)
    if question.neuron is not None:
        _check_neuron(forward, 1, question.neuron)
    backward = BackwardPass(forward, label)
    shown = [backward.shown(layer) for layer in range(1, forward.last)]
    shown.append(np.arange(N_CLASSES))
    chain = backward.chain(question.pixel, question.neuron, question.output)
    shown[0] = _with(shown[0], chain.neuron)
    return _answer(
        Backward,
        version,
        forward,
        label=label,
        cost=backward_pass.cost(forward, label).total,
        deltas=backward.deltas[-1],
        layers=_deltas(backward, shown),
        gradients=_gradients(backward, shown),
        weights=backward.weights_that_change(),
        chain=chain,
    )


def _pass(question: Asked, digit: int | None) -> tuple[int, ForwardPass, int]:
    """Number of the version, its forward pass, and the digit, or else the most probable one."""
    version, model = question.chosen()
    forward = ForwardPass(model, question.row)
    return version, forward, forward.digit if digit is None else digit


def _check_neuron(forward: ForwardPass, layer: int, neuron: int) -> None:
    if layer > forward.last:
        raise Refusal(
            "There is no layer {layer}; this network has {n}.",
            code=_NO_NEURON,
            layer=layer,
            n=forward.last,
        )
    if neuron >= forward.sizes[layer]:
        raise Refusal(
            "There is no neuron {neuron} in layer {layer}; its last is number {last}.",
            code=_NO_NEURON,
            neuron=neuron,
            layer=layer,
            last=forward.sizes[layer] - 1,
        )


def _shown(forward: ForwardPass, output: int) -> list[Indices]:
    """The neurons of each layer that an answer tells one by one: all inputs, all outputs."""
    hidden = [forward.shown(layer, output) for layer in range(1, forward.last)]
    return [np.arange(SIDE * SIDE), *hidden, np.arange(N_CLASSES)]


def _with(shown: Indices, neuron: int) -> Indices:
    """A neuron that was chosen is told, even if it matters little for another picture."""
    return shown if neuron in shown else np.append(shown, neuron)


def _hidden(forward: ForwardPass, output: int, shown: list[Indices]) -> list[dict[str, Any]]:
    """The hidden layers, with the shown neurons of each."""
    layers = []
    for layer in range(1, forward.last):
        z, raises = forward.weighted_inputs(layer), forward.raises(layer, output)
        neurons = [
            {"neuron": i, "z": z[i], "a": forward.activations[layer][i], "raises": raises[i]}
            for i in shown[layer]
        ]
        layers.append(_layer(forward, layer, neurons))
    return layers


def _deltas(backward: BackwardPass, shown: list[Indices]) -> list[dict[str, Any]]:
    """The hidden layers, with what the backward pass finds at the shown neurons of each."""
    layers = []
    for layer in range(1, backward.forward.last):
        a, arriving = backward.forward.activations[layer], backward.arriving(layer)
        slope = backward.forward.network.through_sigmoid(np.ones_like(a), a)
        neurons = [
            {
                "neuron": i,
                "a": a[i],
                "arriving": arriving[i],
                "slope": slope[i],
                "delta": backward.deltas[layer - 1][i],
            }
            for i in shown[layer - 1]
        ]
        layers.append(_layer(backward.forward, layer, neurons))
    return layers


def _layer(forward: ForwardPass, layer: int, neurons: list[dict[str, Any]]) -> dict[str, Any]:
    size = forward.sizes[layer]
    return {"layer": layer, "size": size, "more": size - len(neurons), "neurons": neurons}


def _gradients(backward: BackwardPass, shown: list[Indices]) -> list[dict[str, Any]]:
    """dC/dw of each layer, from and to the shown neurons: a row per target.

    For layer 1 the sources are all 64 pixels, so that each row is a picture.
    """
    sources = [np.arange(SIDE * SIDE), *shown]
    return [
        {
            "layer": layer,
            "targets": targets,
            "sources": sources[layer - 1],
            "values": backward.gradients[layer - 1][np.ix_(targets, sources[layer - 1])],
        }
        for layer, targets in enumerate(shown, start=1)
    ]


def _answer(kind: type[Answer], version: int, forward: ForwardPass, **more: Any) -> Answer:
    """What every answer says of the network and the picture, and more of its own."""
    whole = {
        "version": version,
        "sizes": forward.sizes,
        "parameters": forward.network.parameters.size,
        "digit": forward.digit,
        "inputs": forward.activations[0],
        "outputs": forward.activations[-1],
        "logits": forward.logits,
        "probabilities": forward.probabilities,
    }
    return msgspec.convert(msgspec.to_builtins(whole | more, enc_hook=_plain), kind)


def _plain(value: Any) -> Any:
    """NumPy's arrays and numbers as Python's."""
    return value.tolist()
