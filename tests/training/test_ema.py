import copy

import torch

from leukoscope.training.ema import AveragedWeights


def wander(network, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in network.state_dict().values():
            if value.is_floating_point():
                value.copy_(torch.rand(value.shape, generator=generator))
            else:
                value.add_(1)


def test_the_average_against_a_loop_with_batch_statistics(toy):
    average = AveragedWeights(toy, decay=0.7)
    own = {name: value.clone() for name, value in toy.state_dict().items()}
    for step in range(1, 40):
        wander(toy, step)
        average.follow(toy)
        decay = min(0.7, step / (step + 10))
        for name, value in toy.state_dict().items():
            if value.is_floating_point():
                own[name] = decay * own[name] + (1 - decay) * value
            else:
                own[name] = value.clone()
    found = average.network.state_dict()
    assert "stem.1.running_mean" in found and "stem.1.num_batches_tracked" in found
    for name, value in own.items():
        assert torch.allclose(found[name].double(), value.double(), atol=1e-6), name


def test_the_network_itself_is_left_alone(toy):
    average = AveragedWeights(toy, decay=0.9)
    wander(toy, 1)
    before = copy.deepcopy(toy.state_dict())
    average.follow(toy)
    assert all(torch.equal(before[name], value) for name, value in toy.state_dict().items())
    assert not average.network.training
    assert not any(value.requires_grad for value in average.network.parameters())
    assert all(value.requires_grad for value in toy.parameters())


def test_an_average_taken_up_again_goes_on_at_its_pace(toy):
    average = AveragedWeights(toy, decay=0.99)
    for step in range(5):
        wander(toy, step)
        average.follow(toy)
    other = AveragedWeights(toy, decay=0.99)
    other.load_state_dict(average.state_dict())
    wander(toy, 9)
    for one in (average, other):
        one.follow(toy)
    found, wanted = other.network.state_dict(), average.network.state_dict()
    assert all(torch.equal(found[name], value) for name, value in wanted.items())
