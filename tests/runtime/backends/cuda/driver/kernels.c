/* Modules and kernels: the image is a shared object for the host, made by the test from C.
 *
 * A kernel NAME is `void NAME(void **parameters, const unsigned *grid, const unsigned *block)`, which
 * does the work of all threads; `const unsigned NAME_parameters[]` holds the size of each, then 0.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "emulator.h"

enum { MOST = 16, PARAMETER_BYTES = 256 };

struct Kernel {
    void (*run)(void **, const unsigned *, const unsigned *);
    const unsigned *sizes;
    struct Module *module;
};

typedef struct Module {
    Object object;
    void *library;
} Module;

static size_t image_size(const void *image) {
    const Elf64_Ehdr *header = image;
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) || header->e_ident[EI_CLASS] != ELFCLASS64) return 0;
    return header->e_shoff + (size_t)header->e_shnum * header->e_shentsize;
}

static void *open_image(const void *image) {
    size_t size = image_size(image);
    int file = size ? memfd_create("emulated-module", 0) : -1;
    if (file < 0) return NULL;
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    void *library = write(file, image, size) == (ssize_t)size ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    close(file);
    return library;
}

static CUresult load(Module **made, const void *image, const char *call) {
    BEGIN(call);
    void *library = open_image(image);
    if (!library) return leave(INVALID_IMAGE);
    Module *module = new_object(MODULE, sizeof *module, current_context());
    module->library = library;
    *made = module;
    return leave(SUCCESS);
}

CUresult cuModuleLoadData(Module **made, const void *image) { return load(made, image, "cuModuleLoadData"); }

/* The log sizes go back through the values: (1) of the information log, (3) of the error log. */
CUresult cuModuleLoadDataEx(Module **made, const void *image, unsigned count, int *options, void **values) {
    for (unsigned i = 0; i < count; i++)
        if (options[i] == 4 || options[i] == 6) values[i] = NULL; /* CU_JIT_*_LOG_BUFFER_SIZE_BYTES */
    return load(made, image, "cuModuleLoadDataEx");
}

void unload(Object *object) {
    Module *module = (Module *)object;
    if (module->library) dlclose(module->library);
    module->library = NULL;
    retire(object);
}

CUresult cuModuleUnload(Module *module) {
    BEGIN_RELEASE("cuModuleUnload");
    CUresult result = known(module, MODULE);
    if (result == SUCCESS) unload(&module->object);
    END_RELEASE(result);
}

CUresult cuModuleGetFunction(Kernel **found, Module *module, const char *name) {
    BEGIN("cuModuleGetFunction");
    CUresult result = known(module, MODULE);
    if (result != SUCCESS) return leave(result);
    char table[128];
    snprintf(table, sizeof table, "%s_parameters", name);
    void *run = dlsym(module->library, name), *sizes = dlsym(module->library, table);
    if (!run || !sizes) return leave(NOT_FOUND);
    Kernel *kernel = calloc(1, sizeof *kernel); /* never freed: a driver's belongs to its module */
    memcpy(&kernel->run, &run, sizeof run);
    kernel->sizes = sizes, kernel->module = module;
    *found = kernel;
    return leave(SUCCESS);
}

/* Deprecated for long, and made by pycuda before every launch all the same. */
CUresult cuFuncSetBlockShape(Kernel *kernel, int x, int y, int z) {
    BEGIN("cuFuncSetBlockShape");
    CUresult result = known(kernel->module, MODULE);
    return leave(result ? result : x < 1 || y < 1 || z < 1 || x * y * z > 1024 ? INVALID_VALUE : SUCCESS);
}

static size_t place(size_t offset, unsigned size) { return (offset + size - 1) / size * size; }

/* Copies the arguments at the launch, from an array of pointers or from one packed buffer. */
static CUresult pack(const Kernel *kernel, void **parameters, void **extra, uint8_t *packed) {
    size_t offset = 0, size = 0;
    for (int i = 0; kernel->sizes[i]; i++) {
        offset = place(offset, kernel->sizes[i]);
        if (parameters) memcpy(packed + offset, parameters[i], kernel->sizes[i]);
        offset += kernel->sizes[i];
    }
    if (parameters) return SUCCESS;
    const void *buffer = NULL;
    for (int i = 0; extra && extra[i]; i += 2) {
        if (extra[i] == (void *)1) buffer = extra[i + 1]; /* CU_LAUNCH_PARAM_BUFFER_POINTER */
        else size = *(size_t *)extra[i + 1];              /* CU_LAUNCH_PARAM_BUFFER_SIZE */
    }
    if (size != offset) violation("a kernel of %zu bytes of parameters is given %zu", offset, size);
    if (!buffer || size != offset) return INVALID_VALUE;
    memcpy(packed, buffer, size);
    return SUCCESS;
}

CUresult cuLaunchKernel(Kernel *kernel, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                        unsigned shared, Stream *stream, void **parameters, void **extra) {
    (void)shared;
    BEGIN("cuLaunchKernel");
    CUresult result = known(stream, STREAM);
    if (result == SUCCESS) result = known(kernel->module, MODULE);
    if (result == SUCCESS && (!gx || !gy || !gz || !bx || !by || !bz || bx * by * bz > 1024)) result = INVALID_VALUE;
    if (result != SUCCESS) return leave(result);
    uint8_t *packed = calloc(1, PARAMETER_BYTES);
    result = pack(kernel, parameters, extra, packed);
    Op op = {.action = LAUNCH, .kernel = kernel, .grid = {gx, gy, gz}, .block = {bx, by, bz}, .arguments = packed};
    return leave(result ? result : submit(stream, op));
}

void run_kernel(const Op *op) {
    void *pointers[MOST] = {0};
    size_t offset = 0;
    if (!op->kernel->module->library) {
        pthread_mutex_lock(&lock);
        violation("a kernel runs after its module was unloaded");
        pthread_mutex_unlock(&lock);
        return;
    }
    for (int i = 0; i < MOST && op->kernel->sizes[i]; i++) {
        offset = place(offset, op->kernel->sizes[i]);
        pointers[i] = op->arguments + offset;
        offset += op->kernel->sizes[i];
    }
    op->kernel->run(pointers, op->grid, op->block);
}
