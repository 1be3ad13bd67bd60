/* Events: the last record counts, as of the moment of the call that asks. */
#include "emulator.h"

enum { UNTIMED = 2 };

CUresult cuEventCreate(Event **made, unsigned flags) {
    BEGIN("cuEventCreate");
    Event *event = new_object(EVENT, sizeof *event, current_context());
    event->flags = flags;
    *made = event;
    return leave(SUCCESS);
}

CUresult cuEventDestroy_v2(Event *event) {
    BEGIN_RELEASE("cuEventDestroy");
    CUresult result = known(event, EVENT);
    if (result == SUCCESS) retire(&event->object);
    END_RELEASE(result);
}

CUresult cuEventRecord(Event *event, Stream *stream) {
    BEGIN("cuEventRecord");
    CUresult result = known(event, EVENT);
    if (result == SUCCESS) result = known(stream, STREAM);
    if (result != SUCCESS) return leave(result);
    if (stream->capture) return leave(record_in_capture(event, stream));
    event->capture = NULL;
    submit(stream, (Op){.action = RECORD, .event = event});
    event->stream = stream, event->position = stream->enqueued;
    return leave(SUCCESS);
}

static CUresult passed(Event *event) {
    CUresult result = known(event, EVENT);
    if (result != SUCCESS) return result;
    if (event->capture) return invalidate(event->capture, CAPTURED_EVENT);
    return !event->stream || event->stream->done >= event->position ? SUCCESS : NOT_READY;
}

CUresult cuEventQuery(Event *event) {
    BEGIN("cuEventQuery");
    CUresult result = passed(event);
    if (result == NOT_READY) demand(event->stream, event->position);
    return leave(result);
}

CUresult cuEventSynchronize(Event *event) {
    BEGIN("cuEventSynchronize");
    CUresult result = passed(event);
    if (result == NOT_READY) {
        await_position(event->stream, event->position);
        result = event->object.context->sticky;
    }
    return leave(result);
}

CUresult cuEventElapsedTime_v2(float *elapsed_ms, Event *start, Event *end) {
    BEGIN("cuEventElapsedTime");
    CUresult result = passed(start);
    if (result == SUCCESS) result = passed(end);
    if (result != SUCCESS) return leave(result);
    if ((start->flags | end->flags) & UNTIMED || !start->stream || !end->stream) return leave(INVALID_HANDLE);
    *elapsed_ms = (float)(end->time_ms - start->time_ms);
    return leave(SUCCESS);
}

CUresult cuEventElapsedTime(float *elapsed_ms, Event *start, Event *end) {
    return cuEventElapsedTime_v2(elapsed_ms, start, end);
}
