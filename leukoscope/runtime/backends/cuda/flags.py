"""The driver's flags that both bindings pass, by the names of cuda.h."""

SCHED_BLOCKING_SYNC, MAP_HOST = 0x04, 0x08
CONTEXT_FLAGS = SCHED_BLOCKING_SYNC | MAP_HOST
"""CU_CTX_*. Our choice: a thread that waits sleeps; spinning would take a core from the decoder."""
NON_BLOCKING = 0x01
"""CU_STREAM_NON_BLOCKING."""
BLOCKING_EVENT, UNTIMED_EVENT = 0x01, 0x02
"""CU_EVENT_BLOCKING_SYNC, CU_EVENT_DISABLE_TIMING."""
MAPPED_HOST = 0x02
"""CU_MEMHOSTALLOC_DEVICEMAP."""
