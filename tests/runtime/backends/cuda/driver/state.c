/* What the whole emulator shares, and what a test reads and sets: names that start with emulator_. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "emulator.h"

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
struct Settings settings = {1, 200, 0, 1024, 0, 8, 7, 13000, 1};

enum { NAMES = 256, VIOLATIONS = 64, TEXT = 200 };
static struct { const char *name; long calls; } counters[NAMES];
static int counter_count;
static char violations[VIOLATIONS][TEXT];
static int violation_count;
static struct { char call[64]; long nth, seen; int code; bool onward; } failure;
static char failed_call[64];
static struct { long nth, seen; int code; } broken_work;
static uint64_t random_state;

static long *setting(const char *key) {
    static const char *const keys[] = {
        "seed", "delay_us", "lazy", "memory_mb", "integrated", "major", "minor", "version", "devices"};
    long *values = (long *)&settings;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strcmp(key, keys[i])) return &values[i];
    return NULL;
}

int emulator_set(const char *key, long value) {
    long *place = setting(key);
    if (place) *place = value;
    if (place == &settings.seed) random_state = 0;
    return place ? 0 : -1;
}

/* EMULATED_CUDA="lazy=1 seed=7" sets before the first call what emulator_set sets later. */
void read_environment(void) {
    static bool done;
    const char *text = done ? NULL : getenv("EMULATED_CUDA");
    done = true;
    char copy[256], *rest = copy, *word;
    if (!text || strlen(text) >= sizeof copy) return;
    strcpy(copy, text);
    while ((word = strsep(&rest, " "))) {
        char *equals = strchr(word, '=');
        if (equals) *equals = 0, emulator_set(word, atol(equals + 1));
    }
}

static void count(const char *call) {
    for (int i = 0; i < counter_count; i++)
        if (!strcmp(counters[i].name, call)) {
            counters[i].calls++;
            return;
        }
    if (counter_count < NAMES) counters[counter_count].name = call, counters[counter_count++].calls = 1;
}

static CUresult injected(const char *call) {
    if (!failure.nth || (*failure.call && strcmp(failure.call, call))) return SUCCESS;
    failure.seen++;
    if (failure.seen != failure.nth && !(failure.onward && failure.seen > failure.nth)) return SUCCESS;
    snprintf(failed_call, sizeof failed_call, "%s", call);
    return failure.code;
}

/* Takes the lock, counts the call, and returns the failure that a test asked for here. */
CUresult enter(const char *call) {
    pthread_mutex_lock(&lock);
    read_environment();
    count(call);
    return injected(call);
}

CUresult leave(CUresult result) {
    pthread_mutex_unlock(&lock);
    return result;
}

/* What every call that needs a context returns before it does anything. */
CUresult usable(void) {
    Context *context = current_context();
    if (!context) return INVALID_CONTEXT;
    return context->sticky;
}

void violation(const char *format, ...) {
    va_list values;
    va_start(values, format);
    if (violation_count < VIOLATIONS) vsnprintf(violations[violation_count], TEXT, format, values);
    violation_count++;
    va_end(values);
}

uint32_t random_below(uint32_t bound) {
    if (!random_state) random_state = 0x9E3779B97F4A7C15u * (uint64_t)(settings.seed + 1) | 1;
    random_state ^= random_state << 13, random_state ^= random_state >> 7, random_state ^= random_state << 17;
    return bound ? (uint32_t)(random_state >> 33) % bound : 0;
}

/* Without the lock. Most pauses are short; one in eight is long enough to be overtaken. */
void pause_randomly(void) {
    pthread_mutex_lock(&lock);
    uint32_t longest = settings.lazy ? 0 : (uint32_t)settings.delay_us;
    uint32_t pause = random_below(random_below(8) ? longest / 8 + 1 : longest + 1);
    pthread_mutex_unlock(&lock);
    if (longest && pause) usleep(pause);
}

double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

/* The failure that a test asked for at this piece of device work. */
CUresult work_failure(void) {
    return broken_work.nth && ++broken_work.seen == broken_work.nth ? broken_work.code : SUCCESS;
}

/* The nth call of `call` ("" for any) from now on returns `code`; `onward`: and all later ones. */
void emulator_fail(const char *call, long nth, int code, int onward) {
    pthread_mutex_lock(&lock);
    memset(&failure, 0, sizeof failure);
    snprintf(failure.call, sizeof failure.call, "%s", call);
    failure.nth = nth, failure.code = code, failure.onward = onward;
    *failed_call = 0;
    pthread_mutex_unlock(&lock);
}

const char *emulator_failed(void) { return failed_call; }

void emulator_fail_work(long nth, int code) {
    pthread_mutex_lock(&lock);
    broken_work.nth = nth, broken_work.seen = 0, broken_work.code = code;
    pthread_mutex_unlock(&lock);
}

long emulator_calls(const char *call) {
    long sum = 0;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < counter_count; i++)
        if (!*call || !strcmp(call, counters[i].name)) sum += counters[i].calls;
    pthread_mutex_unlock(&lock);
    return sum;
}

int emulator_violations(void) { return violation_count; }

const char *emulator_violation(int index) {
    return index < violation_count && index < VIOLATIONS ? violations[index] : "";
}

void emulator_forget(void) {
    pthread_mutex_lock(&lock);
    violation_count = counter_count = 0;
    pthread_mutex_unlock(&lock);
    emulator_fail("", 0, 0, 0);
    emulator_fail_work(0, 0);
}
