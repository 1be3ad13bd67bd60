/* How the bindings find the driver's functions, and the driver's words for its errors. */
#include <string.h>

#include "emulator.h"

#define DECLARE(symbol) CUresult symbol(void);
#define ROW(name, symbol, since, until) {name, (void (*)(void))symbol, since, until},
#define SAME(name) ROW(#name, name, 0, 99999)
#define V2(name) ROW(#name, name##_v2, 0, 99999)

typedef void (*Function)(void);
#define CALLS(same, v2) \
    same(cuInit) same(cuDriverGetVersion) same(cuDeviceGet) same(cuDeviceGetCount) same(cuDeviceGetName) \
    same(cuDeviceComputeCapability) same(cuDeviceGetAttribute) v2(cuDeviceTotalMem) v2(cuCtxDestroy) \
    same(cuCtxDetach) v2(cuCtxPushCurrent) v2(cuCtxPopCurrent) same(cuCtxGetCurrent) same(cuCtxSetCurrent) \
    v2(cuMemAlloc) v2(cuMemFree) same(cuMemHostAlloc) same(cuMemFreeHost) v2(cuMemHostGetDevicePointer) \
    v2(cuMemGetInfo) v2(cuMemcpyHtoDAsync) v2(cuMemcpyDtoHAsync) same(cuMemsetD8Async) same(cuStreamCreate) \
    v2(cuStreamDestroy) same(cuStreamSynchronize) same(cuStreamQuery) same(cuStreamWaitEvent) same(cuEventCreate) \
    v2(cuEventDestroy) same(cuEventRecord) same(cuEventQuery) same(cuEventSynchronize) v2(cuEventElapsedTime) \
    v2(cuStreamBeginCapture) same(cuStreamEndCapture) same(cuStreamIsCapturing) same(cuGraphInstantiateWithFlags) \
    same(cuGraphDestroy) same(cuGraphExecDestroy) same(cuGraphLaunch) same(cuModuleLoadData) \
    same(cuModuleLoadDataEx) same(cuModuleUnload) same(cuModuleGetFunction) same(cuLaunchKernel) \
    same(cuGetErrorName) same(cuGetErrorString)

#define EXTERN_SAME(name) extern CUresult name();
#define EXTERN_V2(name) extern CUresult name##_v2();
CALLS(EXTERN_SAME, EXTERN_V2)
extern CUresult cuCtxCreate_v2(), cuCtxCreate_v4(), cuCtxGetDevice(), cuCtxSynchronize(), cuLaunchHostFunc();
CUresult cuGetProcAddress_v2();

/* A binding asks for the variant of some CUDA version, which lies in [since, until); an old driver lacks late ones. */
static const struct { const char *name; Function function; int since, until; } table[] = {
    CALLS(SAME, V2)
    ROW("cuCtxCreate", cuCtxCreate_v2, 0, 11040)
    ROW("cuCtxCreate", cuCtxCreate_v4, 12050, 99999)
    ROW("cuCtxGetDevice", cuCtxGetDevice, 0, 13000)
    ROW("cuCtxSynchronize", cuCtxSynchronize, 0, 13000)
    ROW("cuLaunchHostFunc", cuLaunchHostFunc, 0, 13020)
    ROW("cuGetProcAddress", cuGetProcAddress_v2, 12000, 99999)
};

CUresult cuGetProcAddress_v2(const char *name, void **found, int version, uint64_t flags, int *status) {
    (void)flags;
    *found = NULL;
    read_environment();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(table[i].name, name) && version >= table[i].since && version < table[i].until &&
            table[i].since <= settings.version)
            memcpy(found, &table[i].function, sizeof *found);
    if (status) *status = *found ? 0 : 1; /* CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND */
    return *found ? SUCCESS : NOT_FOUND;
}

CUresult cuGetProcAddress(const char *name, void **found, int version, uint64_t flags) {
    return cuGetProcAddress_v2(name, found, version, flags, NULL);
}

static const struct { CUresult code; const char *name, *text; } errors[] = {
    {SUCCESS, "CUDA_SUCCESS", "no error"},
    {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
    {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {NOT_SUPPORTED, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
    {CAPTURE_UNMATCHED, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not initiated in this stream"},
    {CAPTURE_UNJOINED, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"},
    {CAPTURE_ISOLATION, "CUDA_ERROR_STREAM_CAPTURE_ISOLATION", "dependency created on uncaptured work in another stream"},
    {CAPTURED_EVENT, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"},
    {CAPTURE_WRONG_THREAD, "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD", "attempt to terminate a thread-local capture sequence from another thread"},
    {999, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

static CUresult words(CUresult code, const char **word, bool name) {
    *word = NULL;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].code == code) *word = name ? errors[i].name : errors[i].text;
    return *word ? SUCCESS : INVALID_VALUE;
}

CUresult cuGetErrorName(CUresult code, const char **word) { return words(code, word, true); }

CUresult cuGetErrorString(CUresult code, const char **word) { return words(code, word, false); }
