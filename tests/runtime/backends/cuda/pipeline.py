"""Frames through three streams with one device buffer each way: every wait in it is needed.

`omit` names a synchronisation to leave out; a run is right if every frame comes back as computed
and the emulated driver saw no rule broken.
"""

from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

SYNCHRONISATIONS = ("arrived", "consumed", "computed", "fetched", "ready")
SIZE = 5000
KERNELS = """
const unsigned affine_parameters[] = {8, 8, 4, 4, 0};
void affine(void **p, const unsigned *grid, const unsigned *block) {
    unsigned char *out = *(unsigned char **)p[0], *in = *(unsigned char **)p[1];
    int count = *(int *)p[2];
    float factor = *(float *)p[3];
    unsigned threads = grid[0] * block[0];
    for (int i = 0; i < count && (unsigned)i < threads; i++) out[i] = (unsigned char)(factor * in[i] + 1);
}
"""
GRID, BLOCK = (20, 1, 1), (256, 1, 1)


@dataclass
class Slot:
    host_in: object
    host_out: object
    ready: object
    frame: int = -1


class Pipeline:
    def __init__(self, device, image, omit=""):
        self.omit = omit
        self.copy_in, self.compute, self.copy_out = (device.stream() for _ in range(3))
        self.arrived, self.computed, self.fetched = (device.event() for _ in range(3))
        self.device_in, self.device_out = device.memory(SIZE), device.memory(SIZE)
        self.kernel = device.module(image).kernel("affine")
        self.slots = deque(
            Slot(device.pinned((SIZE,), np.uint8), device.pinned((SIZE,), np.uint8), device.event())
            for _ in range(2)
        )

    def run(self, frames):
        """How many of `frames` frames came back wrong."""
        wrong = 0
        for frame in range(frames + len(self.slots)):
            slot = self.slots[0]
            self.slots.rotate(-1)
            if slot.frame >= 0:
                if self.omit != "ready":
                    slot.ready.synchronize()
                wrong += not np.array_equal(slot.host_out.array, expected(slot.frame))
                slot.frame = -1
            if frame < frames:
                self.put(slot, frame)
        return wrong

    def put(self, slot, frame):
        slot.frame = frame
        slot.host_in.array[:] = frame_of(frame)
        self.wait(self.copy_in, self.computed, "consumed")
        self.copy_in.copy_in(self.device_in, slot.host_in)
        self.copy_in.record(self.arrived)
        self.wait(self.compute, self.arrived, "arrived")
        self.wait(self.compute, self.fetched, "fetched")
        arguments = [self.device_out, self.device_in, np.int32(SIZE), np.float32(3)]
        self.kernel.launch(self.compute, GRID, BLOCK, arguments)
        self.compute.record(self.computed)
        self.wait(self.copy_out, self.computed, "computed")
        self.copy_out.copy_out(slot.host_out, self.device_out)
        self.copy_out.record(self.fetched)
        self.copy_out.record(slot.ready)

    def wait(self, stream, event, name):
        if self.omit != name:
            stream.wait(event)


def frame_of(frame):
    return np.full(SIZE, frame * 7 % 80, np.uint8)


def expected(frame):
    return frame_of(frame) * 3 + 1


def graph_frames(device, image, frames):
    """The same on one stream, recorded once and launched for each frame; how many came back wrong."""
    with ExitStack() as stack:
        host_in = stack.enter_context(device.pinned((SIZE,), np.uint8))
        host_out = stack.enter_context(device.pinned((SIZE,), np.uint8))
        memory = stack.enter_context(device.memory(SIZE)), stack.enter_context(device.memory(SIZE))
        kernel = stack.enter_context(device.module(image)).kernel("affine")
        stream = stack.enter_context(device.stream())

        def work():
            stream.copy_in(memory[0], host_in)
            arguments = [memory[1], memory[0], np.int32(SIZE), np.float32(3)]
            kernel.launch(stream, GRID, BLOCK, arguments)
            stream.copy_out(host_out, memory[1])

        graph = stack.enter_context(stream.capture(work))
        wrong = 0
        for frame in range(frames):
            host_in.array[:] = frame_of(frame)
            stream.launch(graph)
            stream.synchronize()
            wrong += not np.array_equal(host_out.array, expected(frame))
        return wrong
