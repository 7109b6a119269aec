"""The same steps in plain PyTorch: same layers, losses, batches and Adam.

Each function builds a model and returns step(*batch) -> loss, for batches as the
workloads have them, pictures with their channels last. Pictures are turned to
PyTorch's order of axes once, before training, and not in the step.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.speed.parts import workloads

CODE_DIM = workloads.CODE_DIM


def tensors(arrays):
    """Arrays as a workload has them -> tensors as PyTorch wants them."""
    found = [torch.from_numpy(np.ascontiguousarray(array)) for array in arrays]
    return [a.movedim(-1, 1).contiguous() if a.ndim == 4 else a for a in found]


def like_keras(module):
    """Start where Keras does: Glorot's uniform weights, biases of 0 (not a gate's)."""
    for part in module.modules():
        if isinstance(part, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            if part.weight.any():
                nn.init.xavier_uniform_(part.weight)
            if part.bias is not None and part.bias.std() > 0:
                nn.init.zeros_(part.bias)


def descend(loss, *modules, clip=None, **adam):
    """Return a step of Adam on loss(*batch)."""
    weights = [w for module in modules for w in module.parameters()]
    for module in modules:
        like_keras(module)
    optimizer = torch.optim.Adam(weights, **adam)

    def step(*batch):
        optimizer.zero_grad()
        value = loss(*batch)
        value.backward()
        if clip:
            nn.utils.clip_grad_norm_(weights, clip)
        optimizer.step()
        return value.detach()

    return step


def dense(inputs, widths, outputs, activation=nn.ReLU):
    parts, sizes = [], [inputs, *widths]
    for before, after in zip(sizes[:-1], sizes[1:], strict=True):
        parts += [nn.Linear(before, after), activation()]
    return nn.Sequential(*parts, nn.Linear(sizes[-1], outputs))


def log_bernoulli(x, x_logits):
    return (x * x_logits - F.softplus(x_logits)).flatten(1).sum(1)


def log_normal(x):
    return -0.5 * (np.log(2 * np.pi) + x**2).sum(1)


def kl_to_standard_normal(z_mean, z_log_var):
    return 0.5 * (z_mean**2 + z_log_var.exp() - z_log_var - 1).sum(1)


def vae_loss(encoder, decoder):
    def loss(x):
        z_mean, z_log_var = encoder(x).chunk(2, dim=1)
        z = z_mean + (0.5 * z_log_var).exp() * torch.randn_like(z_mean)
        kl = kl_to_standard_normal(z_mean, z_log_var)
        return (kl - log_bernoulli(x, decoder(z))).mean()

    return loss


def dense_vae():
    encoder = dense(784, (512, 256), 2 * CODE_DIM)
    decoder = dense(CODE_DIM, (256, 512), 784)
    return descend(vae_loss(encoder, decoder), encoder, decoder)


def convolutional_vae():
    up = {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}
    encoder = nn.Sequential(
        *[nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU()],
        *[nn.Flatten(), nn.Linear(7 * 7 * 32, 2 * CODE_DIM)],
    )
    decoder = nn.Sequential(
        *[nn.Linear(CODE_DIM, 7 * 7 * 32), nn.ReLU(), nn.Unflatten(1, (32, 7, 7))],
        *[nn.ConvTranspose2d(32, 16, **up), nn.ReLU(), nn.ConvTranspose2d(16, 1, **up)],
    )
    return descend(vae_loss(encoder, decoder), encoder, decoder)


class MADE(nn.Module):
    def __init__(self, latent_dim, hidden_units, context_dim):
        super().__init__()
        lesson = workloads.lesson(3)
        degrees = lesson["hidden_degrees"](latent_dim, hidden_units)
        first, last = lesson["made_masks"](latent_dim, degrees)
        self.first, self.last = torch.tensor(first.T), torch.tensor(last.T)
        self.hidden = nn.Linear(latent_dim, hidden_units)
        self.context = nn.Linear(context_dim, hidden_units, bias=False)
        self.mean = nn.Linear(hidden_units, latent_dim)
        self.gate = nn.Linear(hidden_units, latent_dim)
        nn.init.constant_(self.gate.bias, 1.5)

    def forward(self, z, h):
        hidden = F.linear(z, self.hidden.weight * self.first, self.hidden.bias)
        hidden = F.relu(hidden + self.context(h))
        mean = F.linear(hidden, self.mean.weight * self.last, self.mean.bias)
        return mean, F.linear(hidden, self.gate.weight * self.last, self.gate.bias)


class FlowVAE(nn.Module):
    def __init__(self, latent_dim, width, units, context_dim, flow_steps=2):
        super().__init__()
        self.look = nn.Linear(784, width)
        self.z_mean, self.z_log_var, self.context = (
            nn.Linear(width, outputs)
            for outputs in (latent_dim, latent_dim, context_dim)
        )
        made = [MADE(latent_dim, units, context_dim) for _ in range(flow_steps)]
        self.flow = nn.ModuleList(made)
        self.decoder = dense(latent_dim, (width,), 784)

    def loss(self, x):
        x = torch.bernoulli(x)
        hidden = F.relu(self.look(x))
        z_mean, z_log_var = self.z_mean(hidden), self.z_log_var(hidden)
        h, eps = F.relu(self.context(hidden)), torch.randn_like(z_mean)
        z = z_mean + (0.5 * z_log_var).exp() * eps
        log_qz_x = log_normal(eps) - 0.5 * z_log_var.sum(1)
        for number, made in enumerate(self.flow):
            z = z.flip(1) if number else z
            mean, gate_logits = made(z, h)
            gate = torch.sigmoid(gate_logits)
            log_qz_x = log_qz_x - F.logsigmoid(gate_logits).sum(1)
            z = gate * z + (1 - gate) * mean
        return (log_qz_x - log_normal(z) - log_bernoulli(x, self.decoder(z))).mean()


def iaf():
    names = workloads.lesson(3)
    sizes = ("LATENT_DIM", "WIDTH", "HIDDEN_UNITS", "CONTEXT_DIM")
    vae = FlowVAE(*(names[size] for size in sizes))
    return descend(vae.loss, vae)


def moved(x, by):
    """Move pictures (n, 1, 28, 28) by products with shifted identities."""
    down, across = MOVES[by[0]], MOVES[by[1]]
    return (down @ x[:, 0] @ across)[:, None]


MOVES = torch.stack([torch.roll(torch.eye(28), by, 0) for by in (-1, 0, 1)])


def cross_entropy(logits, target):
    return (F.softplus(logits) - target * logits).mean()


def dcgan():
    names = workloads.lesson(5)
    latent_dim, c = names["LATENT_DIM"], names["CHANNELS"]
    normed = {"momentum": 0.1, "eps": 1e-3}
    generator = nn.Sequential(
        *[nn.Linear(latent_dim, 98 * c), nn.Unflatten(1, (2 * c, 7, 7))],
        *[nn.BatchNorm2d(2 * c, **normed), nn.ReLU()],
        *[nn.ConvTranspose2d(2 * c, c, 4, 2, 1), nn.BatchNorm2d(c, **normed)],
        *[nn.ReLU(), nn.ConvTranspose2d(c, 1, 4, 2, 1), nn.Tanh()],
    )
    half = c // 2
    discriminator = nn.Sequential(
        *[nn.Conv2d(1, half, 4, 2, 1), nn.LeakyReLU(0.2), nn.Dropout(0.25)],
        *[nn.Conv2d(half, c, 4, 2, 1), nn.LeakyReLU(0.2), nn.Dropout(0.5)],
        *[nn.Flatten(), nn.Linear(49 * c, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1)],
    )
    adam = {"lr": names["LEARNING_RATE"], "betas": (0.5, 0.999)}
    g_optimizer = torch.optim.Adam(generator.parameters(), **adam)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), **adam)
    average = torch.optim.swa_utils.AveragedModel(
        generator, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998)
    )

    def judge(x):
        return discriminator(moved(x, torch.randint(0, 3, (2, len(x)))))

    def step(x):
        with torch.no_grad():
            x_fake = generator(torch.randn(len(x), latent_dim))
        d_optimizer.zero_grad()
        real_logits, fake_logits = judge(x), judge(x_fake)
        d_loss = cross_entropy(real_logits, 1.0) + cross_entropy(fake_logits, 0.0)
        d_loss.backward()
        d_optimizer.step()
        g_optimizer.zero_grad()
        discriminator.requires_grad_(False)
        g_loss = cross_entropy(judge(generator(torch.randn(len(x), latent_dim))), 1.0)
        g_loss.backward()
        discriminator.requires_grad_(True)
        g_optimizer.step()
        average.update_parameters(generator)
        return d_loss.detach()

    return step


class Encoder(nn.Module):
    """Two convolutions, the label beside them, and a dense layer with two ends."""

    def __init__(self, latent_dim):
        super().__init__()
        self.see = nn.Sequential(
            *[nn.Conv2d(1, 16, 4, 2, 1), nn.LeakyReLU(0.2)],
            *[nn.Conv2d(16, 32, 4, 2, 1), nn.LeakyReLU(0.2), nn.Flatten()],
        )
        self.think = nn.Sequential(nn.Linear(49 * 32 + 10, 128), nn.LeakyReLU(0.2))
        self.ends = nn.ModuleList([nn.Linear(128, latent_dim) for _ in range(2)])

    def forward(self, x, y):
        h = self.think(torch.cat([self.see(x), y], dim=1))
        return [end(h) for end in self.ends]


class Judge(nn.Module):
    """Lesson 6's discriminator: a logit and the features of its second layer."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(1, 16, 4, 2, 1), nn.LeakyReLU(0.2))
        self.second = nn.Conv2d(26, 32, 4, 2, 1)
        self.end = nn.Sequential(
            *[nn.LeakyReLU(0.2), nn.Flatten(), nn.Dropout(0.3)],
            *[nn.Linear(49 * 32, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1)],
        )

    def forward(self, x, y):
        planes = y[:, :, None, None].expand(-1, -1, 14, 14)
        features = self.second(torch.cat([self.first(x), planes], dim=1))
        return self.end(features), features


def vae_gan():
    names = workloads.lesson(6)
    latent_dim = names["LATENT_DIM"]
    encoder, judge = Encoder(latent_dim), Judge()
    decoder = nn.Sequential(
        *[nn.Linear(latent_dim + 10, 49 * 32), nn.ReLU(), nn.Unflatten(1, (32, 7, 7))],
        *[nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.ReLU()],
        nn.ConvTranspose2d(16, 1, 4, 2, 1),
    )
    players = [encoder, decoder, judge]
    weights = [list(player.parameters()) for player in players]
    adam = {"lr": names["LEARNING_RATE"], "betas": (0.5, 0.999)}
    optimizers = [torch.optim.Adam(w, **adam) for w in weights]

    def terms(x, y):
        z_mean, z_log_var = encoder(x, y)
        z = z_mean + (0.5 * z_log_var).exp() * torch.randn_like(z_mean)
        codes = torch.cat([z, torch.randn_like(z)])
        logits = decoder(torch.cat([codes, torch.cat([y, y])], dim=1))
        by = torch.randint(0, 3, (2, len(x))).repeat(1, 3)
        seen = moved(torch.cat([x, torch.sigmoid(logits)]), by)
        verdicts, features = judge(seen, torch.cat([y, y, y]))
        real, *fake = verdicts.chunk(3)
        f_real, f_hat, _ = features.chunk(3)
        kl = kl_to_standard_normal(z_mean, z_log_var).mean()
        distance = 0.5 * ((f_real - f_hat) ** 2).flatten(1).sum(1).mean()
        # The lesson's step looks at these as well.
        (0.5 * (f_real**2).flatten(1).sum(1).mean()).detach()
        log_bernoulli(x, logits[: len(x)]).mean().detach()
        d_loss = cross_entropy(real, 1.0)
        d_loss = d_loss + 0.5 * sum(cross_entropy(f, 0.0) for f in fake)
        fool = 0.5 * sum(cross_entropy(f, 1.0) for f in fake)
        distance = names["FEATURE_WEIGHT"] * distance
        return kl + distance, names["GAMMA"] * distance + fool, d_loss

    def step(x, y):
        losses = terms(x, y)
        for loss, own in zip(losses, weights, strict=True):
            slopes = torch.autograd.grad(loss, own, retain_graph=True)
            for weight, slope in zip(own, slopes, strict=True):
                weight.grad = slope
        for optimizer in optimizers:
            optimizer.step()
        return losses[2].detach()

    return step


class LanguageModel(nn.Module):
    def __init__(self, tokens, units, embedding):
        super().__init__()
        self.embed = nn.Embedding(tokens, embedding)
        self.recurrent = nn.LSTM(embedding, units, batch_first=True)
        self.to_logits = nn.Linear(units, tokens)

    def loss(self, x):
        logits = self.to_logits(self.recurrent(self.embed(x[:, :-1]))[0])
        return F.cross_entropy(logits.flatten(0, 1), x[:, 1:].flatten().long())


def lstm():
    names = workloads.lesson(7)
    tokens = len(names["vocabulary"].tokens)
    model = LanguageModel(tokens, names["UNITS"], names["EMBEDDING"])
    return descend(model.loss, model, clip=1.0, betas=(0.9, 0.99))


class Features(nn.Module):
    """VGG-16 up to the content layer, with the bundled weights."""

    def __init__(self, wanted):
        super().__init__()
        arrays = workloads.data.vgg16_weights()
        self.wanted, self.convolutions = wanted, nn.ModuleDict()
        for key in arrays:
            name = key.removesuffix("_kernel")
            if key.endswith("_kernel"):
                kernel = torch.tensor(arrays[key]).permute(3, 2, 0, 1).contiguous()
                convolution = nn.Conv2d(*kernel.shape[1::-1], 3, padding=1)
                convolution.weight.data = kernel
                convolution.bias.data = torch.tensor(arrays[f"{name}_bias"])
                self.convolutions[name] = convolution
            if set(wanted) <= set(self.convolutions):
                break
        self.requires_grad_(False)
        means = workloads.lesson(8)["to_vgg"](np.zeros((1, 1, 1, 3), "float32"))
        self.means = -torch.tensor(np.asarray(means)).movedim(-1, 1)

    def forward(self, images, width=8):
        """Features of pictures that mirrors continue beyond their border."""
        side = images.shape[2] + 2 * width
        x = F.pad(images, [width] * 4, mode="reflect").flip(1) * 255 - self.means
        found = {}
        for name, convolution in self.convolutions.items():
            if name.endswith("conv1") and name != "block1_conv1":
                x = F.avg_pool2d(x, 2)
            x = F.relu(convolution(x))
            if name in self.wanted:
                rim = width * x.shape[2] // side
                found[name] = x[:, :, rim : x.shape[2] - rim, rim : x.shape[3] - rim]
        return found


def gram(features):
    n, c, h, w = features.shape
    flat = features.flatten(2)
    return flat @ flat.mT / (h * w * c)


def relative_error(found, target):
    return ((found - target) ** 2).sum() / (target**2).sum()


def style():
    names = workloads.lesson(8)
    photo, painting = tensors(workloads.style_start())
    size, layer = names["SMALL"], names["CONTENT_LAYER"]
    larger = names["resized"](painting.movedim(1, -1).numpy(), names["STROKE"], size)
    features = Features(list(dict.fromkeys([*names["STYLE_LAYERS"], layer])))
    with torch.no_grad():
        target = features(photo)[layer]
        found = features(tensors([larger])[0])
        grams = {name: gram(found[name]) for name in names["STYLE_LAYERS"]}
    pixels = nn.Parameter(photo.clone())
    picture = nn.ParameterList([pixels])

    def loss(_):
        found = features(pixels)
        errors = [relative_error(gram(found[name]), grams[name]) for name in grams]
        down, right = pixels.diff(dim=2), pixels.diff(dim=3)
        rough = ((down**2).sum() + (right**2).sum()) / pixels.numel()
        parts = {
            "content": relative_error(found[layer], target),
            "style": sum(errors) / len(errors),
            "smoothness": rough,
        }
        return sum(names["WEIGHTS"][name] * part for name, part in parts.items())

    return descend(loss, picture, lr=names["RATE"], betas=(0.9, 0.99))


class Velocity(nn.Module):
    """Lesson 9's dense network: velocity of codes, from time and label."""

    def __init__(self, dim, label_dim, width, blocks=3, waves=16):
        super().__init__()
        self.frequency = torch.tensor(np.geomspace(1, 50, waves).astype("float32"))
        condition = 2 * waves + label_dim
        self.start = nn.Linear(dim + condition, width)
        self.blocks = nn.ModuleList()
        for _ in range(blocks):
            parts = [nn.LayerNorm(width, 1e-3), nn.Linear(width, width)]
            parts += [nn.Linear(condition, width), nn.Linear(width, width)]
            nn.init.zeros_(parts[-1].weight)
            self.blocks.append(nn.ModuleList(parts))
        self.end = nn.Sequential(nn.LayerNorm(width, 1e-3), nn.Linear(width, dim))
        nn.init.zeros_(self.end[1].weight)

    def forward(self, x_t, t, y):
        sigma = torch.sqrt(t**2 + (1 - t) ** 2)
        angle = t * self.frequency
        condition = torch.cat([angle.sin(), angle.cos(), y], dim=1)
        h = self.start(torch.cat([x_t / sigma, condition], dim=1))
        for norm, inner, of_condition, outer in self.blocks:
            h = h + outer(F.silu(inner(norm(h)) + of_condition(condition)))
        return (2 * t - 1) / sigma**2 * x_t + self.end(h) / sigma


def latent_flow():
    network = Velocity(CODE_DIM, 10, workloads.lesson(9)["WIDTH"])

    def loss(x, y, hide=0.1):
        t = torch.sigmoid(torch.randn(len(x), 1))
        eps = torch.randn_like(x)
        shown = (torch.rand(len(x), 1) >= hide).float()
        error = network((1 - t) * eps + t * x, t, shown * y) - (x - eps)
        return (error**2).sum(1).mean()

    return descend(loss, network)


STEPS = {
    "dense VAE": dense_vae,
    "convolutional VAE": convolutional_vae,
    "IAF": iaf,
    "DCGAN": dcgan,
    "VAE-GAN": vae_gan,
    "LSTM": lstm,
    "style step": style,
    "latent flow": latent_flow,
}
