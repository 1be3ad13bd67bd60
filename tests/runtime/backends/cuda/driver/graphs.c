/* Graphs: work recorded from streams with what each piece depends on, and run in any order that respects it. */
#include <stdlib.h>
#include <string.h>

#include "emulator.h"

static Capture *open_captures[16];
enum { CAPTURES = sizeof open_captures / sizeof *open_captures };

static void add_index(Nodes *nodes, int index) {
    for (int i = 0; i < nodes->count; i++)
        if (nodes->index[i] == index) return;
    nodes->index = realloc(nodes->index, (size_t)(nodes->count + 1) * sizeof(int));
    nodes->index[nodes->count++] = index;
}

static void add_all(Nodes *nodes, const Nodes *more) {
    for (int i = 0; i < more->count; i++) add_index(nodes, more->index[i]);
}

static void clear(Nodes *nodes) {
    free(nodes->index);
    *nodes = (Nodes){0};
}

CUresult invalidate(Capture *capture, CUresult reason) {
    if (!capture->over) capture->invalid = true;
    return reason;
}

/* Calls that a thread may not make while it records (CU_STREAM_CAPTURE_MODE_THREAD_LOCAL). */
CUresult capture_forbids(void) {
    for (int i = 0; i < CAPTURES; i++)
        if (open_captures[i] && pthread_equal(open_captures[i]->thread, pthread_self()))
            return invalidate(open_captures[i], CAPTURE_UNSUPPORTED);
    return SUCCESS;
}

CUresult add_node(Stream *stream, Op op) {
    Capture *capture = stream->capture;
    if (capture->invalid) return CAPTURE_INVALIDATED;
    capture->nodes = realloc(capture->nodes, (size_t)(capture->count + 1) * sizeof op);
    op.after = stream->tip.index, op.after_count = stream->tip.count;
    capture->nodes[capture->count] = op;
    stream->tip = (Nodes){0};
    add_index(&stream->tip, capture->count++);
    return SUCCESS;
}

CUresult record_in_capture(Event *event, Stream *stream) {
    clear(&event->tip);
    add_all(&event->tip, &stream->tip);
    event->capture = stream->capture;
    return SUCCESS;
}

CUresult wait_in_capture(Stream *stream, Event *event) {
    if (!event->capture) return invalidate(stream->capture, CAPTURE_ISOLATION);
    if (event->capture->over) return INVALID_VALUE;
    if (stream->capture && stream->capture != event->capture) return invalidate(stream->capture, CAPTURE_ISOLATION);
    stream->capture = event->capture;
    add_all(&stream->tip, &event->tip);
    return SUCCESS;
}

CUresult cuStreamBeginCapture_v2(Stream *stream, int mode) {
    BEGIN("cuStreamBeginCapture");
    CUresult result = known(stream, STREAM);
    if (result != SUCCESS) return leave(result);
    if (mode != 1) violation("a capture that other threads can spoil");
    if (stream->capture) return leave(invalidate(stream->capture, INVALID_VALUE));
    Capture *capture = calloc(1, sizeof *capture);
    capture->origin = stream, capture->thread = pthread_self();
    for (int i = 0; i < CAPTURES; i++)
        if (!open_captures[i]) {
            open_captures[i] = capture;
            break;
        }
    stream->capture = capture;
    return leave(SUCCESS);
}

static void mark(const Capture *capture, int node, bool *seen) {
    if (seen[node]) return;
    seen[node] = true;
    for (int i = 0; i < capture->nodes[node].after_count; i++) mark(capture, capture->nodes[node].after[i], seen);
}

/* Every recorded node must lie before the end of the stream that the capture began on. */
static bool joined(const Capture *capture) {
    bool *seen = calloc((size_t)capture->count + 1, sizeof *seen), all = true;
    for (int i = 0; i < capture->origin->tip.count; i++) mark(capture, capture->origin->tip.index[i], seen);
    for (int i = 0; i < capture->count; i++) all = all && seen[i];
    free(seen);
    return all;
}

static void close_capture(Capture *capture) {
    capture->over = true;
    for (int i = 0; i < CAPTURES; i++)
        if (open_captures[i] == capture) open_captures[i] = NULL;
    for (Object *object = objects(); object; object = object->next) {
        Stream *stream = (Stream *)object;
        if (object->kind != STREAM || stream->capture != capture) continue;
        stream->capture = NULL;
        clear(&stream->tip);
    }
}

/* A context takes the captures on its streams with it, also those that a failed device would not let anybody end. */
void end_captures(const Context *context) {
    for (int i = 0; i < CAPTURES; i++)
        if (open_captures[i] && open_captures[i]->origin->object.context == context) close_capture(open_captures[i]);
}

static Graph *new_graph(Kind kind, Op *nodes, int count) {
    Graph *graph = new_object(kind, sizeof *graph, current_context());
    graph->nodes = nodes, graph->count = count;
    return graph;
}

/* Ends the capture even where a failure is injected: a driver's stream does not stay in it. */
CUresult cuStreamEndCapture(Stream *stream, Graph **made) {
    BEGIN_RELEASE("cuStreamEndCapture");
    CUresult result = known(stream, STREAM);
    *made = NULL;
    if (result != SUCCESS) return leave(result);
    Capture *capture = stream->capture;
    if (!capture || capture->origin != stream) return leave(CAPTURE_UNMATCHED);
    if (!pthread_equal(capture->thread, pthread_self())) return leave(CAPTURE_WRONG_THREAD);
    result = capture->invalid ? CAPTURE_INVALIDATED : joined(capture) ? refused : CAPTURE_UNJOINED;
    close_capture(capture);
    if (result == SUCCESS) *made = new_graph(RECORDING, capture->nodes, capture->count);
    return leave(result);
}

CUresult cuStreamIsCapturing(Stream *stream, int *status) {
    BEGIN("cuStreamIsCapturing");
    CUresult result = known(stream, STREAM);
    *status = result != SUCCESS || !stream->capture ? 0 : stream->capture->invalid ? 2 : 1;
    return leave(result);
}

CUresult cuGraphInstantiateWithFlags(Graph **made, Graph *recording, uint64_t flags) {
    (void)flags;
    BEGIN("cuGraphInstantiateWithFlags");
    CUresult result = known(recording, RECORDING);
    if (result == SUCCESS) *made = new_graph(GRAPH, recording->nodes, recording->count);
    return leave(result);
}

static CUresult destroy(Graph *graph, Kind kind, const char *call) {
    BEGIN_RELEASE(call);
    CUresult result = known(graph, kind);
    if (result == SUCCESS) retire(&graph->object);
    END_RELEASE(result);
}

CUresult cuGraphDestroy(Graph *graph) { return destroy(graph, RECORDING, "cuGraphDestroy"); }

CUresult cuGraphExecDestroy(Graph *graph) { return destroy(graph, GRAPH, "cuGraphExecDestroy"); }

/* A launch comes after earlier work of its stream and after the graph's own earlier launches. */
CUresult cuGraphLaunch(Graph *graph, Stream *stream) {
    BEGIN("cuGraphLaunch");
    CUresult result = known(graph, GRAPH);
    if (result == SUCCESS) result = known(stream, STREAM);
    if (result == SUCCESS && stream->capture) result = invalidate(stream->capture, CAPTURE_UNSUPPORTED);
    if (result != SUCCESS) return leave(result);
    if (graph->last_stream && graph->last_stream != stream)
        submit(stream, (Op){.action = WAIT, .awaited = graph->last_stream, .position = graph->last_position});
    submit(stream, (Op){.action = GRAPH_LAUNCH, .graph = graph});
    graph->last_stream = stream, graph->last_position = stream->enqueued;
    return leave(SUCCESS);
}

static bool ready(const Op *node, const bool *done) {
    for (int i = 0; i < node->after_count; i++)
        if (!done[node->after[i]]) return false;
    return true;
}

/* Runs the nodes one by one, each time any that is ready: branches come in either order. */
void run_graph(const Graph *graph, Context *context) {
    bool *done = calloc((size_t)graph->count + 1, sizeof *done);
    for (int left = graph->count; left; left--) {
        pthread_mutex_lock(&lock);
        int node = (int)random_below((uint32_t)graph->count);
        pthread_mutex_unlock(&lock);
        while (done[node] || !ready(&graph->nodes[node], done)) node = (node + 1) % graph->count;
        execute(&graph->nodes[node], context);
        done[node] = true;
    }
    free(done);
}
