"""The files that carry a trained network to the program and to its tests."""

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from hand_features import POINTS, SIZE, features, mirrored
from hand_sources import LETTERS

# OpenVINO's reader takes this version, and nothing newer is needed.
OPSET = 13


def graph_of(networks, temperature):
    """The mean of the networks' probabilities, the networks side by side along the first axis: one MatMul, Add and Relu a layer
    for all of them. (Three MatMul of one input end OpenVINO 2026.4.1, which tries to make one of them.)"""
    nodes, weights = [], []

    def constant(name, values):
        weights.append(numpy_helper.from_array(np.stack(values).astype(np.float32), name))
        return name

    value, last = "hand", len(networks[0].weights) - 1
    for layer in range(last + 1):
        scale = temperature if layer == last else 1.0
        weight = constant(f"weight_{layer}", [network.weights[layer] / scale for network in networks])
        bias = constant(f"bias_{layer}", [network.biases[layer][None] / scale for network in networks])
        nodes.append(helper.make_node("MatMul", [value, weight], [f"product_{layer}"]))
        nodes.append(helper.make_node("Add", [f"product_{layer}", bias], [f"sum_{layer}"]))
        if layer < last:
            nodes.append(helper.make_node("Relu", [f"sum_{layer}"], [f"active_{layer}"]))
        value = f"active_{layer}" if layer < last else f"sum_{layer}"
    nodes.append(helper.make_node("Softmax", [value], ["probabilities"], axis=2))
    nodes.append(helper.make_node("ReduceMean", ["probabilities"], ["letters"], axes=[0], keepdims=0))
    given = helper.make_tensor_value_info("hand", TensorProto.FLOAT, [1, SIZE])
    answer = helper.make_tensor_value_info("letters", TensorProto.FLOAT, [1, len(LETTERS)])
    return helper.make_graph(nodes, "letters", [given], [answer], weights)


def write_network(path, networks, temperature):
    model = helper.make_model(graph_of(networks, temperature), opset_imports=[helper.make_opsetid("", OPSET)],
                              producer_name="storysign training/letters.py")
    model.ir_version = 8
    onnx.checker.check_model(model)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(model.SerializeToString())


def run(path, inputs):
    """What the network of the file answers, computed by the reference that comes with ONNX."""
    from onnx.reference import ReferenceEvaluator
    evaluator = ReferenceEvaluator(onnx.load(path))
    return np.concatenate([evaluator.run(None, {"hand": row[None]})[0] for row in inputs])


def write_golden(path, network_path, shapes):
    """Made-up hands (mean shapes, bent by a fixed rule) with their features and the network's answers."""
    random = np.random.default_rng(11)
    hands = []
    for number, letter in enumerate("ABGHLPQUVY"):
        shape = np.asarray(shapes[letter][0], np.float32) + random.normal(0, 0.05, (POINTS, 2)).astype(np.float32)
        aspect = [1.0, 4 / 3, 16 / 9][number % 3]
        left = number % 2 == 1
        # Depth is in the unit of x: fractions of the width. One hand of four has none.
        depth = random.normal(0, 0.4, (POINTS, 1)).astype(np.float32) * (number % 4 != 3)
        shown = np.concatenate([shape, depth], 1)
        shown = mirrored(shown) if left else shown
        points = (np.array([0.5, 0.5, 0.0]) + 0.12 * shown / np.array([aspect, 1.0, aspect])).round(5)
        upright = (points * np.array([-aspect if left else aspect, 1.0, aspect])).astype(np.float32)
        seen = features(upright[None])
        hands.append({"aspect": round(aspect, 6), "left": left, "points": points.tolist(),
                      "features": [round(float(v), 5) for v in seen[0]],
                      "letters": [round(float(v), 5) for v in run(network_path, seen)[0]]})
    lines = ",\n".join(json.dumps(hand, separators=(",", ":")) for hand in hands)
    path.write_text("[\n" + lines + "\n]\n", encoding="ascii")
