/* Streams: a thread each, which does its work in order and late. Events: points in a stream.
 *
 * The schedule is random pauses, or `lazy`: no work is done before something waits for it, and then
 * only what that needs. A wait that is left out then always shows: the result is still poison.
 */
#include <stdlib.h>
#include <string.h>

#include "emulator.h"

static bool may_go_on(const Stream *stream) {
    if (!stream->first || stream->object.context->dead) return false;
    return !settings.lazy || stream->destroyed || stream->demanded > stream->done;
}

static bool finished(const Stream *stream) {
    return stream->object.context->dead || (stream->destroyed && !stream->first);
}

/* Somebody needs the stream's first `position` pieces of work. */
void demand(Stream *stream, long position) {
    if (stream->demanded >= position) return;
    stream->demanded = position;
    pthread_cond_broadcast(&changed);
}

/* For a thread that works for a stream or waits for one; with the lock. */
void await_position(Stream *stream, long position) {
    demand(stream, position);
    while (stream->done < position && !stream->object.context->dead) pthread_cond_wait(&changed, &lock);
}

static CUresult check_copy(const Op *op) {
    bool in = op->action == COPY_IN;
    if (!reaches(op->to, op->size, in || op->action == SET)) {
        violation("work on the device writes memory that is not there (freed, too small, or not pinned)");
        return ILLEGAL_ADDRESS;
    }
    if (op->action != SET && !reaches(op->from, op->size, !in)) {
        violation("work on the device reads memory that is not there (freed, too small, or not pinned)");
        return ILLEGAL_ADDRESS;
    }
    return SUCCESS;
}

/* The target holds poison from the start of the copy to its end; the source is read at the end. */
static void move(const Op *op, Context *context) {
    pthread_mutex_lock(&lock);
    CUresult fault = check_copy(op);
    if (fault == SUCCESS) poison(op->to, op->size, IN_FLIGHT);
    else context->sticky = fault;
    pthread_mutex_unlock(&lock);
    if (fault != SUCCESS) return;
    pause_randomly();
    pthread_mutex_lock(&lock);
    if (check_copy(op) == SUCCESS) {
        if (op->action == SET) memset(op->to, op->value, op->size);
        else memcpy(op->to, op->from, op->size);
    }
    pthread_mutex_unlock(&lock);
}

/* Runs one piece of work without the lock. After a failure the context does no more. */
void execute(const Op *op, Context *context) {
    pthread_mutex_lock(&lock);
    CUresult failed = work_failure();
    if (failed != SUCCESS) context->sticky = failed;
    bool stopped = context->sticky != SUCCESS || context->dead;
    pthread_mutex_unlock(&lock);
    if (stopped) return;
    if (op->action == COPY_IN || op->action == COPY_OUT || op->action == SET) move(op, context);
    else if (op->action == HOST_CALL) op->function(op->data);
    else if (op->action == LAUNCH) run_kernel(op);
    else if (op->action == GRAPH_LAUNCH) run_graph(op->graph, context);
}

static void do_first(Stream *stream) {
    Op *op = stream->first;
    if (op->action == WAIT) {
        await_position(op->awaited, op->position);
    } else {
        pthread_mutex_unlock(&lock);
        pause_randomly();
        execute(op, stream->object.context);
        pthread_mutex_lock(&lock);
    }
    if (op->action == RECORD) op->event->time_ms = now_ms();
    stream->first = op->next;
    if (!stream->first) stream->last = NULL;
    stream->done++;
    free(op->arguments);
    free(op);
    pthread_cond_broadcast(&changed);
}

static void *work(void *argument) {
    Stream *stream = argument;
    pthread_mutex_lock(&lock);
    while (!finished(stream)) {
        if (may_go_on(stream)) do_first(stream);
        else pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

/* Puts work on a stream, or into the graph that is being recorded from it. */
CUresult submit(Stream *stream, Op op) {
    if (stream->capture) return add_node(stream, op);
    Op *piece = malloc(sizeof *piece);
    *piece = op;
    piece->next = NULL;
    if (stream->last) stream->last->next = piece;
    else stream->first = piece;
    stream->last = piece;
    stream->enqueued++;
    pthread_cond_broadcast(&changed);
    return SUCCESS;
}

/* Waits for all work of one stream, or of every stream of the context. */
CUresult await_streams(Context *context, Stream *only) {
    for (Object *object = objects(); object; object = object->next) {
        Stream *stream = (Stream *)object;
        if (object->kind != STREAM || object->context != context || (only && stream != only)) continue;
        await_position(stream, stream->enqueued);
    }
    return context->sticky;
}

static CUresult check(Stream *stream) { return known(stream, STREAM); }

CUresult cuStreamCreate(Stream **made, unsigned flags) {
    BEGIN("cuStreamCreate");
    if (!(flags & 1)) violation("a stream is made that waits for the default stream");
    Stream *stream = new_object(STREAM, sizeof *stream, current_context());
    if (pthread_create(&stream->thread, NULL, work, stream)) {
        retire(&stream->object);
        return leave(OUT_OF_MEMORY);
    }
    pthread_detach(stream->thread);
    *made = stream;
    return leave(SUCCESS);
}

CUresult cuStreamDestroy_v2(Stream *stream) {
    BEGIN_RELEASE("cuStreamDestroy");
    CUresult result = check(stream);
    if (result == SUCCESS) {
        if (stream->capture) invalidate(stream->capture, CAPTURE_UNSUPPORTED);
        stream->destroyed = true;
        retire(&stream->object);
        pthread_cond_broadcast(&changed);
    }
    END_RELEASE(result);
}

CUresult cuStreamSynchronize(Stream *stream) {
    BEGIN("cuStreamSynchronize");
    CUresult result = check(stream);
    if (result == SUCCESS && stream->capture) result = invalidate(stream->capture, CAPTURE_UNSUPPORTED);
    return leave(result ? result : await_streams(current_context(), stream));
}

CUresult cuStreamQuery(Stream *stream) {
    BEGIN("cuStreamQuery");
    CUresult result = check(stream);
    if (result == SUCCESS && stream->capture) result = invalidate(stream->capture, CAPTURE_UNSUPPORTED);
    if (result == SUCCESS && stream->done < stream->enqueued) result = NOT_READY;
    if (result == NOT_READY) demand(stream, stream->enqueued);
    return leave(result);
}

CUresult cuStreamWaitEvent(Stream *stream, Event *event, unsigned flags) {
    (void)flags;
    BEGIN("cuStreamWaitEvent");
    CUresult result = check(stream);
    if (result == SUCCESS) result = known(event, EVENT);
    if (result != SUCCESS) return leave(result);
    if (stream->capture || event->capture) return leave(wait_in_capture(stream, event));
    if (!event->stream) return leave(SUCCESS);
    Op op = {.action = WAIT, .awaited = event->stream, .position = event->position};
    return leave(submit(stream, op));
}

static CUresult copy(Stream *stream, Op op) {
    CUresult result = check(stream);
    return leave(result ? result : submit(stream, op));
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t size, Stream *stream) {
    BEGIN("cuMemcpyHtoDAsync");
    return copy(stream, (Op){.action = COPY_IN, .to = (uint8_t *)(uintptr_t)to, .from = (uint8_t *)from, .size = size});
}

CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t size, Stream *stream) {
    BEGIN("cuMemcpyDtoHAsync");
    return copy(stream, (Op){.action = COPY_OUT, .to = to, .from = (uint8_t *)(uintptr_t)from, .size = size});
}

CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t size, Stream *stream) {
    BEGIN("cuMemsetD8Async");
    return copy(stream, (Op){.action = SET, .to = (uint8_t *)(uintptr_t)to, .value = value, .size = size});
}

CUresult cuLaunchHostFunc(Stream *stream, CUhostFn function, void *data) {
    BEGIN("cuLaunchHostFunc");
    return copy(stream, (Op){.action = HOST_CALL, .function = function, .data = data});
}
