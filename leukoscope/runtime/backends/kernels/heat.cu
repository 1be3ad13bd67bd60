/* The heat map: one class's map, enlarged, coloured and laid over its frame, in one pass.
 *
 * One thread a pixel of a square at the network's input size. The arithmetic is that of OpenCV's INTER_LINEAR and of
 * leukoscope/runtime/sinks/heat.py, in their order and without fused multiply-adds, so that the colours are the same.
 */

struct Place { /* between two cells of the map: `low` and `high`, and the weight of `high` */
    int low, high;
    float weight;
};

static __device__ Place place(int pixel, int pixels, int cells)
{
    float at = (float)((pixel + 0.5) * ((double)cells / pixels) - 0.5);
    int low = (int)floorf(at);
    Place found = {low, low + 1, __fadd_rn(at, (float)-low)};
    if (low < 0) {
        found.low = 0, found.high = 0, found.weight = 0;
    } else if (low >= cells - 1) {
        found.low = cells - 1, found.high = cells - 1, found.weight = 0;
    }
    return found;
}

static __device__ float between(float low, float high, float weight)
{
    return __fadd_rn(__fmul_rn(low, __fadd_rn(1.0f, -weight)), __fmul_rn(high, weight));
}

static __device__ float sample(const float *map, int width, Place x, Place y)
{
    const float *above = map + (size_t)y.low * width, *below = map + (size_t)y.high * width;
    return between(between(above[x.low], above[x.high], x.weight),
                   between(below[x.low], below[x.high], x.weight), y.weight);
}

static __device__ float within_one(float value)
{
    return fminf(fmaxf(value, 0.0f), 1.0f);
}

/* picture, frames: uint8 [B, side, side, 3]. maps: float32 [B * K, height, width], `plane` of them is drawn over frame
 * `frame`. colours: uint8 [256, 3]. `high` is shown as 1; heat below `clear_below` not at all, `span` above it with the
 * opacity `strongest`. */
extern "C" __global__ void draw_heat(unsigned char *picture, const unsigned char *frames, const float *maps,
                                     const unsigned char *colours, int frame, int plane, int side, int height,
                                     int width, float high, float clear_below, float span, float strongest)
{
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= side || y >= side) return;
    const float *map = maps + (size_t)plane * height * width;
    float value = sample(map, width, place(x, side, width), place(y, side, height));
    float heat = high > 0.0f ? within_one(__fdiv_rn(value, high)) : 0.0f;
    float share = __fmul_rn(strongest, within_one(__fdiv_rn(__fadd_rn(heat, -clear_below), span)));
    const unsigned char *colour = colours + 3 * (int)rintf(__fmul_rn(heat, 255.0f));
    size_t pixel = 3 * (((size_t)frame * side + y) * side + x);
    for (int c = 0; c < 3; c++) {
        float clear = __fmul_rn((float)frames[pixel + c], __fadd_rn(1.0f, -share));
        picture[pixel + c] = (unsigned char)rintf(__fadd_rn(clear, __fmul_rn((float)colour[c], share)));
    }
}
