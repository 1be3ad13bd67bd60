/* A CUDA driver on host memory, for tests only: what the files of this folder share.
 *
 * It backs device memory with host memory and runs streams on threads, so that the two Python
 * bindings run their real code against it. It is stricter than a device where that finds faults:
 * memory is poisoned before its first write, while a copy is under way and after its release;
 * what a driver would let pass by luck is a violation that the test reads afterwards.
 */
#ifndef LEUKOSCOPE_EMULATED_CUDA_H
#define LEUKOSCOPE_EMULATED_CUDA_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int CUresult;
typedef int CUdevice;
typedef uint64_t CUdeviceptr;
typedef void (*CUhostFn)(void *);

enum {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NOT_INITIALIZED = 3,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    INVALID_HANDLE = 400,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
    NOT_SUPPORTED = 801,
    CAPTURE_UNSUPPORTED = 900,
    CAPTURE_INVALIDATED = 901,
    CAPTURE_UNMATCHED = 903,
    CAPTURE_UNJOINED = 904,
    CAPTURE_ISOLATION = 905,
    CAPTURED_EVENT = 907,
    CAPTURE_WRONG_THREAD = 908,
};

typedef enum { CONTEXT, DEVICE_MEMORY, HOST_MEMORY, STREAM, EVENT, RECORDING, GRAPH, MODULE, KINDS } Kind;

typedef struct Context Context;
typedef struct Stream Stream;
typedef struct Event Event;
typedef struct Graph Graph;
typedef struct Kernel Kernel;
typedef struct Op Op;

/* Every handle starts with this; none is ever freed, so that a stale one is recognised. */
typedef struct Object {
    Kind kind;
    bool live;
    Context *context;
    struct Object *next;
} Object;

struct Context {
    Object object;
    CUresult sticky; /* what failed on the device; every later call returns it */
    bool dead;
};

typedef struct Block {
    Object object;
    uint8_t *device; /* where device work sees it, NULL where it cannot */
    uint8_t *host;   /* where the program sees it, NULL for device memory */
    size_t size, room;
} Block;

typedef enum { COPY_IN, COPY_OUT, SET, RECORD, WAIT, HOST_CALL, LAUNCH, GRAPH_LAUNCH } Action;

/* A piece of work: on a stream, or a node of a graph. */
struct Op {
    Action action;
    uint8_t *to, *from;
    size_t size;
    uint8_t value;
    Event *event;
    Stream *awaited; /* WAIT: until `awaited` has done `position` pieces */
    long position;
    CUhostFn function;
    void *data;
    Kernel *kernel;
    unsigned grid[3], block[3];
    uint8_t *arguments;
    Graph *graph;
    int *after, after_count; /* nodes of a graph that come first */
    Op *next;
};

typedef struct Capture {
    Stream *origin;
    pthread_t thread;
    bool invalid, over;
    Op *nodes;
    int count;
} Capture;

typedef struct Nodes {
    int *index, count;
} Nodes;

struct Stream {
    Object object;
    Op *first, *last;
    long enqueued, done, demanded;
    bool destroyed;
    Capture *capture;
    Nodes tip; /* nodes that what comes next in the capture depends on */
    pthread_t thread;
};

struct Event {
    Object object;
    unsigned flags;
    Stream *stream;
    long position;
    double time_ms;
    Capture *capture;
    Nodes tip;
};

struct Graph { /* both what a capture returns and what is launched */
    Object object;
    Op *nodes;
    int count;
    Stream *last_stream;
    long last_position;
};

/* state.c: one lock for everything, the configuration, failures on demand, violations */
extern pthread_mutex_t lock;
extern pthread_cond_t changed;
extern struct Settings {
    long seed, delay_us, lazy, memory_mb, integrated, major, minor, version, devices;
} settings;
CUresult enter(const char *call);
CUresult leave(CUresult result);
CUresult usable(void);
void violation(const char *format, ...);
uint32_t random_below(uint32_t bound);
void pause_randomly(void);
double now_ms(void);
CUresult work_failure(void);
void read_environment(void);

/* objects.c */
void *new_object(Kind kind, size_t size, Context *context);
CUresult known(const void *handle, Kind kind);
void retire(Object *object);
Object *objects(void);

/* contexts.c */
Context *current_context(void);

/* memory.c */
bool reaches(const uint8_t *address, size_t size, bool on_device);
void poison(uint8_t *address, size_t size, int value);
void release_block(Block *block);
enum { FRESH = 0xCD, IN_FLIGHT = 0xDB, FREED = 0xDD, MARGIN = 0xEE };

/* streams.c */
CUresult submit(Stream *stream, Op op);
CUresult await_streams(Context *context, Stream *only);
void await_position(Stream *stream, long position);
void execute(const Op *op, Context *context);
void demand(Stream *stream, long position);

/* graphs.c */
CUresult add_node(Stream *stream, Op op);
CUresult capture_forbids(void);
void end_captures(const Context *context);
CUresult invalidate(Capture *capture, CUresult reason);
CUresult record_in_capture(Event *event, Stream *stream);
CUresult wait_in_capture(Stream *stream, Event *event);
void run_graph(const Graph *graph, Context *context);

/* kernels.c */
void run_kernel(const Op *op);
void unload(Object *module);

/* A call that a failure can be injected into before it does anything. */
#define BEGIN(call) \
    CUresult refused = enter(call); \
    if (refused == SUCCESS) refused = usable(); \
    if (refused != SUCCESS) return leave(refused)

/* A release does its work and then reports the injected failure, as drivers report earlier faults. */
#define BEGIN_RELEASE(call) \
    CUresult refused = enter(call); \
    CUresult broken = usable(); \
    if (broken != SUCCESS) return leave(broken)
#define END_RELEASE(result) return leave((result) != SUCCESS ? (result) : refused)

#endif
