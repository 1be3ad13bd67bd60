/* Device memory, and page-locked host memory with a device address of its own. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "emulator.h"

enum { PAGE = 4096, QUARANTINE = 64 };
static Block *quarantine[QUARANTINE];
static int quarantined;
static size_t used;

static size_t total(void) { return (size_t)settings.memory_mb << 20; }

void poison(uint8_t *address, size_t size, int value) { memset(address, value, size); }

/* Two mappings of the same pages: the address of the host is not the address of the device. */
static bool map(Block *block, bool host, bool mapped) {
    int file = memfd_create("emulated-cuda", 0);
    if (file < 0 || ftruncate(file, (off_t)block->room)) return false;
    uint8_t *first = mmap(NULL, block->room, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    uint8_t *second = host && mapped ? mmap(NULL, block->room, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : NULL;
    close(file);
    if (first == MAP_FAILED || second == MAP_FAILED) return false;
    block->host = host ? first : NULL;
    block->device = host ? second : first;
    poison(first, block->size, FRESH);
    poison(first + block->size, block->room - block->size, MARGIN);
    return true;
}

static CUresult allocate(size_t size, bool host, bool mapped, Block **made) {
    CUresult forbidden = capture_forbids();
    if (forbidden) return forbidden;
    if (!size) return INVALID_VALUE;
    if (used + size > total()) return OUT_OF_MEMORY;
    Block *block = new_object(host ? HOST_MEMORY : DEVICE_MEMORY, sizeof *block, current_context());
    block->size = size, block->room = (size + PAGE - 1) / PAGE * PAGE;
    if (!map(block, host, mapped)) {
        retire(&block->object);
        return OUT_OF_MEMORY;
    }
    used += size;
    *made = block;
    return SUCCESS;
}

static Block *block_at(uint64_t address, bool host) {
    for (Object *object = objects(); object; object = object->next) {
        Block *block = (Block *)object;
        if (object->kind != (host ? HOST_MEMORY : DEVICE_MEMORY) || !object->live) continue;
        if ((uint64_t)(uintptr_t)(host ? block->host : block->device) == address) return block;
    }
    return NULL;
}

/* Whether live memory of the right side covers the range: device work at a device address, or pinned. */
bool reaches(const uint8_t *address, size_t size, bool on_device) {
    for (Object *object = objects(); object; object = object->next) {
        if (!object->live || (object->kind != HOST_MEMORY && object->kind != DEVICE_MEMORY)) continue;
        Block *block = (Block *)object;
        const uint8_t *start = on_device ? block->device : block->host;
        if (start && address >= start && address + size <= start + block->size) return true;
    }
    return false;
}

static void unmap(Block *block) {
    if (block->host) munmap(block->host, block->room);
    if (block->device) munmap(block->device, block->room);
    block->host = block->device = NULL;
}

/* Freed memory stays readable for a while, full of poison, so that late readers see it. */
void release_block(Block *block) {
    uint8_t *start = block->host ? block->host : block->device;
    for (size_t i = block->size; i < block->room; i++)
        if (start[i] != MARGIN) {
            violation("something wrote beyond the end of a block of %zu bytes", block->size);
            break;
        }
    poison(start, block->size, FREED);
    used -= block->size;
    retire(&block->object);
    int slot = quarantined++ % QUARANTINE;
    if (quarantine[slot]) unmap(quarantine[slot]);
    quarantine[slot] = block;
}

static CUresult release(uint64_t address, bool host) {
    CUresult forbidden = capture_forbids();
    if (forbidden) return forbidden;
    Block *block = block_at(address, host);
    if (!block) {
        violation("%s memory is freed that is not there (twice?)", host ? "host" : "device");
        return INVALID_VALUE;
    }
    CUresult foreign = known(&block->object, block->object.kind);
    if (foreign == SUCCESS) release_block(block);
    return foreign;
}

CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t size) {
    BEGIN("cuMemAlloc");
    Block *block = NULL;
    CUresult result = allocate(size, false, false, &block);
    if (result == SUCCESS) *address = (CUdeviceptr)(uintptr_t)block->device;
    return leave(result);
}

CUresult cuMemFree_v2(CUdeviceptr address) {
    BEGIN_RELEASE("cuMemFree");
    CUresult result = release(address, false);
    END_RELEASE(result);
}

CUresult cuMemHostAlloc(void **address, size_t size, unsigned flags) {
    BEGIN("cuMemHostAlloc");
    Block *block = NULL;
    CUresult result = allocate(size, true, flags & 2, &block);
    if (result == SUCCESS) *address = block->host;
    return leave(result);
}

CUresult cuMemFreeHost(void *address) {
    BEGIN_RELEASE("cuMemFreeHost");
    CUresult result = release((uint64_t)(uintptr_t)address, true);
    END_RELEASE(result);
}

CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr *device, void *host, unsigned flags) {
    (void)flags;
    BEGIN("cuMemHostGetDevicePointer");
    Block *block = block_at((uint64_t)(uintptr_t)host, true);
    if (!block || !block->device) return leave(INVALID_VALUE);
    *device = (CUdeviceptr)(uintptr_t)block->device;
    return leave(SUCCESS);
}

CUresult cuMemGetInfo_v2(size_t *free_bytes, size_t *total_bytes) {
    BEGIN("cuMemGetInfo");
    *free_bytes = total() - used, *total_bytes = total();
    return leave(SUCCESS);
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
    (void)device;
    CUresult refused = enter("cuDeviceTotalMem");
    *bytes = total();
    return leave(refused);
}

/* For a test's own device work: whether a device address range is live memory. */
int emulator_reaches(CUdeviceptr address, size_t size) {
    pthread_mutex_lock(&lock);
    bool there = reaches((uint8_t *)(uintptr_t)address, size, true);
    pthread_mutex_unlock(&lock);
    return there;
}
