"""A small network of matrix products, biases and ReLU, trained with Adam: numpy is enough for it."""

import numpy as np

BATCH = 256
RATE = 2e-3


def softmax(logits):
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


class Network:
    """weights and biases of each layer; the first one also holds the inputs' scaling once trained."""

    def __init__(self, sizes, random):
        self.weights = [random.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32) for a, b in zip(sizes, sizes[1:])]
        self.biases = [np.zeros(b, np.float32) for b in sizes[1:]]

    def logits(self, inputs):
        for weight, bias in zip(self.weights[:-1], self.biases[:-1]):
            inputs = np.maximum(inputs @ weight + bias, 0)
        return inputs @ self.weights[-1] + self.biases[-1]

    def gradients(self, inputs, targets, drop, random):
        """Of the cross entropy to `targets` (rows sum to 1), with a share `drop` of the hidden units left out."""
        active, masks = [inputs], []
        for weight, bias in zip(self.weights[:-1], self.biases[:-1]):
            hidden = np.maximum(active[-1] @ weight + bias, 0)
            masks.append((random.random(hidden.shape, dtype=np.float32) >= drop) / np.float32(1 - drop))
            active.append(hidden * masks[-1])
        error = (softmax(active[-1] @ self.weights[-1] + self.biases[-1]) - targets) / len(inputs)
        weights, biases = [], []
        for layer in reversed(range(len(self.weights))):
            weights.insert(0, active[layer].T @ error)
            biases.insert(0, error.sum(0))
            if layer:
                error = (error @ self.weights[layer].T) * masks[layer - 1] * (active[layer] > 0)
        return weights + biases

    def fold_scaling(self, mean, deviation):
        """Takes inputs as they are from now on, not scaled to mean 0 and deviation 1."""
        self.weights[0] = self.weights[0] / deviation[:, None]
        self.biases[0] = self.biases[0] - mean @ self.weights[0]


class Adam:
    def __init__(self, parameters, decay):
        self.parameters, self.decay, self.time = parameters, decay, 0
        self.first = [np.zeros_like(p) for p in parameters]
        self.second = [np.zeros_like(p) for p in parameters]

    def step(self, gradients, rate):
        self.time += 1
        for p, g, m, v in zip(self.parameters, gradients, self.first, self.second):
            m += 0.1 * (g - m)
            v += 0.01 * (g * g - v)
            if p.ndim == 2:
                p *= 1 - rate * self.decay
            p -= rate * (m / (1 - 0.9 ** self.time)) / (np.sqrt(v / (1 - 0.99 ** self.time)) + 1e-8)


def train(banks, shares, classes, settings, seed):
    """banks: (inputs, class) of each source; every batch holds `shares` of them. -> Network"""
    random = np.random.default_rng(seed)
    mean = np.mean([inputs.mean(0) for inputs, _ in banks], 0)
    deviation = np.sqrt(np.mean([((inputs - mean) ** 2).mean(0) for inputs, _ in banks], 0)) + 0.05
    network = Network([banks[0][0].shape[1], *settings["hidden"], classes], random)
    adam = Adam(network.weights + network.biases, settings["decay"])
    smooth = settings["smoothing"]
    target = np.eye(classes, dtype=np.float32) * (1 - smooth) + smooth / classes
    counts = [max(1, round(BATCH * share / sum(shares))) for share in shares]
    for step in range(settings["steps"]):
        picked = [random.integers(0, len(letter), count) for (_, letter), count in zip(banks, counts)]
        inputs = np.concatenate([bank[rows] for (bank, _), rows in zip(banks, picked)])
        targets = target[np.concatenate([letter[rows] for (_, letter), rows in zip(banks, picked)])]
        inputs = ((inputs - mean) / deviation).astype(np.float32)
        # Mixup: what lies between two hands is between their letters.
        part = random.beta(settings["mixup"], settings["mixup"], (len(inputs), 1)).astype(np.float32)
        other = random.permutation(len(inputs))
        inputs, targets = part * inputs + (1 - part) * inputs[other], part * targets + (1 - part) * targets[other]
        rate = RATE * min(1, (step + 1) / 100) * 0.5 * (1 + np.cos(np.pi * step / settings["steps"]))
        adam.step(network.gradients(inputs, targets, settings["drop"], random), rate)
    network.fold_scaling(mean.astype(np.float32), deviation.astype(np.float32))
    return network
