/* The device, and the contexts: a stack for each thread, as the driver keeps it. */
#include <string.h>

#include "emulator.h"

enum { DEPTH = 8 };
static __thread Context *stack[DEPTH];
static __thread int depth;
static bool initialised;

Context *current_context(void) { return depth ? stack[depth - 1] : NULL; }

CUresult cuInit(unsigned flags) {
    (void)flags;
    CUresult refused = enter("cuInit");
    if (refused == SUCCESS && settings.devices < 1) refused = NO_DEVICE;
    initialised = initialised || refused == SUCCESS;
    return leave(refused);
}

CUresult cuDriverGetVersion(int *version) {
    CUresult refused = enter("cuDriverGetVersion");
    *version = (int)settings.version;
    return leave(refused);
}

CUresult cuDeviceGetCount(int *count) {
    CUresult refused = enter("cuDeviceGetCount");
    *count = (int)settings.devices;
    return leave(refused ? refused : initialised ? SUCCESS : NOT_INITIALIZED);
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
    CUresult refused = enter("cuDeviceGet");
    if (refused == SUCCESS && !initialised) refused = NOT_INITIALIZED;
    if (refused == SUCCESS && (ordinal < 0 || ordinal >= settings.devices)) refused = INVALID_DEVICE;
    *device = ordinal;
    return leave(refused);
}

CUresult cuDeviceGetName(char *name, int length, CUdevice device) {
    (void)device;
    CUresult refused = enter("cuDeviceGetName");
    strncpy(name, "Emulated CUDA device", (size_t)length);
    return leave(refused);
}

CUresult cuDeviceComputeCapability(int *major, int *minor, CUdevice device) {
    (void)device;
    CUresult refused = enter("cuDeviceComputeCapability");
    *major = (int)settings.major, *minor = (int)settings.minor;
    return leave(refused);
}

CUresult cuDeviceGetAttribute(int *value, int attribute, CUdevice device) {
    (void)device;
    CUresult refused = enter("cuDeviceGetAttribute");
    switch (attribute) { /* CU_DEVICE_ATTRIBUTE_* */
    case 18: *value = (int)settings.integrated; break;
    case 19: case 41: *value = 1; break; /* maps host memory; one address space */
    case 75: *value = (int)settings.major; break;
    case 76: *value = (int)settings.minor; break;
    default: *value = 0;
    }
    return leave(refused);
}

static CUresult create(Context **made, CUdevice device) {
    CUresult refused = enter("cuCtxCreate");
    if (refused == SUCCESS && !initialised) refused = NOT_INITIALIZED;
    if (refused == SUCCESS && (device < 0 || device >= settings.devices)) refused = INVALID_DEVICE;
    if (refused == SUCCESS && depth == DEPTH) refused = OUT_OF_MEMORY;
    if (refused == SUCCESS) *made = stack[depth++] = new_object(CONTEXT, sizeof(Context), NULL);
    return leave(refused);
}

CUresult cuCtxCreate_v2(Context **made, unsigned flags, CUdevice device) {
    (void)flags;
    return create(made, device);
}

CUresult cuCtxCreate_v4(Context **made, void *parameters, unsigned flags, CUdevice device) {
    (void)parameters, (void)flags;
    return create(made, device);
}

/* What is left in a context goes with it; what is still at work then reads and writes poison. */
static void sweep(Context *context) {
    for (Object *object = objects(); object; object = object->next) {
        if (!object->live || object->context != context) continue;
        if (object->kind == DEVICE_MEMORY || object->kind == HOST_MEMORY) release_block((Block *)object);
        else if (object->kind == MODULE) unload(object);
        else retire(object);
    }
}

static void report_work_in_flight(Context *context) {
    for (Object *object = objects(); object; object = object->next) {
        Stream *stream = (Stream *)object;
        if (object->kind == STREAM && object->context == context && stream->done < stream->enqueued)
            violation("the context is destroyed with work in flight");
    }
}

static CUresult destroy(Context *context, const char *call) {
    CUresult refused = enter(call);
    if (!context || !context->object.live) {
        violation("a context is destroyed twice");
        return leave(INVALID_CONTEXT);
    }
    if (current_context() != context) violation("a context is destroyed that is not current");
    else depth--;
    if (!context->sticky) report_work_in_flight(context);
    context->dead = true;
    end_captures(context);
    sweep(context);
    retire(&context->object);
    pthread_cond_broadcast(&changed);
    return leave(refused);
}

CUresult cuCtxDestroy_v2(Context *context) { return destroy(context, "cuCtxDestroy"); }

CUresult cuCtxDetach(Context *context) { return destroy(context, "cuCtxDetach"); }

CUresult cuCtxPushCurrent_v2(Context *context) {
    CUresult refused = enter("cuCtxPushCurrent");
    if (refused == SUCCESS && (!context || !context->object.live || depth == DEPTH)) refused = INVALID_CONTEXT;
    if (refused == SUCCESS) stack[depth++] = context;
    return leave(refused);
}

CUresult cuCtxPopCurrent_v2(Context **popped) {
    CUresult refused = enter("cuCtxPopCurrent");
    if (!depth) return leave(INVALID_CONTEXT);
    Context *top = stack[--depth];
    if (popped) *popped = top;
    return leave(refused);
}

CUresult cuCtxGetCurrent(Context **context) {
    CUresult refused = enter("cuCtxGetCurrent");
    *context = current_context();
    return leave(refused);
}

CUresult cuCtxSetCurrent(Context *context) {
    CUresult refused = enter("cuCtxSetCurrent");
    if (refused != SUCCESS) return leave(refused);
    if (depth) depth--;
    if (context) stack[depth++] = context;
    return leave(SUCCESS);
}

CUresult cuCtxGetDevice(CUdevice *device) {
    BEGIN("cuCtxGetDevice");
    *device = 0;
    return leave(SUCCESS);
}

CUresult cuCtxSynchronize(void) {
    BEGIN("cuCtxSynchronize");
    CUresult forbidden = capture_forbids();
    return leave(forbidden ? forbidden : await_streams(current_context(), NULL));
}
