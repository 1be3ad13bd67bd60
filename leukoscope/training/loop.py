"""The training loop that both networks share; what is trained on, and how it is scored, is the task's affair."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.optim import AdamW

from leukoscope.errors import InputError
from leukoscope.models.network import Network
from leukoscope.progress import Progress
from leukoscope.training.depthwise import run_depthwise_in_float32
from leukoscope.training.ema import AveragedWeights
from leukoscope.training.recipe import Recipe
from leukoscope.training.resume import Course, SavedRun, forget_state, load_state, save_state

Losses = dict[str, Tensor]
"""Terms by name, already weighted; their sum is minimised."""


@dataclass(frozen=True)
class Batch:
    """Images float [B, 3, S, S] in 0..1, and whatever the task's loss needs beside them."""

    images: Tensor
    truth: dict[str, Tensor]


class Task(Protocol):
    """What a network is trained on."""

    def steps(self, batch: int) -> int:
        """Batches in an epoch."""
        ...

    def batches(self, epoch: int, batch: int, seed: int) -> Iterator[Batch]:
        """The batches of an epoch; the same for the same seed and epoch."""
        ...

    def losses(self, outputs: dict[str, Tensor], batch: Batch) -> Losses:
        """The terms for the outputs of `Network.forward`."""
        ...

    def prepare(self, done: float, network: Network) -> None:
        """Called before each epoch with the share of the run that is done and the averaged network."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs of the task; empty where nothing is."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes up what `state_dict` gave."""
        ...

    def watch(self, network: Network) -> dict[str, float]:
        """Figures of the averaged network after an epoch; `score` is what early stopping looks at."""
        ...


class PlainTask:
    """For tasks that prepare nothing and keep nothing from epoch to epoch."""

    def prepare(self, done: float, network: Network) -> None:
        """Nothing."""

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing."""


def fit(
    network: Network,
    task: Task,
    recipe: Recipe,
    saved: SavedRun,
    progress: Progress,
    pretrained: frozenset[str] = frozenset(),
) -> tuple[Network, list[dict[str, float]]]:
    """Trains `network` and returns its averaged copy in eval mode, with the figures of every epoch.

    `pretrained` names the parameters that come from elsewhere and learn at `recipe.pretrained_rate` times the rate.

    The state is saved after each epoch, for a resumed run to go on from, and stays until the caller has written its
    checkpoint and removes it. Raises InputError when the loss is not finite or the state does not fit.
    """
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    runner = _Runner(network, task, recipe, pretrained)
    if saved.resume:
        runner.course = load_state(saved, runner.parts(), recipe)
    else:
        forget_state(saved.path)
    while not runner.finished():
        runner.epoch(progress)
        save_state(saved, runner.parts(), runner.course, recipe)
    return runner.average.network, runner.course.history


class _Runner:
    def __init__(
        self, network: Network, task: Task, recipe: Recipe, pretrained: frozenset[str]
    ) -> None:
        self.network, self.task, self.recipe = network, task, recipe
        self.average = AveragedWeights(network, recipe.ema_decay)
        run_depthwise_in_float32(network)
        self.optimiser = AdamW(_groups(network, recipe, pretrained), lr=recipe.rate)
        self.course = Course()

    def parts(self) -> dict[str, Any]:
        """What a resumed run needs besides its course."""
        return {
            "network": self.network,
            "average": self.average,
            "optimiser": self.optimiser,
            "task": self.task,
        }

    def finished(self) -> bool:
        course, recipe = self.course, self.recipe
        late = recipe.max_minutes and course.minutes >= recipe.max_minutes
        stale = recipe.patience and course.epoch - course.best_epoch >= recipe.patience
        return bool(course.epoch >= recipe.epochs or late or stale)

    def epoch(self, progress: Progress) -> None:
        """One pass over the task's batches, then its figures."""
        course, recipe = self.course, self.recipe
        began, minutes = time.monotonic(), course.minutes
        torch.manual_seed(recipe.seed * 100_003 + course.epoch)
        self.task.prepare(self._done(course.epoch, minutes), self.average.network)
        steps = self.task.steps(recipe.batch)
        heading = f"epoch {course.epoch + 1}/{recipe.epochs}"
        sums: dict[str, float] = {}
        self.network.train()
        batches = self.task.batches(course.epoch, recipe.batch, recipe.seed)
        done = 0
        for done, batch in enumerate(progress.track(batches, heading, steps), start=1):
            elapsed = minutes + (time.monotonic() - began) / 60
            self._set_rate((course.epoch + (done - 1) / steps) / recipe.epochs, elapsed)
            for name, value in self._step(batch).items():
                sums[name] = sums.get(name, 0.0) + value
            progress.status(" ".join(f"{name} {total / done:.3f}" for name, total in sums.items()))
            if recipe.max_minutes and elapsed >= recipe.max_minutes:
                break
        course.epoch += 1
        figures = {name: total / max(done, 1) for name, total in sums.items()}
        figures.update(self.task.watch(self.average.network))
        course.minutes = minutes + (time.monotonic() - began) / 60
        self._record(figures, heading, progress)

    def _set_rate(self, epochs_done: float, minutes: float) -> None:
        rate = self.recipe.rate_at(self._done(epochs_done * self.recipe.epochs, minutes))
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["factor"]

    def _done(self, epochs: float, minutes: float) -> float:
        """Share of the run, by epochs or by the clock, whichever is further."""
        limit = self.recipe.max_minutes
        return max(epochs / self.recipe.epochs, minutes / limit if limit else 0.0)

    def _step(self, batch: Batch) -> dict[str, float]:
        # bfloat16 halves the time or better where the processor has it, and needs no loss scaling.
        with torch.autocast("cpu", torch.bfloat16):
            outputs = self.network(batch.images.contiguous(memory_format=torch.channels_last))
        losses = self.task.losses(outputs, batch)
        total = torch.stack([value.float() for value in losses.values()]).sum()
        if not bool(total.isfinite()):
            raise InputError(
                f"the loss is not finite in epoch {self.course.epoch + 1}",
                next_step="train again with a lower --rate, or --resume from the last epoch",
            )
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip_norm)
        self.optimiser.step()
        self.average.follow(self.network)
        return {name: float(value.detach()) for name, value in losses.items()}

    def _record(self, figures: dict[str, float], heading: str, progress: Progress) -> None:
        course = self.course
        course.history.append({name: round(value, 5) for name, value in figures.items()})
        if figures["score"] > course.best_score:
            course.best_score, course.best_epoch = figures["score"], course.epoch
        words = " ".join(f"{name} {value:.3f}" for name, value in figures.items())
        progress.note(f"{heading} {course.minutes:.1f} min: {words}")


def _groups(network: Network, recipe: Recipe, pretrained: frozenset[str]) -> list[dict[str, Any]]:
    """Weight decay on kernels only: decayed batch norms and biases gain nothing. Pretrained weights learn more slowly."""
    groups = []
    for slow in (False, True):
        for kernel in (True, False):
            members = [
                value
                for name, value in network.named_parameters()
                if value.requires_grad
                and (name in pretrained) == slow
                and (value.ndim > 1) == kernel
            ]
            decay = recipe.weight_decay if kernel else 0.0
            factor = recipe.pretrained_rate if slow else 1.0
            groups.append({"params": members, "weight_decay": decay, "factor": factor})
    return [group for group in groups if group["params"]]
