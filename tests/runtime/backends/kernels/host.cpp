/* heat.cu for the processor: the same source as C++, one loop pass a thread. The form is that of the emulated driver's
 * modules (../cuda/driver/kernels.c), so that the library can be called directly or loaded as a module. */
#include <cmath>
#include <cstddef>

struct Index { unsigned x, y, z; };
static thread_local Index blockIdx, blockDim, threadIdx;

#define __global__
#define __device__
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }

#define draw_heat draw_heat_in_one_thread
#include "heat.cu"
#undef draw_heat

extern "C" {
extern const unsigned draw_heat_parameters[];
const unsigned draw_heat_parameters[] = {8, 8, 8, 8, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0};

void draw_heat(void **p, const unsigned *grid, const unsigned *block)
{
    blockDim = {block[0], block[1], block[2]};
    for (blockIdx.y = 0; blockIdx.y < grid[1]; blockIdx.y++)
        for (blockIdx.x = 0; blockIdx.x < grid[0]; blockIdx.x++)
            for (threadIdx.y = 0; threadIdx.y < block[1]; threadIdx.y++)
                for (threadIdx.x = 0; threadIdx.x < block[0]; threadIdx.x++)
                    draw_heat_in_one_thread(
                        *(unsigned char **)p[0], *(unsigned char **)p[1], *(float **)p[2], *(unsigned char **)p[3],
                        *(int *)p[4], *(int *)p[5], *(int *)p[6], *(int *)p[7], *(int *)p[8], *(float *)p[9],
                        *(float *)p[10], *(float *)p[11], *(float *)p[12]);
}
}
