"""Quick checks of the arithmetic, a minute on one core: python check.py"""

import torch

import channel
import checkpoint
import data
import deepjscc
import field
import inpainter
import painter
import rounding
from adversary import CHANNELS, Adversary
from channel import copies
from codec import COMPONENTS, Codec
from latent_net import LatentNet
from linear_stage import LinearStage, blocks, unblocks
from losses import BALANCE, Reference
from painter import caption_vector
from train_inpainter import empties


def blocks_and_back():
    z = torch.randn(2, 32, 8, 12)
    assert torch.equal(unblocks(blocks(z), z.shape[-2:]), z)


def copies_follow_the_rate():
    counted = copies(torch.tensor([[0, 3, 5, 8]]), 5)
    assert counted.tolist() == [[[0, 0, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 1], [2, 2, 2, 1, 1]]]
    assert counted.sum(-1).tolist() == [[0, 3, 5, 8]]


def fitted_stage() -> tuple[LinearStage, torch.Tensor]:
    torch.manual_seed(1)
    mixing = torch.randn(32, 32, 1, 1) / 32**0.5
    z = torch.nn.functional.conv2d(torch.randn(40, 32, 16, 16), mixing)
    stage = LinearStage(COMPONENTS).eval()
    stage.fit(z, torch.eye(COMPONENTS))
    return stage, z[:4]


def without_noise_everything_arrives():
    stage, z = fitted_stage()
    condition = channel.plain(4, 16, COMPONENTS, 1 / 12, 90.0)
    z_hat, deviation = stage(z, condition)
    assert (z_hat - z).abs().max() < 1e-2 and deviation.max() < 1e-2


def power_is_one_whatever_is_sent():
    stage, z = fitted_stage()
    rate = torch.tensor([[0, 40, 512, 700] * 4] * 4)
    sent = stage.send(z * 3, rate)
    symbols, power = sent.symbols, sent.power
    count = copies(rate, COMPONENTS)
    mean = (symbols.pow(2) * count).sum((1, 2)) / count.sum((1, 2))
    assert (mean - 1).abs().max() < 1e-4 and (power > 5).all()


def what_is_common_takes_no_power_and_changes_nothing_else():
    torch.manual_seed(2)
    stage, z = fitted_stage()
    stage.has_field = True
    slope = torch.linspace(-1, 1, 64).view(1, 1, 1, 64).expand(1, 1, 16, 64)
    z = torch.cat([z, z, z, z], 3)[:1]
    z = 0.2 * z + 8 * slope * stage.mean.new_tensor([1.0] + [0.0] * 31).view(1, 32, 1, 1)
    stage.V.data[:, 0] = torch.eye(32)[0].repeat_interleave(16) / 4  # a mean of the block
    stage.W.data = torch.linalg.inv(stage.V.data)
    rate = torch.full((1, 64), COMPONENTS)
    sent = stage.send(z, rate)
    assert stage.flat.tolist() == [0] and sent.steps.abs().sum() > 0
    stage.has_field = False
    whole = stage.send(z, rate)
    own = whole.symbols[:, :, 0].square().sum() / whole.symbols.square().sum() * whole.power
    assert whole.power - sent.power > 0.8 * own and (sent.whole / whole.power - 1).abs() < 0.05
    stage.has_field = True
    z_hat, deviation = stage(z, channel.plain(1, 64, COMPONENTS, 1 / 6, 60.0))
    assert (z_hat - z).abs().max() < 0.1


def nothing_sent_has_no_say_in_the_field():
    c = torch.full((1, 1, 6, 5), 7.0)
    sent = torch.ones(1, 1, 6, 5)
    c[:, :, :2], sent[:, :, :2] = 1e6, 0
    size = field.sizes(torch.zeros(1), torch.ones(1))
    found = field.of_steps(field.steps(c, sent, size), size, 6, 5)
    assert (found - 7).abs()[:, :, 2:].max() < 2.5


def prior_keeps_its_scale():
    stage, z = fitted_stage()
    stage.train()
    rate = torch.full((4, 16), 96)
    stage.lam *= 50
    for _ in range(1500):
        power = stage.send(z * torch.tensor([0.5, 1, 1, 2]).view(4, 1, 1, 1), rate).power
        stage.follow()
    assert abs(power.log().mean()) < 0.1, power


def uncertainty_is_calibrated():
    stage, z = fitted_stage()
    for cbr, snr_db in ((1 / 48, 1.0), (1 / 12, 7.0), (1 / 8, -2.0)):
        z_hat, deviation = stage(z, channel.plain(4, 16, COMPONENTS, cbr, snr_db))
        ratio = (z_hat - z).pow(2).mean() / deviation.pow(2).mean()
        assert 0.85 < ratio < 1.15, (cbr, snr_db, ratio)


def all_lost_is_the_mean_with_the_prior():
    stage, z = fitted_stage()
    condition = channel.plain(4, 16, COMPONENTS, 1 / 12, 7.0)
    condition.precision.zero_()
    z_hat, deviation = stage(z, condition)
    assert torch.allclose(blocks(z_hat), stage.mean.expand(4, 16, -1), atol=1e-5)
    assert abs(deviation.pow(2).mean() / z.var() - 1) < 0.3


def sampled_conditions_are_what_they_say():
    generator = torch.Generator().manual_seed(3)
    condition = channel.sample(64, 4, 4, COMPONENTS, generator)
    assert condition.snr_db.min() < 0 and condition.snr_db.max() > 18
    assert (condition.rate.float().mean(1) - condition.mean_rate).abs().max() < 0.5 and (condition.rate == 0).any()
    assert condition.precision.isfinite().all() and (condition.precision >= 0).all()
    unsent = copies(condition.rate, COMPONENTS) == 0
    assert (condition.precision[unsent] == 0).all()
    focus = channel.Focus(0.75, (0.0, 3.0), (1 / 50, 1 / 40))
    condition = channel.sample(64, 4, 4, COMPONENTS, generator, focus=focus)
    assert ((0 <= condition.snr_db) & (condition.snr_db <= 3)).float().mean() >= 0.75
    assert condition.snr_db.max() > 18 and condition.mean_rate.max() > channel.components_at(1 / 12)


def hardness_falls_with_rate_and_snr():
    stage, _ = fitted_stage()
    at = lambda cbr, snr_db: float(stage.hardness(channel.plain(1, 16, COMPONENTS, cbr, snr_db)))
    assert 1 > at(1 / 96, 1) > at(1 / 96, 13) > at(1 / 24, 13) > at(1 / 8, 20) > 0
    lost = channel.plain(1, 16, COMPONENTS, 1 / 24, 13.0)
    lost.precision.zero_()
    assert abs(stage.hardness(lost) - 1) < 1e-5


def reference_is_one_over_the_error():
    hardness = torch.tensor([0.02, 0.05, 0.1, 0.3, 0.6])
    reference = Reference()
    reference.fit(hardness, {"mse": 0.3 * (hardness / 0.15) ** 0.8})
    expected = (0.3 * (hardness / 0.15) ** 0.8) ** -BALANCE * 0.3 ** (BALANCE - 1)
    assert torch.allclose(reference.weight("mse", hardness), expected, rtol=1e-3)


def held_out_photos_are_the_last_of_each_source():
    names = [f"a-{i:03}.webp" for i in range(40)] + ["b-1.webp"]
    assert [n for n, h in zip(names, data.is_held_out(names)) if h] == ["a-038.webp", "a-039.webp", "b-1.webp"]
    assert data.is_held_out(["a-1.webp", "held-out/a-0.webp"]) == [False, True]


def network_takes_every_input():
    codec = Codec().eval()
    codec.precise = True
    condition = channel.plain(1, 4, COMPONENTS, 1 / 24, 7.0)
    with torch.no_grad():
        y = codec(torch.rand(1, 3, 64, 64), condition, torch.tensor([0.5]))
    assert y.shape == (1, 3, 64, 64)


def painted_by(velocity, steps: int, evaluations: int | None = None) -> torch.Tensor:
    zeros, one = torch.zeros(1, 32, 4, 4), torch.ones(1)
    painting = painter.Painting(steps, 7 * one, evaluations)
    return painter.paint(lambda planes, scalars: velocity, torch.ones(1, 32, 1, 1), zeros, zeros + 2, one, painting)


def the_painter_goes_where_an_oracle_points():
    r = torch.randn(1, 32, 4, 4)
    for steps, evaluations in ((1, None), (5, None), (5, 1), (5, 3)):
        assert torch.allclose(painted_by(r, steps, evaluations), 2 * r, atol=1e-5)


def the_painter_starts_as_the_refined_latents():
    codec = Codec().eval()
    painter.start_from(codec.painter, codec.refine)
    z, one = torch.randn(1, 32, 8, 8), torch.ones(1)
    plain = codec.decode(z, z.abs(), one)
    assert torch.equal(codec.decode(z, z.abs(), one, painter.Painting(3, 7 * one)), plain)


def the_inpainter_starts_as_the_codec_and_is_heard_only_when_asked():
    torch.manual_seed(2)
    codec = deepjscc.DeepJscc().eval()
    torch.nn.init.normal_(codec.synthesis.leave.weight, std=0.02)
    codec.precise = True
    z, dial = torch.randn(1, deepjscc.LATENTS, 8, 8), torch.ones(1)
    plain = codec.decode(z, z.abs(), dial)
    net = inpainter.Inpainter(codec)
    net.active = True
    assert torch.equal(codec.decode(z, z.abs(), dial), plain)
    torch.nn.init.normal_(net.blocks[2].narrow.weight, std=0.1)
    assert not torch.equal(codec.decode(z, z.abs(), dial), plain)
    net.active = False
    assert torch.equal(codec.decode(z, z.abs(), dial), plain)


def noise_stands_in_empty_blocks_beside_sent_ones_and_grows_to_the_middle_of_the_dial():
    torch.manual_seed(4)
    z, empty = torch.zeros(4, deepjscc.LATENTS, 12, 8), torch.tensor([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]]).expand(4, 3, 2)
    found = inpainter.with_noise(z, z + 2, empty, 0.1, torch.tensor([0.0, 0.25, 0.5, 1.0]))
    assert not found[0].any() and not found[:, :, :4].any() and not found[:, :, 8:].any()
    assert torch.allclose(found[1:, :, 4:8].std((1, 2, 3)), torch.tensor([0.1, 0.2, 0.2]), rtol=0.1)


def an_adversary_learns_to_tell_and_asks_for_the_real():
    torch.manual_seed(5)
    judge = Adversary(1e-2)
    maps = lambda shift: [torch.randn(2, channels, 6, 6) + shift for channels in CHANNELS]
    masks = judge.masks(torch.ones(2, 1, 24, 24), maps(0))
    losses = [judge.learn(maps(1), maps(-1), masks) for _ in range(30)]
    assert losses[-1] < losses[0] / 2
    even = torch.ones(2)
    assert judge.doubt(maps(1), masks, even) < judge.doubt(maps(-1), masks, even)
    assert all(p.requires_grad for p in judge.parameters())


def gaps_are_neither_nothing_nor_everything():
    found = empties(200, 6, torch.Generator().manual_seed(3)).flatten(1)
    assert found.unique().tolist() == [0, 1]
    assert (found.amax(1) > 0).all() and (found.amin(1) < 1).all()


@torch.no_grad()
def steps_chosen_together_change_less_of_what_a_layer_puts_out():
    torch.manual_seed(6)
    net = LatentNet(6, 4, 1, width=64, around=3, depth=1).eval()
    layer, name = net.blocks[0].widen1, "blocks.0.widen1.weight"
    x, scalars = torch.randn(2, 6, 12, 12), torch.zeros(2, 1)
    with rounding.moments(net, {name, "enter.weight", "blocks.0.around.weight"}) as moments:
        net(x, scalars)
    assert moments.keys() == {name, "enter.weight"}
    given = rounding.patches(net.enter, x)
    assert torch.allclose(moments["enter.weight"], given.T @ given, rtol=1e-4, atol=1e-2)

    def error(**how) -> float:
        packed = checkpoint.in_bytes({name: layer.weight}, (), **how)
        change = (packed[name].float().flatten(1) * packed[name + ".scale"][:, None]) - layer.weight.flatten(1)
        return (change @ moments[name] * change).sum().item()

    assert error(moments=moments) < 0.5 * error()


def captions_are_hashed_alike():
    assert torch.equal(caption_vector("A dog, running!"), caption_vector("a DOG running"))
    assert not caption_vector(None).any() and abs(caption_vector("two boats").norm() - 1) < 1e-6


if __name__ == "__main__":
    torch.set_num_threads(1)
    for check in [v for k, v in list(globals().items()) if callable(v) and getattr(v, "__module__", "") == "__main__"]:
        if check.__name__ not in ("fitted_stage", "painted_by"):
            check()
            print("ok", check.__name__.replace("_", " "))
