/* Every handle that was ever given out, so that a stale or foreign one is recognised. */
#include <stdlib.h>
#include <string.h>

#include "emulator.h"

static const char *const kinds[KINDS] = {
    "context", "device memory", "host memory", "stream", "event", "recording", "graph", "module"};
static Object *all;
static long live[KINDS], abandoned[KINDS];

Object *objects(void) { return all; }

void *new_object(Kind kind, size_t size, Context *context) {
    Object *object = calloc(1, size);
    object->kind = kind, object->live = true, object->context = context;
    object->next = all, all = object;
    live[kind]++;
    return object;
}

/* Whether a call may use the handle now; a foreign context is the fault that pycuda's rule guards. */
CUresult known(const void *handle, Kind kind) {
    for (Object *object = all; object; object = object->next)
        if (object == handle) {
            if (object->kind != kind || !object->live) break;
            if (object->context == current_context()) return SUCCESS;
            violation("a %s is used in another context than its own", kinds[kind]);
            return INVALID_HANDLE;
        }
    violation("a %s is used that is not there (released already?)", kinds[kind]);
    return INVALID_HANDLE;
}

static int kind_of(const char *name) {
    for (int kind = 0; kind < KINDS; kind++)
        if (!strcmp(name, kinds[kind])) return kind;
    return -1;
}

void retire(Object *object) {
    if (!object->live) return;
    object->live = false;
    live[object->kind]--;
    if (object->context && object->context->dead && object->kind != CONTEXT) abandoned[object->kind]++;
}

static long sum(const long *counts, const char *name) {
    long total = 0;
    pthread_mutex_lock(&lock);
    for (int kind = 0; kind < KINDS; kind++)
        if (!*name || kind == kind_of(name)) total += counts[kind];
    pthread_mutex_unlock(&lock);
    return total;
}

/* How many of a kind ("" for all) exist now. */
long emulator_live(const char *name) { return sum(live, name); }

/* How many of a kind were never released and went down with their context. */
long emulator_abandoned(const char *name) { return sum(abandoned, name); }
